//! Vexil's own two calls, for its browser client: all values, and the program that makes them.

use serde_json::{Map, Value as Json};
use vexil_core::{Context, Known, Program, ProgramError, Reads, Recipient, long_lists, specialise};

use crate::answer::{Snapshot, Visibility, answers, write_choice, write_explanation, write_text};
use crate::context::resolve;
use crate::edge::is_edge;
use crate::question::Question;
use crate::response::{Body, Response, tag};

/// `/v1/values`:
/// `{"flags":{key:{value,variant,reason,rule?,stage?,arm?,missingUnit?,failsafe?}},"nextChange":ms or null,"stale"?:true}`,
/// where `failsafe` is the value to serve once the answer is too old.
///
/// It depends on what [`values_key`] says and on nothing else, so it can be kept for equal questions.
#[must_use]
pub fn values(
    snapshot: &Snapshot<'_>,
    visibility: Visibility,
    context: &Map<String, Json>,
) -> Response {
    let mut out = String::from("{\"flags\":{");
    let mut next_change: Option<i64> = None;
    let answers = answers(snapshot, visibility, context);
    for (place, answer) in answers.iter().copied().enumerate() {
        if place > 0 {
            out.push(',');
        }
        write_text(&mut out, answer.0.key());
        out.push_str(":{");
        write_choice(&mut out, answer);
        out.push_str("\"reason\":\"");
        out.push_str(answer.1.reason.name());
        out.push('"');
        write_explanation(&mut out, answer);
        let (flag, _) = answer;
        if let Some(failsafe) = flag.failsafe().and_then(|variant| flag.variant(variant)) {
            out.push_str(",\"failsafe\":");
            out.push_str(failsafe.value);
        }
        out.push('}');
        next_change = match (next_change, answer.1.next_change) {
            (Some(known), Some(other)) => Some(known.min(other)),
            (known, other) => known.or(other),
        };
    }
    out.push_str("},\"nextChange\":");
    out.push_str(&next_change.map_or_else(|| "null".to_owned(), |at| at.to_string()));
    if snapshot.is_expired {
        out.push_str(",\"stale\":true");
    }
    out.push('}');
    Response::tagged(out).noting(answers)
}

/// What decides the body of [`values`], as bytes: no two requests whose bodies differ have the same.
///
/// `reads` are those of the flags that `visibility` shows. What they do not read is not in it, so contexts that differ
/// only there share an entry of a cache.
#[must_use]
pub fn values_key(
    snapshot: &Snapshot<'_>,
    reads: &Reads,
    visibility: Visibility,
    context: &Map<String, Json>,
) -> Vec<u8> {
    let context = snapshot.believed(context);
    let context = resolve(snapshot.program, &context);
    let mut key = Vec::from(snapshot.version.to_le_bytes());
    key.push(u8::from(snapshot.withheld().contains(&true)));
    key.push(u8::from(snapshot.is_expired));
    key.push(match visibility {
        Visibility::Exposed => 0,
        Visibility::All => 1,
    });
    key.append(&mut reads.key(&context, snapshot.now));
    key
}

/// `POST /v1/program`: the length of a program (u32, little endian), the program specialised to what its caller
/// may have, and the live state for it.
///
/// Where the client already has that program the length is 0: a kill costs it the live state alone.
///
/// # Errors
/// [`ProgramError`] where the program is too large to be specialised.
pub fn program(snapshot: &Snapshot<'_>, question: &Question) -> Result<Response, ProgramError> {
    let context = snapshot.believed(&question.context);
    let context = resolve(snapshot.program, &context);
    let live = snapshot.live.resolve(snapshot.program);
    let known = known(snapshot.program, context).withhold(snapshot.withheld());
    let specialised = specialise(
        snapshot.program,
        &live,
        &known,
        Recipient::Browser,
        snapshot.now,
    )?;
    let etag = tag(specialised.checksum());
    let sent = if question.etag.as_deref() == Some(etag.as_str()) {
        &[]
    } else {
        specialised.as_bytes()
    };
    let live = snapshot.live.resolve(&specialised).to_bytes();
    let mut frame = Vec::with_capacity(sent.len().saturating_add(live.len()).saturating_add(4));
    frame.extend_from_slice(&u32::try_from(sent.len()).unwrap_or(u32::MAX).to_le_bytes());
    frame.extend_from_slice(sent);
    frame.extend_from_slice(&live);
    Ok(Response {
        status: 200,
        etag: Some(etag),
        body: Body::Bytes(frame),
        missing_units: Vec::new(),
    })
}

/// The longest list of values that a browser is sent.
const LONGEST_LIST: u32 = 256;

/// What is folded in when a browser asks: what only the edge knows, and whatever is compared with a longer list, so that
/// the list stays here.
///
/// The rest stays open: a change of it costs the browser no request. What the context lacks counts as missing, for a
/// client sends all it has.
fn known<'c>(program: &Program, context: Context<'c>) -> Known<'c> {
    let mut folds = long_lists(program, LONGEST_LIST).into_iter();
    Known::new(program, context, |attribute| {
        folds.next().unwrap_or_default() || is_edge(attribute.name)
    })
}

#[cfg(test)]
mod tests;
