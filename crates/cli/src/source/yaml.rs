//! YAML as the JSON it stands for.
//!
//! Source: YAML 1.2.2, chapters 3.2.1 and 10.3 (the core schema). Names of members are texts as they are written; there
//! are no merge keys, which YAML 1.2 does not have, and one document only.

mod scalar;

use std::collections::BTreeMap;
use std::ops::Range;

use saphyr_parser::{Event, Marker, Parser, Span};
use vexil_core::limits::RULESET_BYTES;

use super::tree::{Kind, Member, Tree};
use super::{Fault, Faults};

/// How many lists and objects can be inside each other, as in JSON.
const DEPTH: usize = 128;

/// What a text says.
///
/// # Errors
/// The first thing that keeps it from being YAML that JSON can say.
pub(super) fn read(text: &str) -> Result<Tree, Faults> {
    let mut reader = Reader {
        text,
        at: (0, 0),
        open: Vec::new(),
        anchors: BTreeMap::new(),
        bytes_left: RULESET_BYTES,
        root: None,
    };
    for event in Parser::new_from_str(text) {
        let read = event
            .map_err(|error| {
                let at = reader.byte(*error.marker());
                let message = error.info().to_owned();
                Fault { at, message }
            })
            .and_then(|(event, span)| reader.event(event, span));
        if let Err(fault) = read {
            return Err(vec![fault]);
        }
    }
    reader.root.ok_or_else(|| {
        vec![Fault {
            at: 0,
            message: "expected a document, found nothing".to_owned(),
        }]
    })
}

/// A list or an object that has not ended.
struct Open {
    anchor: usize,
    span: Range<usize>,
    kind: Kind,
    /// The member that waits for its value.
    name: Option<(String, Range<usize>)>,
}

struct Reader<'t> {
    text: &'t str,
    /// A character's number, and the byte that it begins at: where the last marker was.
    at: (usize, usize),
    open: Vec<Open>,
    /// What aliases stand for, and how many bytes that takes.
    anchors: BTreeMap<usize, (Tree, usize)>,
    bytes_left: usize,
    root: Option<Tree>,
}

impl Reader<'_> {
    fn event(&mut self, event: Event<'_>, span: Span) -> Result<(), Fault> {
        let span = self.span(span);
        match event {
            Event::DocumentStart(_) if self.root.is_some() => {
                Err(fault(&span, "expected one document"))
            }
            Event::Nothing
            | Event::StreamStart
            | Event::StreamEnd
            | Event::DocumentStart(_)
            | Event::DocumentEnd => Ok(()),
            Event::Alias(anchor) => {
                let (tree, bytes) = self
                    .anchors
                    .get(&anchor)
                    .cloned()
                    .ok_or_else(|| fault(&span, "stands for what it is in"))?;
                self.spend(bytes, &span)?;
                self.value(tree, 0, &span)
            }
            Event::Scalar(text, style, anchor, tag) => {
                self.spend(text.len().saturating_add(1), &span)?;
                let parent = self.open.last_mut();
                if let Some(Open {
                    kind: Kind::Object(_),
                    name: name @ None,
                    ..
                }) = parent
                {
                    *name = Some((text.into_owned(), span));
                    return Ok(());
                }
                let value = scalar::value(&text, style, tag.as_deref())
                    .map_err(|message| fault(&span, message))?;
                let tree = Tree {
                    span: span.clone(),
                    kind: Kind::Leaf(value),
                };
                self.value(tree, anchor, &span)
            }
            Event::SequenceStart(anchor, tag) => {
                scalar::collection(tag.as_deref(), "seq").map_err(|it| fault(&span, it))?;
                self.begin(Kind::List(Vec::new()), anchor, span)
            }
            Event::MappingStart(anchor, tag) => {
                scalar::collection(tag.as_deref(), "map").map_err(|it| fault(&span, it))?;
                self.begin(Kind::Object(Vec::new()), anchor, span)
            }
            Event::SequenceEnd | Event::MappingEnd => {
                let Some(open) = self.open.pop() else {
                    return Ok(());
                };
                let written = self.text.get(open.span.start..span.end).unwrap_or_default();
                let end = open.span.start.saturating_add(written.trim_end().len());
                let tree = Tree {
                    span: open.span.start..end.max(open.span.end),
                    kind: open.kind,
                };
                self.value(tree, open.anchor, &span)
            }
        }
    }

    fn begin(&mut self, kind: Kind, anchor: usize, span: Range<usize>) -> Result<(), Fault> {
        if self.open.len() >= DEPTH {
            return Err(fault(&span, "is nested too deeply"));
        }
        if let Some(Open {
            kind: Kind::Object(_),
            name: None,
            ..
        }) = self.open.last()
        {
            return Err(fault(&span, "expected a name, which is a text"));
        }
        self.spend(2, &span)?;
        self.open.push(Open {
            anchor,
            span,
            kind,
            name: None,
        });
        Ok(())
    }

    /// Puts a value where it belongs.
    fn value(&mut self, tree: Tree, anchor: usize, span: &Range<usize>) -> Result<(), Fault> {
        if anchor > 0 {
            let mut json = String::new();
            tree.write_json(&mut json);
            self.anchors.insert(anchor, (tree.clone(), json.len()));
        }
        match self.open.last_mut() {
            None => self.root = Some(tree),
            Some(open) => match (&mut open.kind, open.name.take()) {
                (Kind::List(items), _) => items.push(tree),
                (Kind::Object(members), Some((name, name_span))) => members.push(Member {
                    name,
                    name_span,
                    value: tree,
                }),
                (Kind::Object(_) | Kind::Leaf(_), _) => {
                    return Err(fault(span, "expected a name, which is a text"));
                }
            },
        }
        Ok(())
    }

    /// Counts what the JSON will have at least, so that aliases of aliases end.
    fn spend(&mut self, bytes: usize, span: &Range<usize>) -> Result<(), Fault> {
        self.bytes_left = self.bytes_left.checked_sub(bytes).ok_or_else(|| {
            let message = format!("comes to more than {RULESET_BYTES} bytes of JSON");
            fault(span, message)
        })?;
        Ok(())
    }

    fn span(&mut self, span: Span) -> Range<usize> {
        let start = self.byte(span.start);
        start..self.byte(span.end).max(start)
    }

    /// Where in the text a marker is, which counts characters. Markers hardly go back.
    fn byte(&mut self, marker: Marker) -> usize {
        let (index, byte) = self.at;
        let (from, skip) = match marker.index().checked_sub(index) {
            Some(ahead) => (byte, ahead),
            None => (0, marker.index()),
        };
        let rest = self.text.get(from..).unwrap_or_default();
        let step = rest.char_indices().nth(skip).map_or(rest.len(), |it| it.0);
        self.at = (marker.index(), from.saturating_add(step));
        self.at.1
    }
}

fn fault(span: &Range<usize>, message: impl Into<String>) -> Fault {
    Fault {
        at: span.start,
        message: message.into(),
    }
}
