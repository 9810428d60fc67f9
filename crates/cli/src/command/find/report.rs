//! What was found, as text and as JSON.

use std::collections::BTreeSet;
use std::io::Write;

use serde_json::{Value, json};
use vexil_ruleset::{Path, suggest};

use super::super::counted;
use super::Denied;
use super::constant::Constant;
use super::scan::{Scan, Use};
use crate::failure::Failure;
use crate::report;
use crate::source::{Lines, Source};
use crate::style::{ASIDE, ERROR, TITLE, WARNING};

pub(super) struct Report<'r> {
    pub(super) source: &'r Source,
    pub(super) flags: BTreeSet<&'r str>,
    pub(super) scan: Scan,
    pub(super) unused: Vec<&'r str>,
    pub(super) constant: Constant,
}

impl Report<'_> {
    /// A line for each use, for each thing that is odd, and for it all.
    pub(super) fn write(&self, out: &mut impl Write) -> Result<(), Failure> {
        for it in &self.scan.uses {
            let call = it
                .call
                .iter()
                .map(|call| format!("  {ASIDE}{call}{ASIDE:#}"));
            writeln!(
                out,
                "{}  {TITLE}{}{TITLE:#}{}",
                place(it),
                it.key,
                call.collect::<String>()
            )?;
        }
        for it in &self.scan.unknown {
            let meant = self
                .meant(&it.key)
                .map(|meant| format!(" (did you mean `{meant}`?)"));
            writeln!(
                out,
                "{}  {TITLE}{}{TITLE:#}  {ERROR}unknown{ERROR:#}: there is no such flag{}",
                place(it),
                it.key,
                meant.unwrap_or_default()
            )?;
        }
        for key in &self.unused {
            writeln!(
                out,
                "{}  {WARNING}unused{WARNING:#}: no code uses it",
                self.flag(key)
            )?;
        }
        for (key, message) in &self.constant {
            writeln!(
                out,
                "{}  {WARNING}constant{WARNING:#}: {message}",
                self.flag(key)
            )?;
        }
        let used: BTreeSet<&str> = self.scan.uses.iter().map(|it| it.key.as_str()).collect();
        let all = [Denied::Unknown, Denied::Unused, Denied::Constant];
        let odd = all.into_iter().filter_map(|what| self.denied(what));
        let odd: Vec<String> = odd.collect();
        let odd = match odd.as_slice() {
            [] => String::new(),
            odd => format!(", {}", odd.join(", ")),
        };
        Ok(writeln!(
            out,
            "{} of {} in {}{odd}",
            counted(self.scan.uses.len(), "use"),
            counted(used.len(), "flag"),
            counted(self.scan.files, "file"),
        )?)
    }

    pub(super) fn json(&self) -> Value {
        let uses: Vec<Value> = self.scan.uses.iter().map(json).collect();
        let unknown = self.scan.unknown.iter().map(|it| {
            let mut value = json(it);
            if let Value::Object(members) = &mut value {
                members.insert("meant".to_owned(), self.meant(&it.key).into());
            }
            value
        });
        let constant = self.constant.iter();
        let constant = constant.map(|(key, message)| json!({ "key": key, "message": message }));
        json!({
            "files": self.scan.files,
            "uses": uses,
            "unknown": unknown.collect::<Vec<_>>(),
            "unused": self.unused,
            "constant": constant.collect::<Vec<_>>(),
        })
    }

    /// How many there are of what is denied, if any.
    pub(super) fn denied(&self, what: Denied) -> Option<String> {
        let (count, word) = match what {
            Denied::Unknown => (self.scan.unknown.len(), "unknown"),
            Denied::Unused => (self.unused.len(), "unused"),
            Denied::Constant => (self.constant.len(), "constant"),
        };
        (count > 0).then(|| format!("{count} {word}"))
    }

    fn meant(&self, key: &str) -> Option<String> {
        suggest(key, self.flags.iter().copied())
    }

    /// `flags.json:3:5  key`
    fn flag(&self, key: &str) -> String {
        let path = Path::default().join("flags").join(key);
        let span = self.source.place(&path).span.unwrap_or_default();
        let spot = Lines::of(&self.source.text).spot(span.start);
        let file = report::name(self.source);
        format!(
            "{file}:{}:{}  {TITLE}{key}{TITLE:#}",
            spot.line, spot.column
        )
    }
}

fn place(it: &Use) -> String {
    format!("{}:{}:{}", it.file.display(), it.spot.line, it.spot.column)
}

fn json(it: &Use) -> Value {
    json!({
        "file": it.file.display().to_string(),
        "line": it.spot.line,
        "column": it.spot.column,
        "key": it.key,
        "call": it.call,
    })
}
