//! The path below which all calls are: `/`, unless the deployment sets another in `VEXIL_BASE_PATH`.

use std::cell::RefCell;
use std::rc::Rc;

use worker::Env;

thread_local! {
    /// Bindings stay the same for as long as an isolate lives.
    static KNOWN: RefCell<Option<Rc<str>>> = const { RefCell::new(None) };
}

/// What every call begins with: nothing, or a path such as `/flags`, without a slash at its end.
pub(crate) fn path(env: &Env) -> Rc<str> {
    if let Some(known) = KNOWN.with_borrow(Clone::clone) {
        return known;
    }
    let set = env.var("VEXIL_BASE_PATH").map(|path| path.to_string());
    let path = Rc::from(parse(&set.unwrap_or_default()));
    KNOWN.set(Some(Rc::clone(&path)));
    path
}

/// What `path` is below it, as the table of calls has it; nothing where it is elsewhere, so that it is no call.
pub(crate) fn below<'p>(env: &Env, path: &'p str) -> &'p str {
    strip(&self::path(env), path)
}

fn parse(set: &str) -> String {
    match set.trim().trim_matches('/') {
        "" => String::new(),
        path => format!("/{path}"),
    }
}

fn strip<'p>(base: &str, path: &'p str) -> &'p str {
    let below = path.strip_prefix(base);
    below.filter(|below| below.starts_with('/')).unwrap_or("")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_path_is_a_call_below_the_base_alone() {
        for (set, path, want) in [
            ("", "/v1/values", "/v1/values"),
            ("/", "/v1/values", "/v1/values"),
            ("/flags", "/flags/v1/values", "/v1/values"),
            ("flags/", "/flags/v1/values", "/v1/values"),
            (" /a/b/ ", "/a/b/healthz", "/healthz"),
            ("/flags", "/v1/values", ""),
            ("/flags", "/flags", ""),
            ("/flags", "/flags/", "/"),
            ("/flags", "/flagship/v1/values", ""),
            ("/flags", "/FLAGS/v1/values", ""),
        ] {
            assert_eq!(strip(&parse(set), path), want, "{set} {path}");
        }
    }
}
