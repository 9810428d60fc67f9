//! An evaluation context, resolved once into the slots of a program.

use alloc::vec::Vec;

use crate::bytes::{u32_at, u64_at};
use crate::layout::{NONE, Section};
use crate::program::Program;

/// A value of a context, as a host hands it in.
#[derive(Clone, Debug, PartialEq)]
pub enum Value<'a> {
    /// The attribute is not there.
    Missing,
    /// It is there, and null.
    Null,
    /// `true` or `false`.
    Bool(bool),
    /// A number. NaN and the infinities, which JSON cannot say, count as null.
    Number(f64),
    /// A string.
    Text(&'a str),
    /// An array: a test holds when it holds for any element. What is no scalar within it holds no test.
    List(Vec<Value<'a>>),
    /// An object: it exists, and holds no other test.
    Object,
}

/// An evaluation context: for each attribute that a program reads, the value.
///
/// It belongs to the program it was resolved for; another program reads other slots.
#[derive(Clone, Debug, Default)]
pub struct Context<'a> {
    slots: Vec<Slot<'a>>,
    /// The elements of all lists.
    elements: Vec<Slot<'a>>,
}

impl<'a> Context<'a> {
    /// Asks `look_up` once for each attribute of `program`, by its name or JSON Pointer.
    pub fn resolve(program: &Program, mut look_up: impl FnMut(&str) -> Value<'a>) -> Context<'a> {
        let mut context = Context::default();
        for attribute in program.attributes() {
            let slot = match look_up(attribute.name) {
                Value::List(items) => {
                    let first = context.elements.len();
                    let elements = items.iter().map(|item| Slot::scalar(program, item));
                    context.elements.extend(elements);
                    Slot::List(first, items.len())
                }
                scalar => Slot::scalar(program, &scalar),
            };
            context.slots.push(slot);
        }
        context
    }

    /// Reads the encoding that the browser writes: for each attribute of `program`, in the order of its slots,
    /// a tag of one byte and what the tag asks for, little endian.
    ///
    /// | tag | value | followed by |
    /// |---|---|---|
    /// | 0 | missing | |
    /// | 1 | null | |
    /// | 2, 3 | false, true | |
    /// | 4 | number | f64 |
    /// | 5 | text | length in bytes (u32), UTF-8 |
    /// | 6 | list | length (u32), values |
    /// | 7 | object | |
    ///
    /// What cannot be read is missing, 0 or empty.
    pub fn from_bytes(program: &Program, bytes: &'a [u8]) -> Context<'a> {
        let mut reader = Reader {
            bytes,
            at: 0,
            elements: 0,
        };
        let mut context = Context::default();
        for _ in 0..program.count(Section::Attributes) {
            let slot = reader.slot(program);
            context.slots.push(slot);
            if let Slot::List(_, length) = slot {
                for _ in 0..length {
                    context.elements.push(reader.slot(program));
                }
            }
        }
        context
    }

    #[inline]
    pub(crate) fn slot(&self, slot: u32) -> &Slot<'a> {
        self.slots.get(slot as usize).unwrap_or(&Slot::Missing)
    }

    /// The elements of a [`Slot::List`].
    pub(crate) fn elements(&self, first: usize, length: usize) -> &[Slot<'a>] {
        self.elements
            .get(first..first.saturating_add(length))
            .unwrap_or_default()
    }
}

/// A value of a context, prepared for comparison.
#[derive(Clone, Copy, Debug)]
pub(crate) enum Slot<'a> {
    Missing,
    Null,
    Bool(bool),
    Number(f64),
    /// With the number of the equal string in the program; [`NONE`] where there is none.
    Text(&'a [u8], u32),
    /// The first of its elements, and how many there are; lists do not nest.
    List(usize, usize),
    Object,
}

impl<'a> Slot<'a> {
    fn scalar(program: &Program, value: &Value<'a>) -> Slot<'a> {
        match value {
            Value::Missing => Slot::Missing,
            Value::Null => Slot::Null,
            Value::Bool(bool) => Slot::Bool(*bool),
            Value::Number(number) => Slot::number(*number),
            Value::Text(text) => Slot::text(program, text.as_bytes()),
            Value::List(_) | Value::Object => Slot::Object,
        }
    }

    fn number(number: f64) -> Slot<'a> {
        if number.is_finite() {
            Slot::Number(number)
        } else {
            Slot::Null
        }
    }

    fn text(program: &Program, text: &'a [u8]) -> Slot<'a> {
        Slot::Text(text, program.interned(text).unwrap_or(NONE))
    }
}

struct Reader<'a> {
    bytes: &'a [u8],
    at: usize,
    /// How many elements the lists so far have.
    elements: usize,
}

impl<'a> Reader<'a> {
    /// The next value; of a list only the length.
    fn slot(&mut self, program: &Program) -> Slot<'a> {
        match self.take(1).first() {
            Some(1) => Slot::Null,
            Some(2) => Slot::Bool(false),
            Some(3) => Slot::Bool(true),
            Some(4) => Slot::number(f64::from_bits(u64_at(self.take(8), 0))),
            Some(5) => {
                let length = self.length();
                Slot::text(program, self.take(length))
            }
            Some(6) => {
                let first = self.elements;
                // Each element takes a byte at least, so no count can ask for more than was sent.
                let length = self.length().min(self.bytes.len());
                self.elements = first.saturating_add(length);
                Slot::List(first, length)
            }
            Some(7) => Slot::Object,
            _ => Slot::Missing,
        }
    }

    fn length(&mut self) -> usize {
        u32_at(self.take(4), 0) as usize
    }

    /// The next bytes; none where there are not so many.
    fn take(&mut self, length: usize) -> &'a [u8] {
        let start = self.at;
        self.at = start.saturating_add(length);
        self.bytes.get(start..self.at).unwrap_or_default()
    }
}
