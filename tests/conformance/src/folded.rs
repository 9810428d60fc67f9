//! The vectors of `specialise`: programs of which a part of the context is known, and what they answer to the rest.

use std::error::Error;
use std::fs;
use std::path::Path;

use serde_json::{Map, Value as Json};
use vexil_core::{Context, Known, Live, Program, ProgramError, Recipient, Value, specialise};

use crate::answer::Native;
use crate::context::{look_up, value};
use crate::vector::{Case, NOW, Started, well_formed};

/// One file: a ruleset, and cases that fold parts of it.
pub struct Folded {
    /// `specialise/time`
    pub name: String,
    /// The whole program.
    pub whole: Native,
    /// Each case as it is written: see `tests/vectors/README.md`.
    pub cases: Vec<Json>,
}

impl Folded {
    /// Reads the folder `specialise` of the vectors in `dir`, ordered by file.
    ///
    /// # Errors
    /// A file that cannot be read, or whose ruleset has issues.
    pub fn load(dir: &Path) -> Result<Vec<Folded>, Box<dyn Error>> {
        let files = fs::read_dir(dir.join("specialise"))?;
        let mut files: Vec<_> = files
            .map(|file| Ok(file?.path()))
            .collect::<Result<_, std::io::Error>>()?;
        files.sort();
        files.iter().map(|file| Folded::read(file)).collect()
    }

    fn read(file: &Path) -> Result<Folded, Box<dyn Error>> {
        let about = |what: &str| format!("{}: {what}", file.display());
        let text = well_formed(&fs::read_to_string(file)?);
        let vector: Json = serde_json::from_str(&text)?;
        let whole = Native::compile(&vector["ruleset"].to_string());
        let name = file.file_stem().unwrap_or_default().to_string_lossy();
        Ok(Folded {
            name: format!("specialise/{name}"),
            whole: whole.map_err(|_| about("a ruleset with issues"))?,
            cases: vector["cases"]
                .as_array()
                .ok_or_else(|| about("no cases"))?
                .clone(),
        })
    }

    /// What is left for a browser of which the `known` part of `case` is known, with what else it sent.
    ///
    /// # Errors
    /// A program at a limit that its copy exceeds.
    pub fn left(&self, case: &Json) -> Result<Native, ProgramError> {
        let program = &self.whole.program;
        let whole = merged(&case["known"], &case["asked"]);
        let known = Known::new(program, looked_up(program, &whole), |attribute| {
            case["known"].get(attribute.name).is_some()
        });
        let program = specialise(program, &Live::default(), &known, Recipient::Browser, NOW)?;
        let ruleset = self.whole.ruleset.clone();
        Ok(Native { program, ruleset })
    }
}

/// The questions of a case, with the answers that are expected.
#[must_use]
pub fn questions(case: &Json) -> Vec<Case> {
    let answers = case["answers"].as_array().into_iter().flatten();
    answers.map(question).collect()
}

fn question(answer: &Json) -> Case {
    let text = |value: &Json| value.as_str().unwrap_or_default().to_owned();
    let killed = answer["killed"].as_array().into_iter().flatten();
    let started = answer["started"].as_object().into_iter().flatten();
    let started = started.map(|(release, started)| Started {
        release: release.clone(),
        stage: text(&started["stage"]),
        exposure: started["exposure"].as_f64().unwrap_or_default(),
    });
    let flag = text(&answer["flag"]);
    let mut expect = answer["expect"].clone();
    expect["flag"] = flag.as_str().into();
    if expect.get("errorCode").is_some() {
        expect["reason"] = "ERROR".into();
    }
    Case {
        name: String::new(),
        flag,
        killed: killed.map(text).collect(),
        started: started.collect(),
        now: answer["now"].as_i64().unwrap_or(NOW),
        context: answer["rest"].clone(),
        expect,
    }
}

/// `context`, of which a member may be named by the JSON Pointer that a ruleset names it by.
fn looked_up<'c>(program: &Program, context: &'c Json) -> Context<'c> {
    Context::resolve(program, |name| match context.get(name) {
        Some(Json::Null) => Value::Missing,
        Some(known) => value(Some(known)),
        None => value(look_up(context, name)),
    })
}

fn merged(known: &Json, asked: &Json) -> Json {
    let members = [known, asked]
        .into_iter()
        .filter_map(Json::as_object)
        .flatten();
    let members = members.map(|(name, value)| (name.clone(), value.clone()));
    Json::Object(members.collect::<Map<_, _>>())
}
