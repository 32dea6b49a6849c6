//! Known attacks on garblers' honesty, on the evaluator's choices, and on the garbler's outputs.

use mpclab_sim::adversary::{Action, ElementChange, ElementChoice};
use mpclab_sim::vocabulary::PartyId;
use rand::Rng;

use super::garbler::Deviation;
use super::{CovertPlan, YaoCovert, evaluator, garbler};
use crate::attack::{
    Attack, Expected, Plan, Setting, code, input_substitution, last_mover_abort, out_of_range_input,
};
use crate::garbled::GARBLER;
use crate::garbled::cheating::{Shift, Wrong};
use crate::primitives::ot::silent;
use crate::protocol::Protocol;

pub(super) fn all() -> Vec<Attack> {
    let change = ElementChange::FlipBit(0);
    let flip = Action::Tamper { field: None, element: ElementChoice::All, change };
    let caught =
        |name, about, source, plan| Attack::new(name, about, source, plan, Expected::Caught);
    let mut all = silent::attacks::all("offline");
    all.extend([
        caught(
            "wrong-garbled-gate",
            "flips a bit of every row of the tables",
            "Lindell, Pinkas, EUROCRYPT 2007; Wang, Ranellucci, Katz, CCS 2017 (wrong_garbled_gate)",
            Plan::rule("online/tables", flip.clone()),
        ),
        caught(
            "wrong-circuits",
            "garbles the negated function in all circuits",
            "Lindell, Pinkas, EUROCRYPT 2007 (wrong_circuit)",
            garbles(|plan, _| Deviation { negated: (0..plan.cut.replicas).collect(), ..none() }),
        ),
        gamble(
            "guessed-circuit",
            "garbles the negated function in one circuit, in the hope that it is evaluated",
            |replicas, setting| {
                let drawn = setting.seed.rng("attack", PartyId(0)).next_u64();
                (drawn % replicas as u64) as usize
            },
        ),
        gamble("first-circuit", "garbles the negated function in the first circuit", |_, _| 0),
        gamble(
            "last-circuit",
            "garbles the negated function in the last circuit",
            |replicas, _| replicas - 1,
        ),
        caught(
            "shifted-tables",
            "adds the offset to a half of every table in all circuits: labels are right, gates are \
             others",
            "Zahur, Rosulek, Evans, EUROCRYPT 2015 (wrong_garbled_gate)",
            garbles(|_, _| offers(Wrong::shift(Shift::Every))),
        ),
        caught(
            "swapped-labels",
            "offers the labels of one of the evaluator's bits in the wrong order, in all circuits",
            "Aumann, Lindell, TCC 2007 (input_inconsistency)",
            garbles(|plan, setting| offers(Wrong::swap(&plan.cut, setting))),
        ),
        caught(
            "garbage-labels",
            "sends labels of its own bits that are none, where nobody opens them",
            "Aumann, Lindell, TCC 2007 (input_inconsistency)",
            garbles(|_, _| Deviation { is_garbage: true, ..none() }),
        ),
        Attack::new(
            "selective-failure",
            "offers a wrong label for the evaluator's choice of 1 at one place, in all circuits",
            "Kiraz, Schoenmakers, 2006; Mohassel, Franklin, PKC 2006 (selective_failure)",
            garbles(|plan, setting| offers(Wrong::probe(&plan.cut, setting))),
            Expected::NoWrongOutput,
        ),
        caught(
            "output-label-forgery",
            "returns another bit than the one whose label it has",
            "Bellare, Hoang, Rogaway, CCS 2012: authenticity (output_label_forgery)",
            Plan::rule("online/output", flip),
        ),
        caught(
            "forged-outputs",
            "returns other bits, with labels of a circuit that it has the seed of",
            "Bellare, Hoang, Rogaway, CCS 2012: authenticity (output_label_forgery)",
            evaluates(evaluator::Deviation { forges: true }),
        ),
        out_of_range_input(Expected::InputSubstitution),
        input_substitution(),
        last_mover_abort(),
    ]);
    all
}

fn none() -> Deviation {
    Deviation::default()
}

/// Something wrong in all circuits.
fn offers(wrong: Wrong) -> Deviation {
    Deviation { wrong, ..none() }
}

/// The negated function in one circuit, in the hope that it is evaluated.
fn gamble(
    name: &'static str,
    about: &'static str,
    which: impl Fn(usize, &Setting) -> usize + Clone + Send + Sync + 'static,
) -> Attack {
    let source = "Aumann, Lindell, TCC 2007 (wrong_circuit)";
    let plan = garbles(move |plan, setting| {
        let negated = vec![which(plan.cut.replicas, setting)];
        Deviation { negated, ..none() }
    });
    Attack::new(name, about, source, plan, Expected::Gamble)
}

/// A garbler that deviates; a corrupted evaluator follows the protocol.
fn garbles(
    how: impl Fn(&CovertPlan, &Setting) -> Deviation + Clone + Send + Sync + 'static,
) -> Plan {
    code::<YaoCovert>(move |ctx, plan, setting, input| {
        let how = how.clone();
        Box::pin(async move {
            match ctx.id() {
                GARBLER => garbler::garble(&ctx, &plan, &input, &how(&plan, &setting)).await,
                _ => YaoCovert::run(ctx, plan, input).await,
            }
        })
    })
}

/// An evaluator that deviates; a corrupted garbler follows the protocol.
fn evaluates(how: evaluator::Deviation) -> Plan {
    code::<YaoCovert>(move |ctx, plan, _, input| {
        Box::pin(async move {
            match ctx.id() {
                GARBLER => YaoCovert::run(ctx, plan, input).await,
                _ => evaluator::evaluate(&ctx, &plan, &input, how).await,
            }
        })
    })
}
