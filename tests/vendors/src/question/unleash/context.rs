//! Contexts: fields and properties that hit what the files say, miss it, or are of another type.

use serde_json::{Map, Value, json};

use super::super::Chance;
use super::Ids;
use super::pools::{ADDRESSES, AGES, APPS, DATES, IDS, PLANS, VERSIONS};

pub(super) fn context(chance: &mut Chance, ids: Ids) -> Value {
    let (mut has_user, has_session, has_custom) = match ids {
        Ids::All => (true, true, true),
        Ids::One => (chance.is(70), chance.is(50), chance.is(60)),
        Ids::Some => (chance.is(50), chance.is(40), chance.is(50)),
    };
    has_user |= ids == Ids::One && !has_session;
    let mut context = Map::new();
    let mut properties = Map::new();
    for (name, is_there) in [("userId", has_user), ("sessionId", has_session)] {
        if is_there {
            let id = *chance.one(IDS);
            let id = id
                .parse::<u64>()
                .ok()
                .filter(|_| chance.is(20))
                .map_or_else(|| id.into(), Value::from);
            context.insert(name.to_owned(), id);
        }
    }
    if has_custom {
        properties.insert("customField".to_owned(), (*chance.one(IDS)).into());
    }
    let dates: Vec<&str> = DATES
        .iter()
        .copied()
        .chain(["2022-01-29", "soon"])
        .collect();
    let fields: [(&str, &[&str]); 4] = [
        ("appName", APPS),
        ("environment", PLANS),
        ("remoteAddress", ADDRESSES),
        ("currentTime", DATES),
    ];
    for (name, pool) in fields {
        if chance.is(60) {
            context.insert(name.to_owned(), (*chance.one(pool)).into());
        }
    }
    let others: [(&str, &[&str]); 5] = [
        ("plan", PLANS),
        ("age", AGES),
        ("version", VERSIONS),
        ("since", &dates),
        ("ip", ADDRESSES),
    ];
    for (name, pool) in others {
        let value = match chance.below(20) {
            0 => json!(null),
            1 => json!([12, "pro"]),
            2 => json!(12),
            3 => json!(0.5),
            4 => json!(true),
            5..9 => continue,
            _ => (*chance.one(pool)).into(),
        };
        properties.insert(name.to_owned(), value);
    }
    context.insert("properties".to_owned(), properties.into());
    context.into()
}
