//! The files in which flags and segments of `LaunchDarkly` come.

use std::collections::{BTreeMap, BTreeSet};

use serde_json::{Map, Value};
use vexil_ruleset::Path;

use crate::note::Note;

/// A flag or a segment of a file.
#[derive(Clone)]
pub(super) struct Source<'f> {
    pub(super) key: &'f str,
    pub(super) path: Path,
    members: &'f Map<String, Value>,
    /// What holds in one environment, where the file tells it apart.
    environment: Option<(Path, &'f Map<String, Value>)>,
}

/// All of a file.
pub(super) struct File<'f> {
    pub(super) flags: BTreeMap<&'f str, Source<'f>>,
    pub(super) segments: BTreeMap<&'f str, Source<'f>>,
    /// What is neither, or no object.
    pub(super) others: Vec<Path>,
}

/// The members of a file beside flags and segments that only say how it came.
const ENVELOPE: [&str; 6] = ["path", "event", "_links", "totalCount", "data", "items"];

impl<'f> File<'f> {
    /// Finds flags and segments: in `{"flags": {…}, "segments": {…}}` as SDKs and the Relay Proxy have them, in the
    /// `{"data": {…}}` of a stream's put, in the `{"items": […]}` of the REST API, which may also stand as `flags` and
    /// `segments`.
    pub(super) fn read(file: &'f Value) -> Result<File<'f>, Vec<Note>> {
        let fault = |path: Path, reason: &str| vec![Note::left_out(path, reason)];
        let top = file
            .as_object()
            .ok_or_else(|| fault(Path::default(), "expected an object with `flags`"))?;
        let (path, members) = match top.get("data").and_then(Value::as_object) {
            Some(data) => (Path::default().join("data"), data),
            None => (Path::default(), top),
        };
        let mut read = File {
            flags: BTreeMap::new(),
            segments: BTreeMap::new(),
            others: Vec::new(),
        };
        let flags = match (members.get("flags"), members.get("items")) {
            (Some(flags), _) => (path.clone().join("flags"), flags),
            (None, Some(_)) => (path.clone(), file.get("data").unwrap_or(file)),
            (None, None) => {
                return Err(fault(
                    path.join("flags"),
                    "expected an object of flags by key",
                ));
            }
        };
        read.flags = things(flags.1, &flags.0, &mut read.others)
            .ok_or_else(|| fault(flags.0, "expected an object of flags by key"))?;
        if let Some(segments) = members.get("segments") {
            let at = path.clone().join("segments");
            read.segments = things(segments, &at, &mut read.others)
                .ok_or_else(|| fault(at, "expected an object of segments by key"))?;
        }
        let is_other = |name: &&String| {
            !["flags", "segments"].contains(&name.as_str()) && !ENVELOPE.contains(&name.as_str())
        };
        read.others.extend(
            members
                .keys()
                .filter(is_other)
                .map(|name| path.clone().join(name)),
        );
        read.choose_environment()?;
        Ok(read)
    }

    /// Takes the one environment that all flags of the REST API have.
    fn choose_environment(&mut self) -> Result<(), Vec<Note>> {
        let all = |source: &Source<'f>| {
            source
                .members
                .get("environments")
                .and_then(Value::as_object)
        };
        let names: BTreeSet<&str> = self
            .flags
            .values()
            .filter_map(all)
            .flat_map(|it| it.keys().map(String::as_str))
            .collect();
        if names.len() > 1 {
            let names: Vec<_> = names.iter().map(|name| format!("`{name}`")).collect();
            let reason = format!(
                "the flags are for the environments {}: ask for one, with `?env=KEY`",
                names.join(", ")
            );
            return Err(vec![Note::left_out(Path::default(), reason)]);
        }
        for source in self.flags.values_mut() {
            let one = all(source).into_iter().flatten().next();
            source.environment = one.and_then(|(name, members)| {
                let path = source.path.clone().join("environments").join(name);
                Some((path, members.as_object()?))
            });
        }
        Ok(())
    }
}

/// Objects by key: of an object, of a list of objects that have a `key`, or of the `items` of one.
fn things<'f>(
    all: &'f Value,
    path: &Path,
    others: &mut Vec<Path>,
) -> Option<BTreeMap<&'f str, Source<'f>>> {
    let mut out = BTreeMap::new();
    let mut add =
        |key: Option<&'f str>, path: Path, thing: &'f Value| match (key, thing.as_object()) {
            // Of two with one key the first is kept, and the other is noted.
            (Some(key), Some(members)) if !out.contains_key(key) => {
                let environment = None;
                out.insert(
                    key,
                    Source {
                        key,
                        path,
                        members,
                        environment,
                    },
                );
            }
            _ => others.push(path),
        };
    let (path, all) = match all.get("items") {
        Some(items @ Value::Array(_)) => (path.clone().join("items"), items),
        _ => (path.clone(), all),
    };
    match all {
        Value::Object(by_key) => {
            for (key, thing) in by_key {
                add(Some(key), path.clone().join(key), thing);
            }
        }
        Value::Array(list) => {
            for (index, thing) in list.iter().enumerate() {
                let key = thing.get("key").and_then(Value::as_str);
                add(key, path.clone().join(&index.to_string()), thing);
            }
        }
        Value::Null | Value::Bool(_) | Value::Number(_) | Value::String(_) => return None,
    }
    Some(out)
}

impl<'f> Source<'f> {
    /// A member, of the environment or of the whole, and where it is; `None` where it is null.
    pub(super) fn get(&self, name: &str) -> Option<(Path, &'f Value)> {
        let inner = self
            .environment
            .as_ref()
            .and_then(|(path, members)| Some((path, members.get(name)?)));
        let (path, value) = inner.or_else(|| Some((&self.path, self.members.get(name)?)))?;
        (!value.is_null()).then(|| (path.clone().join(name), value))
    }

    /// The items of a list with the place of each; none where there is no list.
    pub(super) fn items(&self, name: &str) -> Vec<(Path, &'f Value)> {
        self.get(name)
            .map(|(path, list)| items(list, &path))
            .unwrap_or_default()
    }

    pub(super) fn text(&self, name: &str) -> Option<&'f str> {
        self.get(name)?.1.as_str()
    }

    pub(super) fn is(&self, name: &str) -> bool {
        self.get(name)
            .is_some_and(|(_, value)| value == &Value::Bool(true))
    }

    /// Whether it is of the REST API, which tells environments apart and has members for people.
    pub(super) fn is_of_rest(&self) -> bool {
        self.environment.is_some() || self.members.contains_key("_links")
    }

    /// The names of all members.
    pub(super) fn names(&self) -> impl Iterator<Item = &'f str> + use<'f> {
        self.members.keys().map(String::as_str)
    }
}

/// The items of `list` with the place of each; none where it is no list.
pub(super) fn items<'f>(list: &'f Value, path: &Path) -> Vec<(Path, &'f Value)> {
    let items = list.as_array().into_iter().flatten().enumerate();
    items
        .map(|(index, item)| (path.clone().join(&index.to_string()), item))
        .collect()
}
