//! `GET` and `POST /v1/values`, answered without an evaluation where an equal question was.

use std::rc::Rc;

use vexil_core::limits::CONTEXT_BYTES;
use vexil_ofrep::{Fault, Question, Response as Answer, Visibility};
use worker::Result;

use super::Current;
use crate::auth::Caller;
use crate::router;

/// What `GET /v1/values` asks, its context in the query.
pub(super) fn question(query: &str) -> core::result::Result<Question, Fault> {
    match router::query(query, "context") {
        None => Ok(Question::default()),
        Some(context) if context.len() > CONTEXT_BYTES => Err(Fault::TooLarge),
        Some(context) => Question::parse_query(&context),
    }
}

/// The answer to `question`: of one that its client has, only the tag.
pub(super) fn answer(
    current: &Current,
    caller: Caller,
    question: &Question,
    if_none_match: Option<&str>,
) -> Result<Rc<Answer>> {
    let answer = kept(current, caller.visibility(), question)?;
    Ok(
        if answer.is_known(question.etag.as_deref(), if_none_match) {
            answer.not_modified().into()
        } else {
            answer
        },
    )
}

/// The answer that was kept for an equal question, or a new one.
fn kept(current: &Current, visibility: Visibility, question: &Question) -> Result<Rc<Answer>> {
    let snapshot = current.snapshot();
    let derived = &current.newest.derived;
    let context = &question.context;
    let reads = derived.reads(snapshot.program, visibility);
    let key = vexil_ofrep::values_key(&snapshot, reads, visibility, context);
    current.kept("values", key, || {
        let mut entries = derived.entries.borrow_mut();
        Ok(vexil_ofrep::values(
            &snapshot,
            visibility,
            context,
            &mut entries,
        ))
    })
}
