use std::collections::BTreeMap;

use mpclab_protocols::attack::Expected;
use mpclab_reports::battery::{ActPlace, Counts, Evidence, Family, GridCell, Judgement};
use mpclab_sim::vocabulary::{Guarantee, Observed, Verdict};

use super::case::{Case, Expectation, Tried};
use super::{Target, names, reproduce};
use crate::runner::verdict::Substitution;

/// Evidence that a cell keeps.
const EVIDENCE: usize = 3;

/// Cells of one row while cases come in.
#[derive(Default)]
pub struct Cells {
    cases: u64,
    cells: BTreeMap<(Family, String, Guarantee, bool), Tally>,
    known: BTreeMap<String, Known>,
}

/// Runs of a known attack in which it acted.
#[derive(Default)]
struct Known {
    runs: u64,
    unmet: u64,
    shown: u64,
    expected: Option<Expected>,
}

#[derive(Default)]
struct Tally {
    counts: Counts,
    /// By what they are evidence of: a broken guarantee first.
    broken: Vec<Evidence>,
    others: Vec<Evidence>,
    reason: String,
}

impl Cells {
    /// Adds what came of a case.
    pub fn add(&mut self, target: &Target<'_>, case: &Case, tried: &Tried) {
        self.cases += 1;
        if let Some(expectation) = tried.expectation {
            let known = self.known.entry(case.attack.clone()).or_default();
            known.runs += 1;
            known.unmet += u64::from(!expectation.is_met);
            known.shown += u64::from(expectation.is_shown);
            known.expected = Some(expectation.expected);
        }
        for verdict in &tried.verdicts {
            let key = (case.family, case.attack.clone(), verdict.guarantee, verdict.claimed);
            self.cells.entry(key).or_default().add(target, case, tried, verdict);
        }
    }

    /// Known attacks that did not achieve what they were expected to, one sentence each.
    #[must_use]
    pub fn surprises(&self) -> Vec<String> {
        let surprise = |(attack, known): (&String, &Known)| {
            let Known { runs, unmet, shown, expected } = known;
            let expected = (*expected)?;
            if *unmet > 0 {
                return Some(format!(
                    "{attack}: expected {expected}, but not so in {unmet} of {runs} runs"
                ));
            }
            (*shown == 0)
                .then(|| format!("{attack}: expected {expected}, but so in none of {runs} runs"))
        };
        self.known.iter().filter_map(surprise).collect()
    }

    /// How many cases there were, and the cells in order of family, attack and guarantee.
    #[must_use]
    pub fn finish(self) -> (u64, Vec<GridCell>) {
        let both: Vec<(Family, String, Guarantee)> = self
            .cells
            .keys()
            .filter(|(family, attack, guarantee, claimed)| {
                let claimed_one = (*family, attack.clone(), *guarantee, true);
                !claimed && self.cells.contains_key(&claimed_one)
            })
            .map(|(family, attack, guarantee, _)| (*family, attack.clone(), *guarantee))
            .collect();
        let cells =
            self.cells.into_iter().map(|((family, mut attack, guarantee, claimed), cell)| {
                // One attack can be within a claim for one coalition and beyond it for another.
                if !claimed && both.contains(&(family, attack.clone(), guarantee)) {
                    attack.push_str(" (out of claim)");
                }
                cell.finish(family, attack, guarantee, claimed)
            });
        (self.cases, cells.collect())
    }
}

impl Tally {
    fn add(&mut self, target: &Target<'_>, case: &Case, tried: &Tried, verdict: &Verdict) {
        self.counts.cases += 1;
        match &verdict.observed {
            // What broke was seen, whatever the adversary noted of itself.
            Observed::Broken => {
                self.counts.broken += 1;
                if self.broken.len() < EVIDENCE {
                    self.broken.push(evidence(target, case, tried, &verdict.evidence));
                }
            }
            _ if tried.is_without_effect => self.counts.no_effect += 1,
            Observed::Held | Observed::NotRefuted { .. } => {
                self.counts.held += 1;
                let is_substitution = verdict.guarantee == Guarantee::Correctness
                    && tried.substitution == Substitution::Input;
                self.counts.input_substitution += u64::from(is_substitution);
            }
            Observed::Inconclusive => {
                self.counts.inconclusive += 1;
                if self.reason.is_empty() {
                    self.reason.clone_from(&verdict.evidence);
                }
                if self.others.len() < EVIDENCE {
                    self.others.push(evidence(target, case, tried, &verdict.evidence));
                }
            }
        }
        let unmet = tried.expectation.filter(|expectation| !expectation.is_met);
        if let (Some(Expectation { expected, .. }), true) = (unmet, self.reason.is_empty()) {
            self.reason = format!("expected: {expected}");
        }
    }

    fn finish(
        self,
        family: Family,
        attack: String,
        guarantee: Guarantee,
        claimed: bool,
    ) -> GridCell {
        let Counts { broken, held, no_effect, .. } = self.counts;
        let observed = if broken > 0 {
            Observed::Broken
        } else if self.counts.inconclusive == 0 && held + no_effect > 0 {
            // Cases that decide nothing are no evidence that a claim holds.
            Observed::Held
        } else {
            Observed::Inconclusive
        };
        let evidence = if broken > 0 { self.broken } else { self.others };
        GridCell {
            family,
            attack,
            guarantee,
            verdict: Judgement::new(claimed, observed),
            counts: self.counts,
            reason: self.reason,
            evidence,
        }
    }
}

fn evidence(target: &Target<'_>, case: &Case, tried: &Tried, what: &str) -> Evidence {
    let act = tried.act.as_ref();
    let deed = act.map_or_else(|| case.attack.clone(), ToString::to_string);
    let by = if case.coalition.is_empty() { String::new() } else { names(&case.coalition) + ": " };
    Evidence {
        case: format!("{by}{deed}"),
        seed: target.prepared.plan.seed,
        coalition: case.coalition.clone(),
        at: act.map(ActPlace::from),
        what_differed: what.to_owned(),
        scenario: reproduce::yaml(target, case),
        command: None,
    }
}
