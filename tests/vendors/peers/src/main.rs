//! `peers`: asks the vendors' own evaluators and ours the same questions, and counts what differs.

mod eppo;
mod launchdarkly;
mod node;
mod unleash;

use std::path::PathBuf;
use std::process::ExitCode;

use clap::Parser;
use serde_json::{Value, json};
use vexil_import::Vendor;
use vexil_vendors::Subject;
use vexil_vendors::question::{Chance, MAKERS, Maker, Question};

/// Asks the vendors' own evaluators and imported flags the same questions.
#[derive(Parser)]
struct Options {
    /// Only this vendor
    #[arg(long)]
    vendor: Option<String>,
    /// How many pairs of a flag and a context to ask of each vendor
    #[arg(long, default_value_t = 100_000)]
    cases: usize,
    /// The first file's number; each file has the next
    #[arg(long, default_value_t = 1)]
    seed: u64,
    /// The folder of the node programs and their packages
    #[arg(long, default_value = "tests/vendors")]
    node: PathBuf,
    /// Prints a line of JSON for each vendor
    #[arg(long)]
    json: bool,
}

/// A vendor's own evaluator.
pub trait Peer {
    /// Its values, flag by flag and context by context; null where it leaves the answer to the caller.
    fn answers(&mut self, question: &Question) -> Result<Vec<Vec<Value>>, String>;
}

fn peer(name: &str, options: &Options) -> Result<Box<dyn Peer>, String> {
    match name {
        "eppo" => Ok(Box::new(eppo::Eppo)),
        "launchdarkly" => Ok(Box::new(launchdarkly::LaunchDarkly)),
        "flagd" | "flipt" | "growthbook" => Ok(Box::new(node::Node::start(&options.node, name)?)),
        "unleash" => Ok(Box::new(unleash::Unleash)),
        _ => Err(format!("{name} has no evaluator here")),
    }
}

/// What came of all pairs of a vendor.
#[derive(Default)]
struct Count {
    same: usize,
    differ: usize,
    /// A note said that answers may differ, and they did.
    noted: usize,
}

fn main() -> ExitCode {
    match run(&Options::parse()) {
        Ok(true) => ExitCode::SUCCESS,
        Ok(false) => ExitCode::FAILURE,
        Err(sentence) => {
            eprintln!("{sentence}");
            ExitCode::from(3)
        }
    }
}

/// Whether no answer differs that no note speaks of.
fn run(options: &Options) -> Result<bool, String> {
    let mut is_fine = true;
    let wanted = |maker: &&Maker| options.vendor.as_ref().is_none_or(|it| it == maker.name);
    for maker in MAKERS.iter().filter(wanted) {
        let Count {
            same,
            differ,
            noted,
        } = compare(maker, options)?;
        is_fine &= differ == 0;
        if options.json {
            println!(
                "{}",
                json!({ "vendor": maker.name, "same": same, "differ": differ, "noted": noted })
            );
        } else {
            println!(
                "{}: {same} the same, {differ} differ, {noted} differ as a note says",
                maker.name
            );
        }
    }
    Ok(is_fine)
}

fn compare(maker: &Maker, options: &Options) -> Result<Count, String> {
    let vendor = Vendor::from_name(maker.name).ok_or("no such vendor")?;
    let mut peer = peer(maker.name, options)?;
    let mut count = Count::default();
    let mut seed = options.seed;
    while count.same + count.differ + count.noted < options.cases {
        let question = (maker.make)(&mut Chance::new(seed));
        let subject = Subject::new(vendor, &question.file.to_string())
            .map_err(|it| format!("seed {seed}: {it}"))?;
        let answers = peer
            .answers(&question)
            .map_err(|it| format!("seed {seed}: {it}"))?;
        for ((key, path), wanted) in question.flags.iter().zip(&answers) {
            for (context, want) in question.contexts.iter().zip(wanted) {
                let ours = subject.answer(key, context)?;
                let value = ours.as_ref().map_or(Value::Null, |it| it.value.clone());
                if value == *want {
                    count.same += 1;
                } else if let Some(note) = subject.note_below(path) {
                    count.noted += 1;
                    if std::env::var_os("NOTES").is_some() {
                        eprintln!("{}: {note}", maker.name);
                    }
                } else {
                    count.differ += 1;
                    if count.differ <= 5 {
                        eprintln!(
                            "{} seed {seed}: {key} in {context}: {want} theirs, {value} ours\n{}",
                            maker.name, question.file
                        );
                    }
                }
            }
        }
        seed += 1;
    }
    Ok(count)
}
