//! Programs that users write without Rust: a script builds a [`Program`].
//!
//! The language is rhai: its operators can be given a meaning for secret values, its work and
//! memory can be bounded, and its errors know their place. `docs/programs.md` is the manual. A
//! script runs once, before any party does. It sees the number of input parties and its parameters,
//! no file, no clock, no randomness; what it leaves is a graph of operations over secret values.
//!
//! [`build`] runs a script, [`Failure`] is what goes wrong, located in its text.

mod arithmetic;
mod engine;
mod failure;
mod interface;
#[cfg(test)]
mod library_tests;
mod logic;
mod operand;
mod order;
mod state;
#[cfg(test)]
mod tests;
mod vectors;
mod words;

pub use engine::FUNCTIONS;
pub use failure::Failure;
pub use state::Parties;

use mpclab_protocols::program::Program;
use serde_json::Value;

/// Stack of the thread that runs a script: nested values of the largest allowed size are dropped
/// recursively.
const STACK_BYTES: usize = 128 << 20;

/// Runs a script for so many parties; `params` is a map or null.
///
/// Equal texts, parameters and numbers of parties give equal programs.
///
/// # Errors
/// The script's mistake with its place, or a parameter that does not fit.
pub fn build(text: &str, params: &Value, parties: impl Into<Parties>) -> Result<Program, Failure> {
    let parties = parties.into();
    std::thread::scope(|scope| {
        let thread = std::thread::Builder::new().name("script".to_owned()).stack_size(STACK_BYTES);
        let run = thread.spawn_scoped(scope, || engine::run(text, params, parties));
        match run.map(std::thread::ScopedJoinHandle::join) {
            Ok(Ok(built)) => built,
            Ok(Err(_)) => Err(Failure::whole("bug: the program's builder panicked")),
            Err(error) => Err(Failure::whole(&format!("no thread for the program: {error}"))),
        }
    })
}

/// The first comment of a script in one line: what it computes.
#[must_use]
pub fn about(text: &str) -> String {
    let comment = text.lines().skip_while(|line| line.trim().is_empty());
    let lines = comment.map_while(|line| line.trim().strip_prefix("//"));
    let lines = lines.take_while(|line| !line.trim().is_empty());
    let about = lines.map(str::trim).collect::<Vec<_>>().join(" ");
    if about.is_empty() { "a program of the user's own".to_owned() } else { about }
}
