//! The demo page, as static assets.

use worker::{Env, Headers, Request, Response, Result};

use crate::reply;

/// What a page of this worker may load and do: its own files, compile WebAssembly, and nothing else.
const POLICY: &str = "default-src 'none'; script-src 'self' 'wasm-unsafe-eval'; style-src 'self'; \
    img-src 'self' data:; font-src 'self'; connect-src 'self'; manifest-src 'self'; \
    base-uri 'none'; form-action 'none'; frame-ancestors 'none'";

/// Answers with the asset that the request names.
pub(crate) async fn serve(request: Request, env: &Env) -> Result<Response> {
    let Ok(assets) = env.assets("ASSETS") else {
        return reply::plain_problem(404, "there is nothing here");
    };
    let response: Response = assets.fetch_request(request).await?;
    // A fetched response's own headers cannot be changed.
    let headers = Headers::new();
    for (name, value) in response.headers().entries() {
        headers.append(&name, &value)?;
    }
    headers.set("content-security-policy", POLICY)?;
    headers.set("cross-origin-opener-policy", "same-origin")?;
    headers.set("referrer-policy", "no-referrer")?;
    headers.set("x-content-type-options", "nosniff")?;
    Ok(response.with_headers(headers))
}
