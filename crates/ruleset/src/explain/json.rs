//! An explanation as JSON. Keys are those of rulesets, where rulesets have the word.

use serde_json::Value as Json;
use vexil_core::build::{Operand, Part};
use vexil_core::explain::{
    Asked, Explanation, Outcome, Question, Salt, Serving, State, Step, Unit, WhyNot,
};
use vexil_core::{Evaluation, Flag, Shown, Value, Wanted};

use super::words;
use crate::encode::members::{Members, list, number, text};

/// `{ flag, variant, value, reason, rule?, stage?, arm?, missingUnit?, nextChange?, state, steps }`: the answer as
/// everywhere, and what led there.
///
/// Positions and exposures are numbers of 2^32, instants are in ms since 1970. A list that is longer than what is
/// shown of it has a `count`.
#[must_use]
pub fn json(explanation: &Explanation<'_>) -> Json {
    let Explanation {
        flag,
        evaluation,
        state,
        steps: all,
    } = explanation;
    answer(*flag, *evaluation)
        .with("state", state_name(*state))
        .with("steps", steps(*flag, all))
        .into()
}

fn answer(flag: Flag<'_>, evaluation: Evaluation) -> Members {
    let variant = flag.variant(evaluation.variant);
    // A value that a ruleset was compiled to is JSON.
    let value = variant.and_then(|variant| serde_json::from_str::<Json>(variant.value).ok());
    let rule = evaluation.rule.map(|rule| {
        let name = flag.rule_name(rule);
        name.map_or_else(|| rule.to_string(), str::to_owned)
    });
    let chosen = evaluation.chosen_by;
    Members::new()
        .with("flag", flag.key())
        .optional("variant", variant.map(|variant| variant.name))
        .optional("value", value)
        .with("reason", evaluation.reason.name())
        .optional("rule", rule)
        .optional("stage", chosen.map(|chosen| flag.stage(chosen)))
        .optional(
            "arm",
            chosen
                .and_then(|chosen| chosen.arm)
                .map(vexil_core::Arm::name),
        )
        .optional("missingUnit", evaluation.is_missing_unit.then_some(true))
        .optional("nextChange", evaluation.next_change)
}

fn state_name(state: State) -> &'static str {
    match state {
        State::On => "on",
        State::Disabled => "disabled",
        State::Killed => "killed",
    }
}

fn name(flag: Flag<'_>, variant: u32) -> &str {
    flag.variant(variant).map_or("", |variant| variant.name)
}

fn steps(flag: Flag<'_>, steps: &[Step<'_>]) -> Json {
    list(steps.iter().map(|it| step(flag, it)))
}

fn step(flag: Flag<'_>, step: &Step<'_>) -> Json {
    let members = match step.part {
        Part::Requires => Members::new().with("part", "requires"),
        Part::Targets => Members::new().with("part", "targets"),
        Part::Default => Members::new().with("part", "default"),
        Part::Rule(rule) => Members::new()
            .with("part", "rule")
            .with("rule", rule)
            .optional("name", flag.rule_name(rule)),
    };
    let members = members.list("asked", step.asked.iter().map(|it| asked(flag, it)));
    match &step.outcome {
        Outcome::Next => members.into(),
        Outcome::NoUnit(it) => members.with("noUnit", unit(it)).into(),
        Outcome::Serves { variant, how } => {
            serving(members.with("serves", name(flag, *variant)), flag, how).into()
        }
    }
}

fn serving(members: Members, flag: Flag<'_>, how: &Serving<'_>) -> Members {
    match how {
        Serving::Plain => members,
        Serving::Split {
            unit: by,
            position,
            arms,
            rest,
        } => {
            let arms = arms.iter().map(|arm| {
                Members::new()
                    .with("variant", name(flag, arm.variant))
                    .with("end", arm.end)
                    .with("boundary", arm.boundary)
                    .into()
            });
            let split = Members::new()
                .with("unit", unit(by))
                .with("position", *position)
                .with("arms", list(arms))
                .with("rest", name(flag, *rest));
            members.with("split", Json::from(split))
        }
        Serving::Release {
            release,
            unit: by,
            position,
            stage,
            audience,
            exposure,
            arm,
        } => {
            let release = Members::new()
                .with("name", release.name())
                .optional("unit", by.as_ref().map(unit))
                .with("position", *position)
                .optional("stage", *stage)
                .optional("audience", *audience)
                .optional("exposure", *exposure)
                .optional("arm", arm.map(vexil_core::Arm::name));
            members.with("release", Json::from(release))
        }
    }
}

fn unit(unit: &Unit<'_>) -> Json {
    let members = Members::new()
        .with("attr", unit.attribute)
        .optional("found", found(&unit.found));
    match &unit.salt {
        Salt::Key | Salt::Release | Salt::Hashed(_) => members,
        Salt::Vendor(recipe, salt) => members.with("hash", recipe.name()).with("salt", *salt),
    }
    .with(
        "salted",
        match &unit.salt {
            Salt::Key => "key",
            Salt::Release => "release",
            Salt::Hashed(_) => "otherwise",
            Salt::Vendor(..) => "vendor",
        },
    )
    .into()
}

fn asked(flag: Flag<'_>, asked: &Asked<'_>) -> Json {
    let members = Members::new().with("holds", asked.holds);
    match &asked.question {
        Question::Attribute {
            name,
            found: value,
            wanted: operand,
            why_not,
        } => wanted(members.with("attr", *name), operand)
            .optional("found", found(value))
            .optional("why", why_not.map(why)),
        Question::Target {
            found: value,
            variant,
            count,
        } => members
            .with("target", name(flag, *variant))
            .with("count", *count)
            .optional("found", found(value)),
        Question::Segment {
            name,
            asked: within,
        } => members
            .with("segment", *name)
            .list("asked", within.iter().map(|it| self::asked(flag, it))),
        Question::Flag {
            flag,
            wanted,
            state,
            steps: within,
        } => members
            .with("flag", flag.key())
            .with(
                "variant",
                list(wanted.iter().map(|it| text(name(*flag, *it)))),
            )
            .with("state", state_name(*state))
            .with("steps", steps(*flag, within)),
        Question::Time {
            from,
            until,
            changes_at,
        } => {
            let time = Members::new()
                .optional("from", *from)
                .optional("until", *until);
            members
                .with("time", Json::from(time))
                .optional("changesAt", *changes_at)
        }
        Question::Stage {
            release,
            wanted,
            found,
        } => members
            .with("release", release.name())
            .optional("wanted", release.stage_name(*wanted))
            .optional("stage", found.and_then(|stage| release.stage_name(stage))),
    }
    .into()
}

fn wanted(members: Members, wanted: &Wanted<'_>) -> Members {
    match wanted {
        Wanted::Exists => members.with("exists", true),
        Wanted::OneOf(operands) => some(members, "in", operands, operand),
        Wanted::StartsWith(texts) => some(members, "startsWith", texts, |it| text(it)),
        Wanted::EndsWith(texts) => some(members, "endsWith", texts, |it| text(it)),
        Wanted::Contains(texts) => some(members, "contains", texts, |it| text(it)),
        Wanted::Less(bound) => members.with("lt", number(*bound)),
        Wanted::LessOrEqual(bound) => members.with("lte", number(*bound)),
        Wanted::Greater(bound) => members.with("gt", number(*bound)),
        Wanted::GreaterOrEqual(bound) => members.with("gte", number(*bound)),
        Wanted::Semver(alternatives) => members.with("semver", words::range(alternatives)),
        Wanted::Before(instant) => members.with("before", *instant),
        Wanted::After(instant) => members.with("after", *instant),
        Wanted::Cidr(networks) => some(members, "cidr", networks, |it| text(words::network(it))),
        Wanted::Matches(source) => members.with("pattern", *source),
    }
}

fn some<T>(members: Members, key: &str, shown: &Shown<T>, json: impl Fn(&T) -> Json) -> Members {
    let count = (shown.count > shown.some.len()).then_some(shown.count);
    members
        .with(key, list(shown.some.iter().map(json)))
        .optional("count", count)
}

fn operand(operand: &Operand<'_>) -> Json {
    match operand {
        Operand::Text(it) => text(it),
        Operand::Number(it) => number(*it),
        Operand::Bool(it) => Json::from(*it),
    }
}

/// What the context has; `None` where that is nothing. What a list or an object holds is not told.
fn found(value: &Value<'_>) -> Option<Json> {
    Some(match value {
        Value::Missing => return None,
        Value::Null => Json::Null,
        Value::Bool(it) => Json::from(*it),
        Value::Number(it) => number(*it),
        Value::Text(it) => text(it),
        Value::List(items) => list(items.iter().map(|it| found(it).unwrap_or_default())),
        Value::Object => Json::Object(serde_json::Map::new()),
    })
}

fn why(why_not: WhyNot) -> &'static str {
    match why_not {
        WhyNot::Missing => "missing",
        WhyNot::Null => "null",
        WhyNot::Empty => "empty",
        WhyNot::Type => "type",
        WhyNot::Unreadable => "unreadable",
        WhyNot::Different => "different",
    }
}
