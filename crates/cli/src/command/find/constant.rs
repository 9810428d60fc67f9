//! Flags that serve one variant to everybody.

use std::collections::BTreeMap;
use std::path::Path;

use vexil_ruleset::{Duration, Lint, Ruleset, lint};

use crate::failure::Failure;
use crate::git;
use crate::source::Source;
use crate::time::Instant;

/// Keys, and which variant it is, as a sentence.
pub(super) type Constant = BTreeMap<String, String>;

/// Those of a ruleset that it does not allow to be constant.
pub(super) fn now(ruleset: &Ruleset) -> Constant {
    let findings = lint(ruleset).into_iter();
    let constant = findings.filter(|it| it.lint == Lint::ConstantFlag);
    constant
        .filter_map(|it| {
            Some((
                it.path.as_str().strip_prefix("/flags/")?.to_owned(),
                it.message,
            ))
        })
        .collect()
}

/// Those that served the same variant all the time since, by the history of the file.
pub(super) fn since(ruleset: &Ruleset, path: &Path, since: Duration) -> Result<Constant, Failure> {
    if path == Path::new("-") {
        return Err(Failure::Usage(
            "standard input has no history: `--since` needs a file in git".to_owned(),
        ));
    }
    let since = i64::try_from(since.ms()).unwrap_or(i64::MAX);
    let from = Instant::now().0.saturating_sub(since).div_euclid(1000);
    let Some(revisions) = git::revisions(path, from)? else {
        return Ok(Constant::new());
    };
    let mut constant = now(ruleset);
    for revision in revisions {
        if constant.is_empty() {
            break;
        }
        let Ok(text) = git::show(&revision, path) else {
            // It was taken away there.
            return Ok(Constant::new());
        };
        // What is no ruleset was served to nobody.
        if let Ok(ruleset) = Source::new(path.to_owned(), text).ruleset() {
            let then = now(&ruleset);
            constant.retain(|key, message| then.get(key) == Some(message));
        }
    }
    Ok(constant)
}
