//! Evaluation contexts, from the command line and from files.

use std::path::{Path, PathBuf};

use clap::Args;
use serde_json::{Map, Value};
use vexil_core::limits::CONTEXT_BYTES;
use vexil_ofrep::parse_json;

use crate::failure::Failure;
use crate::file;
use crate::source::{Format, Source};

/// In which context flags are asked for.
#[derive(Debug, Args)]
pub(crate) struct ContextArguments {
    /// The evaluation context: a JSON object, `@FILE` to read it from JSON, YAML or TOML, or `-` for standard input
    #[arg(long, short, value_name = "JSON|@FILE|-", value_parser = Given::parse)]
    context: Option<Given>,
    /// An attribute: `country=DE` is a text, `age:=30` is JSON, `/app/version=2.1` is named by a JSON Pointer
    ///
    /// Can be repeated, and comes after the context.
    #[arg(long, short, value_name = "NAME=TEXT|NAME:=JSON", value_parser = Assignment::parse)]
    set: Vec<Assignment>,
}

/// An evaluation context, or the file that has it.
#[derive(Clone, Debug)]
enum Given {
    Here(Map<String, Value>),
    In(PathBuf),
}

/// An attribute, and what it is to be.
#[derive(Clone, Debug, PartialEq)]
struct Assignment {
    /// A name, or a JSON Pointer.
    name: String,
    value: Value,
}

impl ContextArguments {
    /// The context; read now where it is in a file. `ruleset` was read before.
    ///
    /// # Errors
    /// Where it cannot be read or is no object, or an attribute is to be inside of something that is none.
    pub(crate) fn read(&self, ruleset: &Path) -> Result<Map<String, Value>, Failure> {
        let mut context = match &self.context {
            None => Map::new(),
            Some(Given::Here(context)) => context.clone(),
            Some(Given::In(path)) if path == Path::new("-") && ruleset == path => {
                return Err(Failure::Usage(
                    "the ruleset and the context are both `-`, expected one of them from a file"
                        .to_owned(),
                ));
            }
            Some(Given::In(path)) => in_file(path)?,
        };
        for assignment in &self.set {
            assignment.apply(&mut context).map_err(Failure::Usage)?;
        }
        Ok(context)
    }
}

impl Given {
    fn parse(text: &str) -> Result<Given, String> {
        match text.strip_prefix('@') {
            Some(path) => Ok(Given::In(path.into())),
            None if text == "-" => Ok(Given::In("-".into())),
            None => object(text).map(Given::Here),
        }
    }
}

impl Assignment {
    fn parse(text: &str) -> Result<Assignment, String> {
        let (name, value) = text
            .split_once('=')
            .ok_or("expected NAME=TEXT, such as country=DE, or NAME:=JSON, such as age:=30")?;
        let (name, value) = match name.strip_suffix(':') {
            None => (name, Value::from(value)),
            Some(name) => {
                let json = parse_json(value.as_bytes());
                let json = json.map_err(|error| {
                    format!("expected JSON after `:=`: {error} (a text is written NAME=TEXT)")
                });
                (name, json?)
            }
        };
        let is_pointer = name.split('~').skip(1).all(|it| it.starts_with(['0', '1']));
        if name.is_empty() || name.starts_with('/') && !is_pointer {
            return Err(format!(
                "`{name}` is no attribute, expected a name or a JSON Pointer"
            ));
        }
        let name = name.to_owned();
        Ok(Assignment { name, value })
    }

    /// Sets it, with the objects around it.
    fn apply(&self, context: &mut Map<String, Value>) -> Result<(), String> {
        let Some(pointer) = self.name.strip_prefix('/') else {
            context.insert(self.name.clone(), self.value.clone());
            return Ok(());
        };
        let mut steps = pointer
            .split('/')
            .map(|it| it.replace("~1", "/").replace("~0", "~"));
        let first = steps.next().unwrap_or_default();
        let mut value = context.entry(first).or_insert(Value::Null);
        for step in steps {
            if value.is_null() {
                *value = Value::Object(Map::new());
            }
            let next = match value {
                Value::Object(members) => Some(members.entry(step).or_insert(Value::Null)),
                Value::Array(items) => step.parse().ok().and_then(|it: usize| items.get_mut(it)),
                Value::Null | Value::Bool(_) | Value::Number(_) | Value::String(_) => None,
            };
            value = next.ok_or_else(|| {
                format!(
                    "`{}` cannot be set: what is around it is no object",
                    self.name
                )
            })?;
        }
        *value = self.value.clone();
        Ok(())
    }
}

fn in_file(path: &Path) -> Result<Map<String, Value>, Failure> {
    let text = file::read(path)?;
    let wrong = |error| Failure::No(format!("{}: {error}", path.display()));
    match Format::of(path) {
        Format::Json => object(&text).map_err(wrong),
        Format::Yaml | Format::Toml => {
            let source = Source::new(path.to_owned(), text);
            match source.json() {
                Ok(json) => object(json).map_err(wrong),
                Err(issues) => Err(Failure::issues(source, issues)),
            }
        }
    }
}

/// An evaluation context, read as every runtime reads one.
pub(crate) fn object(json: &str) -> Result<Map<String, Value>, String> {
    if json.len() > CONTEXT_BYTES {
        let found = json.len();
        return Err(format!(
            "a context of {found} bytes, expected at most {CONTEXT_BYTES}"
        ));
    }
    match parse_json(json.as_bytes()) {
        Ok(Value::Object(context)) => Ok(context),
        Ok(_) => Err("expected a JSON object".to_owned()),
        Err(error) => Err(format!("expected a JSON object: {error}")),
    }
}

#[cfg(test)]
mod tests {
    use serde_json::Value;

    use super::{Assignment, object};

    /// What becomes of `context` once each of `set` is set, or the first thing that is wrong.
    #[track_caller]
    fn check(context: &str, set: &[&str], want: Result<&str, &str>) {
        let mut found = object(context).expect("a context");
        let result = set
            .iter()
            .try_for_each(|text| Assignment::parse(text)?.apply(&mut found));
        let found = result.map(|()| Value::from(found).to_string());
        let want = want.map(|json| Value::from(object(json).expect("a context")).to_string());
        assert_eq!(found, want.map_err(ToOwned::to_owned));
    }

    #[test]
    fn an_attribute_is_a_text_or_json() {
        check(
            "{}",
            &["country=DE", "age:=30"],
            Ok(r#"{"country":"DE","age":30}"#),
        );
        check(
            "{}",
            &["age=30", "x=a=b", "y="],
            Ok(r#"{"age":"30","x":"a=b","y":""}"#),
        );
        check(
            "{}",
            &["tags:=[\"a\"]", "a:b=c"],
            Ok(r#"{"tags":["a"],"a:b":"c"}"#),
        );
        check(r#"{"a":1}"#, &["a:=null"], Ok(r#"{"a":null}"#));
    }

    #[test]
    fn a_pointer_leads_into_objects_and_lists() {
        check(
            "{}",
            &["/app/version=2.1", "/app/os=x"],
            Ok(r#"{"app":{"version":"2.1","os":"x"}}"#),
        );
        check(
            r#"{"l":[{"a":1}]}"#,
            &["/l/0/a:=2"],
            Ok(r#"{"l":[{"a":2}]}"#),
        );
        check("{}", &["/a~1b/~0=x"], Ok(r#"{"a/b":{"~":"x"}}"#));
        let around = "`/a/b` cannot be set: what is around it is no object";
        check(r#"{"a":"x"}"#, &["/a/b=y"], Err(around));
        check(r#"{"a":[]}"#, &["/a/b=y"], Err(around));
    }

    #[test]
    fn what_is_no_attribute_is_refused() {
        let empty = "`` is no attribute, expected a name or a JSON Pointer";
        check("{}", &["=x"], Err(empty));
        check(
            "{}",
            &["/a~2=x"],
            Err("`/a~2` is no attribute, expected a name or a JSON Pointer"),
        );
        let shape = "expected NAME=TEXT, such as country=DE, or NAME:=JSON, such as age:=30";
        check("{}", &["country"], Err(shape));
        assert!(Assignment::parse("a:=DE").is_err());
    }
}
