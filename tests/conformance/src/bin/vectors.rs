//! Prints what every runtime must answer, and writes the bytes that they answer from.
//!
//! ```text
//! vectors print            one line for each case: `group/file#n <canonical answer>`
//! vectors check            one line for each case that is answered otherwise than it is written
//! vectors programs DIR     DIR/group/file.json: the programs, and each case with its live state, bytes in hexadecimal
//! ```

use std::collections::BTreeMap;
use std::env;
use std::error::Error;
use std::fs;
use std::io::{self, Write};
use std::path::Path;
use std::rc::Rc;

use serde_json::{Value, json};
use vexil_conformance::folded::{Folded, questions};
use vexil_conformance::{Case, Native, canonical, compile, failures, load, vectors_dir};
use vexil_core::{Live, ProgramError};

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
    let mut answers: BTreeMap<String, Vec<Value>> = BTreeMap::new();
    for vector in load(&vectors_dir())?.vectors {
        let native = compile(&vector)?;
        let cases = vector.cases.iter().map(|case| native.answer(case));
        answers.insert(vector.name, cases.collect::<Result<_, _>>()?);
    }
    for file in Folded::load(&vectors_dir())? {
        let cases = asked(&file)?;
        let cases = cases.iter().map(|(left, case)| left.answer(case));
        answers.insert(file.name, cases.collect::<Result<_, _>>()?);
    }
    for (name, answers) in answers {
        for (number, answer) in answers.iter().enumerate() {
            writeln!(out, "{name}#{number} {}", canonical::text(answer))?;
        }
    }
    Ok(())
}

/// What is left of a program, and a question to it.
type Asked = (Rc<Native>, Case);

/// Every question of a file of folded programs, with what is left for it.
fn asked(file: &Folded) -> Result<Vec<Asked>, Box<dyn Error>> {
    let mut asked = Vec::new();
    for case in &file.cases {
        let left = Rc::new(file.left(case).map_err(ProgramError::message)?);
        let questions = questions(case).into_iter();
        asked.extend(questions.map(|question| (Rc::clone(&left), question)));
    }
    Ok(asked)
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
        let mut document = Document::default();
        for case in &vector.cases {
            let (program, live) = if has_recipe(&native.ruleset) {
                let sent = native.sent(case)?;
                (hex(sent.program.as_bytes()), sent.live(case))
            } else {
                (whole.clone(), native.live(case))
            };
            document.add(program, case, &live, None);
        }
        document.write(dir, &vector.name, &native.ruleset)?;
    }
    for file in Folded::load(&vectors_dir())? {
        let mut document = Document::default();
        for (left, question) in asked(&file)? {
            let program = hex(left.program.as_bytes());
            document.add(
                program,
                &question,
                &left.live(&question),
                Some(question.now),
            );
        }
        // What is left is of no ruleset that could be published.
        document.write(dir, &file.name, &Value::Null)?;
    }
    Ok(())
}

/// What other runtimes are given of one file.
#[derive(Default)]
struct Document {
    programs: Vec<String>,
    cases: Vec<Value>,
}

impl Document {
    fn add(&mut self, program: String, case: &Case, live: &Live, now: Option<i64>) {
        let known = self.programs.iter().position(|known| *known == program);
        let number = known.unwrap_or(self.programs.len());
        if known.is_none() {
            self.programs.push(program);
        }
        self.cases.push(json!({
            "flag": case.flag, "killed": case.killed, "context": case.context, "program": number,
            "live": hex(&live.to_bytes()), "now": now,
        }));
    }

    fn write(&self, dir: &Path, name: &str, ruleset: &Value) -> Result<(), Box<dyn Error>> {
        let Document { programs, cases } = self;
        let document =
            json!({ "name": name, "programs": programs, "ruleset": ruleset, "cases": cases });
        let file = dir.join(format!("{name}.json"));
        fs::create_dir_all(file.parent().unwrap_or(dir))?;
        Ok(fs::write(file, document.to_string())?)
    }
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
