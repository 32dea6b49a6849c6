use mpclab_sim::vocabulary::{Observed, Standing};

use super::{GridCell, Judgement};

/// What a reader sees of a verdict: one sign and a few words, so that no meaning lies in a colour.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Mark {
    /// The verdict in one word.
    pub standing: Standing,
    /// What was observed.
    pub seen: Seen,
    /// Whether some of what held is the effect of another input of the coalition.
    pub substituted: bool,
}

/// What was observed, the worst first.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Seen {
    /// The guarantee was broken.
    Broken,
    /// The cases do not decide it.
    Inconclusive,
    /// A statistical test did not refute it.
    NotRefuted,
    /// It held in every case that had an effect.
    Held,
    /// No case had an effect, so nothing was tested.
    NoEffect,
}

impl Seen {
    /// What was observed, in words.
    #[must_use]
    pub fn word(self) -> &'static str {
        match self {
            Seen::Broken => "broken",
            Seen::Inconclusive => "inconclusive",
            Seen::NotRefuted => "not refuted",
            Seen::Held => "held",
            Seen::NoEffect => "no effect",
        }
    }
}

impl Mark {
    /// The mark of a cell.
    #[must_use]
    pub fn of(cell: &GridCell) -> Self {
        let mark = Mark::of_judgement(&cell.verdict);
        let counts = cell.counts;
        match mark.seen {
            Seen::Held if counts.held == 0 => Mark { seen: Seen::NoEffect, ..mark },
            _ => Mark { substituted: counts.input_substitution > 0, ..mark },
        }
    }

    /// The mark of a verdict that has no cases.
    #[must_use]
    pub fn of_judgement(verdict: &Judgement) -> Self {
        let seen = match verdict.observed() {
            Observed::Held => Seen::Held,
            Observed::Broken => Seen::Broken,
            Observed::NotRefuted { .. } => Seen::NotRefuted,
            Observed::Inconclusive => Seen::Inconclusive,
        };
        Mark { standing: verdict.standing(), seen, substituted: false }
    }

    /// One character that differs between all marks that mean something else.
    #[must_use]
    pub fn sign(self) -> char {
        match (self.standing, self.seen) {
            (Standing::OutOfClaim, _) => '○',
            (Standing::Violated, _) => '✗',
            (Standing::Inconclusive, _) => '?',
            (Standing::Held, Seen::NoEffect) => '·',
            (Standing::Held, Seen::NotRefuted) => '◇',
            (Standing::Held, _) => '✓',
        }
    }

    /// For a cell of a table: `✓ held`, `✗ VIOLATED`, `○ out (broken)`; a dagger for input
    /// substitution.
    #[must_use]
    pub fn short(self) -> String {
        let dagger = if self.substituted { "†" } else { "" };
        let words = match self.standing {
            Standing::Violated => "VIOLATED".to_owned(),
            Standing::OutOfClaim => format!("out ({})", self.seen.word()),
            Standing::Held | Standing::Inconclusive => self.seen.word().to_owned(),
        };
        format!("{} {words}{dagger}", self.sign())
    }

    /// In full: `out of claim (broken)`, `held (input substitution)`.
    #[must_use]
    pub fn words(self) -> String {
        match self.standing {
            Standing::Violated => "VIOLATED".to_owned(),
            Standing::OutOfClaim => format!("out of claim ({})", self.seen.word()),
            Standing::Held if self.substituted => {
                format!("{} (input substitution)", self.seen.word())
            }
            Standing::Held | Standing::Inconclusive => self.seen.word().to_owned(),
        }
    }

    /// Name of its style in a page.
    #[must_use]
    pub fn class(self) -> &'static str {
        match (self.standing, self.seen) {
            (Standing::OutOfClaim, _) => "out",
            (Standing::Violated, _) => "violated",
            (Standing::Inconclusive, _) => "inconclusive",
            (Standing::Held, Seen::NoEffect) => "no-effect",
            (Standing::Held, Seen::NotRefuted) => "not-refuted",
            (Standing::Held, _) => "held",
        }
    }
}
