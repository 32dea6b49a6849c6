//! Known attacks on garblers' honesty, on the evaluator's choices, and on the garbler's outputs.

use std::sync::Arc;

use mpclab_sim::adversary::{Action, ElementChange, ElementChoice};
use mpclab_sim::vocabulary::PartyId;
use rand::Rng;

use super::garbler::Deviation;
use super::{CovertParams, YaoCovert, garbler};
use crate::attack::{
    Attack, Expected, Plan, Setting, input_substitution, last_mover_abort, out_of_range_input,
};
use crate::garbled::GARBLER;
use crate::protocol::Protocol;

pub(super) fn all() -> Vec<Attack> {
    let change = ElementChange::FlipBit(0);
    let flip = Action::Tamper { field: None, element: ElementChoice::All, change };
    let caught =
        |name, about, source, plan| Attack::new(name, about, source, plan, Expected::Caught);
    vec![
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
            deviates(|replicas, _| Deviation { negated: (0..replicas).collect(), ..none() }),
        ),
        Attack::new(
            "guessed-circuit",
            "garbles the negated function in one circuit, in the hope that it is evaluated",
            "Aumann, Lindell, TCC 2007 (wrong_circuit)",
            deviates(|replicas, setting| {
                let drawn = setting.seed.rng("attack", PartyId(0)).next_u64();
                Deviation { negated: vec![(drawn % replicas as u64) as usize], ..none() }
            }),
            Expected::Gamble,
        ),
        caught(
            "garbage-labels",
            "sends labels of its own bits that are none, where nobody opens them",
            "Aumann, Lindell, TCC 2007 (input_inconsistency)",
            deviates(|_, _| Deviation { is_garbage: true, ..none() }),
        ),
        Attack::new(
            "selective-failure",
            "offers a wrong label for the evaluator's choice of 1 at one place, in all circuits",
            "Kiraz, Schoenmakers, 2006; Mohassel, Franklin, PKC 2006 (selective_failure)",
            deviates(|_, _| Deviation { probed: vec![0], ..none() }),
            Expected::NoWrongOutput,
        ),
        caught(
            "output-label-forgery",
            "returns another bit than the one whose label it has",
            "Bellare, Hoang, Rogaway, CCS 2012: authenticity (output_label_forgery)",
            Plan::rule("online/output", flip),
        ),
        out_of_range_input(Expected::InputSubstitution),
        input_substitution(),
        last_mover_abort(),
    ]
}

fn none() -> Deviation {
    Deviation::default()
}

/// A garbler that deviates; a corrupted evaluator follows the protocol.
fn deviates(how: impl Fn(usize, &Setting) -> Deviation + Clone + Send + Sync + 'static) -> Plan {
    Plan::Code(Arc::new(move |ctx, setting, input| {
        let how = how.clone();
        Box::pin(async move {
            let params = serde_json::from_value::<CovertParams>(setting.params.clone());
            let params = params.unwrap_or_default();
            let Ok(plan) = YaoCovert::compile(&setting.job, &params) else {
                return Err(ctx.check_failed("an attack on a job that can't be done"));
            };
            if ctx.id() != GARBLER {
                return YaoCovert::run(ctx, plan, input).await;
            }
            let how = how(params.replicas as usize, &setting);
            garbler::garble(&ctx, &plan, &input, &how).await
        })
    }))
}
