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

/// What a matrix of guarantees shows.
pub const MATRIX: &str = "one mark each: within the claim the worst over all attacks that it \
    covers, beyond it what broke and was never promised, which fails nothing; – nothing was tried, \
    or nothing broke; what each mark rests on stands below";

/// Why a phase can last less than its rounds take.
pub const AHEAD: &str = "a phase lasts from where the last party leaves the one before: a message \
    that somebody ahead sends in it counts in its rounds, and travels in the time before it";

/// What a dealer or another ideal functionality stands in for.
pub const NOT_PRICED: &str = "not priced: an ideal functionality stands in for this phase, what \
    it would really cost is unknown; the totals of a row marked * leave it out";

/// Scopes.
pub const SCOPES: &str = "scopes: over all parties, sent unless it says received; alone: without \
    the scopes inside; setup, base OT, inputs, outputs and final checks are rows of their own; wire \
    bytes: with frame headers and transport framing";

/// Rounds and time of scopes.
pub const SPANS: &str = "rounds of a scope: those of the run that its messages made; time of a \
    scope: of the party that computed or waited in it longest; both with the scopes inside, what \
    overlaps counted once, so scopes side by side do not add up";

/// Traffic with ideal functionalities.
pub const IDEAL: &str = "ideal: payload exchanged with ideal functionalities, not part of bytes";

/// Money.
pub const MONEY: &str = "money: list prices, all nodes; every node holds its machine from the \
    start to the end of the run, 1 virtual CPU unless the profile says cores; traffic by bytes \
    sent with frame headers and transport framing; nothing for ideal functionalities";

/// Quantiles over repetitions.
pub const QUANTILES: &str = "over repetitions: quantiles of the time with exact intervals between \
    order statistics, confidence at least 95 % each; from 6, 72 and 368 correct repetitions on";

/// What a ranking compares.
pub const RANKING: &str = "ranked against each other: the same function and conditions, adversary, \
    guarantee of output and kind of abort, security parameters reached, and equal numbers of \
    tolerated corruptions (t) or of computing parties (n); semi-honest protocols never against \
    malicious ones";

/// What a ranking's figures hold.
pub const AMORTISATION: &str = "figures: setup, offline and online phase together, for one \
    evaluation; nothing is amortised over several";

/// Places that repetitions do not decide.
pub const UNDECIDED: &str = "~: the repetitions do not tell its time from that of the one before";

/// Pareto front.
pub const FRONT: &str = "front: no other one of the group is at least as good in time, bytes and, \
    where all are priced, money, and better in one of them (Pareto)";

/// Geometric means.
pub const GEOMETRIC_MEAN: &str = "times the best: geometric mean, over all points, of a figure \
    divided by the smallest one of the group at that point; 1 is the best everywhere";

/// A guarantee that held.
pub const HELD: &str = "held: in every case that had an effect; what was not tried is not covered, \
    and this is no proof of security";

/// A statistical test that found nothing.
pub const NOT_REFUTED: &str = "not refuted: a statistical test found nothing in its samples";

/// A broken claim.
pub const VIOLATED: &str = "VIOLATED: claimed and broken";

/// What nobody promised.
pub const OUT_OF_CLAIM: &str = "out: out of claim, the protocol does not promise it against this \
    attack; in brackets what was observed";

/// What the cases do not decide.
pub const INCONCLUSIVE: &str = "inconclusive: claimed, and the cases do not decide it";

/// An attack that did nothing.
pub const NO_EFFECT: &str = "no effect: no case changed anything that honest parties see, so \
    nothing was tested";

/// Where a grid is empty.
pub const NOT_TRIED: &str = "not checked under this attack";

/// What a grid in short shows.
pub const WORST: &str = "the worst mark over all attacks, apart for attacks under which the \
    guarantee is claimed and for those under which it is not";

/// What no protocol prevents.
pub const INPUT_SUBSTITUTION: &str = "some outputs are right for another input of the coalition; \
    no protocol prevents this input substitution";

/// Tests of what a coalition's view tells.
pub const PRIVACY: &str = "exact tests cover all randomness at the parameters named and have no p; \
    p is the smallest of a test's several";

/// What an interval is.
pub const INTERVAL: &str = "lower, upper: Clopper-Pearson interval, confidence";

/// When a bound is contradicted.
pub const SOUNDNESS: &str = "a claim is violated if even the lower limit is above the theorem's \
    bound";

/// At which level the statistical tests of a battery stand together.
#[must_use]
pub fn family_wise(alpha: &str) -> String {
    format!("statistical tests: family-wise level {alpha} over the whole battery (Holm)")
}

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
