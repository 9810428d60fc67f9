//! A set in the language of each engine. Each writer says the same with what its engine has for it.

mod configcat;
mod eppo;
mod flagd;
mod flipt;
mod growthbook;
mod launchdarkly;
mod unleash;
mod vexil;

pub use configcat::configcat;
pub use eppo::eppo;
pub use flagd::flagd;
pub use flipt::flipt;
pub use growthbook::growthbook;
pub use launchdarkly::launchdarkly;
pub use unleash::unleash;
pub use vexil::vexil;

use serde_json::{Map, Value};

use crate::set::{Flag, Set};

fn by_key(set: &Set, write: impl Fn(&Flag) -> Value) -> Value {
    let flags: Map<String, Value> = set
        .flags
        .iter()
        .map(|flag| (flag.key.clone(), write(flag)))
        .collect();
    Value::Object(flags)
}
