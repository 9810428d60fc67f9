//! How many instructions each workload takes, counted by callgrind: the same on every machine, so a rise is a fact.

use std::collections::BTreeMap;
use std::fs;

use super::{FOLDER, program};
use crate::failure::Failure;
use crate::setup;
use crate::shell::Shell;

/// What the instructions were when somebody last looked.
const STORED: &str = "tests/bench/instructions.json";
const WORKLOADS: [&str; 8] = ["a", "b", "c", "d", "e", "f", "g", "h"];
/// By how many percent a workload may rise before it has to be looked at.
const TOLERANCE: u64 = 3;

type Counts = BTreeMap<String, u64>;

/// Counts, prints, and fails when a workload rose.
pub(crate) fn check(shell: &Shell) -> Result<(), Failure> {
    let path = shell.root.join(STORED);
    let text = fs::read_to_string(&path).map_err(Failure::file(&path))?;
    let stored: Counts = serde_json::from_str(&text)
        .map_err(|error| Failure::Wrong(format!("{STORED}: {error}")))?;
    let counted = count(shell)?;
    print!("{}", table(&stored, &counted));
    let risen: Vec<&str> = WORKLOADS
        .into_iter()
        .filter(|workload| has_risen(workload, &stored, &counted))
        .collect();
    if risen.is_empty() {
        return Ok(());
    }
    Err(Failure::Wrong(format!(
        "more than {TOLERANCE} % more instructions for {}: make it as it was, or say why in the commit that runs `cargo xtask bench --instructions --renew`",
        risen.join(", ")
    )))
}

/// Counts and stores.
pub(super) fn renew(shell: &Shell) -> Result<(), Failure> {
    let counted = count(shell)?;
    let lines: Vec<String> = counted
        .iter()
        .map(|(workload, count)| format!("  \"{workload}\": {count}"))
        .collect();
    let path = shell.root.join(STORED);
    fs::write(&path, format!("{{\n{}\n}}\n", lines.join(",\n"))).map_err(Failure::file(&path))?;
    print!("{}", table(&counted, &counted));
    Ok(())
}

fn count(shell: &Shell) -> Result<Counts, Failure> {
    setup::valgrind(shell)?;
    let folder = shell.root.join(FOLDER).join("target/instructions");
    shell.step(
        "building the workloads",
        program("instructions", shell).arg("write").arg(&folder),
    )?;
    let mut counts = Counts::new();
    for workload in WORKLOADS {
        let mut command = shell.command("valgrind");
        command
            .args([
                "--tool=callgrind",
                "--toggle-collect=*instructions*measured*",
            ])
            .arg(format!(
                "--callgrind-out-file={}",
                folder.join(format!("callgrind.{workload}")).display()
            ))
            .arg(shell.root.join(FOLDER).join("target/release/instructions"))
            .arg("count")
            .args([folder.as_os_str(), workload.as_ref()]);
        let printed = shell.step(
            &format!("counting the instructions of {workload}"),
            &mut command,
        )?;
        let said = String::from_utf8_lossy(&printed.all).into_owned();
        let count = collected(&said).ok_or_else(|| {
            Failure::Wrong(format!("callgrind counted nothing for {workload}:\n{said}"))
        })?;
        counts.insert(workload.to_owned(), count);
    }
    Ok(counts)
}

/// The number in callgrind's last words, `==123== Collected : 456`.
fn collected(said: &str) -> Option<u64> {
    let (_, after) = said.split_once("Collected :")?;
    after
        .split_whitespace()
        .next()?
        .parse()
        .ok()
        .filter(|count| *count > 0)
}

fn has_risen(workload: &str, stored: &Counts, counted: &Counts) -> bool {
    let of = |counts: &Counts| counts.get(workload).copied().unwrap_or_default();
    let most = of(stored).saturating_mul(100_u64.saturating_add(TOLERANCE));
    of(counted).saturating_mul(100) > most
}

fn table(stored: &Counts, counted: &Counts) -> String {
    let row = |(workload, count): (&String, &u64)| {
        let before = stored.get(workload).copied().unwrap_or_default();
        let change = (*count as f64 / before.max(1) as f64 - 1.0) * 100.0;
        format!("{workload} {count:>12} {change:+6.1} %\n")
    };
    counted.iter().map(row).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[track_caller]
    fn check_rise(stored: u64, counted: u64, want: bool) {
        let counts = |count| Counts::from([("a".to_owned(), count)]);
        assert_eq!(has_risen("a", &counts(stored), &counts(counted)), want);
    }

    #[test]
    fn a_rise_above_the_tolerance_is_one() {
        check_rise(1_000, 1_030, false);
        check_rise(1_000, 1_031, true);
        check_rise(1_000, 500, false);
    }

    #[test]
    fn a_workload_that_is_not_stored_has_risen() {
        assert!(has_risen(
            "a",
            &Counts::new(),
            &Counts::from([("a".to_owned(), 1)])
        ));
    }

    #[test]
    fn callgrind_says_what_it_collected() {
        assert_eq!(
            collected("==7== Events    : Ir\n==7== Collected : 43424\n==7==\n"),
            Some(43_424)
        );
        assert_eq!(collected("==7== Collected : 0\n"), None);
        assert_eq!(collected("nothing"), None);
    }
}
