//! Known attacks on garblers' honesty, on the evaluator's choices, and on the garbler's outputs.

use mpclab_sim::adversary::{Action, ElementChange, ElementChoice};
use mpclab_sim::vocabulary::PartyId;
use rand::Rng;

use super::garbler::Deviation;
use super::{CutPlan, YaoCutAndChoose, evaluator, garbler};
use crate::attack::{
    Attack, Expected, Plan, Setting, code, input_substitution, last_mover_abort, out_of_range_input,
};
use crate::garbled::GARBLER;
use crate::garbled::cheating::{Shift, Wrong};
use crate::primitives::ot::silent;
use crate::protocol::Protocol;

pub(super) fn all() -> Vec<Attack> {
    let flip = |element| {
        let change = ElementChange::FlipBit(0);
        Action::Tamper { field: None, element, change }
    };
    let caught =
        |name, about, source, plan| Attack::new(name, about, source, plan, Expected::Caught);
    let right =
        |name, about, source, plan| Attack::new(name, about, source, plan, Expected::NoWrongOutput);
    let mut all = silent::attacks::all("offline");
    all.extend([
        caught(
            "wrong-garbled-gate",
            "flips a bit of every row of the tables",
            "Lindell, Pinkas, EUROCRYPT 2007; Wang, Ranellucci, Katz, CCS 2017 (wrong_garbled_gate)",
            Plan::rule("online/tables", flip(ElementChoice::All)),
        ),
        caught(
            "wrong-circuits",
            "garbles the negated function in all circuits",
            "Lindell, Pinkas, EUROCRYPT 2007 (wrong_circuit)",
            garbles(|plan, _| Deviation { negated: (0..plan.cut.replicas).collect(), ..none() }),
        ),
        right(
            "wrong-circuit",
            "garbles the negated function in one circuit: two outputs, if it is evaluated",
            "Lindell, CRYPTO 2013 (wrong_circuit)",
            garbles(|_, _| Deviation { negated: vec![0], ..none() }),
        ),
        right(
            "forged-values",
            "garbles the negated function in one circuit, and its labels decrypt no values",
            "Lindell, CRYPTO 2013 (wrong_circuit)",
            garbles(|_, _| Deviation { forged: vec![0], ..none() }),
        ),
        right(
            "inconsistent-input",
            "brings another input to one of the circuits",
            "Mohassel, Franklin, PKC 2006 (input_inconsistency)",
            garbles(|_, _| Deviation { inconsistent: vec![0], ..none() }),
        ),
        lone_circuit(),
        caught(
            "shifted-table",
            "adds the offset to a half of the first table in all circuits: labels are right, the gate \
             is another",
            "Zahur, Rosulek, Evans, EUROCRYPT 2015 (wrong_garbled_gate)",
            garbles(|_, _| offers(Wrong::shift(Shift::First))),
        ),
        caught(
            "swapped-labels",
            "offers the labels of one of the evaluator's bits in the wrong order, in all circuits",
            "Lindell, Pinkas, EUROCRYPT 2007 (input_inconsistency)",
            garbles(|plan, setting| offers(Wrong::swap(&plan.cut, setting))),
        ),
        right(
            "swapped-in-one",
            "offers the labels of one of the evaluator's bits in the wrong order, in one circuit",
            "Lindell, CRYPTO 2013 (input_inconsistency)",
            garbles(|plan, setting| offers(Wrong::swap_in_one(&plan.cut, setting))),
        ),
        right(
            "shifted-in-one",
            "adds the offset to a half of the first table in one circuit, which then differs for some \
             inputs",
            "Lindell, CRYPTO 2013; Zahur, Rosulek, Evans, EUROCRYPT 2015 (wrong_garbled_gate)",
            garbles(|_, _| offers(Wrong::shift_in_one())),
        ),
        right(
            "selective-failure",
            "offers a wrong label for the evaluator's choice of 1 at one place, in all circuits",
            "Kiraz, Schoenmakers, 2006; Mohassel, Franklin, PKC 2006 (selective_failure)",
            garbles(|plan, setting| offers(Wrong::probe(&plan.cut, setting))),
        ),
        caught(
            "no-recovery",
            "sends seeds that nobody can recover",
            "Wang, Malozemoff, Katz, EUROCRYPT 2017 (recovery_denied)",
            garbles(|plan, _| Deviation { lost: (0..plan.cut.replicas).collect(), ..none() }),
        ),
        caught(
            "output-label-forgery",
            "returns another bit than the one whose value it has committed to",
            "Bellare, Hoang, Rogaway, CCS 2012: authenticity (output_label_forgery)",
            Plan::rule("online/output", flip(ElementChoice::All)),
        ),
        caught(
            "forged-outputs",
            "commits to values that are none, and returns other bits",
            "Bellare, Hoang, Rogaway, CCS 2012: authenticity (output_label_forgery)",
            evaluates(evaluator::Deviation { forges: true }),
        ),
        out_of_range_input(Expected::InputSubstitution),
        input_substitution(),
        last_mover_abort(),
    ]);
    all
}

/// The best that a garbler can do: it guesses which circuits are evaluated.
pub(super) fn guessed_set() -> Attack {
    Attack::new(
        "guessed-set",
        "garbles the negated function in a set of circuits, in the hope that those are evaluated",
        "Lindell, CRYPTO 2013 (wrong_circuit)",
        garbles(|plan, setting| {
            let mut rng = setting.seed.rng("attack", PartyId(0));
            let (replicas, drawn) = (plan.cut.replicas, u128::from(rng.next_u64()));
            let set = 1 + drawn % ((1 << replicas) - 1);
            let negated = (0..replicas).filter(|at| set >> at & 1 == 1).collect();
            Deviation { negated, ..none() }
        }),
        Expected::NoWrongOutput,
    )
}

/// What would make one circuit count alone, if labels that are none were left out in silence.
pub(super) fn lone_circuit() -> Attack {
    Attack::new(
        "lone-circuit",
        "garbles the negated function in one circuit, and gives no labels of its own bits to the others",
        "Lindell, Pinkas, EUROCRYPT 2007 (input_inconsistency)",
        garbles(|plan, _| Deviation {
            negated: vec![0],
            garbage: (1..plan.cut.replicas).collect(),
            ..none()
        }),
        Expected::NoWrongOutput,
    )
}

fn none() -> Deviation {
    Deviation::default()
}

/// Something wrong in all circuits.
fn offers(wrong: Wrong) -> Deviation {
    Deviation { wrong, ..none() }
}

/// A garbler that deviates; a corrupted evaluator follows the protocol.
fn garbles(how: impl Fn(&CutPlan, &Setting) -> Deviation + Clone + Send + Sync + 'static) -> Plan {
    code::<YaoCutAndChoose>(move |ctx, plan, setting, input| {
        let how = how.clone();
        Box::pin(async move {
            match ctx.id() {
                GARBLER => garbler::garble(&ctx, &plan, &input, &how(&plan, &setting)).await,
                _ => YaoCutAndChoose::run(ctx, plan, input).await,
            }
        })
    })
}

/// An evaluator that deviates; a corrupted garbler follows the protocol.
fn evaluates(how: evaluator::Deviation) -> Plan {
    code::<YaoCutAndChoose>(move |ctx, plan, _, input| {
        Box::pin(async move {
            match ctx.id() {
                GARBLER => YaoCutAndChoose::run(ctx, plan, input).await,
                _ => evaluator::evaluate(&ctx, &plan, &input, how).await,
            }
        })
    })
}
