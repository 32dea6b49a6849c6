//! Known attacks. Shares have no redundancy, so whatever is said is believed: every deviation
//! shifts a value that is opened. A dealer is trusted; attacks on what parties make among themselves
//! are those of `semi`.

use mpclab_sim::adversary::Action;
use mpclab_sim::vocabulary::Guarantee;

use crate::attack::{
    Attack, Expected, Plan, additive_error, input_substitution, last_mover_abort,
    out_of_range_input, output_equivocation, wrong_output_share,
};

/// Scopes of products: what is opened in them is `d` and `e`.
const PRODUCTS: [&str; 2] = ["online/mul[*", "online/dot[*"];

pub(super) fn all() -> Vec<Attack> {
    vec![
        // d + 1 instead of d makes (x + 1) y of x y.
        additive_error(&PRODUCTS, Expected::AnotherOutput),
        Attack::new(
            "opening-equivocation",
            "opens the differences of a multiplication to each honest party with another share",
            "Genkin et al., STOC 2014; Lindell, Nof, CCS 2017 (king_equivocation)",
            Plan::rules(PRODUCTS.map(|scope| (scope, Action::Equivocate))),
            Expected::AnotherOutput,
        )
        .on_honest(2),
        wrong_output_share("online/output", Expected::AnotherOutput),
        output_equivocation("online/output", Expected::Breaks(Guarantee::Agreement)),
        input_substitution(),
        out_of_range_input(Expected::AnotherOutput),
        last_mover_abort(),
    ]
}
