//! Who asks: eight attributes.

use serde::Serialize;

use crate::random::Random;
use crate::set::Rule;

pub const COUNTRIES: [&str; 24] = [
    "DE", "AT", "CH", "FR", "IT", "ES", "PT", "NL", "BE", "LU", "DK", "SE", "NO", "FI", "PL", "CZ",
    "US", "CA", "MX", "BR", "AR", "JP", "KR", "IN",
];
pub const PLANS: [&str; 4] = ["free", "pro", "team", "enterprise"];

#[derive(Clone, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct Context {
    pub targeting_key: String,
    pub country: &'static str,
    pub plan: &'static str,
    pub email: String,
    pub version: String,
    pub device: &'static str,
    pub tier: u32,
    pub beta: bool,
}

impl Context {
    pub(crate) fn random(random: &mut Random) -> Context {
        let id = random.below(1_000_000);
        Context {
            targeting_key: format!("user-{id}"),
            country: random.one_of(&COUNTRIES),
            plan: random.one_of(&PLANS),
            email: format!("someone{id}@example.com"),
            version: format!(
                "{}.{}.{}",
                random.below(4),
                random.below(20),
                random.below(20)
            ),
            device: random.one_of(&["phone", "tablet", "desktop"]),
            tier: random.below(10) as u32,
            beta: random.below(10) == 0,
        }
    }

    pub(crate) fn matching(rule: &Rule<'_>, random: &mut Random) -> Context {
        Context {
            country: random.one_of(rule.countries),
            plan: rule.plan,
            ..Context::random(random)
        }
    }
}
