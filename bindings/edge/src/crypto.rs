//! The runtime's own cryptography (`WebCrypto`), as far as it is used here.

use worker::Result;
use worker::js_sys::{Array, JSON, Promise, Uint8Array};
use worker::wasm_bindgen::prelude::wasm_bindgen;
use worker::wasm_bindgen::{self, JsValue};

/// An algorithm as `WebCrypto` names it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Algorithm {
    Ed25519,
    HmacSha256,
}

/// A key for one use.
#[derive(Clone, Debug)]
pub(crate) struct Key {
    algorithm: JsValue,
    key: JsValue,
}

impl Key {
    /// A private key that signs, from PKCS #8.
    ///
    /// # Errors
    /// Where the bytes are no such key.
    pub(crate) async fn to_sign(algorithm: Algorithm, pkcs8: &[u8]) -> Result<Key> {
        Key::import(algorithm, "pkcs8", pkcs8, "sign").await
    }

    /// A public or shared key that verifies, from its raw bytes.
    ///
    /// # Errors
    /// Where the bytes are no such key.
    pub(crate) async fn to_verify(algorithm: Algorithm, raw: &[u8]) -> Result<Key> {
        Key::import(algorithm, "raw", raw, "verify").await
    }

    async fn import(algorithm: Algorithm, format: &str, bytes: &[u8], usage: &str) -> Result<Key> {
        let algorithm = JSON::parse(match algorithm {
            Algorithm::Ed25519 => r#"{"name":"Ed25519"}"#,
            Algorithm::HmacSha256 => r#"{"name":"HMAC","hash":"SHA-256"}"#,
        })?;
        let usages = Array::of1(&JsValue::from_str(usage));
        let bytes = Uint8Array::from(bytes);
        let key = import_key(format, &bytes, &algorithm, false, &usages)?.await?;
        Ok(Key { algorithm, key })
    }

    /// The signature of `bytes`.
    pub(crate) async fn sign(&self, bytes: &[u8]) -> Result<Vec<u8>> {
        let signature = sign(&self.algorithm, &self.key, &Uint8Array::from(bytes))?.await?;
        Ok(Uint8Array::new(&signature).to_vec())
    }

    /// Whether `signature` is that of `bytes`. The runtime compares in constant time.
    pub(crate) async fn verify(&self, signature: &[u8], bytes: &[u8]) -> Result<bool> {
        let (signature, bytes) = (Uint8Array::from(signature), Uint8Array::from(bytes));
        let is_valid = verify(&self.algorithm, &self.key, &signature, &bytes)?.await?;
        Ok(is_valid.is_truthy())
    }
}

/// Fills `bytes` with random ones that nobody can guess.
pub(crate) fn fill(bytes: &mut [u8]) -> Result<()> {
    get_random_values(bytes)?;
    Ok(())
}

#[wasm_bindgen(wasm_bindgen = wasm_bindgen)]
extern "C" {
    #[wasm_bindgen(catch, js_namespace = crypto, js_name = getRandomValues)]
    fn get_random_values(bytes: &mut [u8]) -> core::result::Result<JsValue, JsValue>;

    #[wasm_bindgen(catch, js_namespace = ["crypto", "subtle"], js_name = importKey)]
    fn import_key(
        format: &str,
        bytes: &Uint8Array,
        algorithm: &JsValue,
        is_extractable: bool,
        usages: &Array,
    ) -> core::result::Result<Promise, JsValue>;

    #[wasm_bindgen(catch, js_namespace = ["crypto", "subtle"])]
    fn sign(
        algorithm: &JsValue,
        key: &JsValue,
        bytes: &Uint8Array,
    ) -> core::result::Result<Promise, JsValue>;

    #[wasm_bindgen(catch, js_namespace = ["crypto", "subtle"])]
    fn verify(
        algorithm: &JsValue,
        key: &JsValue,
        signature: &Uint8Array,
        bytes: &Uint8Array,
    ) -> core::result::Result<Promise, JsValue>;
}
