//! Known attacks. Shares have no redundancy, so whatever is said is believed: every deviation
//! flips a bit that is opened. The dealer is trusted, so bad triples are out of scope.

use mpclab_sim::adversary::Action;
use mpclab_sim::vocabulary::Guarantee;

use crate::attack::{
    Attack, Expected, Plan, additive_error, input_substitution, last_mover_abort,
    output_equivocation, wrong_output_share,
};

/// Scopes of layers of ANDs: what is opened in them is `d` and `e`.
const ANDS: [&str; 1] = ["online/and[*"];

pub(super) fn all() -> Vec<Attack> {
    vec![
        // d + 1 instead of d makes (x + 1) y of x y.
        additive_error(&ANDS, Expected::AnotherOutput),
        Attack::new(
            "opening-equivocation",
            "opens the differences of an AND to each honest party with another share",
            "Genkin et al., STOC 2014; Lindell, Nof, CCS 2017 (king_equivocation)",
            Plan::rules(ANDS.map(|scope| (scope, Action::Equivocate))),
            Expected::AnotherOutput,
        )
        .on_honest(2),
        wrong_output_share("online/output", Expected::AnotherOutput),
        output_equivocation("online/output", Expected::Breaks(Guarantee::Agreement)),
        input_substitution(),
        last_mover_abort(),
    ]
}
