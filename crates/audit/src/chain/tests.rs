use serde_json::Value;

use super::*;

/// Hashed by Python's `hashlib` over `json.dumps(…, sort_keys=True, separators=(",", ":"), ensure_ascii=False)`.
const CHAIN: &str = r#"
[
  {"number": 1, "version": 1, "at": 1790000000000, "author": "admin", "token": null, "action": "publish", "subject": "", "reason": "the first", "detail": {"program": 1, "ruleset": "abababababababababababababababababababababababababababababababab"}, "hash": "84803d8d5107d83314b05adaaa87508347d13ead3009091526e80e32a7c2ef13"},
  {"number": 2, "version": 2, "at": 1790000000500, "author": "J\u00fcrgen \"J\"", "token": "k7", "action": "kill", "subject": "checkout", "reason": "errors\n\u0007 at the till \ud83d\ude00", "detail": {}, "hash": "dd134767767c2f82d2340769bf9eb55d231543bd8d2e62da6a620e24262334ca"},
  {"number": 3, "version": null, "at": 1790000000501, "author": "admin", "token": null, "action": "token", "subject": "k8", "reason": "", "detail": {"scopes": ["read", "operate"], "kind": "admin"}, "hash": "7d99bc73054d42c0f2b11316b0fe1fa05b63534c7c7f424fda471c605329a5b1"}
]
"#;

fn chain() -> Vec<Value> {
    serde_json::from_str(CHAIN).expect("it is JSON")
}

/// Changes the chain and says where it breaks.
#[track_caller]
fn check(change: impl FnOnce(&mut Vec<Value>), want: Option<(usize, Why)>) {
    let mut records = chain();
    change(&mut records);
    let want = want.map(|(index, why)| Broken { index, why });
    assert_eq!(verify(Hash::default(), 0, &records).err(), want);
}

#[test]
fn a_chain_made_elsewhere_verifies_whole_and_in_pages() {
    let records = chain();
    let hash = |index: usize| Hash::parse(records[index]["hash"].as_str().expect("a text"));
    assert_eq!(verify(Hash::default(), 0, &records).ok(), hash(2));
    let first = verify(Hash::default(), 0, &records[..1]).expect("it is whole");
    assert_eq!(verify(first, 1, &records[1..]).ok(), hash(2));
    assert_eq!(verify(first, 1, &[]), Ok(first));
}

#[test]
fn a_change_of_any_member_breaks_the_chain_at_that_record() {
    for member in chain()[1].as_object().expect("an object").keys() {
        let why = if member == "hash" || member == "number" {
            Why::Shape
        } else {
            Why::Hash
        };
        check(|it| it[1][member] = "other".into(), Some((1, why)));
    }
    check(|it| it[1]["more"] = 1.into(), Some((1, Why::Hash)));
    check(
        |it| drop(it[1].as_object_mut().map(|it| it.remove("reason"))),
        Some((1, Why::Hash)),
    );
}

#[test]
fn a_record_that_is_left_out_added_or_moved_breaks_the_chain() {
    check(|it| drop(it.remove(0)), Some((0, Why::Number)));
    check(|it| drop(it.remove(1)), Some((1, Why::Number)));
    check(|it| it.swap(0, 1), Some((0, Why::Number)));
    check(|it| it.insert(1, it[0].clone()), Some((1, Why::Number)));
    check(|it| it.push(Value::Null), Some((3, Why::Shape)));
}

#[test]
fn a_record_hashed_anew_breaks_the_one_after_it() {
    check(
        |it| {
            it[0]["reason"] = "another".into();
            let hash = link(Hash::default(), it[0].as_object().expect("an object"));
            it[0]["hash"] = hash.to_string().into();
        },
        Some((1, Why::Hash)),
    );
}

#[test]
fn the_order_of_members_does_not_count() {
    check(
        |it| {
            let members = it[0].as_object().expect("an object").clone();
            it[0] = members.into_iter().rev().collect::<Map<_, _>>().into();
        },
        None,
    );
}
