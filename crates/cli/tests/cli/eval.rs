//! What `vexil eval` and `vexil explain` say.

use serde_json::{Value, json};

use super::{check, printed, vexil, vexil_reading};

#[test]
fn eval_prints_a_table_of_all_flags() {
    check(
        &[
            "eval",
            "shop.json",
            "--context",
            r#"{"email":"a@example.com"}"#,
        ],
        0,
        "flag      value               variant  reason           rule\n\
         checkout  true                on       TARGETING_MATCH  staff\n\
         prices    {\"currency\":\"EUR\"}  plain    STATIC\n",
        "",
    );
}

#[test]
fn eval_prints_json_for_machines() {
    let context = r#"{"targetingKey":"user-1","app":{"version":"2.1.0"}}"#;
    let printed = printed(&[
        "eval",
        "shop.json",
        "--context",
        context,
        "--flag",
        "checkout",
        "--json",
    ]);
    let answers: Value = serde_json::from_str(&printed).expect("it is JSON");
    let checkout = answers.get("checkout").expect("it has the flag");
    assert_eq!(
        (checkout.get("reason"), checkout.get("rule")),
        (Some(&json!("SPLIT")), Some(&json!("1")))
    );

    let printed = self::printed(&["eval", "shop.json", "--flag", "checkout", "--json"]);
    let missing = json!({ "checkout": { "value": false, "variant": "off", "reason": "DEFAULT", "missingUnit": true } });
    assert_eq!(
        serde_json::from_str::<Value>(&printed).expect("it is JSON"),
        missing
    );
}

#[test]
fn eval_reads_the_context_from_a_file() {
    let folder = tempfile::tempdir().expect("there is room");
    let path = folder.path().join("context.json");
    std::fs::write(&path, r#"{"email":"a@example.com"}"#).expect("it can be written");
    let context = format!("@{}", path.display());
    let printed = printed(&[
        "eval",
        "shop.json",
        "--context",
        &context,
        "--flag",
        "checkout",
    ]);
    assert!(printed.contains("TARGETING_MATCH"), "{printed}");
}

#[test]
fn a_lone_surrogate_is_read_as_every_runtime_reads_it() {
    let context = r#"{"targetingKey":"u\ud800"}"#;
    let printed = printed(&["explain", "shop.json", "checkout", "--context", context]);
    assert!(printed.starts_with("checkout: "), "{printed}");
}

#[test]
fn explain_says_how_a_flag_comes_to_its_answer() {
    let context = r#"{"targetingKey":"user-1","email":"a@example.org","app":{"version":"2.0.0"}}"#;
    check(
        &["explain", "shop.json", "checkout", "--context", context],
        0,
        "checkout: off (SPLIT)\n\
         \x20 rule 0 \"staff\": no\n\
         \x20   segment staff: email is \"a@example.org\", does not end with \"@example.com\"\n\
         \x20 rule 1: no\n\
         \x20   /app/version is \"2.0.0\", not within >=2.1.0\n\
         \x20 default: off\n\
         \x20   release checkout-ga has not started: off\n",
        "",
    );
}

#[test]
fn explain_prints_json_for_machines() {
    let printed = printed(&["explain", "shop.json", "prices", "--json"]);
    let want = json!({
        "flag": "prices", "variant": "plain", "value": { "currency": "EUR" }, "reason": "STATIC", "state": "on",
        "steps": [{ "part": "default", "serves": "plain" }]
    });
    assert_eq!(
        serde_json::from_str::<Value>(&printed).expect("it is JSON"),
        want
    );
    check(
        &["explain", "shop.json", "chekout"],
        1,
        "",
        "there is no flag `chekout` (did you mean `checkout`?)\n",
    );
}

#[test]
fn a_context_comes_from_files_flags_and_standard_input() {
    let folder = tempfile::tempdir().expect("there is room");
    let staff = "flag      value  variant  reason           rule\ncheckout  true   on       TARGETING_MATCH  staff\n";
    for (name, text) in [
        ("a.yaml", "email: a@example.com"),
        ("a.toml", "email = 'a@example.com'"),
        ("a.json", r#"{"email":"a@example.com"}"#),
    ] {
        let path = folder.path().join(name);
        std::fs::write(&path, text).expect("it can be written");
        let context = format!("@{}", path.display());
        check(
            &["eval", "shop.json", "-f", "checkout", "-c", &context],
            0,
            staff,
            "",
        );
    }
    check(
        &[
            "eval",
            "shop.json",
            "-f",
            "checkout",
            "--set",
            "email=a@example.com",
        ],
        0,
        staff,
        "",
    );
    let arguments = ["eval", "shop.json", "-f", "checkout", "-c", "-"];
    let output = vexil_reading(r#"{"email":"a@example.com"}"#, &arguments);
    assert_eq!(String::from_utf8_lossy(&output.stdout), staff);
    // What is set comes after what was read.
    let output = vexil_reading(
        r#"{"email":"a@example.com","app":{"version":"1.0.0"}}"#,
        &[
            "explain",
            "shop.json",
            "checkout",
            "-c",
            "-",
            "-s",
            "email=b",
            "-s",
            "/app/version=2.1.0",
        ],
    );
    let text = String::from_utf8_lossy(&output.stdout);
    assert!(text.contains("email is \"b\", does not end with"), "{text}");
    assert!(
        text.contains("/app/version is \"2.1.0\", within >=2.1.0"),
        "{text}"
    );
}

#[test]
fn standard_input_is_one_thing() {
    for command in [&["eval", "-"][..], &["explain", "-", "f"]] {
        let ruleset = r#"{ "flags": { "f": { "type": "boolean", "variants": { "a": true },
            "offVariant": "a", "default": "a" } } }"#;
        let output = vexil_reading(ruleset, &[command, &["-c", "-"]].concat());
        assert_eq!(output.status.code(), Some(2));
        assert_eq!(
            String::from_utf8_lossy(&output.stderr),
            "the ruleset and the context are both `-`, expected one of them from a file\n"
        );
    }
}

#[test]
fn several_flags_are_asked_for_by_name() {
    check(
        &[
            "eval",
            "shop.json",
            "-f",
            "prices",
            "-f",
            "checkout",
            "-f",
            "prices",
        ],
        0,
        "flag      value               variant  reason            rule\n\
         checkout  false               off      DEFAULT, no unit\n\
         prices    {\"currency\":\"EUR\"}  plain    STATIC\n",
        "",
    );
}

#[test]
fn the_ruleset_is_the_configured_one_unless_one_is_named() {
    let folder = tempfile::tempdir().expect("there is room");
    let inner = folder.path().join("inner");
    std::fs::create_dir(&inner).expect("it can be made");
    let ruleset = |value: bool| {
        let flag = json!({ "type": "boolean", "variants": { "a": value }, "offVariant": "a", "default": "a" });
        json!({ "flags": { "f": flag } }).to_string()
    };
    let write = |name: &str, text: &str| {
        std::fs::write(folder.path().join(name), text).expect("it can be written");
    };
    write("vexil.toml", "ruleset = 'mine.json'");
    write("mine.json", &ruleset(true));
    write("other.json", &ruleset(false));
    let answer = |variables: &[(&str, &str)], arguments: &[&str]| {
        let mut command = std::process::Command::new(env!("CARGO_BIN_EXE_vexil"));
        let command = command.current_dir(&inner).envs(variables.iter().copied());
        let output = command.args(["eval", "--json"]).args(arguments).output();
        let output = output.expect("it starts");
        let answers: Value = serde_json::from_slice(&output.stdout).ok()?;
        answers.pointer("/f/value").cloned()
    };
    assert_eq!(answer(&[], &[]), Some(json!(true)));
    assert_eq!(
        answer(&[("VEXIL_RULESET", "../other.json")], &[]),
        Some(json!(false))
    );
    assert_eq!(
        answer(&[("VEXIL_RULESET", "../other.json")], &["../mine.json"]),
        Some(json!(true))
    );
    write("b.toml", "ruleset = 'other.json'");
    assert_eq!(
        answer(&[("VEXIL_CONFIG", "../b.toml")], &[]),
        Some(json!(false))
    );
    assert_eq!(
        answer(&[("VEXIL_CONFIG", "none")], &["--config", "../b.toml"]),
        Some(json!(false))
    );
    write("vexil.toml", "rulset = 'mine.json'");
    assert_eq!(answer(&[], &[]), None);
    let mut command = std::process::Command::new(env!("CARGO_BIN_EXE_vexil"));
    let output = command
        .current_dir(folder.path())
        .arg("eval")
        .output()
        .expect("it starts");
    assert_eq!(output.status.code(), Some(2));
    let notes = String::from_utf8_lossy(&output.stderr).into_owned();
    assert!(
        notes.starts_with("vexil.toml: TOML parse error at line 1, column 1\n"),
        "{notes}"
    );
    assert!(notes.contains("unknown field `rulset`"), "{notes}");
    let without = vexil(&["eval"]);
    assert_eq!(without.status.code(), Some(2));
}
