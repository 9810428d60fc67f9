//! Scenes made of scenes: small changes that mostly leave a ruleset valid.

use proptest::prelude::*;
use proptest::sample::{Index, select};
use proptest::strategy::ValueTree;
use proptest::test_runner::{Config, RngSeed, TestRunner};
use serde_json::{Value, json};

use super::Scene;
use super::generate::{self, ATTRIBUTES, RECIPES};

/// The scene with up to four changes, which `seed` determines.
#[must_use]
pub fn changed(scene: &Scene, seed: u64) -> Scene {
    crossed(scene, scene, seed)
}

/// The scene with up to four changes, some of them taken from `other`, which `seed` determines.
#[must_use]
pub fn crossed(scene: &Scene, other: &Scene, seed: u64) -> Scene {
    let mut chance = Chance::of(seed);
    let (mut whole, other) = (scene.to_json(), other.to_json());
    for _ in 0..chance.draw(&(1..5_usize)) {
        let before = whole.clone();
        change(&mut whole, &other, &mut chance);
        if serde_json::from_value::<Scene>(whole.clone()).is_err() {
            whole = before;
        }
    }
    serde_json::from_value(whole).unwrap_or_else(|_| scene.clone())
}

struct Chance(TestRunner);

impl Chance {
    fn of(seed: u64) -> Chance {
        Chance(TestRunner::new(Config {
            rng_seed: RngSeed::Fixed(seed),
            failure_persistence: None,
            ..Config::default()
        }))
    }

    fn draw<S: Strategy>(&mut self, strategy: &S) -> S::Value {
        let tree = strategy.new_tree(&mut self.0);
        tree.expect("a strategy that rejects nearly nothing")
            .current()
    }

    fn pick<T>(&mut self, mut among: Vec<T>) -> Option<T> {
        if among.is_empty() {
            return None;
        }
        let index = self.draw(&any::<Index>()).index(among.len());
        Some(among.swap_remove(index))
    }
}

/// A place of a JSON value, by its RFC 6901 pointer, and the last name on the way there.
type Place = (String, String);

fn change(whole: &mut Value, other: &Value, chance: &mut Chance) {
    let mut places = Vec::new();
    // The ruleset is larger, and as interesting as all the rest.
    let part = chance.draw(&prop_oneof![
        6 => Just("ruleset"),
        3 => Just("contexts"),
        2 => Just("states"),
        1 => select(vec!["folds", "changes"]),
    ]);
    find(&whole[part], &format!("/{part}"), part, &mut places);
    let Some((pointer, name)) = chance.pick(places) else {
        return;
    };
    match chance.draw(&(0..8_u8)) {
        0 => remove(whole, &pointer),
        1 => repeat(whole, &pointer, chance),
        2..5 => {
            let mut places = Vec::new();
            find(&other[part], &format!("/{part}"), part, &mut places);
            places.retain(|(_, its)| *its == name);
            let from = chance.pick(places);
            if let Some(donor) = from.and_then(|(from, _)| other.pointer(&from)) {
                put(whole, &pointer, donor.clone());
            }
        }
        _ => {
            let value = fresh(&name, whole.pointer(&pointer), chance);
            put(whole, &pointer, value);
        }
    }
}

fn find(value: &Value, pointer: &str, name: &str, places: &mut Vec<Place>) {
    places.push((pointer.to_owned(), name.to_owned()));
    match value {
        Value::Array(items) => {
            for (index, item) in items.iter().enumerate() {
                find(item, &format!("{pointer}/{index}"), name, places);
            }
        }
        Value::Object(members) => {
            for (member, value) in members {
                let escaped = member.replace('~', "~0").replace('/', "~1");
                find(value, &format!("{pointer}/{escaped}"), member, places);
            }
        }
        _ => {}
    }
}

fn put(whole: &mut Value, pointer: &str, value: Value) {
    if let Some(place) = whole.pointer_mut(pointer) {
        *place = value;
    }
}

fn remove(whole: &mut Value, pointer: &str) {
    let Some((parent, name)) = pointer.rsplit_once('/') else {
        return;
    };
    match whole.pointer_mut(parent) {
        Some(Value::Object(members)) => {
            drop(members.remove(&name.replace("~1", "/").replace("~0", "~")));
        }
        Some(Value::Array(items)) => {
            if let Ok(index) = name.parse::<usize>() {
                drop(items.remove(index));
            }
        }
        _ => {}
    }
}

/// The list or object at `pointer` has one of its values once more; a scalar becomes a list.
fn repeat(whole: &mut Value, pointer: &str, chance: &mut Chance) {
    let Some(place) = whole.pointer_mut(pointer) else {
        return;
    };
    match place {
        Value::Array(items) => items.extend(chance.pick(items.clone())),
        Value::Object(members) => {
            let values: Vec<Value> = members.values().cloned().collect();
            let names = chance.pick(members.keys().cloned().collect());
            if let (Some(value), Some(name)) = (chance.pick(values), names) {
                members.insert(name, value);
            }
        }
        scalar => *scalar = json!([scalar]),
    }
}

/// Another value for a member of that name.
fn fresh(name: &str, old: Option<&Value>, chance: &mut Chance) -> Value {
    match name {
        "when" | "audience" | "all" | "any" | "not" => {
            let condition = chance.draw(&generate::condition(4, 2));
            match old {
                Some(Value::Array(_)) => json!([condition]),
                _ => condition,
            }
        }
        "serve" | "default" => chance.draw(&generate::serve(4)),
        "attr" | "by" | "private" => chance.draw(&select(ATTRIBUTES)).into(),
        "hash" => chance.draw(&select(RECIPES)).into(),
        "matches" => chance.draw(&generate::pattern()).into(),
        "contexts" => json!([chance.draw(&generate::context())]),
        "states" => json!([
            chance.draw(&generate::state()),
            chance.draw(&generate::state())
        ]),
        "from" | "until" | "before" | "after" => chance.draw(&generate::instant()),
        "segments" | "flags" | "releases" => {
            let mut ruleset = chance.draw(&generate::ruleset());
            ruleset[name].take()
        }
        _ => match old {
            Some(Value::Number(number)) => near(number.as_f64().unwrap_or_default(), chance),
            Some(Value::Bool(bool)) => (!bool).into(),
            Some(Value::String(text)) => edited(text, chance).into(),
            _ => chance.draw(&generate::value()),
        },
    }
}

/// A number beside another, or at an end of what is common.
fn near(number: f64, chance: &mut Chance) -> Value {
    let numbers = vec![
        number + 1.0,
        number - 1.0,
        number / 2.0,
        number * 10.0,
        -number,
        number.trunc(),
        0.0,
        0.5,
        1.0,
        100.0,
        4_294_967_296.0,
        9_007_199_254_740_993.0,
        1e-7,
        1e300,
    ];
    let number = chance.draw(&select(numbers));
    if number.fract() == 0.0 && number.abs() < 1e15 {
        (number as i64).into()
    } else {
        number.into()
    }
}

/// A text with one character more, less or otherwise.
fn edited(text: &str, chance: &mut Chance) -> String {
    let mut characters: Vec<char> = text.chars().collect();
    let place = chance.draw(&any::<Index>()).index(characters.len() + 1);
    let others: Vec<char> = "aZkK\u{212a}sſßİıé日🎉𐐀09.-+*/:~_^$|()[]{}\\ \n\0\u{7f}\u{fffd}"
        .chars()
        .collect();
    let other = chance.draw(&select(others));
    match (chance.draw(&(0..3_u8)), characters.get_mut(place)) {
        (0, Some(_)) => drop(characters.remove(place)),
        (1, Some(character)) => *character = other,
        _ => characters.insert(place, other),
    }
    characters.into_iter().collect()
}
