//! Entries: what single flags answer, as JSON.
//!
//! A flag has few answers, however many contexts ask. So each is written once, and the answer to a new context is made
//! of copies; its entity tag hashes their hashes.

use serde_json::{Map, Value as Json};
use vexil_core::{Flag, Program, Seed, evaluate_all};

use crate::answer::{Answer, Snapshot, Visibility};
use crate::context::resolve;
use crate::delivery::write_value;
use crate::protocol::write_flag;
use crate::response::{Body, Response, tag};

/// How much memory the entries of one program may take, in bytes. What has no room is written for each answer.
const MOST_BYTES: usize = 4 << 20;
/// How many entries of one flag are kept in one form: an answer is compared with each.
const MOST_OF_FLAG: usize = 32;

/// The entries of a program's flags that have been written.
///
/// Its owner keeps it as long as the program; with another program it begins anew. What it holds shows in no answer, only
/// in the time that one takes.
#[derive(Clone, Debug, Default)]
pub struct Entries {
    /// The checksum of the program; `None` before the first.
    of: Option<u64>,
    /// Its flags by key: an order that no edit of another flag changes.
    flags: Vec<Listed>,
    /// By form, and then in that order.
    kept: [Vec<Vec<Entry>>; FORMS],
    /// What those take.
    bytes: usize,
}

/// What of a flag does not depend on who asks.
#[derive(Clone, Copy, Debug)]
struct Listed {
    index: u32,
    is_exposed: bool,
    has_failsafe: bool,
}

#[derive(Clone, Debug)]
struct Entry {
    /// What the flag came to: [`vexil_core::Answer::said`].
    said: u128,
    hash: u64,
    is_missing_unit: bool,
    /// A comma, and JSON.
    text: Box<str>,
}

/// What an entry is part of.
#[derive(Clone, Copy, Debug)]
pub(crate) enum Form {
    /// Of the object in the answer of [`values`](crate::values).
    Values,
    /// Of the array in the answer of [`bulk`](crate::bulk).
    Bulk,
}

/// Each form, and each past the maximum age.
const FORMS: usize = 4;

impl Form {
    fn place(self, is_expired: bool) -> usize {
        match (self, is_expired) {
            (Form::Values, false) => 0,
            (Form::Values, true) => 1,
            (Form::Bulk, false) => 2,
            (Form::Bulk, true) => 3,
        }
    }

    fn entry(self, said: u128, answer: Answer<'_>, is_expired: bool) -> Entry {
        let mut text = String::from(",");
        match self {
            Form::Values => write_value(&mut text, answer),
            Form::Bulk => write_flag(&mut text, answer, None, is_expired),
        }
        Entry {
            said,
            hash: Seed::of(&text).to_bits(),
            is_missing_unit: answer.1.is_missing_unit,
            text: text.into(),
        }
    }
}

/// The entries that answer one question, in order.
#[derive(Debug, Default)]
pub(crate) struct Chosen<'e> {
    kept: &'e [Vec<Entry>],
    places: Vec<Place>,
    /// The bytes of all.
    length: usize,
    /// A hash of all.
    hash: u64,
    /// The instant at which the first of them changes, in ms since 1970.
    pub(crate) next_change: Option<i64>,
    missing_units: Vec<String>,
}

#[derive(Debug)]
enum Place {
    /// Of the flag at that place the entry of that number.
    Kept(usize, usize),
    /// There was no room for it.
    Here(Box<str>),
}

impl Entries {
    /// What all flags answer that `visibility` shows.
    pub(crate) fn choose(
        &mut self,
        snapshot: &Snapshot<'_>,
        visibility: Visibility,
        context: &Map<String, Json>,
        form: Form,
    ) -> Chosen<'_> {
        let program = snapshot.program;
        self.begin(program);
        let context = snapshot.believed(context);
        let context = resolve(program, &context);
        let live = snapshot.live.resolve(program);
        let mut answers = Vec::with_capacity(self.flags.len());
        evaluate_all(program, &live, &context, snapshot.now, &mut answers);

        let is_expired = snapshot.is_expired;
        let withheld = snapshot.withheld();
        let mut chosen = Chosen {
            places: Vec::with_capacity(self.flags.len()),
            ..Chosen::default()
        };
        let Some(kept) = self.kept.get_mut(form.place(is_expired)) else {
            return chosen;
        };
        kept.resize_with(self.flags.len(), Vec::new);
        for ((place, listed), of_flag) in self.flags.iter().enumerate().zip(kept.iter_mut()) {
            let index = listed.index as usize;
            let is_shown = visibility == Visibility::All || listed.is_exposed;
            if !is_shown || withheld.get(index).copied().unwrap_or_default() {
                continue;
            }
            let Some(answer) = answers.get(index) else {
                continue;
            };
            if !(is_expired && listed.has_failsafe) {
                chosen.changes_at(answer.next_change());
            }
            let said = answer.said();
            if let Some((number, entry)) =
                (0..).zip(&*of_flag).find(|(_, entry)| entry.said == said)
            {
                chosen.add(*listed, entry, program, Place::Kept(place, number));
                continue;
            }
            let Some(flag) = program.flag_at(listed.index) else {
                continue;
            };
            let answer = (flag, snapshot.served(flag, (*answer).into()));
            let entry = form.entry(said, answer, is_expired);
            let bytes = self.bytes.saturating_add(entry.bytes());
            if of_flag.len() < MOST_OF_FLAG && bytes <= MOST_BYTES {
                let place = Place::Kept(place, of_flag.len());
                chosen.add(*listed, &entry, program, place);
                self.bytes = bytes;
                of_flag.reserve_exact(1);
                of_flag.push(entry);
            } else {
                chosen.add(*listed, &entry, program, Place::Here(entry.text.clone()));
            }
        }
        chosen.kept = kept;
        chosen
    }

    /// Forgets all that is of another program.
    fn begin(&mut self, program: &Program) {
        if self.of == Some(program.checksum()) {
            return;
        }
        let mut flags: Vec<_> = program.flags().collect();
        flags.sort_unstable_by_key(Flag::key);
        let listed = |flag: Flag<'_>| Listed {
            index: flag.index(),
            is_exposed: Visibility::Exposed.shows(flag),
            has_failsafe: flag.failsafe().is_some(),
        };
        *self = Entries {
            of: Some(program.checksum()),
            flags: flags.into_iter().map(listed).collect(),
            ..Entries::default()
        };
    }
}

impl Entry {
    fn bytes(&self) -> usize {
        self.text.len().saturating_add(size_of::<Entry>())
    }
}

impl Chosen<'_> {
    fn changes_at(&mut self, instant: Option<i64>) {
        if let Some(instant) = instant {
            let known = self.next_change.unwrap_or(instant);
            self.next_change = Some(known.min(instant));
        }
    }

    fn add(&mut self, listed: Listed, entry: &Entry, program: &Program, place: Place) {
        self.length = self.length.saturating_add(entry.text.len());
        self.hash = followed(self.hash, entry.hash);
        if entry.is_missing_unit {
            let flag = program.flag_at(listed.index);
            self.missing_units
                .extend(flag.map(|flag| flag.key().to_owned()));
        }
        self.places.push(place);
    }

    /// The entity tag of an answer of these that ends with `end`: it hashes what they say.
    ///
    /// What comes before them is the same in all answers to one call.
    pub(crate) fn etag(&self, end: &str) -> String {
        tag(followed(self.hash, Seed::of(end).to_bits()))
    }

    /// The answer that has these between `start` and `end`.
    pub(crate) fn between(self, start: &str, end: &str, etag: String) -> Response {
        let length = start.len().saturating_add(self.length);
        let mut text = String::with_capacity(length.saturating_add(end.len()));
        text.push_str(start);
        let mut entries = self.places.iter().map(|place| self.entry(place));
        // The first follows nothing.
        if let Some(first) = entries.next() {
            text.push_str(first.strip_prefix(',').unwrap_or(first));
        }
        for entry in entries {
            text.push_str(entry);
        }
        text.push_str(end);
        Response {
            status: 200,
            etag: Some(etag),
            body: Body::Json(text),
            missing_units: self.missing_units,
        }
    }

    fn entry<'c>(&'c self, place: &'c Place) -> &'c str {
        match place {
            Place::Here(text) => text,
            Place::Kept(flag, number) => {
                let of_flag = self.kept.get(*flag);
                let entry = of_flag.and_then(|entries| entries.get(*number));
                entry.map_or("", |entry| &entry.text)
            }
        }
    }
}

/// The hash of what has `hash`, followed by what has `next`. No step loses anything: of what differs in one of many hashes
/// the hash differs.
fn followed(hash: u64, next: u64) -> u64 {
    // The first prime of xxHash.
    (hash.rotate_left(31) ^ next).wrapping_mul(0x9E37_79B1_85EB_CA87)
}

#[cfg(test)]
mod tests;
