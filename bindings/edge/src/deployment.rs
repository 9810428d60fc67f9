//! What a deployment is set up with.

use worker::{Env, Result};

/// The header in which a request with a key of the deployment names an environment.
pub(crate) const ENVIRONMENT: &str = "vexil-environment";

/// The names of its environments, the default first. None is ever reached that is not among them.
pub(crate) fn environments(env: &Env) -> Result<Vec<String>> {
    let list = env
        .var("VEXIL_ENVIRONMENTS")
        .map_or_else(|_| "production".to_owned(), |list| list.to_string());
    parse(&list).ok_or_else(|| {
        format!("VEXIL_ENVIRONMENTS is `{list}`, expected names such as `production,staging`")
            .into()
    })
}

fn parse(list: &str) -> Option<Vec<String>> {
    let names = list.split(',').map(str::trim);
    let names = names.map(|name| is_name(name).then(|| name.to_owned()));
    names.collect()
}

/// Whether an environment can be called so: `[a-z][a-z0-9-]{0,39}`.
pub(crate) fn is_name(name: &str) -> bool {
    let is_inner = |byte: u8| matches!(byte, b'a'..=b'z' | b'0'..=b'9' | b'-');
    name.len() <= 40
        && name.starts_with(|first: char| first.is_ascii_lowercase())
        && name.bytes().all(is_inner)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn environments_are_names_between_commas() {
        for (list, want) in [
            ("production", Some(vec!["production"])),
            (
                "production, staging-2",
                Some(vec!["production", "staging-2"]),
            ),
            ("", None),
            ("a,", None),
            ("Production", None),
            ("2a", None),
            ("-a", None),
            ("a_b", None),
            ("a/b", None),
            ("é", None),
        ] {
            let want = want.map(|names| names.into_iter().map(str::to_owned).collect::<Vec<_>>());
            assert_eq!(parse(list), want, "{list}");
        }
        assert!(is_name(&"a".repeat(40)));
        assert!(!is_name(&"a".repeat(41)));
    }
}
