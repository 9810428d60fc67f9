//! `LaunchDarkly`'s own evaluator, of its SDKs in Rust.

use std::collections::HashMap;

use launchdarkly_server_sdk_evaluation::{Context, Flag, Segment, Store, evaluate};
use serde::de::DeserializeOwned;
use serde_json::Value;
use vexil_vendors::question::Question;

use crate::Peer;

pub struct LaunchDarkly;

struct Payload {
    flags: HashMap<String, Flag>,
    segments: HashMap<String, Segment>,
}

impl Store for Payload {
    fn flag(&self, key: &str) -> Option<Flag> {
        self.flags.get(key).cloned()
    }

    fn segment(&self, key: &str) -> Option<Segment> {
        self.segments.get(key).cloned()
    }
}

impl Peer for LaunchDarkly {
    fn answers(&mut self, question: &Question) -> Result<Vec<Vec<Value>>, String> {
        let payload = Payload {
            flags: read(&question.file["flags"])?,
            segments: read(&question.file["segments"])?,
        };
        let contexts: Vec<Context> = question
            .contexts
            .iter()
            .map(read)
            .collect::<Result<_, _>>()?;
        let answer = |key: &String, context: &Context| {
            let flag = &payload.flags[key];
            let index = evaluate(&payload, flag, context, None).variation_index;
            // Its numbers are all of one type; those of the file are not.
            let variations = &question.file["flags"][key]["variations"];
            let index = index.and_then(|index| usize::try_from(index).ok());
            index
                .and_then(|index| variations.get(index))
                .cloned()
                .unwrap_or_default()
        };
        let flags = question.flags.iter();
        Ok(flags
            .map(|(key, _)| {
                contexts
                    .iter()
                    .map(|context| answer(key, context))
                    .collect()
            })
            .collect())
    }
}

fn read<T: DeserializeOwned>(value: &Value) -> Result<T, String> {
    serde_json::from_value(value.clone()).map_err(|error| format!("{error}: {value}"))
}
