//! Requests to the worker that runs on this machine.

use std::time::Duration;

use ureq::Agent;
use ureq::http::{Request, Response};

use crate::failure::Failure;

/// Long enough for a first request, which starts the worker.
const TIMEOUT: Duration = Duration::from_secs(30);

/// What the worker answered.
pub(crate) struct Answer {
    pub(crate) status: u16,
    pub(crate) content_type: String,
    pub(crate) body: String,
}

/// Sends `body` (nothing for a GET) with these headers. Any status is an answer.
pub(crate) fn ask(
    method: &str,
    url: &str,
    headers: &[(&str, &str)],
    body: &str,
) -> Result<Answer, Failure> {
    let no_answer =
        |error: ureq::Error| Failure::Wrong(format!("{method} {url}: no answer ({error})"));
    let builder = headers.iter().fold(
        Request::builder().method(method).uri(url),
        |builder, (name, value)| builder.header(*name, *value),
    );
    let agent: Agent = Agent::config_builder()
        .http_status_as_error(false)
        .timeout_global(Some(TIMEOUT))
        .build()
        .into();
    let response = if body.is_empty() {
        agent.run(builder.body(()).map_err(|error| no_answer(error.into()))?)
    } else {
        agent.run(
            builder
                .body(body)
                .map_err(|error| no_answer(error.into()))?,
        )
    };
    let mut response: Response<ureq::Body> = response.map_err(no_answer)?;
    let content_type = response
        .headers()
        .get("content-type")
        .and_then(|value| value.to_str().ok())
        .unwrap_or_default()
        .to_owned();
    let body = response.body_mut().read_to_string().map_err(no_answer)?;
    Ok(Answer {
        status: response.status().as_u16(),
        content_type,
        body,
    })
}
