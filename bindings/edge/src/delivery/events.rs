//! `POST /v1/events`: what clients report, refused or counted.
//!
//! What a batch says is judged here, by the program that this isolate has; the counters only add ([`counters`]). None of
//! it touches the environment, and it has limits of its own: however much is reported, flags are answered.

use core::time::Duration;
use std::collections::BTreeMap;

use serde_json::{Map, Value as Json, json};
use vexil_core::Program;
use vexil_ofrep::{Visibility, parse_json};
use vexil_release::events::{BATCH_BYTES, Batch, Envelope, Exposed, Fault, Known, Tally};
use worker::{Response, Result, console_error};

use super::Current;
use crate::counters::{self, Outcome};
use crate::router::Scope;
use crate::wait::within;
use crate::{Exchange, body, reply};

/// How long counting may take before a client is told to come back: it sends the same batch then.
const COUNT: Duration = Duration::from_secs(5);
/// After how many seconds.
const RETRY_AFTER_S: u32 = 5;

/// `in_header` is the key in the request's head, where it is there.
pub(crate) async fn count(exchange: &Exchange, in_header: Option<String>) -> Result<Response> {
    let Some(body) = body::read(&exchange.request, BATCH_BYTES).await? else {
        let detail = format!("the body is larger than {BATCH_BYTES} bytes");
        return reply::plain_problem(413, &detail);
    };
    let envelope = match parse_json(&body) {
        Ok(json) => Envelope::open(json),
        Err(error) => {
            let detail = format!("the body is not JSON: {error}");
            return reply::plain_problem(400, &detail);
        }
    };
    let envelope = match envelope {
        Ok(envelope) => envelope,
        Err(fault) => return refuse(&fault),
    };
    let credential = in_header.as_deref().or(envelope.key.as_deref());
    let claim = match exchange.claim(credential, Scope::Evaluate)? {
        Ok(claim) => claim,
        Err(refusal) => return refusal.answer(),
    };
    let (mut current, caller) = match Current::load(exchange, &claim, None, None).await? {
        Ok(admitted) => admitted,
        Err(reason) => return reason.answer(),
    };
    let batch = match envelope.batch() {
        Ok(batch) => batch,
        Err(fault) => return refuse(&fault),
    };
    let mut tally = tally(&batch, &current, caller.visibility());
    if tally.unknown_since > current.newest.head.version {
        // It is of a version that this isolate has not seen yet.
        let version = Some(tally.unknown_since);
        current = match Current::load(exchange, &claim, version, None).await? {
            Ok((current, _)) => current,
            Err(reason) => return reason.answer(),
        };
        tally = self::tally(&batch, &current, caller.visibility());
    }
    let counted = counters::add(&exchange.env, &claim.environment, &batch, &tally.counts);
    let counted = within(COUNT, counted).await;
    match counted.unwrap_or_else(|| Err("they took too long".into())) {
        Ok(outcome) => reply::json(202, &answer(outcome, &tally)),
        Err(error) => {
            console_error!("the counters of {}: {error}", claim.environment);
            let detail = "nobody can say that these events are counted: send the same batch again";
            reply::retry_later(detail, RETRY_AFTER_S)
        }
    }
}

fn tally(batch: &Batch, current: &Current, visibility: Visibility) -> Tally {
    let program = &current.newest.program;
    let mut stages = BTreeMap::new();
    batch.tally(current.now, |exposed| {
        known(program, visibility, exposed, &mut stages)
    })
}

/// What a key of that visibility may know of what `exposed` names. `stages` are those of flags that were asked for
/// before, by the number of the flag.
fn known<'p>(
    program: &'p Program,
    visibility: Visibility,
    exposed: &Exposed,
    stages: &mut BTreeMap<u32, Vec<&'p str>>,
) -> Known {
    let flag = program.flag(&exposed.flag);
    let Some(flag) = flag.filter(|flag| visibility.shows(*flag)) else {
        return Known::Nothing;
    };
    if !flag.variants().any(|it| it.name == exposed.variant) {
        return Known::Nothing;
    }
    let Some(stage) = &exposed.stage else {
        return Known::Variant;
    };
    let stages = stages.entry(flag.index()).or_insert_with(|| {
        let mut releases: Vec<_> = flag.releases().collect();
        releases.dedup_by_key(|release| release.index());
        let names = releases.into_iter().flat_map(|release| {
            (0..release.stage_count()).filter_map(move |stage| release.stage_name(stage))
        });
        names.collect()
    });
    if stages.contains(&stage.as_str()) {
        Known::Stage
    } else {
        Known::Variant
    }
}

fn answer(outcome: Outcome, tally: &Tally) -> Json {
    match outcome {
        Outcome::Repeated => json!({ "accepted": 0, "repeated": true }),
        Outcome::Counted if tally.refused.is_empty() => json!({ "accepted": tally.accepted }),
        Outcome::Counted => {
            let refused = tally.refused.iter().map(|refusal| {
                let reason = refusal.reason.to_string();
                json!({ "index": refusal.index, "reason": reason })
            });
            json!({ "accepted": tally.accepted, "refused": refused.collect::<Json>() })
        }
    }
}

fn refuse(fault: &Fault) -> Result<Response> {
    let status = if fault.is_excess { 413 } else { 400 };
    let mut members = Map::new();
    members.insert("path".to_owned(), Json::from(fault.path));
    let place = if fault.path.is_empty() {
        "the body"
    } else {
        fault.path
    };
    reply::problem(status, &format!("{place}: {}", fault.detail), members)
}
