//! Regular expressions.

mod ascii;

use std::fmt;

use regex_syntax::ast;
use regex_syntax::hir::Hir;
use regex_syntax::hir::translate::TranslatorBuilder;
use vexil_core::limits::AUTOMATON_BYTES;

use crate::automaton::{Search, Table, TooLarge, table};
use crate::json::quoted;

/// How deep groups, classes and repetitions may stand in each other: bounds the stack.
const NESTING: u32 = 100;

/// A regular expression that a text may match anywhere in it.
///
/// The syntax is that of the Rust crate `regex`, of which `\p` is left out, and `\d`, `\s`, `\w`, their opposites and
/// the word boundaries mean ASCII: `\w` is the class `[0-9A-Za-z_]` and `\W` the class `[^0-9A-Za-z_]`.
///
/// ```
/// use vexil_ruleset::Pattern;
/// let pattern = Pattern::parse(r"^user-\d+$")?;
/// assert_eq!(pattern.as_str(), r"^user-\d+$");
/// assert_eq!(Pattern::parse("a(b").unwrap_err().to_string(), "unclosed group at character 2");
/// # Ok::<(), vexil_ruleset::PatternError>(())
/// ```
#[derive(Clone, Debug, PartialEq)]
pub struct Pattern {
    text: String,
    search: Search,
}

/// Why a text is no pattern.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum PatternError {
    /// It is no regular expression.
    Syntax {
        /// What is wrong: `unclosed group`.
        message: String,
        /// How many characters stand before that.
        position: usize,
    },
    /// Its automaton would be larger than [`AUTOMATON_BYTES`].
    TooLarge,
}

impl Pattern {
    /// Reads a pattern, and makes the automaton that decides it.
    ///
    /// # Errors
    /// Where `text` is none, or needs too large an automaton.
    pub fn parse(text: &str) -> Result<Pattern, PatternError> {
        Pattern::parse_counting(text, &mut 0)
    }

    /// The same; adds what it takes to `work`, in bytes and in characters looked up. Of an automaton that is too large
    /// nothing is added.
    pub(crate) fn parse_counting(text: &str, work: &mut usize) -> Result<Pattern, PatternError> {
        let hir = hir(text, work)?;
        let source = format!("matches {}", quoted(text));
        let search = Search::new(&hir, source)?;
        *work = work.saturating_add(search.work);
        Ok(Pattern {
            text: text.to_owned(),
            search,
        })
    }

    /// The pattern, as it was written.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.text
    }

    /// Whether it matches somewhere in `text`. Makes its table anew: programs are made to be asked often.
    ///
    /// ```
    /// use vexil_ruleset::Pattern;
    /// let pattern = Pattern::parse("^user-")?;
    /// assert!(pattern.matches("user-1") && !pattern.matches("a user-1"));
    /// # Ok::<(), vexil_ruleset::PatternError>(())
    /// ```
    #[must_use]
    pub fn matches(&self, text: &str) -> bool {
        self.table().is_some_and(|table| table.matches(text))
    }

    /// Whether it matches in the decimals of every number, `Some(true)`, or of none, `Some(false)`.
    ///
    /// ```
    /// use vexil_ruleset::Pattern;
    /// assert_eq!(Pattern::parse("@example")?.matches_numbers(), Some(false));
    /// assert_eq!(Pattern::parse("[0-9]")?.matches_numbers(), Some(true));
    /// assert_eq!(Pattern::parse("^1")?.matches_numbers(), None);
    /// # Ok::<(), vexil_ruleset::PatternError>(())
    /// ```
    #[must_use]
    pub fn matches_numbers(&self) -> Option<bool> {
        self.table()?.decides_decimals()
    }

    fn table(&self) -> Option<Table> {
        let hir = hir(&self.text, &mut 0).ok()?;
        table(&hir).map(|(table, _)| table)
    }

    pub(crate) fn search(&self) -> &Search {
        &self.search
    }
}

/// What a pattern means; adds the characters looked up for it to `work`.
pub(crate) fn hir(text: &str, work: &mut usize) -> Result<Hir, PatternError> {
    if text.len() > AUTOMATON_BYTES {
        return Err(PatternError::TooLarge);
    }
    let mut ast = ast::parse::ParserBuilder::new()
        .nest_limit(NESTING)
        .build()
        .parse(text)
        .map_err(|error| PatternError::syntax(text, error.kind(), error.span()))?;
    ascii::ascii(&mut ast, work).map_err(|it| PatternError::syntax(text, &it.what, &it.span))?;
    TranslatorBuilder::new()
        .build()
        .translate(text, &ast)
        .map_err(|error| PatternError::syntax(text, error.kind(), error.span()))
}

impl PatternError {
    fn syntax(text: &str, what: &dyn fmt::Display, span: &ast::Span) -> PatternError {
        let before = text.get(..span.start.offset).unwrap_or_default();
        PatternError::Syntax {
            message: what.to_string().to_lowercase(),
            position: before.chars().count(),
        }
    }
}

impl From<TooLarge> for PatternError {
    fn from(TooLarge: TooLarge) -> PatternError {
        PatternError::TooLarge
    }
}

impl fmt::Display for PatternError {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            PatternError::Syntax { message, position } => {
                let character = position.saturating_add(1);
                write!(formatter, "{message} at character {character}")
            }
            PatternError::TooLarge => {
                write!(
                    formatter,
                    "an automaton of more than {AUTOMATON_BYTES} bytes"
                )
            }
        }
    }
}

impl std::error::Error for PatternError {}

#[cfg(test)]
mod tests;
