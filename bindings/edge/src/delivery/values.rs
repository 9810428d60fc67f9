//! `GET` and `POST /v1/values`, answered without an evaluation where an equal question was.

use std::cell::RefCell;
use std::rc::Rc;

use vexil_core::limits::CONTEXT_BYTES;
use vexil_ofrep::{Fault, Question, Response as Answer, Visibility};

use super::Current;
use crate::answers::Answers;
use crate::auth::Caller;
use crate::{observe, router};

/// What `GET /v1/values` asks, its context in the query.
pub(super) fn question(query: &str) -> Result<Question, Fault> {
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
) -> Rc<Answer> {
    let answer = kept(current, caller.visibility(), question);
    if answer.is_known(question.etag.as_deref(), if_none_match) {
        answer.not_modified().into()
    } else {
        answer
    }
}

thread_local! {
    static ANSWERS: RefCell<Answers> = RefCell::default();
}

/// The answer that was kept for an equal question, or a new one.
fn kept(current: &Current, visibility: Visibility, question: &Question) -> Rc<Answer> {
    let snapshot = current.snapshot();
    let environment = snapshot.program.environment();
    let derived = &current.newest.derived;
    let reads = derived.reads(snapshot.program, visibility);
    let mut key = Vec::from(environment);
    // No name of an environment has this byte.
    key.push(0);
    // A restored environment gives version numbers away again, at other instants.
    key.extend_from_slice(&current.newest.head.changed.to_le_bytes());
    key.append(&mut vexil_ofrep::values_key(
        &snapshot,
        reads,
        visibility,
        &question.context,
    ));
    let known = ANSWERS.with_borrow_mut(|answers| answers.get(&key));
    let outcome = if known.is_some() { "hit" } else { "miss" };
    observe::count(environment, |counts| counts.cache("values", outcome));
    if let Some(answer) = known {
        return answer;
    }
    let answer = Rc::new(vexil_ofrep::values(
        &snapshot,
        visibility,
        &question.context,
        &mut derived.entries.borrow_mut(),
    ));
    ANSWERS.with_borrow_mut(|answers| answers.keep(key, Rc::clone(&answer)));
    answer
}
