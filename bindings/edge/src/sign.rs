//! Signatures of programs, so that a client can tell that nobody changed one on its way.

use std::cell::RefCell;

use worker::js_sys::{Array, Uint8Array};
use worker::wasm_bindgen::{self, JsValue, prelude::wasm_bindgen};
use worker::{Env, Error, Result, wasm_bindgen_futures};

/// The secret that signs: an Ed25519 private key, PKCS #8, as the base64 text between the lines of a PEM file.
const BINDING: &str = "VEXIL_SIGNING_KEY";
const ALGORITHM: &str = "Ed25519";

thread_local! {
    /// The key made of the text beside it.
    static KEY: RefCell<Option<(String, JsValue)>> = const { RefCell::new(None) };
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
    let signature = sign(ALGORITHM, &key, program).await?;
    Ok(Some(base64(&Uint8Array::new(&signature).to_vec())))
}

async fn import(secret: &str) -> Result<JsValue> {
    let refuse = |_| Error::from(format!("{BINDING} is no Ed25519 private key in PKCS #8"));
    let text: String = secret
        .lines()
        .filter(|line| !line.starts_with("-----"))
        .collect();
    let bytes = from_base64(text.trim()).map_err(refuse)?;
    let bytes: Vec<u8> = bytes.chars().map(|char| char as u8).collect();
    let uses = Array::of1(&"sign".into());
    import_key("pkcs8", &bytes, ALGORITHM, false, &uses)
        .await
        .map_err(refuse)
}

fn base64(bytes: &[u8]) -> String {
    to_base64(
        &bytes
            .iter()
            .map(|byte| char::from(*byte))
            .collect::<String>(),
    )
}

#[wasm_bindgen(wasm_bindgen = wasm_bindgen, wasm_bindgen_futures = wasm_bindgen_futures)]
extern "C" {
    #[wasm_bindgen(js_name = btoa)]
    fn to_base64(binary: &str) -> String;

    #[wasm_bindgen(catch, js_name = atob)]
    fn from_base64(text: &str) -> core::result::Result<String, JsValue>;

    #[wasm_bindgen(catch, js_namespace = ["crypto", "subtle"], js_name = importKey)]
    async fn import_key(
        format: &str,
        bytes: &[u8],
        algorithm: &str,
        is_extractable: bool,
        uses: &Array,
    ) -> core::result::Result<JsValue, JsValue>;

    #[wasm_bindgen(catch, js_namespace = ["crypto", "subtle"])]
    async fn sign(
        algorithm: &str,
        key: &JsValue,
        bytes: &[u8],
    ) -> core::result::Result<JsValue, JsValue>;
}
