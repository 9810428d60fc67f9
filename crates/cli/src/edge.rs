//! The edge, as commands call it: one environment of it, with a token.
//!
//! Reads that fail on their way are tried again; writes never are. A redirect is no answer: the token goes to the
//! address that was named, and nowhere else.

mod address;
mod answer;
mod audit;
mod refusal;
mod stream;
mod token;
mod versions;

use std::time::{Duration, Instant};

use clap::Args;
use percent_encoding::{NON_ALPHANUMERIC, utf8_percent_encode};
use serde_json::{Value, json};
use ureq::Agent;
use ureq::http::{Request, Response};
use ureq::tls::{RootCerts, TlsConfig};
use vexil_core::Program;
use vexil_core::limits::RULESET_BYTES;

use crate::config::Config;
use crate::failure::Failure;
use crate::source::Source;

pub(crate) use answer::Answer;
pub(crate) use audit::Page;
pub(crate) use refusal::{Refusal, plain};
use token::Token;
pub(crate) use versions::{Published, Version};

/// How long connecting may take, TLS included.
const CONNECT: Duration = Duration::from_secs(10);
/// How long nothing may come. A quiet event stream carries a comment every 15 s.
const SILENCE: Duration = Duration::from_secs(40);
/// How long a whole call may take: time for 25 MiB on a slow line.
const CALL: Duration = Duration::from_mins(5);
/// After which pauses a read is tried again.
const PAUSES: [Duration; 2] = [Duration::from_millis(250), Duration::from_secs(1)];
/// The statuses of what may work in a moment.
const PASSING: [u16; 3] = [502, 503, 504];
/// The longest pause that is made because the edge asks for it.
const LONGEST_PAUSE: Duration = Duration::from_secs(5);
/// How many bytes of an answer are read: a ruleset, and room for a page of an audit.
const MOST_BYTES: u64 = 4 * RULESET_BYTES as u64;

/// Which edge is meant, and where its token comes from.
#[derive(Debug, Args)]
#[command(next_help_heading = "Edge")]
pub(crate) struct Target {
    /// The environment, one of [environments.NAME] in vexil.toml [default: the only one]
    #[arg(long, short, visible_alias = "env", value_name = "NAME")]
    pub(crate) environment: Option<String>,
    /// The address of its edge [default: as vexil.toml says]
    #[arg(long, value_name = "URL")]
    pub(crate) url: Option<String>,
    /// Reads the token from the first line of standard input, not from `VEXIL_TOKEN` or the file `VEXIL_TOKEN_FILE`
    #[arg(long)]
    pub(crate) token_stdin: bool,
}

/// One environment of an edge.
pub(crate) struct Edge {
    agent: Agent,
    /// Without a slash at its end.
    url: String,
    /// What the environment is called here, or the address where it has no name.
    pub(crate) name: String,
    /// What the edge calls it; unless it is named, the edge goes by the key, and else takes its first.
    environment: Option<String>,
    token: Option<Token>,
}

/// What a call sends.
#[derive(Clone, Copy, Debug, Default)]
pub(crate) struct Sent<'s> {
    pub(crate) body: &'s str,
    /// The version that the call is to replace.
    pub(crate) if_match: Option<u64>,
    pub(crate) reason: Option<&'s str>,
    /// The event that was seen last.
    pub(crate) last_event_id: Option<&'s str>,
}

impl Sent<'_> {
    pub(crate) fn body(body: &str) -> Sent<'_> {
        Sent {
            body,
            ..Sent::default()
        }
    }
}

/// The ruleset that an environment has.
pub(crate) struct Live {
    pub(crate) program: Program,
    /// As it was written.
    pub(crate) text: String,
    pub(crate) version: u64,
}

/// The ruleset that is published where `target` says.
pub(crate) fn live_ruleset(config: &Config, target: &Target) -> Result<Live, Failure> {
    Edge::open(config, target)?.live()
}

impl Edge {
    /// The edge that `target` and the settings name, for calls that need a token.
    pub(crate) fn open(config: &Config, target: &Target) -> Result<Edge, Failure> {
        let edge = Edge::of(config, target)?;
        match edge.token {
            Some(_) => Ok(edge),
            None => Err(Failure::Usage(
                "this needs a token: set VEXIL_TOKEN, or VEXIL_TOKEN_FILE to a file that has it, or pipe it in with `--token-stdin`"
                    .to_owned(),
            )),
        }
    }

    /// The same, where it is as well if there is no token.
    pub(crate) fn of(config: &Config, target: &Target) -> Result<Edge, Failure> {
        let given = target.environment.as_deref();
        let (name, place) = config.environment(given, target.url.as_deref())?;
        let url = address::read(&place.url).map_err(Failure::Usage)?;
        let (name, environment) = if config.names_environment(given) {
            let there = place.environment.unwrap_or_else(|| name.clone());
            (name, Some(there))
        } else {
            (url.clone(), None)
        };
        let token = token::find(target.token_stdin)?;
        Ok(Edge {
            agent: agent(),
            url,
            name,
            environment,
            token,
        })
    }

    pub(crate) fn url(&self) -> &str {
        &self.url
    }

    /// `production (https://flags.example.com)`
    pub(crate) fn place(&self) -> String {
        if self.name == self.url {
            self.url.clone()
        } else {
            format!("{} ({})", self.name, self.url)
        }
    }

    pub(crate) fn has_token(&self) -> bool {
        self.token.is_some()
    }

    /// Reads; again where that fails on its way.
    pub(crate) fn get(&self, path: &str) -> Result<Answer, Failure> {
        let mut pauses = PAUSES.into_iter();
        loop {
            let failure = match self.call("GET", path, Sent::default()) {
                Ok(answer) => return Ok(answer),
                Err(failure) => failure,
            };
            let Some(pause) = pauses.next().and_then(|pause| again(&failure, pause)) else {
                return Err(failure);
            };
            std::thread::sleep(pause);
        }
    }

    /// Reads JSON.
    pub(crate) fn get_json(&self, path: &str) -> Result<Value, Failure> {
        self.get(path)?.json()
    }

    /// Reads JSON, whatever the status that comes with it.
    pub(crate) fn look(&self, path: &str) -> Result<(u16, Answer), Failure> {
        let began = Instant::now();
        let bearer = self.token.as_ref().map(Token::bearer);
        let (url, response) = self.run("GET", path, Sent::default(), bearer, Some(CALL))?;
        let status = response.status().as_u16();
        let is_odd = ![200, 503].contains(&status);
        if is_odd {
            return Err(self.refused(&url, response));
        }
        let body = text(response).map_err(|error| unreachable(&url, &error))?;
        let answer = Answer {
            body,
            version: None,
            took: began.elapsed(),
            url,
        };
        Ok((status, answer))
    }

    /// Writes, once.
    pub(crate) fn send(&self, method: &str, path: &str, sent: Sent<'_>) -> Result<Answer, Failure> {
        self.call(method, path, sent)
    }

    /// Writes `{"reason":…}`, once.
    pub(crate) fn post(&self, path: &str, reason: Option<&str>) -> Result<Answer, Failure> {
        let body = match reason {
            Some(reason) => json!({ "reason": reason }).to_string(),
            None => "{}".to_owned(),
        };
        self.send("POST", path, Sent::body(&body))
    }

    /// The ruleset that is published.
    pub(crate) fn live(&self) -> Result<Live, Failure> {
        let answer = self.get("/admin/v1/ruleset")?;
        let version = answer.version.ok_or_else(|| answer.odd("no version"))?;
        let program = self.program(&answer.body, version)?;
        Ok(Live {
            program,
            text: answer.body,
            version,
        })
    }

    /// The program of a version's ruleset, which may be none that this command can read.
    pub(crate) fn program(&self, text: &str, version: u64) -> Result<Program, Failure> {
        let name = format!("version {version} of {}", self.name);
        let source = Source::new(name.into(), text.to_owned());
        match source.program() {
            Ok((_, program)) => Ok(program),
            Err(issues) => Err(Failure::issues(source, issues)),
        }
    }

    fn call(&self, method: &str, path: &str, sent: Sent<'_>) -> Result<Answer, Failure> {
        let began = Instant::now();
        let bearer = self.token.as_ref().map(Token::bearer);
        let (url, response) = self.run(method, path, sent, bearer, Some(CALL))?;
        let version = header(&response, "etag")
            .and_then(|etag| etag.strip_prefix('"')?.strip_suffix('"')?.parse().ok());
        let status = response.status().as_u16();
        if !(200..300).contains(&status) {
            return Err(self.refused(&url, response));
        }
        let body = text(response).map_err(|error| unreachable(&url, &error))?;
        Ok(Answer {
            body,
            version,
            took: began.elapsed(),
            url,
        })
    }

    /// Sends a request, to be answered within `limit`; any status is an answer.
    fn run(
        &self,
        method: &str,
        path: &str,
        sent: Sent<'_>,
        bearer: Option<String>,
        limit: Option<Duration>,
    ) -> Result<(String, Response<ureq::Body>), Failure> {
        let url = format!("{}{path}", self.url);
        let headers = [
            ("authorization", bearer),
            ("vexil-environment", self.environment.clone()),
            ("if-match", sent.if_match.map(|it| format!("\"{it}\""))),
            ("vexil-reason", sent.reason.map(encode)),
            ("last-event-id", sent.last_event_id.map(ToOwned::to_owned)),
        ];
        let mut request = Request::builder().method(method).uri(&url);
        for (name, value) in headers {
            if let Some(value) = value {
                request = request.header(name, value);
            }
        }
        let result = if method == "GET" {
            let request = request.body(()).map_err(ureq::Error::from);
            request.and_then(|request| self.agent.run(self.timed(request, limit)))
        } else {
            let request = request.body(sent.body).map_err(ureq::Error::from);
            request.and_then(|request| self.agent.run(self.timed(request, limit)))
        };
        match result {
            Ok(response) => Ok((url, response)),
            Err(error) => Err(unreachable(&url, &error)),
        }
    }

    fn timed<B: ureq::AsSendBody>(
        &self,
        request: Request<B>,
        limit: Option<Duration>,
    ) -> Request<B> {
        let config = self.agent.configure_request(request);
        config.timeout_global(limit).build()
    }

    fn refused(&self, url: &str, response: Response<ureq::Body>) -> Failure {
        let (status, location) = (response.status().as_u16(), header(&response, "location"));
        let after = header(&response, "retry-after").and_then(|it| it.parse().ok());
        let body = text(response).unwrap_or_default();
        let location = location.filter(|_| (300..400).contains(&status));
        match (Refusal::read(status, &body, after), location) {
            (_, Some(location)) => Failure::NoEdge(format!(
                "{url} sends on to {}, where this program does not follow with a token: if that is the edge, name it as the URL",
                plain(&location)
            )),
            (None, None) if PASSING.contains(&status) => {
                Failure::Unreachable(format!("{url} answered {status}, and no edge is behind it"))
            }
            (None, None) => Failure::NoEdge(format!(
                "{url} answered {status}, and not as a Vexil edge does: is the URL right?"
            )),
            (Some(refusal), None) => {
                let source = self.token.as_ref().map(Token::source);
                Failure::Refused(Box::new(refusal.of(self.name.clone(), source)))
            }
        }
    }
}

fn unreachable(url: &str, error: &ureq::Error) -> Failure {
    Failure::Unreachable(format!("cannot reach {url}: {}", why(error)))
}

/// After which pause a read that failed so is worth another try; `pause` unless the edge says.
fn again(failure: &Failure, pause: Duration) -> Option<Duration> {
    match failure {
        Failure::Unreachable(_) => Some(pause),
        Failure::Refused(refusal) if refusal.status == 429 || PASSING.contains(&refusal.status) => {
            let asked = refusal.after_s.map_or(pause, Duration::from_secs);
            (asked <= LONGEST_PAUSE).then_some(asked.max(pause))
        }
        _ => None,
    }
}

/// One segment of a path, or a value that a header can carry.
pub(crate) fn encode(text: &str) -> String {
    utf8_percent_encode(text, NON_ALPHANUMERIC).to_string()
}

fn agent() -> Agent {
    let tls = TlsConfig::builder()
        .root_certs(RootCerts::PlatformVerifier)
        .build();
    Agent::config_builder()
        .http_status_as_error(false)
        .max_redirects(0)
        .max_redirects_will_error(false)
        .user_agent(concat!("vexil/", env!("CARGO_PKG_VERSION")))
        .tls_config(tls)
        .timeout_resolve(Some(CONNECT))
        .timeout_connect(Some(CONNECT))
        .timeout_per_read(Some(SILENCE))
        .build()
        .into()
}

fn header(response: &Response<ureq::Body>, name: &str) -> Option<String> {
    let value = response.headers().get(name)?.to_str().ok()?;
    Some(value.to_owned())
}

fn text(mut response: Response<ureq::Body>) -> Result<String, ureq::Error> {
    let body = response.body_mut().with_config().limit(MOST_BYTES);
    body.read_to_string()
}

/// In the words of whoever has to mend it.
fn why(error: &ureq::Error) -> String {
    match error {
        ureq::Error::HostNotFound => "there is no such host".to_owned(),
        ureq::Error::Timeout(_) => "it does not answer in time".to_owned(),
        ureq::Error::Io(error) => match error.kind() {
            std::io::ErrorKind::ConnectionRefused => "nobody listens there".to_owned(),
            std::io::ErrorKind::UnexpectedEof | std::io::ErrorKind::ConnectionReset => {
                "the connection ended before the answer".to_owned()
            }
            _ => match error.to_string() {
                text if text.starts_with("invalid peer certificate") => format!(
                    "its certificate is not to be trusted ({text}); SSL_CERT_FILE names the roots of a private one"
                ),
                text => text,
            },
        },
        ureq::Error::Rustls(error) => format!("its TLS does not do ({error})"),
        ureq::Error::Tls(what) => format!("its TLS does not do ({what})"),
        error => error.to_string(),
    }
}
