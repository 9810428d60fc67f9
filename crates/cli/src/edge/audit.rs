//! The audit of an environment, page by page, oldest first.

use serde_json::Value;
use vexil_audit::Hash;

use super::Edge;
use crate::failure::Failure;

/// How many lines the edge gives at once.
const PAGE: u64 = 1_000;

/// Some lines that follow each other.
pub(crate) struct Page {
    /// The hash before the first of them.
    pub(crate) previous: Hash,
    pub(crate) lines: Vec<Value>,
}

impl Edge {
    /// The audit after the line of that number.
    pub(crate) fn audit(&self, after: u64) -> impl Iterator<Item = Result<Page, Failure>> {
        let mut next = Some(after);
        std::iter::from_fn(move || {
            let after = next.take()?;
            let path = format!("/admin/v1/audit?after={after}&limit={PAGE}");
            let read = self.get(&path).and_then(|answer| {
                let page = answer.json()?;
                next = page.get("next").and_then(Value::as_u64);
                Page::read(&page).ok_or_else(|| answer.odd("no audit"))
            });
            Some(read)
        })
    }
}

impl Page {
    /// As the edge writes one; `None` where it is something else.
    pub(crate) fn read(json: &Value) -> Option<Page> {
        Some(Page {
            previous: Hash::parse(json.get("previous")?.as_str()?)?,
            lines: json.get("lines")?.as_array()?.clone(),
        })
    }
}
