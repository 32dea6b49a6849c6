//! What the keys of a scenario mean: wire types to domain types.

pub(crate) mod adversary;
pub(crate) mod attack;
pub(crate) mod compute;
pub(crate) mod csv;
pub(crate) mod expect;
pub(crate) mod faults;
pub(crate) mod function;
pub(crate) mod inputs;
pub(crate) mod label;
pub(crate) mod network;
pub(crate) mod parties;
pub(crate) mod prices;
pub(crate) mod rules;

use crate::mistake::Mistake;
use crate::path::KeyPath;

/// Checks that exactly one of several keys is given.
///
/// # Errors
/// Says which ones are, and which there are.
fn exactly_one(path: &KeyPath, given: &[(&'static str, bool)]) -> Result<(), Mistake> {
    let all: Vec<_> = given.iter().map(|(key, _)| *key).collect();
    let present: Vec<_> = given.iter().filter(|(_, is)| *is).map(|(key, _)| *key).collect();
    match &present[..] {
        [_] => Ok(()),
        [] => {
            let message = format!("`{}` needs one of the keys {}", path.name(), all.join(", "));
            Err(Mistake::new(path, message, "none of them is here"))
        }
        [first, second, ..] => {
            let message = format!("`{first}` and `{second}` exclude each other");
            Err(Mistake::new(&path.key(*second), message, format!("`{first}` is given, too"))
                .on_key())
        }
    }
}
