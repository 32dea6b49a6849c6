//! Covert security: whoever cheats is caught with the probability that is claimed.
//!
//! Aumann and Lindell, Security against covert adversaries, TCC 2007: with deterrence epsilon, an
//! adversary that cheats is noticed with probability epsilon at least. The best of the known attacks
//! and of strategies that fit any protocol is measured: how often an honest party accepts a wrong
//! output, and, where a cheater is to be named, how often nobody names it. A frequency above
//! 1 - epsilon is a violation if it shows again on fresh seeds.

use std::ops::Range;
use std::sync::atomic::Ordering;

use mpclab_reports::battery::{
    Counts, Evidence, Family, GridCell, Judgement, SoundnessCurve, SoundnessPoint,
};
use mpclab_sim::vocabulary::{AdversaryKind, Guarantee, Observed, OutputGuarantee, PartyId};
use rayon::prelude::*;

use super::case::{Case, Tried};
use super::soundness::Measured;
use super::strategies::{self, Strategy};
use super::{ALPHA, Options, Target};
use crate::evidence::interval::{self, Soundness};

/// Attempts to cheat.
const ATTEMPTS: u32 = 1500;
/// The first repetition whose seed an attempt takes.
const FIRST: u32 = 3 << 24;
const SOURCE: &str = "Aumann and Lindell, TCC 2007 (deterrence)";

/// What a cheater hopes for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Hope {
    /// A wrong output is accepted.
    Unnoticed,
    /// A wrong output is accepted, or nobody names the cheater.
    Unnamed,
}

impl Hope {
    fn guarantee(self) -> Guarantee {
        match self {
            Hope::Unnoticed => Guarantee::Soundness,
            Hope::Unnamed => Guarantee::Identification,
        }
    }

    fn event(self) -> &'static str {
        match self {
            Hope::Unnoticed => "cheating goes unnoticed",
            Hope::Unnamed => "no cheater is named",
        }
    }

    /// Whether a run is an attempt, and whether it is one that succeeded.
    fn of(self, tried: &Tried) -> (bool, bool) {
        let is = |guarantee, what: fn(&Observed) -> bool| {
            let verdict = tried.verdicts.iter().find(|verdict| verdict.guarantee == guarantee);
            verdict.is_some_and(|verdict| what(&verdict.observed))
        };
        let is_broken = |observed: &Observed| *observed == Observed::Broken;
        let wrong = is(Guarantee::Correctness, is_broken);
        let aborted = is(Guarantee::Identification, |_| true);
        match self {
            _ if tried.is_without_effect => (false, false),
            Hope::Unnoticed => (true, wrong),
            Hope::Unnamed => (wrong || aborted, wrong || is(Guarantee::Identification, is_broken)),
        }
    }
}

/// Measures the deterrence of a protocol that claims one; nothing of others.
pub(super) fn measure(target: &Target<'_>, options: &Options<'_>) -> Measured {
    let AdversaryKind::Covert(deterrence) = target.claims().adversary else {
        return Measured::default();
    };
    let coalitions = target.coalitions().counted_alone();
    let attacks = target.registry.attacks(&target.cell.cell.protocol.name);
    // Whoever knows an attack has no claim to be measured by it: the best one counts.
    let known = attacks.iter().map(|attack| Strategy { is_own: false, ..Strategy::own(attack) });
    let mut strategies: Vec<Strategy> = known.collect();
    strategies.extend(strategies::generic(target, &coalitions));
    let mut hopes = vec![Hope::Unnoticed];
    if target.claims().output == OutputGuarantee::IdentifiableAbort {
        hopes.push(Hope::Unnamed);
    }
    let mut measured = Measured::default();
    for hope in hopes {
        let cheat = Cheat { target, options, coalitions: &coalitions, hope };
        cheat.measure(&strategies, deterrence, &mut measured);
    }
    measured
}

struct Cheat<'a> {
    target: &'a Target<'a>,
    options: &'a Options<'a>,
    coalitions: &'a [Vec<PartyId>],
    hope: Hope,
}

impl Cheat<'_> {
    fn measure(&self, strategies: &[Strategy], deterrence: f64, measured: &mut Measured) {
        if strategies.is_empty() {
            let label = self.target.label();
            measured.notes.push(format!("{label}: nobody knows how to cheat"));
            return;
        }
        let score = |one: &Strategy, seeds: Range<u32>| self.attempts(one, seeds).broken;
        let winner = strategies::tournament(strategies, FIRST, score);
        let best = &strategies[winner.at];
        let bound = 1.0 - deterrence;
        let block = |at: u32| {
            let first = FIRST + (1 << 20) + at * ATTEMPTS;
            let counts = self.attempts(best, first..first + ATTEMPTS);
            let Counts { broken, cases, no_effect, .. } = counts;
            (counts, interval::soundness(broken, cases - no_effect, bound, ALPHA))
        };
        let (mut counts, mut found) = block(0);
        if found.is_violated {
            // Chance passes once, not twice.
            (counts, found) = block(1);
        }
        measured.runs += winner.runs + counts.cases;
        let verdict = verdict(&found);
        let tried = strategies::tried(strategies);
        measured.cells.push(self.cell(best, counts, &found, verdict.clone()));
        measured.curves.push(SoundnessCurve {
            protocol: self.target.label(),
            event: self.hope.event().to_owned(),
            strategy: format!("{}, the best of {}: {tried}", best.name, strategies.len()),
            parameter: "deterrence".to_owned(),
            confidence: 1.0 - ALPHA,
            points: vec![SoundnessPoint {
                value: deterrence,
                label: String::new(),
                trials: found.trials,
                successes: found.successes,
                lower: found.interval.low,
                upper: found.interval.high,
                bound,
            }],
            source: SOURCE.to_owned(),
            verdict,
        });
    }

    fn attempts(&self, strategy: &Strategy, seeds: Range<u32>) -> Counts {
        let attempt = |repetition: u32| {
            let at = repetition as usize % self.coalitions.len().max(1);
            let coalition = self.coalitions.get(at)?.clone();
            let go_on = !self.options.interrupted.load(Ordering::Relaxed);
            let case = Case {
                family: Family::Soundness,
                attack: strategy.name.clone(),
                coalition,
                repetition,
                deed: strategy.deed.clone(),
            };
            go_on.then(|| self.hope.of(&case.run(self.target)))
        };
        let tried: Vec<Option<(bool, bool)>> = seeds.into_par_iter().map(attempt).collect();
        let mut counts = Counts::default();
        for (is_attempt, succeeds) in tried.into_iter().flatten() {
            counts.cases += 1;
            match (is_attempt, succeeds) {
                (false, _) => counts.no_effect += 1,
                (true, true) => counts.broken += 1,
                (true, false) => counts.held += 1,
            }
        }
        counts
    }

    fn cell(
        &self,
        best: &Strategy,
        counts: Counts,
        found: &Soundness,
        verdict: Judgement,
    ) -> GridCell {
        let Soundness { trials, successes, interval, bound, .. } = found;
        let what_differed = format!(
            "{successes} of {trials} attempts succeed: a probability of at least {:.2e}, where the \
             deterrence allows {bound:.2e}",
            interval.low
        );
        let evidence = Evidence {
            case: best.name.clone(),
            seed: self.target.prepared.plan.seed,
            coalition: Vec::new(),
            at: None,
            what_differed,
            scenario: None,
            command: None,
        };
        GridCell {
            family: Family::Soundness,
            attack: self.hope.event().to_owned(),
            guarantee: self.hope.guarantee(),
            verdict,
            counts,
            reason: format!("{}, against the deterrence", best.name),
            evidence: if found.is_violated { vec![evidence] } else { Vec::new() },
        }
    }
}

fn verdict(found: &Soundness) -> Judgement {
    let observed = match (found.is_violated, found.trials) {
        (true, _) => Observed::Broken,
        (false, 0) => Observed::Inconclusive,
        (false, samples) => {
            Observed::NotRefuted { samples, test: "Clopper-Pearson".to_owned(), alpha: ALPHA }
        }
    };
    Judgement::new(true, observed)
}
