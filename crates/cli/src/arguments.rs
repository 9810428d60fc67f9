//! What can be written after `vexil`.

use std::path::PathBuf;

use crate::command::audit::Audit;
use crate::command::completions::{Completions, ManPages};
use crate::command::diff::Diff;
use crate::command::eval::Eval;
use crate::command::explain::Explain;
use crate::command::find::Find;
use crate::command::fmt::Fmt;
use crate::command::history::History;
use crate::command::import::Import;
use crate::command::init::Init;
use crate::command::kill::{Kill, Restore};
use crate::command::pull::Pull;
use crate::command::push::Push;
use crate::command::rollback::Rollback;
use crate::command::serve::Serve;
use crate::command::shadow::Shadow;
use crate::command::status::Status;
use crate::command::test::Test;
use crate::command::tokens::Tokens;
use crate::command::types::Types;
use crate::command::validate::Validate;
use crate::command::watch::Watch;
use crate::config::Config;
use crate::failure::Failure;
use crate::time::Instant;
use clap::{Args, Parser, Subcommand};

pub(crate) const EXIT_CODES: &str = "\
Exit codes:
  0  done
  1  the answer is no: a file is not what it should be; warnings are denied; a test failed; the flag or the release is
     not there
  2  the command line or vexil.toml cannot be understood
  3  a file cannot be read or written, or an address not be listened at
  4  the edge cannot be reached, or something else is at its address
  5  the edge refused";

const SETTINGS: &str = "\
Settings come from the nearest vexil.toml, here or in a folder above; what environment variables say comes before it,
and what the command line says before both:
  VEXIL_CONFIG       the file to read instead of the nearest vexil.toml
  VEXIL_RULESET      the ruleset to work on
  VEXIL_ENVIRONMENT  the environment to work on, one of [environments.NAME] in vexil.toml
  VEXIL_URL          the address of its edge
  VEXIL_TOKEN        the token that opens it, or
  VEXIL_TOKEN_FILE   a file that has it; a token is never an argument
  NO_COLOR           no colours, whatever it is set to";

/// Checks, evaluates and compiles rulesets of feature flags.
#[derive(Debug, Parser)]
#[command(name = "vexil", version, after_help = format!("{SETTINGS}\n\n{EXIT_CODES}"))]
pub(crate) struct Arguments {
    /// The settings [default: the nearest vexil.toml]
    #[arg(long, value_name = "FILE", global = true, display_order = 900)]
    pub(crate) config: Option<PathBuf>,
    #[command(subcommand)]
    pub(crate) command: Command,
}

#[derive(Debug, Subcommand)]
pub(crate) enum Command {
    #[command(after_help = EXIT_CODES)]
    Init(Init),
    #[command(after_help = EXIT_CODES)]
    Validate(Validate),
    #[command(after_help = EXIT_CODES)]
    Fmt(Fmt),
    /// Prints the JSON Schema of rulesets, for editors
    Schema,
    #[command(after_help = EXIT_CODES)]
    Eval(Eval),
    #[command(after_help = EXIT_CODES)]
    Explain(Explain),
    Diff(Diff),
    Find(Find),
    /// Writes the program that machines run
    #[command(after_help = EXIT_CODES)]
    Compile(Compile),
    #[command(after_help = EXIT_CODES)]
    Serve(Serve),
    #[command(after_help = EXIT_CODES)]
    Types(Types),
    #[command(after_help = EXIT_CODES)]
    Test(Test),
    #[command(after_help = EXIT_CODES)]
    Push(Push),
    #[command(after_help = EXIT_CODES)]
    Pull(Pull),
    #[command(after_help = EXIT_CODES)]
    Kill(Kill),
    #[command(after_help = EXIT_CODES)]
    Restore(Restore),
    #[command(after_help = EXIT_CODES)]
    Rollback(Rollback),
    #[command(after_help = EXIT_CODES)]
    Status(Status),
    #[command(after_help = EXIT_CODES)]
    History(History),
    #[command(after_help = EXIT_CODES)]
    Watch(Watch),
    #[command(subcommand, after_help = EXIT_CODES)]
    Audit(Audit),
    #[command(subcommand, after_help = EXIT_CODES)]
    Tokens(Tokens),
    #[command(after_help = EXIT_CODES)]
    Import(Import),
    Shadow(Shadow),
    /// Looks at releases
    #[command(subcommand)]
    Release(Release),
    Completions(Completions),
    Man(ManPages),
}

#[derive(Debug, Args)]
pub(crate) struct RulesetFile {
    /// A ruleset in JSON, YAML or TOML; `-` reads standard input as JSON [default: the one that vexil.toml names]
    #[arg(value_name = "FILE")]
    given: Option<PathBuf>,
}

impl RulesetFile {
    /// The file, named here or in the settings.
    pub(crate) fn path(&self, config: &Config) -> Result<PathBuf, Failure> {
        config.ruleset(self.given.as_deref())
    }
}

#[derive(Debug, Args)]
pub(crate) struct Compile {
    #[command(flatten)]
    pub(crate) ruleset: RulesetFile,
    /// Where the program goes
    #[arg(long, short, value_name = "FILE")]
    pub(crate) output: PathBuf,
    /// The environment that the program says it is for
    #[arg(long, value_name = "NAME", default_value = "production")]
    pub(crate) environment: String,
    /// The number that the program says it has
    #[arg(long, value_name = "NUMBER", default_value_t = 1)]
    pub(crate) number: u64,
    /// When the program says it was published: RFC 3339, or milliseconds since 1970 [default: now]
    #[arg(long, value_name = "TIME")]
    pub(crate) published: Option<Instant>,
}

#[derive(Debug, Subcommand)]
pub(crate) enum Release {
    /// Prints when each stage begins if nothing holds it
    #[command(after_help = EXIT_CODES, allow_missing_positional = true)]
    Timeline {
        #[command(flatten)]
        ruleset: RulesetFile,
        /// The release, as the ruleset names it
        name: String,
        /// When it starts: RFC 3339, or milliseconds since 1970 [default: now]
        #[arg(long, value_name = "TIME")]
        from: Option<Instant>,
    },
}

#[cfg(test)]
mod tests {
    use super::Arguments;

    #[test]
    fn arguments_are_declared_without_contradiction() {
        <Arguments as clap::CommandFactory>::command().debug_assert();
    }
}
