//! What shells and `man` are given.

use std::fs;
use std::process::Command;

use super::{printed, vexil};

#[test]
fn every_shell_completes_every_command() {
    for shell in ["bash", "zsh", "fish", "powershell", "elvish"] {
        let script = printed(&["completions", shell]);
        for word in ["vexil", "diff", "timeline", "by-segment"] {
            assert!(script.contains(word), "{shell} lacks {word}");
        }
    }
    assert_eq!(vexil(&["completions", "tcsh"]).status.code(), Some(2));
}

#[test]
fn bash_completes_as_it_is_typed() {
    let folder = tempfile::tempdir().expect("there is room");
    let script = folder.path().join("vexil.bash");
    fs::write(&script, printed(&["completions", "bash"])).expect("it can be written");
    let typed = "source \"$0\"; COMP_WORDS=(vexil comp); COMP_CWORD=1; _vexil vexil comp vexil; echo ${COMPREPLY[@]}";
    let output = Command::new("bash")
        .args(["-c", typed])
        .arg(&script)
        .output()
        .expect("bash is there");
    assert_eq!(
        String::from_utf8_lossy(&output.stdout),
        "compile completions\n"
    );
}

#[test]
fn every_command_has_a_manual_page() {
    let page = printed(&["man"]);
    assert!(page.contains(".TH vexil 1"), "{page}");
    let folder = tempfile::tempdir().expect("there is room");
    let path = folder.path().join("man1");
    let path = path.to_str().expect("it is text");
    let said = printed(&["man", path]);
    let names: Vec<String> = fs::read_dir(path)
        .expect("it was made")
        .map(|entry| entry.expect("an entry").file_name().display().to_string())
        .collect();
    assert_eq!(said, format!("{path}: {} pages\n", names.len()));
    for name in ["vexil.1", "vexil-diff.1", "vexil-release-timeline.1"] {
        assert!(names.contains(&name.to_owned()), "{name} is not there");
    }
    let page = fs::read_to_string(format!("{path}/vexil-diff.1")).expect("it is there");
    assert!(
        page.contains("Exit codes") && page.contains("by\\-segment"),
        "{page}"
    );
}
