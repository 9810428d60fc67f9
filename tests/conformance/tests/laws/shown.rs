//! Law 11, its other half: whatever a program reads changes an answer, or lint says that it does not.

use std::cell::Cell;
use std::collections::{BTreeMap, BTreeSet, HashSet};
use std::fmt::Write;

use proptest::prelude::*;
use serde_json::Value as Json;
use vexil_conformance::laws::{State, generate, left_by_lint};
use vexil_conformance::{NOW, Started, look_up, value};
use vexil_core::explain::{Asked, Question, Step};
use vexil_core::{Answer, Context, Live, Program, Seed, evaluate_all, explain};
use vexil_ruleset::diff::Contexts;
use vexil_ruleset::lint;

use crate::{compiled, law};

/// How many questions are tried for each ruleset, and how many more while something is not shown that lint leaves.
const ENOUGH: u32 = 200;
const MOST: u32 = 3_000;

/// What every attribute of a program is, by name; `None` where it is missing. No attribute of a generated ruleset is
/// part of another, so there is a context for each of these.
type Values<'p> = BTreeMap<&'p str, Option<Json>>;

/// Who asks, and when.
#[derive(Clone)]
struct Ask<'p> {
    values: Values<'p>,
    state: State,
}

/// Looks for answers that an attribute changes. A question whose walk went where none did before is where the next
/// ones begin.
struct Search<'p> {
    program: &'p Program,
    contexts: Contexts,
    draws: u32,
    seed: Seed,
    kept: Vec<Ask<'p>>,
    walks: HashSet<String>,
}

impl<'p> Search<'p> {
    fn new(program: &'p Program, seed: u64) -> Self {
        Search {
            program,
            contexts: Contexts::of(&[program], seed),
            draws: 0,
            seed: Seed::of(&seed.to_string()),
            kept: Vec::new(),
            walks: HashSet::new(),
        }
    }

    /// One of the numbers below `count`.
    fn draw(&mut self, count: usize) -> usize {
        self.draws += 1;
        self.seed.place(&self.draws.to_string()).get() as usize % count
    }

    /// Values that tests compare with, and sometimes lists of them.
    fn values(&mut self) -> Values<'p> {
        let [one, other] =
            [0; 2].map(|_| Json::Object(self.contexts.next().expect("they are without end")));
        let attributes: Vec<&str> = self.program.attributes().map(|it| it.name).collect();
        let mut value = |name| {
            let both = [&one, &other].map(|context| look_up(context, name).cloned());
            match (self.draw(6), both) {
                (0, [Some(one), Some(other)]) => Some(Json::from(vec![one, other])),
                (_, [one, _]) => one,
            }
        };
        attributes
            .into_iter()
            .map(|name| (name, value(name)))
            .collect()
    }

    /// One of the instants that generated rulesets name, or before all of them.
    fn now(&mut self) -> i64 {
        let step = self.draw(generate::STEPS.len() + 1);
        generate::STEPS
            .get(step)
            .map_or(i64::MIN, |step| NOW + step)
    }

    fn state(&mut self) -> State {
        let number = self.draw(5) as u32;
        let exposure = [0.0, 0.5, 0.5, 1.0][self.draw(4)];
        let started = self.program.releases().filter_map(|release| {
            let stage = release.stage_name(number)?.to_owned();
            Some(Started {
                release: release.name().to_owned(),
                stage,
                exposure,
            })
        });
        let killed = self.program.flags().nth(self.draw(12));
        State {
            started: started.collect(),
            killed: killed
                .map(|flag| flag.key().to_owned())
                .into_iter()
                .collect(),
            now: self.now(),
        }
    }

    fn next(&mut self) -> Ask<'p> {
        let fresh = self.values();
        if self.kept.is_empty() || self.draw(8) == 0 {
            return Ask {
                values: fresh,
                state: self.state(),
            };
        }
        // What was kept last is the furthest.
        let last = self.kept.len().min([8, usize::MAX][self.draw(2)]);
        let back = 1 + self.draw(last);
        let mut question = self.kept[self.kept.len() - back].clone();
        if self.draw(4) == 0 {
            question.state = self.state();
        }
        for _ in 0..self.draw(3) {
            let (name, value) = fresh
                .iter()
                .nth(self.draw(fresh.len()))
                .expect("it is one of them");
            question.values.insert(name, value.clone());
        }
        question
    }

    /// Takes those of `open` away that change an answer to the next question.
    fn step(&mut self, open: &mut BTreeSet<&'p str>) {
        let question = self.next();
        let live = question.state.live(self.program);
        let was = self.answers(&question, &live);
        let others = self.values();
        open.retain(|name| {
            let others = [others[name].clone(), None].into_iter();
            let mut same = others.map(|other| {
                let mut changed = question.clone();
                changed.values.insert(name, other);
                self.answers(&changed, &live) == was
            });
            same.all(|same| same)
        });
        if self.is_new(&question, &live) {
            self.kept.push(question);
        }
    }

    fn answers(&self, question: &Ask<'_>, live: &Live) -> Vec<Answer> {
        let mut answers = Vec::new();
        evaluate_all(
            self.program,
            live,
            &question.context(self.program),
            question.state.now,
            &mut answers,
        );
        answers
    }

    fn is_new(&mut self, question: &Ask<'_>, live: &Live) -> bool {
        let context = question.context(self.program);
        let mut is_new = false;
        for flag in self.program.flags() {
            let mut walk = flag.key().to_owned();
            let explanation = explain(self.program, live, flag, &context, question.state.now);
            trace(&explanation.steps, &mut walk);
            is_new |= self.walks.insert(walk);
        }
        is_new
    }
}

impl Ask<'_> {
    fn context(&self, program: &Program) -> Context<'_> {
        Context::resolve(program, |name| value(self.values[name].as_ref()))
    }
}

/// Which way every test went.
fn trace(steps: &[Step<'_>], walk: &mut String) {
    for step in steps {
        write!(walk, "{:?}", step.part).expect("a text takes everything");
        trace_asked(&step.asked, walk);
    }
}

fn trace_asked(asked: &[Asked<'_>], walk: &mut String) {
    for asked in asked {
        walk.push(if asked.holds { '1' } else { '0' });
        match &asked.question {
            Question::Segment { asked, .. } => trace_asked(asked, walk),
            Question::Flag { steps, .. } => trace(steps, walk),
            _ => {}
        }
    }
}

/// Law 11: for each attribute that a program reads there are two contexts, apart in it alone, whose answers differ; or
/// lint names all that reads it. What lint names is never shown.
///
/// Lint decides about single conditions and rules, and a search can miss: of 20 attributes 19 are one or the other.
#[test]
fn an_attribute_that_is_read_changes_an_answer_or_lint_says_why_not() {
    let (shown, dead, neither) = (Cell::new(0), Cell::new(0), Cell::new(0));
    let cases = (generate::ruleset(), any::<u64>());
    law("law 11, read", 60, &cases, |(ruleset, seed)| {
        let program = &compiled(&ruleset)?.program;
        let compared = program.comparisons(0).map(|(attribute, _)| attribute);
        let read = compared.chain(program.units()).map(|it| it.name);
        let mut open: BTreeSet<&str> = read.collect();
        let count = open.len();
        let decoded = vexil_ruleset::decode(&ruleset.to_string()).expect("valid");
        let left = left_by_lint(&ruleset, &lint(&decoded));
        let named: BTreeSet<&str> = open
            .iter()
            .copied()
            .filter(|name| !left.contains(*name))
            .collect();
        let mut search = Search::new(program, seed);
        for round in 0..MOST {
            if open.is_empty() || round >= ENOUGH && open.is_subset(&named) {
                break;
            }
            search.step(&mut open);
        }
        let both = named.difference(&open).next();
        prop_assert!(both.is_none(), "{:?} is shown, of {}", both, ruleset);
        shown.set(shown.get() + count - open.len());
        dead.set(dead.get() + named.len());
        neither.set(neither.get() + open.len() - named.len());
        Ok(count)
    });
    let (shown, dead, neither) = (shown.get(), dead.get(), neither.get());
    println!("law 11, read: {shown} shown, {dead} named by lint, {neither} neither");
    assert!(dead > 10, "lint names some");
    assert!(neither * 20 <= shown + dead, "too few are shown or named");
}
