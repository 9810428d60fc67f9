//! What `vexil types` writes, as compilers read it.

use std::fs;
use std::path::Path;
use std::process::Command;

use super::{check, printed, vexil};

const WRITTEN: &str = concat!(
    env!("CARGO_MANIFEST_DIR"),
    "/../../bindings/browser/test/types/written.ts"
);

/// What uses the module of `typed.json`.
const MAIN: &str = r#"
mod flags;
fn main() {
    assert_eq!([flags::CHECKOUT, flags::RATE_V2, flags::RATE_V2_2], ["checkout", "rate.v2", "rate_v2"]);
    assert_eq!(flags::RateV22::KEY, flags::RATE_V2_2);
    let light = flags::Self_::Light;
    assert_eq!((light.value(), light.variant()), ("li\"ght'\\\n", "light"));
    assert_eq!(flags::Self_::from_value("dark"), Some(flags::Self_::_2));
    assert_eq!(flags::Self_::from_value("light"), None);
}
"#;

/// `tsc` compiles it with the types of the npm package: `cargo xtask test types`.
#[test]
fn the_interface_that_tsc_checks_is_what_is_written_now() {
    check(
        &["types", "typed.json", "-o", WRITTEN, "--check"],
        0,
        &format!("{WRITTEN}: is what typed.json says\n"),
        "",
    );
}

#[test]
fn the_module_compiles_and_says_what_the_ruleset_says() {
    let folder = tempfile::tempdir().expect("there is room");
    let [main, flags, binary] = ["main.rs", "flags.rs", "main"].map(|it| folder.path().join(it));
    fs::write(&main, MAIN).expect("it can be written");
    let output = flags.to_str().expect("it is text");
    check(
        &["types", "typed.json", "-o", output],
        0,
        &format!("{output}: written\n"),
        "",
    );
    let run = |command: &mut Command| {
        let output = command.output().expect("it starts");
        let notes = String::from_utf8_lossy(&output.stderr).into_owned();
        assert!(output.status.success(), "{notes}");
    };
    run(Command::new("rustc")
        .args(["--edition", "2021", "-D", "warnings", "-o"])
        .args([&binary, &main]));
    run(&mut Command::new(&binary));
    run(Command::new("rustfmt").args(["--edition", "2024", "--check", output]));
}

#[test]
fn a_file_that_is_stale_fails_the_check() {
    let folder = tempfile::tempdir().expect("there is room");
    let path = folder.path().join("flags.ts");
    let output = path.to_str().expect("it is text");
    let stale = format!(
        "{output}: is not what shop.json says; `vexil types shop.json -o {output}` writes it anew\n"
    );
    let checked = ["types", "shop.json", "-o", output, "--check"];
    check(&checked, 1, "", &stale);
    assert!(!Path::new(output).exists());
    printed(&["types", "typed.json", "-o", output]);
    check(&checked, 1, "", &stale);
    printed(&["types", "shop.json", "-o", output]);
    assert_eq!(vexil(&checked).status.code(), Some(0));
    check(
        &["types", "shop.json", "-o", output],
        0,
        &format!("{output}: is as it was\n"),
        "",
    );
}

#[test]
fn flags_that_no_browser_sees_can_be_left_out() {
    assert!(printed(&["types", "typed.json"]).contains("rate_v2"));
    assert!(!printed(&["types", "typed.json", "--exposed-only"]).contains("rate_v2"));
}
