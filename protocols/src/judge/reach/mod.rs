//! Whether inputs of a coalition explain what honest parties got: the functionality, over the
//! integers, with its ranges. What a protocol's arithmetic makes of other inputs is no excuse.
//!
//! Where outputs are affine in the unknown inputs, they are solved for ([`affine`]); few inputs are
//! tried one by one, in all their combinations; of many, each is solved for beside random others.

mod affine;
mod lattice;
mod space;

use super::oracle::Reach;
use crate::program::{Existential, InputDecl, Inputs, Outputs, Program, existential};
use affine::Affine;
use space::Space;

/// Combinations of inputs that are tried at most.
const TRIED: u64 = 100_000;
/// Ring operations that a search takes at most.
const WORK: u64 = 100_000_000;
/// Random places in which one input after the other is solved for.
const PLACES: u64 = 8;

/// Whether there is an answer, and which.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Answer {
    Yes,
    No,
    Unknown,
}

/// Whether some inputs of the parties that are `None` give these outputs, and whether they are in
/// range. Outputs that nobody honest learns are left out, and nothing is asked of them. What a known
/// party brought out of its range, no input of another excuses.
#[must_use]
pub fn reach(program: &Program, known: &[Option<Inputs>], outputs: &Outputs) -> Reach {
    let is_refused = |decl: &InputDecl| {
        let inputs = known.get(decl.party).and_then(Option::as_ref);
        let values = inputs.and_then(|inputs| inputs.integers(&decl.name));
        values.is_some_and(|all| all.iter().any(|value| !decl.range.contains(*value)))
    };
    if program.inputs().iter().any(is_refused) {
        return Reach::OutOfRange;
    }
    let Some(space) = Space::new(program, known, outputs) else { return Reach::Unreachable };
    if let Some(affine) = Affine::of(&space) {
        match (affine.within(), affine.anywhere()) {
            (Answer::Yes, _) => return Reach::Reachable,
            (Answer::No, Answer::Yes) => return Reach::OutOfRange,
            (Answer::No, _) => return Reach::Unreachable,
            (Answer::Unknown, _) => {}
        }
    }
    let limit = TRIED.min(WORK / space.work());
    let all = existential(program, known, outputs, limit);
    let found = || space.one_by_one();
    match all {
        Ok(Existential::Found(_)) => Reach::Reachable,
        Ok(Existential::None) => match found() {
            Some(_) => Reach::OutOfRange,
            None => Reach::Unreachable,
        },
        Ok(Existential::TooLarge) => match (found(), space.is_beyond()) {
            (Some(true), _) => Reach::Reachable,
            (Some(false), true) => Reach::OutOfRange,
            (None, true) => Reach::Unreachable,
            (_, false) => {
                Reach::Undecided("the corrupted inputs have too many values to try".to_owned())
            }
        },
        Err(error) => Reach::Undecided(error.to_string()),
    }
}

#[cfg(test)]
mod tests;
