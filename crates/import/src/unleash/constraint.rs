//! Constraints, as conditions.

use serde_json::{Map, Value, json};
use vexil_ruleset::{Path, Pattern};

use super::condition::Holds;
use super::context::{attribute, number_attribute};
use super::{Everywhere, Fault, Import, list, operand, text_of};

/// One constraint, taken apart.
struct Constraint<'c> {
    /// In Unleash.
    name: &'c str,
    operator: &'c str,
    members: &'c Map<String, Value>,
    path: &'c Path,
}

/// The members that every constraint may have and that mean something.
const MEMBERS: [&str; 3] = ["contextName", "operator", "inverted"];

impl Import<'_> {
    /// Where all of `constraints` hold.
    pub(super) fn constraints(
        &mut self,
        constraints: &[Value],
        path: &Path,
    ) -> Result<Holds, Fault> {
        let constraints = constraints.iter().enumerate();
        let holds: Result<Vec<_>, _> = constraints
            .map(|(index, constraint)| {
                self.constraint(constraint, &path.clone().join(&index.to_string()))
            })
            .collect();
        holds.map(Holds::all)
    }

    fn constraint(&mut self, constraint: &Value, path: &Path) -> Result<Holds, Fault> {
        let fault = |reason: &str| (path.clone(), reason.to_owned());
        let members = constraint
            .as_object()
            .ok_or_else(|| fault("expected an object"))?;
        let text = |name: &str| members.get(name).and_then(Value::as_str);
        let name = text("contextName").ok_or_else(|| fault("it has no `contextName`"))?;
        let operator = text("operator").ok_or_else(|| fault("it has no `operator`"))?;
        let this = Constraint {
            name,
            operator,
            members,
            path,
        };
        let (operands, reads_case) = match operator {
            "IN" | "NOT_IN" | "IN_CIDR" => ("values", false),
            "REGEX" => ("value", true),
            _ if operator.starts_with("STR_") => ("values", true),
            _ => ("value", false),
        };
        let known = [
            &MEMBERS[..],
            &[operands],
            if reads_case {
                &["caseInsensitive"]
            } else {
                &[]
            },
        ]
        .concat();
        self.note_unused("constraint", members, &known, path);
        if name == "currentTime" && !operator.starts_with("DATE_") {
            let reason = "compares a `currentTime` that the context has; Unleash takes the time of now where it has none";
            self.draft.note(path.clone(), None, reason);
        }
        let Some(holds) = self.test(&this)? else {
            return Ok(Holds::Never);
        };
        let is_inverted = members.get("inverted") == Some(&Value::Bool(true));
        Ok(if is_inverted { holds.not() } else { holds })
    }

    /// `None` where it never holds, inverted or not.
    fn test(&mut self, this: &Constraint<'_>) -> Result<Option<Holds>, Fault> {
        let attribute = attribute(this.name);
        let holds = match this.operator {
            "IN" => this.is_in(&attribute),
            "NOT_IN" => this.is_in(&attribute).not(),
            "STR_STARTS_WITH" => self.texts(this, "startsWith")?,
            "STR_ENDS_WITH" => self.texts(this, "endsWith")?,
            "STR_CONTAINS" => self.texts(this, "contains")?,
            "NUM_EQ" => this.number("is")?,
            "NUM_LT" => this.number("lt")?,
            "NUM_LTE" => this.number("lte")?,
            "NUM_GT" => this.number("gt")?,
            "NUM_GTE" => this.number("gte")?,
            "DATE_AFTER" | "DATE_BEFORE" => self.date(this)?,
            "SEMVER_EQ" => return this.version("="),
            "SEMVER_LT" => return this.version("<"),
            "SEMVER_LTE" => return this.version("<="),
            "SEMVER_GT" => return this.version(">"),
            "SEMVER_GTE" => return this.version(">="),
            "REGEX" => return Ok(self.pattern(this)),
            "IN_CIDR" => {
                let values = this.some_values()?;
                self.networks(&attribute, &values, &this.path.clone().join("values"))
            }
            other => {
                return Err((
                    this.path.clone().join("operator"),
                    format!("there is no operator `{other}`"),
                ));
            }
        };
        Ok(Some(holds))
    }

    fn texts(&mut self, this: &Constraint<'_>, test: &str) -> Result<Holds, Fault> {
        let (attribute, values) = (attribute(this.name), this.some_values()?);
        Ok(Holds::If(if this.ignores_case() {
            self.everywhere.insert(Everywhere::Case);
            json!({ "attr": attribute, test: values, "ignoreCase": true })
        } else {
            json!({ "attr": attribute, test: values })
        }))
    }

    /// `currentTime` is now, unless the context has one.
    fn date(&mut self, this: &Constraint<'_>) -> Result<Holds, Fault> {
        let date = this.value();
        let ms = operand::date(&date).ok_or_else(|| this.unreadable("a date"))?;
        let is_after = this.operator == "DATE_AFTER";
        let test = if is_after { "after" } else { "before" };
        let attribute = attribute(this.name);
        let given = json!({ "attr": attribute, test: date });
        self.everywhere.insert(Everywhere::Time);
        if this.name != "currentTime" {
            return Ok(Holds::If(given));
        }
        let now = if is_after {
            json!({ "from": ms.saturating_add(1) })
        } else {
            json!({ "until": date })
        };
        let now = json!({ "all": [{ "attr": attribute, "exists": false }, { "time": now }] });
        Ok(Holds::If(json!({ "any": [given, now] })))
    }

    /// Where the attribute is in one of those of `texts` that are networks.
    pub(super) fn networks(&mut self, attribute: &str, texts: &[String], path: &Path) -> Holds {
        let networks: Vec<_> = texts
            .iter()
            .filter_map(|text| operand::network(text))
            .collect();
        for text in texts.iter().filter(|text| operand::network(text).is_none()) {
            let reason = format!("`{text}` is no network: nothing is in it");
            self.draft.note_dropped(path.clone(), reason);
        }
        if networks.is_empty() {
            return Holds::Never;
        }
        self.everywhere.insert(Everywhere::Mapped);
        Holds::If(json!({ "attr": attribute, "cidr": networks }))
    }

    fn pattern(&mut self, this: &Constraint<'_>) -> Option<Holds> {
        let text = this.value();
        let at = this.path.clone().join("value");
        let pattern = if this.ignores_case() {
            format!("(?i){text}")
        } else {
            text.clone()
        };
        match Pattern::parse(&pattern) {
            Ok(_) => {
                if operand::has_escape(&text, "dDsSwWbB") {
                    let reason = "`\\d`, `\\s`, `\\w` and `\\b` mean ASCII here; Unleash's engine takes all of Unicode";
                    self.draft.note(at, None, reason);
                }
                Some(Holds::If(
                    json!({ "attr": attribute(this.name), "matches": pattern }),
                ))
            }
            Err(error)
                if operand::has_escape(&text, "pP")
                    || error == vexil_ruleset::PatternError::TooLarge =>
            {
                let reason =
                    format!("the constraint never holds: `{text}` cannot be said here ({error})");
                self.draft.note(at, None, reason);
                None
            }
            Err(error) => {
                let reason = format!("`{text}` is no pattern, so no text matches it: {error}");
                self.draft.note(at, None, reason);
                Some(Holds::Never)
            }
        }
    }
}

impl Constraint<'_> {
    fn values(&self) -> Vec<String> {
        list(self.members, "values")
            .iter()
            .filter_map(text_of)
            .collect()
    }

    fn some_values(&self) -> Result<Vec<String>, Fault> {
        let values = self.values();
        if values.is_empty() {
            return Err((
                self.path.clone(),
                format!("`{}` needs a value", self.operator),
            ));
        }
        Ok(values)
    }

    fn value(&self) -> String {
        self.members
            .get("value")
            .and_then(text_of)
            .unwrap_or_default()
    }

    fn ignores_case(&self) -> bool {
        self.members.get("caseInsensitive") == Some(&Value::Bool(true))
    }

    fn unreadable(&self, expected: &str) -> Fault {
        let reason = format!("`{}` is not {expected}", self.value());
        (self.path.clone().join("value"), reason)
    }

    fn is_in(&self, attribute: &str) -> Holds {
        let values = self.values();
        if values.is_empty() {
            return Holds::Never;
        }
        Holds::If(json!({ "attr": attribute, "in": values }))
    }

    /// A number stands in the context as one, or as a text that is one.
    fn number(&self, test: &str) -> Result<Holds, Fault> {
        let number = operand::number(&self.value()).ok_or_else(|| self.unreadable("a number"))?;
        let of = |attribute: String| json!({ "attr": attribute, test: number });
        let tests = [of(attribute(self.name)), of(number_attribute(self.name))];
        Ok(Holds::If(json!({ "any": tests })))
    }

    fn version(&self, comparison: &str) -> Result<Option<Holds>, Fault> {
        let text = self.value();
        // Unleash's engine knows such a version and refuses it.
        if text.starts_with('v') {
            return Ok(None);
        }
        let version = operand::version(&text).ok_or_else(|| self.unreadable("a version"))?;
        let range = format!("{comparison}{version}");
        if vexil_ruleset::Range::parse(&range).is_err() {
            return Err(self.unreadable("a version"));
        }
        Ok(Some(Holds::If(
            json!({ "attr": attribute(self.name), "semver": range }),
        )))
    }
}
