//! What the figures mean: printed under every table.

/// Bytes.
pub const BYTES: &str = "bytes: total payload sent over all parties, self-delivery excluded, a \
    point-to-point broadcast counted n-1 times";

/// Rounds.
pub const ROUNDS: &str = "rounds: causal, the longest chain of messages, each sent after the one \
    before it was read";

/// Time; what it is a statistic of follows.
pub const TIME: &str = "time: virtual, at the latest finish of an honest party; phases add up to \
    the total";

/// What a dealer or another ideal functionality stands in for.
pub const NOT_PRICED: &str = "not priced: an ideal functionality stands in for this phase, what \
    it would really cost is unknown; the totals of a row marked * leave it out";

/// Scopes.
pub const SCOPES: &str = "scopes: each row without the scopes inside it; setup, base OT, inputs, \
    outputs and final checks are rows of their own";

/// Traffic with ideal functionalities.
pub const IDEAL: &str = "ideal: payload exchanged with ideal functionalities, not part of bytes";

/// How a statistic was taken over this many repetitions, `(fewest, most)` over the rows.
#[must_use]
pub fn repetitions(fewest: usize, most: usize) -> String {
    match (fewest, most) {
        (_, 0) => "no run was correct, so there are no figures".to_owned(),
        (1, 1) => "figures: of the one correct repetition".to_owned(),
        (a, b) if a == b => format!("figures: median over {a} correct repetitions"),
        (a, b) => format!("figures: median over the correct repetitions, {a} to {b} of them"),
    }
}
