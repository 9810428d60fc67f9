//! Vexil's own two calls, for its browser client: all values, and the program that makes them.

use std::borrow::Cow;

use serde_json::{Map, Value as Json};
use vexil_core::{
    Attribute, Known, Program, ProgramError, Reads, Recipient, long_lists, specialise,
};

use crate::answer::{Answer, Snapshot, Visibility, write_choice, write_explanation, write_text};
use crate::context::resolve;
use crate::edge::is_edge;
use crate::entries::{Entries, Form};
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
    entries: &mut Entries,
) -> Response {
    let chosen = entries.choose(snapshot, visibility, context, Form::Values);
    let next_change = chosen.next_change.map(|at| at.to_string());
    let next_change = next_change.as_deref().unwrap_or("null");
    let stale = if snapshot.is_expired {
        ",\"stale\":true"
    } else {
        ""
    };
    let end = format!("}},\"nextChange\":{next_change}{stale}}}");
    let etag = chosen.etag(&end);
    chosen.between("{\"flags\":{", &end, etag)
}

/// Writes a member of the `flags` of [`values`].
pub(crate) fn write_value(out: &mut String, answer: Answer<'_>) {
    let (flag, evaluation) = answer;
    write_text(out, flag.key());
    out.push_str(":{");
    write_choice(out, answer);
    out.push_str("\"reason\":\"");
    out.push_str(evaluation.reason.name());
    out.push('"');
    write_explanation(out, answer);
    if let Some(failsafe) = flag.failsafe().and_then(|variant| flag.variant(variant)) {
        out.push_str(",\"failsafe\":");
        out.push_str(failsafe.value);
    }
    out.push('}');
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
    let call = match visibility {
        Visibility::Exposed => 0,
        Visibility::All => 1,
    };
    key(snapshot, reads, call, context)
}

/// What decides the body of [`program`], as bytes, as [`values_key`] does that of [`values`].
///
/// `reads` are [`program_reads`]. So clients share an entry of a cache if nothing is folded in that tells them apart.
#[must_use]
pub fn program_key(snapshot: &Snapshot<'_>, reads: &Reads, context: &Map<String, Json>) -> Vec<u8> {
    key(snapshot, reads, 2, context)
}

fn key(snapshot: &Snapshot<'_>, reads: &Reads, call: u8, context: &Map<String, Json>) -> Vec<u8> {
    let context = snapshot.believed(context);
    let context = resolve(snapshot.program, &context);
    let mut key = Vec::from(snapshot.version.to_le_bytes());
    key.push(u8::from(snapshot.withheld().contains(&true)));
    key.push(u8::from(snapshot.is_expired));
    key.push(call);
    key.append(&mut reads.key(&context, snapshot.now));
    key
}

/// What decides of a context and of time which program is sent to a browser.
#[must_use]
pub fn program_reads(program: &Program) -> Reads {
    Reads::of_sent(program, folds(program))
}

/// `POST /v1/program`: the length of a program (u32, little endian), the program, and the live state for it.
///
/// Who may see all flags gets the whole program, which answers for any context. Others get it specialised to `context`
/// and to what they may have. Where the client already has that program, [`Response::without_program`] is for it.
///
/// What others get depends on what [`program_key`] says and on nothing else, so it can be kept for equal questions.
///
/// # Errors
/// [`ProgramError`] where the program is too large to be specialised.
pub fn program(
    snapshot: &Snapshot<'_>,
    visibility: Visibility,
    context: &Map<String, Json>,
) -> Result<Response, ProgramError> {
    let program = match visibility {
        Visibility::All => Cow::Borrowed(snapshot.program),
        Visibility::Exposed => Cow::Owned(exposed(snapshot, context)?),
    };
    let live = snapshot.live.resolve(&program).to_bytes();
    Ok(Response {
        status: 200,
        etag: Some(tag(program.checksum())),
        body: framed(program.as_bytes(), &live),
        missing_units: Vec::new(),
    })
}

fn exposed(snapshot: &Snapshot<'_>, context: &Map<String, Json>) -> Result<Program, ProgramError> {
    let context = snapshot.believed(context);
    let context = resolve(snapshot.program, &context);
    let live = snapshot.live.resolve(snapshot.program);
    let known = Known::new(snapshot.program, context, folds(snapshot.program));
    let known = known.withhold(snapshot.withheld());
    specialise(
        snapshot.program,
        &live,
        &known,
        Recipient::Browser,
        snapshot.now,
    )
}

/// The body of an answer of [`program`].
pub(crate) fn framed(program: &[u8], live: &[u8]) -> Body {
    let length = u32::try_from(program.len()).unwrap_or(u32::MAX);
    Body::Bytes([&length.to_le_bytes(), program, live].concat())
}

/// The longest list of values that a browser is sent.
const LONGEST_LIST: u32 = 256;

/// What is folded in when a browser asks: what only the edge knows, and whatever is compared with a longer list, so that
/// the list stays here.
///
/// The rest stays open: a change of it costs the browser no request. What the context lacks counts as missing, for a
/// client sends all it has.
fn folds(program: &Program) -> impl FnMut(Attribute<'_>) -> bool {
    let mut is_long = long_lists(program, LONGEST_LIST).into_iter();
    move |attribute| is_long.next().unwrap_or_default() || is_edge(attribute.name)
}

#[cfg(test)]
mod tests;
