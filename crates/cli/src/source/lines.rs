//! Lines and columns of a text.

use std::ops::Range;

/// A text, and where its lines begin.
#[derive(Clone, Debug)]
pub(crate) struct Lines<'t> {
    text: &'t str,
    starts: Vec<usize>,
}

/// A place in a text, as editors count.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Spot {
    /// From 1.
    pub(crate) line: usize,
    /// From 1, in characters.
    pub(crate) column: usize,
}

impl<'t> Lines<'t> {
    pub(crate) fn of(text: &'t str) -> Lines<'t> {
        let ends = text.match_indices('\n');
        let starts = ends.map(|(at, _)| at.saturating_add(1));
        Lines {
            text,
            starts: [0].into_iter().chain(starts).collect(),
        }
    }

    /// The place of a byte; of the end where it lies beyond.
    pub(crate) fn spot(&self, byte: usize) -> Spot {
        let line = self.starts.partition_point(|start| *start <= byte);
        let range = self.range(line);
        let before = self.text.get(range.start..byte.min(self.text.len()));
        Spot {
            line,
            column: before.unwrap_or_default().chars().count().saturating_add(1),
        }
    }

    /// The byte at a place.
    pub(crate) fn byte(&self, line: usize, column: usize) -> usize {
        let range = self.range(line);
        let line = self.text.get(range.clone()).unwrap_or_default();
        let mut characters = line.char_indices();
        let found = characters.nth(column.saturating_sub(1));
        found.map_or(range.end, |(at, _)| range.start.saturating_add(at))
    }

    /// The same, with a column in bytes; within a character, where it begins.
    pub(crate) fn byte_of(&self, line: usize, column: usize) -> usize {
        let range = self.range(line);
        let at = range
            .start
            .saturating_add(column.saturating_sub(1))
            .min(range.end);
        self.text.floor_char_boundary(at)
    }

    /// The bytes of a line, from 1, without its end.
    pub(crate) fn range(&self, line: usize) -> Range<usize> {
        let start = self.starts.get(line.saturating_sub(1)).copied();
        let start = start.unwrap_or(self.text.len());
        let rest = self.text.get(start..).unwrap_or_default();
        let length = rest.find('\n').unwrap_or(rest.len());
        start..start.saturating_add(length)
    }
}
