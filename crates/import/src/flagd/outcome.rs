//! What else than the name of a variant can choose one: what is true or false, `and` and `or`, and attributes.

use serde_json::{Value, json};
use vexil_ruleset::Path;

use super::operand::{Attribute, Operand};
use super::reader::Reader;
use super::targeting::{Given, Targeting, Variants, is_boolean, operation, serve};
use super::truth::Truth;
use super::version;

impl Reader<'_> {
    /// An expression that is true or false, or null where it compares what it does not expect.
    pub(super) fn truth(
        &mut self,
        expression: &Value,
        path: &Path,
        given: &[Value],
        variants: &Variants<'_>,
        into: &mut Targeting,
    ) {
        match self.and(given, expression, path) {
            Given::Always => return self.named("true", path, given, variants, into),
            Given::When(given) => self.named("true", path, &given, variants, into),
            Given::Never | Given::Unknown => {}
        }
        match self.expected(expression) {
            None | Some(Truth::Always) => self.named("false", path, given, variants, into),
            Some(Truth::When(expected)) => {
                let given_and = [given, &[expected]].concat();
                self.named("false", path, &given_and, variants, into);
                serve(variants.default, given, into);
            }
            Some(Truth::Never) => serve(variants.default, given, into),
        }
    }

    /// For what an expression yields null unless it holds; `None` where it never does.
    fn expected(&self, expression: &Value) -> Option<Truth> {
        let (operator, operands) = operation(expression)?;
        let first = operands.first().unwrap_or(&Value::Null);
        let operand = Operand::of(first, self.flag_key);
        match (operator, operand) {
            ("starts_with" | "ends_with", Ok(Operand::Attribute(attribute))) => {
                let is_literal = operands.get(1).is_some_and(Value::is_string);
                Some(if operands.len() == 2 && is_literal {
                    let is_missing_text = attribute.otherwise.is_string();
                    let missing = is_missing_text.then(|| attribute.exists(false));
                    Truth::or(
                        [Some(attribute.is_text()), missing]
                            .into_iter()
                            .flatten()
                            .collect(),
                    )
                } else {
                    Truth::Never
                })
            }
            ("sem_ver", Ok(Operand::Attribute(attribute))) => {
                let comparison = operands.get(1).and_then(Value::as_str).unwrap_or_default();
                let bound = operands.get(2).unwrap_or(&Value::Null);
                let is_sound = operands.len() == 3 && version::range(comparison, bound).is_some();
                Some(if is_sound {
                    attribute.is_version()
                } else {
                    Truth::Never
                })
            }
            ("starts_with" | "ends_with" | "sem_ver", _) => Some(Truth::Never),
            _ => None,
        }
    }

    /// `and` and `or` of variants: the first operand that is false, or true, and else the last.
    pub(super) fn shortened(
        &mut self,
        operator: &str,
        operands: &[Value],
        path: &Path,
        given: &[Value],
        variants: &Variants<'_>,
        into: &mut Targeting,
    ) {
        let step = |index: usize| path.clone().join(&index.to_string());
        let Some((last, before)) = operands.split_last() else {
            return serve(variants.default, given, into);
        };
        for (index, operand) in before.iter().enumerate() {
            let decisive = match operator {
                "or" => operand.clone(),
                _ => json!({ "!": [operand] }),
            };
            match self.and(given, &decisive, &step(index)) {
                Given::Always => {
                    return self.branch(operand, &step(index), given, variants, into);
                }
                Given::When(given) if operator == "or" && is_boolean(operand) => {
                    self.named("true", &step(index), &given, variants, into);
                }
                Given::When(given) => self.branch(operand, &step(index), &given, variants, into),
                Given::Never | Given::Unknown => {}
            }
        }
        self.branch(last, &step(before.len()), given, variants, into);
    }

    /// The variant whose name an attribute has, with texts around it.
    pub(super) fn name_of(
        &mut self,
        joined: &Operand,
        otherwise: &Value,
        path: &Path,
        given: &[Value],
        variants: &Variants<'_>,
        into: &mut Targeting,
    ) {
        let Operand::Joined {
            before,
            attribute,
            after,
        } = joined
        else {
            return;
        };
        let attribute = Attribute {
            name: attribute.name.clone(),
            otherwise: Value::Null,
        };
        for name in variants.all.keys() {
            let middle = name
                .strip_prefix(before)
                .and_then(|it| it.strip_suffix(after));
            // Without being there the attribute is read last, as no text is.
            if let Some(middle) = middle.filter(|it| !it.is_empty())
                && let Truth::When(condition) = attribute.reads(middle)
            {
                self.named(name, path, &[given, &[condition]].concat(), variants, into);
            }
        }
        self.note(
            path.clone(),
            format!(
                "where this names no variant, `{}` is served; flagd leaves the answer to the caller",
                variants.default
            ),
        );
        if let Truth::When(there) = attribute.exists(true) {
            serve(variants.default, &[given, &[there]].concat(), into);
        }
        self.branch(otherwise, path, given, variants, into);
    }
}
