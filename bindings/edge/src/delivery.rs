//! Answers from the program that this isolate keeps in memory.

use std::cell::RefCell;
use std::rc::Rc;

use vexil_core::limits::CONTEXT_BYTES;
use vexil_core::{Program, ProgramError};
use vexil_ofrep::{Conditions, Fault, Question, Snapshot};
use worker::{Date, Env, Response, Result};

use crate::auth::Caller;
use crate::environment::{self, Head};
use crate::router::{self, Posted, Scope};
use crate::{Exchange, authorise, body, reply};

/// The name of the header that carries what the client has.
const IF_NONE_MATCH: &str = "if-none-match";

/// `POST /ofrep/v1/evaluate/flags/{key}`.
pub(crate) async fn single(exchange: &Exchange, caller: Caller) -> Result<Response> {
    let key = &exchange.segment;
    let Some(body) = body::read(&exchange.request, CONTEXT_BYTES).await? else {
        return reply::answer(vexil_ofrep::single_failure(key, &Fault::TooLarge), None);
    };
    let current = Current::load(&exchange.env).await?;
    let answer = vexil_ofrep::single(&current.snapshot(), caller.visibility(), key, &body);
    reply::answer(answer, Some(current.head.version))
}

/// `POST /ofrep/v1/evaluate/flags`.
pub(crate) async fn bulk(exchange: &Exchange, caller: Caller) -> Result<Response> {
    let Some(body) = body::read(&exchange.request, CONTEXT_BYTES).await? else {
        return reply::answer(vexil_ofrep::bulk_failure(&Fault::TooLarge), None);
    };
    let current = Current::load(&exchange.env).await?;
    let if_none_match = exchange.request.headers().get(IF_NONE_MATCH)?;
    // An event stream is asked for with its key in the URL, where no secret belongs.
    let stream = match caller {
        Caller::Browser => Some(format!(
            "/v1/stream?key={}",
            exchange.env.var("VEXIL_BROWSER_KEY")?
        )),
        Caller::Server | Caller::Operator | Caller::Admin => None,
    };
    let conditions = Conditions {
        if_none_match: if_none_match.as_deref(),
        stream: stream.as_deref(),
    };
    let answer = vexil_ofrep::bulk(&current.snapshot(), caller.visibility(), &body, conditions);
    reply::answer(answer, Some(current.head.version))
}

/// `GET /v1/values`, its context in the query.
pub(crate) async fn values(exchange: &Exchange, caller: Caller) -> Result<Response> {
    let question = match router::query(&exchange.query, "context") {
        None => Ok(Question::default()),
        Some(context) if context.len() > CONTEXT_BYTES => Err(Fault::TooLarge),
        Some(context) => Question::parse_query(&context),
    };
    match question {
        Ok(question) => send_values(exchange, caller, &question).await,
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
    let caller = match authorise(&exchange.env, credential.as_deref(), Scope::Evaluate) {
        Ok(caller) => caller,
        Err(refusal) => return refusal.answer(),
    };
    match posted {
        Posted::Values => send_values(exchange, caller, &question).await,
        Posted::Program => {
            let current = Current::load(&exchange.env).await?;
            let answer = vexil_ofrep::program(&current.snapshot(), &question)
                .map_err(ProgramError::message)?;
            reply::answer(answer, Some(current.head.version))
        }
    }
}

async fn send_values(exchange: &Exchange, caller: Caller, question: &Question) -> Result<Response> {
    let current = Current::load(&exchange.env).await?;
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
    /// Asks the environment for its head, and for the program only where this isolate does not have it yet.
    async fn load(env: &Env) -> Result<Current> {
        let head = environment::head(env).await?;
        let known = NEWEST.with_borrow(|newest| {
            newest
                .clone()
                .filter(|program| program.number() == head.program)
        });
        let program = if let Some(program) = known {
            program
        } else {
            let bytes = environment::program(env, head.program).await?;
            let program = Rc::new(Program::from_bytes(bytes).map_err(ProgramError::message)?);
            NEWEST.set(Some(Rc::clone(&program)));
            program
        };
        Ok(Current {
            head,
            program,
            now: now(),
        })
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
    /// The program used last. An isolate outlives its requests, and a program of one number never changes.
    static NEWEST: RefCell<Option<Rc<Program>>> = const { RefCell::new(None) };
}

/// Ms since 1970.
pub(crate) fn now() -> i64 {
    i64::try_from(Date::now().as_millis()).unwrap_or(i64::MAX)
}
