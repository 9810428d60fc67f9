//! Where the search begins: what the vectors are made of.

use std::collections::BTreeMap;
use std::error::Error;

use serde_json::Value;
use vexil_conformance::laws::Scene;
use vexil_conformance::{Loaded, Native, load, vectors_dir};
use vexil_ruleset::Ruleset;

/// The inputs of one target, by a name that is a file name.
pub type Seeds = BTreeMap<String, Vec<u8>>;

/// The inputs of every target that the vectors make.
pub struct Corpus {
    /// Programs, whole and what is sent of them to browsers, and live states.
    pub program_from_bytes: Seeds,
    /// Rulesets, valid and broken.
    pub decode: Seeds,
    /// Scenes as JSON.
    pub laws: Seeds,
    /// Patterns, each with the texts that stand in the contexts beside it.
    pub patterns: Seeds,
}

impl Corpus {
    /// Reads the vectors.
    ///
    /// # Errors
    /// Where they cannot be read.
    pub fn load() -> Result<Corpus, Box<dyn Error>> {
        let loaded = load(&vectors_dir())?;
        Ok(Corpus {
            program_from_bytes: programs(&loaded),
            decode: texts(&loaded),
            laws: scenes(&loaded),
            patterns: patterns(&loaded),
        })
    }
}

fn file_name(name: &str) -> String {
    name.replace(['/', '#'], "-")
}

fn texts(loaded: &Loaded) -> Seeds {
    let valid = loaded.vectors.iter();
    let valid = valid.map(|vector| (&vector.name, &vector.ruleset));
    let broken = loaded.issues.iter();
    let broken = broken.map(|wanted| (&wanted.name, &wanted.ruleset));
    valid
        .chain(broken)
        .map(|(name, text)| (file_name(name), text.clone().into_bytes()))
        .collect()
}

fn programs(loaded: &Loaded) -> Seeds {
    let mut seeds = Seeds::new();
    for (name, text) in texts(loaded) {
        let ruleset = vexil_ruleset::decode(&String::from_utf8_lossy(&text));
        let compile = |ruleset: Ruleset| vexil_ruleset::compile(&ruleset, "test", 1, 0).ok();
        if let Some(program) = ruleset.ok().and_then(compile) {
            seeds.insert(name, program.as_bytes().to_vec());
        }
    }
    for vector in &loaded.vectors {
        let (Ok(native), Some(case)) = (Native::compile(&vector.ruleset), vector.cases.first())
        else {
            continue;
        };
        let name = file_name(&vector.name);
        seeds.insert(format!("{name}-live"), native.live(case).to_bytes());
        if let Ok(sent) = native.sent(case) {
            seeds.insert(format!("{name}-sent"), sent.program.as_bytes().to_vec());
        }
    }
    seeds
}

/// How long a scene can be that is worth starting from, in bytes: every law walks all of it many times.
const LARGEST_SCENE: usize = 16_384;

fn scenes(loaded: &Loaded) -> Seeds {
    let mut seeds = Seeds::new();
    for vector in &loaded.vectors {
        for (number, scene) in Scene::of(vector).iter().enumerate() {
            let name = format!("{}-{number}", file_name(&vector.name));
            let input = scene.to_json().to_string().into_bytes();
            if input.len() <= LARGEST_SCENE {
                seeds.insert(name, input);
            }
        }
    }
    seeds
}

fn patterns(loaded: &Loaded) -> Seeds {
    let mut seeds = Seeds::new();
    for vector in &loaded.vectors {
        let mut texts = Vec::new();
        for case in &vector.cases {
            strings(&case.context, "", &mut |_, text| {
                texts.push(text.to_owned());
            });
        }
        let ruleset: Value = serde_json::from_str(&vector.ruleset).unwrap_or_default();
        let mut count = 0_u32;
        strings(&ruleset, "", &mut |key, text| {
            if key == "matches" {
                let input = [text, &texts.join("\0")].join("\0");
                seeds.insert(
                    format!("{}-{count}", file_name(&vector.name)),
                    input.into_bytes(),
                );
                count = count.saturating_add(1);
            }
        });
    }
    seeds
}

/// Every text in `value`, with the key of the object it stands in.
fn strings(value: &Value, key: &str, take: &mut impl FnMut(&str, &str)) {
    match value {
        Value::String(text) => take(key, text),
        Value::Array(items) => items.iter().for_each(|item| strings(item, key, take)),
        Value::Object(members) => {
            members
                .iter()
                .for_each(|(key, member)| strings(member, key, take));
        }
        _ => {}
    }
}
