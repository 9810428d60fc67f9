//! What laws are tried on.

use std::collections::BTreeSet;

use serde::{Deserialize, Serialize};
use serde_json::{Value, json};
use vexil_core::{Live, Program};

use crate::answer::live;
use crate::vector::{Case, Started, Vector};

/// A ruleset, who asks it and when, and what is changed in between.
#[derive(Clone, Debug, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Scene {
    /// A ruleset, which need not be valid where the scene was not generated.
    pub ruleset: Value,
    /// Evaluation contexts.
    pub contexts: Vec<Value>,
    /// Live states, each with the time at which it is asked.
    pub states: Vec<State>,
    /// Which attributes are known when a program is specialised, by their place in it and again from the first.
    pub folds: Vec<bool>,
    /// Members of the first context that are set, or that go.
    pub changes: Vec<(String, Option<Value>)>,
}

/// What does not stand in the ruleset or the context.
#[derive(Clone, Debug, Default, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct State {
    /// The flags that are killed.
    pub killed: Vec<String>,
    /// The releases that have started.
    pub started: Vec<Started>,
    /// When it is, in milliseconds since 1970.
    pub now: i64,
}

/// How far from 1970 an instant of JavaScript can be, in milliseconds.
const LAST_INSTANT: i64 = 8_640_000_000_000_000;

impl Scene {
    /// Reads a scene that a host could be in: `None` where `text` is none.
    #[must_use]
    pub fn read(text: &str) -> Option<Scene> {
        let scene: Scene = serde_json::from_str(text).ok()?;
        let is_possible = scene.contexts.iter().all(Value::is_object)
            && scene.ruleset.is_object()
            && scene
                .states
                .iter()
                .all(|state| state.is_possible(&scene.ruleset));
        is_possible.then_some(scene)
    }

    /// The scene as JSON, for [`Scene::read`].
    #[must_use]
    pub fn to_json(&self) -> Value {
        json!(self)
    }

    /// The scenes of a vector: one for every few of its cases.
    #[must_use]
    pub fn of(vector: &Vector) -> Vec<Scene> {
        let Ok(ruleset) = serde_json::from_str::<Value>(&vector.ruleset) else {
            return Vec::new();
        };
        let cases = vector.cases.chunks(CASES);
        let scene = |cases: &[Case]| Scene {
            ruleset: ruleset.clone(),
            contexts: cases.iter().map(|case| case.context.clone()).collect(),
            states: cases.iter().map(State::of).collect(),
            folds: vec![true, false],
            changes: vec![("unheard of".to_owned(), Some(json!(1)))],
        };
        cases.map(scene).collect()
    }

    /// The contexts, each with a state in turn.
    pub(super) fn asked(&self) -> impl Iterator<Item = (&Value, &State)> {
        self.contexts.iter().zip(self.states.iter().cycle())
    }

    /// The first context and the first state, where there are any.
    pub(super) fn first(&self) -> Option<(&Value, &State)> {
        self.asked().next()
    }
}

/// How many cases of a vector make one scene.
const CASES: usize = 3;

impl State {
    fn of(case: &Case) -> State {
        State {
            killed: case.killed.clone(),
            started: case.started.clone(),
            now: case.now,
        }
    }

    /// Whether a control plane can say so: releases are started once, at a stage they have.
    pub(super) fn is_possible(&self, ruleset: &Value) -> bool {
        let mut seen = BTreeSet::new();
        let mut started = self.started.iter();
        let is_sound = started.all(|started| {
            let release = &ruleset["releases"][&started.release];
            let mut stages = release["stages"].as_array().into_iter().flatten();
            let has_stage = stages.any(|stage| stage["name"] == *started.stage);
            seen.insert(&started.release)
                && (0.0..=1.0).contains(&started.exposure)
                && (has_stage || release.is_null())
        });
        is_sound && (-LAST_INSTANT..=LAST_INSTANT).contains(&self.now)
    }

    /// The question what `flag` answers.
    #[must_use]
    pub fn case(&self, flag: &str, context: &Value) -> Case {
        Case {
            name: String::new(),
            flag: flag.to_owned(),
            killed: self.killed.clone(),
            started: self.started.clone(),
            now: self.now,
            context: context.clone(),
            expect: Value::Null,
        }
    }

    /// The live state of `program`.
    #[must_use]
    pub fn live(&self, program: &Program) -> Live {
        live(program, &self.case("", &Value::Null))
    }
}
