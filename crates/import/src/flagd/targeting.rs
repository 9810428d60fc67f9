//! Targeting, a `JsonLogic` expression that yields the name of a variant, as rules.

use serde_json::{Map, Value, json};
use vexil_ruleset::Path;

use super::operand::{Operand, text_of};
use super::reader::Reader;
use super::truth::Truth;

/// What a targeting expression became.
pub(super) struct Targeting {
    /// In the ruleset language.
    pub(super) rules: Vec<Value>,
    /// What is served where no rule holds: a variant or a split.
    pub(super) default: Value,
}

/// The names that a flag's targeting may yield.
pub(super) struct Variants<'f> {
    /// The ruleset's names, by flagd's.
    pub(super) all: &'f Map<String, Value>,
    /// The ruleset's name of the one served where targeting yields none.
    pub(super) default: &'f str,
    /// The ruleset's name of the one served while the flag is off, and where a split at the default finds no unit.
    pub(super) off: &'f str,
}

impl Variants<'_> {
    /// As the ruleset calls the variant `name`.
    pub(super) fn named(&self, name: &str) -> Option<&str> {
        self.all.get(name).and_then(Value::as_str)
    }
}

impl Reader<'_> {
    /// Reads `if` chains, nested in results as deep as they come, fractions, and expressions that are true or false,
    /// which flagd takes for the variants `true` and `false`.
    pub(super) fn targeting(
        &mut self,
        expression: &Value,
        variants: &Variants<'_>,
        path: &Path,
    ) -> Targeting {
        let mut targeting = Targeting {
            rules: Vec::new(),
            default: variants.default.into(),
        };
        let is_empty = match expression {
            Value::Object(members) => members.is_empty(),
            Value::Array(items) => items.is_empty(),
            Value::String(name) => name.is_empty(),
            Value::Null | Value::Bool(_) | Value::Number(_) => true,
        };
        if !is_empty {
            self.branch(expression, path, &[], variants, &mut targeting);
        }
        targeting
    }

    /// Appends rules for `expression` where every condition of `given` holds. Together they answer every such context:
    /// none falls through to the branches after it.
    pub(super) fn branch(
        &mut self,
        expression: &Value,
        path: &Path,
        given: &[Value],
        variants: &Variants<'_>,
        into: &mut Targeting,
    ) {
        match expression {
            Value::Null => return serve(variants.default, given, into),
            Value::String(_) | Value::Bool(_) | Value::Number(_) => {
                return self.named(&text_of(expression), path, given, variants, into);
            }
            Value::Array(_) | Value::Object(_) => {}
        }
        let Some((operator, operands)) = operation(expression) else {
            return self.instead("this does not name a variant", path, given, variants, into);
        };
        let inside = path.clone().join(operator);
        match operator {
            _ if is_boolean(expression) => {
                self.truth(expression, path, given, variants, into);
            }
            "if" | "?:" => self.chain(operands, &inside, given, variants, into),
            "and" | "or" => self.shortened(operator, operands, &inside, given, variants, into),
            "fractional" => self.fractional(operands, &inside, given, variants, into),
            "var" | "cat" => match Operand::of(expression, self.flag_key) {
                Ok(Operand::Literal(name)) => self.branch(&name, &inside, given, variants, into),
                Ok(Operand::Attribute(attribute)) => {
                    let whole = Operand::Joined {
                        before: String::new(),
                        attribute: attribute.clone(),
                        after: String::new(),
                    };
                    self.name_of(&whole, &attribute.otherwise, &inside, given, variants, into);
                }
                Ok(Operand::Joined {
                    before,
                    attribute,
                    after,
                }) => {
                    let otherwise = format!("{before}{}{after}", text_of(&attribute.otherwise));
                    let joined = Operand::Joined {
                        before,
                        attribute,
                        after,
                    };
                    self.name_of(&joined, &otherwise.into(), &inside, given, variants, into);
                }
                Ok(Operand::Timestamp) => {
                    self.instead("the time names no variant", &inside, given, variants, into);
                }
                Err(reason) => self.instead(&reason, &inside, given, variants, into),
            },
            _ => {
                let reason = format!("no rule serves what `{operator}` yields");
                self.instead(&reason, path, given, variants, into);
            }
        }
    }

    /// `[condition, result, condition, result, …, otherwise]`.
    fn chain(
        &mut self,
        branches: &[Value],
        path: &Path,
        given: &[Value],
        variants: &Variants<'_>,
        into: &mut Targeting,
    ) {
        let step = |index: usize| path.clone().join(&index.to_string());
        for (index, pair) in branches.chunks(2).enumerate() {
            let at = index.saturating_mul(2);
            match pair {
                [condition, result] => {
                    let result_at = step(at.saturating_add(1));
                    match self.and(given, condition, &step(at)) {
                        Given::Never => self.note_dropped(
                            result_at,
                            "what it depends on is false, so this is not in the ruleset",
                        ),
                        Given::Always => {
                            self.branch(result, &result_at, given, variants, into);
                            for rest in at.saturating_add(2)..branches.len() {
                                let reason =
                                    "what comes before it is true, so this is not in the ruleset";
                                self.note_dropped(step(rest), reason);
                            }
                            return;
                        }
                        Given::When(given) => {
                            self.branch(result, &result_at, &given, variants, into);
                        }
                        Given::Unknown => {}
                    }
                }
                [otherwise] => return self.branch(otherwise, &step(at), given, variants, into),
                _ => {}
            }
        }
        serve(variants.default, given, into);
    }

    /// `given` and one condition more.
    pub(super) fn and(&mut self, given: &[Value], condition: &Value, path: &Path) -> Given {
        let notes_before = self.notes.len();
        match self.condition(condition, path) {
            Ok(Truth::Always) => Given::Always,
            Ok(Truth::Never) => Given::Never,
            Ok(Truth::When(condition)) => Given::When([given, &[condition]].concat()),
            Err((at, reason)) => {
                self.notes.truncate(notes_before);
                self.note(at, format!("the rule is left out: {reason}"));
                Given::Unknown
            }
        }
    }

    pub(super) fn named(
        &mut self,
        name: &str,
        path: &Path,
        given: &[Value],
        variants: &Variants<'_>,
        into: &mut Targeting,
    ) {
        if let Some(variant) = variants.named(name) {
            serve(variant, given, into);
        } else {
            let reason = format!("the flag has no variant `{name}`");
            self.instead(&reason, path, given, variants, into);
        }
    }

    pub(super) fn instead(
        &mut self,
        reason: &str,
        path: &Path,
        given: &[Value],
        variants: &Variants<'_>,
        into: &mut Targeting,
    ) {
        self.note(
            path.clone(),
            format!("{reason}: `{}` is served instead", variants.default),
        );
        serve(variants.default, given, into);
    }
}

/// Conditions, after one more was added to them.
pub(super) enum Given {
    /// The one adds nothing.
    Always,
    /// They hold in no context.
    Never,
    When(Vec<Value>),
    /// The one cannot be said.
    Unknown,
}

/// Serves a variant or a split where every condition of `given` holds.
pub(super) fn serve(what: impl Into<Value>, given: &[Value], into: &mut Targeting) {
    let when = match given {
        [] => {
            into.default = what.into();
            return;
        }
        [condition] => condition.clone(),
        conditions => json!({ "all": conditions }),
    };
    into.rules
        .push(json!({ "when": when, "serve": what.into() }));
}

/// The operator and the operands of an operation: `{"!": x}` is short for `{"!": [x]}`.
pub(super) fn operation(expression: &Value) -> Option<(&str, &[Value])> {
    let members = expression
        .as_object()
        .filter(|members| members.len() == 1)?;
    let (operator, operands) = members.iter().next()?;
    let operands = match operands {
        Value::Array(operands) => operands,
        single => std::slice::from_ref(single),
    };
    Some((operator, operands))
}

/// Whether `expression` yields true or false, or null for what it does not expect, and nothing else.
pub(super) fn is_boolean(expression: &Value) -> bool {
    match operation(expression) {
        Some(("and" | "or", operands)) => {
            let is_plain = |operand: &Value| {
                is_boolean(operand)
                    && !matches!(
                        operation(operand),
                        Some(("starts_with" | "ends_with" | "sem_ver", _))
                    )
            };
            !operands.is_empty() && operands.iter().all(is_plain)
        }
        Some((
            "==" | "===" | "!=" | "!==" | "!" | "!!" | "<" | "<=" | ">" | ">=" | "in"
            | "starts_with" | "ends_with" | "sem_ver",
            _,
        )) => true,
        Some(_) | None => false,
    }
}
