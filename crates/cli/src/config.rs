//! What need not be said in every command: `vexil.toml`, and above it the environment variables `VEXIL_…`.
//!
//! What the command line says comes first of all: every answer here takes it as `given`. No secret is ever in it:
//! they come from `VEXIL_TOKEN`, from the file that `VEXIL_TOKEN_FILE` names, or from standard input.

use std::collections::BTreeMap;
use std::env;
use std::path::{Path, PathBuf};

use serde::Deserialize;

use crate::command::unknown;
use crate::failure::Failure;
use crate::file;

/// The name of the file, which is looked for here and in every folder above.
pub(crate) const NAME: &str = "vexil.toml";

/// The settings of a project.
#[derive(Debug, Default, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct Config {
    /// The ruleset's file, from the folder of `vexil.toml`.
    ruleset: Option<PathBuf>,
    /// The environment that is meant where none is named.
    environment: Option<String>,
    /// Where rulesets are published, by name.
    #[serde(default)]
    environments: BTreeMap<String, Environment>,
    /// Beats the address of whatever environment is chosen.
    #[serde(skip)]
    url: Option<String>,
}

/// A place where a ruleset is published.
#[derive(Clone, Debug, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct Environment {
    /// The address of the edge: `https://flags.example.com`.
    pub(crate) url: String,
    /// What the edge calls the environment, where it is not what `vexil.toml` calls it.
    pub(crate) environment: Option<String>,
}

impl Config {
    /// Reads the file `given` (`--config`), else the one that `VEXIL_CONFIG` names, else the nearest `vexil.toml`, if
    /// any, and then the environment variables.
    ///
    /// # Errors
    /// Where a file was named and cannot be read, or the one that was found says what nobody understands.
    pub(crate) fn load(given: Option<&Path>) -> Result<Config, Failure> {
        let named = given.map(Path::to_owned).or_else(|| path("VEXIL_CONFIG"));
        let found = named.or_else(|| nearest(&env::current_dir().ok()?));
        let config = match found {
            Some(path) => Config::read(&path)?,
            None => Config::default(),
        };
        Ok(config.overridden(
            path("VEXIL_RULESET"),
            word("VEXIL_ENVIRONMENT")?,
            word("VEXIL_URL")?,
        ))
    }

    /// The ruleset to work on.
    ///
    /// # Errors
    /// Where nothing says which.
    pub(crate) fn ruleset(&self, given: Option<&Path>) -> Result<PathBuf, Failure> {
        let path = given.or(self.ruleset.as_deref()).map(Path::to_owned);
        path.ok_or_else(|| {
            Failure::Usage(format!(
                "no ruleset is named: name a FILE, or write `ruleset = \"flags.json\"` into {NAME} (`vexil init` makes one)"
            ))
        })
    }

    /// The environment to work on and what it is called: the one `given`, else the one set, else the only one.
    /// `url` (`--url`) beats its address, and makes an environment of a name that `vexil.toml` lacks.
    ///
    /// # Errors
    /// Where nothing says which, or the one that is named is nowhere.
    pub(crate) fn environment(
        &self,
        given: Option<&str>,
        url: Option<&str>,
    ) -> Result<(String, Environment), Failure> {
        let only = || match self.environments.len() {
            1 => self.environments.keys().next().map(String::as_str),
            _ => None,
        };
        let name = given.or(self.environment.as_deref()).or_else(only);
        let url = url.or(self.url.as_deref());
        let Some(name) = name.or(url.map(|_| "production")) else {
            return Err(Failure::Usage(format!(
                "no environment is named: name one with `--environment`, or write `environment = \"production\"` into {NAME}"
            )));
        };
        let known = self.environments.get(name);
        let environment = match (known, url) {
            (known, Some(url)) => Environment {
                url: url.to_owned(),
                environment: known.and_then(|it| it.environment.clone()),
            },
            (Some(known), None) => known.clone(),
            (None, None) => {
                let names = self.environments.keys().map(String::as_str);
                return Err(unknown("environment", name, names));
            }
        };
        Ok((name.to_owned(), environment))
    }

    /// Whether anything names an environment, as [`Config::environment`] looks for it, and not an address alone.
    pub(crate) fn names_environment(&self, given: Option<&str>) -> bool {
        given.is_some() || self.environment.is_some() || self.environments.len() == 1
    }

    fn read(path: &Path) -> Result<Config, Failure> {
        let mut config: Config = toml::from_str(&file::read(path)?).map_err(|error| {
            let (path, error) = (path.display(), error.to_string());
            Failure::Usage(format!("{path}: {}", error.trim_end()))
        })?;
        let folder = path.parent().unwrap_or(Path::new(""));
        config.ruleset = config.ruleset.map(|ruleset| folder.join(ruleset));
        Ok(config)
    }

    fn overridden(
        self,
        ruleset: Option<PathBuf>,
        environment: Option<String>,
        url: Option<String>,
    ) -> Config {
        Config {
            ruleset: ruleset.or(self.ruleset),
            environment: environment.or(self.environment),
            url,
            ..self
        }
    }
}

/// The nearest `vexil.toml` in `folder` or above; said from `folder` if it is in it.
fn nearest(folder: &Path) -> Option<PathBuf> {
    let path = folder
        .ancestors()
        .map(|folder| folder.join(NAME))
        .find(|path| path.is_file())?;
    Some(match path.strip_prefix(folder) {
        Ok(name) => name.to_owned(),
        Err(_) => path,
    })
}

/// An environment variable; one that is empty is not set.
fn word(name: &str) -> Result<Option<String>, Failure> {
    let Some(word) = env::var_os(name).filter(|word| !word.is_empty()) else {
        return Ok(None);
    };
    let word = word.into_string();
    word.map(Some)
        .map_err(|_| Failure::Usage(format!("the variable {name} is not UTF-8")))
}

fn path(name: &str) -> Option<PathBuf> {
    env::var_os(name)
        .filter(|path| !path.is_empty())
        .map(PathBuf::from)
}

#[cfg(test)]
mod tests;
