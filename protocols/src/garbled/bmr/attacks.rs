//! Known attacks. What a party says of inputs, products and outputs is believed; rows and labels that
//! fit nothing show by themselves, as a party knows both of its own labels.

use mpclab_sim::vocabulary::Guarantee;

use crate::attack::{
    Attack, Expected, Plan, additive_error, input_substitution, last_mover_abort,
    output_equivocation, wrong_output_share,
};
use crate::primitives::auth::attacks::flip;

pub(super) fn all() -> Vec<Attack> {
    let caught = |name, about, scope| {
        let source = "Wang, Ranellucci, Katz, CCS 2017 (wrong_garbled_gate)";
        Attack::new(name, about, source, Plan::rule(scope, flip()), Expected::Caught)
    };
    vec![
        // A wrong share of the product of two masks makes another gate of an AND.
        additive_error(&["offline/products"], Expected::AnotherOutput),
        caught("wrong-garbled-gate", "flips a bit of every block of every row", "offline/tables"),
        caught("wrong-label", "sends labels of nothing", "online/labels"),
        wrong_output_share("online/output", Expected::AnotherOutput),
        output_equivocation("online/output", Expected::Breaks(Guarantee::Agreement)),
        input_substitution(),
        last_mover_abort(),
    ]
}
