//! A namespace of Flipt, as its server hands it to evaluating clients.

use serde_json::{Value, json};

use crate::set::{Flag, Rule, SEGMENT, Serve, Set, TEXTS, WEIGHTS};

pub fn flipt(set: &Set) -> Value {
    let flags: Vec<Value> = set.flags.iter().map(|it| flag(it, &set.members)).collect();
    json!({ "namespace": { "key": "default", "name": "default" }, "flags": flags })
}

fn flag(flag: &Flag, members: &[String]) -> Value {
    let kind = if flag.serve.is_boolean() {
        "BOOLEAN_FLAG_TYPE"
    } else {
        "VARIANT_FLAG_TYPE"
    };
    let mut written = json!({
        "key": flag.key, "name": flag.key, "description": "", "type": kind, "enabled": !flag.serve.is_boolean(),
        "createdAt": "2026-01-01T00:00:00Z", "updatedAt": "2026-01-01T00:00:00Z", "rules": [], "rollouts": [],
    });
    if !flag.serve.is_boolean() {
        written["defaultVariant"] = json!({ "id": TEXTS[3], "key": TEXTS[3], "attachment": "" });
    }
    match &flag.serve {
        Serve::On => written["enabled"] = json!(true),
        Serve::Off => {}
        Serve::Boolean(rules) => {
            let segments = rules.iter().map(|rule| matching(rule));
            written["rollouts"] = segments.enumerate().map(on).collect();
        }
        Serve::Text(rules) => {
            let rules = rules.iter().zip(TEXTS).enumerate();
            written["rules"] = rules
                .map(|(index, (rule, text))| ruled(index, matching(rule), &[(text, 100)]))
                .collect();
        }
        Serve::Split => {
            let arms: Vec<_> = TEXTS.iter().copied().zip(WEIGHTS).collect();
            written["rules"] = json!([ruled(0, segment("everyone", &[]), &arms)]);
        }
        Serve::Percent(percent) => {
            written["rollouts"] = json!([{
                "type": "THRESHOLD_ROLLOUT_TYPE", "rank": 1, "threshold": { "percentage": percent, "value": true },
            }]);
        }
        Serve::Members => {
            let is_member = one_of(
                "ENTITY_ID_CONSTRAINT_COMPARISON_TYPE",
                "entity",
                json!(members),
            );
            written["rollouts"] = json!([on((0, segment(SEGMENT, &[is_member])))]);
        }
    }
    written
}

fn on((index, segment): (usize, Value)) -> Value {
    json!({
        "type": "SEGMENT_ROLLOUT_TYPE", "rank": index + 1,
        "segment": { "value": true, "segmentOperator": "OR_SEGMENT_OPERATOR", "segments": [segment] },
    })
}

fn ruled(index: usize, segment: Value, arms: &[(&str, u32)]) -> Value {
    let arm = |(text, weight): &(&str, u32)| {
        json!({
            "ruleId": format!("rule-{index}"), "variantId": text, "variantKey": text, "variantAttachment": "", "rollout": weight,
        })
    };
    let arms: Vec<Value> = arms.iter().map(arm).collect();
    json!({
        "id": format!("rule-{index}"), "rank": index + 1, "segmentOperator": "OR_SEGMENT_OPERATOR", "segments": [segment],
        "distributions": arms,
    })
}

fn matching(rule: &Rule<'_>) -> Value {
    let country = one_of(
        "STRING_CONSTRAINT_COMPARISON_TYPE",
        "country",
        json!(rule.countries),
    );
    let plan = json!({ "type": "STRING_CONSTRAINT_COMPARISON_TYPE", "property": "plan", "operator": "eq", "value": rule.plan });
    segment("rule", &[country, plan])
}

fn one_of(kind: &str, property: &str, values: Value) -> Value {
    json!({ "type": kind, "property": property, "operator": "isoneof", "value": values.to_string() })
}

fn segment(key: &str, constraints: &[Value]) -> Value {
    json!({
        "key": key, "name": key, "description": "", "matchType": "ALL_SEGMENT_MATCH_TYPE", "constraints": constraints,
        "createdAt": "2026-01-01T00:00:00Z", "updatedAt": "2026-01-01T00:00:00Z",
    })
}
