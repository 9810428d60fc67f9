//! Which pages of other origins may read an answer.

use worker::{Env, Headers, Response, Result};

/// Lets the page that asked read `response`, where its origin is on the list.
pub(crate) fn allow(env: &Env, request: &Headers, response: &mut Response) -> Result<()> {
    let headers = response.headers_mut();
    headers.append("vary", "Origin")?;
    if let Some(origin) = allowed_origin(env, request)? {
        headers.set("access-control-allow-origin", &origin)?;
        headers.set(
            "access-control-expose-headers",
            "ETag, Vexil-Signature, Vexil-Stale, Vexil-Version",
        )?;
    }
    Ok(())
}

/// Answers a preflight: what a page may send, where [`allow`] lets it ask at all.
pub(crate) fn allow_request(response: &mut Response, methods: &str) -> Result<()> {
    let headers = response.headers_mut();
    if headers.has("access-control-allow-origin")? {
        headers.set("access-control-allow-methods", methods)?;
        headers.set(
            "access-control-allow-headers",
            "Authorization, Content-Type, If-None-Match, Vexil-Environment, X-API-Key",
        )?;
        headers.set("access-control-max-age", "7200")?;
    }
    Ok(())
}

fn allowed_origin(env: &Env, request: &Headers) -> Result<Option<String>> {
    let Some(origin) = request.get("origin")? else {
        return Ok(None);
    };
    let list = env
        .var("VEXIL_ALLOWED_ORIGINS")
        .map(|list| list.to_string())
        .unwrap_or_default();
    Ok(is_listed(&list, &origin).then_some(origin))
}

fn is_listed(list: &str, origin: &str) -> bool {
    list.split(',')
        .map(str::trim)
        .any(|listed| listed == "*" || listed == origin)
}

#[cfg(test)]
mod tests {
    use super::is_listed;

    #[test]
    fn an_origin_is_allowed_only_as_a_whole() {
        let list = "https://shop.example, http://localhost:3000";
        for (origin, want) in [
            ("https://shop.example", true),
            ("http://localhost:3000", true),
            ("http://shop.example", false),
            ("https://shop.example.evil", false),
            ("null", false),
        ] {
            assert_eq!(is_listed(list, origin), want, "{origin}");
        }
        assert!(is_listed("*", "https://anywhere.example"));
        assert!(!is_listed("", "https://anywhere.example"));
    }
}
