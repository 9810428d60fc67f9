//! Columns for people.

use std::io::{self, Write};

use anstyle::Style;

use crate::style::TITLE;

/// Writes `rows` under `head`, each column as wide as its widest cell; the last one is not padded.
pub(crate) fn write<const N: usize>(
    out: &mut impl Write,
    head: [&str; N],
    rows: &[[String; N]],
) -> io::Result<()> {
    let head = head.map(ToOwned::to_owned);
    let mut widths = [0; N];
    for row in rows.iter().chain([&head]) {
        for (width, cell) in widths.iter_mut().zip(row) {
            *width = cell.chars().count().max(*width);
        }
    }
    for (row, style) in [(&head, TITLE)]
        .into_iter()
        .chain(rows.iter().map(|row| (row, Style::new())))
    {
        let padded = row
            .iter()
            .zip(widths)
            .map(|(cell, width)| format!("{cell:width$}"));
        let line = padded.collect::<Vec<_>>().join("  ");
        writeln!(out, "{style}{}{style:#}", line.trim_end())?;
    }
    Ok(())
}
