//! Known attacks. The king is believed, and of `n` shares of an output `t + 1` are opened: nothing
//! shows that what it says is wrong, or not the same to all.

use mpclab_sim::adversary::Action;

use crate::attack::{Attack, Plan, add_one_at, additive_error};
use crate::engine::shamir::attacks::{PRODUCTS, WRONG, inconsistent_deal, of_inputs_and_outputs};

pub(super) fn all() -> Vec<Attack> {
    let wrong = |name, about, source, plan| Attack::new(name, about, source, plan, WRONG);
    let mut attacks = vec![
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
        inconsistent_deal(),
    ];
    attacks.extend(of_inputs_and_outputs());
    attacks
}
