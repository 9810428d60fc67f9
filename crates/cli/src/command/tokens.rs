//! `vexil tokens`

use std::fs::{File, OpenOptions};
use std::io::Write;
use std::path::{Path, PathBuf};
use std::str::FromStr;

use clap::{Args, Subcommand, ValueEnum};
use jiff::{SpanRelativeTo, Timestamp};
use serde_json::{Map, Value};

use super::confirm::Confirm;
use crate::config::Config;
use crate::edge::{Answer, Edge, Sent, Target, encode, plain};
use crate::failure::Failure;
use crate::table;
use crate::time::Instant;

/// Lists, makes and ends keys: tokens, which administrate, and the keys of servers and browsers, which evaluate
///
/// All of it needs a token with the scope `owner`.
#[derive(Debug, Subcommand)]
pub(crate) enum Tokens {
    /// Lists the keys that live or ended within the last 90 days, without their secrets
    List(List),
    /// Makes a key. Its secret is shown once: to `--output FILE`, or to standard output with `--print`
    ///
    /// vexil tokens create "publishes from CI" --scope write --expires 90d --output ci.token
    #[command(verbatim_doc_comment)]
    Create(Create),
    /// Ends a key, now or with `--at`; whoever has it can do nothing any more
    Revoke(Revoke),
}

#[derive(Debug, Args)]
pub(crate) struct List {
    /// Prints one JSON object a line instead of a table
    #[arg(long)]
    json: bool,
    #[command(flatten)]
    target: Target,
}

#[derive(Debug, Args)]
pub(crate) struct Create {
    /// Whose key it is, or what for
    #[arg(value_name = "NAME")]
    name: String,
    /// What it is for
    #[arg(long, value_enum, default_value_t = Kind::Admin)]
    kind: Kind,
    /// What a token may do; can be given several times
    #[arg(long = "scope", value_enum, value_name = "SCOPE")]
    scopes: Vec<Scope>,
    /// When it ends: after a while such as 90d or 12h, or at a time in RFC 3339 [default: never]
    #[arg(long, value_name = "WHEN")]
    expires: Option<When>,
    /// Writes the secret to a new file that only you can read
    #[arg(long, short, value_name = "FILE", required_unless_present = "print")]
    output: Option<PathBuf>,
    /// Prints the secret to standard output
    #[arg(long, conflicts_with = "output")]
    print: bool,
    /// Why, for the audit
    #[arg(long, short, value_name = "REASON")]
    reason: Option<String>,
    /// Prints one JSON object about the key instead of text; the secret is in it with `--print`
    #[arg(long)]
    json: bool,
    #[command(flatten)]
    target: Target,
}

#[derive(Debug, Args)]
pub(crate) struct Revoke {
    /// The id of the key, as `vexil tokens list` says it
    #[arg(value_name = "ID")]
    id: String,
    /// When it ends: after a while such as 1h, or at a time in RFC 3339 [default: now]
    #[arg(long, value_name = "WHEN")]
    at: Option<When>,
    /// Why, for the audit
    #[arg(long, short, value_name = "REASON")]
    reason: Option<String>,
    #[command(flatten)]
    confirm: Confirm,
    /// Prints one JSON object instead of text
    #[arg(long)]
    json: bool,
    #[command(flatten)]
    target: Target,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub(crate) enum Kind {
    /// Administrates, as far as its scopes go
    Admin,
    /// Evaluates every flag; a secret of the application's servers
    Server,
    /// Evaluates what flags expose; public
    Browser,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub(crate) enum Scope {
    /// Reads rulesets, versions, the audit
    Read,
    /// Kills and restores flags, moves releases
    Operate,
    /// Publishes and reads rulesets
    Write,
    /// All of that, and makes and ends keys
    Owner,
}

/// An instant, said as such or by how far off it is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct When(Instant);

impl FromStr for When {
    type Err = String;

    fn from_str(text: &str) -> Result<When, String> {
        if let Ok(instant) = text.parse() {
            return Ok(When(instant));
        }
        let span: jiff::Span = text.parse().map_err(|_| {
            "expected a while such as 90d or 12h, or a time such as 2026-11-23T09:00:00Z".to_owned()
        })?;
        let days = SpanRelativeTo::days_are_24_hours();
        let length = span.to_duration(days).map_err(|error| error.to_string())?;
        let at = Timestamp::now().checked_add(length);
        let at = at.map_err(|error| error.to_string())?;
        Ok(When(Instant(at.as_millisecond())))
    }
}

pub(crate) fn run(
    arguments: &Tokens,
    config: &Config,
    out: &mut impl Write,
    notes: &mut impl Write,
) -> Result<(), Failure> {
    match arguments {
        Tokens::List(list) => self::list(list, config, out),
        Tokens::Create(create) => self::create(create, config, out, notes),
        Tokens::Revoke(revoke) => self::revoke(revoke, config, out, notes),
    }
}

fn list(arguments: &List, config: &Config, out: &mut impl Write) -> Result<(), Failure> {
    let edge = Edge::open(config, &arguments.target)?;
    let tokens = edge.get("/admin/v1/tokens")?.list("tokens")?;
    if arguments.json {
        return Ok(tokens
            .iter()
            .try_for_each(|token| writeln!(out, "{token}"))?);
    }
    let now = Instant::now();
    let rows: Vec<[String; 6]> = tokens.iter().map(|token| row(token, now)).collect();
    if rows.is_empty() {
        let place = edge.place();
        return Ok(writeln!(
            out,
            "{place} has issued no keys: those of the deployment itself are its secrets"
        )?);
    }
    let head = ["ID", "KIND", "SCOPES", "MADE", "ENDS", "NAME"];
    Ok(table::write(out, head, &rows)?)
}

fn row(token: &Value, now: Instant) -> [String; 6] {
    let text = |name: &str| plain(token.get(name).and_then(Value::as_str).unwrap_or_default());
    let at = |name: &str| token.get(name).and_then(Value::as_i64).map(Instant);
    let scopes = token.get("scopes").and_then(Value::as_array);
    let scopes = scopes.into_iter().flatten().filter_map(Value::as_str);
    let scopes: Vec<&str> = scopes.collect();
    let ends = match at("expires") {
        None => "never".to_owned(),
        Some(end) if end.0 <= now.0 => format!("ended {}", end.ago(now)),
        Some(end) => end.to_second().to_string(),
    };
    [
        text("id"),
        text("kind"),
        scopes.join(" "),
        at("created").map_or_else(String::new, |it| it.to_second().to_string()),
        ends,
        text("name"),
    ]
}

fn create(
    arguments: &Create,
    config: &Config,
    out: &mut impl Write,
    notes: &mut impl Write,
) -> Result<(), Failure> {
    if (arguments.kind == Kind::Admin) == arguments.scopes.is_empty() {
        return Err(Failure::Usage(
            "say with `--scope` what the token may do; only a key of the kind admin has scopes"
                .to_owned(),
        ));
    }
    let edge = Edge::open(config, &arguments.target)?;
    // Before there is a secret that would have no place.
    let mut place = match &arguments.output {
        Some(path) => Some((path, new_file(path)?)),
        None => None,
    };
    let issued = issue(&edge, arguments);
    let written = issued.and_then(|answer| {
        let secret = answer.text("key")?;
        if let Some((path, file)) = &mut place {
            let path = path.clone();
            let doing = "write";
            file.write_all(format!("{secret}\n").as_bytes())
                .and_then(|()| file.sync_all())
                .map_err(|error| Failure::File { doing, path, error })?;
        }
        Ok((answer.json()?, secret))
    });
    let (mut token, secret) = match (written, &place) {
        (Ok(written), _) => written,
        (Err(failure), Some((path, _))) => {
            // It is empty, and says nothing.
            let _ = std::fs::remove_file(path);
            return Err(failure);
        }
        (Err(failure), None) => return Err(failure),
    };
    if let Some(members) = token.as_object_mut() {
        members.remove("key");
        if arguments.print {
            members.insert("key".to_owned(), secret.as_str().into());
        }
    }
    if arguments.json {
        return Ok(writeln!(out, "{token}")?);
    }
    if arguments.print {
        writeln!(out, "{secret}")?;
    }
    let id = token.get("id").and_then(Value::as_str).unwrap_or_default();
    let id = plain(id);
    let whither = match &arguments.output {
        Some(path) => format!("its secret is in {}", path.display()),
        None => "its secret is shown this once".to_owned(),
    };
    Ok(writeln!(
        notes,
        "{} has the new key {id}: {whither}",
        edge.place()
    )?)
}

fn issue(edge: &Edge, arguments: &Create) -> Result<Answer, Failure> {
    let mut body = Map::from_iter([
        ("name".to_owned(), Value::from(arguments.name.as_str())),
        ("kind".to_owned(), word(&arguments.kind).into()),
    ]);
    if arguments.kind == Kind::Admin || !arguments.scopes.is_empty() {
        let scopes = arguments.scopes.iter().map(word);
        body.insert("scopes".to_owned(), scopes.collect());
    }
    if let Some(When(at)) = arguments.expires {
        body.insert("expires".to_owned(), at.0.into());
    }
    if let Some(reason) = &arguments.reason {
        body.insert("reason".to_owned(), reason.as_str().into());
    }
    let body = Value::Object(body).to_string();
    edge.send("POST", "/admin/v1/tokens", Sent::body(&body))
}

fn word(value: &impl ValueEnum) -> String {
    let value = value.to_possible_value();
    value.map_or_else(String::new, |value| value.get_name().to_owned())
}

/// A new file that nobody else can read. One that is there stays as it is.
fn new_file(path: &Path) -> Result<File, Failure> {
    let mut options = OpenOptions::new();
    options.write(true).create_new(true);
    #[cfg(unix)]
    std::os::unix::fs::OpenOptionsExt::mode(&mut options, 0o600);
    options.open(path).map_err(|error| Failure::File {
        doing: "make",
        path: path.to_owned(),
        error,
    })
}

fn revoke(
    arguments: &Revoke,
    config: &Config,
    out: &mut impl Write,
    notes: &mut impl Write,
) -> Result<(), Failure> {
    let edge = Edge::open(config, &arguments.target)?;
    let (id, place) = (&arguments.id, edge.place());
    let question = format!("End the key {id} of {place}?");
    arguments.confirm.ask(&question, notes)?;
    let mut body = Map::new();
    if let Some(When(at)) = arguments.at {
        body.insert("at".to_owned(), at.0.into());
    }
    if let Some(reason) = &arguments.reason {
        body.insert("reason".to_owned(), reason.as_str().into());
    }
    let body = Value::Object(body).to_string();
    let path = format!("/admin/v1/tokens/{}/expire", encode(id));
    let answer = edge.send("POST", &path, Sent::body(&body))?;
    let token = answer.json()?;
    if arguments.json {
        return Ok(writeln!(out, "{token}")?);
    }
    let name = answer.text("name")?;
    let end = token.get("expires").and_then(Value::as_i64).map(Instant);
    let now = Instant::now();
    let ends = match end {
        Some(end) if end.0 > now.0 => format!("ends at {}", end.to_second()),
        _ => "has ended".to_owned(),
    };
    Ok(writeln!(out, "the key {id} ({name}) of {place} {ends}")?)
}
