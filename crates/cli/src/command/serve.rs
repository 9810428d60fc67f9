//! `vexil serve`

mod answer;
mod origin;
mod site;
mod stream;

use std::cell::Cell;
use std::convert::Infallible;
use std::io::Write;
use std::path::{Path, PathBuf};
use std::rc::Rc;
use std::time::{Duration, SystemTime};

use clap::Args;
use hyper::server::conn::http1;
use hyper::service::service_fn;
use hyper_util::rt::{TokioIo, TokioTimer};
use serde_json::{Value, json};
use tokio::net::TcpListener;
use tokio::task::LocalSet;
use vexil_ofrep::Visibility;

use crate::arguments::{EXIT_CODES, RulesetFile};
use crate::config::Config;
use crate::failure::Failure;
use origin::Origins;
use site::Site;

/// How often the file is looked at. Two looks that find the same are a save that is over.
const LOOK: Duration = Duration::from_millis(100);

const LONG_HELP: &str = "\
Serves the flags of a file over HTTP, for development: no worker, no account, no key (any key is taken).

The file is read again whenever it is saved. A save with issues is reported, and the flags stay what they were.
Releases have not started and nothing is killed; what a context says is believed, `$edge/…` attributes too.

  POST /ofrep/v1/evaluate/flags[/KEY]   OpenFeature's remote evaluation protocol (OFREP), with entity tags: every flag
  POST /v1/values, GET /v1/values       what the npm package `vexil` asks: the flags that the ruleset exposes to browsers
  POST /v1/program                      the same, for its engine
  GET  /v1/stream                       server-sent events, one for each change
  POST /v1/events                       taken, and dropped
  GET  /healthz                         whether it runs, and the issues of the last save

Example:
  vexil serve flags.json --port 8787
  curl -X POST localhost:8787/ofrep/v1/evaluate/flags/checkout -d '{\"context\":{\"targetingKey\":\"user-1\"}}'";

/// Serves the flags of a file over HTTP, for development
#[derive(Debug, Args)]
#[command(long_about = LONG_HELP, after_help = EXIT_CODES)]
pub(crate) struct Serve {
    #[command(flatten)]
    ruleset: RulesetFile,
    /// The port; 0 is one that is free
    #[arg(long, short, value_name = "NUMBER", default_value_t = 8787)]
    port: u16,
    /// The address; one that is not of this machine alone lets others read the flags
    #[arg(long, value_name = "ADDRESS", default_value = "127.0.0.1")]
    host: String,
    /// An origin whose pages may ask, beside those of this machine; `*` is all
    #[arg(long, value_name = "ORIGIN")]
    origin: Vec<String>,
    /// Shows OFREP clients only what the ruleset exposes to browsers
    #[arg(long)]
    exposed_only: bool,
    /// Prints one JSON object a line: `listening`, `loaded`, `issues`
    #[arg(long)]
    json: bool,
}

pub(crate) fn run(
    arguments: &Serve,
    config: &Config,
    out: &mut impl Write,
    notes: &mut impl Write,
) -> Result<(), Failure> {
    let path = &arguments.ruleset.path(config)?;
    let before = stamp(path);
    let visibility = if arguments.exposed_only {
        Visibility::Exposed
    } else {
        Visibility::All
    };
    let origins = Origins::new(&arguments.host, &arguments.origin);
    let site = Rc::new(Site::new(path, visibility, origins)?);
    let runtime = tokio::runtime::Builder::new_current_thread()
        .enable_all()
        .build()
        .map_err(|error| arguments.cannot_listen(error))?;
    let mut log = Log {
        is_json: arguments.json,
        file: path,
        out,
        notes,
    };
    runtime.block_on(LocalSet::new().run_until(async {
        let listener = TcpListener::bind((arguments.host.as_str(), arguments.port))
            .await
            .map_err(|error| arguments.cannot_listen(error))?;
        let address = listener
            .local_addr()
            .map_err(|error| arguments.cannot_listen(error))?;
        log.listening(&format!("http://{address}"), &site)?;
        tokio::task::spawn_local(accept(listener, Rc::clone(&site)));
        tokio::select! {
            result = follow(path, before, &site, &mut log) => result,
            _ = tokio::signal::ctrl_c() => Ok(()),
        }
    }))
}

impl Serve {
    fn cannot_listen(&self, error: std::io::Error) -> Failure {
        Failure::Address {
            address: format!("{}:{}", self.host, self.port),
            error,
        }
    }
}

/// Answers whoever connects.
async fn accept(listener: TcpListener, site: Rc<Site>) {
    loop {
        let Ok((stream, _)) = listener.accept().await else {
            // Too many are open: some will be closed.
            tokio::time::sleep(LOOK).await;
            continue;
        };
        let site = Rc::clone(&site);
        tokio::task::spawn_local(async move {
            let service = service_fn(move |request| {
                let site = Rc::clone(&site);
                async move { Ok::<_, Infallible>(answer::answer(&site, request).await) }
            });
            // Who is gone hears of no error.
            let _ = http1::Builder::new()
                .timer(TokioTimer::new())
                .serve_connection(TokioIo::new(stream), service)
                .await;
        });
    }
}

/// What a file looks like from outside; `None` where there is none.
type Stamp = Option<(SystemTime, u64)>;

fn stamp(path: &Path) -> Stamp {
    let metadata = std::fs::metadata(path).ok()?;
    Some((metadata.modified().ok()?, metadata.len()))
}

/// Takes every save of the file, for as long as the output can be written.
async fn follow(
    path: &Path,
    loaded: Stamp,
    site: &Site,
    log: &mut Log<'_, impl Write, impl Write>,
) -> Result<(), Failure> {
    if path == Path::new("-") {
        return std::future::pending().await;
    }
    let (loaded, seen) = (Cell::new(loaded), Cell::new(loaded));
    loop {
        tokio::time::sleep(LOOK).await;
        let now = stamp(path);
        let is_settled = seen.replace(now) == now;
        if !is_settled || loaded.get() == now {
            continue;
        }
        loaded.set(now);
        match site.read(path) {
            Ok(true) => log.loaded(site)?,
            Ok(false) => {}
            Err(failure) => {
                site.set_issues(failure.lines());
                log.issues(site, &failure)?;
            }
        }
    }
}

/// What is said while it runs.
struct Log<'l, O, N> {
    is_json: bool,
    file: &'l PathBuf,
    out: &'l mut O,
    notes: &'l mut N,
}

impl<O: Write, N: Write> Log<'_, O, N> {
    fn listening(&mut self, url: &str, site: &Site) -> Result<(), Failure> {
        let (file, flags) = (self.file.display(), site.count());
        let text = format!("serving {flags} of {file} at {url}; Ctrl-C ends it");
        self.say("listening", &text, site, ("url", json!(url)))
    }

    fn loaded(&mut self, site: &Site) -> Result<(), Failure> {
        let text = format!("{} was saved: {}", self.file.display(), site.count());
        self.say("loaded", &text, site, ("flags", json!(site.flags())))
    }

    fn issues(&mut self, site: &Site, failure: &Failure) -> Result<(), Failure> {
        if self.is_json {
            return self.say("issues", "", site, ("issues", json!(*site.issues())));
        }
        failure.print(self.notes)?;
        let file = self.file.display();
        writeln!(
            self.notes,
            "{file} has issues; its flags stay as they were before"
        )?;
        Ok(self.notes.flush()?)
    }

    fn say(
        &mut self,
        event: &str,
        text: &str,
        site: &Site,
        (name, value): (&str, Value),
    ) -> Result<(), Failure> {
        if self.is_json {
            let line = json!({ "event": event, "version": site.version(), name: value });
            writeln!(self.out, "{line}")?;
        } else {
            writeln!(self.out, "{text}")?;
        }
        Ok(self.out.flush()?)
    }
}
