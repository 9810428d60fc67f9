//! Where code uses flags.

use std::collections::{BTreeMap, BTreeSet};
use std::io::Read;
use std::path::{Path, PathBuf};

use ignore::WalkBuilder;
use indicatif::ProgressBar;
use vexil_ruleset::FlagKey;

use super::calls::{Call, calls, clients, generated, names, texts};
use crate::failure::Failure;
use crate::files::PASSED_OVER;
use crate::source::{Lines, Spot};

/// Longer files are what programs wrote.
const MOST_BYTES: u64 = 1 << 20;
/// The names of files that are data or text for people, and no code.
const NO_CODE: &[&str] = &[
    "adoc", "csv", "json", "json5", "jsonc", "jsonl", "lock", "log", "map", "md", "rst", "snap",
    "svg", "toml", "tsv", "txt", "xml", "yaml", "yml",
];
const SCRIPTS: &[&str] = &[
    "astro", "cjs", "cts", "html", "js", "jsx", "mdx", "mjs", "mts", "svelte", "ts", "tsx", "vue",
];

/// A place in a file.
#[derive(Clone, Debug)]
pub(super) struct Use {
    pub(super) file: PathBuf,
    pub(super) spot: Spot,
    pub(super) key: String,
    /// What is called with the key, if anything is.
    pub(super) call: Option<String>,
}

/// What code has to do with flags, each part in the order of files and places.
#[derive(Debug, Default)]
pub(super) struct Scan {
    pub(super) files: usize,
    /// Uses of flags that are.
    pub(super) uses: Vec<Use>,
    /// Reads of flags that are not.
    pub(super) unknown: Vec<Use>,
}

/// Looks through the files of `folders`, but for those that `.gitignore` names.
///
/// # Errors
/// Where something cannot be read.
pub(super) fn scan(folders: &[PathBuf], flags: &BTreeSet<&str>) -> Result<Scan, Failure> {
    let (mut scan, mut seen) = (Scan::default(), Seen::default());
    let files = files(folders)?;
    let progress = ProgressBar::new(files.len() as u64);
    for path in progress.wrap_iter(files.iter()) {
        if let Some(text) = read(path)? {
            scan.files = scan.files.saturating_add(1);
            seen.file(path, &text, flags, &mut scan.uses);
        }
    }
    progress.finish_and_clear();
    if !seen.constants.is_empty() {
        for path in files.iter().filter(|path| extension(path) == "rs") {
            if let Some(text) = read(path)?.filter(|text| generated(text).is_none()) {
                seen.names(path, &text, flags, &mut scan.uses);
            }
        }
        let order: BTreeMap<&PathBuf, usize> = files.iter().zip(0..).collect();
        scan.uses.sort_by_key(|it| {
            let Spot { line, column } = it.spot;
            (order.get(&it.file), line, column)
        });
    }
    let unsure = seen.unsure.into_iter();
    let read = unsure.filter(|(receiver, _)| match receiver {
        Some(receiver) => seen.clients.contains(receiver),
        None => true,
    });
    scan.unknown = read.map(|(_, it)| it).collect();
    Ok(scan)
}

/// What one file says about others.
#[derive(Default)]
struct Seen {
    /// The names of clients.
    clients: BTreeSet<String>,
    /// Names of Rust that stand for keys.
    constants: BTreeMap<String, String>,
    /// Calls with keys that are no flag's, which read flags if the receiver is a client.
    unsure: Vec<(Option<String>, Use)>,
}

impl Seen {
    fn file(&mut self, path: &Path, text: &str, flags: &BTreeSet<&str>, uses: &mut Vec<Use>) {
        if let Some(constants) = generated(text) {
            let owned = constants
                .iter()
                .map(|(name, key)| ((*name).to_owned(), (*key).to_owned()));
            self.constants.extend(owned);
            return;
        }
        let is_script = SCRIPTS.contains(&extension(path).as_str());
        if is_script {
            self.clients.extend(clients(text).map(ToOwned::to_owned));
        }
        let lines = Lines::of(text);
        let place = |at: usize, key: &str, call: Option<&str>| Use {
            file: path.to_owned(),
            spot: lines.spot(at),
            key: key.to_owned(),
            call: call.map(ToOwned::to_owned),
        };
        let mut calls = calls(text, is_script);
        calls.sort_by_key(|call| call.found.at);
        let mut called = BTreeMap::new();
        for Call {
            found,
            name,
            receiver,
            is_telling,
        } in calls
        {
            if flags.contains(found.key) {
                called.insert(found.at, name);
                self.clients
                    .extend(receiver.filter(|_| is_telling).map(ToOwned::to_owned));
            } else if FlagKey::new(found.key).is_some() {
                let it = place(found.at, found.key, Some(name));
                self.unsure.push((receiver.map(ToOwned::to_owned), it));
            }
        }
        for found in texts(text).filter(|found| flags.contains(found.key)) {
            uses.push(place(found.at, found.key, called.get(&found.at).copied()));
        }
    }

    /// The uses of constants.
    fn names(&self, path: &Path, text: &str, flags: &BTreeSet<&str>, uses: &mut Vec<Use>) {
        let lines = Lines::of(text);
        for name in names(text) {
            let key = self.constants.get(name.as_str());
            if let Some(key) = key.filter(|key| flags.contains(key.as_str())) {
                uses.push(Use {
                    file: path.to_owned(),
                    spot: lines.spot(name.start()),
                    key: key.clone(),
                    call: None,
                });
            }
        }
    }
}

fn files(folders: &[PathBuf]) -> Result<Vec<PathBuf>, Failure> {
    let mut files = Vec::new();
    for folder in folders {
        let walk = WalkBuilder::new(folder)
            .require_git(false)
            .sort_by_file_name(Ord::cmp)
            .filter_entry(|entry| {
                let name = entry.file_name().to_string_lossy();
                entry.depth() == 0 || !PASSED_OVER.contains(&name.as_ref())
            })
            .build();
        for entry in walk {
            let entry = entry.map_err(|error| Failure::File {
                doing: "look through",
                path: folder.clone(),
                error: std::io::Error::other(error.to_string()),
            })?;
            let is_file = entry.file_type().is_some_and(|it| it.is_file());
            let path = entry.path();
            if is_file && !NO_CODE.contains(&extension(path).as_str()) {
                files.push(path.strip_prefix(".").unwrap_or(path).to_owned());
            }
        }
    }
    let mut seen = BTreeSet::new();
    files.retain(|path| seen.insert(path.clone()));
    Ok(files)
}

/// The text of a file; `None` for one that is no text, or too long to be written by people.
fn read(path: &Path) -> Result<Option<String>, Failure> {
    let failed = |error| Failure::File {
        doing: "read",
        path: path.to_owned(),
        error,
    };
    let file = std::fs::File::open(path).map_err(failed)?;
    let mut bytes = Vec::new();
    let most = MOST_BYTES.saturating_add(1);
    file.take(most).read_to_end(&mut bytes).map_err(failed)?;
    if bytes.len() as u64 > MOST_BYTES || bytes.contains(&0) {
        return Ok(None);
    }
    Ok(Some(String::from_utf8_lossy(&bytes).into_owned()))
}

fn extension(path: &Path) -> String {
    let extension = path.extension().unwrap_or_default();
    extension.to_string_lossy().to_ascii_lowercase()
}
