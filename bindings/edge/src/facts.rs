//! What the edge knows of a request that its client need not say: the attributes `$edge/…`.
//!
//! | attribute | value | source |
//! |---|---|---|
//! | `$edge/country` | `DE`: ISO 3166-1 alpha-2, `T1` for Tor | `request.cf` |
//! | `$edge/region`, `$edge/city`, `$edge/continent`, `$edge/timezone` | `Hesse`, `Frankfurt am Main`, `EU`, `Europe/Berlin` | `request.cf` |
//! | `$edge/colo` | `FRA`: the data centre | `request.cf` |
//! | `$edge/asn` | a number: the network the request came from | `request.cf` |
//! | `$edge/botScore` | 1 (a bot, surely) to 99, where bot management is on | `request.cf` |
//! | `$edge/agent` | `bot`, `mobile` or `desktop` | `Sec-CH-UA-Mobile`, `User-Agent` |
//!
//! On a single server there is no `request.cf` but what a client says in a header of the runtime, so `local.mjs` sets
//! `VEXIL_REQUEST_CF` to `off`, and only the last is there.

use serde_json::Value as Json;
use worker::js_sys::Reflect;
use worker::wasm_bindgen::JsValue;
use worker::web_sys::Request;

use crate::deployment::Deployment;

const TEXTS: [&str; 6] = ["country", "region", "city", "continent", "timezone", "colo"];

/// The facts of `request`, each with its name after `$edge/`.
pub(crate) fn of(request: &Request, deployment: &Deployment) -> Vec<(&'static str, Json)> {
    let cf = if deployment.has_request_cf {
        member(request, "cf")
    } else {
        JsValue::UNDEFINED
    };
    let mut facts = Vec::new();
    for name in TEXTS {
        if let Some(text) = member(&cf, name).as_string() {
            facts.push((name, Json::from(text)));
        }
    }
    let bot_score = member(&member(&cf, "botManagement"), "score");
    for (name, number) in [("asn", member(&cf, "asn")), ("botScore", bot_score)] {
        if let Some(number) = number.as_f64() {
            facts.push((name, Json::from(number)));
        }
    }
    let headers = request.headers();
    let header = |name| headers.get(name).ok().flatten().unwrap_or_default();
    if let Some(agent) = agent(&header("sec-ch-ua-mobile"), &header("user-agent")) {
        facts.push(("agent", Json::from(agent)));
    }
    facts
}

/// A member of a JavaScript object; `undefined` where there is none, or no object.
fn member(object: &JsValue, name: &str) -> JsValue {
    Reflect::get(object, &JsValue::from_str(name)).unwrap_or_default()
}

/// Which class of user agent says this of itself.
fn agent(is_mobile: &str, user_agent: &str) -> Option<&'static str> {
    let user_agent = user_agent.to_ascii_lowercase();
    let names = |name: &&str| user_agent.contains(*name);
    if ["bot", "crawler", "spider"].iter().any(names) {
        return Some("bot");
    }
    match is_mobile {
        "?1" => Some("mobile"),
        "?0" => Some("desktop"),
        _ if user_agent.is_empty() => None,
        _ if names(&"mobi") => Some("mobile"),
        _ => Some("desktop"),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_agent_is_what_it_says_first_in_the_hint_then_in_its_name() {
        for (hint, name, want) in [
            ("", "", None),
            ("?1", "", Some("mobile")),
            (
                "?0",
                "Mozilla/5.0 (Linux; Android 14) Mobile",
                Some("desktop"),
            ),
            (
                "",
                "Mozilla/5.0 (iPhone; CPU iPhone OS 18_0 like Mac OS X) Mobile/15E148",
                Some("mobile"),
            ),
            (
                "",
                "Mozilla/5.0 (X11; Linux x86_64) Firefox/140.0",
                Some("desktop"),
            ),
            ("?0", "Mozilla/5.0 (compatible; Googlebot/2.1)", Some("bot")),
        ] {
            assert_eq!(agent(hint, name), want, "{hint} {name}");
        }
    }
}
