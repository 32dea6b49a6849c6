use std::fmt;

use mpclab_sim::vocabulary::{Guarantee, Observed, Standing, Verdict};
use serde::{Deserialize, Serialize};

use super::Evidence;
use crate::record::big;

/// What one attack did to one guarantee of one protocol, over all its cases.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct GridCell {
    /// What kind of attack it is; tables are ordered by it.
    pub family: Family,
    /// Name of the attack: of a known attack, of a row of the generic list, of a test, or of the
    /// family itself. The pair of attack and guarantee is unique in a row.
    pub attack: String,
    /// The guarantee that was checked.
    pub guarantee: Guarantee,
    /// Whether it is claimed under this attack, and what was observed.
    pub verdict: Judgement,
    /// How the cases went.
    pub counts: Counts,
    /// What the verdict rests on where cases do not say it: why it is inconclusive, or for which
    /// parameters it is exact; may be empty.
    #[serde(default)]
    pub reason: String,
    /// The first few cases that decided the verdict.
    #[serde(default)]
    pub evidence: Vec<Evidence>,
}

/// Whether a guarantee is claimed, what was observed, and what follows.
///
/// The standing is written for readers of the JSON and never read, so it cannot contradict.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(from = "Stated")]
pub struct Judgement {
    claimed: bool,
    #[serde(serialize_with = "big::nested::serialize")]
    observed: Observed,
    standing: Standing,
}

/// What is read of a [`Judgement`].
#[derive(Deserialize)]
struct Stated {
    claimed: bool,
    #[serde(deserialize_with = "big::nested::deserialize")]
    observed: Observed,
}

impl From<Stated> for Judgement {
    fn from(stated: Stated) -> Self {
        Judgement::new(stated.claimed, stated.observed)
    }
}

impl Judgement {
    /// The judgement on what was observed.
    #[must_use]
    pub fn new(claimed: bool, observed: Observed) -> Self {
        // The rule is the vocabulary's, and the same for every guarantee.
        let guarantee = Guarantee::Correctness;
        let verdict = Verdict { guarantee, claimed, observed, evidence: String::new() };
        Judgement { claimed, standing: verdict.standing(), observed: verdict.observed }
    }

    /// Whether the protocol claims it here.
    #[must_use]
    pub fn claimed(&self) -> bool {
        self.claimed
    }

    /// What was observed.
    #[must_use]
    pub fn observed(&self) -> &Observed {
        &self.observed
    }

    /// The verdict in one word.
    #[must_use]
    pub fn standing(&self) -> Standing {
        self.standing
    }
}

/// How the cases of a cell went; `cases` is the sum of the four after it.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Counts {
    /// Cases run.
    #[serde(with = "big::number")]
    pub cases: u64,
    /// Those in which the attack changed nothing that honest parties see.
    #[serde(with = "big::number")]
    pub no_effect: u64,
    /// Those with an effect in which the guarantee held.
    #[serde(with = "big::number")]
    pub held: u64,
    /// Those in which it was broken.
    #[serde(with = "big::number")]
    pub broken: u64,
    /// Those that do not decide it.
    #[serde(with = "big::number")]
    pub inconclusive: u64,
    /// Those among `held` in which the outputs are right for another input of the coalition, which
    /// no protocol prevents.
    #[serde(with = "big::number")]
    pub input_substitution: u64,
}

impl fmt::Display for Counts {
    /// What is not zero: `cases 340: held 312 (input substitution 9), without effect 28`.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Counts { cases, no_effect, held, broken, inconclusive, input_substitution } = *self;
        let replaced = match input_substitution {
            0 => String::new(),
            some => format!(" (input substitution {some})"),
        };
        let parts = [
            (held, format!("held {held}{replaced}")),
            (broken, format!("broken {broken}")),
            (inconclusive, format!("inconclusive {inconclusive}")),
            (no_effect, format!("without effect {no_effect}")),
        ];
        let parts: Vec<String> =
            parts.into_iter().filter(|(count, _)| *count > 0).map(|(_, text)| text).collect();
        let separator = if parts.is_empty() { "" } else { ": " };
        write!(f, "cases {cases}{separator}{}", parts.join(", "))
    }
}

/// Kinds of attacks, in the order in which tables show them.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Family {
    /// No attack: the control.
    Honest,
    /// Every outgoing message with every mutation.
    SingleFault,
    /// Attacks that are known on this protocol.
    Known,
    /// Rows of the generic list.
    Generic,
    /// A seeded search for several faults at once.
    Search,
    /// Bytes that are no encoding of anything.
    Malformed,
    /// Coalitions larger than what is claimed.
    Thresholds,
    /// Messages late, lost, doubled or in another order; nodes that crash or pause.
    Network,
    /// Several sessions at once or one after the other.
    Composition,
    /// Tests of what a coalition's view tells.
    Privacy,
    /// Measured probabilities that cheating goes unnoticed.
    Soundness,
}

impl fmt::Display for Family {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Family::Honest => "honest",
            Family::SingleFault => "single fault",
            Family::Known => "known attacks",
            Family::Generic => "generic attacks",
            Family::Search => "search",
            Family::Malformed => "malformed bytes",
            Family::Thresholds => "thresholds exceeded",
            Family::Network => "network faults",
            Family::Composition => "composition",
            Family::Privacy => "privacy",
            Family::Soundness => "soundness",
        })
    }
}
