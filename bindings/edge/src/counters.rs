//! What clients reported, added up: Durable Objects, each with a share of the units of an environment.
//!
//! All events of one unit come to the same shard, and a batch that comes again finds its id there. A shard keeps sums and
//! the ids of batches, both bounded, and nothing of who reported them. What may be counted was decided before
//! (`delivery::events`).

mod table;

use core::cell::OnceCell;
use core::time::Duration;
use std::cell::RefCell;

use serde_json::{Value as Json, json};
use vexil_core::Seed;
use vexil_release::events::{Batch, Counts};
use worker::{
    DurableObject, Env, Error, Method, Request, RequestInit, Response, Result, State, Stub,
    console_error, durable_object, wasm_bindgen,
};

use crate::wait::{for_all, within};
use crate::{clock, reply};
use table::Table;

const ADD: &str = "https://counters/add";
const SUM: &str = "https://counters/sum";
/// In how many shards the counters of an environment are, unless `VEXIL_COUNTER_SHARDS` says otherwise.
const DEFAULT_SHARDS: u32 = 4;
/// How long a shard may take to say what it counted.
const ANSWER: Duration = Duration::from_secs(2);
/// Places units apart from any split.
const SALT: &str = "vexil/counters";

/// What became of a batch.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Outcome {
    Counted,
    /// It was counted before.
    Repeated,
}

/// Adds what `batch` comes to. It is durable when this returns.
pub(crate) async fn add(
    env: &Env,
    environment: &str,
    batch: &Batch,
    counts: &Counts,
) -> Result<Outcome> {
    let shard = shard(batch.unit(), shards(env));
    let body = json!({ "batch": batch.id, "counts": counts.to_json() });
    let mut init = RequestInit::new();
    init.with_method(Method::Post)
        .with_body(Some(body.to_string().into()));
    let request = Request::new_with_init(ADD, &init)?;
    let response = stub(env, environment, shard)?
        .fetch_with_request(request)
        .await?;
    match response.status_code() {
        201 => Ok(Outcome::Counted),
        200 => Ok(Outcome::Repeated),
        status => Err(format!("shard {shard} answered {status}").into()),
    }
}

/// What came to all shards of an environment.
pub(crate) async fn total(env: &Env, environment: &str) -> Result<Counts> {
    let answers = RefCell::new(Vec::new());
    let ask = async |shard| {
        let sum = async {
            let stub = stub(env, environment, shard)?;
            let text = stub.fetch_with_str(SUM).await?.text().await?;
            Ok(Counts::from_json(&serde_json::from_str(&text)?))
        };
        let sum = within(ANSWER, sum).await;
        let sum = sum.unwrap_or_else(|| Err(Error::from("it took too long")));
        answers.borrow_mut().push(sum);
    };
    for_all((0..shards(env)).map(&ask)).await;
    let mut total = Counts::default();
    for sum in answers.take() {
        total.add(sum?);
    }
    Ok(total)
}

/// `GET /admin/v1/events`.
pub(crate) async fn read(env: &Env, environment: &str) -> Result<Response> {
    match total(env, environment).await {
        Ok(total) => reply::json(200, &total.to_json()),
        Err(error) => {
            console_error!("the counters of {environment} do not answer: {error}");
            reply::retry_later("not all counters can be reached", 1)
        }
    }
}

fn shards(env: &Env) -> u32 {
    env.var("VEXIL_COUNTER_SHARDS")
        .ok()
        .and_then(|value| value.to_string().parse().ok())
        .filter(|&value| value > 0)
        .unwrap_or(DEFAULT_SHARDS)
}

/// Where `unit` is counted, of so many shards.
fn shard(unit: &str, shards: u32) -> u32 {
    let position = u64::from(Seed::of(SALT).place(unit).get());
    (position.saturating_mul(u64::from(shards)) >> 32) as u32
}

fn stub(env: &Env, environment: &str, shard: u32) -> Result<Stub> {
    env.durable_object("COUNTERS")?
        .get_by_name(&format!("{environment}/{shard}"))
}

/// The Durable Object.
#[durable_object(fetch)]
pub struct Counters {
    state: State,
    table: OnceCell<Table>,
}

impl DurableObject for Counters {
    fn new(state: State, _: Env) -> Self {
        Counters {
            state,
            table: OnceCell::new(),
        }
    }

    async fn fetch(&self, mut request: Request) -> Result<Response> {
        match request.inner().url().as_str() {
            ADD => {
                let body: Json = serde_json::from_str(&request.text().await?)?;
                let batch = body.get("batch").and_then(Json::as_str);
                let batch = batch.ok_or("a batch has an id")?;
                let counts = body.get("counts").ok_or("a batch has counts")?;
                let counts = Counts::from_json(counts);
                let status = match self.table()?.add(batch, &counts, clock::now())? {
                    Outcome::Counted => 201,
                    Outcome::Repeated => 200,
                };
                Ok(reply::builder(status)?.empty())
            }
            SUM => reply::json(200, &self.table()?.sum()?.to_json()),
            _ => reply::plain_problem(404, "there is no such call"),
        }
    }
}

impl Counters {
    /// The tables, made by the first request.
    fn table(&self) -> Result<&Table> {
        if let Some(table) = self.table.get() {
            return Ok(table);
        }
        let table = Table::open(&self.state)?;
        Ok(self.table.get_or_init(|| table))
    }
}

#[cfg(test)]
mod tests {
    use super::shard;

    #[test]
    fn units_are_spread_over_all_shards_and_each_stays_at_its_own() {
        for shards in [1, 4, 7] {
            let mut counts = vec![0; shards as usize];
            for unit in 0..10_000 {
                let unit = format!("user-{unit}");
                assert_eq!(shard(&unit, shards), shard(&unit, shards));
                counts[shard(&unit, shards) as usize] += 1;
            }
            let fair = 10_000 / shards;
            assert!(
                counts
                    .iter()
                    .all(|count| count * 10 > fair * 9 && count * 10 < fair * 11),
                "{counts:?}"
            );
        }
    }
}
