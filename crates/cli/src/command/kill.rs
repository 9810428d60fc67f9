//! `vexil kill` and `vexil restore`

use std::io::Write;
use std::thread::sleep;
use std::time::{Duration, Instant};

use clap::Args;
use serde_json::{Map, Value};

use super::confirm::Confirm;
use crate::config::Config;
use crate::edge::{Edge, Target, encode};
use crate::failure::Failure;

/// How often the edge is asked whether all streams were told, and for how long.
const ASK: Duration = Duration::from_millis(200);
const PATIENCE: Duration = Duration::from_secs(30);

/// Turns a flag off for everybody, now: it serves its offVariant, whatever its rules say
///
/// Works on a flag in any state, and outlives every ruleset that is published until somebody restores the flag. Doing it
/// twice changes nothing. Needs a token with the scope `operate`.
///
/// vexil kill checkout --yes --reason "errors at the till"
#[derive(Debug, Args)]
#[command(verbatim_doc_comment)]
pub(crate) struct Kill {
    /// The flag
    #[arg(value_name = "FLAG")]
    flag: String,
    /// Why, for the history
    #[arg(
        long,
        short,
        visible_alias = "message",
        visible_short_alias = 'm',
        value_name = "REASON"
    )]
    reason: Option<String>,
    /// Waits until all pages that listen were told; needs the scope `read` as well
    #[arg(long)]
    watch: bool,
    #[command(flatten)]
    confirm: Confirm,
    /// Prints one JSON object instead of text
    #[arg(long)]
    json: bool,
    #[command(flatten)]
    target: Target,
}

/// Ends a kill: the flag answers by its rules again
///
/// Needs a token with the scope `operate`.
#[derive(Debug, Args)]
pub(crate) struct Restore {
    #[command(flatten)]
    same: Kill,
}

pub(crate) fn kill(
    arguments: &Kill,
    config: &Config,
    out: &mut impl Write,
    notes: &mut impl Write,
) -> Result<(), Failure> {
    let question = |flag: &str, place: &str| format!("Kill {flag} in {place}?");
    set(arguments, ("kill", "killed"), question, config, out, notes)
}

pub(crate) fn restore(
    arguments: &Restore,
    config: &Config,
    out: &mut impl Write,
    notes: &mut impl Write,
) -> Result<(), Failure> {
    let question =
        |flag: &str, place: &str| format!("Let {flag} answer by its rules again in {place}?");
    let words = ("restore", "restored");
    set(&arguments.same, words, question, config, out, notes)
}

fn set(
    arguments: &Kill,
    (verb, done): (&str, &str),
    question: impl Fn(&str, &str) -> String,
    config: &Config,
    out: &mut impl Write,
    notes: &mut impl Write,
) -> Result<(), Failure> {
    let edge = Edge::open(config, &arguments.target)?;
    let (flag, place) = (&arguments.flag, edge.place());
    arguments.confirm.ask(&question(flag, &place), notes)?;
    let began = Instant::now();
    let path = format!("/admin/v1/flags/{}/{verb}", encode(flag));
    let answer = edge.post(&path, arguments.reason.as_deref());
    let answer = answer.map_err(|failure| match failure {
        Failure::Unreachable(sentence) => Failure::Unreachable(format!(
            "{sentence}\nnobody can say whether {flag} is {done}: do it again, twice is as good as once"
        )),
        failure => failure,
    })?;
    let (version, took) = (answer.number("version")?, answer.took.as_millis());
    if !arguments.json {
        writeln!(
            out,
            "{flag} is {done} in {place}: version {version}, in {took} ms"
        )?;
        out.flush()?;
    }
    let mut document = Map::from_iter([
        ("environment".to_owned(), Value::from(edge.name.as_str())),
        ("url".to_owned(), edge.url().into()),
        ("flag".to_owned(), flag.as_str().into()),
        ("killed".to_owned(), (verb == "kill").into()),
        ("version".to_owned(), version.into()),
        ("ms".to_owned(), (took as u64).into()),
    ]);
    if arguments.watch {
        let streams = told(&edge, began)?;
        let took = began.elapsed().as_millis();
        document.insert("streams".to_owned(), streams.into());
        document.insert("toldMs".to_owned(), (took as u64).into());
        if !arguments.json {
            let streams = match streams {
                0 => "no page listens".to_owned(),
                1 => "1 page listens".to_owned(),
                count => format!("{count} pages listen"),
            };
            writeln!(
                out,
                "every push was acknowledged within {took} ms: {streams}"
            )?;
        }
    }
    if arguments.json {
        writeln!(out, "{}", Value::Object(document))?;
    }
    Ok(())
}

/// Waits until no push of a version waits for a hub to acknowledge it: how many streams are open then.
fn told(edge: &Edge, began: Instant) -> Result<u64, Failure> {
    loop {
        let text = edge.get("/metrics")?.body;
        let gauge = |name: &str| gauge(&text, name);
        if (gauge("vexil_pushes_waiting"), gauge("vexil_hubs_silent")) == (Some(0), Some(0)) {
            return Ok(gauge("vexil_streams").unwrap_or_default());
        }
        if began.elapsed() > PATIENCE {
            let waiting = gauge("vexil_pushes_waiting").unwrap_or_default();
            let seconds = PATIENCE.as_secs();
            return Err(Failure::No(format!(
                "after {seconds} s {waiting} pushes still wait: that much is written, and the edge goes on telling"
            )));
        }
        sleep(ASK);
    }
}

/// The value of a metric in Prometheus' text.
fn gauge(text: &str, name: &str) -> Option<u64> {
    let values = text.lines().filter_map(|line| {
        let rest = line.strip_prefix(name)?;
        rest.strip_prefix('{')?.rsplit_once(' ')?.1.parse().ok()
    });
    values.reduce(u64::saturating_add)
}

#[cfg(test)]
mod tests {
    use super::gauge;

    #[test]
    fn a_gauge_is_the_number_after_its_labels() {
        let text = "# TYPE vexil_streams gauge\nvexil_streams{environment=\"a\"} 3\nvexil_streams_x{environment=\"a\"} 9\n";
        assert_eq!(gauge(text, "vexil_streams"), Some(3));
        assert_eq!(gauge(text, "vexil_hubs_silent"), None);
    }
}
