//! The npm dependencies of the lock file, installed only when they are not the ones that are there.

use std::fs;
use std::process::Command;

use serde_json::{Map, Value};

use crate::failure::Failure;
use crate::setup;
use crate::shell::Shell;

/// Makes `node_modules` what `package-lock.json` says.
pub(crate) fn install(shell: &Shell) -> Result<(), Failure> {
    install_in(shell, ".")
}

/// Makes `node_modules` of `folder` what its own `package-lock.json` says.
pub(crate) fn install_in(shell: &Shell, folder: &str) -> Result<(), Failure> {
    setup::node()?;
    let folder = shell.root.join(folder);
    let read = |file: &str| {
        fs::read_to_string(folder.join(file))
            .ok()
            .and_then(|text| serde_json::from_str::<Value>(&text).ok())
    };
    let (wanted, found) = (
        read("package-lock.json"),
        read("node_modules/.package-lock.json"),
    );
    if let (Some(wanted), Some(found)) = (wanted, found)
        && is_installed(&wanted, &found)
    {
        return Ok(());
    }
    // No package here needs its install script, and a script could download from anywhere.
    let mut command = shell.command("npm");
    command.current_dir(&folder).args([
        "ci",
        "--ignore-scripts",
        "--no-audit",
        "--no-fund",
        "--fetch-retry-mintimeout=1000",
        "--fetch-retry-maxtimeout=5000",
    ]);
    let outcome = shell.attempt("installing the npm dependencies", &mut command)?;
    if outcome.status.success() {
        return Ok(());
    }
    shell.show(&outcome.printed.all);
    let sentence = "`npm ci` failed, its output is above. If it could not reach the registry: connect, or name one you can reach (`npm config set registry …`), and try again.";
    Err(Failure::Setup(sentence.to_owned()))
}

/// A program that an npm package brings, run by node.
pub(crate) fn tool(shell: &Shell, name: &str) -> Command {
    shell.command(&format!("node_modules/.bin/{name}"))
}

/// Whether a lock file and the one npm keeps inside `node_modules` name the same packages.
/// Optional ones, made for other systems, may be missing; what is there must be the version wanted.
fn is_installed(wanted: &Value, found: &Value) -> bool {
    let (Some(wanted), Some(found)) = (packages(wanted), packages(found)) else {
        return false;
    };
    let is_there = |path: &str, package: &Value| {
        found
            .get(path)
            .is_some_and(|found| found.get("version") == package.get("version"))
    };
    let is_optional = |package: &Value| package.get("optional") == Some(&Value::Bool(true));
    let nothing_is_missing = wanted
        .iter()
        .filter(|(path, _)| path.starts_with("node_modules/"))
        .all(|(path, package)| {
            is_there(path, package) || (is_optional(package) && !found.contains_key(path))
        });
    let nothing_is_left_over = found.keys().all(|path| wanted.contains_key(path));
    nothing_is_missing && nothing_is_left_over
}

fn packages(lock: &Value) -> Option<&Map<String, Value>> {
    lock.get("packages")?.as_object()
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[track_caller]
    fn check(wanted: &Value, found: &Value, want: bool) {
        assert_eq!(
            is_installed(
                &json!({ "packages": wanted }),
                &json!({ "packages": found })
            ),
            want
        );
    }

    #[test]
    fn the_same_packages_are_not_installed_again() {
        let wanted = json!({
            "": { "name": "root" },
            "www": { "version": "0.1.0" },
            "node_modules/www": { "resolved": "www", "link": true },
            "node_modules/a": { "version": "1.0.0" },
            "node_modules/for-another-system": { "version": "1.0.0", "optional": true },
        });
        let found = json!({
            "www": { "version": "0.1.0" },
            "node_modules/www": { "resolved": "www", "link": true },
            "node_modules/a": { "version": "1.0.0" },
        });
        check(&wanted, &found, true);
    }

    #[test]
    fn a_missing_older_or_left_over_package_is() {
        let a = |version: &str| json!({ "node_modules/a": { "version": version } });
        check(&a("1.0.0"), &json!({}), false);
        check(&a("1.0.0"), &a("0.9.0"), false);
        check(&json!({}), &a("1.0.0"), false);
        let optional = json!({ "node_modules/a": { "version": "1.0.0", "optional": true } });
        check(&optional, &a("0.9.0"), false);
    }

    #[test]
    fn without_a_lock_file_nothing_is_installed() {
        assert!(!is_installed(&Value::Null, &json!({ "packages": {} })));
    }
}
