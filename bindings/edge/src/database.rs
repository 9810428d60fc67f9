//! The `SQLite` database of a Durable Object.

use worker::wasm_bindgen::{self, JsCast, JsValue, prelude::wasm_bindgen};
use worker::{Result, SqlStorage, SqlStorageValue as Value, State, Storage, js_sys};

/// Statements, and transactions of them.
pub(super) struct Database {
    storage: Storage,
    sql: SqlStorage,
}

/// The columns of a row, in the order in which the statement names them.
pub(super) struct Row(Vec<Value>);

impl Database {
    pub(super) fn of(state: &State) -> Database {
        let storage = state.storage();
        Database {
            sql: storage.sql(),
            storage,
        }
    }

    pub(super) fn run(&self, statement: &str, values: Vec<Value>) -> Result<Vec<Row>> {
        let rows = self.sql.exec(statement, values)?;
        rows.raw().map(|row| row.map(Row)).collect()
    }

    /// When the object is to be woken, in ms since 1970; `None`: not at all. Of the transaction, if one is under way.
    pub(super) fn set_alarm(&self, at: Option<i64>) -> Result<()> {
        let storage = self.storage.as_raw();
        // The runtime holds every answer back until it is durable, so nobody need wait for it.
        let _ = match at {
            Some(at) => {
                #[expect(
                    clippy::cast_precision_loss,
                    reason = "an instant of this age is exact"
                )]
                let at = js_sys::Date::new(&JsValue::from(at as f64));
                storage.set_alarm(at, js_sys::Object::new())?
            }
            None => storage.delete_alarm(js_sys::Object::new())?,
        };
        Ok(())
    }

    /// Runs `write` as one transaction: all of it happens, or nothing.
    pub(super) fn transact(&self, mut write: impl FnMut() -> Result<()>) -> Result<()> {
        let storage: &Transactions = self.storage.as_raw().unchecked_ref();
        storage.transaction_sync(&mut || write().map_err(JsValue::from))?;
        Ok(())
    }
}

impl Row {
    /// Each column is read once: a text or a blob moves out.
    pub(super) fn text(&mut self, column: usize) -> Option<String> {
        match self.0.get_mut(column) {
            Some(Value::String(text)) => Some(core::mem::take(text)),
            _ => None,
        }
    }

    pub(super) fn blob(&mut self, column: usize) -> Option<Vec<u8>> {
        match self.0.get_mut(column) {
            Some(Value::Blob(bytes)) => Some(core::mem::take(bytes)),
            _ => None,
        }
    }

    pub(super) fn integer(&self, column: usize) -> Option<i64> {
        match self.0.get(column) {
            Some(Value::Integer(number)) => Some(*number),
            _ => None,
        }
    }

    pub(super) fn real(&self, column: usize) -> Option<f64> {
        match self.0.get(column) {
            // A number without a fraction comes as an integer.
            Some(Value::Integer(number)) => Some(*number as f64),
            Some(Value::Float(number)) => Some(*number),
            _ => None,
        }
    }

    pub(super) fn count(&self, column: usize) -> Option<u64> {
        u64::try_from(self.integer(column)?).ok()
    }
}

/// A number that counts something.
pub(super) fn count(number: u64) -> Value {
    Value::Integer(i64::try_from(number).unwrap_or(i64::MAX))
}

/// `NULL` where there is nothing.
pub(super) fn optional(value: Option<impl Into<Value>>) -> Value {
    value.map_or(Value::Null, Into::into)
}

#[wasm_bindgen(wasm_bindgen = wasm_bindgen)]
extern "C" {
    /// What the storage of a Durable Object has beyond what `worker` binds.
    type Transactions;

    #[wasm_bindgen(method, catch, js_name = transactionSync)]
    fn transaction_sync(
        this: &Transactions,
        write: &mut dyn FnMut() -> core::result::Result<(), JsValue>,
    ) -> core::result::Result<JsValue, JsValue>;
}
