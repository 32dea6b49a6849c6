//! Why some mutants survive: what a detector would have to do.

/// Mutant, or protocol and mutant, and the reason.
const REASONS: [(&str, &str); 15] = [
    ("masks/repeat", DIFFERENCES),
    ("gmw/output-told", SUMS),
    ("shamir/bits-of-one", OWN_DRAWS),
    ("shamir/masks-of-one", OWN_DRAWS),
    (
        "spdz:split/small",
        "exact algebra sees how few values shares have, but of a run with checks there are more draws \
         than it affords",
    ),
    ("ring3/zeros-small", FEW_RUNS),
    ("spdz/input-mask-small", FEW_RUNS),
    ("ring3/zeros-repeat", DIFFERENCES),
    (
        "ring3/input-bits-unmasked",
        "these bits and the part that the receiver has as a number add up to the value: no \
         statistical test adds bits to numbers",
    ),
    (
        "rep3_ps/sacrifice-repeats",
        "differences of openings divided by the challenge are the secret: a product of two \
         messages, where functionals are linear",
    ),
    ("agree/nonce-constant", COMPUTES),
    ("agree/nonce-short", COMPUTES),
    (
        "agree/session-unbound",
        "replays come from sessions with other nonces, whose openings are as good there as \
         anywhere: a replay of both messages has to be told from a fresh coin",
    ),
    (
        "coin/bits-biased",
        "coins of honest runs are not tested for uniformity, only those under attack, with one \
         party honest",
    ),
    (
        "coin/one-decides",
        "a coalition that has the first party's seat and fixes its bits chooses the coin; no \
         adversary fixes them",
    ),
];

const SUMS: &str = "\
    the value is the sum of several messages, which statistical tests form of masked openings \
    alone";
const DIFFERENCES: &str = "\
    two values are masked alike: only the difference of two openings shows it, which no \
    statistical test forms";
const OWN_DRAWS: &str = "\
    the coalition knows a mask that it drew: no statistical test takes off what the coalition \
    knows";
const FEW_RUNS: &str = "\
    a distance of 2^-12 or less from uniform: no test looks at whether shares fill their range";
const COMPUTES: &str = "\
    no adversary computes: it would have to evaluate the key's stream, or try all openings";

/// Why a mutant is not noticed, if it is known.
pub(crate) fn reason(protocol: &str, mutant: &str) -> Option<&'static str> {
    let of = |name: &str| REASONS.iter().find(|(of, _)| *of == name).map(|(_, reason)| *reason);
    of(&format!("{protocol}:{mutant}")).or_else(|| of(mutant))
}
