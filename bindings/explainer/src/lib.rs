//! Explains an answer of the npm package, step by step. A module of its own, for pages that ask for it.

use serde_json::Value;
use vexil_core::{Context, Live, Program};
use vexil_ruleset::explain::{Text, json};
use wasm_bindgen::prelude::*;

/// How `flag` of a program comes to its answer in the live state `live` at `now` (ms since 1970), for the context that the
/// engine was given: see [`Context::from_bytes`].
///
/// Returns what `vexil explain --json` prints, with what it prints without `--json` as `text`.
///
/// # Errors
///
/// `program` or `live` is none, or the program has no such flag.
#[wasm_bindgen]
pub fn explain(
    program: Vec<u8>,
    live: &[u8],
    context: &[u8],
    flag: &str,
    now: f64,
) -> Result<String, JsError> {
    let program = Program::from_bytes(program)?;
    let live = Live::from_bytes(live)?;
    let flag = program
        .flag(flag)
        .ok_or_else(|| JsError::new("the program has no such flag"))?;
    let context = Context::from_bytes(&program, context);
    let explanation = vexil_core::explain(&program, &live, flag, &context, now as i64);
    let mut json = json(&explanation);
    if let Value::Object(members) = &mut json {
        let text = Text(&explanation).to_string();
        members.insert("text".to_owned(), text.trim_end().into());
    }
    Ok(json.to_string())
}
