//! Known attacks. What a party says of inputs, products and outputs is believed; rows and labels
//! that fit nothing show by themselves, as a party knows both of its own labels.

use mpclab_sim::adversary::{Action, BodyChange};
use mpclab_sim::vocabulary::Guarantee;

use crate::attack::{
    Attack, Expected, Plan, additive_error, input_substitution, last_mover_abort,
    output_equivocation, wrong_output_share,
};
use crate::primitives::auth::attacks::flip;

pub(super) fn all() -> Vec<Attack> {
    vec![
        // A wrong share of the product of two masks makes another gate of an AND.
        additive_error(&["offline/products"], Expected::AnotherOutput),
        // Zeros of several parties do not cancel, as flipped bits would in a sum.
        Attack::new(
            "wrong-circuit",
            "sends shares of rows that are nothing but zeros",
            "Lindell, Pinkas, EUROCRYPT 2007 (wrong_circuit)",
            Plan::rule("offline/tables", Action::Body(BodyChange::Zero)),
            Expected::Caught,
        ),
        Attack::new(
            "wrong-label",
            "sends labels of nothing",
            "Wang, Ranellucci, Katz, CCS 2017 (wrong_garbled_gate)",
            Plan::rule("online/labels", flip()),
            Expected::Caught,
        ),
        wrong_output_share("online/output", Expected::AnotherOutput),
        output_equivocation("online/output", Expected::Breaks(Guarantee::Agreement)),
        input_substitution(),
        last_mover_abort(),
    ]
}
