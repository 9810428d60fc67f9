//! What a test asked, what the context had, and why it did not hold.

use alloc::vec::Vec;

use super::steps::Steps;
use super::{State, Step};
use crate::context::{Context, Slot, Value};
use crate::evaluate::bool_bit;
use crate::flag::{Flag, some};
use crate::instant;
use crate::layout::Section;
use crate::network::Address;
use crate::node::{Node, TARGETS, operation};
use crate::program::Program;
use crate::release::Release;
use crate::semver::Precedence;
use crate::wanted::Wanted;

/// A question, and how it came out.
#[derive(Clone, Debug)]
pub struct Asked<'a> {
    /// Whether what was asked is so. Under a `not`, the rule goes on where it is not.
    pub holds: bool,
    /// What was asked.
    pub question: Question<'a>,
}

/// What a test asked.
#[derive(Clone, Debug)]
pub enum Question<'a> {
    /// Whether an attribute passes a test.
    Attribute {
        /// Its name or JSON Pointer.
        name: &'a str,
        /// What the context has.
        found: Value<'a>,
        /// What it was compared with.
        wanted: Wanted<'a>,
        /// Why it does not pass, where it does not.
        why_not: Option<WhyNot>,
    },
    /// Whether the targeting key is listed for a variant.
    Target {
        /// What the context has as its targeting key.
        found: Value<'a>,
        /// The number of the variant.
        variant: u32,
        /// How many keys are listed.
        count: usize,
    },
    /// Whether the context is in a segment.
    Segment {
        /// Its name; a browser is not told, so there it is empty.
        name: &'a str,
        /// What it asked.
        asked: Vec<Asked<'a>>,
    },
    /// Whether another flag is on and serves one of some variants.
    Flag {
        /// The other flag.
        flag: Flag<'a>,
        /// The numbers of the variants wanted.
        wanted: Vec<u32>,
        /// Whether it is on.
        state: State,
        /// How it came to its variant; nothing where it is off.
        steps: Vec<Step<'a>>,
    },
    /// Whether it is time.
    Time {
        /// When it begins to hold, in ms since 1970.
        from: Option<i64>,
        /// When it ceases to.
        until: Option<i64>,
        /// The next instant at which this comes out otherwise.
        changes_at: Option<i64>,
    },
    /// Whether a release has come to a stage.
    Stage {
        /// The release.
        release: Release<'a>,
        /// The number of the stage.
        wanted: u32,
        /// The number of the stage it is at; `None` before it starts.
        found: Option<u32>,
    },
}

/// Why an attribute does not pass a test.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum WhyNot {
    /// It is not there.
    Missing,
    /// It is null.
    Null,
    /// It is a list without elements.
    Empty,
    /// It has another type than what it is compared with.
    Type,
    /// It is a string, but no version, instant or address.
    Unreadable,
    /// It can be compared, and is not as wanted.
    Different,
}

impl<'a> Question<'a> {
    pub(super) fn segment(
        program: &'a Program,
        node: Node<'_>,
        asked: Vec<Asked<'a>>,
    ) -> Question<'a> {
        let [_, _, name] = program.record::<3>(Section::Segments, node.first());
        Question::Segment {
            name: program.string(name),
            asked,
        }
    }

    pub(super) fn flag(
        program: &Program,
        node: Node<'_>,
        flag: Flag<'a>,
        state: State,
        steps: Vec<Step<'a>>,
    ) -> Question<'a> {
        Question::Flag {
            flag,
            wanted: program.list(node.second()).iter().collect(),
            state,
            steps,
        }
    }
}

impl<'a> Steps<'a, '_> {
    /// What `node` asked, without going into a segment or a flag.
    pub(super) fn asked(&self, node: Node<'_>, holds: bool) -> Asked<'a> {
        Asked {
            holds,
            question: self.question(node, holds),
        }
    }

    fn question(&self, node: Node<'_>, holds: bool) -> Question<'a> {
        let program = self.program;
        match node.operation() {
            operation::SEGMENT => Question::segment(program, node, Vec::new()),
            operation::FLAG => {
                let flag = Flag::new(program, node.first());
                let state = State::of(self.live, flag);
                Question::flag(program, node, flag, state, Vec::new())
            }
            operation::TIME => self.time(node),
            operation::REACHED => Question::Stage {
                release: Release::new(program, node.first()),
                wanted: node.second(),
                found: some(self.live.ramp(node.first()).stage),
            },
            _ => self.attribute(node, holds),
        }
    }

    fn attribute(&self, node: Node<'_>, holds: bool) -> Question<'a> {
        let slot = *self.context.slot(node.slot());
        let found = value(self.context, slot);
        let wanted = Wanted::of(self.program, node, SHOWN);
        let serves = Node::read(self.program, node.yes());
        match &wanted {
            Wanted::OneOf(keys)
                if node.rule() == TARGETS && serves.operation() == operation::SERVE =>
            {
                Question::Target {
                    found,
                    variant: serves.first(),
                    count: keys.count,
                }
            }
            _ => Question::Attribute {
                name: self.program.attribute(node.slot()).name,
                found,
                why_not: (!holds).then(|| why_not(self.program, node, self.context, slot)),
                wanted,
            },
        }
    }

    fn time(&self, node: Node<'_>) -> Question<'a> {
        let bound = |number| some(number).map(|number| self.program.number_at(number) as i64);
        let (from, until) = (bound(node.first()), bound(node.second()));
        let to_come = [from, until].into_iter().flatten();
        Question::Time {
            from,
            until,
            changes_at: to_come.filter(|bound| self.now < *bound).min(),
        }
    }
}

/// The value of a slot as the host handed it in; what is no scalar within a list is an object.
pub(super) fn value<'a>(context: &Context<'a>, slot: Slot<'a>) -> Value<'a> {
    match slot {
        Slot::Missing => Value::Missing,
        Slot::Null => Value::Null,
        Slot::Bool(bool) => Value::Bool(bool),
        Slot::Number(number) => Value::Number(number),
        Slot::Text(bytes, _) => Value::Text(text(bytes)),
        Slot::List(first, length) => {
            let items = context.elements(first, length).iter();
            Value::List(items.map(|item| value(context, *item)).collect())
        }
        Slot::Object => Value::Object,
    }
}

/// What a host handed in as text.
fn text(bytes: &[u8]) -> &str {
    core::str::from_utf8(bytes).unwrap_or_default()
}

/// How many operands of a list an explanation shows.
const SHOWN: usize = 8;

/// Why `slot` does not pass the test of `node`, which it does not.
fn why_not(program: &Program, node: Node<'_>, context: &Context<'_>, slot: Slot<'_>) -> WhyNot {
    match slot {
        Slot::Missing => WhyNot::Missing,
        Slot::Null => WhyNot::Null,
        Slot::List(first, length) => {
            let items = context.elements(first, length).iter();
            let mut reasons = items.map(|item| why_not(program, node, context, *item));
            let Some(first) = reasons.next() else {
                return WhyNot::Empty;
            };
            if reasons.all(|reason| reason == first) {
                first
            } else {
                WhyNot::Different
            }
        }
        Slot::Text(text, _) => match node.operation() {
            operation::SEMVER => readable(Precedence::read(text).is_some()),
            operation::BEFORE | operation::AFTER => readable(instant::read(text).is_some()),
            operation::CIDR => readable(Address::read(text).is_some()),
            _ => comparable(is_compared_with_text(node)),
        },
        Slot::Number(_) => comparable(is_compared_with_number(program, node)),
        Slot::Bool(_) => comparable(match node.operation() {
            operation::IS_BOOL => true,
            operation::IN => node.options() & (bool_bit(true) | bool_bit(false)) != 0,
            _ => false,
        }),
        Slot::Object => WhyNot::Type,
    }
}

fn readable(is_readable: bool) -> WhyNot {
    if is_readable {
        WhyNot::Different
    } else {
        WhyNot::Unreadable
    }
}

fn comparable(is_comparable: bool) -> WhyNot {
    if is_comparable {
        WhyNot::Different
    } else {
        WhyNot::Type
    }
}

fn is_compared_with_text(node: Node<'_>) -> bool {
    match node.operation() {
        operation::IS_TEXT
        | operation::STARTS_WITH
        | operation::ENDS_WITH
        | operation::CONTAINS
        | operation::MATCHES => true,
        operation::IN => node.second() > 0,
        _ => false,
    }
}

fn is_compared_with_number(program: &Program, node: Node<'_>) -> bool {
    match node.operation() {
        operation::IS_NUMBER
        | operation::LESS
        | operation::LESS_OR_EQUAL
        | operation::GREATER
        | operation::GREATER_OR_EQUAL
        | operation::BEFORE
        | operation::AFTER => true,
        operation::IN => program.list(node.first()).len() > node.second(),
        _ => false,
    }
}
