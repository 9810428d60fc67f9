//! Which pages of other origins may read an answer.

use worker::wasm_bindgen::{self, JsValue, prelude::wasm_bindgen};
use worker::{Env, Headers, Result, web_sys};

use crate::deployment::Deployment;
use crate::{base, router};

/// What a page may read beside the headers that every page may.
const EXPOSED: &str = "ETag, Retry-After, Vexil-Signature, Vexil-Stale, Vexil-Version";

/// What a page may send beside the headers that every page may.
const SENT: &str = "Authorization, Content-Type, If-None-Match, Vexil-Environment, X-API-Key";

/// Whether pages of other origins may ask for what is at `path`.
pub(crate) fn is_for_pages(path: &str) -> bool {
    path.starts_with("/ofrep/") || path.starts_with("/v1/")
}

/// What an answer to a page of `origin` says, where it is one of `list`.
///
/// No page is let send cookies: a key in the request is all that admits.
pub(crate) fn headers<'a>(
    list: &str,
    origin: Option<&'a str>,
) -> impl Iterator<Item = (&'static str, &'a str)> {
    let allowed = origin.and_then(|origin| allowed(list, origin));
    let allowed = allowed.map(|allowed| {
        [
            ("access-control-allow-origin", allowed),
            ("access-control-expose-headers", EXPOSED),
        ]
    });
    allowed.into_iter().flatten()
}

/// The header that says of what else than its address an answer depends, and what it says.
pub(crate) const VARY: (&str, &str) = ("vary", "Origin");

/// Lets the page that asked read the answer with these headers, where its origin is on the list.
pub(crate) fn allow(list: &str, request: &Headers, response: &Headers) -> Result<()> {
    response.append(VARY.0, VARY.1)?;
    let origin = request.get("origin")?;
    for (name, value) in headers(list, origin.as_deref()) {
        response.set(name, value)?;
        // Only what has this header answers a preflight.
        if let Some(methods) = response.get("allow")? {
            response.set("access-control-allow-methods", &methods)?;
            response.set("access-control-allow-headers", SENT)?;
            response.set("access-control-max-age", "7200")?;
        }
    }
    Ok(())
}

/// As [`allow`], for an answer that the entry made because there was no worker to make one.
#[wasm_bindgen(wasm_bindgen = wasm_bindgen, js_name = allowOrigin)]
#[expect(unreachable_pub, reason = "the entry calls it")]
pub fn allow_origin(
    env: &Env,
    url: &str,
    request: web_sys::Headers,
    response: web_sys::Headers,
) -> core::result::Result<(), JsValue> {
    let (path, _) = router::split(url);
    if is_for_pages(base::below(env, path)) {
        allow(
            &Deployment::of(env).origins,
            &Headers(request),
            &Headers(response),
        )?;
    }
    Ok(())
}

/// What `Access-Control-Allow-Origin` says to a page of `origin`.
///
/// `null` is the origin of every sandboxed frame and local file, so a list that named it would name them all.
fn allowed<'a>(list: &str, origin: &'a str) -> Option<&'a str> {
    let mut listed = list.split(',').map(str::trim);
    if listed.clone().any(|listed| listed == "*") {
        return Some("*");
    }
    listed
        .any(|listed| listed == origin && origin != "null")
        .then_some(origin)
}

#[cfg(test)]
mod tests {
    use super::allowed;

    #[test]
    fn an_origin_is_allowed_only_as_a_whole() {
        let list = "https://shop.example, http://localhost:3000, null";
        for (origin, want) in [
            ("https://shop.example", true),
            ("http://localhost:3000", true),
            ("http://shop.example", false),
            ("https://shop.example.evil", false),
            ("https://shop.example, http://localhost:3000", false),
            ("*", false),
            ("", false),
            ("null", false),
        ] {
            assert_eq!(allowed(list, origin), want.then_some(origin), "{origin}");
        }
        assert_eq!(allowed("", "https://anywhere.example"), None);
    }

    #[test]
    fn where_all_are_allowed_none_is_named() {
        for origin in ["https://anywhere.example", "null"] {
            assert_eq!(allowed("https://shop.example, *", origin), Some("*"));
        }
    }
}
