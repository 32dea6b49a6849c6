//! Known attacks. Of `n` shares `t + 1` are opened and no more, so there is no redundancy by which
//! a wrong one would show. Points follow from the ids that channels authenticate, so nobody can
//! take point 0 or another one's (`shamir_index_zero_or_dup`), and no commitments are published
//! that could be too long (`vss_wrong_length`).

use mpclab_sim::adversary::Action;
use mpclab_sim::vocabulary::Guarantee;

use crate::attack::{
    Attack, Expected, Plan, additive_error, input_substitution, last_mover_abort,
    out_of_range_input, output_equivocation, wrong_output_share,
};

/// Scopes of degree reductions.
const PRODUCTS: [&str; 2] = ["online/mul[*", "online/dot[*"];
const WRONG: Expected = Expected::Breaks(Guarantee::Correctness);

pub(super) fn all() -> Vec<Attack> {
    vec![
        // The constant polynomial 1 is added to that of the own product.
        additive_error(&PRODUCTS, WRONG),
        Attack::new(
            "inconsistent-reshare",
            "deals shares of its product that lie on no polynomial of degree t",
            "Genkin et al., STOC 2014; Feldman, FOCS 1987 (inconsistent_deal)",
            Plan::rules(PRODUCTS.map(|scope| (scope, Action::Equivocate))),
            WRONG,
        ),
        Attack::new(
            "inconsistent-deal",
            "deals shares of its input that lie on no polynomial of degree t: with n = 2t + 1 they \
             are another input, beside which its own share is wrong; with more parties different \
             honest parties hold shares of different inputs",
            "Feldman, FOCS 1987; Pedersen, CRYPTO 1991 (inconsistent_deal)",
            Plan::rule("online/input", Action::Equivocate),
            Expected::AnotherOutput,
        ),
        Attack::new(
            "opening-equivocation",
            "opens the masked value of a comparison to each honest party with another share",
            "Genkin et al., STOC 2014; Lindell, Nof, CCS 2017 (king_equivocation)",
            Plan::rule("online/less[*", Action::Equivocate),
            WRONG,
        ),
        wrong_output_share("online/output", WRONG),
        output_equivocation("online/output", Expected::Breaks(Guarantee::Agreement)),
        input_substitution(),
        out_of_range_input(Expected::AnotherOutput),
        last_mover_abort(),
    ]
}
