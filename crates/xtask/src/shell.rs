//! Starts other programs, shows how long they take, and stops them when asked to.

use std::io::{IsTerminal, Read, Write};
use std::os::unix::process::CommandExt;
use std::path::PathBuf;
use std::process::{Child, Command, ExitStatus, Stdio};
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::mpsc::{self, Receiver, RecvTimeoutError, Sender};
use std::thread;
use std::time::{Duration, Instant};

use rustix::process::{Pid, Signal, kill_process_group};
use signal_hook::consts::{SIGHUP, SIGINT, SIGTERM};

use crate::failure::Failure;

/// How often a wait looks up: at signals, at a child's end, at the clock on the screen.
const TICK: Duration = Duration::from_millis(100);
/// Without a terminal, a long step says so this often.
const HEARTBEAT: Duration = Duration::from_secs(30);
/// What a program gets to end by itself after it was asked to.
const GRACE: Duration = Duration::from_secs(5);

/// Where tasks run: the repository, a terminal or none, and whether somebody pressed Ctrl-C.
pub(crate) struct Shell {
    pub(crate) root: PathBuf,
    pub(crate) started: Instant,
    interrupted: Arc<AtomicBool>,
    is_terminal: bool,
}

/// What a program printed.
#[derive(Default)]
pub(crate) struct Printed {
    /// Standard output alone.
    pub(crate) stdout: Vec<u8>,
    /// Both streams, in the order they came.
    pub(crate) all: Vec<u8>,
}

/// How a program that ran to its end went.
pub(crate) struct Outcome {
    pub(crate) status: ExitStatus,
    pub(crate) printed: Printed,
}

#[derive(Clone, Copy, PartialEq, Eq)]
enum Stream {
    Stdout,
    Stderr,
}

impl Shell {
    /// Takes over SIGINT, SIGTERM and SIGHUP: from here on they stop what was started.
    pub(crate) fn new() -> Result<Self, Failure> {
        let manifest = std::env::var_os("CARGO_MANIFEST_DIR")
            .map_or_else(|| PathBuf::from(env!("CARGO_MANIFEST_DIR")), PathBuf::from);
        let root = manifest
            .ancestors()
            .nth(2)
            .map(PathBuf::from)
            .unwrap_or_default();
        let interrupted = Arc::new(AtomicBool::new(false));
        for signal in [SIGINT, SIGTERM, SIGHUP] {
            signal_hook::flag::register(signal, Arc::clone(&interrupted))
                .map_err(|error| Failure::Setup(format!("cannot listen for signals: {error}")))?;
        }
        Ok(Shell {
            root,
            started: Instant::now(),
            interrupted,
            is_terminal: std::io::stderr().is_terminal(),
        })
    }

    /// A command that runs at the root of the repository.
    pub(crate) fn command(&self, program: &str) -> Command {
        let mut command = Command::new(program);
        command.current_dir(&self.root);
        command
    }

    /// The file that remembers what `name` was made from.
    pub(crate) fn made(&self, name: &str) -> PathBuf {
        self.root.join(".vexil/build").join(name)
    }

    /// Runs `command` as a step of its own: shows `label` and the time, and what was printed only if it failed.
    pub(crate) fn step(&self, label: &str, command: &mut Command) -> Result<Printed, Failure> {
        let outcome = self.attempt(label, command)?;
        if outcome.status.success() {
            return Ok(outcome.printed);
        }
        self.show(&outcome.printed.all);
        if is_unreachable(&outcome.printed.all) {
            return Err(Failure::Setup(format!(
                "{label} failed: cargo could not reach the crate registry, its output is above. Connect, or name one you can reach, and try again."
            )));
        }
        Err(Failure::Step {
            label: label.to_owned(),
            status: outcome.status.to_string(),
        })
    }

    /// Like [`step`](Self::step), but a program that says no is an outcome, and nothing it printed is shown.
    pub(crate) fn attempt(&self, label: &str, command: &mut Command) -> Result<Outcome, Failure> {
        self.check()?;
        let mut child = spawn(command.stdin(Stdio::null()))?;
        let printed = self.collect(&mut child, Progress::new(label, self.is_terminal))?;
        let status = child
            .wait()
            .map_err(|error| Failure::Setup(format!("cannot wait for `{label}`: {error}")))?;
        Ok(Outcome { status, printed })
    }

    /// Fails when somebody asked this program to end.
    pub(crate) fn check(&self) -> Result<(), Failure> {
        if self.interrupted.load(Ordering::Relaxed) {
            Err(Failure::Interrupted)
        } else {
            Ok(())
        }
    }

    /// Lets a moment pass, unless somebody asked this program to end.
    pub(crate) fn tick(&self) -> Result<(), Failure> {
        self.check()?;
        thread::sleep(TICK);
        self.check()
    }

    /// Shows what a failed program printed.
    #[expect(clippy::unused_self, reason = "only a shell talks to the terminal")]
    pub(crate) fn show(&self, printed: &[u8]) {
        let mut stderr = std::io::stderr().lock();
        // A closed standard error leaves nobody to tell.
        let _ = stderr.write_all(printed);
        if !printed.ends_with(b"\n") {
            let _ = stderr.write_all(b"\n");
        }
    }

    fn collect(&self, child: &mut Child, mut progress: Progress<'_>) -> Result<Printed, Failure> {
        let chunks = listen(child);
        let mut printed = Printed::default();
        let mut has_ended = false;
        loop {
            match chunks.recv_timeout(TICK) {
                Ok((stream, chunk)) => {
                    if stream == Stream::Stdout {
                        printed.stdout.extend_from_slice(&chunk);
                    }
                    printed.all.extend_from_slice(&chunk);
                }
                Err(RecvTimeoutError::Disconnected) => break,
                // Something it left behind may hold the pipes open for ever: one more quiet tick is the end.
                Err(RecvTimeoutError::Timeout) if has_ended => break,
                Err(RecvTimeoutError::Timeout) => {
                    has_ended = matches!(child.try_wait(), Ok(Some(_)));
                }
            }
            if self.check().is_err() {
                progress.clear();
                end(child);
                return Err(Failure::Interrupted);
            }
            progress.show();
        }
        progress.finish();
        Ok(printed)
    }
}

/// Whether cargo says that it failed for want of a network.
fn is_unreachable(printed: &[u8]) -> bool {
    let printed = String::from_utf8_lossy(printed);
    ["failed to download from `", "you're using offline mode"]
        .iter()
        .any(|words| printed.contains(words))
}

/// Starts `command` in a process group of its own, so that ending it ends what it started too.
pub(crate) fn spawn(command: &mut Command) -> Result<Child, Failure> {
    command
        .process_group(0)
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .spawn()
        .map_err(|error| {
            let program = command.get_program().to_string_lossy();
            Failure::Setup(format!(
                "cannot start `{program}` ({error}): is it installed, and in PATH?"
            ))
        })
}

/// Asks a process group to end, and insists after a grace period. Does nothing to one that has ended.
pub(crate) fn end(child: &mut Child) {
    drop(child.stdin.take());
    signal(child, Signal::TERM);
    let deadline = Instant::now().checked_add(GRACE);
    while deadline.is_some_and(|deadline| Instant::now() < deadline) {
        if matches!(child.try_wait(), Ok(Some(_))) {
            return;
        }
        thread::sleep(TICK);
    }
    signal(child, Signal::KILL);
    // After SIGKILL waiting cannot block for long, and its error would change nothing.
    let _ = child.wait();
}

fn signal(child: &mut Child, signal: Signal) {
    // A process that was waited for has given its id back: it could name another by now.
    let is_running = matches!(child.try_wait(), Ok(None));
    let pid = i32::try_from(child.id()).ok().and_then(Pid::from_raw);
    if let (true, Some(pid)) = (is_running, pid) {
        // It may end between the question and the signal; then there is nobody to tell.
        let _ = kill_process_group(pid, signal);
    }
}

/// Everything `child` prints, as it comes. The channel closes when both streams have.
fn listen(child: &mut Child) -> Receiver<(Stream, Vec<u8>)> {
    let (sender, receiver) = mpsc::channel();
    if let Some(stdout) = child.stdout.take() {
        forward(stdout, Stream::Stdout, sender.clone());
    }
    if let Some(stderr) = child.stderr.take() {
        forward(stderr, Stream::Stderr, sender);
    }
    receiver
}

fn forward(mut from: impl Read + Send + 'static, stream: Stream, to: Sender<(Stream, Vec<u8>)>) {
    thread::spawn(move || {
        let mut buffer = [0; 8192];
        while let Ok(count) = from.read(&mut buffer) {
            match buffer.get(..count) {
                Some(chunk) if !chunk.is_empty() && to.send((stream, chunk.to_vec())).is_ok() => {}
                _ => return,
            }
        }
    });
}

/// One line on the screen that says what is going on and for how long.
struct Progress<'a> {
    label: &'a str,
    start: Instant,
    is_terminal: bool,
    said: Duration,
}

impl<'a> Progress<'a> {
    fn new(label: &'a str, is_terminal: bool) -> Self {
        Progress {
            label,
            start: Instant::now(),
            is_terminal,
            said: Duration::ZERO,
        }
    }

    fn show(&mut self) {
        let elapsed = self.start.elapsed();
        if self.is_terminal {
            eprint!("\r\x1b[2K  {} … {} s", self.label, elapsed.as_secs());
        } else if elapsed.saturating_sub(self.said) >= HEARTBEAT {
            eprintln!("  {} … {} s", self.label, elapsed.as_secs());
            self.said = elapsed;
        }
    }

    fn clear(&self) {
        if self.is_terminal {
            eprint!("\r\x1b[2K");
        }
    }

    /// A step that took a moment leaves a line behind; one that found nothing to do does not.
    fn finish(&self) {
        self.clear();
        let elapsed = self.start.elapsed();
        if elapsed >= Duration::from_secs(1) {
            eprintln!("  {} {:.1} s", self.label, elapsed.as_secs_f64());
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn sh(script: &str) -> Command {
        let mut command = Command::new("sh");
        command.args(["-c", script]);
        command
    }

    #[test]
    fn what_a_program_prints_is_kept_in_order() {
        let shell = Shell::new().unwrap();
        let printed = shell
            .step("printing", &mut sh("echo one; echo two >&2"))
            .unwrap();
        assert_eq!(printed.stdout, b"one\n");
        assert_eq!(printed.all.len(), b"one\ntwo\n".len());
    }

    #[test]
    fn a_program_that_says_no_or_is_missing_is_named() {
        let shell = Shell::new().unwrap();
        let failure = shell.step("trying", &mut sh("exit 3")).err().unwrap();
        assert_eq!(
            failure.to_string(),
            "trying failed (exit status: 3); its output is above"
        );
        let failure = shell
            .step("trying", &mut shell.command("no-such-program"))
            .err()
            .unwrap();
        assert!(
            failure
                .to_string()
                .starts_with("cannot start `no-such-program`")
        );
    }

    #[test]
    fn a_program_that_left_something_running_is_not_waited_for() {
        let shell = Shell::new().unwrap();
        let printed = shell
            .step("leaving", &mut sh("sleep 600 & echo $!"))
            .unwrap();
        let left = String::from_utf8(printed.stdout)
            .unwrap()
            .trim()
            .parse()
            .ok()
            .and_then(Pid::from_raw)
            .unwrap();
        rustix::process::kill_process(left, Signal::KILL).unwrap();
    }

    #[test]
    fn ending_a_program_ends_what_it_started() {
        let mut child = spawn(sh("sleep 60 & wait").stdin(Stdio::piped())).unwrap();
        let pid = i32::try_from(child.id())
            .ok()
            .and_then(Pid::from_raw)
            .unwrap();
        end(&mut child);
        assert!(matches!(child.try_wait(), Ok(Some(_))));
        let deadline = Instant::now() + GRACE;
        while rustix::process::test_kill_process_group(pid).is_ok() {
            assert!(Instant::now() < deadline, "something is still running");
            thread::yield_now();
        }
    }

    #[test]
    fn a_missing_network_is_told_from_other_failures() {
        assert!(is_unreachable(
            b"Caused by:\n  failed to download from `https://registry.example/config.json`\n"
        ));
        assert!(!is_unreachable(b"error[E0425]: cannot find value `x`\n"));
    }
}
