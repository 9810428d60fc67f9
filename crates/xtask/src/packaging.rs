//! The npm package as its users get it: packed, installed, and used by every tool that it should work with. The rows
//! are in `tests/packaging`.

use std::process::Command;

use clap::Args;
use serde_json::{Value, json};

use crate::build::{self, Part};
use crate::failure::Failure;
use crate::npm;
use crate::setup;
use crate::shell::Shell;

const FOLDER: &str = "tests/packaging";

#[derive(Args)]
pub(crate) struct Options {
    /// Only these rows; all of them when none is named.
    rows: Vec<String>,
    /// Prints a line of JSON for each row instead of a table.
    #[arg(long)]
    json: bool,
}

/// How it went with one tool.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Row {
    name: String,
    is_ok: bool,
    /// Versions and what was seen; or what is wrong.
    detail: String,
}

/// Prints the rows; fails when one of them does.
pub(crate) fn run(shell: &Shell, options: &Options) -> Result<(), Failure> {
    let rows = all(shell, &options.rows)?;
    if options.json {
        for row in &rows {
            println!("{}", line(row));
        }
    } else {
        print!("{}", table(&rows));
    }
    if rows.iter().all(|row| row.is_ok) {
        Ok(())
    } else {
        Err(Failure::Reported)
    }
}

/// How many rows there are; fails with what is wrong.
pub(crate) fn check(shell: &Shell) -> Result<u64, Failure> {
    passed(&all(shell, &[])?)
}

/// The rows that need neither a browser nor an edge.
pub(crate) fn quick(shell: &Shell) -> Result<Vec<Row>, Failure> {
    build::run(shell, &[Part::Browser])?;
    rows(shell, matrix(shell).arg("--quick"))
}

fn all(shell: &Shell, names: &[String]) -> Result<Vec<Row>, Failure> {
    build::run(shell, &[Part::Browser, Part::Edge])?;
    let chromium = setup::chromium(shell)?;
    let mut matrix = matrix(shell);
    rows(shell, matrix.args(names).env("VEXIL_CHROMIUM", chromium))
}

fn matrix(shell: &Shell) -> Command {
    let mut command = shell.command("node");
    command.arg(format!("{FOLDER}/matrix.mjs"));
    command
}

fn rows(shell: &Shell, matrix: &mut Command) -> Result<Vec<Row>, Failure> {
    npm::install_in(shell, FOLDER)?;
    let outcome = shell.attempt("packing, installing and using the npm package", matrix)?;
    let text = String::from_utf8_lossy(&outcome.printed.stdout).into_owned();
    let rows: Option<Vec<Row>> = text.lines().map(parsed).collect();
    match rows {
        // A row that fails makes the program fail, and is told as a row.
        Some(rows) if outcome.status.success() || rows.iter().any(|row| !row.is_ok) => Ok(rows),
        _ => {
            shell.show(&outcome.printed.all);
            Err(Failure::Step {
                label: format!("{FOLDER}/matrix.mjs"),
                status: outcome.status.to_string(),
            })
        }
    }
}

fn parsed(line: &str) -> Option<Row> {
    let value: Value = serde_json::from_str(line).ok()?;
    let text = |key: &str| value.get(key).and_then(Value::as_str).map(str::to_owned);
    Some(Row {
        name: text("name")?,
        is_ok: value.get("ok")?.as_bool()?,
        detail: text("detail")?,
    })
}

fn line(row: &Row) -> Value {
    json!({ "name": row.name, "ok": row.is_ok, "detail": row.detail })
}

/// The rows one below the other.
pub(crate) fn table(rows: &[Row]) -> String {
    let of_row = |row: &Row| {
        let verdict = if row.is_ok { "ok" } else { "FAILED" };
        format!("{verdict:<7} {:<18} {}\n", row.name, row.detail)
    };
    rows.iter().map(of_row).collect()
}

/// How many they are; fails with those that failed.
pub(crate) fn passed(rows: &[Row]) -> Result<u64, Failure> {
    let failed: Vec<Row> = rows.iter().filter(|row| !row.is_ok).cloned().collect();
    if failed.is_empty() {
        Ok(u64::try_from(rows.len()).unwrap_or(u64::MAX))
    } else {
        Err(Failure::Wrong(table(&failed)))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_the_matrix_prints_is_a_row() {
        let row =
            parsed(r#"{"name":"vite dev","ok":true,"detail":"vite 8.3.8: 7 files"}"#).unwrap();
        assert_eq!(parsed(&line(&row).to_string()), Some(row.clone()));
        assert_eq!(
            table(&[row]),
            "ok      vite dev           vite 8.3.8: 7 files\n"
        );
        assert_eq!(parsed("Error: nothing that is JSON"), None);
    }

    #[test]
    fn a_row_that_failed_fails_all_and_is_told() {
        let row = |name: &str, is_ok| Row {
            name: name.to_owned(),
            is_ok,
            detail: "why".to_owned(),
        };
        assert_eq!(passed(&[row("a", true), row("b", true)]).unwrap(), 2);
        let failure = passed(&[row("a", true), row("b", false)]).unwrap_err();
        assert_eq!(failure.to_string(), "FAILED  b                  why\n");
    }
}
