use serde_json::{Value, json};
use unleash_types::client_features::ClientFeatures;
use unleash_yggdrasil::{Context, EngineState};

use crate::context;
use crate::engine::Engine;
use crate::set::Set;
use crate::write;

pub struct Unleash(EngineState);

impl Unleash {
    fn payload(&self, key: &str, context: &Context) -> Option<String> {
        self.0
            .get_variant(key, context, &None)
            .payload
            .map(|payload| payload.value)
    }
}

impl Engine for Unleash {
    const NAME: &'static str = "unleash-yggdrasil";
    type Context = Context;

    fn configure(set: &Set) -> Vec<u8> {
        write::unleash(set).to_string().into_bytes()
    }

    fn load(bytes: &[u8]) -> Self {
        let features: ClientFeatures =
            serde_json::from_slice(bytes).expect("the features are right");
        let state = EngineState::default();
        assert!(
            state.apply_client_features(features).is_none(),
            "the features compile without a warning"
        );
        Unleash(state)
    }

    fn context(&self, context: &context::Context) -> Context {
        let properties = [
            ("country", context.country.to_owned()),
            ("plan", context.plan.to_owned()),
            ("email", context.email.clone()),
            ("version", context.version.clone()),
            ("device", context.device.to_owned()),
            ("tier", context.tier.to_string()),
            ("beta", context.beta.to_string()),
        ];
        Context {
            user_id: Some(context.targeting_key.clone()),
            session_id: None,
            environment: None,
            app_name: None,
            current_time: None,
            remote_address: None,
            properties: Some(
                properties
                    .into_iter()
                    .map(|(name, value)| (name.to_owned(), value))
                    .collect(),
            ),
        }
    }

    fn is_on(&self, key: &str, context: &Context) -> bool {
        self.0.is_enabled(key, context, &None)
    }

    fn text(&self, key: &str, context: &Context) -> usize {
        self.payload(key, context).map_or(0, |text| text.len())
    }

    fn all(&self, context: &Context) -> usize {
        self.0
            .resolve_all(context, &None)
            .map_or(0, |all| all.len())
    }

    fn value(&self, key: &str, is_boolean: bool, context: &Context) -> Value {
        if is_boolean {
            json!(self.is_on(key, context))
        } else {
            json!(self.payload(key, context))
        }
    }
}
