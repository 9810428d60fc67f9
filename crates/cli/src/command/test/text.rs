//! The outcome of tests, for people.

use std::io::{self, Write};

use super::coverage::{Part, Share};
use super::{Case, Suite, count};
use crate::source::Spot;
use crate::style::{ASIDE, ERROR, GOOD, TITLE, WARNING};

/// A line for each test, more for those that fail, and of what is covered what is not.
pub(super) fn write(
    out: &mut impl Write,
    suites: &[Suite],
    coverage: Option<Share>,
) -> io::Result<()> {
    let is_one = suites.len() == 1;
    for suite in suites {
        if !is_one {
            writeln!(out, "{TITLE}{}{TITLE:#}", suite.file)?;
        }
        for case in &suite.cases {
            write_case(out, &suite.file, case)?;
        }
        if suite.cases.is_empty() {
            let file = &suite.file;
            writeln!(
                out,
                "{WARNING}no tests{WARNING:#} in {file}: write some under `tests`"
            )?;
        }
    }
    let (failed, all) = count(suites);
    let style = if failed > 0 { ERROR } else { GOOD };
    let passed = all.saturating_sub(failed);
    writeln!(out, "{style}{passed} passed, {failed} failed{style:#}")?;
    match coverage {
        Some(share) => write_coverage(out, suites, share),
        None => Ok(()),
    }
}

fn write_case(out: &mut impl Write, file: &str, case: &Case) -> io::Result<()> {
    if case.failures.is_empty() {
        return writeln!(out, "{GOOD}ok{GOOD:#}     {}", case.path);
    }
    let at = case.place.map(|spot| at(file, spot)).unwrap_or_default();
    writeln!(
        out,
        "{ERROR}FAILED{ERROR:#} {}{ASIDE}{at}{ASIDE:#}",
        case.path
    )?;
    for wrong in &case.failures {
        let (flag, reason) = (&wrong.flag, wrong.reason);
        let (expected, found) = (&wrong.expected, &wrong.found);
        writeln!(
            out,
            "       {TITLE}{flag}{TITLE:#}: expected {GOOD}`{expected}`{GOOD:#}, got {ERROR}`{found}`{ERROR:#} ({reason})"
        )?;
        for line in wrong.why.lines() {
            writeln!(out, "       {ASIDE}{line}{ASIDE:#}")?;
        }
    }
    Ok(())
}

fn write_coverage(out: &mut impl Write, suites: &[Suite], share: Share) -> io::Result<()> {
    for suite in suites {
        for (key, flag) in &suite.coverage.flags {
            let of = flag.share();
            if of.covered == of.all {
                continue;
            }
            let Share { covered, all } = of;
            writeln!(out, "{TITLE}{key}{TITLE:#}: {covered} of {all} covered")?;
            for part in flag.parts.iter().filter(|it| !it.is_reached) {
                let place = part.place.map(|it| at(&suite.file, it)).unwrap_or_default();
                let part = say(&part.what);
                writeln!(out, "  no test comes to {part}{ASIDE}{place}{ASIDE:#}")?;
            }
            for variant in flag.variants.iter().filter(|it| !it.is_reached) {
                let name = &variant.what;
                writeln!(out, "  no test comes to variant `{name}`")?;
            }
        }
    }
    let Share { covered, all } = share;
    let style = if covered == all { GOOD } else { WARNING };
    let percent = share.percent();
    writeln!(
        out,
        "coverage: {style}{percent} %{style:#} ({covered} of {all})"
    )
}

fn say(part: &Part) -> String {
    match part {
        Part::Off => "its being disabled".to_owned(),
        Part::Requires => "its requirements not being met".to_owned(),
        Part::Targets => "its targets".to_owned(),
        Part::Rule(number, None) => format!("rule {number}"),
        Part::Rule(number, Some(name)) => format!("rule {number} `{name}`"),
        Part::Default => "its default".to_owned(),
    }
}

fn at(file: &str, spot: Spot) -> String {
    format!(" ({file}:{}:{})", spot.line, spot.column)
}
