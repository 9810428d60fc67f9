//! Measurements as tables that people read.

use std::collections::BTreeSet;
use std::fmt::Write;

use super::{Measurement, Unit, ratio};

/// What Vexil must need at most, in ns or bytes, by runtime and workload.
const TARGETS: [(&str, &[(&str, f64)]); 4] = [
    (
        "native",
        &[
            ("a", 25.0),
            ("b", 100.0),
            ("c", 55.0),
            ("d", 4_000.0),
            ("e", 45_000.0),
        ],
    ),
    ("node", CLIENT),
    ("chromium", CLIENT),
    (
        "page",
        &[("download", 4_000.0), ("heap", 92_160.0), ("read", 15.0)],
    ),
];
const CLIENT: &[(&str, f64)] = &[
    ("a", 15.0),
    ("b", 15.0),
    ("c", 15.0),
    ("d", 12_000.0),
    ("e", 80_000.0),
    ("f", 100_000.0),
    ("g", 300.0),
    ("read", 15.0),
];

/// A table for each runtime, workloads across, with how many times as long as Vexil each peer takes; then the rest.
pub(super) fn tables(all: &[Measurement]) -> String {
    let mut text = String::new();
    for runtime in distinct(all, |it| &it.runtime) {
        let here: Vec<&Measurement> = all.iter().filter(|it| it.runtime == runtime).collect();
        text.push_str(&compared(runtime, &here, all));
        text.push_str(&alone(&here, all));
    }
    text
}

fn compared(runtime: &str, here: &[&Measurement], all: &[Measurement]) -> String {
    let compared: Vec<&Measurement> = here
        .iter()
        .copied()
        .filter(|it| ratio(it, all).is_some())
        .collect();
    if compared.is_empty() {
        return String::new();
    }
    let workloads: BTreeSet<&str> = compared.iter().map(|it| it.workload.as_str()).collect();
    let mut names = distinct(compared.iter().copied(), |it| &it.name);
    names.sort_by_key(|name| *name != "vexil");
    let mut text = format!(
        "\n{runtime} | {}\n--- |{}\n",
        join(&workloads, |it| (*it).to_owned()),
        " --: |".repeat(workloads.len())
    );
    for name in names {
        let cell = |workload: &&str| {
            let found = compared
                .iter()
                .find(|it| it.workload == *workload && it.name == name);
            found.map_or_else(String::new, |it| {
                let ratio = ratio(it, all)
                    .filter(|_| name != "vexil")
                    .map(|ratio| format!(" ({ratio:.1}×)"));
                amount(it.value, it.unit) + &ratio.unwrap_or_default()
            })
        };
        let _ = writeln!(text, "{name} | {}", join(&workloads, cell));
    }
    let verdict = |workload: &&str| {
        let vexil = compared
            .iter()
            .find(|it| it.workload == *workload && it.name == "vexil");
        match (target(runtime, workload), vexil) {
            (Some(most), Some(vexil)) if vexil.value > most => {
                let times = vexil.value / most;
                format!("≤ {}: missed, {times:.1}×", amount(most, vexil.unit))
            }
            (Some(most), Some(vexil)) => format!("≤ {}: met", amount(most, vexil.unit)),
            _ => String::new(),
        }
    };
    let _ = writeln!(text, "target | {}", join(&workloads, verdict));
    text
}

/// Series and parts: what Vexil is not compared with anybody in.
fn alone(here: &[&Measurement], all: &[Measurement]) -> String {
    let mut text = String::new();
    let alone: Vec<&Measurement> = here
        .iter()
        .copied()
        .filter(|it| ratio(it, all).is_none())
        .collect();
    for workload in distinct(alone.iter().copied(), |it| &it.workload) {
        let mut rows: Vec<_> = alone.iter().filter(|it| it.workload == workload).collect();
        // A series is named by its numbers.
        rows.sort_by_key(|it| it.name.parse::<u64>().unwrap_or_default());
        let rows: Vec<String> = rows
            .iter()
            .map(|it| format!("{} {}", it.name, amount(it.value, it.unit)))
            .collect();
        let _ = writeln!(text, "{workload}: {}", rows.join(" · "));
    }
    text
}

fn target(runtime: &str, workload: &str) -> Option<f64> {
    let (_, targets) = TARGETS.iter().find(|(name, _)| *name == runtime)?;
    targets
        .iter()
        .find(|(name, _)| *name == workload)
        .map(|(_, most)| *most)
}

fn distinct<'m>(
    of: impl IntoIterator<Item = &'m Measurement>,
    key: impl Fn(&'m Measurement) -> &'m String,
) -> Vec<&'m str> {
    let mut found = Vec::new();
    for value in of.into_iter().map(key) {
        if !found.contains(&value.as_str()) {
            found.push(value.as_str());
        }
    }
    found
}

fn join<T>(items: &BTreeSet<T>, text: impl Fn(&T) -> String) -> String {
    items.iter().map(text).collect::<Vec<_>>().join(" | ")
}

/// Three digits, in the unit that suits.
fn amount(value: f64, unit: Unit) -> String {
    let (value, unit) = match (unit, value) {
        (Unit::Ns, ns) if ns < 1e3 => (ns, "ns"),
        (Unit::Ns, ns) if ns < 1e6 => (ns / 1e3, "µs"),
        (Unit::Ns, ns) => (ns / 1e6, "ms"),
        (Unit::Ms, ms) => (ms, "ms"),
        (Unit::Bytes, bytes) => (bytes / 1e3, "kB"),
    };
    if value < 9.95 {
        format!("{value:.1} {unit}")
    } else {
        format!("{value:.0} {unit}")
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn measurement(workload: &str, name: &str, value: f64) -> Measurement {
        Measurement {
            runtime: "native".to_owned(),
            workload: workload.to_owned(),
            name: name.to_owned(),
            value,
            unit: Unit::Ns,
        }
    }

    #[test]
    fn a_table_says_how_much_longer_peers_take_and_what_is_missed() {
        let all = [
            measurement("a", "eppo", 90.0),
            measurement("a", "vexil", 30.0),
            measurement("b", "vexil", 80.0),
            measurement("a-of-flags", "1000", 31.0),
            measurement("a-of-flags", "10", 30.0),
        ];
        let want = "\nnative | a | b\n--- | --: | --: |\nvexil | 30 ns | 80 ns\neppo | 90 ns (3.0×) | \n\
                    target | ≤ 25 ns: missed, 1.2× | ≤ 100 ns: met\n\
                    a-of-flags: 10 30 ns · 1000 31 ns\n";
        assert_eq!(tables(&all), want);
    }

    #[test]
    fn amounts_have_the_unit_that_suits() {
        assert_eq!(amount(9.94, Unit::Ns), "9.9 ns");
        assert_eq!(amount(9.96, Unit::Ns), "10 ns");
        assert_eq!(amount(1_234.0, Unit::Ns), "1.2 µs");
        assert_eq!(amount(45_000.0, Unit::Ns), "45 µs");
        assert_eq!(amount(2_930_000.0, Unit::Ns), "2.9 ms");
        assert_eq!(amount(1_234.0, Unit::Ms), "1234 ms");
        assert_eq!(amount(5_172.0, Unit::Bytes), "5.2 kB");
    }
}
