//! Entries: what single flags answer, as JSON.
//!
//! A flag has few answers, however many contexts ask. So each is written once, and the answer to a new context is made
//! of copies; its entity tag hashes their hashes.

use serde_json::{Map, Value as Json};
use vexil_core::{Flag, Program, evaluate_all};
use xxhash_rust::xxh64::xxh64;

use crate::answer::{Answer, Snapshot, Visibility};
use crate::context::resolve;
use crate::delivery::write_value;
use crate::protocol::write_flag;
use crate::response::{Body, Response, tag};

/// How much memory the entries of one program may take, in bytes. What has no room is written for each answer.
const MOST_BYTES: usize = 4 << 20;
/// How many entries of one flag are kept in one form: an answer is compared with each.
const MOST_OF_FLAG: usize = 32;
const HASH_BYTES: usize = 8;

/// The entries of a program's flags that have been written.
///
/// Its owner keeps it as long as the program; with another program it begins anew. What it holds shows in no answer, only
/// in the time that one takes.
#[derive(Clone, Debug, Default)]
pub struct Entries {
    /// The checksum of the program; `None` before the first.
    of: Option<u64>,
    /// The numbers of its flags by key: an order that no edit of another flag changes.
    by_key: Vec<u32>,
    /// By form, and then by the number of the flag.
    kept: [Vec<Vec<Entry>>; FORMS],
    /// What those take.
    bytes: usize,
}

#[derive(Clone, Debug)]
struct Entry {
    /// What the flag came to: [`vexil_core::Answer::said`].
    said: [u32; 3],
    hash: u64,
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

    fn entry(self, said: [u32; 3], answer: Answer<'_>, is_expired: bool) -> Entry {
        let mut text = String::from(",");
        match self {
            Form::Values => write_value(&mut text, answer),
            Form::Bulk => write_flag(&mut text, answer, None, is_expired),
        }
        Entry {
            said,
            hash: xxh64(text.as_bytes(), 0),
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
    /// The hashes of all.
    hashes: Vec<u8>,
    /// The instant at which the first of them changes, in ms since 1970.
    pub(crate) next_change: Option<i64>,
    missing_units: Vec<String>,
}

#[derive(Debug)]
enum Place {
    /// Of that flag the entry of that number.
    Kept(u32, usize),
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
        let mut answers = Vec::with_capacity(self.by_key.len());
        evaluate_all(program, &live, &context, snapshot.now, &mut answers);

        let Some(kept) = self.kept.get_mut(form.place(snapshot.is_expired)) else {
            return Chosen::default();
        };
        kept.resize_with(self.by_key.len(), Vec::new);
        let mut chosen = Chosen::with_room_for(self.by_key.len());
        for index in &self.by_key {
            let answer = answers.get(*index as usize).copied();
            let of_flag = kept.get_mut(*index as usize);
            let (Some(flag), Some(answer), Some(of_flag)) =
                (program.flag_at(*index), answer, of_flag)
            else {
                continue;
            };
            if !snapshot.shows(visibility, flag) {
                continue;
            }
            let said = answer.said();
            let answer = (flag, snapshot.served(flag, answer.into()));
            chosen.note(answer);
            if let Some(at) = of_flag.iter().position(|entry| entry.said == said) {
                if let Some(entry) = of_flag.get(at) {
                    chosen.add(entry, Place::Kept(*index, at));
                }
                continue;
            }
            let entry = form.entry(said, answer, snapshot.is_expired);
            let bytes = self.bytes.saturating_add(entry.bytes());
            if of_flag.len() < MOST_OF_FLAG && bytes <= MOST_BYTES {
                chosen.add(&entry, Place::Kept(*index, of_flag.len()));
                self.bytes = bytes;
                of_flag.reserve_exact(1);
                of_flag.push(entry);
            } else {
                chosen.add(&entry, Place::Here(entry.text.clone()));
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
        *self = Entries {
            of: Some(program.checksum()),
            by_key: flags.iter().map(Flag::index).collect(),
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
    fn with_room_for(count: usize) -> Self {
        Chosen {
            places: Vec::with_capacity(count),
            hashes: Vec::with_capacity(count.saturating_mul(HASH_BYTES)),
            ..Chosen::default()
        }
    }

    /// Takes note of what is said of all answers together.
    fn note(&mut self, (flag, evaluation): Answer<'_>) {
        let changes = [self.next_change, evaluation.next_change];
        self.next_change = changes.into_iter().flatten().min();
        if evaluation.is_missing_unit {
            self.missing_units.push(flag.key().to_owned());
        }
    }

    fn add(&mut self, entry: &Entry, place: Place) {
        self.length = self.length.saturating_add(entry.text.len());
        self.hashes.extend_from_slice(&entry.hash.to_le_bytes());
        self.places.push(place);
    }

    /// The entity tag of an answer of these that ends with `end`: it hashes what they say.
    ///
    /// What comes before them is the same in all answers to one call.
    pub(crate) fn etag(&self, end: &str) -> String {
        tag(xxh64(&self.hashes, xxh64(end.as_bytes(), 0)))
    }

    /// The answer that has these between `start` and `end`.
    pub(crate) fn between(self, start: &str, end: &str, etag: String) -> Response {
        let length = start.len().saturating_add(self.length);
        let mut text = String::with_capacity(length.saturating_add(end.len()));
        text.push_str(start);
        // The first follows nothing.
        for (number, place) in self.places.iter().enumerate() {
            let comma = usize::from(number == 0);
            text.push_str(self.entry(place).get(comma..).unwrap_or_default());
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
                let of_flag = self.kept.get(*flag as usize);
                let entry = of_flag.and_then(|entries| entries.get(*number));
                entry.map_or("", |entry| &entry.text)
            }
        }
    }
}
