use std::path::Path;

use super::{Config, Environment};
use crate::failure::Failure;

const FILE: &str = r#"
ruleset = "flags.json"

[environments.production]
url = "https://flags.example.com"

[environments.staging]
url = "https://staging.example.com"
environment = "next"
"#;

fn config(text: &str) -> Config {
    toml::from_str(text).expect("it is a config")
}

/// What is chosen for `--environment` and `--url`: its name, its address, what the edge calls it.
#[track_caller]
fn check(config: &Config, given: [Option<&str>; 2], want: Result<[&str; 3], &str>) {
    let [name, url] = given;
    let found = config
        .environment(name, url)
        .map_err(|failure| match failure {
            Failure::Usage(sentence) | Failure::No(sentence) => sentence,
            other => format!("{other:?}"),
        });
    let want = want.map(|[name, url, there]| {
        let there = (!there.is_empty()).then(|| there.to_owned());
        (
            name.to_owned(),
            Environment {
                url: url.to_owned(),
                environment: there,
            },
        )
    });
    assert_eq!(found, want.map_err(ToOwned::to_owned));
}

#[test]
fn the_command_line_comes_before_the_variables_and_they_before_the_file() {
    let file = || config(&format!("environment = \"production\"\n{FILE}"));
    let production = "https://flags.example.com";
    check(&file(), [None, None], Ok(["production", production, ""]));
    let named = file().overridden(None, Some("staging".to_owned()), None);
    check(
        &named,
        [None, None],
        Ok(["staging", "https://staging.example.com", "next"]),
    );
    check(
        &named,
        [Some("production"), None],
        Ok(["production", production, ""]),
    );
    let placed = file().overridden(
        None,
        Some("staging".to_owned()),
        Some("http://a".to_owned()),
    );
    check(&placed, [None, None], Ok(["staging", "http://a", "next"]));
    check(
        &placed,
        [None, Some("http://b")],
        Ok(["staging", "http://b", "next"]),
    );

    let moved = file().overridden(Some("other.json".into()), None, None);
    let ruleset = |config: &Config, given| config.ruleset(given).ok();
    assert_eq!(
        ruleset(&file(), None).as_deref(),
        Some(Path::new("flags.json"))
    );
    assert_eq!(
        ruleset(&moved, None).as_deref(),
        Some(Path::new("other.json"))
    );
    assert_eq!(
        ruleset(&moved, Some(Path::new("-"))).as_deref(),
        Some(Path::new("-"))
    );
    assert!(Config::default().ruleset(None).is_err());
}

#[test]
fn an_environment_is_named_unless_there_is_one_only() {
    let none = "no environment is named: name one with `--environment`, or write `environment = \"production\"` into vexil.toml";
    check(&config(FILE), [None, None], Err(none));
    check(&Config::default(), [None, None], Err(none));
    let one = config("[environments.test]\nurl = \"http://a\"");
    check(&one, [None, None], Ok(["test", "http://a", ""]));
    let meant = "there is no environment `stagin` (did you mean `staging`?)";
    check(&config(FILE), [Some("stagin"), None], Err(meant));
    check(
        &Config::default(),
        [None, Some("http://a")],
        Ok(["production", "http://a", ""]),
    );
    check(
        &Config::default(),
        [Some("x"), Some("http://a")],
        Ok(["x", "http://a", ""]),
    );
}

#[test]
fn what_nobody_understands_is_refused() {
    for text in [
        "rulesets = 1",
        "[environments.a]\nurl = \"u\"\ntoken = \"t\"",
        "[environments.a]",
    ] {
        assert!(toml::from_str::<Config>(text).is_err(), "{text}");
    }
}
