//! Law 11.

use std::collections::BTreeSet;

use proptest::prelude::*;
use serde_json::Value;

use super::{Holds, Scene, answer};
use crate::answer::Native;

/// Law 11: an attribute that a flag does not read, with all that it reaches, never changes its answer.
///
/// # Errors
/// Where it does.
pub fn what_is_not_read(scene: &Scene, native: &Native) -> Holds {
    let Some((context, state)) = scene.first() else {
        return Ok(0);
    };
    let mut cases = 0;
    for flag in native.program.flags() {
        let flag = flag.key();
        let mut reads = BTreeSet::new();
        flag_reads(&scene.ruleset, flag, &mut reads);
        let mut other = context.clone();
        let members = other.as_object_mut().expect("an object");
        for (name, value) in &scene.changes {
            if reads.contains(name) {
                continue;
            }
            cases += 1;
            match value {
                Some(value) => drop(members.insert(name.clone(), value.clone())),
                None => drop(members.remove(name)),
            }
        }
        let one = answer(native, &state.case(flag, context));
        let another = answer(native, &state.case(flag, &other));
        prop_assert_eq!(
            one,
            another,
            "{} reads {:?} contexts {} and {} of {}",
            flag,
            reads,
            context,
            other,
            scene.ruleset
        );
    }
    Ok(cases)
}

/// The top-level members that the flag reads, itself and through what it reaches.
fn flag_reads(ruleset: &Value, key: &str, reads: &mut BTreeSet<String>) {
    let flag = &ruleset["flags"][key];
    if flag.get("targets").is_some() {
        reads.insert("targetingKey".to_owned());
    }
    if let Some(requires) = flag.get("requires") {
        let single = std::slice::from_ref(requires);
        for prerequisite in requires.as_array().map_or(single, Vec::as_slice) {
            flag_reads(ruleset, text(&prerequisite["flag"]), reads);
        }
    }
    serve_reads(ruleset, &flag["default"], reads);
    for rule in flag["rules"].as_array().into_iter().flatten() {
        condition_reads(ruleset, &rule["when"], reads);
        serve_reads(ruleset, &rule["serve"], reads);
    }
}

fn serve_reads(ruleset: &Value, serve: &Value, reads: &mut BTreeSet<String>) {
    let divided = match serve.get("release") {
        Some(release) => &ruleset["releases"][text(release)],
        None => serve,
    };
    if divided.is_object() {
        let by = divided.get("by").map_or("targetingKey", text);
        reads.insert(member(by));
    }
    for stage in divided["stages"].as_array().into_iter().flatten() {
        if let Some(audience) = stage.get("audience") {
            condition_reads(ruleset, audience, reads);
        }
    }
}

fn condition_reads(ruleset: &Value, condition: &Value, reads: &mut BTreeSet<String>) {
    for (key, operand) in condition.as_object().expect("a condition") {
        match key.as_str() {
            "all" | "any" => {
                for inner in operand.as_array().expect("conditions") {
                    condition_reads(ruleset, inner, reads);
                }
            }
            "not" => condition_reads(ruleset, operand, reads),
            "flag" => flag_reads(ruleset, text(operand), reads),
            "segment" => {
                reads.insert("targetingKey".to_owned());
                if let Some(when) = ruleset["segments"][text(operand)].get("when") {
                    condition_reads(ruleset, when, reads);
                }
            }
            "attr" => drop(reads.insert(member(text(operand)))),
            _ => {}
        }
    }
}

/// The top-level member that an attribute is in.
fn member(attribute: &str) -> String {
    let first = attribute
        .strip_prefix('/')
        .map(|rest| rest.split('/').next());
    let member = first.flatten().unwrap_or(attribute);
    if attribute.starts_with('/') {
        member.replace("~1", "/").replace("~0", "~")
    } else {
        member.to_owned()
    }
}

pub(super) fn text(value: &Value) -> &str {
    value.as_str().expect("a text")
}
