//! What values have in common.

use std::collections::{BTreeMap, BTreeSet};

use serde_json::Value;

/// A type that all values have which it was made of. Texts and numbers within are of no particular value.
#[derive(Debug, Default)]
pub(super) struct Shape {
    scalars: BTreeSet<&'static str>,
    /// Of the items of lists, if there are lists.
    items: Option<Box<Shape>>,
    /// Of the members of objects, each with how many objects have it.
    members: BTreeMap<String, (Shape, usize)>,
    objects: usize,
}

/// How long a type in one line may be, in bytes.
pub(super) const WIDTH: usize = 100;

impl Shape {
    pub(super) fn of<'v>(values: impl IntoIterator<Item = &'v Value>) -> Shape {
        let mut shape = Shape::default();
        for value in values {
            shape.add(value);
        }
        shape
    }

    pub(super) fn add(&mut self, value: &Value) {
        match value {
            Value::Null => self.add_scalar("null"),
            Value::Bool(_) => self.add_scalar("boolean"),
            Value::Number(_) => self.add_scalar("number"),
            Value::String(_) => self.add_scalar("string"),
            Value::Array(items) => {
                let shape = self.items.get_or_insert_default();
                for item in items {
                    shape.add(item);
                }
            }
            Value::Object(members) => {
                self.objects = self.objects.saturating_add(1);
                for (name, value) in members {
                    let (shape, count) = self.members.entry(name.clone()).or_default();
                    shape.add(value);
                    *count = count.saturating_add(1);
                }
            }
        }
    }

    pub(super) fn add_scalar(&mut self, scalar: &'static str) {
        self.scalars.insert(scalar);
    }

    /// The same at the end of `steps`, each the name of a member that may be missing.
    pub(super) fn at(&mut self, steps: &[String]) -> &mut Shape {
        let Some((first, rest)) = steps.split_first() else {
            return self;
        };
        // Whether anybody has it is not known.
        self.objects = 1;
        let (shape, _) = self.members.entry(first.clone()).or_default();
        shape.at(rest)
    }

    /// The members of its objects, by name.
    pub(super) fn members(&self) -> impl Iterator<Item = (&str, &Shape)> {
        self.members
            .iter()
            .map(|(name, (shape, _))| (name.as_str(), shape))
    }

    /// As TypeScript, where `indent` is that of the line. With `has_lists` a list may stand for each scalar.
    pub(super) fn typescript(&self, indent: usize, has_lists: bool) -> String {
        let mut types: Vec<String> = self.scalars.iter().map(|&it| it.to_owned()).collect();
        if has_lists && !types.is_empty() {
            types.push(list(&types.join(" | ")));
        }
        if let Some(items) = &self.items {
            types.push(list(&items.typescript(indent, false)));
        }
        if self.objects > 0 {
            types.push(self.object(indent, has_lists));
        }
        match types.as_slice() {
            [] => "unknown".to_owned(),
            types => types.join(" | "),
        }
    }

    fn object(&self, indent: usize, has_lists: bool) -> String {
        if self.members.is_empty() {
            return "{}".to_owned();
        }
        let deeper = indent.saturating_add(2);
        let members: Vec<String> = self
            .members
            .iter()
            .map(|(name, (shape, count))| {
                let optional = if *count < self.objects { "?" } else { "" };
                let shape = shape.typescript(deeper, has_lists);
                format!("readonly {}{optional}: {shape}", property(name))
            })
            .collect();
        let line = format!("{{ {} }}", members.join("; "));
        if line.len() <= WIDTH && !line.contains('\n') {
            return line;
        }
        let space = " ".repeat(deeper);
        let members = members.iter().map(|it| format!("{space}{it};\n"));
        let members = members.collect::<Vec<_>>().concat();
        format!("{{\n{members}{}}}", " ".repeat(indent))
    }
}

fn list(item: &str) -> String {
    if item.contains(" | ") && !item.starts_with('{') {
        format!("readonly ({item})[]")
    } else {
        format!("readonly {item}[]")
    }
}

/// A name as it stands in an interface: in quotes where it is no identifier.
pub(super) fn property(name: &str) -> String {
    let is_word = |byte: u8| byte.is_ascii_alphanumeric() || matches!(byte, b'_' | b'$');
    let is_identifier = name.bytes().all(is_word)
        && name
            .bytes()
            .next()
            .is_some_and(|byte| !byte.is_ascii_digit());
    if is_identifier {
        name.to_owned()
    } else {
        Value::from(name).to_string()
    }
}
