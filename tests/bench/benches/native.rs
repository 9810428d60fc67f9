//! Vexil beside its peers, natively. A group for each workload, a line for each engine.

use std::hint::black_box;
use std::time::Duration;

use criterion::measurement::WallTime;
use criterion::{BenchmarkGroup, Criterion};

use vexil_bench::engine::{Engine, Vexil};
use vexil_bench::peers::{Eppo, LaunchDarkly, Unleash};
use vexil_bench::set::{ON, RULES, SPLIT, Set};

fn main() {
    let is_quick = std::env::var_os("VEXIL_BENCH_QUICK").is_some();
    let (warm_up, measure) = if is_quick { (100, 200) } else { (500, 1_500) };
    let mut criterion = Criterion::default()
        .without_plots()
        .warm_up_time(Duration::from_millis(warm_up))
        .measurement_time(Duration::from_millis(measure))
        .sample_size(if is_quick { 20 } else { 50 })
        .configure_from_args();
    same_answers();
    one_flag(&mut criterion);
    all_flags(&mut criterion);
    loading(&mut criterion);
    segment(&mut criterion);
    flat(&mut criterion);
    criterion.final_summary();
}

/// An honest comparison: for every flag that engines need not hash differently, the same answer.
fn same_answers() {
    for set in [Set::asked(100), Set::mix(1_000), Set::segment(10_000)] {
        agrees::<Eppo>(&set);
        agrees::<LaunchDarkly>(&set);
        agrees::<Unleash>(&set);
    }
}

fn agrees<E: Engine>(set: &Set) {
    let (vexil, peer) = (
        Vexil::load(&Vexil::configure(set)),
        E::load(&E::configure(set)),
    );
    for context in &set.contexts {
        let (ours, theirs) = (vexil.context(context), peer.context(context));
        for flag in set.flags.iter().filter(|flag| !flag.serve.is_hashed()) {
            let is_boolean = flag.serve.is_boolean();
            let (want, got) = (
                vexil.value(&flag.key, is_boolean, &ours),
                peer.value(&flag.key, is_boolean, &theirs),
            );
            assert_eq!(
                got,
                want,
                "{} answers {} otherwise for {}",
                E::NAME,
                flag.key,
                context.targeting_key
            );
        }
    }
}

fn one_flag(criterion: &mut Criterion) {
    let set = Set::asked(100);
    for (workload, index) in [("a", ON), ("b", RULES), ("c", SPLIT)] {
        let mut group = criterion.benchmark_group(workload);
        ask::<Vexil>(&mut group, &set, index);
        ask::<Eppo>(&mut group, &set, index);
        ask::<LaunchDarkly>(&mut group, &set, index);
        ask::<Unleash>(&mut group, &set, index);
    }
}

fn all_flags(criterion: &mut Criterion) {
    for (workload, count) in [("d", 100), ("e", 1_000)] {
        let set = Set::mix(count);
        let mut group = criterion.benchmark_group(workload);
        all::<Vexil>(&mut group, &set);
        all::<Eppo>(&mut group, &set);
        all::<LaunchDarkly>(&mut group, &set);
        all::<Unleash>(&mut group, &set);
    }
}

fn loading(criterion: &mut Criterion) {
    for (workload, set) in [("f", Set::mix(1_000)), ("h", Set::segment(10_000))] {
        let mut group = criterion.benchmark_group(workload);
        load::<Vexil>(&mut group, &set);
        load::<Eppo>(&mut group, &set);
        load::<LaunchDarkly>(&mut group, &set);
        load::<Unleash>(&mut group, &set);
    }
}

fn segment(criterion: &mut Criterion) {
    let set = Set::segment(10_000);
    let mut group = criterion.benchmark_group("g");
    anew(&mut group, Vexil::NAME, &set);
    ask::<Eppo>(&mut group, &set, 0);
    ask::<LaunchDarkly>(&mut group, &set, 0);
    ask::<Unleash>(&mut group, &set, 0);
}

/// Vexil alone: what must not depend on how much there is that was not asked for, and what must grow with it evenly.
fn flat(criterion: &mut Criterion) {
    for count in [10, 1_000, 10_000] {
        let set = Set::asked(count);
        for (workload, index) in [("a", ON), ("b", RULES), ("c", SPLIT)] {
            ask_as::<Vexil>(
                &mut criterion.benchmark_group(format!("{workload}-of-flags")),
                &count.to_string(),
                &set,
                index,
            );
        }
        let name = count.to_string();
        all_as::<Vexil>(
            &mut criterion.benchmark_group("all-of-flags"),
            &name,
            &Set::mix(count),
        );
    }
    for count in [10, 10_000, 1_000_000] {
        anew(
            &mut criterion.benchmark_group("one-of-members"),
            &count.to_string(),
            &Set::segment(count),
        );
    }
}

type Group<'a> = BenchmarkGroup<'a, WallTime>;

fn ask<E: Engine>(group: &mut Group<'_>, set: &Set, index: usize) {
    ask_as::<E>(group, E::NAME, set, index);
}

fn ask_as<E: Engine>(group: &mut Group<'_>, name: &str, set: &Set, index: usize) {
    let engine = E::load(&E::configure(set));
    let contexts: Vec<_> = set
        .contexts
        .iter()
        .map(|context| engine.context(context))
        .collect();
    let flag = &set.flags[index];
    let mut turn = contexts.iter().cycle();
    group.bench_function(name, |bencher| {
        if flag.serve.is_boolean() {
            bencher.iter(|| {
                engine.is_on(
                    black_box(&flag.key),
                    black_box(turn.next().expect("there are contexts")),
                )
            });
        } else {
            bencher.iter(|| {
                engine.text(
                    black_box(&flag.key),
                    black_box(turn.next().expect("there are contexts")),
                )
            });
        }
    });
}

/// One flag of Vexil for a context that it has not seen: peers resolve theirs in every call.
fn anew(group: &mut Group<'_>, name: &str, set: &Set) {
    let engine = Vexil::load(&Vexil::configure(set));
    let contexts: Vec<_> = set
        .contexts
        .iter()
        .map(|context| engine.context(context))
        .collect();
    let mut turn = contexts.iter().cycle();
    group.bench_function(name, |bencher| {
        bencher.iter(|| {
            engine.is_on_anew(
                black_box(&set.flags[0].key),
                black_box(turn.next().expect("there are contexts")),
            )
        });
    });
}

fn all<E: Engine>(group: &mut Group<'_>, set: &Set) {
    all_as::<E>(group, E::NAME, set);
}

fn all_as<E: Engine>(group: &mut Group<'_>, name: &str, set: &Set) {
    let engine = E::load(&E::configure(set));
    let contexts: Vec<_> = set
        .contexts
        .iter()
        .map(|context| engine.context(context))
        .collect();
    let mut turn = contexts.iter().cycle();
    group.bench_function(name, |bencher| {
        bencher.iter(|| engine.all(black_box(turn.next().expect("there are contexts"))))
    });
}

fn load<E: Engine>(group: &mut Group<'_>, set: &Set) {
    let bytes = E::configure(set);
    group.bench_function(E::NAME, |bencher| {
        bencher.iter_with_large_drop(|| E::load(black_box(&bytes)))
    });
}
