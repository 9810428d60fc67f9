//! The vectors as files: how they are found and read.

use std::error::Error;
use std::fs;
use std::path::{Path, PathBuf};

use serde::{Deserialize, Serialize};
use serde_json::{Value, json};

/// One file of evaluation cases: a ruleset, and what it answers.
pub struct Vector {
    /// `order/steps`: the folder and the file without its ending.
    pub name: String,
    /// The ruleset, as JSON.
    pub ruleset: String,
    /// What is asked of it.
    pub cases: Vec<Case>,
}

/// One question, and the answer that was written down by hand.
#[derive(Clone, Debug)]
pub struct Case {
    /// A sentence.
    pub name: String,
    /// The key of the flag that is asked for.
    pub flag: String,
    /// The flags that are killed meanwhile.
    pub killed: Vec<String>,
    /// The releases that have started.
    pub started: Vec<Started>,
    /// When it is asked, in milliseconds since 1970.
    pub now: i64,
    /// The evaluation context, an object.
    pub context: Value,
    /// The expected answer in its canonical form (see [`crate::canonical`]).
    pub expect: Value,
}

/// How far a release has come.
#[derive(Clone, Debug, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Started {
    /// Its name.
    pub release: String,
    /// The name of the stage it is in.
    pub stage: String,
    /// The part of the traffic that is exposed, from 0 to 1.
    pub exposure: f64,
}

/// When vectors are asked natively. Elsewhere it is some other time of the 2020s: their bounds lie far from both.
pub const NOW: i64 = 1_800_000_000_000;

/// One file of broken rulesets with what is wrong in them.
pub struct Wanted {
    /// `issues/references#0`.
    pub name: String,
    /// The text of the ruleset, which may not be JSON at all.
    pub ruleset: String,
    /// The issues, in their form on the wire.
    pub issues: Vec<Value>,
}

/// Where units fall, by implementations that are not ours.
pub struct Positions {
    /// Which implementations those were.
    pub source: String,
    /// Where each unit falls.
    pub cases: Vec<Bucket>,
}

/// Where one unit falls under one salt.
pub struct Bucket {
    /// What separates this rollout from others.
    pub salt: String,
    /// The text that is placed.
    pub unit: String,
    /// The recipe of another vendor.
    pub hash: Option<String>,
    /// The hash of the salt, where the recipe is ours.
    pub seed: Option<u64>,
    /// Where the unit falls.
    pub position: u32,
}

/// All vectors.
pub struct Loaded {
    /// Evaluation cases by file, ordered by name; the positions are among them as `bucket/…`.
    pub vectors: Vec<Vector>,
    /// Broken rulesets, ordered by file.
    pub issues: Vec<Wanted>,
    /// Where units fall, by file.
    pub positions: Vec<Positions>,
}

/// `tests/vectors` of this source tree.
#[must_use]
pub fn vectors_dir() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("../vectors")
}

/// Reads every vector below `dir`.
///
/// # Errors
/// A file that cannot be read or has another shape, with its path.
pub fn load(dir: &Path) -> Result<Loaded, Box<dyn Error>> {
    let mut vectors = Vec::new();
    let mut issues = Vec::new();
    let mut positions = Vec::new();
    for file in files(dir)? {
        let name = name_of(dir, &file);
        let read = || -> Result<Value, Box<dyn Error>> {
            Ok(serde_json::from_str(&well_formed(&fs::read_to_string(
                &file,
            )?))?)
        };
        let document = read().map_err(|error| format!("{}: {error}", file.display()))?;
        let shape = || format!("{}: not the shape of a vector", file.display());
        match name.split('/').next() {
            Some("bucket") => {
                let read = positions_of(&document).ok_or_else(shape)?;
                vectors.push(pinned(name, &read));
                positions.push(read);
            }
            Some("specialise") => {}
            Some("issues") => issues.extend(wanted(&name, &document).ok_or_else(shape)?),
            _ => vectors.push(vector(name, &document).ok_or_else(shape)?),
        }
    }
    Ok(Loaded {
        vectors,
        issues,
        positions,
    })
}

/// Writes the split that has one boundary, at `boundary` of 2^32: `below` before it, `at` from it on.
fn pinned_position(bucket: &Bucket, boundary: u64) -> Value {
    let rest = (1_u64 << 32).saturating_sub(boundary);
    let mut split = json!({ "split": [["below", boundary], ["at", rest]], "salt": bucket.salt });
    if let (Some(hash), Some(split)) = (&bucket.hash, split.as_object_mut()) {
        split.insert("hash".to_owned(), hash.as_str().into());
    }
    json!({
        "type": "string", "variants": { "at": "at", "below": "below", "off": "off" }, "offVariant": "off", "expose": "values",
        "default": split,
    })
}

/// Each position as two flags, of which one divides just at it and the other just above it.
fn pinned(name: String, positions: &Positions) -> Vector {
    let mut flags = serde_json::Map::new();
    let mut cases = Vec::new();
    for (number, bucket) in positions.cases.iter().enumerate() {
        let position = u64::from(bucket.position);
        for (side, boundary) in [("at", position), ("below", position.saturating_add(1))] {
            let flag = format!("{number}.{side}");
            flags.insert(flag.clone(), pinned_position(bucket, boundary));
            cases.push(Case {
                name: format!("{} in {}: {side}", bucket.unit, bucket.salt),
                killed: Vec::new(),
                started: Vec::new(),
                now: NOW,
                context: json!({ "targetingKey": bucket.unit }),
                expect: json!({ "flag": flag, "reason": "SPLIT", "value": side, "variant": side }),
                flag,
            });
        }
    }
    Vector {
        name,
        ruleset: json!({ "flags": flags }).to_string(),
        cases,
    }
}

fn vector(name: String, document: &Value) -> Option<Vector> {
    let started = started(document)?;
    let cases = document
        .get("cases")?
        .as_array()?
        .iter()
        .map(|written| case(written, &started))
        .collect::<Option<_>>()?;
    Some(Vector {
        name,
        ruleset: document.get("ruleset")?.to_string(),
        cases,
    })
}

fn started(document: &Value) -> Option<Vec<Started>> {
    let releases = document.get("started").and_then(Value::as_object);
    let started = |(release, started): (&String, &Value)| {
        Some(Started {
            release: release.clone(),
            stage: text(started, "stage")?,
            exposure: started.get("exposure")?.as_f64()?,
        })
    };
    releases.into_iter().flatten().map(started).collect()
}

fn case(case: &Value, started: &[Started]) -> Option<Case> {
    let flag = text(case, "flag")?;
    let mut expect = case.get("expect")?.clone();
    let answer = expect.as_object_mut()?;
    answer.insert("flag".to_owned(), Value::from(flag.clone()));
    if answer.contains_key("errorCode") {
        answer.insert("reason".to_owned(), Value::from("ERROR"));
    }
    let killed = case
        .get("killed")
        .and_then(Value::as_array)
        .into_iter()
        .flatten();
    Some(Case {
        name: text(case, "name")?,
        flag,
        killed: killed
            .filter_map(Value::as_str)
            .map(str::to_owned)
            .collect(),
        started: started.to_vec(),
        now: NOW,
        context: case.get("context")?.clone(),
        expect,
    })
}

fn wanted(name: &str, document: &Value) -> Option<Vec<Wanted>> {
    let cases = document.get("cases")?.as_array()?.iter().enumerate();
    let wanted = cases.map(|(number, case)| {
        let ruleset = case.get("ruleset")?;
        Some(Wanted {
            name: format!("{name}#{number}"),
            ruleset: ruleset
                .as_str()
                .map_or_else(|| ruleset.to_string(), str::to_owned),
            issues: case.get("issues")?.as_array()?.clone(),
        })
    });
    wanted.collect()
}

fn positions_of(document: &Value) -> Option<Positions> {
    let cases = document.get("cases")?.as_array()?.iter().map(|case| {
        Some(Bucket {
            salt: text(case, "salt")?,
            unit: text(case, "unit")?,
            hash: text(case, "hash"),
            seed: text(case, "seed").and_then(|seed| u64::from_str_radix(&seed, 16).ok()),
            position: u32::try_from(case.get("position")?.as_u64()?).ok()?,
        })
    });
    Some(Positions {
        source: text(document, "source")?,
        cases: cases.collect::<Option<_>>()?,
    })
}

fn text(object: &Value, key: &str) -> Option<String> {
    object.get(key)?.as_str().map(str::to_owned)
}

/// The JSON files one folder down, ordered.
fn files(dir: &Path) -> Result<Vec<PathBuf>, Box<dyn Error>> {
    let mut files = Vec::new();
    for group in fs::read_dir(dir).map_err(|error| format!("{}: {error}", dir.display()))? {
        let group = group?.path();
        if group.is_dir() {
            for file in fs::read_dir(group)? {
                files.push(file?.path());
            }
        }
    }
    files.retain(|file| file.extension().is_some_and(|ending| ending == "json"));
    files.sort();
    Ok(files)
}

fn name_of(dir: &Path, file: &Path) -> String {
    let name = file.strip_prefix(dir).unwrap_or(file).with_extension("");
    name.iter()
        .map(|part| part.to_string_lossy())
        .collect::<Vec<_>>()
        .join("/")
}

/// JSON text in which each escape of half a surrogate pair has become U+FFFD, as at every boundary: Rust has no
/// string that could hold one.
pub(crate) fn well_formed(json: &str) -> String {
    let mut out = String::with_capacity(json.len());
    let mut rest = json;
    while let Some((before, after)) = rest.split_once('\\') {
        out.push_str(before);
        let (escape, after) = match surrogate(after) {
            None => after
                .split_at_checked(after.chars().next().map_or(0, char::len_utf8))
                .unwrap_or((after, "")),
            Some(0xD800..=0xDBFF) if second_half(after) => {
                after.split_at_checked(11).unwrap_or((after, ""))
            }
            Some(_) => ("ufffd", after.get(5..).unwrap_or_default()),
        };
        out.push('\\');
        out.push_str(escape);
        rest = after;
    }
    out.push_str(rest);
    out
}

/// The half of a pair that `u1234…` writes, if it is one.
fn surrogate(escape: &str) -> Option<u16> {
    let unit = u16::from_str_radix(escape.strip_prefix('u')?.get(..4)?, 16).ok()?;
    matches!(unit, 0xD800..=0xDFFF).then_some(unit)
}

fn second_half(escape: &str) -> bool {
    let second = escape
        .get(5..)
        .and_then(|after| after.strip_prefix('\\'))
        .and_then(surrogate);
    matches!(second, Some(0xDC00..=0xDFFF))
}
