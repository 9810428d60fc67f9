//! The two forms of the file: all features at once, or events that say how they came to be.

use std::collections::BTreeMap;

use serde_json::Value;
use vexil_ruleset::Path;

use crate::draft::Draft;

/// What is in force at the end of the file, and where it stands there.
#[derive(Default)]
pub(super) struct File<'f> {
    pub(super) features: BTreeMap<&'f str, (Path, &'f Value)>,
    pub(super) segments: BTreeMap<i64, (Path, &'f Value)>,
}

/// `None` where it is neither form.
pub(super) fn read<'f>(file: &'f Value, draft: &mut Draft) -> Option<File<'f>> {
    let root = Path::default();
    let known: &[&str] = if let Some(features) = file.get("features").and_then(Value::as_array) {
        let mut read = File::default();
        read.add(features, file.get("segments"), &root, draft);
        note_members(file, &["features", "segments"], draft);
        return Some(read);
    } else {
        &["events"]
    };
    let events = file.get("events")?.as_array()?;
    let mut read = File::default();
    for (index, event) in events.iter().enumerate() {
        read.apply(
            event,
            &root.clone().join("events").join(&index.to_string()),
            draft,
        );
    }
    note_members(file, known, draft);
    Some(read)
}

fn note_members(file: &Value, known: &[&str], draft: &mut Draft) {
    let members = file.as_object().into_iter().flatten();
    for (name, _) in members.filter(|(name, _)| !known.contains(&name.as_str())) {
        let reason = "left out: it says where the features come from";
        draft.note_dropped(Path::default().join(name), reason);
    }
}

impl<'f> File<'f> {
    fn apply(&mut self, event: &'f Value, path: &Path, draft: &mut Draft) {
        let step = |name: &str| path.clone().join(name);
        match event.get("type").and_then(Value::as_str) {
            Some("hydration") => {
                let before = std::mem::take(self);
                let features_before = before.features.into_values().map(|(at, _)| at);
                let segments_before = before.segments.into_values().map(|(at, _)| at);
                for at in features_before.chain(segments_before) {
                    note_gone(Some(at), &format!("replaced by {path}"), draft);
                }
                let features = event.get("features").and_then(Value::as_array);
                let features = features.map(Vec::as_slice).unwrap_or_default();
                self.add(features, event.get("segments"), path, draft);
            }
            Some("feature-updated") => {
                self.add_feature(
                    event.get("feature").unwrap_or(event),
                    step("feature"),
                    draft,
                );
            }
            Some("feature-removed") => {
                if let Some(name) = event.get("featureName").and_then(Value::as_str) {
                    let gone = self.features.remove(name).map(|(at, _)| at);
                    note_gone(gone, &format!("removed by {path}"), draft);
                }
            }
            Some("segment-updated") => {
                self.add_segment(
                    event.get("segment").unwrap_or(event),
                    step("segment"),
                    draft,
                );
            }
            Some("segment-removed") => {
                if let Some(id) = event.get("segmentId").and_then(Value::as_i64) {
                    let gone = self.segments.remove(&id).map(|(at, _)| at);
                    note_gone(gone, &format!("removed by {path}"), draft);
                }
            }
            _ => draft.note(path.clone(), None, "left out: no such event is known"),
        }
    }

    fn add(
        &mut self,
        features: &'f [Value],
        segments: Option<&'f Value>,
        path: &Path,
        draft: &mut Draft,
    ) {
        let at = |room: &str, index: usize| path.clone().join(room).join(&index.to_string());
        for (index, feature) in features.iter().enumerate() {
            self.add_feature(feature, at("features", index), draft);
        }
        let segments = segments.and_then(Value::as_array).into_iter().flatten();
        for (index, segment) in segments.enumerate() {
            self.add_segment(segment, at("segments", index), draft);
        }
    }

    fn add_feature(&mut self, feature: &'f Value, path: Path, draft: &mut Draft) {
        let Some(name) = feature.get("name").and_then(Value::as_str) else {
            draft.note(
                path,
                None,
                "the flag is left out: expected an object with a name",
            );
            return;
        };
        let gone = self.features.insert(name, (path.clone(), feature));
        note_gone(
            gone.map(|(at, _)| at),
            &format!("said again by {path}"),
            draft,
        );
    }

    fn add_segment(&mut self, segment: &'f Value, path: Path, draft: &mut Draft) {
        let Some(id) = segment.get("id").and_then(Value::as_i64) else {
            draft.note(
                path,
                None,
                "the segment is left out: expected an object with an id",
            );
            return;
        };
        let gone = self.segments.insert(id, (path.clone(), segment));
        note_gone(
            gone.map(|(at, _)| at),
            &format!("said again by {path}"),
            draft,
        );
    }
}

fn note_gone(gone: Option<Path>, why: &str, draft: &mut Draft) {
    if let Some(at) = gone {
        draft.note_dropped(at, format!("left out: {why}"));
    }
}
