//! Flags and segments of `LaunchDarkly`.
//!
//! Source: the data that its server-side SDKs get, and their rules of evaluation, as in
//! launchdarkly/go-server-sdk-evaluation; launchdarkly/sdk-test-harness.

use std::collections::{BTreeMap, BTreeSet};

use serde_json::Value;
use vexil_ruleset::{FlagKey, Path};

use self::source::{File, Source};
use crate::Imported;
use crate::draft::{Draft, Room};
use crate::note::{Effect, Note};

mod attribute;
mod clause;
mod context;
mod flag;
mod prerequisites;
mod segment;
mod serve;
mod source;
mod targets;
mod variants;
mod version;

pub(crate) use context::context;

/// Reads flags and segments: `{"flags": {…}, "segments": {…}}` as SDKs and the Relay Proxy get them, the
/// `{"data": {…}}` of a stream's put, or what the REST API lists for one environment.
///
/// Flags answer as they did in contexts that [`crate::Vendor::context`] makes. Where SDKs of `LaunchDarkly` differ, they
/// answer as the one in Go: `\d`, `\w` and `\s` of regular expressions are ASCII, and times have milliseconds. Rollouts
/// fall where the first 32 bits of the hash say; SDKs that count in 24 differ for one unit in ten million.
///
/// # Errors
///
/// The text is not JSON, has no flags, or has those of several environments.
pub fn launchdarkly(json: &str) -> Result<Imported, Vec<Note>> {
    let file: Value = serde_json::from_str(json).map_err(|error| {
        vec![Note::left_out(
            Path::default(),
            format!("this is not JSON: {error}"),
        )]
    })?;
    let mut import = Import::new(File::read(&file)?);
    import.drop_removed();
    let segments: Vec<_> = import.file.segments.keys().copied().collect();
    for name in segments {
        import.segment(name);
    }
    // What is off needs nobody, so it is known what the flags that are on come to before it is read.
    let (on, off): (Vec<&Source<'_>>, Vec<_>) = import
        .file
        .flags
        .values()
        .partition(|source| source.is("on"));
    let keys: Vec<_> = on.into_iter().chain(off).map(|source| source.key).collect();
    for key in keys {
        import.flag(key);
    }
    import.finish()
}

/// How many flags and segments may lead to one another: what is deeper would exhaust the stack.
const MOST_DEEP: usize = 100;

struct Import<'f> {
    file: File<'f>,
    draft: Draft,
    segments: BTreeMap<String, segment::Became>,
    flags: BTreeMap<String, flag::Became>,
    /// The prerequisites of each flag that were kept.
    needs: BTreeMap<String, Vec<String>>,
    /// The keys of flags that are not of the file.
    made: BTreeSet<String>,
    scratch: Scratch,
    /// How many flags and segments are being read, each because of the one before.
    depth: usize,
    has_times: bool,
    says_visibility: bool,
}

/// What belongs to the flag or the segment that is being read.
struct Scratch {
    notes: Vec<Note>,
    /// Flags made for it: key, place and what is written.
    parts: Vec<(String, Path, Value)>,
    is_exact: bool,
}

impl Scratch {
    fn new() -> Scratch {
        Scratch {
            notes: Vec::new(),
            parts: Vec::new(),
            is_exact: true,
        }
    }
}

impl<'f> Import<'f> {
    fn new(file: File<'f>) -> Import<'f> {
        Import {
            file,
            draft: Draft::default(),
            segments: BTreeMap::new(),
            flags: BTreeMap::new(),
            needs: BTreeMap::new(),
            made: BTreeSet::new(),
            scratch: Scratch::new(),
            depth: 0,
            has_times: false,
            says_visibility: false,
        }
    }

    /// Answers may differ because of what was at `path`.
    fn note(&mut self, path: Path, reason: impl Into<String>) {
        self.scratch.is_exact = false;
        self.push(path, Effect::Answers, reason);
    }

    /// What was at `path` is gone, and no answer differs for it.
    fn note_dropped(&mut self, path: Path, reason: impl Into<String>) {
        self.push(path, Effect::None, reason);
    }

    fn push(&mut self, path: Path, effect: Effect, reason: impl Into<String>) {
        let (to, reason) = (None, reason.into());
        self.scratch.notes.push(Note {
            path,
            to,
            effect,
            reason,
        });
    }

    /// Notes the members that are not `known`.
    fn note_unknown<'n>(
        &mut self,
        names: impl Iterator<Item = &'n str>,
        known: &[&str],
        path: &Path,
    ) {
        for name in names.filter(|name| !known.contains(name)) {
            self.note(
                path.clone().join(name),
                "left out: it is not known what this means",
            );
        }
    }

    /// Begins what has notes of its own; gives what [`Import::end`] takes.
    fn begin(&mut self) -> Scratch {
        std::mem::replace(&mut self.scratch, Scratch::new())
    }

    fn end(&mut self, outer: Scratch) -> Scratch {
        std::mem::replace(&mut self.scratch, outer)
    }

    /// Keeps what was written for `source`, with what was noted meanwhile.
    fn keep(
        &mut self,
        scratch: Scratch,
        room: Room,
        source: &Source<'_>,
        (key, written): (String, Value),
    ) {
        let to = Path::default().join(room.name()).join(&key);
        for Note {
            path,
            effect,
            reason,
            ..
        } in scratch.notes
        {
            match effect {
                Effect::Answers => self.draft.note(path, Some(to.clone()), reason),
                Effect::None => self.draft.note_dropped(path, reason),
            }
        }
        for (key, path, part) in scratch.parts {
            self.draft.keep(Room::Flags, key, path, part);
        }
        self.draft.keep(room, key, source.path.clone(), written);
    }

    /// Notes that nothing is left of `source` because of what is `at` a place in it.
    fn leave_out(&mut self, source: &Source<'_>, at: &Path, reason: &str) {
        let place = if *at == source.path {
            String::new()
        } else {
            format!(" ({at})")
        };
        self.draft
            .note(source.path.clone(), None, format!("{reason}{place}"));
    }

    fn key(&mut self, room: Room, name: &str) -> String {
        let things = match room {
            Room::Flags => &self.file.flags,
            Room::Segments => &self.file.segments,
        };
        let path = things
            .get(name)
            .map(|source| source.path.clone())
            .unwrap_or_default();
        self.draft.key(room, name, &path)
    }

    /// A key that looks like `wanted` and that no flag has.
    fn free_key(&mut self, wanted: &str) -> String {
        let mut key = wanted.to_owned();
        while self.file.flags.contains_key(key.as_str())
            || FlagKey::new(&key).is_none()
            || self.made.contains(&key)
        {
            key = if key.len() < 100 {
                format!("{key}-")
            } else {
                format!("segment-rule-{}", self.made.len())
            };
        }
        self.made.insert(key.clone());
        key
    }

    fn has_segment(&self, name: &str) -> bool {
        self.file.segments.contains_key(name)
    }

    /// Takes out what is only there to say that it is gone.
    fn drop_removed(&mut self) {
        let is_gone = |source: &Source<'_>| source.is("deleted") || source.is("archived");
        for things in [&mut self.file.flags, &mut self.file.segments] {
            let gone: Vec<_> = things.values().filter(|it| is_gone(it)).cloned().collect();
            for source in gone {
                things.remove(source.key);
                self.draft
                    .note_dropped(source.path, "left out: it is deleted or archived");
            }
        }
    }

    fn finish(mut self) -> Result<Imported, Vec<Note>> {
        for path in std::mem::take(&mut self.file.others) {
            self.draft
                .note(path, None, "left out: a ruleset has no place for it");
        }
        let root = Path::default;
        self.draft.note_dropped(
            root(),
            "versions, dates, the names of variations, and what concerns events, experiments and debugging are left out",
        );
        if self.says_visibility {
            let reason = "flags of client-side SDKs are exposed as `values`: browsers get their answers; all others stay on servers";
            self.draft.note_dropped(root(), reason);
        }
        if self.has_times {
            let reason = "a number with a fraction counts as a time of its own; LaunchDarkly cuts the fraction off";
            self.draft.note(root(), None, reason);
        }
        self.draft.finish()
    }
}

#[cfg(test)]
#[expect(
    clippy::needless_pass_by_value,
    reason = "a case reads better without a borrow"
)]
mod tests;
