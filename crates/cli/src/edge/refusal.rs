//! What the edge said when it did not do what was asked: a problem document (RFC 9457).

use std::io::{self, Write};

use serde_json::{Map, Value};

/// Why the edge refused a call.
#[derive(Debug, Default)]
pub(crate) struct Refusal {
    /// What the environment is called here.
    place: String,
    /// Where the token came from, if there was one.
    token: Option<&'static str>,
    /// The HTTP status.
    pub(crate) status: u16,
    /// A sentence.
    detail: String,
    /// What is wrong with a ruleset: where and what.
    pub(crate) issues: Vec<(String, String)>,
    /// When to ask again, in seconds.
    pub(crate) after_s: Option<u64>,
}

impl Refusal {
    /// `None` where the body is no problem document.
    pub(super) fn read(status: u16, body: &str, after_s: Option<u64>) -> Option<Refusal> {
        let body: Map<String, Value> = serde_json::from_str(body).ok()?;
        let detail = body.get("detail")?.as_str()?.to_owned();
        let text = |issue: &Value, name| {
            let text = issue.get(name).and_then(Value::as_str);
            plain(text.unwrap_or_default())
        };
        let issues = body.get("issues").and_then(Value::as_array);
        let issues = issues.into_iter().flatten();
        Some(Refusal {
            status,
            detail,
            issues: issues
                .map(|issue| (text(issue, "path"), text(issue, "message")))
                .collect(),
            after_s,
            ..Refusal::default()
        })
    }

    /// The same, of that environment, to a token from that source.
    pub(super) fn of(self, place: String, token: Option<&'static str>) -> Refusal {
        Refusal {
            place,
            token,
            ..self
        }
    }

    /// For people: a line for each thing that is wrong.
    pub(crate) fn print(&self, to: &mut impl Write) -> io::Result<()> {
        let (place, detail) = (&self.place, plain(&self.detail));
        let source = self.token.unwrap_or("VEXIL_TOKEN");
        for (path, message) in &self.issues {
            writeln!(to, "{path}: {message}")?;
        }
        match self.status {
            401 => writeln!(
                to,
                "{place} does not know this token: it is wrong, or it has ended ({source} has it)"
            ),
            403 => writeln!(to, "{place} refused: {detail} ({source} has another)"),
            422 => writeln!(to, "{place} refused the ruleset, and nothing has changed"),
            429 => match self.after_s {
                Some(seconds) => {
                    writeln!(to, "{place} refused: {detail}, try again in {seconds} s")
                }
                None => writeln!(to, "{place} refused: {detail}, try again later"),
            },
            _ => writeln!(to, "{place} refused: {detail}"),
        }
    }
}

/// `text` without what a terminal would obey.
pub(crate) fn plain(text: &str) -> String {
    let mut shown = String::with_capacity(text.len());
    for letter in text.chars() {
        if letter.is_control() {
            shown.extend(letter.escape_default());
        } else {
            shown.push(letter);
        }
    }
    shown
}
