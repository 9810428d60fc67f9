//! Server-sent events, as the edge sends them.
//!
//! Source: the event stream format of the HTML standard.

use std::io::{BufRead, BufReader};

use super::{Edge, Sent};
use crate::failure::Failure;

/// The events of one connection.
pub(crate) struct Events(BufReader<ureq::BodyReader<'static>>);

impl Edge {
    /// Listens to the event stream, whose key evaluates; from the event after `last` on.
    pub(crate) fn listen(&self, key: &str, last: Option<&str>) -> Result<Events, Failure> {
        let sent = Sent {
            last_event_id: last,
            ..Sent::default()
        };
        let bearer = format!("Bearer {key}");
        let (url, response) = self.run("GET", "/v1/stream", sent, Some(bearer), None)?;
        let content_type = super::header(&response, "content-type").unwrap_or_default();
        if !response.status().is_success() {
            return Err(self.refused(&url, response));
        }
        if !content_type.starts_with("text/event-stream") {
            return Err(Failure::NoEdge(format!(
                "{url} answered with no event stream: is that the address of a Vexil edge?"
            )));
        }
        Ok(Events(BufReader::new(response.into_body().into_reader())))
    }
}

impl Iterator for Events {
    /// The id of an event, which is the version that it announces.
    type Item = String;

    /// `None` once the connection has ended, or nothing came for too long.
    fn next(&mut self) -> Option<String> {
        next(&mut self.0)
    }
}

fn next(from: &mut impl BufRead) -> Option<String> {
    let (mut id, mut has_data, mut line) = (None, false, String::new());
    loop {
        line.clear();
        if from.read_line(&mut line).ok()? == 0 {
            return None;
        }
        let text = line.trim_end_matches(['\n', '\r']);
        let (field, value) = text.split_once(':').unwrap_or((text, ""));
        match field {
            "" if text.is_empty() && has_data => {
                return id;
            }
            "id" => id = Some(value.strip_prefix(' ').unwrap_or(value).to_owned()),
            "data" => has_data = true,
            _ => {}
        }
    }
}

#[cfg(test)]
mod tests {
    use super::next;

    #[test]
    fn an_event_ends_with_an_empty_line() {
        let mut text =
            ":\n\nid: 7\nretry: 1000\ndata: {}\n\n:\n\nid: 8\r\ndata: {}\r\n\r\nid: 9\ndata: {}\n"
                .as_bytes();
        let ids: Vec<String> = std::iter::from_fn(|| next(&mut text)).collect();
        assert_eq!(ids, ["7", "8"], "the last was cut short");
    }
}
