//! What a file says, and where it says it.

use std::ops::Range;

use serde_json::Value;

/// A value, and the bytes of the file that it is written in.
#[derive(Clone, Debug)]
pub(super) struct Tree {
    pub(super) span: Range<usize>,
    pub(super) kind: Kind,
}

#[derive(Clone, Debug)]
pub(super) enum Kind {
    /// Anything but a list or an object.
    Leaf(Value),
    List(Vec<Tree>),
    Object(Vec<Member>),
}

/// A member of an object. Its siblings can have the same name.
#[derive(Clone, Debug)]
pub(super) struct Member {
    pub(super) name: String,
    pub(super) name_span: Range<usize>,
    pub(super) value: Tree,
}

/// Where a JSON Pointer leads.
#[derive(Clone, Copy, Debug)]
pub(super) struct Found<'t> {
    pub(super) value: &'t Tree,
    /// The member that has the value; `None` of an item and of the whole.
    pub(super) member: Option<&'t Member>,
    /// Another member of the same name, further on.
    pub(super) again: Option<&'t Member>,
}

impl Tree {
    /// Where `pointer` leads; as far as it can be followed.
    pub(super) fn find(&self, pointer: &str) -> Found<'_> {
        let mut found = Found {
            value: self,
            member: None,
            again: None,
        };
        for step in pointer.split('/').skip(1) {
            let step = step.replace("~1", "/").replace("~0", "~");
            let next = match &found.value.kind {
                Kind::Leaf(_) => None,
                Kind::List(items) => step.parse().ok().and_then(|index: usize| {
                    items.get(index).map(|value| Found {
                        value,
                        member: None,
                        again: None,
                    })
                }),
                Kind::Object(members) => {
                    let mut named = members.iter().filter(|member| member.name == step);
                    let member = named.next();
                    let again = named.next_back();
                    member.map(|it| Found {
                        value: &it.value,
                        member,
                        again,
                    })
                }
            };
            let Some(next) = next else { break };
            found = next;
        }
        found
    }

    /// The text of a leaf that is one.
    pub(super) fn text(&self) -> Option<&str> {
        match &self.kind {
            Kind::Leaf(Value::String(text)) => Some(text),
            Kind::Leaf(_) | Kind::List(_) | Kind::Object(_) => None,
        }
    }

    /// The same as JSON, with members of one name side by side.
    pub(super) fn write_json(&self, json: &mut String) {
        match &self.kind {
            Kind::Leaf(value) => json.push_str(&value.to_string()),
            Kind::List(items) => {
                json.push('[');
                for (index, item) in items.iter().enumerate() {
                    separate(index, json);
                    item.write_json(json);
                }
                json.push(']');
            }
            Kind::Object(members) => {
                json.push('{');
                for (index, member) in members.iter().enumerate() {
                    separate(index, json);
                    json.push_str(&Value::from(member.name.as_str()).to_string());
                    json.push(':');
                    member.value.write_json(json);
                }
                json.push('}');
            }
        }
    }
}

fn separate(index: usize, json: &mut String) {
    if index > 0 {
        json.push(',');
    }
}
