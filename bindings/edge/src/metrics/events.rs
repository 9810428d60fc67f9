//! What clients reported, as Prometheus scrapes it.

use std::collections::BTreeMap;

use vexil_release::events::Counts;

use super::{Text, add};

/// The counts of one environment, by flag and variant, and by metric. `/admin/v1/events` tells stages and arms apart.
pub(crate) fn of_events(environment: &str, counts: &Counts) -> String {
    let mut out = Text {
        out: String::new(),
        environment,
    };
    let name = "vexil_exposures_total";
    out.head(name, "counter", "Variants that clients were given.");
    let mut exposures = BTreeMap::new();
    for exposed in &counts.exposures {
        let labels = (exposed.flag.as_str(), exposed.variant.as_str());
        add(&mut exposures, labels, exposed.count);
    }
    for ((flag, variant), count) in exposures {
        out.line(name, &[("flag", flag), ("variant", variant)], count);
    }
    let name = "vexil_events_total";
    out.head(name, "counter", "What clients measured.");
    for measured in &counts.metrics {
        out.line(name, &[("metric", &measured.metric)], measured.count);
    }
    for (name, help, count) in [
        (
            "vexil_events_dropped_total",
            "Events that clients gave up.",
            counts.dropped,
        ),
        (
            "vexil_events_refused_total",
            "Events that are not counted.",
            counts.refused,
        ),
        (
            "vexil_events_repeated_total",
            "Batches that came again, and counted once.",
            counts.repeated,
        ),
    ] {
        out.head(name, "counter", help);
        out.line(name, &[], count);
    }
    out.out
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn prometheus_reads_it() {
        let row = |stage: &str, count: u64| {
            format!(
                r#"{{"flag":"new\"shop","variant":"on","stage":"{stage}","count":{count},"last":1}}"#
            )
        };
        let counts = format!(
            r#"{{"exposures":[{},{}],"metrics":[{{"metric":"ms","count":3,"values":2,"sum":1.5,"last":1}}],
                "dropped":4,"refused":5,"repeated":6,"forgotten":0}}"#,
            row("10 %", 7),
            row("50 %", 8),
        );
        let counts = serde_json::from_str(&counts).expect("it is JSON");
        let text = of_events("test", &Counts::from_json(&counts));
        for line in [
            r#"vexil_exposures_total{environment="test",flag="new\"shop",variant="on"} 15"#,
            r#"vexil_events_total{environment="test",metric="ms"} 3"#,
            r#"vexil_events_dropped_total{environment="test"} 4"#,
            r#"vexil_events_refused_total{environment="test"} 5"#,
            r#"vexil_events_repeated_total{environment="test"} 6"#,
            "# TYPE vexil_exposures_total counter",
        ] {
            assert!(text.lines().any(|have| have == line), "{line}\n{text}");
        }
    }
}
