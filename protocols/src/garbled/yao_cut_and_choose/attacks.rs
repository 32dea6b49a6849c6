//! Known attacks on garblers' honesty, on the evaluator's choices, and on the garbler's outputs.

use std::sync::Arc;

use mpclab_sim::adversary::{Action, ElementChange, ElementChoice};
use mpclab_sim::vocabulary::PartyId;
use rand::Rng;

use super::garbler::Deviation;
use super::{CutAndChooseParams, YaoCutAndChoose, garbler};
use crate::attack::{
    Attack, Expected, Plan, Setting, input_substitution, last_mover_abort, out_of_range_input,
};
use crate::garbled::GARBLER;
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
    vec![
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
            deviates(|replicas, _| Deviation { negated: (0..replicas).collect(), ..none() }),
        ),
        right(
            "wrong-circuit",
            "garbles the negated function in one circuit: two outputs, if it is evaluated",
            "Lindell, CRYPTO 2013 (wrong_circuit)",
            deviates(|_, _| Deviation { negated: vec![0], ..none() }),
        ),
        right(
            "forged-values",
            "garbles the negated function in one circuit, and its labels decrypt no values",
            "Lindell, CRYPTO 2013 (wrong_circuit)",
            deviates(|_, _| Deviation { forged: vec![0], ..none() }),
        ),
        right(
            "inconsistent-input",
            "brings another input to one of the circuits",
            "Mohassel, Franklin, PKC 2006 (input_inconsistency)",
            deviates(|_, _| Deviation { inconsistent: vec![0], ..none() }),
        ),
        lone_circuit(),
        right(
            "selective-failure",
            "offers a wrong label for the evaluator's choice of 1 at one place, in all circuits",
            "Kiraz, Schoenmakers, 2006; Mohassel, Franklin, PKC 2006 (selective_failure)",
            deviates(|_, _| Deviation { probed: vec![0], ..none() }),
        ),
        caught(
            "no-recovery",
            "sends seeds that nobody can recover",
            "Wang, Malozemoff, Katz, EUROCRYPT 2017 (recovery_denied)",
            deviates(|replicas, _| Deviation { lost: (0..replicas).collect(), ..none() }),
        ),
        caught(
            "output-label-forgery",
            "returns another bit than the one whose value it has committed to",
            "Bellare, Hoang, Rogaway, CCS 2012: authenticity (output_label_forgery)",
            Plan::rule("online/output", flip(ElementChoice::All)),
        ),
        out_of_range_input(Expected::InputSubstitution),
        input_substitution(),
        last_mover_abort(),
    ]
}

/// The best that a garbler can do: it guesses which circuits are evaluated.
pub(super) fn guessed_set() -> Attack {
    Attack::new(
        "guessed-set",
        "garbles the negated function in a set of circuits, in the hope that those are evaluated",
        "Lindell, CRYPTO 2013 (wrong_circuit)",
        deviates(|replicas, setting| {
            let mut rng = setting.seed.rng("attack", PartyId(0));
            let set = 1 + rng.next_u64() % ((1 << replicas) - 1);
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
        deviates(|replicas, _| Deviation {
            negated: vec![0],
            garbage: (1..replicas).collect(),
            ..none()
        }),
        Expected::NoWrongOutput,
    )
}

fn none() -> Deviation {
    Deviation::default()
}

/// A garbler that deviates; a corrupted evaluator follows the protocol.
fn deviates(how: impl Fn(usize, &Setting) -> Deviation + Clone + Send + Sync + 'static) -> Plan {
    Plan::Code(Arc::new(move |ctx, setting, input| {
        let how = how.clone();
        Box::pin(async move {
            let params = serde_json::from_value::<CutAndChooseParams>(setting.params.clone());
            let params = params.unwrap_or_default();
            let Ok(plan) = YaoCutAndChoose::compile(&setting.job, &params) else {
                return Err(ctx.check_failed("an attack on a job that can't be done"));
            };
            if ctx.id() != GARBLER {
                return YaoCutAndChoose::run(ctx, plan, input).await;
            }
            let how = how(params.replicas as usize, &setting);
            garbler::garble(&ctx, &plan, &input, &how).await
        })
    }))
}
