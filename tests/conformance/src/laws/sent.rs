//! Which program a browser is sent.

use std::collections::BTreeMap;

use proptest::prelude::*;
use vexil_core::{Known, Reads, Recipient, specialise};

use super::{Holds, Scene};
use crate::answer::Native;
use crate::context::resolve;

/// Contexts and instants for which [`Reads::of_sent`] gives the same bytes are sent the same program, within a live state.
/// Counts those that shared one.
///
/// # Errors
/// Where it does not hold.
pub fn what_decides_what_is_sent(scene: &Scene, native: &Native) -> Holds {
    let program = &native.program;
    let mut contexts = scene.contexts.clone();
    for (name, value) in &scene.changes {
        for context in &scene.contexts {
            let mut other = context.clone();
            let members = other.as_object_mut().expect("an object");
            match value {
                Some(value) => drop(members.insert(name.clone(), value.clone())),
                None => drop(members.remove(name)),
            }
            contexts.push(other);
        }
    }
    let folds = || {
        let mut folds = scene.folds.iter().cycle();
        move |_: vexil_core::Attribute<'_>| folds.next().copied().unwrap_or_default()
    };
    let reads = Reads::of_sent(program, folds());
    let mut shared = 0;
    for state in &scene.states {
        let live = state.live(program);
        let mut sent = BTreeMap::new();
        let instants = scene.states.iter().map(|state| state.now);
        for now in instants.flat_map(|now| [now, now.saturating_add(1)]) {
            for context in &contexts {
                let key = reads.key(&resolve(program, context), now);
                let known = Known::new(program, resolve(program, context), folds());
                let made = specialise(program, &live, &known, Recipient::Browser, now);
                let made = made.map_err(|error| TestCaseError::fail(error.message()))?;
                if let Some(other) = sent.get(&key) {
                    prop_assert!(
                        made == *other,
                        "at {} {:?} context {} folds {:?} of {}",
                        now,
                        state,
                        context,
                        scene.folds,
                        scene.ruleset
                    );
                    shared += 1;
                } else {
                    sent.insert(key, made);
                }
            }
        }
    }
    Ok(shared)
}
