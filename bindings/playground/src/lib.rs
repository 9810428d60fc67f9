//! Compiles rulesets in the page, and explains their answers: used by www alone.

use serde::{Serialize, Serializer};
use serde_json::{Map, Value};
use vexil_core::{Live, Program, ask};
use vexil_import::{Note, Vendor};
use vexil_ruleset::{Issue, Ruleset, decode, encode};
use wasm_bindgen::prelude::*;

/// `{ issues: [{ path, code, message }], program?: Uint8Array }`: a program where there are no issues.
///
/// # Errors
///
/// The result cannot be handed to JavaScript.
#[wasm_bindgen(
    unchecked_return_type = "{ issues: { path: string; code: string; message: string }[]; program?: Uint8Array }"
)]
pub fn compile(text: &str) -> Result<JsValue, JsValue> {
    let compiled = decode(text).and_then(|ruleset| to_program(&ruleset));
    to_js(&match &compiled {
        Ok(program) => Compiled {
            issues: Vec::new(),
            program: Some(Bytes(program.as_bytes())),
        },
        Err(issues) => Compiled {
            issues: issues.iter().map(Fault::from).collect(),
            program: None,
        },
    })
}

/// `{ ruleset?: string, notes: [{ path, reason }] }`: a ruleset where `text` is a flag file of `vendor`, such as `flagd`.
///
/// # Errors
///
/// There is no such vendor, or the result cannot be handed to JavaScript.
#[wasm_bindgen(js_name = importFrom, unchecked_return_type = "{ ruleset?: string; notes: { path: string; reason: string }[] }")]
pub fn import_from(vendor: &str, text: &str) -> Result<JsValue, JsValue> {
    let Some(vendor) = Vendor::from_name(vendor) else {
        let names = Vendor::ALL.map(Vendor::name).join("`, `");
        let sentence = format!("there is no importer for `{vendor}`, only for `{names}`");
        return Err(JsError::new(&sentence).into());
    };
    let (ruleset, notes) = match vendor.import(text) {
        Ok(imported) => (Some(encode(&imported.ruleset)), imported.notes),
        Err(notes) => (None, notes),
    };
    to_js(&Imported {
        ruleset,
        notes: notes.iter().map(Remark::from).collect(),
    })
}

/// How `flag` of a program comes to its answer for `context`, an object, at `now` (ms since 1970): as
/// `vexil explain --json` prints it. `undefined` where the program has no such flag.
///
/// # Errors
///
/// `program` is no program, `context` no object, or the result cannot be handed to JavaScript.
#[wasm_bindgen(unchecked_return_type = "Record<string, unknown> | undefined")]
pub fn explain(
    program: Vec<u8>,
    flag: &str,
    #[wasm_bindgen(unchecked_param_type = "Record<string, unknown>")] context: JsValue,
    now: f64,
) -> Result<JsValue, JsValue> {
    let program = Program::from_bytes(program).map_err(|error| JsError::new(&error.to_string()))?;
    let context: Map<String, Value> = serde_wasm_bindgen::from_value(context)?;
    let context = vexil_ofrep::resolve(&program, &context);
    let Ok(flag) = ask(&program, flag, None) else {
        return Ok(JsValue::UNDEFINED);
    };
    let explanation = vexil_core::explain(&program, &Live::default(), flag, &context, now as i64);
    let json = vexil_ruleset::explain::json(&explanation);
    Ok(json.serialize(&serde_wasm_bindgen::Serializer::json_compatible())?)
}

fn to_program(ruleset: &Ruleset) -> Result<Program, Vec<Issue>> {
    vexil_ruleset::compile(ruleset, "playground", 1, 0)
}

fn to_js(value: &impl Serialize) -> Result<JsValue, JsValue> {
    Ok(serde_wasm_bindgen::to_value(value)?)
}

#[derive(Serialize)]
struct Compiled<'a> {
    issues: Vec<Fault<'a>>,
    #[serde(skip_serializing_if = "Option::is_none")]
    program: Option<Bytes<'a>>,
}

#[derive(Serialize)]
struct Fault<'a> {
    path: &'a str,
    code: &'a str,
    message: String,
}

#[derive(Serialize)]
struct Imported<'a> {
    #[serde(skip_serializing_if = "Option::is_none")]
    ruleset: Option<String>,
    notes: Vec<Remark<'a>>,
}

#[derive(Serialize)]
struct Remark<'a> {
    path: &'a str,
    reason: &'a str,
}

/// A `Uint8Array`; a slice of numbers would become an array.
struct Bytes<'a>(&'a [u8]);

impl Serialize for Bytes<'_> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.serialize_bytes(self.0)
    }
}

impl<'a> From<&'a Issue> for Fault<'a> {
    fn from(issue: &'a Issue) -> Fault<'a> {
        Fault {
            path: issue.path.as_str(),
            code: issue.code.name(),
            message: issue.code.to_string(),
        }
    }
}

impl<'a> From<&'a Note> for Remark<'a> {
    fn from(note: &'a Note) -> Remark<'a> {
        Remark {
            path: note.path.as_str(),
            reason: &note.reason,
        }
    }
}
