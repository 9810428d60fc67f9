//! Reading ranges of versions, character by character.

use super::{Bound, Partial, Prefix, RangeError, between, desugar};

/// The largest number in a version: that of npm, 2^53 - 1.
const LARGEST: u64 = 9_007_199_254_740_991;

/// What of a range is still to be read.
pub(super) struct Scanner<'t> {
    text: &'t str,
    rest: &'t str,
}

impl<'t> Scanner<'t> {
    pub(super) fn new(text: &'t str) -> Self {
        Scanner { text, rest: text }
    }

    /// Reads bounds up to `||` or the end; at least one.
    pub(super) fn alternative(&mut self) -> Result<Vec<Bound>, RangeError> {
        self.skip_spaces();
        let (prefix, first) = self.comparator()?;
        let is_followed = self.skip_spaces();
        if prefix == Prefix::None && is_followed && self.take("-") {
            return self.hyphen(&first);
        }
        let mut bounds = desugar(prefix, &first);
        while !self.rest.is_empty() && !self.rest.starts_with("||") {
            let (prefix, partial) = self.comparator()?;
            bounds.extend(desugar(prefix, &partial));
            self.skip_spaces();
        }
        Ok(bounds)
    }

    pub(super) fn take(&mut self, token: &str) -> bool {
        let after = self.rest.strip_prefix(token);
        self.rest = after.unwrap_or(self.rest);
        after.is_some()
    }

    pub(super) fn end(&self) -> Result<(), RangeError> {
        self.require(self.rest.is_empty(), "the end")
    }

    fn hyphen(&mut self, from: &Partial) -> Result<Vec<Bound>, RangeError> {
        let is_apart = self.skip_spaces();
        self.require(is_apart, "a space")?;
        let to = self.partial()?;
        self.skip_spaces();
        let is_last = self.rest.is_empty() || self.rest.starts_with("||");
        self.require(is_last, "`||` or the end")?;
        Ok(between(from, &to))
    }

    fn comparator(&mut self) -> Result<(Prefix, Partial), RangeError> {
        // The longer before the shorter that it begins with.
        const PREFIXES: [(&str, Prefix); 8] = [
            ("<=", Prefix::LessOrEqual),
            (">=", Prefix::GreaterOrEqual),
            ("~>", Prefix::Tilde),
            ("<", Prefix::Less),
            (">", Prefix::Greater),
            ("=", Prefix::None),
            ("^", Prefix::Caret),
            ("~", Prefix::Tilde),
        ];
        let found = PREFIXES.iter().find(|(token, _)| self.take(token));
        let prefix = found.map_or(Prefix::None, |(_, prefix)| *prefix);
        if found.is_some() {
            self.skip_spaces();
        }
        let at = self.rest;
        let partial = self.partial()?;
        let is_open = matches!(prefix, Prefix::Caret | Prefix::Tilde);
        let has_gap = (partial.major.is_none() && partial.minor.is_some())
            || (partial.minor.is_none() && partial.patch.is_some());
        if has_gap && !is_open {
            self.rest = at;
            return self
                .require(false, "no number after an `x`")
                .map(|()| (prefix, partial));
        }
        Ok((prefix, partial))
    }

    fn partial(&mut self) -> Result<Partial, RangeError> {
        self.take("v");
        let mut partial = Partial {
            major: self.number()?,
            minor: None,
            patch: None,
            pre: String::new(),
        };
        if self.take(".") {
            partial.minor = self.number()?;
            if self.take(".") {
                partial.patch = self.number()?;
                if self.take("-") {
                    self.identifiers(true)?.clone_into(&mut partial.pre);
                }
                if self.take("+") {
                    self.identifiers(false)?;
                }
            }
        }
        let is_over = self.rest.is_empty()
            || self.rest.starts_with("||")
            || self.rest.starts_with(char::is_whitespace);
        self.require(is_over, "a space, `||` or the end")?;
        Ok(partial)
    }

    /// Reads a number, or `None` for one that is left open: `x`, `X`, `*`.
    fn number(&mut self) -> Result<Option<u64>, RangeError> {
        if ["x", "X", "*"].iter().any(|open| self.take(open)) {
            return Ok(None);
        }
        let digits = self.while_ascii(|byte| byte.is_ascii_digit());
        let number = digits.parse().ok().filter(|number| *number <= LARGEST);
        if number.is_none() || has_leading_zero(digits) {
            self.back(digits);
            let expected = if digits.is_empty() {
                "a version"
            } else {
                "a number without leading zeros, up to 2^53 - 1"
            };
            self.require(false, expected)?;
        }
        Ok(number)
    }

    /// Reads identifiers with dots between them.
    fn identifiers(&mut self, is_pre_release: bool) -> Result<&'t str, RangeError> {
        let text =
            self.while_ascii(|byte| byte.is_ascii_alphanumeric() || matches!(byte, b'-' | b'.'));
        let is_valid = text.split('.').all(|identifier| {
            !identifier.is_empty() && (!is_pre_release || !has_leading_zero(identifier))
        });
        if !is_valid {
            self.back(text);
            self.require(
                false,
                "identifiers with dots between them, numbers without leading zeros",
            )?;
        }
        Ok(text)
    }

    fn while_ascii(&mut self, is_part: impl Fn(u8) -> bool) -> &'t str {
        let length = self
            .rest
            .bytes()
            .take_while(|byte| byte.is_ascii() && is_part(*byte))
            .count();
        let (taken, rest) = self
            .rest
            .split_at_checked(length)
            .unwrap_or(("", self.rest));
        self.rest = rest;
        taken
    }

    /// Goes back to where `taken` began.
    fn back(&mut self, taken: &str) {
        let start = self
            .text
            .len()
            .saturating_sub(self.rest.len().saturating_add(taken.len()));
        self.rest = self.text.get(start..).unwrap_or(self.rest);
    }

    fn skip_spaces(&mut self) -> bool {
        let rest = self.rest.trim_start();
        let has_spaces = rest.len() < self.rest.len();
        self.rest = rest;
        has_spaces
    }

    fn require(&self, is_met: bool, expected: &'static str) -> Result<(), RangeError> {
        if is_met {
            return Ok(());
        }
        let rest = self.rest.chars().count();
        let position = self.text.chars().count().saturating_sub(rest);
        Err(RangeError { position, expected })
    }
}

fn has_leading_zero(identifier: &str) -> bool {
    identifier.len() > 1
        && identifier.starts_with('0')
        && identifier.bytes().all(|byte| byte.is_ascii_digit())
}
