//! Reading segments, and the tests of a ruleset.

use serde_json::{Map, Value};

use super::condition::condition;
use super::reader::Reader;
use super::run::Item;
use super::scalar::{check_reference, lints, owned_text};
use super::serve::own_variant;
use crate::issue::Code;
use crate::key::FlagKey;
use crate::model::{Segment, Test};

pub(super) const FIELDS: &[&str] = &["description", "members", "except", "when", "allow"];
pub(super) const TEST_FIELDS: &[&str] = &["context", "expect"];

pub(super) fn segment<'n>(reader: &Reader<'n, '_>, name: &'n str) -> Option<Segment> {
    let fields = reader.fields(FIELDS)?;
    let description = fields.optional("description", owned_text);
    let members = fields.optional("members", |it| it.list(owned_text));
    let except = fields.optional("except", |it| it.list(owned_text));
    let when = fields.optional("when", |it| condition(it, Item::Segment(name), 1));
    let allow = fields.optional("allow", lints);
    Some(Segment {
        description: description?,
        members: members?.unwrap_or_default(),
        except: except?.unwrap_or_default(),
        when: when?,
        allow: allow?.unwrap_or_default(),
    })
}

pub(super) fn test(reader: &Reader<'_, '_>) -> Option<Test> {
    let fields = reader.fields(TEST_FIELDS)?;
    let context = fields.required("context", context);
    let expect = fields.required("expect", |it| {
        it.map(FlagKey::new, |it, key| {
            check_reference(it, key, Some(&it.run.names.flags), Code::UnknownFlag);
            own_variant(it, key)
        })
    });
    Some(Test {
        context: context?,
        expect: expect?,
    })
}

fn context(reader: &Reader<'_, '_>) -> Option<Map<String, Value>> {
    match reader.node.to_value() {
        Value::Object(members) => Some(members),
        Value::Null | Value::Bool(_) | Value::Number(_) | Value::String(_) | Value::Array(_) => {
            reader.wrong_type("an object", reader.node)
        }
    }
}
