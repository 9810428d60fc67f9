use std::path::PathBuf;

use super::Source;

/// What `text` stands for, as JSON, or the first thing that keeps it from standing for something.
#[track_caller]
fn check(name: &str, text: &str, want: Result<&str, &str>) {
    let source = Source::new(PathBuf::from(name), text.to_owned());
    let found = source.json().map_err(|issues| issues[0].to_string());
    assert_eq!(found, want.map_err(ToOwned::to_owned), "{text}");
}

/// Source: YAML 1.2.2, examples 10.8 and 10.9 with the table of 10.3.2.
#[test]
fn a_plain_scalar_of_yaml_is_what_the_core_schema_says() {
    for (written, want) in [
        ("", "null"),
        ("~", "null"),
        ("Null", "null"),
        ("nULL", "\"nULL\""),
        ("true", "true"),
        ("FALSE", "false"),
        ("on", "\"on\""),
        ("no", "\"no\""),
        ("0", "0"),
        ("-19", "-19"),
        ("+12", "12"),
        ("0o7", "7"),
        ("0x3A", "58"),
        ("0x", "\"0x\""),
        ("-0x3A", "\"-0x3A\""),
        ("0.", "0.0"),
        (".5", "0.5"),
        ("-0.0", "-0.0"),
        ("12e03", "12000.0"),
        ("-2E+05", "-200000.0"),
        (".", "\".\""),
        ("e5", "\"e5\""),
        ("1e", "\"1e\""),
        ("1_000", "\"1_000\""),
        ("18446744073709551616", "1.8446744073709552e+19"),
        ("2001-12-14", "\"2001-12-14\""),
        ("!!str 12", "\"12\""),
        ("! 12", "\"12\""),
        ("!!float 12", "12"),
        ("'12'", "\"12\""),
        ("\"a\\tb\"", "\"a\\tb\""),
        ("|-\n  a\n  b", "\"a\\nb\""),
    ] {
        check(
            "a.yaml",
            &format!("x: {written}"),
            Ok(&format!("{{\"x\":{want}}}")),
        );
    }
}

#[test]
fn what_json_cannot_say_is_refused_where_it_stands() {
    let infinite = "`-.inf` is no number of JSON, expected one that is finite at line 1, column 4";
    check("a.yaml", "x: -.inf", Err(infinite));
    check(
        "a.yaml",
        "x: !!int 1.5",
        Err("`1.5` is not what `!!int` says at line 1, column 4"),
    );
    check(
        "a.yaml",
        "",
        Err("expected a document, found nothing at line 1, column 1"),
    );
    check(
        "a.toml",
        "é = 1",
        Err("invalid unquoted key, expected letters, numbers, `-`, `_` at line 1, column 1"),
    );
    check(
        "a.toml",
        "x = inf",
        Err("expected a number that is finite at line 1, column 5"),
    );
    let deep = "[".repeat(200);
    check(
        "a.yaml",
        &deep,
        Err("is nested too deeply at line 1, column 129"),
    );
}

#[test]
fn aliases_stand_for_what_they_name_and_come_to_an_end() {
    check(
        "a.yaml",
        "a: &x [1, &y b]\nc: [*x, *y]",
        Ok(r#"{"a":[1,"b"],"c":[[1,"b"],"b"]}"#),
    );
    let first = format!("a0: &a0 {}\n", "lol".repeat(10_000));
    let laughs = (1..30).fold(first, |text, it| {
        let inner = it - 1;
        format!("{text}a{it}: &a{it} [*a{inner}, *a{inner}]\n")
    });
    let source = Source::new(PathBuf::from("a.yaml"), laughs);
    let issues = source.json().expect_err("it is too much");
    let message = issues[0].to_string();
    assert!(
        message.starts_with("comes to more than 26214400 bytes of JSON"),
        "{message}"
    );
}

#[test]
fn toml_is_the_json_it_stands_for() {
    check(
        "a.toml",
        "b.c = 0x1F\na = [1979-05-27T07:32:00Z, 1.0]\n[[t]]\nx = 'y'\n[[t]]\n",
        Ok(r#"{"b":{"c":31},"a":["1979-05-27T07:32:00Z",1.0],"t":[{"x":"y"},{}]}"#),
    );
}

/// Whatever is read, nothing panics, and what is said of it has a place in it.
#[test]
fn every_text_is_read_or_refused() {
    let seeds = [
        include_str!("../../tests/files/broken.yaml"),
        include_str!("../../tests/files/shop.yaml"),
        include_str!("../../tests/files/broken.toml"),
        include_str!("../../tests/files/broken.json"),
        "? &a - |+1\n  é\n: !<x> {*a : '\n",
    ];
    let inserts = [
        "\n", "\t", "é", "*a", "&a ", "- ", "? ", ": ", "{", "]", "\"", "'", "|", "%", "#",
        "---\n", "\u{0}", "!",
    ];
    let mut state = 42_u64;
    let mut random = |below: usize| {
        state = state
            .wrapping_mul(6_364_136_223_846_793_005)
            .wrapping_add(1);
        (state >> 33) as usize % below
    };
    for round in 0..500 {
        let mut text: Vec<char> = seeds[round % seeds.len()].chars().collect();
        for _ in 0..random(6) {
            let at = random(text.len());
            if random(3) == 0 {
                text.truncate(at.max(1));
            } else {
                let insert = inserts[random(inserts.len())].chars();
                text.splice(at..at, insert);
            }
        }
        let text: String = text.into_iter().collect();
        for name in ["a.yaml", "a.toml", "a.json"] {
            let source = Source::new(PathBuf::from(name), text.clone());
            let Err(issues) = source.program() else {
                continue;
            };
            for report in crate::report::of_issues(&source, &issues) {
                let span = report.place.span.unwrap_or_default();
                assert!(
                    text.get(span.clone()).is_some(),
                    "{name} {span:?} of {text:?}"
                );
            }
        }
    }
}
