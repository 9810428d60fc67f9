//! Strings, each kept once, and the open-addressed tables that find them.

use alloc::collections::BTreeMap;
use alloc::string::String;
use alloc::vec;
use alloc::vec::Vec;

use crate::layout::NONE;
use crate::program::split_hash;

/// The strings of a program, by number.
#[derive(Default)]
pub(super) struct Strings {
    numbers: BTreeMap<String, u32>,
    strings: Vec<Entry>,
}

struct Entry {
    text: String,
    is_compared: bool,
}

impl Strings {
    pub(super) fn add(&mut self, text: &str) -> u32 {
        if let Some(number) = self.numbers.get(text) {
            return *number;
        }
        let number = self.strings.len() as u32;
        self.numbers.insert(text.into(), number);
        self.strings.push(Entry {
            text: text.into(),
            is_compared: false,
        });
        number
    }

    /// Adds a string that attributes of contexts are compared with.
    pub(super) fn add_compared(&mut self, text: &str) -> u32 {
        let number = self.add(text);
        if let Some(entry) = self.strings.get_mut(number as usize) {
            entry.is_compared = true;
        }
        number
    }

    pub(super) fn get(&self, number: u32) -> &str {
        self.strings
            .get(number as usize)
            .map_or("", |entry| entry.text.as_str())
    }

    pub(super) fn compared(&self) -> impl Iterator<Item = (&str, u32)> {
        self.strings
            .iter()
            .zip(0..)
            .filter(|(entry, _)| entry.is_compared)
            .map(|(entry, number)| (entry.text.as_str(), number))
    }

    /// The text of all, and start and length of each.
    pub(super) fn into_sections(self) -> (Vec<u8>, Vec<u32>) {
        let mut text = Vec::new();
        let mut extents = Vec::new();
        for entry in self.strings {
            extents.extend([text.len() as u32, entry.text.len() as u32]);
            text.extend(entry.text.into_bytes());
        }
        (text, extents)
    }
}

/// A table at most half full, in which [`crate::Program`] finds a reference by its text.
pub(super) fn open_addressed<'a>(entries: impl Iterator<Item = (&'a str, u32)>) -> Vec<u32> {
    let entries: Vec<(&str, u32)> = entries.collect();
    if entries.is_empty() {
        return Vec::new();
    }
    let places = entries.len().saturating_mul(2).next_power_of_two();
    let mut table = vec![[0, NONE]; places];
    let mask = places.saturating_sub(1);
    for (text, reference) in entries {
        let (tag, start) = split_hash(text.as_bytes());
        let mut at = start as usize & mask;
        while let Some(entry) = table.get_mut(at) {
            if entry[1] == NONE {
                *entry = [tag, reference];
                break;
            }
            at = at.wrapping_add(1) & mask;
        }
    }
    table.into_iter().flatten().collect()
}
