//! What the edge answers.

use std::time::Duration;

use serde_json::Value;

use super::plain;
use crate::failure::Failure;

/// What the edge answered to a call that it accepted.
#[derive(Debug)]
pub(crate) struct Answer {
    pub(crate) body: String,
    /// The version that its entity tag names.
    pub(crate) version: Option<u64>,
    /// From the beginning of the call to the end of the answer.
    pub(crate) took: Duration,
    pub(super) url: String,
}

impl Answer {
    /// The body, as JSON.
    pub(crate) fn json(&self) -> Result<Value, Failure> {
        serde_json::from_str(&self.body).map_err(|_| self.odd("what is no JSON"))
    }

    /// That there is something else at that address.
    pub(super) fn odd(&self, what: &str) -> Failure {
        let url = &self.url;
        Failure::NoEdge(format!(
            "{url} answered with {what}: is that the address of a Vexil edge?"
        ))
    }

    /// The items of a list of the body.
    pub(crate) fn list(&self, name: &str) -> Result<Vec<Value>, Failure> {
        let json = self.json()?;
        let list = json.get(name).and_then(Value::as_array).cloned();
        list.ok_or_else(|| self.odd(&format!("no `{name}`")))
    }

    /// A text of the body.
    pub(crate) fn text(&self, name: &str) -> Result<String, Failure> {
        let json = self.json()?;
        let text = json.get(name).and_then(Value::as_str).map(plain);
        text.ok_or_else(|| self.odd(&format!("no `{name}`")))
    }

    /// A whole number of the body.
    pub(crate) fn number(&self, name: &str) -> Result<u64, Failure> {
        let number = self.json()?.get(name).and_then(Value::as_u64);
        number.ok_or_else(|| self.odd(&format!("no `{name}`")))
    }
}
