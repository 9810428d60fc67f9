//! Signatures of programs, so that a client can tell that nobody changed one on its way.

use std::cell::RefCell;

use vexil_ofrep::base64url;
use worker::wasm_bindgen::{self, prelude::wasm_bindgen};
use worker::{Env, Error, Result};

use crate::crypto::{Algorithm, Key};

/// The secret that signs: an Ed25519 private key, PKCS #8, as PEM or as its base64 alone.
const BINDING: &str = "VEXIL_SIGNING_KEY";

thread_local! {
    /// The key made of the text beside it.
    static KEY: RefCell<Option<(String, Key)>> = const { RefCell::new(None) };
}

/// The signature of `program`, base64; `None` where this deployment signs nothing.
///
/// # Errors
/// Where the secret is no such key.
pub(crate) async fn signature(env: &Env, program: &[u8]) -> Result<Option<String>> {
    let Ok(secret) = env.secret(BINDING).map(|secret| secret.to_string()) else {
        return Ok(None);
    };
    let known = KEY.with_borrow(|key| key.clone().filter(|(text, _)| *text == secret));
    let key = if let Some((_, key)) = known {
        key
    } else {
        let key = import(&secret).await?;
        KEY.set(Some((secret, key.clone())));
        key
    };
    let signature = key.sign(program).await?;
    let binary: String = signature.into_iter().map(char::from).collect();
    Ok(Some(base64(&binary)))
}

async fn import(secret: &str) -> Result<Key> {
    let refusal = || Error::from(format!("{BINDING} is no Ed25519 private key in PKCS #8"));
    let lines = secret.lines().map(str::trim);
    let text: String = lines.filter(|line| !line.starts_with("-----")).collect();
    let text = text.replace('+', "-").replace('/', "_");
    let bytes = base64url::decode(&text).ok_or_else(refusal)?;
    Key::to_sign(Algorithm::Ed25519, &bytes)
        .await
        .map_err(|_| refusal())
}

#[wasm_bindgen(wasm_bindgen = wasm_bindgen)]
extern "C" {
    #[wasm_bindgen(js_name = btoa)]
    fn base64(binary: &str) -> String;
}
