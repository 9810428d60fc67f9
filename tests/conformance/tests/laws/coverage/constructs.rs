//! Which constructs of the language a ruleset has.

use serde_json::{Value, json};

use super::Seen;

pub(super) fn count_flag(flag: &Value, seen: &mut Seen) {
    for key in ["targets", "requires"] {
        if flag.get(key).is_some() {
            seen.count(key);
        }
    }
    if flag["enabled"] == false {
        seen.count("disabled");
    }
    seen.count(flag["expose"].as_str().expect("expose"));
    count_serve(&flag["default"], seen);
    for rule in flag["rules"].as_array().expect("rules") {
        if rule.get("name").is_some() {
            seen.count("rule: named");
        }
        count_condition(&rule["when"], seen);
        count_serve(&rule["serve"], seen);
    }
}

fn count_serve(serve: &Value, seen: &mut Seen) {
    if serve.get("split").is_none() {
        let is_release = serve.get("release").is_some();
        return seen.count(if is_release {
            "serve: release"
        } else {
            "serve: variant"
        });
    }
    seen.count("serve: split");
    seen.count(format!(
        "split: {}",
        serve
            .get("hash")
            .map_or("ours", |hash| hash.as_str().expect("hash"))
    ));
    for key in ["by", "salt", "exposure"] {
        if serve.get(key).is_some() {
            seen.count(format!("split: {key}"));
        }
    }
}

pub(super) fn count_release(release: &Value, seen: &mut Seen) {
    if release.get("by").is_some() {
        seen.count("release: by");
    }
    for stage in release["stages"].as_array().expect("stages") {
        seen.count(match (stage.get("audience"), stage.get("percent")) {
            (None, None) => "stage: plain",
            (None, Some(_)) => "stage: percent",
            (Some(_), None) => "stage: audience",
            (Some(_), Some(_)) => "stage: audience, percent",
        });
        if let Some(audience) = stage.get("audience") {
            let mut inner = Seen::default();
            count_condition(audience, &mut inner);
            for key in [
                "flag",
                "segment",
                "time: from",
                "time: until",
                "time: from, until",
            ] {
                if inner.0.contains_key(key) {
                    seen.count(format!(
                        "audience: {}",
                        key.split(':').next().expect("a word")
                    ));
                }
            }
            count_condition(audience, seen);
        }
    }
}

pub(super) fn count_condition(condition: &Value, seen: &mut Seen) {
    let members = condition.as_object().expect("a condition");
    for (key, operand) in members {
        match key.as_str() {
            "all" | "any" => {
                for inner in operand.as_array().expect("conditions") {
                    count_condition(inner, seen);
                }
                seen.count(key);
            }
            "not" => {
                count_condition(operand, seen);
                seen.count(key);
            }
            "time" => {
                let bounds = operand.as_object().expect("bounds");
                let keys: Vec<&str> = bounds.keys().map(String::as_str).collect();
                seen.count(format!("time: {}", keys.join(", ")));
                if bounds.values().any(Value::is_string) {
                    seen.count("time: text");
                }
            }
            "attr" => {
                let name = operand.as_str().expect("a name");
                if name.starts_with('/') {
                    seen.count("attribute: pointer");
                }
                if !name.is_ascii() {
                    seen.count("attribute: outside ASCII");
                }
            }
            "ignoreCase" if *operand == json!(false) => seen.count("ignoreCase: false"),
            "ignoreCase" => {
                let test = ["startsWith", "endsWith", "contains"]
                    .iter()
                    .find(|key| members.contains_key(**key));
                seen.count(format!("{}, ignoreCase", test.expect("a test of text")));
            }
            "cidr" => {
                seen.count("cidr");
                for network in operand.as_array().expect("networks") {
                    let network = network.as_str().expect("a network");
                    seen.count(
                        match (network.starts_with("::ffff:"), network.contains(':')) {
                            (true, _) => "cidr: mapped",
                            (_, true) => "cidr: IPv6",
                            _ => "cidr: IPv4",
                        },
                    );
                    if !network.contains('/') {
                        seen.count("cidr: one address");
                    }
                }
            }
            _ => {
                seen.count(key);
                if operand
                    .as_array()
                    .is_some_and(|operands| operands.len() > 8)
                {
                    seen.count(format!("{key}: many"));
                }
                let form = match operand {
                    Value::Array(_) => "list",
                    Value::Number(_) => "number",
                    Value::String(_) => "text",
                    _ => "other",
                };
                seen.count(format!("{key}: {form}"));
            }
        }
    }
}
