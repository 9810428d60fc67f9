//! `vexil eval`

use std::io::Write;

use clap::Args;
use serde_json::{Map, Value};
use vexil_core::{Evaluation, Flag, Live, ask, evaluate};
use vexil_ofrep::resolve;

use crate::arguments::RulesetFile;
use crate::command::unknown;
use crate::config::Config;
use crate::context::ContextArguments;
use crate::failure::Failure;
use crate::file;
use crate::table;
use crate::time::Instant;

/// Prints what flags come to in a context
///
/// For example:
///   vexil eval flags.json --set targetingKey=user-1 --set country=DE --set /app/version=2.1.0
///   vexil eval --flag checkout --context @context.json --json
#[derive(Debug, Args)]
#[command(verbatim_doc_comment)]
pub(crate) struct Eval {
    #[command(flatten)]
    ruleset: RulesetFile,
    #[command(flatten)]
    context: ContextArguments,
    /// One flag instead of all; can be repeated
    #[arg(long, short, value_name = "KEY")]
    flag: Vec<String>,
    /// The time to evaluate at: RFC 3339, or milliseconds since 1970 [default: now]
    #[arg(long, value_name = "TIME")]
    at: Option<Instant>,
    /// Prints one JSON object instead of a table: {KEY: {"value", "variant", "reason", "rule", "missingUnit"}}
    #[arg(long)]
    json: bool,
}

pub(crate) fn run(arguments: &Eval, config: &Config, out: &mut impl Write) -> Result<(), Failure> {
    let path = arguments.ruleset.path(config)?;
    let (_, program) = file::program(&path)?;
    let given = arguments.context.read(&path)?;
    let context = resolve(&program, &given);
    let now = arguments.at.unwrap_or_else(Instant::now);
    let mut flags: Vec<Flag<'_>> = match arguments.flag.as_slice() {
        [] => program.flags().collect(),
        keys => {
            let named = |key: &String| {
                ask(&program, key, None)
                    .map_err(|_| unknown("flag", key, program.flags().map(|it| it.key())))
            };
            keys.iter().map(named).collect::<Result<_, _>>()?
        }
    };
    flags.sort_unstable_by_key(Flag::key);
    flags.dedup_by_key(|flag| flag.key());
    let answers = flags.into_iter().map(|flag| {
        (
            flag,
            evaluate(&program, &Live::default(), flag, &context, now.0),
        )
    });
    if arguments.json {
        let answers: Map<_, _> = answers
            .map(|(flag, answer)| (flag.key().to_owned(), to_json(flag, answer)))
            .collect();
        return Ok(writeln!(out, "{}", Value::from(answers))?);
    }
    let rows: Vec<_> = answers
        .map(|(flag, answer)| {
            let mut row = to_row(flag, answer);
            if let ([_, _, _, reason, _], true) = (&mut row, answer.is_missing_unit) {
                reason.push_str(", no unit");
            }
            row
        })
        .collect();
    Ok(table::write(
        out,
        ["flag", "value", "variant", "reason", "rule"],
        &rows,
    )?)
}

fn to_json(flag: Flag<'_>, answer: Evaluation) -> Value {
    let [_, _, variant, reason, rule] = to_row(flag, answer);
    let mut members = Map::from_iter([
        ("value".to_owned(), value(flag, answer)),
        ("variant".to_owned(), variant.into()),
        ("reason".to_owned(), reason.into()),
    ]);
    if answer.rule.is_some() {
        members.insert("rule".to_owned(), rule.into());
    }
    if answer.is_missing_unit {
        members.insert("missingUnit".to_owned(), true.into());
    }
    Value::from(members)
}

fn to_row(flag: Flag<'_>, answer: Evaluation) -> [String; 5] {
    let variant = flag.variant(answer.variant);
    let rule = answer.rule.map(|rule| {
        flag.rule_name(rule)
            .map_or_else(|| rule.to_string(), ToOwned::to_owned)
    });
    [
        flag.key().to_owned(),
        value(flag, answer).to_string(),
        variant
            .map(|variant| variant.name.to_owned())
            .unwrap_or_default(),
        answer.reason.name().to_owned(),
        rule.unwrap_or_default(),
    ]
}

fn value(flag: Flag<'_>, answer: Evaluation) -> Value {
    let variant = flag.variant(answer.variant);
    variant
        .and_then(|variant| serde_json::from_str(variant.value).ok())
        .unwrap_or_default()
}
