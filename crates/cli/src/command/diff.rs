//! `vexil diff`

use std::collections::BTreeMap;
use std::io::Write;
use std::path::Path;

use serde_json::{Map, Value};
use vexil_ofrep::resolve;
use vexil_ruleset::diff::{Contexts, Text, What, diff, json, moves};

use crate::arguments::Diff;
use crate::context::object;
use crate::failure::Failure;
use crate::file;
use crate::time::Instant;

/// How many units are asked for unless the command line says.
const UNITS: usize = 10_000;
/// The same contexts in every run.
const SEED: u64 = 0;

pub(crate) fn run(arguments: &Diff, out: &mut impl Write) -> Result<(), Failure> {
    let (_, old) = file::program(&arguments.old)?;
    let (_, new) = file::program(&arguments.new)?;
    let differences = diff(&old, &new);
    let can_differ: Vec<&str> = differences
        .iter()
        .filter(|it| {
            matches!(
                it.what,
                What::Changed {
                    can_differ: true,
                    ..
                }
            )
        })
        .map(|it| it.key)
        .collect();
    let by_chance = Contexts::of(&[&old, &new], SEED);
    let contexts: Vec<Map<String, Value>> = match &arguments.contexts {
        None => by_chance.take(arguments.units.unwrap_or(UNITS)).collect(),
        Some(path) => given(path, arguments.units, by_chance)?,
    };
    let now = arguments.at.unwrap_or_else(Instant::now).0;
    let moves: BTreeMap<&str, _> = moves(&old, &new, &can_differ, contexts, resolve, now);
    if arguments.json {
        writeln!(out, "{}", json(&differences, &moves))?;
    } else {
        let is_as_given = arguments.contexts.is_some() && arguments.units.is_none();
        let text = Text {
            differences: &differences,
            moves: &moves,
            counted: if is_as_given { "contexts" } else { "units" },
        };
        write!(out, "{text}")?;
    }
    let count = differences.iter().filter(|it| it.what.can_differ()).count();
    match count {
        0 => Ok(()),
        1 => Err(Failure::No("1 flag can answer differently".to_owned())),
        _ => Err(Failure::No(format!("{count} flags can answer differently"))),
    }
}

/// The contexts of a file: as they are, or in turn for so many units.
fn given(
    path: &Path,
    units: Option<usize>,
    mut by_chance: Contexts,
) -> Result<Vec<Map<String, Value>>, Failure> {
    let text = file::read(path)?;
    let lines = text
        .lines()
        .zip(1..)
        .filter(|(line, _)| !line.trim().is_empty());
    let contexts: Vec<Map<String, Value>> = lines
        .map(|(line, number)| {
            object(line).map_err(|error| {
                let path = path.display();
                Failure::No(format!("{path}:{number}: {error}"))
            })
        })
        .collect::<Result<_, _>>()?;
    let Some(units) = units else {
        return Ok(contexts);
    };
    let contexts = contexts.into_iter().cycle().take(units);
    let contexts = contexts.map(|mut context| {
        context.insert("targetingKey".to_owned(), by_chance.unit().into());
        context
    });
    Ok(contexts.collect())
}
