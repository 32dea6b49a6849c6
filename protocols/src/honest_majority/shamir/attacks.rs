//! Known attacks. Of `n` shares `t + 1` are opened and no more, so there is no redundancy by which
//! a wrong one would show. Points follow from the ids that channels authenticate, so nobody can
//! take point 0 or another one's (`shamir_index_zero_or_dup`), and no commitments are published
//! that could be too long (`vss_wrong_length`).

use mpclab_sim::adversary::Action;

use crate::attack::{Attack, Plan, additive_error};
use crate::engine::shamir::attacks::{PRODUCTS, WRONG, inconsistent_deal, of_inputs_and_outputs};

pub(super) fn all() -> Vec<Attack> {
    let mut attacks = vec![
        // The constant polynomial 1 is added to that of the own product.
        additive_error(&PRODUCTS, WRONG),
        Attack::new(
            "inconsistent-reshare",
            "deals shares of its product that lie on no polynomial of degree t",
            "Genkin et al., STOC 2014; Feldman, FOCS 1987 (inconsistent_deal)",
            Plan::rules(PRODUCTS.map(|scope| (scope, Action::Equivocate))),
            WRONG,
        ),
        inconsistent_deal(),
        Attack::new(
            "opening-equivocation",
            "opens the masked value of a comparison to each honest party with another share",
            "Genkin et al., STOC 2014; Lindell, Nof, CCS 2017 (king_equivocation)",
            Plan::rule("online/less[*", Action::Equivocate),
            WRONG,
        ),
    ];
    attacks.extend(of_inputs_and_outputs());
    attacks
}
