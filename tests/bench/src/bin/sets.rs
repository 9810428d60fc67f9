//! Writes the sets for runtimes that are not Rust: a folder for each, with a file for each engine, the contexts and
//! Vexil's answers.

use std::fs;
use std::path::{Path, PathBuf};

use serde_json::{Value, json};

use vexil_bench::engine::{Engine, Vexil};
use vexil_bench::set::{RULES, Set};
use vexil_bench::write;

fn main() {
    let folder = PathBuf::from(std::env::args_os().nth(1).expect("usage: sets FOLDER"));
    write_set(&folder.join("asked"), &Set::asked(100));
    write_set(&folder.join("mix-100"), &Set::mix(100));
    write_set(&folder.join("mix-1000"), &Set::mix(1_000));
    write_set(&folder.join("segment"), &Set::segment(10_000));
}

fn write_set(folder: &Path, set: &Set) {
    fs::create_dir_all(folder).expect("the folder can be made");
    let put = |name: &str, bytes: &[u8]| {
        fs::write(folder.join(name), bytes).expect("the file can be written")
    };
    let program = Vexil::configure(set);
    put("vexil.program", &program);
    let languages: [(&str, fn(&Set) -> Value); 8] = [
        ("vexil", write::vexil),
        ("flagd", write::flagd),
        ("flipt", write::flipt),
        ("growthbook", write::growthbook),
        ("configcat", write::configcat),
        ("launchdarkly", write::launchdarkly),
        ("unleash", write::unleash),
        ("eppo", write::eppo),
    ];
    for (name, write) in languages {
        put(&format!("{name}.json"), write(set).to_string().as_bytes());
    }
    let engine = Vexil::load(&program);
    let flags: Vec<Value> = set.flags.iter().map(|flag| json!({ "key": flag.key, "isBoolean": flag.serve.is_boolean(), "isHashed": flag.serve.is_hashed() })).collect();
    let answers = set.contexts.iter().map(|context| {
        let context = engine.context(context);
        let values = set
            .flags
            .iter()
            .map(|flag| engine.value(&flag.key, flag.serve.is_boolean(), &context));
        values.collect::<Vec<Value>>()
    });
    let answers: Vec<Vec<Value>> = answers.collect();
    if folder.ends_with("asked") {
        assert!(
            answers.iter().all(|values| values[RULES] == true),
            "the last rule matches"
        );
    }
    let described = json!({ "flags": flags, "contexts": set.contexts, "answers": answers });
    put("set.json", described.to_string().as_bytes());
}
