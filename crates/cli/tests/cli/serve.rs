//! How `vexil serve` begins, and what it says of saves. `tests/ofrep` asks it as clients do.

use std::io::{BufRead, BufReader, Read};
use std::net::TcpListener;
use std::process::{Child, Command, Stdio};

use super::{FILES, check};

struct Served(Child);

impl Drop for Served {
    fn drop(&mut self) {
        // It may have ended by itself.
        let _ = self.0.kill();
        let _ = self.0.wait();
    }
}

#[test]
fn a_ruleset_with_issues_is_not_served() {
    let output = super::vexil(&["serve", "broken.json", "--port", "0"]);
    assert_eq!(output.status.code(), Some(1));
    let notes = String::from_utf8_lossy(&output.stderr).into_owned();
    assert!(notes.contains("/flags/checkout/default"), "{notes}");
}

#[test]
fn a_port_that_is_taken_is_named() {
    let taken = TcpListener::bind("127.0.0.1:0").expect("some port is free");
    let port = taken.local_addr().expect("it has one").port();
    check(
        &["serve", "shop.json", "--port", &port.to_string()],
        3,
        "",
        &format!(
            "cannot listen at 127.0.0.1:{port}: Address already in use (os error 98); --port names another, 0 one that is free\n"
        ),
    );
}

#[test]
fn saves_are_told_to_people() {
    let folder = tempfile::tempdir().expect("there is room");
    let path = folder.path().join("flags.json");
    let text = std::fs::read_to_string(format!("{FILES}/shop.json")).expect("it can be read");
    std::fs::write(&path, &text).expect("it can be written");
    let child = Command::new(env!("CARGO_BIN_EXE_vexil"))
        .args(["serve", "flags.json", "--port", "0"])
        .current_dir(folder.path())
        .stdin(Stdio::null())
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .spawn()
        .expect("it starts");
    let mut served = Served(child);
    let out = served.0.stdout.take().expect("it has an output");
    let mut lines = BufReader::new(out).lines();
    let mut line = || lines.next().expect("a line").expect("it is text");
    let first = line();
    assert!(
        first.starts_with("serving 2 flags of flags.json at http://127.0.0.1:"),
        "{first}"
    );
    std::fs::write(&path, text.replace("\"staff\" }", "\"stuff\" }")).expect("it can be written");
    std::thread::sleep(std::time::Duration::from_millis(500));
    std::fs::write(&path, text.replace("EUR", "CHF")).expect("it can be written");
    assert_eq!(line(), "flags.json was saved: 2 flags");
    served.0.kill().expect("it runs");
    let mut notes = String::new();
    let mut errors = served.0.stderr.take().expect("it has one");
    errors.read_to_string(&mut notes).expect("it is text");
    assert!(
        notes.contains("unknown segment `stuff` (did you mean `staff`?)\n --> flags.json:8:"),
        "{notes}"
    );
    let end = "flags.json has issues; its flags stay as they were before\n";
    assert!(notes.ends_with(end), "{notes}");
}
