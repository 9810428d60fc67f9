//! The published cases that come from npm; `cargo xtask test rust` installs them.

#![expect(clippy::expect_used, reason = "a test that cannot go on has failed")]

use std::path::Path;

use vexil_vendors::suite::{Decisions, Folders, Outcome, SUITES};

/// Runs the suite of `vendor`, of which `count` cases are known to be published.
#[track_caller]
fn check(vendor: &str, count: usize) {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("node_modules");
    let folders = Folders {
        data: None,
        node_modules: &folder,
    };
    let suite = SUITES
        .iter()
        .find(|suite| suite.name == vendor)
        .expect("a suite");
    let cases = (suite.run)(&folders)
        .expect("`cargo xtask test rust` or `cargo xtask conformance` installs the cases");
    let decisions = Decisions::load().expect("decisions.json");
    let failed = cases.iter().filter_map(|case| match &case.outcome {
        Outcome::Passed => None,
        Outcome::Failed(why) => Some(format!("{}: {why}", case.name)),
        Outcome::Unsupported(decision) => match decisions.why(vendor, decision) {
            Some(_) => None,
            None => Some(format!("{}: nobody decided `{decision}`", case.name)),
        },
    });
    assert_eq!(failed.collect::<Vec<_>>(), Vec::<String>::new());
    assert_eq!(cases.len(), count);
}

#[test]
fn unleash_answers_as_published() {
    check("unleash", 279);
}
