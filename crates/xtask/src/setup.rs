//! What has to be on the machine before anything can be built, and the sentence for each thing that is not.

use std::fs;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};

use crate::failure::Failure;
use crate::shell::Shell;

/// The oldest Node that can `require` an ES module without a flag, as consumers of the package will.
const NODE: Version = Version {
    major: 20,
    minor: 19,
};
/// What browsers and the edge run.
pub(crate) const WASM: &str = "wasm32-unknown-unknown";
/// WebAssembly without a standard library: what compiles for it is `no_std`.
pub(crate) const BARE: &str = "wasm32v1-none";

#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
struct Version {
    major: u32,
    minor: u32,
}

/// Node and npm, in versions that can do the work.
pub(crate) fn node() -> Result<(), Failure> {
    let advice = format!(
        "install version {}.{} or newer, from https://nodejs.org/en/download or with your package manager, and try again",
        NODE.major, NODE.minor
    );
    let said = ask("node", "--version")
        .ok_or_else(|| Failure::Setup(format!("Node.js is missing: {advice}.")))?;
    match version(&said) {
        None => Err(Failure::Setup(format!(
            "`node --version` printed `{}`, which is no version: {advice}.",
            said.trim()
        ))),
        Some(found) if found < NODE => Err(Failure::Setup(format!(
            "Node.js {} is too old: {advice}.",
            said.trim()
        ))),
        Some(_) => Ok(()),
    }?;
    let sentence = "npm is missing: it comes with Node.js from https://nodejs.org/en/download; Debian and Ubuntu have it in `apt-get install npm`.";
    ask("npm", "--version")
        .map(drop)
        .ok_or_else(|| Failure::Setup(sentence.to_owned()))
}

/// The standard library for `target`, added through rustup when it is missing.
pub(crate) fn rust_target(shell: &Shell, target: &str) -> Result<(), Failure> {
    let printed = shell.step(
        "looking for the Rust target",
        shell
            .command("rustc")
            .args(["--print", "target-libdir", "--target", target]),
    )?;
    let libraries = String::from_utf8_lossy(&printed.stdout).trim().to_owned();
    if Path::new(&libraries).is_dir() {
        return Ok(());
    }
    let mut command = shell.command("rustup");
    command.args(["target", "add", target]);
    let sentence = |why: &str| {
        Failure::Setup(format!(
            "the Rust target {target} is missing and {why}: run `rustup target add {target}`, and try again."
        ))
    };
    match shell.attempt(&format!("adding the Rust target {target}"), &mut command) {
        Ok(outcome) if outcome.status.success() => Ok(()),
        Ok(outcome) => {
            shell.show(&outcome.printed.all);
            Err(sentence("could not be added (is there a network?)"))
        }
        Err(Failure::Setup(_)) => Err(sentence(
            "rustup is not there to add it (https://rustup.rs)",
        )),
        Err(failure) => Err(failure),
    }
}

/// A Chromium or Chrome for tests, from the system's packages when there is none.
pub(crate) fn chromium(shell: &Shell) -> Result<PathBuf, Failure> {
    if let Some(path) = find_chromium()? {
        return Ok(path);
    }
    let is_ubuntu = fs::read_to_string("/etc/os-release")
        .is_ok_and(|text| text.lines().any(|line| line == "ID=ubuntu"));
    let package = if is_ubuntu {
        "chromium-browser"
    } else {
        "chromium"
    };
    let sentence = format!(
        "Chromium is missing: run `{}`, or name one in VEXIL_CHROMIUM, and try again.",
        install_words(package).join(" ")
    );
    install(shell, package, &sentence)?;
    find_chromium()?.ok_or(Failure::Setup(sentence))
}

/// Valgrind, which counts instructions; from the system's packages when there is none.
pub(crate) fn valgrind(shell: &Shell) -> Result<(), Failure> {
    if find("valgrind").is_some() {
        return Ok(());
    }
    let sentence = format!(
        "Valgrind is missing: run `{}`, and try again.",
        install_words("valgrind").join(" ")
    );
    install(shell, "valgrind", &sentence)?;
    find("valgrind").map(drop).ok_or(Failure::Setup(sentence))
}

/// How somebody installs `package` by hand.
fn install_words(package: &str) -> [&str; 6] {
    [
        "sudo",
        "apt-get",
        "install",
        "--yes",
        "--no-install-recommends",
        package,
    ]
}

/// Installs a package of the system; fails with `sentence` where that cannot be tried.
fn install(shell: &Shell, package: &str, sentence: &str) -> Result<(), Failure> {
    let is_root = ask("id", "-u").is_some_and(|id| id.trim() == "0");
    let prefix: &[&str] = if is_root { &[] } else { &["sudo", "-n"] };
    if find("apt-get").is_none() || prefix.first().is_some_and(|sudo| find(sudo).is_none()) {
        return Err(Failure::Setup(sentence.to_owned()));
    }
    let attempt = |arguments: &[&str], label: &str| {
        let mut words = prefix.iter().chain(arguments);
        let mut command = shell.command(words.next().copied().unwrap_or_default());
        command.args(words).env("DEBIAN_FRONTEND", "noninteractive");
        shell.attempt(label, &mut command)
    };
    attempt(&["apt-get", "update"], "reading the package lists")?;
    let [_, words @ ..] = install_words(package);
    let outcome = attempt(&words, &format!("installing {package}"))?;
    if !outcome.status.success() {
        shell.show(&outcome.printed.all);
    }
    Ok(())
}

fn find_chromium() -> Result<Option<PathBuf>, Failure> {
    if let Some(named) = std::env::var_os("VEXIL_CHROMIUM").map(PathBuf::from) {
        return if named.is_file() {
            Ok(Some(named))
        } else {
            Err(Failure::Setup(format!(
                "VEXIL_CHROMIUM names {}, which is no file.",
                named.display()
            )))
        };
    }
    Ok([
        "chromium",
        "google-chrome-stable",
        "google-chrome",
        "chromium-browser",
    ]
    .into_iter()
    .find_map(find))
}

/// The file that `program` names in PATH.
fn find(program: &str) -> Option<PathBuf> {
    let path = std::env::var_os("PATH")?;
    std::env::split_paths(&path)
        .map(|folder| folder.join(program))
        .find(|file| file.is_file())
}

fn ask(program: &str, question: &str) -> Option<String> {
    let output = Command::new(program)
        .arg(question)
        .stdin(Stdio::null())
        .stderr(Stdio::null())
        .output()
        .ok()?;
    output
        .status
        .success()
        .then(|| String::from_utf8_lossy(&output.stdout).into_owned())
}

fn version(said: &str) -> Option<Version> {
    let mut parts = said.trim().strip_prefix('v')?.split('.');
    let mut next = || parts.next()?.parse().ok();
    Some(Version {
        major: next()?,
        minor: next()?,
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[track_caller]
    fn check(said: &str, want: Option<bool>) {
        assert_eq!(version(said).map(|found| found >= NODE), want, "{said}");
    }

    #[test]
    fn a_version_is_compared_by_number() {
        check("v20.19.0\n", Some(true));
        check("v20.20.2\n", Some(true));
        check("v26.0.0-nightly\n", Some(true));
        check("v20.9.0\n", Some(false));
        check("v18.20.8\n", Some(false));
        check("v9.99.0\n", Some(false));
    }

    #[test]
    fn what_is_no_version_is_told_apart() {
        check("", None);
        check("command not found", None);
        check("v20", None);
    }
}
