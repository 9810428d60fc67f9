//! What the edge knows of a request beside what its client says: the attributes `$edge/…`.

use serde_json::{Map, Value as Json};
use vexil_core::Program;

/// What the names of these attributes begin with.
const PREFIX: &str = "$edge/";

/// Whether only the edge says what the attribute is, be it a name or a JSON Pointer to that name.
pub(crate) fn is_edge(attribute: &str) -> bool {
    match attribute.strip_prefix('/') {
        None => is_fact(attribute),
        Some(pointer) => {
            let first = pointer.split('/').next().unwrap_or_default();
            is_fact(&first.replace("~1", "/").replace("~0", "~"))
        }
    }
}

/// Whether it is the edge alone that says what the member `name` of a context is.
pub(crate) fn is_fact(name: &str) -> bool {
    name.starts_with(PREFIX)
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
    context.retain(|name, _| !is_fact(name));
    for (name, value) in facts {
        context.insert(format!("{PREFIX}{name}"), value.clone());
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn a_pointer_to_what_the_edge_says_is_what_the_edge_says() {
        for (attribute, want) in [
            ("$edge/country", true),
            ("/$edge~1country", true),
            ("/$edge~1country/0", true),
            // The member `country` of whatever a client calls `$edge`.
            ("/$edge/country", false),
            ("/$edge~01country", false),
            ("/a/$edge~1country", false),
            ("$edge~1country", false),
            ("/", false),
        ] {
            assert_eq!(is_edge(attribute), want, "{attribute}");
        }
    }

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
