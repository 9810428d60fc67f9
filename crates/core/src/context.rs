//! An evaluation context, resolved once into the slots of a program.

use alloc::vec::Vec;

use crate::bytes::{u32_at, u64_at};
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
#[derive(Clone, Debug)]
pub struct Context<'a> {
    slots: Vec<Slot<'a>>,
}

impl<'a> Context<'a> {
    /// Asks `look_up` once for each attribute of `program`, by its name or JSON Pointer.
    pub fn resolve(program: &Program, mut look_up: impl FnMut(&str) -> Value<'a>) -> Context<'a> {
        Context {
            slots: program
                .attributes()
                .map(|attribute| Slot::of(program, look_up(attribute.name)))
                .collect(),
        }
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
    /// What cannot be read is missing.
    pub fn from_bytes(program: &Program, bytes: &'a [u8]) -> Context<'a> {
        let mut rest = bytes;
        let slots = program
            .attributes()
            .map(|_| Slot::of(program, read_value(&mut rest, true)))
            .collect();
        Context { slots }
    }

    #[inline]
    pub(crate) fn slot(&self, slot: u32) -> &Slot<'a> {
        self.slots.get(slot as usize).unwrap_or(&Slot::Missing)
    }
}

/// A value of a context, prepared for comparison.
#[derive(Clone, Debug)]
pub(crate) enum Slot<'a> {
    Missing,
    Null,
    Bool(bool),
    Number(f64),
    /// With the number of the equal string in the program, if there is one.
    Text(&'a str, Option<u32>),
    List(Vec<Slot<'a>>),
    Object,
}

impl<'a> Slot<'a> {
    fn of(program: &Program, value: Value<'a>) -> Slot<'a> {
        match value {
            Value::Missing => Slot::Missing,
            Value::Bool(bool) => Slot::Bool(bool),
            Value::Number(number) if number.is_finite() => Slot::Number(number),
            Value::Null | Value::Number(_) => Slot::Null,
            Value::Text(text) => Slot::Text(text, program.interned(text)),
            Value::List(items) => Slot::List(
                items
                    .into_iter()
                    .map(|item| Slot::element(program, item))
                    .collect(),
            ),
            Value::Object => Slot::Object,
        }
    }

    /// An element of a list; lists do not nest.
    fn element(program: &Program, value: Value<'a>) -> Slot<'a> {
        match value {
            Value::List(_) => Slot::Object,
            scalar => Slot::of(program, scalar),
        }
    }
}

fn read_value<'a>(rest: &mut &'a [u8], may_be_list: bool) -> Value<'a> {
    let Some((&tag, after)) = rest.split_first() else {
        return Value::Missing;
    };
    *rest = after;
    match tag {
        1 => Value::Null,
        2 => Value::Bool(false),
        3 => Value::Bool(true),
        4 => take(rest, 8).map_or(Value::Missing, |bytes| {
            Value::Number(f64::from_bits(u64_at(bytes, 0)))
        }),
        5 => take_length(rest)
            .and_then(|length| take(rest, length))
            .and_then(|text| core::str::from_utf8(text).ok())
            .map_or(Value::Missing, Value::Text),
        6 if may_be_list => {
            let length = take_length(rest).unwrap_or_default();
            // Each element takes a byte at least, so no count can ask for more than was sent.
            Value::List(
                (0..length.min(rest.len()))
                    .map(|_| read_value(rest, false))
                    .collect(),
            )
        }
        7 => Value::Object,
        _ => Value::Missing,
    }
}

fn take_length(rest: &mut &[u8]) -> Option<usize> {
    take(rest, 4).map(|bytes| u32_at(bytes, 0) as usize)
}

fn take<'a>(rest: &mut &'a [u8], length: usize) -> Option<&'a [u8]> {
    let (taken, after) = rest.split_at_checked(length)?;
    *rest = after;
    Some(taken)
}
