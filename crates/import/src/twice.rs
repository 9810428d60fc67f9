//! Members that a file says twice: of those readers of JSON keep the last.

use std::collections::BTreeSet;
use std::fmt;

use serde::de::{DeserializeSeed, Deserializer, MapAccess, SeqAccess, Visitor};
use vexil_ruleset::Path;

use crate::note::Note;

/// A note for each member of an object in `json` that was there before.
pub(crate) fn notes(json: &str) -> Vec<Note> {
    let mut found = Vec::new();
    let whole = Place {
        path: Path::default(),
        found: &mut found,
    };
    // What is no JSON at all is said by whoever reads it.
    let _ = whole.deserialize(&mut serde_json::Deserializer::from_str(json));
    let note = |path| Note::left_out(path, "it is there twice: what comes last counts");
    found.into_iter().map(note).collect()
}

/// A value, and where what is there twice is noted.
struct Place<'f> {
    path: Path,
    found: &'f mut Vec<Path>,
}

impl<'de> DeserializeSeed<'de> for Place<'_> {
    type Value = ();

    fn deserialize<D: Deserializer<'de>>(self, deserializer: D) -> Result<(), D::Error> {
        deserializer.deserialize_any(self)
    }
}

impl<'de> Visitor<'de> for Place<'_> {
    type Value = ();

    fn expecting(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str("JSON")
    }

    fn visit_bool<E>(self, _: bool) -> Result<(), E> {
        Ok(())
    }

    fn visit_i64<E>(self, _: i64) -> Result<(), E> {
        Ok(())
    }

    fn visit_u64<E>(self, _: u64) -> Result<(), E> {
        Ok(())
    }

    fn visit_f64<E>(self, _: f64) -> Result<(), E> {
        Ok(())
    }

    fn visit_str<E>(self, _: &str) -> Result<(), E> {
        Ok(())
    }

    fn visit_unit<E>(self) -> Result<(), E> {
        Ok(())
    }

    fn visit_seq<A: SeqAccess<'de>>(self, mut items: A) -> Result<(), A::Error> {
        let mut index = 0_usize;
        loop {
            let item = Place {
                path: self.path.clone().join(&index.to_string()),
                found: self.found,
            };
            if items.next_element_seed(item)?.is_none() {
                return Ok(());
            }
            index = index.saturating_add(1);
        }
    }

    fn visit_map<A: MapAccess<'de>>(self, mut members: A) -> Result<(), A::Error> {
        let mut names = BTreeSet::new();
        while let Some(name) = members.next_key::<String>()? {
            let path = self.path.clone().join(&name);
            if !names.insert(name) {
                self.found.push(path.clone());
            }
            let found = &mut *self.found;
            members.next_value_seed(Place { path, found })?;
        }
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::notes;

    #[test]
    fn what_is_there_twice_is_named() {
        let found = notes(r#"{ "a": [{ "b": 1, "c": null, "b": "x" }], "d": true, "a": -1.5 }"#);
        let places: Vec<_> = found.iter().map(|note| note.path.as_str()).collect();
        assert_eq!(places, ["/a/0/b", "/a"]);
        assert_eq!(notes("{"), []);
    }
}
