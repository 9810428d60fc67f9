//! Columns for people.

use std::io::{self, Write};

use crate::style::TITLE;

/// Writes `rows` under `head`, each column as wide as its widest cell; the last one is not padded.
pub(crate) fn write<const N: usize>(
    out: &mut impl Write,
    head: [&str; N],
    rows: &[[String; N]],
) -> io::Result<()> {
    let head = head.map(ToOwned::to_owned);
    let widths = widths(rows.iter().chain([&head]));
    writeln!(out, "{TITLE}{}{TITLE:#}", line(&head, widths))?;
    rows.iter()
        .try_for_each(|row| writeln!(out, "{}", line(row, widths)))
}

/// The same without a head, each line behind `indent`.
pub(crate) fn write_rows<const N: usize>(
    out: &mut impl Write,
    indent: &str,
    rows: &[[String; N]],
) -> io::Result<()> {
    let widths = widths(rows);
    rows.iter()
        .try_for_each(|row| writeln!(out, "{indent}{}", line(row, widths)))
}

fn widths<'r, const N: usize>(rows: impl IntoIterator<Item = &'r [String; N]>) -> [usize; N] {
    let mut widths = [0; N];
    for row in rows {
        for (width, cell) in widths.iter_mut().zip(row) {
            *width = cell.chars().count().max(*width);
        }
    }
    widths
}

fn line<const N: usize>(row: &[String; N], widths: [usize; N]) -> String {
    let padded = row
        .iter()
        .zip(widths)
        .map(|(cell, width)| format!("{cell:width$}"));
    let line = padded.collect::<Vec<_>>().join("  ");
    line.trim_end().to_owned()
}
