//! Why some mutants survive: because they do no harm, or what a detector would have to do.

/// Why a mutant is not noticed.
#[derive(Clone, Copy, Debug)]
pub(crate) enum Reason {
    /// No claimed guarantee suffers, for this reason.
    Harmless(&'static str),
    /// It does harm that nobody sees, for this reason.
    Unseen(&'static str),
}

use Reason::{Harmless, Unseen};

/// Mutant, or protocol and mutant, and the reason.
const REASONS: [(&str, Reason); 34] = [
    ("agree/session-unbound", Harmless(OWN_REPLAYS)),
    ("agree/nonce-constant", Harmless(NO_GUESS)),
    ("agree/nonce-short", Harmless(NO_GUESS)),
    ("agree/view-unchecked", Harmless(COEFFICIENTS)),
    ("agree/echo-unheeded", Harmless(MACS)),
    ("spdz/echo-skipped", Harmless(MACS)),
    (
        "spdz/key-survives",
        Harmless(
            "the run ends there: the key would matter to a second check, which honest parties \
             never begin",
        ),
    ),
    (
        "rep3_ps/bits-unverified",
        Harmless(
            "squares are among the products that are checked before the first masked opening, \
             wherever they were to be checked",
        ),
    ),
    (
        "rep3_ps/one-peer-checked",
        Harmless(
            "of two honest parties one reads the other's hash: it stops, and without it the other \
             learns no output",
        ),
    ),
    (
        "rep3_ps/high-bits-shown",
        Unseen(
            "an error of 2^(k-1) passes the check in every second run, and the top bit of the \
             output then is a secret bit; no fault is of that size",
        ),
    ),
    (
        "rep3_ps/sacrifice-repeats",
        Unseen(
            "differences of openings divided by the challenge are the secret: a product of two \
             messages, of which equations of degree two see too few columns",
        ),
    ),
    ("spdz/checked-at-the-end", Unseen(DEEP)),
    (
        "rep3_ps/last-digit-unchecked",
        Unseen(
            "an input out of range has one wrong digit, which its value decides: few seeds may miss \
             the last digit of the last party",
        ),
    ),
    ("agree/nonce-is-session", Harmless(NO_GUESS)),
    ("agree/view-one-byte", Harmless(COEFFICIENTS)),
    ("rep3_ps/residue-hash-one-byte", Unseen(OFFLINE)),
    (
        "spdz/answers-zero",
        Unseen(
            "who broadcasts zeros brings its mask, an input that nobody chose: outputs tell honest \
             inputs apart then, and such views are not compared",
        ),
    ),
    ("covert/labels-unchecked", Harmless(NOTHING)),
    ("covert/commitments-unchecked", Harmless(NOTHING)),
    (
        "auth/one-hash",
        Unseen(
            "the bit that is sent and the lowest one of the block add up to something of y for who \
             adds its own MACs and keys, which no message holds: no test computes from them",
        ),
    ),
    ("auth/shown-unchecked", Unseen(TWO_KEYS)),
    ("auth/keys-check-skipped", Unseen(TWO_KEYS)),
    ("auth/keys-unchecked", Unseen(TWO_KEYS)),
    (
        "wrk/masks-repeat",
        Unseen(
            "masked bits of ANDs of one layer add up to bits of wires, which the evaluator alone \
             sees: equations of degree two find that under `bmr`, and not among so many columns",
        ),
    ),
    (
        "bmr/one-label",
        Unseen(
            "whoever evaluates opens two rows of a gate with the labels that it has: nobody tries more \
             than one",
        ),
    ),
    (
        "bmr/outputs-left",
        Harmless(
            "a party's share of an output's mask is a random bit that nobody else sees alone in \
             anything: of it the one who learns the mask may know",
        ),
    ),
    ("bmr/tweaks-repeat", Unseen(SAME_WIRES)),
    ("wrk/tweaks-repeat", Unseen(SAME_WIRES)),
    (
        "wrk:auth/triples-reused",
        Unseen(
            "what is opened of two ANDs and their masked bits add up to a XOR of inner wires, which is \
             one of very many among so many columns",
        ),
    ),
    (
        "ot/check-half",
        Unseen(
            "other choices in rows that nobody checks make MACs wrong, which later checks find: nobody \
             asks which check has to",
        ),
    ),
    (
        "cut-and-choose/slots-in-order",
        Unseen(
            "it takes a circuit that gives other outputs for some inputs, where the garbler alone learns \
             what ANDs depend on",
        ),
    ),
    (
        "cut-and-choose/differing-stops",
        Unseen(
            "a circuit that is another function for some inputs alone is checked in half of all runs, \
             and stops them anyway: what the others show differs in too few pairs of runs",
        ),
    ),
    (
        "silent/secret-short",
        Unseen(
            "eight secrets follow from eight rows without noise by linear algebra: nobody guesses which \
             rows these are",
        ),
    ),
    (
        "silent/check-skipped",
        Unseen(
            "who tells wrong trees learns of the noise by which MACs are wrong; outputs stay right, and \
             nobody solves for choices by what is known of their noise",
        ),
    ),
];

const OWN_REPLAYS: &str = "\
    commitments name who commits, so that a party can repeat its own of another session alone, \
    whose opening it knows anyway";
const NO_GUESS: &str = "\
    what is committed to are seeds of 256 bits and sums of MACs of 127: nobody can try them all";
const COEFFICIENTS: &str = "\
    parties with other coefficients check other sums, which are zero by chance alone";
const MACS: &str = "\
    each honest party checks the MACs of what it heard itself: sums of different values are zero \
    by chance alone";
const NOTHING: &str = "\
    a wrong label of the garbler's makes output labels that decode to nothing whatever the \
    evaluator's input is";
const TWO_KEYS: &str = "\
    who has another global key towards one party, or shows another bit than it holds, gets rows and \
    keys that tell it secrets later: nobody runs a party that goes on with them";
const SAME_WIRES: &str = "\
    it takes two ANDs, a multiple of 256 apart, that read the same two wires: no function that is \
    tried has them";
const DEEP: &str = "\
    errors have to pass through two comparisons before an opening depends on a secret";
const OFFLINE: &str = "\
    nobody searches for a message with the right byte before it is sent, and several checks have to \
    pass at once by luck";

/// Why a mutant is not noticed, if it is known.
pub(crate) fn reason(protocol: &str, mutant: &str) -> Option<Reason> {
    let of = |name: &str| REASONS.iter().find(|(of, _)| *of == name).map(|(_, reason)| *reason);
    of(&format!("{protocol}:{mutant}")).or_else(|| of(mutant))
}
