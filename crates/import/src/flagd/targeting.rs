//! Targeting, a `JsonLogic` expression that yields the name of a variant, as rules.

use serde_json::{Map, Value, json};
use vexil_ruleset::Path;

use super::Import;

/// What a targeting expression became.
pub(super) struct Targeting {
    /// In the ruleset language.
    pub(super) rules: Vec<Value>,
    /// The variant served where no rule holds.
    pub(super) default: String,
}

/// The names that a flag's targeting may yield.
struct Variants<'f> {
    all: &'f Map<String, Value>,
    default: &'f str,
}

impl Import<'_> {
    /// Reads `if` chains, nested in results as deep as they come, and expressions that are true or
    /// false, which flagd takes for the variants `true` and `false`.
    pub(super) fn targeting(
        &mut self,
        expression: &Value,
        all: &Map<String, Value>,
        default: &str,
        path: &Path,
    ) -> Targeting {
        let mut targeting = Targeting {
            rules: Vec::new(),
            default: default.to_owned(),
        };
        // An empty object is flagd's way to say that there is no targeting.
        if expression
            .as_object()
            .is_none_or(|members| !members.is_empty())
        {
            let variants = Variants { all, default };
            self.branch(expression, path, &[], &variants, &mut targeting);
        }
        targeting
    }

    /// Appends rules for `expression` where every condition of `given` holds. Together they answer
    /// every such context: none falls through to the branches after it.
    fn branch(
        &mut self,
        expression: &Value,
        path: &Path,
        given: &[Value],
        variants: &Variants<'_>,
        into: &mut Targeting,
    ) {
        match expression {
            Value::Null => serve(variants.default, given, into),
            Value::String(name) => self.named(name, path, given, variants, into),
            Value::Bool(truth) => self.named(&truth.to_string(), path, given, variants, into),
            _ if is_boolean(expression) => {
                if let Some(given_and) = self.and(given, expression, path) {
                    self.named("true", path, &given_and, variants, into);
                }
                self.named("false", path, given, variants, into);
            }
            _ => match operation(expression) {
                Some((operator @ ("if" | "?:"), branches)) => {
                    self.chain(
                        branches,
                        &path.clone().join(operator),
                        given,
                        variants,
                        into,
                    );
                }
                Some((operator, _)) => {
                    let reason = format!("no rule serves what `{operator}` yields");
                    self.instead(&reason, path, given, variants, into);
                }
                None => self.instead("this does not name a variant", path, given, variants, into),
            },
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
                    if let Some(given_and) = self.and(given, condition, &step(at)) {
                        let result_at = step(at.saturating_add(1));
                        self.branch(result, &result_at, &given_and, variants, into);
                    }
                }
                [otherwise] => return self.branch(otherwise, &step(at), given, variants, into),
                _ => {}
            }
        }
        serve(variants.default, given, into);
    }

    /// `given` and one condition more; `None`, and a note, where it cannot be said.
    fn and(&mut self, given: &[Value], condition: &Value, path: &Path) -> Option<Vec<Value>> {
        let notes_before = self.notes.len();
        match self.condition(condition, path) {
            Ok(condition) => Some([given, &[condition]].concat()),
            Err((at, reason)) => {
                self.notes.truncate(notes_before);
                self.note(at, format!("the rule is left out: {reason}"));
                None
            }
        }
    }

    fn named(
        &mut self,
        name: &str,
        path: &Path,
        given: &[Value],
        variants: &Variants<'_>,
        into: &mut Targeting,
    ) {
        if variants.all.contains_key(name) {
            serve(name, given, into);
        } else {
            self.instead(
                &format!("the flag has no variant `{name}`"),
                path,
                given,
                variants,
                into,
            );
        }
    }

    fn instead(
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

fn serve(variant: &str, given: &[Value], into: &mut Targeting) {
    let when = match given {
        [] => {
            variant.clone_into(&mut into.default);
            return;
        }
        [condition] => condition.clone(),
        conditions => json!({ "all": conditions }),
    };
    into.rules.push(json!({ "when": when, "serve": variant }));
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

/// Whether `expression` yields true or false and nothing else.
fn is_boolean(expression: &Value) -> bool {
    match operation(expression) {
        Some(("and" | "or", operands)) => operands.iter().all(is_boolean),
        Some((
            "==" | "===" | "!=" | "!==" | "!" | "!!" | "<" | "<=" | ">" | ">=" | "in"
            | "starts_with" | "ends_with" | "sem_ver",
            _,
        )) => true,
        Some(_) | None => false,
    }
}
