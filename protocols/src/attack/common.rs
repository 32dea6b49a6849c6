//! Attacks that several protocols have in common; where they act is each protocol's to say.

use mpclab_sim::adversary::{Action, Script};
use mpclab_sim::vocabulary::Guarantee;

use super::{Attack, Expected, Plan, add_one};

/// A constant error in every product.
pub(crate) fn additive_error(scopes: &[&str], expected: Expected) -> Attack {
    Attack::new(
        "additive-error",
        "adds a constant to what it says in every multiplication, so that products are wrong by it",
        "Genkin, Ishai, Prabhakaran, Sahai, Tromer, STOC 2014 (additive_mult_error)",
        Plan::rules(scopes.iter().map(|scope| (*scope, add_one()))),
        expected,
    )
}

/// A wrong share where outputs are opened.
pub(crate) fn wrong_output_share(scope: &str, expected: Expected) -> Attack {
    Attack::new(
        "wrong-output-share",
        "opens outputs with a share that is wrong by a constant",
        "Ben-Or, Goldwasser, Wigderson, STOC 1988 (shamir_bad_share_open)",
        Plan::rule(scope, add_one()),
        expected,
    )
}

/// Different shares to different receivers of the outputs.
pub(crate) fn output_equivocation(scope: &str, expected: Expected) -> Attack {
    Attack::new(
        "output-equivocation",
        "opens outputs with another share to each honest party",
        "Bracha, Information and Computation 1987: multicast is no broadcast (equivocate)",
        Plan::rule(scope, Action::Equivocate),
        expected,
    )
    .on_honest(2)
}

/// Another input than the one that was handed out.
pub(crate) fn input_substitution(scope: &str, expected: Expected) -> Attack {
    Attack::new(
        "input-substitution",
        "shares another input than its own",
        "Goldreich, Foundations of Cryptography II, 2004, section 7.2.3 (input_substitution)",
        Plan::rule(scope, add_one()),
        expected,
    )
}

/// Silence once the output is known.
pub(crate) fn last_mover_abort() -> Attack {
    Attack::new(
        "last-mover-abort",
        "says nothing more once it knows the output",
        "Cleve, STOC 1986 (last_mover_abort)",
        Plan::Script(Script { stops_after_output: true, ..Script::default() }),
        Expected::Breaks(Guarantee::Fairness),
    )
}
