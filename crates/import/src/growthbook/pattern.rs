//! JavaScript's regular expressions as the ruleset's patterns.
//!
//! Source: ECMA-262, `RegExp` (Regular Expression) Objects, section 22.2, and its annex B.1.2, without the flag `u`.

use std::fmt::Write;

use vexil_ruleset::Pattern;

/// What is not a pattern of ours.
pub(super) enum NoPattern {
    /// JavaScript refuses it too.
    Invalid,
    /// There it means something that no pattern of ours says.
    Unsupported(String),
}

/// The pattern that finds in a text what `new RegExp(expression)` does, or with the flag `i`.
///
/// Of letters beyond ASCII the flag `i` knows the upper and the lower case.
pub(super) fn pattern(expression: &str, ignores_case: bool) -> Result<Pattern, NoPattern> {
    let mut reading = Reading {
        rest: expression.chars().collect(),
        ignores_case,
        written: String::new(),
    };
    reading.expression()?;
    Pattern::parse(&reading.written).map_err(|error| NoPattern::Unsupported(error.to_string()))
}

/// `text` as a pattern that matches it and nothing else, in any case where that is asked for.
pub(super) fn literal(text: &str, ignores_case: bool) -> String {
    let mut written = String::new();
    for character in text.chars() {
        push(&mut written, character, ignores_case);
    }
    written
}

/// `character` as a class may name it.
pub(super) fn in_class(character: char) -> String {
    if character.is_ascii_alphanumeric() {
        character.to_string()
    } else {
        format!("\\x{{{:x}}}", u32::from(character))
    }
}

const SPACES: &str =
    r"\t-\r \x{a0}\x{1680}\x{2000}-\x{200a}\x{2028}\x{2029}\x{202f}\x{205f}\x{3000}\x{feff}";

struct Reading {
    rest: std::collections::VecDeque<char>,
    ignores_case: bool,
    written: String,
}

/// One thing of a class.
enum Item {
    Character(char),
    Set(String),
}

impl Reading {
    fn expression(&mut self) -> Result<(), NoPattern> {
        let mut depth = 0_u32;
        // Whether what stands before can be repeated.
        let mut is_atom = false;
        while let Some(next) = self.rest.pop_front() {
            match next {
                '|' => {
                    self.written.push('|');
                    is_atom = false;
                    continue;
                }
                '(' => {
                    self.group()?;
                    depth = depth.saturating_add(1);
                    is_atom = false;
                    continue;
                }
                '^' | '$' => {
                    self.written.push(next);
                    is_atom = false;
                    continue;
                }
                '*' | '+' | '?' => {
                    self.repeat(is_atom, &next.to_string())?;
                    is_atom = false;
                    continue;
                }
                '{' => {
                    if let Some(times) = self.times() {
                        self.repeat(is_atom, &times)?;
                        is_atom = false;
                        continue;
                    }
                    push(&mut self.written, '{', false);
                }
                ')' => {
                    depth = depth.checked_sub(1).ok_or(NoPattern::Invalid)?;
                    self.written.push(')');
                }
                '.' => self.written.push_str(r"[^\n\r\x{2028}\x{2029}]"),
                '[' => self.class()?,
                '\\' if matches!(self.rest.front(), Some('b' | 'B')) => {
                    let boundary = self.rest.pop_front().unwrap_or('b');
                    let _ = write!(self.written, "\\{boundary}");
                    is_atom = false;
                    continue;
                }
                '\\' => match self.escape()? {
                    Item::Character(character) => {
                        push(&mut self.written, character, self.ignores_case);
                    }
                    Item::Set(set) => {
                        let _ = write!(self.written, "[{set}]");
                    }
                },
                character => push(&mut self.written, character, self.ignores_case),
            }
            is_atom = true;
        }
        if depth == 0 {
            Ok(())
        } else {
            Err(NoPattern::Invalid)
        }
    }

    fn group(&mut self) -> Result<(), NoPattern> {
        self.written.push_str("(?:");
        if self.rest.front() != Some(&'?') {
            return Ok(());
        }
        self.rest.pop_front();
        match (self.rest.pop_front(), self.rest.front()) {
            (Some(':'), _) => Ok(()),
            (Some('=' | '!'), _) | (Some('<'), Some('=' | '!')) => {
                Err(unsupported("it looks ahead or behind"))
            }
            (Some('<'), Some(first)) if first.is_alphabetic() || "_$".contains(*first) => {
                while let Some(next) = self.rest.pop_front() {
                    if next == '>' {
                        return Ok(());
                    }
                }
                Err(NoPattern::Invalid)
            }
            _ => Err(NoPattern::Invalid),
        }
    }

    fn repeat(&mut self, is_atom: bool, times: &str) -> Result<(), NoPattern> {
        if !is_atom {
            return Err(NoPattern::Invalid);
        }
        self.written.push_str(times);
        // Which of several matches is found does not matter to whether there is one.
        if self.rest.front() == Some(&'?') {
            self.rest.pop_front();
        }
        Ok(())
    }

    /// `{1}`, `{1,}`, `{1,2}` behind its first brace; anything else is taken as it stands.
    fn times(&mut self) -> Option<String> {
        let end = self.rest.iter().position(|it| *it == '}')?;
        let inside: String = self.rest.iter().take(end).collect();
        let (least, most) = inside.split_once(',').unwrap_or((&inside, ""));
        let is_number = |text: &str| text.chars().all(|it| it.is_ascii_digit());
        if least.is_empty() || !is_number(least) || !is_number(most) {
            return None;
        }
        self.rest.drain(..=end);
        Some(format!("{{{inside}}}"))
    }

    fn class(&mut self) -> Result<(), NoPattern> {
        let is_negated = self.rest.front() == Some(&'^');
        if is_negated {
            self.rest.pop_front();
        }
        let mut written = String::new();
        while let Some(from) = self.item()? {
            let is_range = self.rest.front() == Some(&'-') && self.rest.get(1) != Some(&']');
            if !is_range {
                self.add(&mut written, &from);
                continue;
            }
            self.rest.pop_front();
            let Some(to) = self.item()? else {
                return Err(NoPattern::Invalid);
            };
            if let (Item::Character(from), Item::Character(to)) = (&from, &to) {
                self.range(&mut written, *from, *to)?;
            } else {
                self.add(&mut written, &from);
                self.add(&mut written, &Item::Character('-'));
                self.add(&mut written, &to);
            }
        }
        let class = match (is_negated, written.is_empty()) {
            (false, false) => format!("[{written}]"),
            (true, false) => format!("[^{written}]"),
            (false, true) => r"[^\x{0}-\x{10ffff}]".to_owned(),
            (true, true) => "(?s:.)".to_owned(),
        };
        self.written.push_str(&class);
        Ok(())
    }

    /// The next of a class; `None` at its end.
    fn item(&mut self) -> Result<Option<Item>, NoPattern> {
        match self.rest.pop_front() {
            None => Err(NoPattern::Invalid),
            Some(']') => Ok(None),
            Some('\\') if self.rest.front() == Some(&'b') => {
                self.rest.pop_front();
                Ok(Some(Item::Character('\u{8}')))
            }
            Some('\\') => self.escape().map(Some),
            Some(character) => Ok(Some(Item::Character(character))),
        }
    }

    fn add(&self, written: &mut String, item: &Item) {
        match item {
            Item::Set(set) => written.push_str(set),
            Item::Character(character) => {
                for case in cases(*character, self.ignores_case) {
                    written.push_str(&in_class(case));
                }
            }
        }
    }

    fn range(&self, written: &mut String, from: char, to: char) -> Result<(), NoPattern> {
        if from > to {
            return Err(NoPattern::Invalid);
        }
        let _ = write!(written, "{}-{}", in_class(from), in_class(to));
        if !self.ignores_case {
            return Ok(());
        }
        if !to.is_ascii() {
            return Err(unsupported("it ignores the case of a range beyond ASCII"));
        }
        for letter in (from..=to).filter(char::is_ascii_alphabetic) {
            for case in cases(letter, true) {
                written.push(case);
            }
        }
        Ok(())
    }

    /// What stands behind a backslash.
    fn escape(&mut self) -> Result<Item, NoPattern> {
        let set = |set: &str| Ok(Item::Set(set.to_owned()));
        let next = self.rest.pop_front().ok_or(NoPattern::Invalid)?;
        match next {
            'd' | 'D' | 'w' | 'W' => set(&format!("\\{next}")),
            's' => set(SPACES),
            'S' => set(&format!("[^{SPACES}]")),
            't' => Ok(Item::Character('\t')),
            'n' => Ok(Item::Character('\n')),
            'v' => Ok(Item::Character('\u{b}')),
            'f' => Ok(Item::Character('\u{c}')),
            'r' => Ok(Item::Character('\r')),
            'x' => Ok(Item::Character(self.hexadecimal(2)?.unwrap_or('x'))),
            'u' => Ok(Item::Character(self.hexadecimal(4)?.unwrap_or('u'))),
            '0' if !self.rest.front().is_some_and(char::is_ascii_digit) => {
                Ok(Item::Character('\0'))
            }
            '0'..='9' | 'k' => Err(unsupported("it refers to a group")),
            'c' => Err(unsupported("it names a control character")),
            other => Ok(Item::Character(other)),
        }
    }

    fn hexadecimal(&mut self, digits: usize) -> Result<Option<char>, NoPattern> {
        let text: String = self.rest.iter().take(digits).collect();
        if text.len() != digits || !text.chars().all(|it| it.is_ascii_hexdigit()) {
            return Ok(None);
        }
        self.rest.drain(..digits);
        let number = u32::from_str_radix(&text, 16).ok();
        let character = number.and_then(char::from_u32);
        character
            .map(Some)
            .ok_or_else(|| unsupported("it names a half of a character"))
    }
}

fn unsupported(what: &str) -> NoPattern {
    NoPattern::Unsupported(what.to_owned())
}

/// `character`, and where case is ignored its other ones.
fn cases(character: char, ignores_case: bool) -> Vec<char> {
    let mut cases = vec![character];
    if ignores_case {
        let mut upper = character.to_uppercase();
        let mut lower = character.to_lowercase();
        for case in [(upper.next(), upper.next()), (lower.next(), lower.next())] {
            if let (Some(case), None) = case
                && case.is_ascii() == character.is_ascii()
                && !cases.contains(&case)
            {
                cases.push(case);
            }
        }
    }
    cases
}

fn push(written: &mut String, character: char, ignores_case: bool) {
    let cases = cases(character, ignores_case);
    if let [only] = cases.as_slice() {
        written.push_str(&in_class(*only));
        return;
    }
    written.push('[');
    for case in cases {
        written.push_str(&in_class(case));
    }
    written.push(']');
}

#[cfg(test)]
mod tests;
