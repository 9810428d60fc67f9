//! Conditions: one attribute of the subject against a value.

use std::cmp::Ordering;

use serde_json::{Number, Value, json};
use vexil_ruleset::{Path, Pattern, Range};

use super::{Import, Saying};
use crate::decimal;
use crate::holds::Holds;

const MEMBERS: [&str; 3] = ["attribute", "operator", "value"];

impl Import {
    /// When a condition holds. One that Eppo's own evaluators cannot read holds never, as it does in theirs.
    pub(super) fn condition(&mut self, condition: &Value, path: &Path) -> Holds {
        if let Some(members) = condition.as_object() {
            self.note_members(members, &MEMBERS, path);
        }
        let member = |name: &str| {
            let member = condition.get(name).and_then(Value::as_str);
            member.unwrap_or_default()
        };
        let (attribute, operator) = (member("attribute"), member("operator"));
        let value = condition.get("value").unwrap_or(&Value::Null);
        if attribute == "targetingKey" {
            let why =
                "the targeting key is the subject's key, whatever the attribute of that name says";
            self.draft.note(path.clone().join("attribute"), None, why);
        }
        match self.test(operator, value, path) {
            Ok(test) if attribute == "id" => {
                self.sayings.insert(Saying::Id);
                id(&test)
            }
            Ok(test) => test.of(&name_of(attribute)),
            Err(why) => {
                let why = format!("the rule is left out: {why}");
                self.draft.note(path.clone(), None, why);
                Holds::Never
            }
        }
    }

    fn test(&mut self, operator: &str, value: &Value, path: &Path) -> Result<Test, String> {
        let is_negated = operator.starts_with("NOT_");
        match (operator, value) {
            ("ONE_OF" | "NOT_ONE_OF", Value::Array(values)) => {
                let texts: Option<Vec<&str>> = values.iter().map(Value::as_str).collect();
                let texts = texts.ok_or_else(|| format!("`{operator}` expects a list of texts"))?;
                Ok(Test::Matched {
                    tests: one_of(&texts),
                    is_negated,
                })
            }
            ("MATCHES" | "NOT_MATCHES", Value::String(text)) => {
                let tests = self.matches(text, is_negated, path)?;
                Ok(Test::Matched { tests, is_negated })
            }
            ("GTE", _) => self.compare(value, ">=", "gte", &[Ordering::Greater, Ordering::Equal]),
            ("GT", _) => self.compare(value, ">", "gt", &[Ordering::Greater]),
            ("LTE", _) => self.compare(value, "<=", "lte", &[Ordering::Less, Ordering::Equal]),
            ("LT", _) => self.compare(value, "<", "lt", &[Ordering::Less]),
            ("IS_NULL", Value::Bool(is_null)) => Ok(Test::IsNull(*is_null)),
            _ => Err(format!(
                "no condition says what `{operator}` says of `{value}`"
            )),
        }
    }

    /// What a pattern finds: in texts, and in `true`, `false` and numbers as they are written.
    fn matches(&mut self, text: &str, is_negated: bool, path: &Path) -> Result<Vec<Value>, String> {
        let pattern =
            Pattern::parse(text).map_err(|error| format!("the pattern `{text}`: {error}"))?;
        if ["\\d", "\\D", "\\s", "\\S", "\\w", "\\W", "\\b", "\\B"]
            .iter()
            .any(|it| text.contains(it))
        {
            self.sayings.insert(Saying::Classes);
        }
        let mut tests = vec![json!({ "matches": text })];
        let bools: Vec<bool> = [true, false]
            .into_iter()
            .filter(|it| pattern.matches(&it.to_string()))
            .collect();
        if !bools.is_empty() {
            tests.push(json!({ "in": bools }));
        }
        let matches_numbers = pattern.matches_numbers();
        if matches_numbers.is_none() {
            let why = "holds for no number; Eppo matches a number as it is written";
            self.draft.note(path.clone(), None, why);
        }
        if matches_numbers.unwrap_or(is_negated) {
            tests.push(json!({ "gte": f64::MIN }));
        }
        Ok(tests)
    }

    /// A version compares with texts that are versions; a number with numbers, and with texts that say one.
    fn compare(
        &mut self,
        value: &Value,
        operator: &str,
        test: &str,
        orders: &[Ordering],
    ) -> Result<Test, String> {
        if let Some(version) = value.as_str().filter(|it| is_version(it)) {
            let release = version.split('+').next().unwrap_or_default();
            let range = format!("{operator}{release}");
            Range::parse(&range).map_err(|error| format!("the version `{version}`: {error}"))?;
            return Ok(Test::Any(vec![json!({ "semver": range })]));
        }
        let number = match value {
            Value::Number(number) => Some(number.clone()),
            Value::String(written) => written.parse().ok().and_then(number_of),
            Value::Null | Value::Bool(_) | Value::Array(_) | Value::Object(_) => None,
        };
        let number =
            number.ok_or_else(|| format!("`{value}` is neither a number nor a version"))?;
        let bound = number.as_f64().unwrap_or_default();
        let pattern = decimal::pattern(bound, orders)
            .ok_or_else(|| format!("`{value}` takes too many digits to be compared with texts"))?;
        self.sayings.insert(Saying::NumericText);
        Ok(Test::Any(vec![
            json!({ test: number }),
            json!({ "matches": pattern }),
        ]))
    }
}

/// What is asked of an attribute.
enum Test {
    /// One of these tests holds.
    Any(Vec<Value>),
    /// It is there, and one of these holds, or none.
    Matched { tests: Vec<Value>, is_negated: bool },
    /// It is null or not there, or neither.
    IsNull(bool),
}

impl Test {
    /// When it holds of the attribute `name`.
    fn of(&self, name: &str) -> Holds {
        let any = |tests: &[Value]| {
            Holds::any(tests.iter().map(|test| {
                let mut test = test.clone();
                if let Some(members) = test.as_object_mut() {
                    members.insert("attr".to_owned(), name.into());
                }
                Holds::If(test)
            }))
        };
        let exists = |is_there: bool| Holds::If(json!({ "attr": name, "exists": is_there }));
        match self {
            Test::Any(tests)
            | Test::Matched {
                tests,
                is_negated: false,
            } => any(tests),
            Test::Matched {
                tests,
                is_negated: true,
            } => Holds::all([exists(true), any(tests).not()]),
            Test::IsNull(is_null) => exists(!is_null),
        }
    }
}

/// When a test holds of `id`: the attribute, and without one the subject's key, which is never null.
fn id(test: &Test) -> Holds {
    match test {
        Test::IsNull(true) => Holds::Never,
        Test::IsNull(false) => Holds::Always,
        Test::Any(_) | Test::Matched { .. } => {
            let is_missing = Holds::If(json!({ "attr": "id", "exists": false }));
            Holds::any([
                test.of("id"),
                Holds::all([is_missing, test.of("targetingKey")]),
            ])
        }
    }
}

/// A test for the texts, and for the numbers and truth values that are written like them; none without texts.
fn one_of(texts: &[&str]) -> Vec<Value> {
    let mut values: Vec<Value> = Vec::new();
    for text in texts {
        values.push((*text).into());
        match *text {
            "true" => values.push(true.into()),
            "false" => values.push(false.into()),
            _ => {
                let number = text
                    .parse::<f64>()
                    .ok()
                    .filter(|it| it.to_string() == *text && *text != "-0");
                values.extend(number.and_then(number_of).map(Value::Number));
            }
        }
    }
    if values.is_empty() {
        Vec::new()
    } else {
        vec![json!({ "in": values })]
    }
}

/// As a person would write it.
fn number_of(number: f64) -> Option<Number> {
    let integer = number as i64;
    #[expect(
        clippy::float_cmp,
        reason = "integral means exactly equal to an integer"
    )]
    if integer as f64 == number && integer.unsigned_abs() < 1 << 53 {
        return Some(integer.into());
    }
    Number::from_f64(number)
}

/// An attribute is a member by its name, whatever that is.
fn name_of(attribute: &str) -> String {
    if attribute.is_empty() || attribute.starts_with('/') {
        return Path::default().join(attribute).to_string();
    }
    attribute.to_owned()
}

/// Whether `text` is a version as semver.org has it.
fn is_version(text: &str) -> bool {
    let (release, build) = text.split_once('+').unzip();
    let (numbers, pre) = release.unwrap_or(text).split_once('-').unzip();
    let is_number = |it: &str| {
        it.parse::<u64>()
            .is_ok_and(|number| number.to_string() == it)
    };
    let is_word =
        |it: &str| !it.is_empty() && it.chars().all(|it| it.is_ascii_alphanumeric() || it == '-');
    let is_digits = |it: &str| it.chars().all(|it| it.is_ascii_digit());
    let numbers: Vec<&str> = numbers
        .unwrap_or(release.unwrap_or(text))
        .split('.')
        .collect();
    numbers.len() == 3
        && numbers.into_iter().all(is_number)
        && pre.is_none_or(|it| {
            it.split('.')
                .all(|it| is_word(it) && (!is_digits(it) || it == "0" || !it.starts_with('0')))
        })
        && build.is_none_or(|it| it.split('.').all(is_word))
}
