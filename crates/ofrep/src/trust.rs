//! What of a context is believed.

use std::borrow::Cow;

use serde_json::{Map, Value as Json};
use vexil_core::{Attribute, Program};

use crate::answer::Snapshot;
use crate::edge::{add_facts, is_edge, is_fact, reads_facts};

/// Whose word it is that a context holds.
#[derive(Clone, Copy, Debug)]
pub enum Trust<'a> {
    /// The caller's, who is believed.
    Caller,
    /// The caller's, of whom nothing private is believed: such attributes are dropped.
    Unsigned {
        /// The flags that are hidden from it, by index: those that read something private, or else whoever says nothing
        /// would get what a rule serves to those of whom something private is not so.
        withheld: &'a [bool],
    },
    /// Somebody's who signed these attributes; of what the caller adds, nothing private is believed.
    Signed(&'a Map<String, Json>),
}

impl<'a> Snapshot<'a> {
    /// What is believed of `said`: of an attribute that is also signed, the signed one. What only the edge says of a
    /// request nobody signs, and it is believed.
    pub(crate) fn believed<'c>(&self, said: &'c Map<String, Json>) -> Cow<'c, Map<String, Json>> {
        let mut believed = Cow::Borrowed(said);
        match self.trust {
            Trust::Caller => {}
            Trust::Unsigned { .. } => drop_private(self.program, believed.to_mut()),
            Trust::Signed(signed) => {
                let believed = believed.to_mut();
                drop_private(self.program, believed);
                for (name, value) in signed.iter().filter(|(name, _)| !is_fact(name)) {
                    believed.insert(name.clone(), value.clone());
                }
            }
        }
        if let Some(facts) = self.facts.filter(|_| reads_facts(self.program)) {
            add_facts(believed.to_mut(), facts);
        }
        believed
    }

    /// Which flags are hidden, by index, whatever they expose; none where it is empty.
    pub(crate) fn withheld(&self) -> &'a [bool] {
        match self.trust {
            Trust::Unsigned { withheld } => withheld,
            Trust::Caller | Trust::Signed(_) => &[],
        }
    }
}

fn drop_private(program: &Program, context: &mut Map<String, Json>) {
    let dropped = |attribute: &Attribute<'_>| attribute.is_private && !is_edge(attribute.name);
    for attribute in program.attributes().filter(dropped) {
        match attribute.name.strip_prefix('/') {
            None => {
                context.remove(attribute.name);
            }
            Some(pointer) => drop_at(context, pointer),
        }
    }
}

/// Drops what the JSON Pointer `/` + `pointer` names.
fn drop_at(context: &mut Map<String, Json>, pointer: &str) {
    let Some(slash) = pointer.find('/') else {
        context.remove(&unescape(pointer));
        return;
    };
    let (first, rest) = pointer.split_at(slash);
    let Some((parent, last)) = rest.rsplit_once('/') else {
        return;
    };
    let member = context.get_mut(&unescape(first));
    match member.and_then(|member| member.pointer_mut(parent)) {
        Some(Json::Object(members)) => {
            members.remove(&unescape(last));
        }
        // Null, so that those after it keep their places.
        Some(array @ Json::Array(_)) => {
            if let Some(item) = array.pointer_mut(&format!("/{last}")) {
                item.take();
            }
        }
        Some(Json::Null | Json::Bool(_) | Json::Number(_) | Json::String(_)) | None => {}
    }
}

fn unescape(step: &str) -> String {
    step.replace("~1", "/").replace("~0", "~")
}

#[cfg(test)]
mod tests;
