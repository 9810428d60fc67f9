//! A value of the tree that knows where it stands, and reports what is wrong with it.

use std::collections::BTreeMap;

use vexil_core::limits::MEMBERS;

use super::run::Run;
use crate::issue::{Code, Unknown};
use crate::json::Node;
use crate::path::Path;
use crate::suggest::suggest;

/// A value of the tree. What reads it gives `None` where, and only where, an issue was reported.
#[derive(Clone, Copy)]
pub(super) struct Reader<'n, 'r> {
    pub(super) node: &'n Node,
    pub(super) run: &'r Run<'n>,
    at: At<'r>,
}

/// Where a value stands: a step from where its parent stands.
#[derive(Clone, Copy)]
struct At<'r> {
    parent: Option<&'r At<'r>>,
    step: Step<'r>,
}

#[derive(Clone, Copy)]
enum Step<'r> {
    Root,
    Member(&'r str),
    Item(usize),
}

impl At<'_> {
    fn path(&self) -> Path {
        let parent = self.parent.map(At::path).unwrap_or_default();
        match self.step {
            Step::Root => parent,
            Step::Member(name) => parent.join(name),
            Step::Item(index) => parent.join(&index.to_string()),
        }
    }
}

impl<'n, 'r> Reader<'n, 'r> {
    pub(super) fn root(node: &'n Node, run: &'r Run<'n>) -> Self {
        let at = At {
            parent: None,
            step: Step::Root,
        };
        Reader { node, run, at }
    }

    pub(super) fn report(&self, code: Code) {
        self.run.report(self.at.path(), code);
    }

    pub(super) fn member<'s>(&'s self, name: &'s str, node: &'n Node) -> Reader<'n, 's> {
        self.step(Step::Member(name), node)
    }

    pub(super) fn item<'s>(&'s self, index: usize, node: &'n Node) -> Reader<'n, 's> {
        self.step(Step::Item(index), node)
    }

    fn step<'s>(&'s self, step: Step<'s>, node: &'n Node) -> Reader<'n, 's> {
        let parent = Some(&self.at);
        Reader {
            node,
            run: self.run,
            at: At { parent, step },
        }
    }

    pub(super) fn wrong_type<T>(&self, expected: &'static str, found: &Node) -> Option<T> {
        self.report(Code::WrongType {
            expected,
            found: found.kind(),
        });
        None
    }

    /// Every item of a list, read by `read`.
    pub(super) fn list<T>(
        &self,
        mut read: impl FnMut(&Reader<'n, '_>) -> Option<T>,
    ) -> Option<Vec<T>> {
        let Node::List(items) = self.node else {
            return self.wrong_type("a list", self.node);
        };
        self.limit("items", MEMBERS);
        let mut list = Some(Vec::with_capacity(items.len()));
        for (index, node) in items.iter().enumerate() {
            let item = read(&self.item(index, node));
            list = list.zip(item).map(|(mut list, item)| {
                list.push(item);
                list
            });
        }
        list
    }

    /// [`Reader::list`] of at least one item.
    pub(super) fn some_list<T>(
        &self,
        read: impl FnMut(&Reader<'n, '_>) -> Option<T>,
    ) -> Option<Vec<T>> {
        let list = self.list(read)?;
        if list.is_empty() {
            self.report(Code::EmptyList);
        }
        (!list.is_empty()).then_some(list)
    }

    /// Every member of an object: its name made a key by `new`, its value read by `read`, which is told its name.
    pub(super) fn map<K: Ord, T>(
        &self,
        new: impl Fn(&str) -> Option<K>,
        read: impl Fn(&Reader<'n, '_>, &'n str) -> Option<T>,
    ) -> Option<BTreeMap<K, T>> {
        let Node::Object(members) = self.node else {
            return self.wrong_type("an object", self.node);
        };
        let mut map = Some(BTreeMap::new());
        for (name, node) in members {
            let member = self.member(name, node);
            let key = new(name);
            if key.is_none() {
                member.report(Code::BadKey(name.clone()));
            }
            let entry = key.zip(read(&member, name));
            map = map.zip(entry).map(|(mut map, (key, value))| {
                map.entry(key).or_insert(value);
                map
            });
        }
        map
    }

    /// `name` with what may have been meant, as long as somebody will see it and finding it does not take too long.
    pub(super) fn unknown<'c>(
        &self,
        name: &str,
        candidates: impl IntoIterator<Item = &'c str>,
    ) -> Unknown {
        let mut is_patient = self.run.has_room();
        let candidates = candidates.into_iter().take_while(|candidate| {
            is_patient = is_patient && self.run.compare(name, candidate);
            is_patient
        });
        let suggestion = suggest(name, candidates);
        Unknown {
            name: name.to_owned(),
            suggestion: suggestion.filter(|_| is_patient),
        }
    }

    /// Reports more than `most` items or members.
    pub(super) fn limit(&self, what: &'static str, most: usize) {
        let found = match self.node {
            Node::List(items) => items.len(),
            other => other.members().len(),
        };
        if found > most {
            self.report(Code::Limit { what, most, found });
        }
    }

    /// Reports, here and everywhere below, members with the name of another; each such name once.
    pub(super) fn report_duplicates(&self) {
        match self.node {
            Node::List(items) => {
                for (index, node) in items.iter().enumerate() {
                    self.item(index, node).report_duplicates();
                }
            }
            Node::Object(members) => {
                let mut names: Vec<&String> = members.iter().map(|(name, _)| name).collect();
                names.sort_unstable();
                for (name, node) in members {
                    let member = self.member(name, node);
                    member.report_duplicates();
                }
                let runs = names.chunk_by(PartialEq::eq).filter(|run| run.len() > 1);
                for name in runs.filter_map(<[_]>::first) {
                    let member = self.member(name, self.node);
                    member.report(Code::DuplicateKey((*name).clone()));
                }
            }
            Node::Null | Node::Bool(_) | Node::Number(_) | Node::Text(_) => {}
        }
    }
}
