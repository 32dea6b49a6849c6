//! Known attacks on the preprocessing: nothing in it is checked.

use mpclab_sim::vocabulary::Guarantee;

use crate::attack::{Attack, Expected, Plan, add_one, add_one_at};

/// Scopes in which senders of transfers say what turns pads into products.
const CORRECTIONS: &str = "offline/ole[*/correction";
/// The same for random bits.
const OF_BITS: &str = "offline/bit[*/correction";

pub(super) fn all() -> Vec<Attack> {
    vec![
        // One bit of the receiver's factor decides whether the triple is wrong.
        Attack::new(
            "selective-failure",
            "adds an error to the transfer of one bit of another party's factor: a product is wrong \
             if that bit is one",
            "Keller, Orsini, Scholl, CCS 2016, section 1.1 (selective failure in products by \
             oblivious transfer)",
            Plan::rule(CORRECTIONS, add_one_at(0)),
            Expected::Breaks(Guarantee::Correctness),
        ),
        Attack::new(
            "wrong-triples",
            "multiplies another value with each bit of another party's factor, so that triples are \
             wrong",
            "Keller, Orsini, Scholl, CCS 2016, section 1.1",
            Plan::rule(CORRECTIONS, add_one()),
            Expected::AnotherOutput,
        ),
        Attack::new(
            "wrong-bits",
            "adds an error to the transfers of random bits, so that masks consist of other numbers",
            "Keller, Orsini, Scholl, CCS 2016, section 1.1, on random bits",
            Plan::rule(OF_BITS, add_one()),
            Expected::Breaks(Guarantee::Correctness),
        ),
    ]
}
