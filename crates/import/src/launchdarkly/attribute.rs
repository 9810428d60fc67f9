//! Where an attribute of `LaunchDarkly`'s contexts is in ours.
//!
//! Source: `LaunchDarkly`'s attribute references: a name, or a pointer that begins with `/`, with `~0` and `~1`.

use serde_json::{Value, json};
use vexil_ruleset::Path;

use super::context::{KINDS, META, moved};

/// What a clause or a rollout looks at.
#[derive(Debug, PartialEq)]
pub(super) enum Attribute {
    /// The kinds of the context, whichever kind the clause is about.
    Kind,
    /// What no context has: a part of its key, for instance.
    Nowhere,
    /// An attribute of ours.
    At {
        /// As conditions name it.
        name: String,
        /// What must hold besides a test of it: that it is not read from a list by number.
        guards: Vec<Value>,
    },
}

/// The steps that `reference` takes from a context of one kind; of a `literal`, only one.
///
/// # Errors
///
/// Why `LaunchDarkly` takes the flag for malformed.
pub(super) fn steps(reference: &str, is_literal: bool) -> Result<Vec<String>, String> {
    if reference.is_empty() {
        return Err("it names no attribute".into());
    }
    let Some(pointer) = reference.strip_prefix('/').filter(|_| !is_literal) else {
        return Ok(vec![reference.to_owned()]);
    };
    let unescape = |step: &str| {
        let is_escaped = |after: &str| after.starts_with(['0', '1']);
        let is_sound = !step.is_empty() && step.split('~').skip(1).all(is_escaped);
        is_sound.then(|| step.replace("~1", "/").replace("~0", "~"))
    };
    let steps: Option<Vec<_>> = pointer.split('/').map(unescape).collect();
    steps.ok_or_else(|| format!("`{reference}` is no attribute reference"))
}

/// What `steps` of a context of the kind `kind` lead to.
pub(super) fn locate(kind: &str, steps: &[String]) -> Attribute {
    let Some((first, rest)) = steps.split_first() else {
        return Attribute::Nowhere;
    };
    match first.as_str() {
        "kind" if rest.is_empty() => return Attribute::Kind,
        "kind" | META => return Attribute::Nowhere,
        "key" if !rest.is_empty() => return Attribute::Nowhere,
        _ => {}
    }
    let mut path: Vec<&str> = match (kind, first.as_str()) {
        ("user", "key") => vec!["targetingKey"],
        ("user", name) if moved(name) => vec![META, name],
        ("user", name) => vec![name],
        (_, name) => vec![KINDS, kind, name],
    };
    let mut guards = Vec::new();
    for step in rest {
        if is_index(step) {
            guards.push(is_no_list(&name_of(&path)));
        }
        path.push(step);
    }
    Attribute::At {
        name: name_of(&path),
        guards,
    }
}

/// How a context of the kind `kind` is known to be there: by its key.
pub(super) fn key_of(kind: &str) -> String {
    match kind {
        "user" => "targetingKey".to_owned(),
        _ => name_of(&[KINDS, kind, "key"]),
    }
}

fn name_of(path: &[&str]) -> String {
    match path {
        [name] if !name.starts_with('/') => (*name).to_owned(),
        _ => path
            .iter()
            .fold(Path::default(), |path, step| path.join(step))
            .to_string(),
    }
}

/// Whether a JSON Pointer takes `step` for the number of an element.
fn is_index(step: &str) -> bool {
    step == "0" || (!step.starts_with('0') && step.bytes().all(|byte| byte.is_ascii_digit()))
}

/// That no element is a value that passes a test. `LaunchDarkly` reads no lists by number.
fn is_no_list(name: &str) -> Value {
    json!({ "not": { "any": [
        { "attr": name, "contains": "" },
        { "attr": name, "lt": 0 },
        { "attr": name, "gte": 0 },
        { "attr": name, "in": [true, false] },
    ] } })
}

#[cfg(test)]
mod tests {
    use super::{Attribute, locate, steps};

    #[track_caller]
    fn check(kind: &str, reference: &str, is_literal: bool, want: &str) {
        let steps = steps(reference, is_literal).expect("a reference");
        let Attribute::At { name, guards } = locate(kind, &steps) else {
            panic!("{reference} is not an attribute");
        };
        assert_eq!((name.as_str(), guards.len()), (want, 0), "{reference}");
    }

    #[test]
    fn references_are_names_or_pointers() {
        check("user", "plan", false, "plan");
        check("user", "/plan", false, "plan");
        check("user", "plan/a", false, "plan/a");
        check("user", "plan~a", false, "plan~a");
        check("user", "/plan~1a", false, "plan/a");
        check("user", "/plan/name", false, "/plan/name");
        check("user", "/plan/na~0me", false, "/plan/na~0me");
        check("user", "/plan/a", true, "/~1plan~1a");
    }

    #[test]
    fn keys_and_kinds_have_places_of_their_own() {
        check("user", "key", true, "targetingKey");
        check("user", "targetingKey", true, "/_meta/targetingKey");
        check("user", "/kinds/org", false, "/_meta/kinds/org");
        check("org", "key", true, "/kinds/org/key");
        check("org", "/plan/name", false, "/kinds/org/plan/name");
        check("org", "a/b", true, "/kinds/org/a~1b");
        let kind = |reference: &str| locate("org", &steps(reference, false).expect("one"));
        assert_eq!(kind("kind"), Attribute::Kind);
        assert_eq!(kind("/kind"), Attribute::Kind);
        assert_eq!(kind("/kind/a"), Attribute::Nowhere);
        assert_eq!(kind("/key/a"), Attribute::Nowhere);
        assert_eq!(kind("_meta"), Attribute::Nowhere);
    }

    #[test]
    fn a_number_is_no_place_in_a_list() {
        let steps = steps("/tags/2/1", false).expect("one");
        let Attribute::At { name, guards } = locate("user", &steps) else {
            panic!("not an attribute");
        };
        assert_eq!((name.as_str(), guards.len()), ("/tags/2/1", 2));
    }

    #[test]
    fn what_is_no_reference_is_malformed() {
        for text in ["", "/", "//", "///", "/a/", "/a//b", "/a~b", "/a~", "/a~2"] {
            assert!(steps(text, false).is_err(), "{text}");
        }
        assert!(steps("", true).is_err());
        assert_eq!(steps("/", true), Ok(vec!["/".into()]));
    }
}
