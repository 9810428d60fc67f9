//! Answers from the program that this isolate keeps in memory.

use std::cell::RefCell;
use std::collections::BTreeMap;
use std::rc::Rc;

use vexil_core::limits::CONTEXT_BYTES;
use vexil_core::{Program, ProgramError};
use vexil_ofrep::{Conditions, Fault, Question, Snapshot};
use worker::{Response, Result};

use crate::auth::{Caller, Claim, Holder, Refusal};
use crate::environment::{self, Head};
use crate::router::{self, Keyed, Posted, Scope};
use crate::{Exchange, body, clock, reply, stream};

/// The name of the header that carries what the client has.
const IF_NONE_MATCH: &str = "if-none-match";

/// What is asked with the key in the head.
pub(crate) async fn keyed(keyed: Keyed, exchange: &Exchange, claim: &Claim) -> Result<Response> {
    let (current, caller) = match Current::load(exchange, claim).await? {
        Ok(admitted) => admitted,
        Err(refusal) => return refusal.answer(),
    };
    match keyed {
        Keyed::Single => single(exchange, &current, caller).await,
        Keyed::Bulk => bulk(exchange, &current, caller, claim).await,
        Keyed::Values => values(exchange, &current, caller),
        Keyed::Stream => stream::open(exchange, &claim.environment).await,
    }
}

/// `POST /ofrep/v1/evaluate/flags/{key}`.
async fn single(exchange: &Exchange, current: &Current, caller: Caller) -> Result<Response> {
    let key = &exchange.segment;
    let Some(body) = body::read(&exchange.request, CONTEXT_BYTES).await? else {
        return reply::answer(vexil_ofrep::single_failure(key, &Fault::TooLarge), None);
    };
    let answer = vexil_ofrep::single(&current.snapshot(), caller.visibility(), key, &body);
    reply::answer(answer, Some(current.head.version))
}

/// `POST /ofrep/v1/evaluate/flags`.
async fn bulk(
    exchange: &Exchange,
    current: &Current,
    caller: Caller,
    claim: &Claim,
) -> Result<Response> {
    let Some(body) = body::read(&exchange.request, CONTEXT_BYTES).await? else {
        return reply::answer(vexil_ofrep::bulk_failure(&Fault::TooLarge), None);
    };
    let if_none_match = exchange.request.headers().get(IF_NONE_MATCH)?;
    // An event stream is asked for with its key in the URL, where no secret belongs.
    let stream = match caller {
        Caller::Browser => Some(stream_path(claim)),
        Caller::Server | Caller::Admin(_) => None,
    };
    let conditions = Conditions {
        if_none_match: if_none_match.as_deref(),
        stream: stream.as_deref(),
    };
    let answer = vexil_ofrep::bulk(&current.snapshot(), caller.visibility(), &body, conditions);
    reply::answer(answer, Some(current.head.version))
}

/// Where the events are that concern `claim`. An issued key says itself which environment it is of.
fn stream_path(claim: &Claim) -> String {
    match claim.holder {
        Holder::Deployment(_) => format!(
            "/v1/stream?key={}&environment={}",
            claim.key, claim.environment
        ),
        Holder::Issued(_) => format!("/v1/stream?key={}", claim.key),
    }
}

/// `GET /v1/values`, its context in the query.
fn values(exchange: &Exchange, current: &Current, caller: Caller) -> Result<Response> {
    let question = match router::query(&exchange.query, "context") {
        None => Ok(Question::default()),
        Some(context) if context.len() > CONTEXT_BYTES => Err(Fault::TooLarge),
        Some(context) => Question::parse_query(&context),
    };
    match question {
        Ok(question) => send_values(exchange, current, caller, &question),
        Err(fault) => refuse(&fault),
    }
}

/// `POST /v1/values` and `POST /v1/program`, whose key may be in the body: so a page asks without a preflight.
pub(crate) async fn posted(
    posted: Posted,
    exchange: &Exchange,
    in_header: Option<String>,
) -> Result<Response> {
    let question = match body::read(&exchange.request, CONTEXT_BYTES).await? {
        Some(body) => Question::parse(&body),
        None => Err(Fault::TooLarge),
    };
    let in_body = || {
        question
            .as_ref()
            .ok()
            .and_then(|question| question.key.clone())
    };
    let credential = in_header.or_else(in_body);
    let question = match question {
        Ok(question) => question,
        Err(fault) => return refuse(&fault),
    };
    let claim = match exchange.claim(credential.as_deref(), Scope::Evaluate)? {
        Ok(claim) => claim,
        Err(refusal) => return refusal.answer(),
    };
    let (current, caller) = match Current::load(exchange, &claim).await? {
        Ok(admitted) => admitted,
        Err(refusal) => return refusal.answer(),
    };
    match posted {
        Posted::Values => send_values(exchange, &current, caller, &question),
        Posted::Program => {
            let answer = vexil_ofrep::program(&current.snapshot(), &question)
                .map_err(ProgramError::message)?;
            reply::answer(answer, Some(current.head.version))
        }
    }
}

fn send_values(
    exchange: &Exchange,
    current: &Current,
    caller: Caller,
    question: &Question,
) -> Result<Response> {
    let if_none_match = exchange.request.headers().get(IF_NONE_MATCH)?;
    let answer = vexil_ofrep::values(
        &current.snapshot(),
        caller.visibility(),
        question,
        if_none_match.as_deref(),
    );
    reply::answer(answer, Some(current.head.version))
}

fn refuse(fault: &Fault) -> Result<Response> {
    reply::plain_problem(fault.status(), &fault.details())
}

/// The program and the live state of the newest version.
struct Current {
    head: Head,
    program: Rc<Program>,
    now: i64,
}

impl Current {
    /// Asks the environment for its head, by whose keys it settles the claim, and for the program only where this
    /// isolate does not have it yet.
    async fn load(
        exchange: &Exchange,
        claim: &Claim,
    ) -> Result<core::result::Result<(Current, Caller), Refusal>> {
        let (env, name) = (&exchange.env, &claim.environment);
        let head = environment::head(env, name).await?;
        let now = clock::now();
        let caller = match claim.settle(&head.keys, now) {
            Ok(caller) => caller,
            Err(refusal) => return Ok(Err(refusal)),
        };
        let known = NEWEST.with_borrow(|newest| {
            let program = newest.get(name)?;
            (program.number() == head.program).then(|| Rc::clone(program))
        });
        let program = if let Some(program) = known {
            program
        } else {
            let bytes = environment::program(env, name, head.program).await?;
            let program = Rc::new(Program::from_bytes(bytes).map_err(ProgramError::message)?);
            NEWEST.with_borrow_mut(|newest| newest.insert(name.clone(), Rc::clone(&program)));
            program
        };
        let current = Current { head, program, now };
        Ok(Ok((current, caller)))
    }

    fn snapshot(&self) -> Snapshot<'_> {
        Snapshot {
            program: &self.program,
            live: &self.head.live,
            version: self.head.version,
            now: self.now,
        }
    }
}

thread_local! {
    /// The program used last, by environment. An isolate outlives its requests, and a program of one number never
    /// changes.
    static NEWEST: RefCell<BTreeMap<String, Rc<Program>>> = const { RefCell::new(BTreeMap::new()) };
}
