//! What colours mean. Where the output is no terminal, or `NO_COLOR` is set, `anstream` takes them out.
//!
//! `write!(out, "{ERROR}error{ERROR:#}: …")`

use anstyle::{AnsiColor, Style};

/// What is wrong, or fails.
pub(crate) const ERROR: Style = AnsiColor::Red.on_default().bold();
/// What is odd, or wants a look.
pub(crate) const WARNING: Style = AnsiColor::Yellow.on_default().bold();
/// What is as it should be, or is added.
pub(crate) const GOOD: Style = AnsiColor::Green.on_default();
/// What is taken away.
pub(crate) const GONE: Style = AnsiColor::Red.on_default();
/// What a line is about.
pub(crate) const TITLE: Style = Style::new().bold();
/// What can be passed over.
pub(crate) const ASIDE: Style = Style::new().dimmed();
