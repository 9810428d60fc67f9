//! `fractional`, as splits.
//!
//! flagd places a unit by `MurmurHash3` of a text: of the flag's key and the `targetingKey`, or of what its first
//! argument says. Until version 0.14 the hash was a signed number whose size counted (`flagd-murmur3-v1`); since 0.15,
//! and `@openfeature/flagd-core` 4, it is the number itself (`flagd-murmur3-v2`). A file does not say which it is for.

use serde_json::{Value, json};
use vexil_ruleset::limits::RULES;
use vexil_ruleset::{Path, Recipe};

use super::operand::{Attribute, Operand, text_of};
use super::reader::Reader;
use super::shares::{Arm, WEIGHTS, flatten, placed};
use super::targeting::{Given, Targeting, Variants, is_boolean, operation, serve};
use super::truth::Truth;

/// Which flagd placed units.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Fractional {
    /// Up to flagd 0.14.
    V1,
    /// Since flagd 0.15.
    #[default]
    V2,
}

impl Fractional {
    fn recipe(self) -> Recipe {
        match self {
            Fractional::V1 => Recipe::FlagdMurmur3V1,
            Fractional::V2 => Recipe::FlagdMurmur3V2,
        }
    }
}

/// What is placed.
#[derive(Clone, Debug, PartialEq)]
enum Unit {
    /// The same text in every context.
    Literal(String),
    /// The `targetingKey`, after the flag's key.
    TargetingKey,
    /// An attribute as it is, which must be a text.
    Text(Attribute),
    /// An attribute written after a text.
    After(String, Attribute),
}

/// Who gets which variant.
struct Shares {
    unit: Unit,
    arms: Vec<Arm>,
}

/// Why there are no shares.
enum Fault {
    /// flagd would say the same, and serve the default.
    Refused(String),
    /// The ruleset language cannot say it.
    Unsaid(String),
}

impl Reader<'_> {
    /// Appends rules for `{"fractional": operands}`; see [`Reader::branch`].
    pub(super) fn fractional(
        &mut self,
        operands: &[Value],
        path: &Path,
        given: &[Value],
        variants: &Variants<'_>,
        into: &mut Targeting,
    ) {
        let whole = Value::from(operands);
        if let Some((at, choice)) = first_choice(&whole, &Path::default()) {
            return self.hoist(&whole, (&at, choice), path, given, variants, into);
        }
        match self.shares(operands) {
            Ok(shares) => self.serve_shares(&shares, path, given, variants, into),
            Err(Fault::Refused(reason)) => {
                self.note_dropped(
                    path.clone(),
                    format!("{reason}, so flagd serves the default variant, as this does"),
                );
                serve(variants.default, given, into);
            }
            Err(Fault::Unsaid(reason)) => self.instead(&reason, path, given, variants, into),
        }
    }

    /// A choice within a fraction, as a choice between fractions: each context comes to one of them.
    fn hoist(
        &mut self,
        whole: &Value,
        (at, choice): (&Path, &Value),
        path: &Path,
        given: &[Value],
        variants: &Variants<'_>,
        into: &mut Targeting,
    ) {
        let truths = [choice.clone(), true.into(), false.into()];
        let (branches, is_if) = match operation(choice) {
            Some(("if" | "?:", branches)) => (branches, true),
            _ => (truths.as_slice(), false),
        };
        let within = |at: &Path| {
            let steps = at.as_str().split('/').skip(1);
            steps.fold(path.clone(), |path, step| {
                path.join(&step.replace("~1", "/").replace("~0", "~"))
            })
        };
        let condition_at = |index: usize| match operation(choice) {
            Some((operator, _)) if is_if => within(at)
                .join(operator)
                .join(&index.saturating_mul(2).to_string()),
            _ => within(at),
        };
        let with = |result: &Value| {
            let mut whole = whole.clone();
            *whole.pointer_mut(at.as_str())? = result.clone();
            whole.as_array().cloned()
        };
        let otherwise = [Value::Null];
        let ends = branches
            .len()
            .is_multiple_of(2)
            .then_some(otherwise.as_slice());
        for (index, pair) in branches.chunks(2).chain(ends).enumerate() {
            let (Some(result), rest) = (pair.last(), into.rules.len()) else {
                continue;
            };
            let Some(operands) = with(result).filter(|_| rest <= RULES) else {
                return self.instead("the fraction is too intricate", path, given, variants, into);
            };
            let [condition, _] = pair else {
                return self.fractional(&operands, path, given, variants, into);
            };
            match self.and(given, condition, &condition_at(index)) {
                Given::Always => return self.fractional(&operands, path, given, variants, into),
                Given::When(given) => self.fractional(&operands, path, &given, variants, into),
                Given::Never | Given::Unknown => {}
            }
        }
    }

    fn shares(&self, operands: &[Value]) -> Result<Shares, Fault> {
        let refused = |reason: &str| Fault::Refused(reason.to_owned());
        let (first, rest) = operands
            .split_first()
            .ok_or_else(|| refused("there are no shares"))?;
        let (unit, entries) = match first {
            Value::Array(_) => (Unit::TargetingKey, operands),
            Value::Object(_) => (self.unit(first)?, rest),
            Value::String(text) => (Unit::Literal(text.clone()), rest),
            Value::Null | Value::Bool(_) | Value::Number(_) => {
                return Err(Fault::Refused(format!("`{first}` is no share")));
            }
        };
        let mut arms: Vec<(Vec<Arm>, u128)> = Vec::new();
        for entry in entries {
            let Value::Array(entry) = entry else {
                return Err(Fault::Refused(format!("`{entry}` is no share")));
            };
            let (variant, weight) = match entry.as_slice() {
                [variant] => (variant, 1),
                [variant, weight] => (variant, self.weight(weight)?),
                _ => return Err(refused("a share is a variant and a weight")),
            };
            let within = match operation(variant) {
                Some(("fractional", inner)) => {
                    let inner = self.shares(inner)?;
                    if inner.unit != unit {
                        let reason = "no split divides a share by another unit";
                        return Err(Fault::Unsaid(reason.to_owned()));
                    }
                    inner.arms
                }
                _ => vec![(self.variant(variant)?, 1)],
            };
            arms.push((within, weight));
        }
        let total: u128 = arms.iter().map(|(_, weight)| weight).sum();
        if total == 0 {
            return Err(refused("all weights are 0"));
        }
        if total > WEIGHTS {
            return Err(refused("the weights are above 2^31 - 1 together"));
        }
        let arms = flatten(&arms).ok_or_else(|| {
            Fault::Unsaid("the shares within shares have no whole weights".to_owned())
        })?;
        Ok(Shares { unit, arms })
    }

    fn unit(&self, expression: &Value) -> Result<Unit, Fault> {
        match Operand::of(expression, self.flag_key).map_err(Fault::Unsaid)? {
            Operand::Literal(Value::String(text)) => Ok(Unit::Literal(text)),
            Operand::Literal(other) => Err(Fault::Refused(format!("`{other}` is no share"))),
            Operand::Attribute(attribute) => Ok(Unit::Text(attribute)),
            Operand::Joined {
                before,
                attribute,
                after,
            } if after.is_empty() => Ok(Unit::After(before, attribute)),
            Operand::Joined { .. } => Err(Fault::Unsaid(
                "no split places a unit with something after it".to_owned(),
            )),
            Operand::Timestamp => Err(Fault::Unsaid("no split places the time".to_owned())),
        }
    }

    fn weight(&self, weight: &Value) -> Result<u128, Fault> {
        let weight_of = Operand::of(weight, self.flag_key).map_err(Fault::Unsaid)?;
        let Operand::Literal(literal) = weight_of else {
            return Err(Fault::Unsaid(
                "no split has weights of a context".to_owned(),
            ));
        };
        let number = literal.as_f64().filter(|number| number.fract() == 0.0);
        let number =
            number.ok_or_else(|| Fault::Refused(format!("`{weight}` is no whole weight")))?;
        // A rollout that is computed may come to less than nothing.
        Ok(number.max(0.0) as u128)
    }

    fn variant(&self, variant: &Value) -> Result<Option<String>, Fault> {
        match Operand::of(variant, self.flag_key).map_err(Fault::Unsaid)? {
            Operand::Literal(Value::Null) => Ok(None),
            Operand::Literal(literal @ (Value::Array(_) | Value::Object(_))) => {
                Err(Fault::Refused(format!("`{literal}` names no variant")))
            }
            Operand::Literal(literal) => Ok(Some(text_of(&literal))),
            _ => Err(Fault::Unsaid(
                "no split serves the variant that an attribute names".to_owned(),
            )),
        }
    }

    fn serve_shares(
        &mut self,
        shares: &Shares,
        path: &Path,
        given: &[Value],
        variants: &Variants<'_>,
        into: &mut Targeting,
    ) {
        let mut arms = Vec::new();
        for (name, weight) in &shares.arms {
            let variant = name.as_deref().and_then(|name| variants.named(name));
            if let (Some(name), None) = (name, variant) {
                self.note(
                    path.clone(),
                    format!(
                        "the flag has no variant `{name}`: `{}` is served to its share instead",
                        variants.default
                    ),
                );
            }
            arms.push((variant.unwrap_or(variants.default), *weight));
        }
        let placed = |salt: &str, unit: &str| {
            let position = self.fractional.recipe().place(1, salt, unit);
            placed(&arms, position.get()).unwrap_or(variants.default)
        };
        // What comes to those without the attribute, and to those with an empty one.
        let (salt, attribute, missing, empty) = match &shares.unit {
            Unit::Literal(text) => return serve(placed(text, ""), given, into),
            Unit::TargetingKey => (self.flag_key, None, variants.default, None),
            Unit::Text(attribute) => {
                let missing = match &attribute.otherwise {
                    Value::String(text) => placed(text, ""),
                    _ => variants.default,
                };
                ("", Some(attribute), missing, Some(placed("", "")))
            }
            Unit::After(before, attribute) => {
                let missing = placed(before, &text_of(&attribute.otherwise));
                (
                    before.as_str(),
                    Some(attribute),
                    missing,
                    Some(placed(before, "")),
                )
            }
        };
        let split: Vec<Value> = arms
            .iter()
            .map(|(name, weight)| json!([name, *weight as u64]))
            .collect();
        let mut split = json!({ "split": split, "hash": self.fractional.recipe().name() });
        if let Some(members) = split.as_object_mut() {
            if salt != self.key {
                members.insert("salt".to_owned(), salt.into());
            }
            if let Some(attribute) = attribute.filter(|it| it.name != "targetingKey") {
                members.insert("by".to_owned(), attribute.name.clone().into());
            }
        }
        self.note_units(&shares.unit, path);
        let rule = |condition: Truth, what: Value, into: &mut Targeting| {
            if let Truth::When(condition) = condition {
                serve(what, &[given, &[condition]].concat(), into);
            }
        };
        if let (Some(attribute), Some(empty)) = (attribute, empty.filter(|it| *it != missing)) {
            let attribute = Attribute {
                otherwise: Value::Null,
                ..attribute.clone()
            };
            rule(attribute.is(&"".into()), empty.into(), into);
        }
        match attribute {
            // At the default, who has no unit gets the off variant, which is this one.
            _ if given.is_empty() && missing == variants.off => serve(split, given, into),
            _ if given.is_empty() => {
                let unit = Attribute {
                    name: "targetingKey".to_owned(),
                    otherwise: Value::Null,
                };
                rule(attribute.unwrap_or(&unit).exists(true), split, into);
                serve(missing, given, into);
            }
            _ => {
                serve(split, given, into);
                serve(missing, given, into);
            }
        }
    }

    fn note_units(&mut self, unit: &Unit, path: &Path) {
        match unit {
            Unit::Literal(_) | Unit::TargetingKey => {}
            Unit::Text(attribute) => {
                let name = &attribute.name;
                self.note(
                    path.clone(),
                    format!(
                        "a number in `{name}` is placed by its digits, which flagd does not place; without `{name}`, flagd \
                         itself places the targetingKey, and its JavaScript evaluator serves the default variant, as this \
                         does"
                    ),
                );
            }
            Unit::After(_, attribute) => {
                let name = &attribute.name;
                self.note(
                    path.clone(),
                    format!(
                        "a `{name}` that is neither text nor a whole number counts as missing, and missing is placed as an \
                         empty text; flagd's JavaScript evaluator writes both out"
                    ),
                );
            }
        }
    }
}

/// The first `if`, or what is true or false, within the operands of a fraction, and where it is.
fn first_choice<'v>(value: &'v Value, at: &Path) -> Option<(Path, &'v Value)> {
    let within = |(index, item): (usize, &'v Value)| {
        first_choice(item, &at.clone().join(&index.to_string()))
    };
    match (value, operation(value)) {
        (Value::Array(items), _) => items.iter().enumerate().find_map(within),
        (_, Some(("if" | "?:", _))) => Some((at.clone(), value)),
        (_, Some((operator @ "fractional", inner))) => {
            let at = at.clone().join(operator);
            let within = |(index, item): (usize, &'v Value)| {
                first_choice(item, &at.clone().join(&index.to_string()))
            };
            inner.iter().enumerate().find_map(within)
        }
        _ if is_boolean(value) => Some((at.clone(), value)),
        _ => None,
    }
}
