//! Known attacks. The king is believed, and of `n` shares of an output `t + 1` are opened: nothing
//! shows that what it says is wrong, or not the same to all.

use mpclab_sim::adversary::Action;
use mpclab_sim::vocabulary::Guarantee;

use crate::attack::{
    Attack, Expected, Plan, add_one_at, additive_error, input_substitution, last_mover_abort,
    out_of_range_input, output_equivocation, wrong_output_share,
};

/// Scopes of what the king is told, and tells.
const PRODUCTS: [&str; 2] = ["online/mul[*", "online/dot[*"];
const WRONG: Expected = Expected::Breaks(Guarantee::Correctness);

pub(super) fn all() -> Vec<Attack> {
    let wrong = |name, about, source, plan| Attack::new(name, about, source, plan, WRONG);
    vec![
        additive_error(&PRODUCTS, WRONG),
        wrong(
            "king-equivocation",
            "tells each honest party another value of a masked product, if it is the king, and else \
             the king a wrong share of one",
            "Lindell, Nof, CCS 2017; Goyal, Song, CRYPTO 2020 (king_equivocation)",
            Plan::rules(PRODUCTS.map(|scope| (scope, Action::Equivocate))),
        ),
        wrong(
            "inconsistent-double",
            "deals random values whose shares of degree t and of degree 2t are not of one value",
            "Genkin et al., STOC 2014 (additive_mult_error)",
            Plan::rule("offline/double", add_one_at(0)),
        ),
        Attack::new(
            "inconsistent-deal",
            "deals shares of its input that lie on no polynomial of degree t",
            "Feldman, FOCS 1987; Pedersen, CRYPTO 1991 (inconsistent_deal)",
            Plan::rule("online/input", Action::Equivocate),
            Expected::AnotherOutput,
        ),
        wrong_output_share("online/output", WRONG),
        output_equivocation("online/output", Expected::Breaks(Guarantee::Agreement)),
        input_substitution(),
        out_of_range_input(Expected::AnotherOutput),
        last_mover_abort(),
    ]
}
