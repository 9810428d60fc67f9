//! Rulesets as people keep them: JSON, YAML 1.2 or TOML, and where in the text a part of one stands.

mod json;
mod lines;
mod toml;
mod tree;
mod yaml;

use std::cell::OnceCell;
use std::ops::Range;
use std::path::{Path, PathBuf};

use vexil_core::Program;
use vexil_core::limits::RULESET_BYTES;
use vexil_ruleset::{Code, Issue, Path as Pointer, Ruleset, compile, decode};

use crate::failure::Failure;
use crate::file;
pub(crate) use lines::{Lines, Spot};
use tree::{Found, Kind, Tree};

/// A file that should have a ruleset.
#[derive(Debug)]
pub(crate) struct Source {
    /// What people call the file.
    pub(crate) path: PathBuf,
    pub(crate) text: String,
    pub(crate) format: Format,
    content: Result<Content, Faults>,
}

/// How a file writes a ruleset; told by its name.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Format {
    /// `.json`, and whatever has another name than the others.
    Json,
    /// `.yaml` and `.yml`.
    Yaml,
    /// `.toml`.
    Toml,
}

#[derive(Debug)]
enum Content {
    /// The text as it is; its places are found where somebody asks.
    Json(OnceCell<Option<Tree>>),
    /// What it stands for.
    Other { json: String, tree: Tree },
}

/// Something that keeps a text from being YAML or TOML.
#[derive(Debug)]
struct Fault {
    /// The byte where it was found.
    at: usize,
    message: String,
}

type Faults = Vec<Fault>;

/// Where in the text something is.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(crate) struct Place {
    /// The bytes; `None` for what is about the whole.
    pub(crate) span: Option<Range<usize>>,
    /// The bytes of what it is in conflict with.
    pub(crate) other: Option<Range<usize>>,
    /// Whether the bytes are a text of which the issue says that it stands for nothing.
    pub(crate) is_word: bool,
}

impl Source {
    /// Reads a file, or standard input as JSON where `path` is `-`.
    ///
    /// # Errors
    /// Where it cannot be read. What is wrong with the text is said by [`Source::ruleset`].
    pub(crate) fn read(path: &Path) -> Result<Source, Failure> {
        let text = file::read(path)?;
        Ok(Source::new(path.to_owned(), text))
    }

    pub(crate) fn new(path: PathBuf, mut text: String) -> Source {
        // Editors of Windows begin UTF-8 with a mark.
        if text.starts_with('\u{feff}') {
            text.remove(0);
        }
        let format = Format::of(&path);
        let read = match format {
            _ if text.len() > RULESET_BYTES => None,
            Format::Json => None,
            Format::Yaml => Some(yaml::read(&text)),
            Format::Toml => Some(toml::read(&text)),
        };
        let content = match read {
            None => Ok(Content::Json(OnceCell::new())),
            Some(tree) => tree.map(|tree| {
                let mut json = String::new();
                tree.write_json(&mut json);
                Content::Other { json, tree }
            }),
        };
        Source {
            path,
            text,
            format,
            content,
        }
    }

    /// The ruleset as JSON, as it was written where it was written so.
    ///
    /// # Errors
    /// What keeps the text from being what its name says.
    pub(crate) fn json(&self) -> Result<&str, Vec<Issue>> {
        match &self.content {
            Ok(Content::Json(_)) => Ok(&self.text),
            Ok(Content::Other { json, .. }) => Ok(json),
            Err(faults) => {
                let lines = Lines::of(&self.text);
                Err(faults.iter().map(|fault| fault.issue(&lines)).collect())
            }
        }
    }

    /// The ruleset.
    ///
    /// # Errors
    /// Everything that is wrong with it.
    pub(crate) fn ruleset(&self) -> Result<Ruleset, Vec<Issue>> {
        decode(self.json()?)
    }

    /// The ruleset, and the program that it is compiled to, which is evaluated here and goes nowhere.
    ///
    /// # Errors
    /// Everything that is wrong with it.
    pub(crate) fn program(&self) -> Result<(Ruleset, Program), Vec<Issue>> {
        let ruleset = self.ruleset()?;
        let program = compile(&ruleset, "local", 1, 0)?;
        Ok((ruleset, program))
    }

    /// Whether it has the member that every ruleset has, or mentions it where it cannot be read.
    pub(crate) fn may_have_flags(&self) -> bool {
        let tree = match &self.content {
            Ok(content) => self.tree(content),
            Err(_) => None,
        };
        match tree {
            Some(tree) => tree.find("/flags").member.is_some(),
            None => self.text.contains("flags"),
        }
    }

    /// Where what an issue is about stands.
    pub(crate) fn place_of(&self, issue: &Issue) -> Place {
        if let Code::Syntax { line, column, .. } = &issue.code {
            // The reader of JSON counts bytes, and ends with column 0 where nothing is left.
            let at = match self.format {
                Format::Json => Lines::of(&self.text).byte_of(*line, *column),
                Format::Yaml | Format::Toml => Lines::of(&self.text).byte(*line, *column),
            };
            let rest = self.text.get(at..).unwrap_or_default();
            let length = rest
                .chars()
                .next()
                .filter(|it| *it != '\n')
                .map_or(0, char::len_utf8);
            return Place {
                span: Some(at..at.saturating_add(length)),
                ..Place::default()
            };
        }
        let Some(found) = self.find(&issue.path) else {
            return Place::default();
        };
        let name = found.member.map(|it| it.name_span.clone());
        match (&issue.code, found.again) {
            (Code::DuplicateKey(_), Some(again)) => Place {
                span: Some(again.name_span.clone()),
                other: name,
                is_word: false,
            },
            (Code::UnknownKey(_) | Code::BadKey(_) | Code::DuplicateKey(_), _) => Place {
                is_word: name.is_some(),
                span: name,
                other: None,
            },
            (code, _) => self.place_of_word(found, code.unknown().map(|it| it.name.as_str())),
        }
    }

    /// Where a part of the ruleset stands.
    pub(crate) fn place(&self, pointer: &Pointer) -> Place {
        self.find(pointer)
            .map(|found| self.place_of_word(found, None))
            .unwrap_or_default()
    }

    /// The word that is meant, which can be the name of what was found; else what was found.
    fn place_of_word(&self, found: Found<'_>, word: Option<&str>) -> Place {
        let named = |member: &tree::Member| Some(member.name.as_str()) == word;
        let span = match found.member {
            _ if word.is_some() && found.value.text() == word => found.value.span.clone(),
            Some(member) if word.is_some() && named(member) => member.name_span.clone(),
            _ => {
                return Place {
                    span: Some(self.shown(found)),
                    ..Place::default()
                };
            }
        };
        Place {
            span: Some(span),
            other: None,
            is_word: true,
        }
    }

    /// The value; of one that goes over several lines its name, or its first line.
    fn shown(&self, found: Found<'_>) -> Range<usize> {
        let span = &found.value.span;
        let written = self.text.get(span.clone()).unwrap_or_default();
        let is_leaf = matches!(found.value.kind, Kind::Leaf(_));
        match (written.split_once('\n'), found.member) {
            (None, None) => span.clone(),
            (None, Some(_)) if !written.is_empty() && (is_leaf || written.len() <= 80) => {
                span.clone()
            }
            (_, Some(member)) => member.name_span.clone(),
            (Some((first, _)), None) => {
                span.start..span.start.saturating_add(first.trim_end().len())
            }
        }
    }

    fn find(&self, pointer: &Pointer) -> Option<Found<'_>> {
        let tree = self.tree(self.content.as_ref().ok()?)?;
        (!pointer.as_str().is_empty()).then(|| tree.find(pointer.as_str()))
    }

    fn tree<'s>(&'s self, content: &'s Content) -> Option<&'s Tree> {
        match content {
            Content::Json(places) => places.get_or_init(|| json::places(&self.text)).as_ref(),
            Content::Other { tree, .. } => Some(tree),
        }
    }
}

impl Format {
    pub(crate) fn of(path: &Path) -> Format {
        let extension = path.extension().and_then(|it| it.to_str());
        match extension.map(str::to_ascii_lowercase).as_deref() {
            Some("yaml" | "yml") => Format::Yaml,
            Some("toml") => Format::Toml,
            _ => Format::Json,
        }
    }
}

impl Fault {
    fn issue(&self, lines: &Lines<'_>) -> Issue {
        let Spot { line, column } = lines.spot(self.at);
        let code = Code::Syntax {
            message: self.message.clone(),
            line,
            column,
        };
        Issue {
            path: Pointer::default(),
            code,
        }
    }
}

#[cfg(test)]
mod tests;
