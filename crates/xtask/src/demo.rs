//! The worker and the demo page on this machine.

use std::fmt::Write as _;
use std::fs::{self, File, OpenOptions, TryLockError};
use std::io::{BufRead, BufReader, ErrorKind, Read, Write};
use std::net::{Ipv4Addr, TcpListener};
use std::os::unix::fs::OpenOptionsExt;
use std::path::{Path, PathBuf};
use std::process::{Child, Stdio};
use std::sync::mpsc::{self, Receiver, RecvTimeoutError, Sender};
use std::thread;
use std::time::Duration;

use serde_json::{Map, Value, json};

use crate::build;
use crate::failure::Failure;
use crate::http::{Answer, ask};
use crate::shell::{self, Shell};

/// What the page calls itself. Public, like every browser key: it is in the page's source.
const BROWSER_KEY: &str = "browser-demo";
/// How the worker is told that nothing was ever published.
const EMPTY: &str = "\"0\"";
const RULESET: &str = "www/ruleset.json";

/// Serves the demo at `port` until somebody stops it. Data and secrets stay in `.vexil`.
pub(crate) fn serve(shell: &Shell, port: u16) -> Result<(), Failure> {
    let folder = shell.root.join(".vexil");
    let _alone = alone(&folder)?;
    free(port)?;
    build::run(shell, &[])?;
    let demo = Demo::start(shell, port, &folder)?;
    println!();
    println!("  {}", demo.link());
    println!();
    println!(
        "  A shop and its control room. The link carries the token that lets you kill flags: keep it to yourself."
    );
    println!("  Everything is kept in .vexil; Ctrl-C stops it.");
    demo.follow(shell)
}

/// Starts everything on a free port, in a folder of its own, asks for the page and one evaluation, and stops.
pub(crate) fn check(shell: &Shell) -> Result<(), Failure> {
    temporary(shell, |demo| {
        demo.check_page()?;
        demo.check_evaluation(shell)?;
        println!(
            "ready {} {:.1}",
            demo.url,
            shell.started.elapsed().as_secs_f64()
        );
        Ok(())
    })
}

/// Builds, starts a demo that leaves nothing behind, and hands it to `act`.
pub(crate) fn temporary(
    shell: &Shell,
    act: impl FnOnce(&Demo) -> Result<(), Failure>,
) -> Result<(), Failure> {
    build::run(shell, &[])?;
    let state = std::env::temp_dir().join(format!("vexil-demo-{}", std::process::id()));
    fs::create_dir_all(&state).map_err(Failure::file(&state))?;
    let result = Demo::start(shell, 0, &state).and_then(|demo| act(&demo));
    fs::remove_dir_all(&state).map_err(Failure::file(&state))?;
    result
}

/// A worker that answers, with a ruleset. Dropped, it stops.
pub(crate) struct Demo {
    url: String,
    secrets: Secrets,
    process: Child,
    printed: Receiver<String>,
}

impl Demo {
    fn start(shell: &Shell, port: u16, folder: &Path) -> Result<Self, Failure> {
        let secrets = Secrets::load(&folder.join("secrets.json"))?;
        let mut command = shell.command("node");
        command
            .args([
                "bindings/edge/local.mjs",
                "--assets",
                "www/dist",
                "--port",
                &port.to_string(),
                "--state",
            ])
            .arg(folder.join("state"));
        // Its standard input is the thread it hangs on: when this program ends in whatever way, the worker ends too.
        let mut process = shell::spawn(command.envs(secrets.variables()).stdin(Stdio::piped()))?;
        let (sender, printed) = mpsc::channel();
        if let Some(stdout) = process.stdout.take() {
            forward(stdout, sender.clone());
        }
        if let Some(stderr) = process.stderr.take() {
            forward(stderr, sender);
        }
        let mut demo = Demo {
            url: String::new(),
            secrets,
            process,
            printed,
        };
        demo.url = demo.wait_until_ready(shell)?;
        demo.publish(shell)?;
        Ok(demo)
    }

    /// The page, with the token that its control room asks for. A fragment never leaves the browser.
    pub(crate) fn link(&self) -> String {
        format!("{}/#token={}", self.url, self.secrets.operate)
    }

    fn wait_until_ready(&self, shell: &Shell) -> Result<String, Failure> {
        let mut said = Vec::new();
        loop {
            shell.check()?;
            match self.printed.recv_timeout(Duration::from_millis(100)) {
                Ok(line) => match line.strip_prefix("listening ") {
                    Some(url) => return Ok(url.trim_end_matches('/').to_owned()),
                    None => said.push(line),
                },
                Err(RecvTimeoutError::Timeout) => {}
                Err(RecvTimeoutError::Disconnected) => {
                    shell.show(said.join("\n").as_bytes());
                    return Err(Failure::Wrong(
                        "the worker did not start; its output is above".to_owned(),
                    ));
                }
            }
        }
    }

    /// Publishes the sample ruleset into an environment that has none: one with data keeps it.
    fn publish(&self, shell: &Shell) -> Result<(), Failure> {
        let ruleset = read(&shell.root.join(RULESET))?;
        let token = format!("Bearer {}", self.secrets.admin);
        let headers = [
            ("authorization", token.as_str()),
            ("content-type", "application/json"),
            ("if-match", EMPTY),
        ];
        let answer = ask(
            "PUT",
            &format!("{}/admin/v1/ruleset", self.url),
            &headers,
            &ruleset,
        )?;
        match answer.status {
            200 | 412 => Ok(()),
            _ => Err(refused("publishing the sample ruleset", &answer)),
        }
    }

    fn check_page(&self) -> Result<(), Failure> {
        let answer = ask("GET", &self.url, &[], "")?;
        let is_page = answer.status == 200
            && answer.content_type.starts_with("text/html")
            && answer.body.contains("<script");
        if is_page {
            Ok(())
        } else {
            Err(refused("fetching the page", &answer))
        }
    }

    fn check_evaluation(&self, shell: &Shell) -> Result<(), Failure> {
        let path = shell.root.join(RULESET);
        let ruleset: Value = serde_json::from_str(&read(&path)?)
            .map_err(|error| Failure::Wrong(format!("{}: {error}", path.display())))?;
        let flags = ruleset.get("flags").and_then(Value::as_object);
        let key = flags
            .and_then(|flags| flags.keys().next())
            .ok_or_else(|| Failure::Wrong(format!("{RULESET} has no flag")))?;
        let headers = [
            ("x-api-key", BROWSER_KEY),
            ("content-type", "application/json"),
        ];
        let context = json!({ "context": { "targetingKey": "user-1" } }).to_string();
        let answer = ask(
            "POST",
            &format!("{}/ofrep/v1/evaluate/flags/{key}", self.url),
            &headers,
            &context,
        )?;
        let body: Value = serde_json::from_str(&answer.body).unwrap_or_default();
        let is_evaluation = answer.status == 200
            && body.get("key").and_then(Value::as_str) == Some(key)
            && body.get("value").is_some();
        if is_evaluation {
            Ok(())
        } else {
            Err(refused(&format!("evaluating `{key}`"), &answer))
        }
    }

    /// Shows what the worker prints until it or the person in front of it ends.
    fn follow(&self, shell: &Shell) -> Result<(), Failure> {
        loop {
            match self.printed.recv_timeout(Duration::from_millis(100)) {
                Ok(line) => eprintln!("{line}"),
                Err(RecvTimeoutError::Timeout) => {}
                Err(RecvTimeoutError::Disconnected) => {
                    return Err(Failure::Wrong("the worker ended by itself".to_owned()));
                }
            }
            shell.check()?;
        }
    }
}

impl Drop for Demo {
    fn drop(&mut self) {
        shell::end(&mut self.process);
    }
}

/// Sends each line of `stream` until it ends or nobody listens.
fn forward(stream: impl Read + Send + 'static, to: Sender<String>) {
    thread::spawn(move || {
        BufReader::new(stream)
            .lines()
            .map_while(Result::ok)
            .try_for_each(|line| to.send(line))
    });
}

/// What opens this one worker, made once and known to this machine alone.
struct Secrets {
    admin: String,
    operate: String,
    server: String,
}

impl Secrets {
    /// Reads the secrets in `path`, or makes them there, readable by their owner alone.
    fn load(path: &Path) -> Result<Self, Failure> {
        let kept = match fs::read_to_string(path) {
            Ok(text) => serde_json::from_str(&text).map_err(|_| {
                Failure::Wrong(format!(
                    "{} is no JSON object: delete it, and a new one is made",
                    path.display()
                ))
            })?,
            Err(error) if error.kind() == ErrorKind::NotFound => Map::new(),
            Err(error) => return Err(Failure::file(path)(error)),
        };
        let secret = |name: &str| {
            kept.get(name)
                .and_then(Value::as_str)
                .map_or_else(random, |text| Ok(text.to_owned()))
        };
        let secrets = Secrets {
            admin: secret("admin")?,
            operate: secret("operate")?,
            server: secret("server")?,
        };
        let json =
            json!({ "admin": secrets.admin, "operate": secrets.operate, "server": secrets.server });
        if Value::Object(kept) != json {
            if let Some(folder) = path.parent() {
                fs::create_dir_all(folder).map_err(Failure::file(folder))?;
            }
            let file = OpenOptions::new()
                .write(true)
                .create(true)
                .truncate(true)
                .mode(0o600)
                .open(path);
            file.and_then(|mut file| writeln!(file, "{json:#}"))
                .map_err(Failure::file(path))?;
        }
        Ok(secrets)
    }

    fn variables(&self) -> [(&'static str, &str); 4] {
        [
            ("VEXIL_ADMIN_TOKEN", &self.admin),
            ("VEXIL_OPERATE_TOKEN", &self.operate),
            ("VEXIL_SERVER_KEY", &self.server),
            ("VEXIL_BROWSER_KEY", BROWSER_KEY),
        ]
    }
}

/// 192 bits nobody can guess, as text that is safe in a header and in a URL.
fn random() -> Result<String, Failure> {
    let source = Path::new("/dev/urandom");
    let mut bytes = [0; 24];
    fs::File::open(source)
        .and_then(|mut file| file.read_exact(&mut bytes))
        .map_err(Failure::file(source))?;
    Ok(bytes.iter().fold(String::new(), |mut text, byte| {
        // Writing to a string cannot fail.
        let _ = write!(text, "{byte:02x}");
        text
    }))
}

/// Fails when another demo keeps its data in `folder`: pages of one would not follow what the other changes.
/// The lock ends with the file.
fn alone(folder: &Path) -> Result<File, Failure> {
    fs::create_dir_all(folder).map_err(Failure::file(folder))?;
    let path = folder.join("demo.lock");
    let file = File::create(&path).map_err(Failure::file(&path))?;
    match file.try_lock() {
        Ok(()) => Ok(file),
        Err(TryLockError::Error(error)) => Err(Failure::File { path, error }),
        Err(TryLockError::WouldBlock) => Err(Failure::Setup(
            "a demo of this folder is running: open the link it printed, or stop it with Ctrl-C where it runs."
                .to_owned(),
        )),
    }
}

/// Fails when something else listens at `port`.
fn free(port: u16) -> Result<(), Failure> {
    match TcpListener::bind((Ipv4Addr::LOCALHOST, port)) {
        Ok(_) => Ok(()),
        Err(error) if error.kind() == ErrorKind::AddrInUse => Err(Failure::Setup(format!(
            "port {port} is in use: stop what listens there, or choose another with `cargo xtask demo --port {}`.",
            port.checked_add(1).unwrap_or(8787)
        ))),
        Err(error) => Err(Failure::Setup(format!(
            "cannot listen on port {port} ({error}): choose another with `cargo xtask demo --port 8787`."
        ))),
    }
}

fn read(path: &PathBuf) -> Result<String, Failure> {
    fs::read_to_string(path).map_err(Failure::file(path))
}

fn refused(what: &str, answer: &Answer) -> Failure {
    Failure::Wrong(format!(
        "{what} was answered with status {}: {}",
        answer.status, answer.body
    ))
}

#[cfg(test)]
mod tests {
    use std::os::unix::fs::PermissionsExt;

    use super::*;

    #[test]
    fn secrets_are_made_once_and_readable_by_their_owner_alone() {
        let folder = std::env::temp_dir().join(format!("vexil-secrets-{}", std::process::id()));
        let path = folder.join("secrets.json");
        let first = Secrets::load(&path).unwrap();
        let second = Secrets::load(&path).unwrap();
        let mode = fs::metadata(&path).unwrap().permissions().mode();
        fs::remove_dir_all(&folder).unwrap();
        assert_eq!(first.variables(), second.variables());
        assert_eq!(mode & 0o777, 0o600);
        assert_ne!(first.admin, first.operate);
        assert_eq!(first.admin.len(), 48);
    }

    #[test]
    fn a_second_demo_of_a_folder_is_refused_until_the_first_ends() {
        let folder = std::env::temp_dir().join(format!("vexil-alone-{}", std::process::id()));
        let first = alone(&folder).unwrap();
        let refused = alone(&folder).map(drop);
        drop(first);
        let after = alone(&folder).map(drop);
        fs::remove_dir_all(&folder).unwrap();
        assert!(
            refused
                .unwrap_err()
                .to_string()
                .starts_with("a demo of this folder is running: ")
        );
        assert!(after.is_ok());
    }

    #[test]
    fn a_port_in_use_is_told_with_a_way_out() {
        let listener = TcpListener::bind((Ipv4Addr::LOCALHOST, 0)).unwrap();
        let port = listener.local_addr().unwrap().port();
        assert!(
            free(port)
                .unwrap_err()
                .to_string()
                .starts_with(&format!("port {port} is in use: "))
        );
        drop(listener);
        assert!(free(port).is_ok());
    }
}
