//! Known attacks on what engines over authenticated bits prepare and open.

use mpclab_sim::adversary::{Action, ElementChange, ElementChoice};

use crate::attack::{
    Attack, Expected, Plan, Setting, add_one, input_substitution, last_mover_abort,
    out_of_range_input,
};
use crate::primitives::auth::Faces;
use crate::primitives::ot::attacks::inconsistent_choices;
use crate::primitives::ot::silent;

/// Flips a bit of every element.
pub(crate) fn flip() -> Action {
    flips(ElementChoice::All)
}

/// Flips a bit of these elements.
fn flips(element: ElementChoice) -> Action {
    Action::Tamper { field: None, element, change: ElementChange::FlipBit(0) }
}

fn caught(name: &'static str, about: &'static str, source: &'static str, plan: Plan) -> Attack {
    Attack::new(name, about, source, plan, Expected::Caught)
}

/// On openings in `masks`, which are checked in `check`, and of outputs in `output`.
pub(crate) fn openings(masks: &str, check: &str, output: &str) -> Vec<Attack> {
    vec![
        caught(
            "mac-tamper-open",
            "opens another share of a mask than it has",
            "Nielsen, Nordholt, Orlandi, Burra, CRYPTO 2012 (mac_tamper_open)",
            Plan::rule(masks, flip()),
        ),
        caught(
            "opening-equivocation",
            "opens another share of a mask to each honest party",
            "Goldwasser, Lindell, J. Cryptology 2005 (equivocate)",
            Plan::rule(masks, Action::Equivocate),
        )
        .on_honest(2),
        caught(
            "mac-forge-guess",
            "proves shares that it has by another hash of MACs",
            "Nielsen, Nordholt, Orlandi, Burra, CRYPTO 2012 (mac_forge_guess)",
            Plan::rule(check, add_one()),
        ),
        caught(
            "input-equivocation",
            "broadcasts to each honest party its input under another mask",
            "Bracha, Information and Computation 1987; Goldwasser, Lindell, J. Cryptology 2005 \
             (equivocate, inconsistent_deal)",
            Plan::rule("online/input", Action::Equivocate),
        )
        .on_honest(2),
        caught(
            "wrong-output-share",
            "opens outputs with another share than it has",
            "Ben-Or, Goldwasser, Wigderson, STOC 1988 (shamir_bad_share_open)",
            Plan::rule(output, flip()),
        ),
        input_substitution(),
        out_of_range_input(Expected::InputSubstitution),
        last_mover_abort(),
    ]
}

/// A party with two faces, by the code of a protocol that is handed them: it holds the complement of
/// all masks towards the first honest party, and opens outputs to it accordingly.
pub(crate) fn two_faced(plan: Plan) -> Attack {
    caught(
        "two-faced",
        "holds other bits towards one party than towards others, and opens outputs to each as they \
         are held",
        "Wang, Ranellucci, Katz, CCS 2017, Pi_aBit^n, step 3 (inconsistent_deal)",
        plan,
    )
    .on_honest(2)
}

/// The faces of a corrupted party, of so many masks.
pub(crate) fn faces(setting: &Setting, masks: usize) -> Faces {
    let honest = setting.job.roles.computing().find(|party| !setting.corrupted.contains(party));
    Faces { other: honest.map(|honest| (honest, masks)) }
}

/// On bits and ANDs that are prepared.
pub(crate) fn preparation() -> Vec<Attack> {
    let mut all = silent::attacks::all("offline/*/ot[*");
    all.extend([
        caught(
            "commitment-copy",
            "repeats another party's commitments in the check of leaky ANDs, and their openings",
            "aicis/fresco issue 432 (commitment_copy, input_copy)",
            Plan::rules(
                ["*/leaky/check/*/commit", "*/leaky/check/*/open"]
                    .map(|scope| (scope, Action::Echo)),
            )
            .rushing(),
        ),
        caught(
            "coin-error",
            "opens another seed of the permutation than it has committed to, after all others",
            "Blum, CRYPTO 1981 (equivocate)",
            Plan::rule("*/buckets/coins/open", add_one()).rushing(),
        ),
        caught(
            "selective-failure",
            "guesses a bit of an honest share in every leaky AND: one wrong guess is caught",
            "Wang, Ranellucci, Katz, CCS 2017, functionality F_LaAND (bad_triple)",
            Plan::rule("*/leaky/exchange", flip()),
        ),
        Attack::new(
            "leaky-guess",
            "guesses a bit of an honest share in one leaky AND, and is right in half of all runs",
            "Wang, Ranellucci, Katz, CCS 2017, functionality F_LaAND (bad_triple)",
            Plan::rule("*/leaky/exchange", flips(ElementChoice::At(0))),
            Expected::NoWrongOutput,
        ),
        caught(
            "bad-triple",
            "tells another difference of every z than its own",
            "Frederiksen, Keller, Orsini, Scholl, ASIACRYPT 2015 (bad_triple)",
            Plan::rule("*/leaky/difference", flip()),
        ),
        caught(
            "bucket-tamper",
            "opens wrong differences between the ANDs of a bucket",
            "Wang, Ranellucci, Katz, CCS 2017, Pi_aAND, step 3 (mac_tamper_open)",
            Plan::rule("*/buckets/differences", flip()),
        ),
        inconsistent_choices("offline/batch[0]/bits/ot[*"),
    ]);
    all
}
