//! How many answers of a log were the same.

use std::collections::BTreeMap;
use std::io::{self, Write};
use std::path::Path;

use serde_json::{Value, json};

use crate::failure::Failure;
use crate::style::{ERROR, GONE, GOOD, TITLE, WARNING};
use crate::table;

/// How many bad lines are named: a log of another kind has nothing else.
const NAMED: usize = 10;

/// What came of a log.
pub(super) struct Report {
    /// How many differing answers of a flag are kept.
    examples: usize,
    flags: BTreeMap<String, Count>,
    /// Flags that the ruleset lacks, and how often they were asked for.
    unknown: BTreeMap<String, u64>,
    /// The first bad lines: their numbers, and what is wrong with them.
    bad: Vec<(u64, String)>,
    bad_lines: u64,
}

#[derive(Default)]
struct Count {
    same: u64,
    differ: u64,
    examples: Vec<Difference>,
}

/// An answer that is another now.
pub(super) struct Difference {
    pub(super) line: u64,
    pub(super) context: Value,
    pub(super) theirs: Value,
    pub(super) ours: Value,
    /// How ours came about.
    pub(super) why: String,
}

impl Report {
    pub(super) fn new(examples: usize) -> Report {
        Report {
            examples,
            flags: BTreeMap::new(),
            unknown: BTreeMap::new(),
            bad: Vec::new(),
            bad_lines: 0,
        }
    }

    pub(super) fn same(&mut self, flag: &str) {
        let count = self.count(flag);
        count.same = count.same.saturating_add(1);
    }

    /// `example` is asked for while there is room for it.
    pub(super) fn differ(&mut self, flag: &str, example: impl FnOnce() -> Difference) {
        let examples = self.examples;
        let count = self.count(flag);
        count.differ = count.differ.saturating_add(1);
        if count.examples.len() < examples {
            count.examples.push(example());
        }
    }

    pub(super) fn unknown(&mut self, flag: &str) {
        let count = self.unknown.entry(flag.to_owned()).or_default();
        *count = count.saturating_add(1);
    }

    pub(super) fn bad(&mut self, line: u64, message: String) {
        self.bad_lines = self.bad_lines.saturating_add(1);
        if self.bad.len() < NAMED {
            self.bad.push((line, message));
        }
    }

    fn count(&mut self, flag: &str) -> &mut Count {
        if !self.flags.contains_key(flag) {
            self.flags.insert(flag.to_owned(), Count::default());
        }
        self.flags.entry(flag.to_owned()).or_default()
    }

    fn sum(&self, part: impl Fn(&Count) -> u64) -> u64 {
        self.flags.values().map(part).fold(0, u64::saturating_add)
    }

    /// Whether the ruleset can take over from whoever wrote the log.
    pub(super) fn verdict(&self) -> Result<(), Failure> {
        let is_same =
            self.sum(|it| it.differ) == 0 && self.unknown.is_empty() && self.bad_lines == 0;
        if is_same { Ok(()) } else { Err(Failure::Said) }
    }

    pub(super) fn to_json(&self) -> Value {
        let example = |it: &Difference| json!({ "line": it.line, "context": it.context, "theirs": it.theirs, "ours": it.ours, "why": it.why });
        let count = |(flag, it): (&String, &Count)| {
            let examples: Vec<Value> = it.examples.iter().map(example).collect();
            (
                flag.clone(),
                json!({ "same": it.same, "differ": it.differ, "examples": examples }),
            )
        };
        let bad = self
            .bad
            .iter()
            .map(|(line, message)| json!({ "line": line, "message": message }));
        json!({
            "same": self.sum(|it| it.same),
            "differ": self.sum(|it| it.differ),
            "flags": self.flags.iter().map(count).collect::<serde_json::Map<_, _>>(),
            "unknown": self.unknown,
            "badLines": self.bad_lines,
            "bad": bad.collect::<Vec<_>>(),
        })
    }

    /// Counts and examples to `out`; bad lines to `notes`.
    pub(super) fn write(
        &self,
        log: &Path,
        out: &mut impl Write,
        notes: &mut impl Write,
    ) -> io::Result<()> {
        let log = log.display();
        for (line, message) in &self.bad {
            writeln!(
                notes,
                "{WARNING}warning{WARNING:#}: {log}:{line}: {message}"
            )?;
        }
        let named = u64::try_from(self.bad.len()).unwrap_or(u64::MAX);
        if self.bad_lines > named {
            let more = self.bad_lines.saturating_sub(named);
            writeln!(
                notes,
                "{WARNING}warning{WARNING:#}: {log}: {more} more lines cannot be read"
            )?;
        }
        let row = |(flag, it): (&String, &Count)| {
            [flag.clone(), it.same.to_string(), it.differ.to_string()]
        };
        let rows: Vec<_> = self.flags.iter().map(row).collect();
        if !rows.is_empty() {
            table::write(out, ["flag", "same", "differ"], &rows)?;
        }
        for (flag, count) in &self.flags {
            for it in &count.examples {
                let Difference {
                    line,
                    theirs,
                    ours,
                    why,
                    context,
                } = it;
                writeln!(out, "\n{TITLE}{flag}{TITLE:#} {log}:{line}")?;
                writeln!(out, "  theirs  {GONE}{theirs}{GONE:#}")?;
                writeln!(out, "  ours    {GOOD}{ours}{GOOD:#}: {why}")?;
                writeln!(out, "  in      {context}")?;
            }
        }
        if !self.unknown.is_empty() {
            writeln!(out)?;
        }
        for (flag, count) in &self.unknown {
            writeln!(
                out,
                "{ERROR}unknown{ERROR:#}: the ruleset has no flag `{flag}`, which {count} of the answers are of"
            )?;
        }
        let (same, differ) = (self.sum(|it| it.same), self.sum(|it| it.differ));
        let unknown = self.unknown.values().copied().fold(0, u64::saturating_add);
        if !rows.is_empty() || unknown > 0 {
            writeln!(out)?;
        }
        writeln!(
            out,
            "{same} the same, {differ} differ, {unknown} of unknown flags, {} bad lines",
            self.bad_lines
        )
    }
}
