//! What the omniscient checker asks: the circuit on any bits that its input words can hold.

use super::GmwPlan;
use crate::oracle::Reach;
use crate::program::domain::Domain;
use crate::program::{InputDecl, Inputs, Outputs};

/// Input bits that are tried one by one at most, and gates that are evaluated for it.
const TRIED: u64 = 100_000;
const GATES: u64 = 200_000_000;

/// The circuit in the clear; none if a column is missing. Values are cut to their words.
pub(super) fn evaluate(plan: &GmwPlan, inputs: &[Inputs]) -> Option<Outputs> {
    let bits = plan.words.encode_all(inputs)?;
    Some(plan.outputs(&plan.layered.circuit().evaluate(&bits, 1).ok()?))
}

/// Whether some bits of the parties that are `None` give these outputs: all are tried.
pub(super) fn reach(plan: &GmwPlan, known: &[Option<Inputs>], outputs: &Outputs) -> Reach {
    let unknown = plan
        .words
        .columns()
        .iter()
        .filter(|(decl, _)| matches!(known.get(decl.party), Some(None) | None));
    let any: Vec<InputDecl> =
        unknown.map(|(decl, word)| InputDecl { range: word.range(), ..decl.clone() }).collect();
    let domain = Domain::of(&any);
    let gates = u64::from(plan.layered.circuit().counts().gates).max(1);
    if !domain.is_within(TRIED.min(GATES / gates)) {
        return Reach::Undecided("the corrupted inputs have too many values to try".to_owned());
    }
    let parties = any.iter().map(|decl| decl.party + 1).max().unwrap_or(0).max(known.len());
    let mut inputs: Vec<Inputs> =
        (0..parties).map(|at| known.get(at).cloned().flatten().unwrap_or_default()).collect();
    domain.reset(&mut inputs);
    loop {
        match evaluate(plan, &inputs) {
            Some(found) if found == *outputs => return Reach::Reachable,
            Some(_) => {}
            None => return Reach::Undecided("a column is missing".to_owned()),
        }
        if !domain.advance(&mut inputs) {
            return Reach::Unreachable;
        }
    }
}
