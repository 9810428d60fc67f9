//! What events add up to.

use core::cmp::Ordering;

use serde_json::{Map, Value as Json, json};

use super::{Arm, Exposed, Measured};

/// Counts of events: of one batch, or of all that came.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Counts {
    /// By flag, variant, stage and arm, in this order.
    pub exposures: Vec<ExposureCount>,
    /// By metric.
    pub metrics: Vec<MetricCount>,
    /// Events that never came: their clients say so.
    pub dropped: u64,
    /// Events that came and were refused.
    pub refused: u64,
    /// Batches that came again.
    pub repeated: u64,
    /// Events whose counts had to make room for others.
    pub forgotten: u64,
}

/// How often a variant was given.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ExposureCount {
    /// The key of the flag.
    pub flag: String,
    /// The name of the variant.
    pub variant: String,
    /// The stage of the release that chose it.
    pub stage: Option<String>,
    /// The side of the comparison.
    pub arm: Option<Arm>,
    /// How often.
    pub count: u64,
    /// When last, in ms since 1970.
    pub last: i64,
}

/// What came of one metric.
#[derive(Clone, Debug, PartialEq)]
pub struct MetricCount {
    /// The metric.
    pub metric: String,
    /// How often it happened.
    pub count: u64,
    /// How often with a value.
    pub values: u64,
    /// The sum of the values.
    pub sum: f64,
    /// When last, in ms since 1970.
    pub last: i64,
}

impl Counts {
    /// Adds one exposure, which was at `at`.
    pub(super) fn expose(&mut self, exposed: &Exposed, at: i64, is_staged: bool) {
        self.exposures.push(ExposureCount {
            flag: exposed.flag.clone(),
            variant: exposed.variant.clone(),
            stage: exposed.stage.clone().filter(|_| is_staged),
            arm: exposed.arm.filter(|_| is_staged),
            count: 1,
            last: at,
        });
    }

    /// Adds one metric, which was at `at`.
    pub(super) fn measure(&mut self, measured: &Measured, at: i64) {
        self.metrics.push(MetricCount {
            metric: measured.metric.as_str().to_owned(),
            count: 1,
            values: measured.value.is_some().into(),
            sum: measured.value.unwrap_or_default(),
            last: at,
        });
    }

    /// Adds other counts.
    pub fn add(&mut self, other: Counts) {
        self.exposures.extend(other.exposures);
        self.metrics.extend(other.metrics);
        for (sum, more) in [
            (&mut self.dropped, other.dropped),
            (&mut self.refused, other.refused),
            (&mut self.repeated, other.repeated),
            (&mut self.forgotten, other.forgotten),
        ] {
            *sum = sum.saturating_add(more);
        }
        self.settle();
    }

    /// `{"exposures": […], "metrics": […], "dropped", "refused", "repeated", "forgotten"}`, each member named as its field.
    #[must_use]
    pub fn to_json(&self) -> Json {
        json!({
            "exposures": self.exposures.iter().map(ExposureCount::to_json).collect::<Json>(),
            "metrics": self.metrics.iter().map(MetricCount::to_json).collect::<Json>(),
            "dropped": self.dropped,
            "refused": self.refused,
            "repeated": self.repeated,
            "forgotten": self.forgotten,
        })
    }

    /// What [`Counts::to_json`] wrote; what is no such thing counts nothing.
    #[must_use]
    pub fn from_json(json: &Json) -> Counts {
        let rows = |name| {
            json.get(name)
                .and_then(Json::as_array)
                .into_iter()
                .flatten()
        };
        let number = |name| whole(json, name).unwrap_or_default();
        Counts {
            exposures: rows("exposures")
                .filter_map(ExposureCount::from_json)
                .collect(),
            metrics: rows("metrics").filter_map(MetricCount::from_json).collect(),
            dropped: number("dropped"),
            refused: number("refused"),
            repeated: number("repeated"),
            forgotten: number("forgotten"),
        }
    }

    /// Makes one of those that count the same.
    pub(super) fn settle(&mut self) {
        merge(&mut self.exposures, by_exposure, |sum, more| {
            sum.count = sum.count.saturating_add(more.count);
            sum.last = sum.last.max(more.last);
        });
        merge(&mut self.metrics, by_metric, |sum, more| {
            sum.count = sum.count.saturating_add(more.count);
            sum.values = sum.values.saturating_add(more.values);
            sum.sum += more.sum;
            sum.last = sum.last.max(more.last);
        });
    }
}

impl ExposureCount {
    fn to_json(&self) -> Json {
        let mut members = Map::new();
        members.insert("flag".to_owned(), Json::from(self.flag.as_str()));
        members.insert("variant".to_owned(), Json::from(self.variant.as_str()));
        let arm = self.arm.map(Arm::name);
        for (name, text) in [("stage", self.stage.as_deref()), ("arm", arm)] {
            if let Some(text) = text {
                members.insert(name.to_owned(), Json::from(text));
            }
        }
        members.insert("count".to_owned(), Json::from(self.count));
        members.insert("last".to_owned(), Json::from(self.last));
        Json::Object(members)
    }

    fn from_json(json: &Json) -> Option<ExposureCount> {
        Some(ExposureCount {
            flag: text(json, "flag")?,
            variant: text(json, "variant")?,
            stage: text(json, "stage"),
            arm: json
                .get("arm")
                .and_then(Json::as_str)
                .and_then(Arm::from_name),
            count: whole(json, "count")?,
            last: json.get("last")?.as_i64()?,
        })
    }
}

impl MetricCount {
    fn to_json(&self) -> Json {
        json!({
            "metric": self.metric,
            "count": self.count,
            "values": self.values,
            "sum": self.sum,
            "last": self.last,
        })
    }

    fn from_json(json: &Json) -> Option<MetricCount> {
        Some(MetricCount {
            metric: text(json, "metric")?,
            count: whole(json, "count")?,
            values: whole(json, "values")?,
            sum: json.get("sum")?.as_f64()?,
            last: json.get("last")?.as_i64()?,
        })
    }
}

fn text(json: &Json, name: &str) -> Option<String> {
    Some(json.get(name)?.as_str()?.to_owned())
}

fn whole(json: &Json, name: &str) -> Option<u64> {
    json.get(name)?.as_u64()
}

fn by_exposure(left: &ExposureCount, right: &ExposureCount) -> Ordering {
    left.flag
        .cmp(&right.flag)
        .then_with(|| left.variant.cmp(&right.variant))
        .then_with(|| left.stage.cmp(&right.stage))
        .then_with(|| left.arm.cmp(&right.arm))
}

fn by_metric(left: &MetricCount, right: &MetricCount) -> Ordering {
    left.metric.cmp(&right.metric)
}

fn merge<C>(counts: &mut Vec<C>, order: impl Fn(&C, &C) -> Ordering, add: impl Fn(&mut C, &C)) {
    counts.sort_by(&order);
    counts.dedup_by(|next, kept| {
        let is_same = order(next, kept).is_eq();
        if is_same {
            add(kept, next);
        }
        is_same
    });
}
