//! `in`, of lists and of texts.

use serde_json::Value;
use vexil_ruleset::Path;

use super::condition::middle;
use super::operand::{Operand, text_of};
use super::reader::Reader;
use super::test::is_same;
use super::truth::Truth;

impl Reader<'_> {
    /// An attribute in a list of values or in a text, or a value in an attribute that is one.
    pub(super) fn membership(
        &mut self,
        needle: &Value,
        haystack: &Value,
        path: &Path,
    ) -> Result<Truth, String> {
        let needle = Operand::of(needle, self.flag_key)?;
        let haystack = Operand::of(haystack, self.flag_key)?;
        match (needle, haystack) {
            (Operand::Literal(needle), Operand::Literal(Value::String(text))) => {
                Ok(Truth::of(text.contains(&text_of(&needle))))
            }
            (Operand::Literal(needle), Operand::Literal(Value::Array(items))) => {
                Ok(Truth::of(items.iter().any(|item| is_same(&needle, item))))
            }
            (_, Operand::Literal(Value::Null)) => Ok(Truth::Never),
            (Operand::Attribute(attribute), Operand::Literal(Value::Array(items))) => {
                Ok(attribute.is_in(&items))
            }
            (
                Operand::Joined {
                    before,
                    attribute,
                    after,
                },
                Operand::Literal(Value::Array(items)),
            ) => {
                let texts = items.iter().filter_map(Value::as_str);
                let middles = texts.filter_map(|text| middle(text, &before, &after));
                Ok(Truth::or(
                    middles.map(|text| attribute.reads(text)).collect(),
                ))
            }
            (Operand::Attribute(attribute), Operand::Literal(Value::String(text))) => {
                let truth = attribute.is_part_of(&text);
                self.note(
                    path.clone(),
                    "only text is looked for in the text; flagd makes text of all else first",
                );
                truth.ok_or_else(|| "no condition looks for an attribute in so long a text".into())
            }
            (Operand::Literal(needle), Operand::Attribute(attribute)) => match &needle {
                Value::String(_) => {
                    self.note(
                        path.clone(),
                        "an element of a list only has to contain the text; in flagd it has to equal it",
                    );
                    Ok(attribute.contains(&needle))
                }
                Value::Bool(_) | Value::Number(_) => {
                    self.note(
                        path.clone(),
                        format!("a text with `{needle}` in it does not hold; in flagd it does"),
                    );
                    Ok(attribute.contains(&needle))
                }
                _ => Err("`in` looks for something other than one value".to_owned()),
            },
            _ => Err("no condition says what `in` says here".to_owned()),
        }
    }
}
