//! Prints what every runtime must answer, and writes the bytes that they answer from.
//!
//! ```text
//! vectors print            one line for each case: `group/file#n <canonical answer>`
//! vectors check            one line for each case that is answered otherwise than it is written
//! vectors programs DIR     DIR/group/file.json: the programs, and each case with its live state, bytes in hexadecimal
//! ```

use std::env;
use std::error::Error;
use std::fs;
use std::io::{self, Write};
use std::path::Path;

use serde_json::{Value, json};
use vexil_conformance::{canonical, compile, failures, load, vectors_dir};

fn main() -> Result<(), Box<dyn Error>> {
    let arguments: Vec<String> = env::args().skip(1).collect();
    let arguments: Vec<&str> = arguments.iter().map(String::as_str).collect();
    match arguments.as_slice() {
        ["print"] => print(&mut io::stdout().lock()),
        ["check"] => check(&mut io::stdout().lock()),
        ["programs", dir] => programs(Path::new(dir)),
        _ => Err("expected `print`, `check` or `programs DIR`".into()),
    }
}

fn print(out: &mut impl Write) -> Result<(), Box<dyn Error>> {
    for vector in load(&vectors_dir())?.vectors {
        let native = compile(&vector)?;
        for (number, case) in vector.cases.iter().enumerate() {
            writeln!(
                out,
                "{}#{number} {}",
                vector.name,
                canonical::text(&native.answer(case)?)
            )?;
        }
    }
    Ok(())
}

fn check(out: &mut impl Write) -> Result<(), Box<dyn Error>> {
    let failures = failures(&load(&vectors_dir())?)?;
    for failure in &failures {
        writeln!(out, "{failure}")?;
    }
    if failures.is_empty() {
        Ok(())
    } else {
        Err(format!("{} answers differ", failures.len()).into())
    }
}

fn programs(dir: &Path) -> Result<(), Box<dyn Error>> {
    for vector in load(&vectors_dir())?.vectors {
        let native = compile(&vector)?;
        let whole = hex(native.program.as_bytes());
        let mut programs = Vec::new();
        let mut cases = Vec::new();
        for case in &vector.cases {
            let (program, live) = if has_recipe(&native.ruleset) {
                let sent = native.sent(case)?;
                (hex(sent.program.as_bytes()), sent.live(case))
            } else {
                (whole.clone(), native.live(case))
            };
            let known = programs.iter().position(|known| *known == program);
            let number = known.unwrap_or(programs.len());
            if known.is_none() {
                programs.push(program);
            }
            cases.push(json!({
                "flag": case.flag, "killed": case.killed, "context": case.context, "program": number, "live": hex(&live.to_bytes()),
            }));
        }
        let document = json!({
            "name": vector.name,
            "programs": programs,
            "ruleset": serde_json::from_str::<Value>(&vector.ruleset)?,
            "cases": cases,
        });
        let file = dir.join(format!("{}.json", vector.name));
        fs::create_dir_all(file.parent().unwrap_or(dir))?;
        fs::write(file, document.to_string())?;
    }
    Ok(())
}

/// Whether a split names another vendor's recipe: a browser then gets what is left without.
fn has_recipe(ruleset: &Value) -> bool {
    match ruleset {
        Value::Object(members) => {
            members.contains_key("split") && members.contains_key("hash")
                || members.values().any(has_recipe)
        }
        Value::Array(items) => items.iter().any(has_recipe),
        _ => false,
    }
}

fn hex(bytes: &[u8]) -> String {
    let digit = |half: u8| char::from_digit(u32::from(half), 16).unwrap_or_default();
    let halves = bytes.iter().flat_map(|byte| [byte >> 4, byte & 15]);
    halves.map(digit).collect()
}
