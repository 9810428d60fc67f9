//! Where a program comes from: this data centre's cache, the store of programs, the environment.
//!
//! A program never changes, so any copy does. None is trusted: bytes that are not the program that the head names, by
//! number and checksum, are as good as none.

use vexil_core::{Program, ProgramError};
use worker::{Cache, Env, Result};

use crate::environment::{self, Head};
use crate::reply;

/// The program of `head`, from the nearest that has it.
pub(super) async fn fetch(env: &Env, environment: &str, head: &Head) -> Result<Program> {
    let number = head.program;
    let is_wanted =
        |program: &Program| is_of(program, head) && program.environment() == environment;
    let read = |bytes| Program::from_bytes(bytes).ok().filter(is_wanted);
    if let Some(program) = cached(environment, number).await.and_then(read) {
        return Ok(program);
    }
    let stored = stored(env, environment, number).await.and_then(read);
    let program = if let Some(program) = stored {
        program
    } else {
        let bytes = environment::program(env, environment, number).await?;
        Program::from_bytes(bytes).map_err(ProgramError::message)?
    };
    // The next isolate asks the same, or the store: either way it has its program.
    let _ = leave(environment, number, &program).await;
    Ok(program)
}

/// Whether it is the one that `head` names.
pub(super) fn is_of(program: &Program, head: &Head) -> bool {
    (program.number(), program.checksum()) == (head.program, head.checksum)
}

async fn cached(environment: &str, number: u64) -> Option<Vec<u8>> {
    let url = url(environment, number);
    let mut cached = Cache::default().get(url, false).await.ok()??;
    cached.bytes().await.ok()
}

async fn stored(env: &Env, environment: &str, number: u64) -> Option<Vec<u8>> {
    let store = env.kv(environment::PROGRAMS).ok()?;
    let key = environment::program_key(environment, number);
    store.get(&key).bytes().await.ok()?
}

async fn leave(environment: &str, number: u64, program: &Program) -> Result<()> {
    let response = reply::builder(200)?
        .with_header("content-type", "application/octet-stream")?
        .with_header("cache-control", "public, max-age=31536000, immutable")?
        .fixed(program.as_bytes().to_vec());
    Cache::default()
        .put(url(environment, number), response)
        .await
}

fn url(environment: &str, number: u64) -> String {
    format!("https://vexil.invalid/program/{environment}/{number}")
}
