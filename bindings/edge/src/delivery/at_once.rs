//! The calls that are made most, decided without waiting for anything.

use std::rc::Rc;

use vexil_core::limits::CONTEXT_BYTES;
use vexil_ofrep::{Question, Response as Answer};
use worker::{Context, Env, Result};

use super::isolate::{self, Heard};
use super::{Current, IF_NONE_MATCH, heard_of, values};
use crate::auth::{self, Claim, Shown};
use crate::deployment::{Deployment, ENVIRONMENT};
use crate::hot::Asked;
use crate::limit::{Client, Purpose};
use crate::reply::Origin;
use crate::router::{self, Call, Found, Keyed, Posted, Route};
use crate::signed::Word;
use crate::{base, clock, observe};

/// What a request asks, as far as it says itself.
struct Wanted {
    call: &'static Call,
    what: What,
    key: String,
    /// A version that the client has heard of.
    version: Option<u64>,
    /// The environment that it names.
    environment: Option<String>,
}

/// The calls that are answered here.
enum What {
    Single(String),
    Bulk,
    Values(Question),
}

/// The answer to `asked`, which began at `began` (ms since 1970), and what it was made from.
///
/// `None` where that needs waiting or is refused. Then nothing was counted, and who can wait decides anew.
pub(crate) fn at_once(
    asked: &Asked<'_>,
    env: &Env,
    context: &Context,
    deployment: &Deployment,
    began: i64,
) -> Result<Option<(Rc<Answer>, Origin)>> {
    let Some(wanted) = Wanted::read(asked, env) else {
        return Ok(None);
    };
    let (call, shown, now) = (wanted.call, Shown::new(&wanted.key), clock::now());
    let named = wanted.environment.as_deref();
    let Ok(claim) = Claim::read(deployment, Some(shown), named, call.scope, now)? else {
        return Ok(None);
    };
    let (environment, heard) = (&claim.environment, Heard::version(wanted.version));
    let Some(newest) = isolate::at_hand(env, context, environment, heard, now)? else {
        return Ok(None);
    };
    let Ok(caller) = claim.settle(&newest.head.keys, now) else {
        return Ok(None);
    };
    let client = Client::of(asked.header("cf-connecting-ip"), Purpose::Other);
    let word = Word::unsigned(deployment.context_keys()?, environment, caller);
    if !client.ask_and_show(deployment, &shown, now)? {
        return Ok(None);
    }
    let current = Current::new(newest, now, (caller, word), asked.request, deployment);
    let if_none_match = asked.header(IF_NONE_MATCH);
    let answer = match &wanted.what {
        What::Single(flag) => {
            let snapshot = current.snapshot();
            vexil_ofrep::single(&snapshot, caller.visibility(), flag, asked.body).into()
        }
        What::Bulk => {
            let answer = current.bulk(env, caller, &claim, asked.body, if_none_match);
            answer.into()
        }
        What::Values(question) => values::answer(&current, caller, question, if_none_match)?,
    };
    current.note(&answer);
    observe::answered(env, context, Some(environment), call, answer.status, began);
    Ok(Some((answer, current.origin())))
}

impl Wanted {
    /// `None` where it is another call, shows no key, or is not what can be answered.
    fn read(asked: &Asked<'_>, env: &Env) -> Option<Wanted> {
        let (path, query) = router::split(asked.url);
        let path = base::below(env, path);
        let Found::Call(call, segment) = router::find(asked.method, path) else {
            return None;
        };
        let authorization = asked.header("authorization");
        let (key, signed) = auth::carried(authorization, asked.header("x-api-key"));
        // `HEAD` is found as `GET`.
        if call.method != asked.method || signed.is_some() || asked.body.len() > CONTEXT_BYTES {
            return None;
        }
        let key = key.map(str::to_owned);
        let (what, key, version) = match call.route {
            Route::Keyed(keyed @ Keyed::Single) => {
                (What::Single(segment), key, heard_of(keyed, query))
            }
            Route::Keyed(keyed @ Keyed::Bulk) => (What::Bulk, key, heard_of(keyed, query)),
            Route::Keyed(keyed @ Keyed::Values) => {
                let question = values::question(query).ok()?;
                let key = key.or_else(|| router::query(query, "key"));
                (What::Values(question), key, heard_of(keyed, query))
            }
            Route::Posted(Posted::Values) => {
                let mut question = Question::parse(asked.body).ok()?;
                if question.signed.is_some() {
                    return None;
                }
                let (key, version) = (key.or(question.key.take()), question.version);
                (What::Values(question), key, version)
            }
            Route::Keyed(Keyed::Stream)
            | Route::Posted(Posted::Program)
            | Route::Events
            | Route::Health
            | Route::Ready
            | Route::Admin(_) => return None,
        };
        let in_header = asked.header(ENVIRONMENT).map(str::to_owned);
        Some(Wanted {
            call,
            what,
            key: key?,
            version,
            environment: in_header.or_else(|| router::query(query, "environment")),
        })
    }
}
