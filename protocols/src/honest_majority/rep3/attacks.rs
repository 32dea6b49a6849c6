//! Known attacks. Whoever reshares sends one element to one party, and an opened share comes from
//! one of its two holders: nobody compares.

use mpclab_sim::vocabulary::Guarantee;

use crate::attack::{
    Attack, Expected, Plan, add_one, additive_error, input_substitution, last_mover_abort,
    out_of_range_input, wrong_output_share,
};

const WRONG: Expected = Expected::Breaks(Guarantee::Correctness);

pub(super) fn all() -> Vec<Attack> {
    vec![
        additive_error(&["online/mul[*", "online/dot[*", "online/*and[*"], WRONG),
        Attack::new(
            "replicated-inconsistent",
            "reshares the bits inside comparisons with errors that its peers hold differently",
            "Araki et al., CCS 2016, and IEEE S&P 2017 (replicated_inconsistent)",
            Plan::rules(
                ["online/less[*", "online/equal[*", "online/truncate[*", "online/inject[*"]
                    .map(|scope| (scope, add_one())),
            ),
            WRONG,
        ),
        Attack::new(
            "wrong-key",
            "hands out another key than it uses, so that zero sharings do not add up to zero",
            "Araki et al., CCS 2016, section 2.2 (replicated_inconsistent)",
            Plan::rule("setup", add_one()),
            Expected::AnotherOutput,
        ),
        // The other holder of the share says nothing.
        Attack {
            name: "reveal-mismatch",
            source: "private-attribution/ipa, reveal tests (replicated_reveal_mismatch)",
            ..wrong_output_share("online/output*", WRONG)
        },
        input_substitution(),
        out_of_range_input(Expected::AnotherOutput),
        last_mover_abort(),
    ]
}
