use std::collections::HashMap;

use launchdarkly_server_sdk_evaluation::{
    Context, ContextBuilder, Flag, FlagValue, Segment, Store, evaluate,
};
use serde::Deserialize;
use serde_json::{Value, json};

use crate::context;
use crate::engine::Engine;
use crate::set::Set;
use crate::write;

#[derive(Deserialize)]
pub struct LaunchDarkly {
    flags: HashMap<String, Flag>,
    segments: HashMap<String, Segment>,
}

impl LaunchDarkly {
    fn find<'a>(&'a self, key: &str, context: &'a Context) -> Option<&'a FlagValue> {
        // The store of the SDK clones a flag for each look-up; a caller that holds it does not.
        evaluate(self, self.flags.get(key)?, context, None).value
    }
}

impl Store for LaunchDarkly {
    fn flag(&self, key: &str) -> Option<Flag> {
        self.flags.get(key).cloned()
    }

    fn segment(&self, key: &str) -> Option<Segment> {
        self.segments.get(key).cloned()
    }
}

impl Engine for LaunchDarkly {
    const NAME: &'static str = "launchdarkly";
    type Context = Context;

    fn configure(set: &Set) -> Vec<u8> {
        write::launchdarkly(set).to_string().into_bytes()
    }

    fn load(bytes: &[u8]) -> Self {
        serde_json::from_slice(bytes).expect("the data is right")
    }

    fn context(&self, context: &context::Context) -> Context {
        ContextBuilder::new(context.targeting_key.as_str())
            .set_string("country", context.country)
            .set_string("plan", context.plan)
            .set_string("email", context.email.as_str())
            .set_string("version", context.version.as_str())
            .set_string("device", context.device)
            .set_float("tier", f64::from(context.tier))
            .set_bool("beta", context.beta)
            .build()
            .expect("the context is right")
    }

    fn is_on(&self, key: &str, context: &Context) -> bool {
        matches!(self.find(key, context), Some(FlagValue::Bool(true)))
    }

    fn text(&self, key: &str, context: &Context) -> usize {
        match self.find(key, context) {
            Some(FlagValue::Str(text)) => text.len(),
            _ => 0,
        }
    }

    fn all(&self, context: &Context) -> usize {
        self.flags
            .values()
            .filter(|flag| evaluate(self, flag, context, None).value.is_some())
            .count()
    }

    fn value(&self, key: &str, _: bool, context: &Context) -> Value {
        match self.find(key, context) {
            Some(FlagValue::Bool(value)) => json!(value),
            Some(FlagValue::Str(text)) => json!(text),
            _ => Value::Null,
        }
    }
}
