//! A difference as text that a person reads: lines that begin with the key of a flag.

use std::collections::BTreeMap;
use std::fmt;

use vexil_core::Expose;
use vexil_core::form::NameKind;

use super::{By, Change, Difference, Group, Groups, Move, Moves, Name, Rule, What};
use crate::explain::{grouped, quoted};

/// Writes differences, and what became of flags in a sample, as lines.
#[derive(Clone, Copy, Debug)]
pub struct Text<'d, 'p> {
    /// What is different.
    pub differences: &'d [Difference<'p>],
    /// What became of the flags that can differ, by key.
    pub moves: &'d BTreeMap<&'p str, Moves>,
    /// What was counted: `units`, `contexts`.
    pub counted: &'d str,
}

impl fmt::Display for Text<'_, '_> {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        for Difference { key, what } in self.differences {
            match what {
                What::Added => writeln!(formatter, "{key}: added")?,
                What::Removed => writeln!(formatter, "{key}: removed")?,
                What::Changed {
                    can_differ,
                    changes,
                } => {
                    for change in changes {
                        writeln!(formatter, "{key}: {change}")?;
                    }
                    if !can_differ {
                        writeln!(formatter, "{key}: answers as before")?;
                    }
                }
            }
            if let Some(moves) = self.moves.get(key) {
                self.moves(formatter, key, moves)?;
            }
        }
        Ok(())
    }
}

impl Text<'_, '_> {
    fn moves(&self, formatter: &mut fmt::Formatter<'_>, key: &str, moves: &Moves) -> fmt::Result {
        let counted = self.counted;
        let of = |count: usize| {
            let (count, asked) = (count as u64, moves.asked as u64);
            let share = percent(count, asked);
            (share, format!("({} of {})", grouped(count), grouped(asked)))
        };
        for it in &moves.moves {
            let (share, count) = of(it.count);
            if it.from == it.to {
                let to = &it.to;
                writeln!(
                    formatter,
                    "{key}: changes the value of {to} for {share} of {counted} {count}"
                )?;
            } else {
                let (from, to) = (&it.from, &it.to);
                writeln!(
                    formatter,
                    "{key}: moves {share} of {counted} from {from} to {to} {count}"
                )?;
            }
            let example = serde_json::Value::Object(it.example.clone());
            writeln!(formatter, "  for example {example}")?;
            for groups in &moves.groups {
                write_groups(formatter, groups, it)?;
            }
        }
        if moves.otherwise > 0 {
            let (share, count) = of(moves.otherwise);
            writeln!(
                formatter,
                "{key}: keeps its variant, for another reason, for {share} of {counted} {count}"
            )?;
        }
        if moves.moves.is_empty() && moves.otherwise == 0 {
            let asked = grouped(moves.asked as u64);
            writeln!(
                formatter,
                "{key}: can answer differently, but moves none of {asked} {counted}"
            )?;
        }
        Ok(())
    }
}

/// A line for each group: how many of it move that way.
fn write_groups(formatter: &mut fmt::Formatter<'_>, groups: &Groups, way: &Move) -> fmt::Result {
    match &groups.by {
        By::Segment => writeln!(formatter, "  by segment:")?,
        By::Attribute(name) => writeln!(formatter, "  by {name}:")?,
    }
    let way = (way.from.clone(), way.to.clone());
    let rows: Vec<[String; 3]> = groups
        .groups
        .iter()
        .map(|Group { name, count }| {
            let name = match (name, &groups.by) {
                (Name::Of(name), _) => name.clone(),
                (Name::None, By::Segment) => "(in none)".to_owned(),
                (Name::None, By::Attribute(_)) => "(has none)".to_owned(),
                (Name::Other, _) => "(others)".to_owned(),
            };
            let moved = count.moves.get(&way).copied().unwrap_or_default();
            let (moved, asked) = (moved as u64, count.asked as u64);
            let of = format!("({} of {})", grouped(moved), grouped(asked));
            [name, percent(moved, asked), of]
        })
        .collect();
    let width = |column: &dyn Fn(&[String; 3]) -> &String| {
        let widths = rows.iter().map(|row| column(row).chars().count());
        widths.max().unwrap_or_default()
    };
    let (names, shares) = (width(&|[name, ..]| name), width(&|[_, share, _]| share));
    for [name, share, of] in &rows {
        writeln!(formatter, "    {name:names$}  {share:>shares$} {of}")?;
    }
    Ok(())
}

impl fmt::Display for Change<'_> {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Change::Type => formatter.write_str("has another type"),
            Change::Enabled(true) => formatter.write_str("is enabled"),
            Change::Enabled(false) => formatter.write_str("is disabled"),
            Change::OffVariant(from, to) => {
                write!(formatter, "its off variant is {to} instead of {from}")
            }
            Change::VariantAdded(name) => write!(formatter, "variant {name} added"),
            Change::VariantRemoved(name) => write!(formatter, "variant {name} removed"),
            Change::VariantValue(name) => write!(formatter, "variant {name} has another value"),
            Change::Requires => formatter.write_str("requires other flags or variants"),
            Change::Targets => formatter.write_str("has other targets"),
            Change::RuleAdded(rule) => write!(formatter, "{rule} added"),
            Change::RuleRemoved(rule) => write!(formatter, "{rule} removed"),
            Change::Rule(rule) => write!(formatter, "{rule} asks or serves otherwise"),
            Change::RuleName(from, to) => write!(formatter, "{from} is now {to}"),
            Change::Shares(rule) => write!(formatter, "{rule} shares its units out otherwise"),
            Change::RuleOrder => formatter.write_str("its rules are tried in another order"),
            Change::Default => formatter.write_str("its default serves otherwise"),
            Change::DefaultShares => {
                formatter.write_str("its default shares its units out otherwise")
            }
            Change::Named(kind, name) => {
                let kind = match kind {
                    NameKind::Flag => "flag",
                    NameKind::Segment => "segment",
                    NameKind::Release => "release",
                };
                write!(formatter, "{kind} {name}, which it names, has changed")
            }
            Change::Otherwise => formatter.write_str("is put together otherwise"),
            Change::Expose(from, to) => {
                write!(
                    formatter,
                    "is exposed as {} instead of {}",
                    expose(*to),
                    expose(*from)
                )
            }
            Change::Track(true) => formatter.write_str("its exposures are recorded"),
            Change::Track(false) => formatter.write_str("its exposures are not recorded any more"),
            Change::Failsafe => formatter.write_str("has another failsafe"),
        }
    }
}

impl fmt::Display for Rule<'_> {
    /// `rule 1 "dach, new app"`
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(formatter, "rule {}", self.number)?;
        match self.name {
            Some(name) => write!(formatter, " {}", quoted(name)),
            None => Ok(()),
        }
    }
}

fn expose(expose: Expose) -> &'static str {
    match expose {
        Expose::Server => "server",
        Expose::Values => "values",
        Expose::Program => "program",
    }
}

/// `4.2 %`, in hundredths, and `under 0.01 %` below.
fn percent(count: u64, of: u64) -> String {
    let share = count as f64 * 100.0 / of as f64;
    if count > 0 && share < 0.01 {
        return "under 0.01 %".to_owned();
    }
    let text = format!("{share:.2}");
    let text = text.trim_end_matches('0').trim_end_matches('.');
    format!("{text} %")
}
