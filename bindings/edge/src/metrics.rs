//! What is counted while requests are answered, and how it is shown.
//!
//! Each isolate counts for itself and now and then hands what it counted to the environment ([`Counts::take`]), which
//! adds it up and shows it as the text that Prometheus scrapes. What an isolate had not handed over when the runtime
//! ended it is lost: these are measurements, not an audit. No count names a client, a key or a context.

mod events;

use std::collections::BTreeMap;
use std::fmt::{Display, Write};

use serde_json::{Value as Json, json};

use crate::hub::Listeners;
pub(crate) use events::of_events;

/// Upper bounds of the buckets of a latency, in ms.
const BOUNDS_MS: [u32; 10] = [1, 2, 5, 10, 25, 50, 100, 250, 1_000, 5_000];

/// Counts, each only ever higher.
#[derive(Clone, Debug, Default, PartialEq)]
pub(crate) struct Counts {
    /// By route (as the table of calls has it) and status.
    requests: BTreeMap<(String, u16), u64>,
    /// By route.
    latencies: BTreeMap<String, Latency>,
    /// By cache and outcome: `values` and `hit` or `miss`.
    caches: BTreeMap<(String, String), u64>,
    /// By flag and what was wrong with an evaluation.
    evaluation_errors: BTreeMap<(String, String), u64>,
}

/// How long answers of one route took.
#[derive(Clone, Debug, Default, PartialEq)]
struct Latency {
    /// How many took at most so long: one for each of [`BOUNDS_MS`], and last all.
    at_most: [u64; BOUNDS_MS.len() + 1],
    sum_ms: u64,
}

/// What is true at the moment, by environment.
#[derive(Clone, Copy, Debug, Default)]
pub(crate) struct Gauges {
    pub(crate) version: u64,
    /// How long ago that version came to be, in ms.
    pub(crate) age_ms: u64,
    /// Sockets of event streams.
    pub(crate) listeners: Listeners,
    /// Pushes that no one has acknowledged yet.
    pub(crate) waiting: u64,
}

impl Counts {
    /// A request of `route` was answered with `status` after `ms`.
    pub(crate) fn request(&mut self, route: &str, status: u16, ms: u64) {
        add(&mut self.requests, (route.to_owned(), status), 1);
        let latency = self.latencies.entry(route.to_owned()).or_default();
        let bounds = BOUNDS_MS
            .iter()
            .map(|bound| u64::from(*bound))
            .chain([u64::MAX]);
        for (count, _) in latency
            .at_most
            .iter_mut()
            .zip(bounds)
            .filter(|(_, bound)| ms <= *bound)
        {
            *count = count.saturating_add(1);
        }
        latency.sum_ms = latency.sum_ms.saturating_add(ms);
    }

    /// A cache was asked.
    pub(crate) fn cache(&mut self, cache: &str, outcome: &str) {
        add(&mut self.caches, (cache.to_owned(), outcome.to_owned()), 1);
    }

    /// An answer of `flag` could not be what its rules say.
    pub(crate) fn evaluation_error(&mut self, flag: &str, error: &str) {
        add(
            &mut self.evaluation_errors,
            (flag.to_owned(), error.to_owned()),
            1,
        );
    }

    /// What was counted since the last call, to be handed over.
    pub(crate) fn take(&mut self) -> Json {
        let counts = core::mem::take(self);
        json!({
            "requests": counts.requests.into_iter().map(|((route, status), count)| json!([route, status, count])).collect::<Json>(),
            "latencies": counts.latencies.into_iter().map(|(route, latency)| json!([route, latency.at_most, latency.sum_ms])).collect::<Json>(),
            "caches": pairs(counts.caches),
            "evaluationErrors": pairs(counts.evaluation_errors),
        })
    }

    /// Adds what [`Counts::take`] gave; what is no such thing adds nothing.
    pub(crate) fn add(&mut self, taken: &Json) {
        for row in rows(taken, "requests") {
            if let Some((route, status, count)) = request(row) {
                add(&mut self.requests, (route, status), count);
            }
        }
        for row in rows(taken, "latencies") {
            let Some(route) = text(row, 0) else { continue };
            let latency = self.latencies.entry(route).or_default();
            let counts = row.get(1).and_then(Json::as_array).into_iter().flatten();
            for (sum, count) in latency.at_most.iter_mut().zip(counts) {
                *sum = sum.saturating_add(count.as_u64().unwrap_or_default());
            }
            latency.sum_ms = latency.sum_ms.saturating_add(number(row, 2));
        }
        let caches = (rows(taken, "caches"), &mut self.caches);
        let errors = (rows(taken, "evaluationErrors"), &mut self.evaluation_errors);
        for (rows, counts) in [caches, errors] {
            for row in rows {
                if let (Some(first), Some(second)) = (text(row, 0), text(row, 1)) {
                    add(counts, (first, second), number(row, 2));
                }
            }
        }
    }

    /// All of it in the text format of Prometheus, version 0.0.4, for one environment.
    pub(crate) fn prometheus(&self, environment: &str, gauges: Gauges) -> String {
        let mut out = Text {
            out: String::new(),
            environment,
        };
        out.head("vexil_requests_total", "counter", "Requests answered.");
        for ((route, status), count) in &self.requests {
            out.line(
                "vexil_requests_total",
                &[("route", route), ("status", &status.to_string())],
                *count,
            );
        }
        out.head(
            "vexil_request_duration_seconds",
            "histogram",
            "How long answers took.",
        );
        for (route, latency) in &self.latencies {
            out.histogram("vexil_request_duration_seconds", route, latency);
        }
        out.head("vexil_cache_total", "counter", "Caches asked, by outcome.");
        for ((cache, outcome), count) in &self.caches {
            out.line(
                "vexil_cache_total",
                &[("cache", cache), ("outcome", outcome)],
                *count,
            );
        }
        out.head(
            "vexil_evaluation_errors_total",
            "counter",
            "Answers that could not be what rules say.",
        );
        for ((flag, error), count) in &self.evaluation_errors {
            out.line(
                "vexil_evaluation_errors_total",
                &[("flag", flag), ("error", error)],
                *count,
            );
        }
        let Gauges {
            version,
            age_ms,
            listeners,
            waiting,
        } = gauges;
        for (name, help, value) in [
            ("vexil_version", "The newest version.", version),
            (
                "vexil_streams",
                "Event streams that are open, at the hubs that answered.",
                listeners.known,
            ),
            (
                "vexil_hubs_silent",
                "Hubs that did not say how many streams they have.",
                listeners.silent_hubs,
            ),
            (
                "vexil_pushes_waiting",
                "Pushes of versions not acknowledged yet.",
                waiting,
            ),
        ] {
            out.head(name, "gauge", help);
            out.line(name, &[], value);
        }
        if version > 0 {
            let name = "vexil_version_age_seconds";
            out.head(name, "gauge", "How long ago the newest version came to be.");
            out.line(name, &[], seconds(age_ms));
        }
        out.out
    }
}

struct Text<'a> {
    out: String,
    environment: &'a str,
}

impl Text<'_> {
    fn head(&mut self, name: &str, kind: &str, help: &str) {
        let _ = writeln!(self.out, "# HELP {name} {help}\n# TYPE {name} {kind}");
    }

    fn line(&mut self, name: &str, labels: &[(&str, &str)], value: impl Display) {
        let _ = write!(self.out, "{name}{{environment=\"{}\"", self.environment);
        for (label, value) in labels {
            let _ = write!(self.out, ",{label}=\"{}\"", escaped(value));
        }
        let _ = writeln!(self.out, "}} {value}");
    }

    fn histogram(&mut self, name: &str, route: &str, latency: &Latency) {
        let bounds = BOUNDS_MS
            .iter()
            .map(|bound| seconds(u64::from(*bound)))
            .chain(["+Inf".to_owned()]);
        for (bound, count) in bounds.zip(latency.at_most) {
            self.line(
                &format!("{name}_bucket"),
                &[("route", route), ("le", &bound)],
                count,
            );
        }
        self.line(
            &format!("{name}_sum"),
            &[("route", route)],
            seconds(latency.sum_ms),
        );
        let all = latency.at_most.last().copied().unwrap_or_default();
        self.line(&format!("{name}_count"), &[("route", route)], all);
    }
}

/// So many ms in seconds, as Prometheus wants all times.
fn seconds(ms: u64) -> String {
    let (whole, rest) = (ms / 1_000, ms % 1_000);
    format!("{whole}.{rest:03}")
}

fn escaped(value: &str) -> String {
    value
        .replace('\\', "\\\\")
        .replace('"', "\\\"")
        .replace('\n', "\\n")
}

fn add<K: Ord>(counts: &mut BTreeMap<K, u64>, key: K, more: u64) {
    let count = counts.entry(key).or_default();
    *count = count.saturating_add(more);
}

fn pairs(counts: BTreeMap<(String, String), u64>) -> Json {
    counts
        .into_iter()
        .map(|((first, second), count)| json!([first, second, count]))
        .collect()
}

fn rows<'j>(taken: &'j Json, name: &str) -> &'j [Json] {
    taken
        .get(name)
        .and_then(Json::as_array)
        .map_or(&[], Vec::as_slice)
}

fn request(row: &Json) -> Option<(String, u16, u64)> {
    let status = u16::try_from(number(row, 1)).ok()?;
    Some((text(row, 0)?, status, number(row, 2)))
}

fn text(row: &Json, place: usize) -> Option<String> {
    Some(row.get(place)?.as_str()?.to_owned())
}

fn number(row: &Json, place: usize) -> u64 {
    row.get(place).and_then(Json::as_u64).unwrap_or_default()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn counted() -> Counts {
        let mut counts = Counts::default();
        counts.request("POST /v1/values", 200, 0);
        counts.request("POST /v1/values", 200, 7);
        counts.request("POST /v1/values", 304, 60_000);
        counts.cache("values", "hit");
        counts.evaluation_error("new\"shop", "missing unit");
        counts
    }

    #[test]
    fn what_isolates_counted_adds_up() {
        let mut sum = Counts::default();
        for _ in 0..2 {
            let mut one = counted();
            sum.add(&one.take());
            assert_eq!(one, Counts::default());
        }
        let mut want = counted();
        want.add(&counted().take());
        assert_eq!(sum, want);
        sum.add(&json!({"requests": [[1, 2], "x"], "latencies": 7, "caches": [["a"]]}));
        assert_eq!(sum, want);
    }

    #[test]
    fn prometheus_reads_it() {
        let text = counted().prometheus(
            "test",
            Gauges {
                version: 3,
                ..Gauges::default()
            },
        );
        for line in [
            r#"vexil_requests_total{environment="test",route="POST /v1/values",status="200"} 2"#,
            r#"vexil_requests_total{environment="test",route="POST /v1/values",status="304"} 1"#,
            r#"vexil_request_duration_seconds_bucket{environment="test",route="POST /v1/values",le="0.001"} 1"#,
            r#"vexil_request_duration_seconds_bucket{environment="test",route="POST /v1/values",le="0.010"} 2"#,
            r#"vexil_request_duration_seconds_bucket{environment="test",route="POST /v1/values",le="5.000"} 2"#,
            r#"vexil_request_duration_seconds_bucket{environment="test",route="POST /v1/values",le="+Inf"} 3"#,
            r#"vexil_request_duration_seconds_sum{environment="test",route="POST /v1/values"} 60.007"#,
            r#"vexil_request_duration_seconds_count{environment="test",route="POST /v1/values"} 3"#,
            r#"vexil_cache_total{environment="test",cache="values",outcome="hit"} 1"#,
            r#"vexil_evaluation_errors_total{environment="test",flag="new\"shop",error="missing unit"} 1"#,
            r#"vexil_version{environment="test"} 3"#,
            "# TYPE vexil_request_duration_seconds histogram",
        ] {
            assert!(text.lines().any(|have| have == line), "{line}\n{text}");
        }
    }
}
