//! Attacks that several protocols have in common; where they act is each protocol's to say.

use std::sync::Arc;

use mpclab_sim::adversary::{Action, Script};
use mpclab_sim::vocabulary::{Guarantee, PartyId};

use super::{Attack, Expected, Plan, Setting, add_one};
use crate::program::{self, BatchKind, Inputs, Range};
use crate::protocol::Job;

/// A constant error in every product.
#[must_use]
pub fn additive_error(scopes: &[&str], expected: Expected) -> Attack {
    Attack::new(
        "additive-error",
        "adds a constant to what it says in every multiplication, so that products are wrong by it",
        "Genkin, Ishai, Prabhakaran, Sahai, Tromer, STOC 2014 (additive_mult_error)",
        Plan::rules(scopes.iter().map(|scope| (*scope, add_one()))),
        expected,
    )
}

/// A wrong share where outputs are opened.
#[must_use]
pub fn wrong_output_share(scope: &str, expected: Expected) -> Attack {
    Attack::new(
        "wrong-output-share",
        "opens outputs with a share that is wrong by a constant",
        "Ben-Or, Goldwasser, Wigderson, STOC 1988 (shamir_bad_share_open)",
        Plan::rule(scope, add_one()),
        expected,
    )
}

/// Different shares to different receivers of the outputs.
#[must_use]
pub fn output_equivocation(scope: &str, expected: Expected) -> Attack {
    Attack::new(
        "output-equivocation",
        "opens outputs with another share to each honest party",
        "Bracha, Information and Computation 1987: multicast is no broadcast (equivocate)",
        Plan::rule(scope, Action::Equivocate),
        expected,
    )
    .on_honest(2)
}

/// Another input than the one that was handed out.
#[must_use]
pub fn input_substitution() -> Attack {
    Attack::new(
        "input-substitution",
        "brings another input than its own, within its range",
        "Goldreich, Foundations of Cryptography II, 2004, section 7.2.3 (input_substitution)",
        Plan::Inputs(Arc::new(|setting, party, inputs| {
            replaced(setting, party, inputs, |range, value| match value {
                value if value != range.lo => range.lo,
                _ => range.hi,
            })
        })),
        Expected::InputSubstitution,
    )
}

/// An input outside of its range.
#[must_use]
pub fn out_of_range_input(expected: Expected) -> Attack {
    Attack::new(
        "out-of-range-input",
        "brings an input outside of its range, which the function refuses",
        "Catrina, de Hoogh, SCN 2010, section 2 (input_substitution)",
        Plan::Inputs(Arc::new(|setting, party, inputs| {
            // By how much it is too large decides which of its digits is no bit.
            replaced(setting, party, inputs, |range, value| {
                range.hi.saturating_add(1 + value.wrapping_sub(range.lo).rem_euclid(8))
            })
        })),
        expected,
    )
}

/// All values of a party replaced; `None` if there are none, or if nothing changes.
fn replaced(
    setting: &Setting,
    party: PartyId,
    inputs: &Inputs,
    replace: impl Fn(Range, i128) -> i128,
) -> Option<Inputs> {
    let Job { roles, task, .. } = &*setting.job;
    let mut others = inputs.clone();
    for decl in task.inputs_of(roles.input_index(party)?) {
        for value in others.integers_mut(&decl.name)? {
            *value = replace(decl.range, *value);
        }
    }
    (others != *inputs).then_some(others)
}

/// The last batch of products of a job: nothing multiplies an error in it, which could be by zero.
#[must_use]
pub fn last_products(job: &Job) -> Option<usize> {
    let is_product = |kind| matches!(kind, BatchKind::Mul | BatchKind::Dot);
    let program = program::to_numbers(job.program().ok()?).ok()?;
    program.schedule().batches.iter().rposition(|batch| is_product(batch.kind))
}

/// Silence once the output is known.
#[must_use]
pub fn last_mover_abort() -> Attack {
    Attack::new(
        "last-mover-abort",
        "says nothing more once it knows the output",
        "Cleve, STOC 1986 (last_mover_abort)",
        Plan::Script(Script { stops_after_output: true, ..Script::default() }),
        Expected::Breaks(Guarantee::Fairness),
    )
}
