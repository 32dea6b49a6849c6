//! Known attacks on protocols that open `t + 1` of `n` shares and no more: there is no redundancy
//! by which a wrong one would show.

use mpclab_sim::adversary::Action;
use mpclab_sim::vocabulary::Guarantee;

use crate::attack::{
    Attack, Expected, Plan, input_substitution, last_mover_abort, out_of_range_input,
    output_equivocation, wrong_output_share,
};

/// Scopes in which products become shares of degree `t` again.
pub const PRODUCTS: [&str; 2] = ["online/mul[*", "online/dot[*"];
/// What nobody notices.
pub const WRONG: Expected = Expected::Breaks(Guarantee::Correctness);

/// Shares of an input that lie on no polynomial of degree `t`.
#[must_use]
pub fn inconsistent_deal() -> Attack {
    Attack::new(
        "inconsistent-deal",
        "deals shares of its input that lie on no polynomial of degree t: with n = 2t + 1 they are \
         another input, beside which its own share is wrong; with more parties different honest \
         parties hold shares of different inputs",
        "Feldman, FOCS 1987; Pedersen, CRYPTO 1991 (inconsistent_deal)",
        Plan::rule("online/input", Action::Equivocate),
        Expected::AnotherOutput,
    )
}

/// What a corrupted party can do to outputs, and with inputs.
#[must_use]
pub fn of_inputs_and_outputs() -> Vec<Attack> {
    vec![
        wrong_output_share("online/output", WRONG),
        output_equivocation("online/output", Expected::Breaks(Guarantee::Agreement)),
        input_substitution(),
        out_of_range_input(Expected::AnotherOutput),
        last_mover_abort(),
    ]
}
