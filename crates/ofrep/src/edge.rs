//! What the edge knows of a request beside what its client says: the attributes `$edge/…`.

use serde_json::{Map, Value as Json};
use vexil_core::Program;

/// What the names of these attributes begin with.
const PREFIX: &str = "$edge/";

/// Whether only the edge says what the attribute is.
pub(crate) fn is_edge(attribute: &str) -> bool {
    attribute.starts_with(PREFIX)
}

/// One of them: its name after `$edge/`, and its value.
pub type Fact = (&'static str, Json);

/// Whether a flag of `program` reads any.
#[must_use]
pub fn reads_facts(program: &Program) -> bool {
    program
        .attributes()
        .any(|attribute| is_edge(attribute.name))
}

/// Adds `facts` to `context`. What a client says under such a name is dropped, so rules can rely on it.
pub(crate) fn add_facts(context: &mut Map<String, Json>, facts: &[Fact]) {
    context.retain(|name, _| !is_edge(name));
    for (name, value) in facts {
        context.insert(format!("{PREFIX}{name}"), value.clone());
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn what_the_edge_says_replaces_all_that_a_client_says_under_such_names() {
        let context = json!({"$edge/country": "US", "$edge/asn": 1, "$edge": {"country": "US"}, "plan": "pro"});
        let Json::Object(mut context) = context else {
            panic!("no object")
        };
        add_facts(
            &mut context,
            &[("country", json!("DE")), ("colo", json!("FRA"))],
        );
        let want = json!({"$edge/country": "DE", "$edge/colo": "FRA", "$edge": {"country": "US"}, "plan": "pro"});
        assert_eq!(Json::Object(context), want);
    }
}
