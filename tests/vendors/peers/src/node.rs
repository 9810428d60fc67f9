//! Evaluators that run in node: a line of JSON with a question in, a line with the answers out.

use std::io::{BufRead, BufReader, Write};
use std::path::Path;
use std::process::{Child, ChildStdin, ChildStdout, Command, Stdio};

use serde_json::{Value, json};
use vexil_vendors::question::Question;

use crate::Peer;

/// A node program that answers until its input ends.
pub struct Node {
    child: Child,
    questions: Option<ChildStdin>,
    answers: BufReader<ChildStdout>,
}

impl Node {
    /// Starts `NAME.mjs` of `folder`.
    pub fn start(folder: &Path, name: &str) -> Result<Node, String> {
        let mut command = Command::new("node");
        command.arg(format!("{name}.mjs")).current_dir(folder);
        command.stdin(Stdio::piped()).stdout(Stdio::piped());
        let mut child = command
            .spawn()
            .map_err(|error| format!("cannot start node: {error}"))?;
        let questions = child.stdin.take();
        let answers = BufReader::new(child.stdout.take().ok_or("no output")?);
        Ok(Node {
            child,
            questions,
            answers,
        })
    }
}

impl Peer for Node {
    fn answers(&mut self, question: &Question) -> Result<Vec<Vec<Value>>, String> {
        let keys: Vec<_> = question.flags.iter().map(|(key, _)| key).collect();
        let line = json!({ "file": question.file, "flags": keys, "contexts": question.contexts });
        let input = self.questions.as_mut().ok_or("no input")?;
        writeln!(input, "{line}").map_err(|it| it.to_string())?;
        let mut answer = String::new();
        self.answers
            .read_line(&mut answer)
            .map_err(|it| it.to_string())?;
        let answer: Value =
            serde_json::from_str(&answer).map_err(|it| format!("{it}: {answer:?}"))?;
        let flag = |flag: &Value| flag.as_array().cloned();
        let flags = answer
            .as_array()
            .and_then(|flags| flags.iter().map(flag).collect());
        flags.ok_or_else(|| format!("expected lists, found {answer}"))
    }
}

impl Drop for Node {
    fn drop(&mut self) {
        self.questions = None;
        let _ = self.child.wait();
    }
}
