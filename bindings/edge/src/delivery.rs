//! Answers from the program that this isolate keeps in memory.

mod at_once;
mod derived;
mod events;
mod head;
mod isolate;
mod program;
mod values;

use std::cell::RefCell;
use std::rc::Rc;

use serde_json::{Map, Value as Json, json};
use vexil_core::ProgramError;
use vexil_core::limits::CONTEXT_BYTES;
use vexil_ofrep::{
    Conditions, Fact, Fault, Question, Response as Answer, Snapshot, Visibility, reads_facts,
};
use worker::{Env, Headers, Response, Result, web_sys};

use crate::answers::Answers;
use crate::auth::{Caller, Claim, Holder, Refusal};
use crate::deployment::Deployment;
use crate::reply::Origin;
use crate::router::{self, Keyed, Posted, Scope};
use crate::signed::Word;
use crate::{Exchange, base, body, clock, environment, facts, observe, reply, sign, stream};
pub(crate) use at_once::at_once;
pub(crate) use events::count as count_events;
pub(crate) use isolate::wrote;
use isolate::{Heard, Newest};

/// The name of the header that carries what the client has.
const IF_NONE_MATCH: &str = "if-none-match";

thread_local! {
    static ANSWERS: RefCell<Answers> = RefCell::default();
}

/// What is asked with the key in the head.
pub(crate) async fn keyed(keyed: Keyed, exchange: &Exchange, claim: &Claim) -> Result<Response> {
    let version = heard_of(keyed, &exchange.query);
    let signed = exchange.signed.as_deref();
    let (current, caller) = match Current::load(exchange, claim, version, signed).await? {
        Ok(admitted) => admitted,
        Err(reason) => return reason.answer(),
    };
    match keyed {
        Keyed::Single => single(exchange, &current, caller).await,
        Keyed::Bulk => bulk(exchange, &current, caller, claim).await,
        Keyed::Values => match values::question(&exchange.query) {
            Ok(question) => values(exchange, &current, caller, &question),
            Err(fault) => refuse(&fault),
        },
        Keyed::Stream => {
            let ends = claim.ends(&current.newest.head.keys, current.now);
            let lives_ms = ends.map(|ends| ends.saturating_sub(current.now));
            stream::open(exchange, &claim.environment, lives_ms).await
        }
    }
}

/// The version that the query of a request says its client has heard of.
fn heard_of(keyed: Keyed, query: &str) -> Option<u64> {
    let name = match keyed {
        Keyed::Single | Keyed::Bulk => "flagConfigEtag",
        Keyed::Values | Keyed::Stream => "version",
    };
    router::query(query, name)?.trim_matches('"').parse().ok()
}

/// `POST /ofrep/v1/evaluate/flags/{key}`.
async fn single(exchange: &Exchange, current: &Current, caller: Caller) -> Result<Response> {
    let key = &exchange.segment;
    let Some(body) = body::read(&exchange.request, CONTEXT_BYTES).await? else {
        return reply::answer(vexil_ofrep::single_failure(key, &Fault::TooLarge), None);
    };
    let answer = vexil_ofrep::single(&current.snapshot(), caller.visibility(), key, &body);
    current.reply(answer)
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
    current.reply(current.bulk(
        &exchange.env,
        caller,
        claim,
        &body,
        if_none_match.as_deref(),
    ))
}

/// Where the events are that concern `claim`. An issued key says itself which environment it is of.
fn stream_path(env: &Env, claim: &Claim) -> String {
    let base = base::path(env);
    match claim.holder {
        Holder::Deployment(_) => format!(
            "{base}/v1/stream?key={}&environment={}",
            router::encode(&claim.key),
            claim.environment
        ),
        Holder::Issued(_) => format!("{base}/v1/stream?key={}", claim.key),
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
    let signed = exchange.signed.as_deref().or(question.signed.as_deref());
    let version = question.version;
    let (current, caller) = match Current::load(exchange, &claim, version, signed).await? {
        Ok(admitted) => admitted,
        Err(reason) => return reason.answer(),
    };
    match posted {
        Posted::Values => values(exchange, &current, caller, &question),
        Posted::Program => {
            let whole = current.program(caller.visibility(), &question.context)?;
            let answer = if question.etag == whole.etag {
                whole.without_program()
            } else {
                Answer::clone(&whole)
            };
            let signature = match answer.program() {
                Some(program) => sign::signature(&exchange.env, program).await?,
                None => None,
            };
            let is_large = answer.program().is_some();
            let mut response = current.reply(answer)?;
            let headers = response.headers_mut();
            if let Some(signature) = signature {
                headers.set("vexil-signature", &signature)?;
            }
            if is_large {
                compress(exchange, headers)?;
            }
            Ok(response)
        }
    }
}

/// `GET` and `POST /v1/values`.
fn values(
    exchange: &Exchange,
    current: &Current,
    caller: Caller,
    question: &Question,
) -> Result<Response> {
    let if_none_match = exchange.request.headers().get(IF_NONE_MATCH)?;
    let answer = values::answer(current, caller, question, if_none_match.as_deref())?;
    current.reply(Rc::unwrap_or_clone(answer))
}

/// Lets the runtime compress the body where the client can read that: nobody does so by itself for bytes of no known type.
fn compress(exchange: &Exchange, headers: &mut Headers) -> Result<()> {
    headers.append("vary", "Accept-Encoding")?;
    let accepted = exchange.request.headers().get("accept-encoding")?;
    if accepted.is_some_and(|accepted| accepted.contains("gzip")) {
        headers.set("content-encoding", "gzip")?;
    }
    Ok(())
}

fn refuse(fault: &Fault) -> Result<Response> {
    reply::plain_problem(fault.status(), &fault.details())
}

/// `GET /readyz`: whether the answers of every environment can be relied on; to a token that reads, also how old what
/// those of its environments are made from is.
pub(crate) async fn ready(exchange: &Exchange, in_header: Option<String>) -> Result<Response> {
    let (env, context) = (&exchange.env, &exchange.context);
    let deployment = &exchange.deployment;
    let limit = deployment.max_age_ms;
    let mut environments = Map::new();
    let mut is_ready = true;
    for name in deployment.environments()? {
        let newest = isolate::newest(env, context, name, Heard::default()).await?;
        let state = newest.map(|newest| {
            let age = newest.age(clock::now());
            is_ready &= age <= limit;
            json!({ "version": newest.head.version, "age": age.div_euclid(1000) })
        });
        is_ready &= state.is_some();
        environments.insert(name.clone(), state.unwrap_or(Json::Null));
    }
    let (status, word) = if is_ready {
        (200, "ready")
    } else {
        (503, "stale")
    };
    let limit = limit.div_euclid(1000);
    let mut body = Map::from_iter([
        ("status".to_owned(), Json::from(word)),
        ("maxAge".to_owned(), limit.into()),
    ]);
    if let Some(reader) = reader(exchange, in_header).await? {
        if let Holder::Issued(_) = reader.holder {
            environments.retain(|name, _| *name == reader.environment);
        }
        body.insert("environments".to_owned(), Json::Object(environments));
    }
    reply::json(status, &Json::Object(body))
}

/// Whose token may read. Readiness depends on no key, so a wrong one is as good as none; but it counts as refused.
async fn reader(exchange: &Exchange, credential: Option<String>) -> Result<Option<Claim>> {
    let Some(credential) = credential else {
        return Ok(None);
    };
    let claim = exchange.claim(Some(&credential), Scope::Read)?;
    if let Ok(claim) = claim
        && environment::knows_reader(&exchange.env, &claim).await?
    {
        return Ok(Some(claim));
    }
    let limits = &exchange.deployment.limits;
    exchange.client.was_refused(limits, clock::now())?;
    Ok(None)
}

/// Why a request is not answered from any version.
enum NoAnswer {
    Refused(Refusal),
    /// There is nothing to answer from.
    Unavailable,
}

impl NoAnswer {
    fn answer(&self) -> Result<Response> {
        match self {
            NoAnswer::Refused(refusal) => refusal.answer(),
            NoAnswer::Unavailable => reply::retry_later(
                "neither the environment nor a copy of its flags can be reached",
                1,
            ),
        }
    }
}

/// What a request is answered from.
struct Current {
    newest: Newest,
    now: i64,
    word: Word,
    /// The flags that are hidden from contexts that are not signed but could be.
    withheld: Rc<[bool]>,
    /// What the edge knows of the request, where it is a page that asks.
    facts: Option<Vec<Fact>>,
    /// Whether nobody has confirmed it for longer than the maximum age.
    is_expired: bool,
}

impl Current {
    /// The newest version, and who asks: the keys in its head settle the claim.
    async fn load(
        exchange: &Exchange,
        claim: &Claim,
        version: Option<u64>,
        signed: Option<&str>,
    ) -> Result<core::result::Result<(Current, Caller), NoAnswer>> {
        let (env, context, name) = (&exchange.env, &exchange.context, &claim.environment);
        let (heard, began) = (Heard::version(version), clock::now());
        let Some(mut newest) = isolate::newest(env, context, name, heard).await? else {
            return Ok(Err(NoAnswer::Unavailable));
        };
        if claim.settle(&newest.head.keys, clock::now()).is_err() {
            // It may have been issued a moment ago.
            let revision = newest.head.revision.saturating_add(1);
            let heard = Heard { revision, ..heard };
            newest = isolate::newest(env, context, name, heard)
                .await?
                .unwrap_or(newest);
        }
        let now = clock::now();
        let caller = match claim.settle(&newest.head.keys, now) {
            Ok(caller) => caller,
            Err(refusal) => {
                // Else the environment, which was not asked or did not answer, may have issued it since.
                if newest.confirmed >= began {
                    claim.is_nobodys(now);
                }
                return Ok(Err(NoAnswer::Refused(refusal)));
            }
        };
        let deployment = &exchange.deployment;
        let keys = deployment.context_keys()?;
        let word = match Word::read(keys, name, caller, signed, now).await? {
            Ok(word) => word,
            Err(refusal) => return Ok(Err(NoAnswer::Refused(refusal))),
        };
        let request = exchange.request.inner();
        let current = Current::new(newest, now, (caller, word), request, deployment);
        Ok(Ok((current, caller)))
    }

    /// What is answered at `now` to a caller whose context is that `word`.
    fn new(
        newest: Newest,
        now: i64,
        (caller, word): (Caller, Word),
        request: &web_sys::Request,
        deployment: &Deployment,
    ) -> Current {
        let withheld = match word {
            Word::Unsigned => newest.derived.withheld(&newest.program),
            Word::Caller | Word::Signed(_) => Rc::default(),
        };
        let facts = match caller {
            Caller::Browser if reads_facts(&newest.program) => {
                facts::of(request, deployment).into()
            }
            Caller::Browser => Some(Vec::new()),
            Caller::Server | Caller::Admin(_) => None,
        };
        let is_expired = newest.age(now) > deployment.max_age_ms;
        Current {
            newest,
            now,
            word,
            withheld,
            facts,
            is_expired,
        }
    }

    /// `POST /ofrep/v1/evaluate/flags`.
    fn bulk(
        &self,
        env: &Env,
        caller: Caller,
        claim: &Claim,
        body: &[u8],
        if_none_match: Option<&str>,
    ) -> Answer {
        // An event stream is asked for with its key in the URL, where no secret belongs.
        let stream = match caller {
            Caller::Browser => Some(stream_path(env, claim)),
            Caller::Server | Caller::Admin(_) => None,
        };
        let conditions = Conditions {
            if_none_match,
            stream: stream.as_deref(),
        };
        let mut entries = self.newest.derived.entries.borrow_mut();
        vexil_ofrep::bulk(
            &self.snapshot(),
            caller.visibility(),
            body,
            conditions,
            &mut entries,
        )
    }

    fn snapshot(&self) -> Snapshot<'_> {
        Snapshot {
            program: &self.newest.program,
            live: &self.newest.head.live,
            version: self.newest.head.version,
            now: self.now,
            trust: self.word.trust(&self.withheld),
            facts: self.facts.as_deref(),
            is_expired: self.is_expired,
        }
    }

    /// The program that is sent to a client that says `context`. The whole one is not kept twice.
    fn program(&self, visibility: Visibility, context: &Map<String, Json>) -> Result<Rc<Answer>> {
        let snapshot = self.snapshot();
        let make = || {
            let answer = vexil_ofrep::program(&snapshot, visibility, context);
            Ok(answer.map_err(ProgramError::message)?)
        };
        match visibility {
            Visibility::All => Ok(Rc::new(make()?)),
            Visibility::Exposed => {
                let reads = self.newest.derived.program_reads(snapshot.program);
                let key = vexil_ofrep::program_key(&snapshot, reads, context);
                self.kept("program", key, make)
            }
        }
    }

    /// The answer that was kept for an equal question, or a new one. `within` is all that decides it in one environment.
    fn kept(
        &self,
        call: &str,
        within: Vec<u8>,
        make: impl FnOnce() -> Result<Answer>,
    ) -> Result<Rc<Answer>> {
        let environment = self.newest.program.environment();
        let mut key = Vec::from(environment);
        // No name of an environment has this byte.
        key.push(0);
        // A restored environment gives version numbers away again, at other instants.
        key.extend_from_slice(&self.newest.head.changed.to_le_bytes());
        key.extend(within);
        let known = ANSWERS.with_borrow_mut(|answers| answers.get(&key));
        let outcome = if known.is_some() { "hit" } else { "miss" };
        observe::count(environment, |counts| counts.cache(call, outcome));
        if let Some(answer) = known {
            return Ok(answer);
        }
        let answer = Rc::new(make()?);
        ANSWERS.with_borrow_mut(|answers| answers.keep(key, Rc::clone(&answer)));
        Ok(answer)
    }

    /// Takes note of what was wrong with an answer.
    fn note(&self, answer: &Answer) {
        if !answer.missing_units.is_empty() {
            observe::count(self.newest.program.environment(), |counts| {
                for flag in &answer.missing_units {
                    counts.evaluation_error(flag, "missing unit");
                }
            });
        }
    }

    fn origin(&self) -> Origin {
        Origin {
            version: self.newest.head.version,
            is_stale: self.newest.is_stale(self.now),
        }
    }

    fn reply(&self, answer: Answer) -> Result<Response> {
        self.note(&answer);
        reply::answer(answer, Some(&self.origin()))
    }
}
