//! From the record of a walk to steps.

use alloc::vec::Vec;
use core::cell::Cell;

use super::question::{Asked, Question};
use super::serving::{Serving, unit_of};
use super::{Outcome, State, Step};
use crate::build::Part;
use crate::context::Context;
use crate::evaluate::{ChosenBy, Reason, Visit};
use crate::flag::some;
use crate::live::Live;
use crate::node::{MISSING_UNIT, Node, operation};
use crate::program::Program;

/// What happened on a walk, in order.
#[derive(Default)]
pub(super) struct Record {
    events: Vec<Event>,
    /// Where the unit of the next leaf fell.
    placed: Cell<Option<Placed>>,
}

#[derive(Clone, Copy)]
enum Event {
    /// What a segment or a flag asks comes next, up to the test of this node.
    Enter(u32),
    Test(u32, bool),
    Serve(u32),
    Choose(u32, Option<Chosen>),
}

/// What a split or a ramp chose.
#[derive(Clone, Copy)]
pub(super) struct Chosen {
    pub(super) variant: u32,
    pub(super) by: Option<ChosenBy>,
    pub(super) placed: Placed,
}

/// Where the unit of a split or a ramp fell.
#[derive(Clone, Copy)]
pub(super) struct Placed {
    pub(super) position: u32,
    /// Of a ramp that has started: the first position that it does not expose.
    pub(super) exposure: Option<u64>,
}

impl Visit for &mut Record {
    fn enter(&mut self, at: u32) {
        self.events.push(Event::Enter(at));
    }

    fn test(&mut self, at: u32, holds: bool) {
        self.events.push(Event::Test(at, holds));
    }

    fn place(&self, position: u32, exposure: Option<u64>) {
        self.placed.set(Some(Placed { position, exposure }));
    }

    fn serve(&mut self, at: u32) {
        self.events.push(Event::Serve(at));
    }

    fn choose(&mut self, at: u32, chosen: Option<(u32, Option<ChosenBy>)>) {
        let chosen = chosen.zip(self.placed.take());
        let chosen = chosen.map(|((variant, by), placed)| Chosen {
            variant,
            by,
            placed,
        });
        self.events.push(Event::Choose(at, chosen));
    }
}

/// Reads a record, and looks up what it speaks of.
pub(super) struct Steps<'a, 'l> {
    pub(super) program: &'a Program,
    pub(super) live: &'l Live,
    pub(super) context: &'a Context<'a>,
    pub(super) now: i64,
    events: core::slice::Iter<'l, Event>,
}

impl<'a, 'l> Steps<'a, 'l> {
    pub(super) fn new(
        program: &'a Program,
        live: &'l Live,
        context: &'a Context<'a>,
        now: i64,
        record: &'l Record,
    ) -> Self {
        Steps {
            program,
            live,
            context,
            now,
            events: record.events.iter(),
        }
    }

    /// The steps of a flag, up to the leaf that serves.
    pub(super) fn flag(&mut self, key: &'a str) -> Vec<Step<'a>> {
        let mut steps = Vec::new();
        while let Some(event) = self.events.next().copied() {
            match event {
                Event::Enter(at) => {
                    let part = Part::from_code(Node::read(self.program, at).rule());
                    let asked = self.nested(at);
                    step(&mut steps, part, |step| step.asked.extend(asked));
                }
                Event::Test(at, holds) => {
                    let node = Node::read(self.program, at);
                    let asked = self.asked(node, holds);
                    let part = Part::from_code(node.rule());
                    step(&mut steps, part, |step| step.asked.push(asked));
                }
                Event::Serve(at) => {
                    let node = Node::read(self.program, at);
                    let outcome = Outcome::Serves {
                        variant: node.first(),
                        how: Serving::Plain,
                    };
                    step(&mut steps, part_of(node), |step| step.outcome = outcome);
                    break;
                }
                Event::Choose(at, chosen) => {
                    let node = Node::read(self.program, at);
                    let outcome = self.choice(key, node, chosen);
                    step(&mut steps, part_of(node), |step| step.outcome = outcome);
                    if chosen.is_some() {
                        break;
                    }
                }
            }
        }
        steps
    }

    /// What came of a split or a ramp of the flag `key`.
    fn choice(&self, key: &str, node: Node<'_>, chosen: Option<Chosen>) -> Outcome<'a> {
        match chosen {
            Some(chosen) => Outcome::Serves {
                variant: chosen.variant,
                how: Serving::of(self, key, node, chosen),
            },
            None => unit_of(self, key, node).map_or(Outcome::Next, Outcome::NoUnit),
        }
    }

    /// The question `at` about a segment or a flag, with all that it led to.
    ///
    /// Recursion is as shallow as a chain of flags and segments may be long.
    fn nested(&mut self, at: u32) -> Option<Asked<'a>> {
        let node = Node::read(self.program, at);
        if node.operation() == operation::FLAG {
            let flag = self.program.flag_at(node.first())?;
            let steps = self.flag(flag.key());
            let holds = self.end_of(at);
            let question = Question::flag(self.program, node, flag, State::On, steps);
            return Some(Asked { holds, question });
        }
        let mut asked = Vec::new();
        while let Some(event) = self.events.next().copied() {
            match event {
                Event::Test(end, holds) if end == at => {
                    let question = Question::segment(self.program, node, asked);
                    return Some(Asked { holds, question });
                }
                Event::Test(at, holds) => {
                    asked.push(self.asked(Node::read(self.program, at), holds));
                }
                Event::Enter(at) => asked.extend(self.nested(at)),
                Event::Serve(_) | Event::Choose(..) => {}
            }
        }
        None
    }

    /// What the test `at`, which comes next, came to.
    fn end_of(&mut self, at: u32) -> bool {
        matches!(self.events.next(), Some(Event::Test(end, true)) if *end == at)
    }
}

/// Adds to the step of that part, which is the last while it has no outcome, or a new one.
fn step<'a>(steps: &mut Vec<Step<'a>>, part: Part, add: impl FnOnce(&mut Step<'a>)) {
    match steps.last_mut() {
        Some(step) if step.part == part && matches!(step.outcome, Outcome::Next) => add(step),
        _ => {
            let mut step = Step {
                part,
                asked: Vec::new(),
                outcome: Outcome::Next,
            };
            add(&mut step);
            steps.push(step);
        }
    }
}

/// The part that a leaf of a flag belongs to.
pub(crate) fn part_of(node: Node<'_>) -> Part {
    if let Some(rule) = some(node.rule()) {
        return Part::Rule(rule);
    }
    if node.operation() != operation::SERVE {
        return Part::Default;
    }
    match Reason::from_code(node.options() & !MISSING_UNIT) {
        Reason::PrerequisiteFailed => Part::Requires,
        Reason::TargetingMatch => Part::Targets,
        Reason::Static | Reason::Default | Reason::Split | Reason::Disabled => Part::Default,
    }
}
