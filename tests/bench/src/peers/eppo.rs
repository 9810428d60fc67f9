use std::sync::Arc;

use chrono::{DateTime, Utc};
use eppo_core::eval::get_assignment;
use eppo_core::ufc::{Assignment, AssignmentValue, UniversalFlagConfig, VariationType};
use eppo_core::{Attributes, Configuration, SdkMetadata, Str};
use serde_json::{Value, json};

use crate::context::Context;
use crate::engine::Engine;
use crate::set::Set;
use crate::write;

pub struct Eppo {
    configuration: Configuration,
    now: DateTime<Utc>,
}

impl Eppo {
    fn assign(
        &self,
        key: &str,
        kind: Option<VariationType>,
        (subject, attributes): &(Str, Arc<Attributes>),
    ) -> Option<AssignmentValue> {
        let assigned = get_assignment(
            Some(&self.configuration),
            key,
            subject,
            attributes,
            kind,
            self.now,
        );
        // A disabled flag is an error here: the caller's default.
        assigned
            .ok()
            .flatten()
            .map(|Assignment { value, .. }| value)
    }
}

impl Engine for Eppo {
    const NAME: &'static str = "eppo_core";
    type Context = (Str, Arc<Attributes>);

    fn configure(set: &Set) -> Vec<u8> {
        write::eppo(set).to_string().into_bytes()
    }

    fn load(bytes: &[u8]) -> Self {
        let metadata = SdkMetadata {
            name: "bench",
            version: "1.0.0",
        };
        let flags = UniversalFlagConfig::from_json(metadata, bytes.to_vec())
            .expect("the configuration is right");
        Eppo {
            configuration: Configuration::from_server_response(flags, None),
            now: Utc::now(),
        }
    }

    fn context(&self, context: &Context) -> (Str, Arc<Attributes>) {
        let attributes: Attributes = [
            ("country".into(), context.country.into()),
            ("plan".into(), context.plan.into()),
            ("email".into(), context.email.as_str().into()),
            ("version".into(), context.version.as_str().into()),
            ("device".into(), context.device.into()),
            ("tier".into(), f64::from(context.tier).into()),
            ("beta".into(), context.beta.into()),
        ]
        .into_iter()
        .collect();
        (Str::new(&context.targeting_key), Arc::new(attributes))
    }

    fn is_on(&self, key: &str, context: &(Str, Arc<Attributes>)) -> bool {
        self.assign(key, Some(VariationType::Boolean), context)
            .is_some_and(|value| value.as_boolean() == Some(true))
    }

    fn text(&self, key: &str, context: &(Str, Arc<Attributes>)) -> usize {
        self.assign(key, Some(VariationType::String), context)
            .map_or(0, |value| value.as_str().map_or(0, str::len))
    }

    fn all(&self, context: &(Str, Arc<Attributes>)) -> usize {
        self.configuration
            .flag_keys()
            .filter(|key| self.assign(key, None, context).is_some())
            .count()
    }

    fn value(&self, key: &str, is_boolean: bool, context: &(Str, Arc<Attributes>)) -> Value {
        match self.assign(key, None, context) {
            Some(AssignmentValue::Boolean(value)) => json!(value),
            Some(AssignmentValue::String(value)) => json!(value.as_str()),
            _ if is_boolean => json!(false),
            _ => Value::Null,
        }
    }
}
