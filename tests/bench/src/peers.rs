//! The native engines that Vexil is measured against, each through its public API.

mod eppo;
mod launchdarkly;
mod unleash;

pub use eppo::Eppo;
pub use launchdarkly::LaunchDarkly;
pub use unleash::Unleash;
