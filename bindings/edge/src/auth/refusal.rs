//! Why a key does not do.

use worker::{Response, Result};

use crate::reply;
use crate::router::Scope;

/// Why a key does not do.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Refusal {
    /// There is none, or nobody has it, any more or yet.
    Unknown,
    /// Its holder may not do this, for which it needs that scope.
    OutOfScope(Scope),
    /// It was issued by another environment than the one that the request names.
    OtherEnvironment,
    /// The request names an environment that this deployment does not have.
    NoEnvironment,
    /// The signed context beside the key is none, for this reason.
    Context(&'static str),
    /// Too much was asked with it, or by whoever shows it.
    TooMany {
        /// When to ask again.
        after_s: u32,
    },
}

impl Refusal {
    pub(crate) fn answer(self) -> Result<Response> {
        let detail = self.detail();
        match self {
            Refusal::Unknown => {
                let mut response = reply::plain_problem(401, detail)?;
                response.headers_mut().set("www-authenticate", "Bearer")?;
                Ok(response)
            }
            Refusal::OutOfScope(_) | Refusal::OtherEnvironment => reply::plain_problem(403, detail),
            Refusal::NoEnvironment => reply::plain_problem(400, detail),
            Refusal::Context(_) => {
                let mut response = reply::plain_problem(401, detail)?;
                let headers = response.headers_mut();
                headers.set("www-authenticate", "Bearer error=\"invalid_token\"")?;
                Ok(response)
            }
            Refusal::TooMany { after_s } => {
                let mut response = reply::plain_problem(429, detail)?;
                response
                    .headers_mut()
                    .set("retry-after", &after_s.to_string())?;
                Ok(response)
            }
        }
    }

    pub(crate) fn detail(self) -> &'static str {
        match self {
            Refusal::Unknown => {
                "this call needs a key that is known here, in `Authorization: Bearer …` or `X-API-Key`"
            }
            Refusal::OutOfScope(Scope::Open) => "this key does not allow this call",
            Refusal::OutOfScope(Scope::Evaluate) => {
                "this call evaluates: it needs a browser or a server key, and this is a token"
            }
            Refusal::OutOfScope(Scope::Read) => "this call needs a token with the scope `read`",
            Refusal::OutOfScope(Scope::Operate) => {
                "this call needs a token with the scope `operate`"
            }
            Refusal::OutOfScope(Scope::Write) => "this call needs a token with the scope `write`",
            Refusal::OutOfScope(Scope::Owner) => "this call needs a token with the scope `owner`",
            Refusal::OtherEnvironment => "this key is of another environment",
            Refusal::NoEnvironment => {
                "this deployment has no such environment: `VEXIL_ENVIRONMENTS` names those it has"
            }
            Refusal::Context(why) => why,
            Refusal::TooMany { .. } => "too many requests",
        }
    }
}
