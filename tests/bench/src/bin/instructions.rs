//! One workload, once, for an instruction counter: only what runs within `measured` is to be counted.
//!
//! `write FOLDER` makes the programs that `count FOLDER WORKLOAD` reads, so that the counter has little to wait for.

use std::fs;
use std::hint::black_box;
use std::path::{Path, PathBuf};

use vexil_bench::engine::{Engine, Vexil};
use vexil_bench::set::{ON, RULES, SPLIT, Set};

fn main() {
    let mut arguments = std::env::args().skip(1);
    let (Some(task), Some(folder)) = (arguments.next(), arguments.next().map(PathBuf::from)) else {
        panic!("usage: instructions write FOLDER | count FOLDER WORKLOAD");
    };
    match (task.as_str(), arguments.next().as_deref()) {
        ("write", None) => write(&folder),
        ("count", Some(workload)) => count(&folder, workload),
        _ => panic!("usage: instructions write FOLDER | count FOLDER WORKLOAD"),
    }
}

fn write(folder: &Path) {
    fs::create_dir_all(folder).expect("the folder can be made");
    let put = |name: &str, set: &Set| {
        fs::write(folder.join(name), Vexil::configure(set)).expect("the file can be written")
    };
    put("hundred", &Set::mix(100));
    put("thousand", &Set::mix(1_000));
    put("segment", &Set::segment(10_000));
}

fn count(folder: &Path, workload: &str) {
    let read = |name: &str| fs::read(folder.join(name)).expect("the file was written");
    let asked = |index: usize| {
        let set = Set::asked(100);
        let (key, engine) = (&set.flags[index].key, Vexil::load(&read("hundred")));
        let contexts: Vec<_> = set
            .contexts
            .iter()
            .map(|context| engine.context(context))
            .collect();
        measured(|| {
            contexts
                .iter()
                .map(|context| {
                    if index == SPLIT {
                        engine.text(key, context)
                    } else {
                        engine.is_on(key, context).into()
                    }
                })
                .sum()
        });
    };
    let all = |name: &str, count: usize| {
        let (set, engine) = (Set::mix(count), Vexil::load(&read(name)));
        let contexts: Vec<_> = set
            .contexts
            .iter()
            .map(|context| engine.context(context))
            .collect();
        // The buffer for answers grows once.
        engine.all(&contexts[0]);
        measured(|| contexts.iter().map(|context| engine.all(context)).sum());
    };
    let load = |name: &str| {
        let bytes = read(name);
        measured(|| std::mem::size_of_val(&black_box(Vexil::load(&bytes))));
    };
    match workload {
        "a" => asked(ON),
        "b" => asked(RULES),
        "c" => asked(SPLIT),
        "d" => all("hundred", 100),
        "e" => all("thousand", 1_000),
        "f" => load("thousand"),
        "g" => {
            let engine = Vexil::load(&read("segment"));
            let set = Set::segment(10_000);
            let contexts: Vec<_> = set
                .contexts
                .iter()
                .map(|context| engine.context(context))
                .collect();
            measured(|| {
                contexts
                    .iter()
                    .map(|context| usize::from(engine.is_on_anew(&set.flags[0].key, context)))
                    .sum()
            });
        }
        "h" => load("segment"),
        _ => panic!("workloads are a to h"),
    }
}

/// What is counted.
#[inline(never)]
fn measured(run: impl FnOnce() -> usize) {
    black_box(run());
}
