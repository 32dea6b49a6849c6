//! Known attacks on the preprocessing: nothing in it is checked.

use mpclab_sim::vocabulary::Guarantee;

use crate::attack::{Attack, Expected, Plan, add_one};

/// Scopes in which senders of transfers say what turns pads into products.
const CORRECTIONS: &str = "offline/ole[*/correction";
/// The same for random bits.
const OF_BITS: &str = "offline/bit[*/correction";

pub(super) fn all() -> Vec<Attack> {
    vec![
        Attack::new(
            "wrong-triples",
            "multiplies another value with each bit of another party's factor, so that triples are \
             wrong",
            "Keller, Orsini, Scholl, CCS 2016 (bad_triple)",
            Plan::rule(CORRECTIONS, add_one()),
            Expected::AnotherOutput,
        ),
        Attack::new(
            "wrong-bits",
            "adds an error to the transfers of random bits, so that masks consist of other numbers",
            "random bits instead of triples; Keller, Orsini, Scholl, CCS 2016 (bad_triple)",
            Plan::rule(OF_BITS, add_one()),
            Expected::Breaks(Guarantee::Correctness),
        ),
    ]
}
