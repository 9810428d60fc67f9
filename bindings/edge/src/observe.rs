//! What this isolate counted and has not handed to the environments yet.

use std::cell::RefCell;
use std::collections::BTreeMap;

use worker::{Context, Env, console_error};

use crate::deployment::Deployment;
use crate::metrics::Counts;
use crate::router::Call;
use crate::{clock, environment};

/// How long counts stay here, in ms, before the next request hands them over.
const KEPT_MS: i64 = 10_000;

#[derive(Default)]
struct Kept {
    counts: BTreeMap<String, Counts>,
    /// When they were last handed over, in ms since 1970.
    handed: i64,
}

thread_local! {
    static KEPT: RefCell<Kept> = RefCell::default();
}

/// Counts something of an environment.
pub(crate) fn count(environment: &str, count: impl FnOnce(&mut Counts)) {
    KEPT.with_borrow_mut(|kept| count(kept.counts.entry(environment.to_owned()).or_default()));
}

/// Counts an answer to `call`, which began at `began` (ms since 1970), and now and then hands over what was counted, in
/// the background.
pub(crate) fn answered(
    env: &Env,
    context: &Context,
    environment: Option<&str>,
    call: &Call,
    status: u16,
    began: i64,
) {
    let now = clock::now();
    let ms = u64::try_from(now.saturating_sub(began)).unwrap_or_default();
    let deployment = Deployment::of(env);
    // A deployment that is set up wrongly says so where its environments are asked for, and lives on.
    let first = || deployment.environments().ok()?.first();
    if let Some(name) = environment.or_else(|| first().map(String::as_str)) {
        let route = format!("{} {}", call.method, call.path);
        count(name, |counts| counts.request(&route, status, ms));
    }
    let is_due = KEPT.with_borrow(|kept| !(0..KEPT_MS).contains(&now.saturating_sub(kept.handed)));
    if is_due {
        let env = env.clone();
        context.wait_until(async move { hand_over(&env).await });
    }
}

/// Hands over what was counted. What does not arrive is lost.
pub(crate) async fn hand_over(env: &Env) {
    let counted = KEPT.with_borrow_mut(|kept| {
        kept.handed = clock::now();
        core::mem::take(&mut kept.counts)
    });
    for (name, mut counts) in counted {
        if let Err(error) = environment::add_counts(env, &name, &counts.take()).await {
            console_error!("counts of {name} are lost: {error}");
        }
    }
}
