//! From tests to verdicts: the family-wise level, confirmation on fresh seeds, cells and rows.

use std::collections::BTreeMap;
use std::ops::Range;

use mpclab_reports::battery::{Counts, Evidence, Family, GridCell, Judgement, PrivacyRow};
use mpclab_sim::vocabulary::{Guarantee, Observed, PartyId};

use super::Privacy;
use crate::battery::{Target, names};
use crate::evidence::holm::{self, Block};
use crate::evidence::linear::REQUIRED_BITS;

/// One test of one coalition.
#[derive(Clone)]
pub(super) struct Test {
    pub(super) family: Family,
    /// Name of the test.
    pub(super) name: String,
    pub(super) guarantee: Guarantee,
    pub(super) claimed: bool,
    /// Whose view; nobody's is the network's.
    pub(super) coalition: Vec<PartyId>,
    /// What the protocol computed in.
    pub(super) algebra: String,
    /// Runs, or branches.
    pub(super) samples: u64,
    /// What it cannot see, or for which parameters it is exact.
    pub(super) note: String,
    pub(super) outcome: Outcome,
}

/// What a test gave.
#[derive(Clone)]
pub(super) enum Outcome {
    /// Comparisons that are members of the battery's family.
    Compared(Vec<Compared>),
    /// What a search with a bound of its own found.
    Searched(Vec<String>),
    /// A decision: equal, or what differs.
    Decided(Option<String>),
    /// Nothing, and why.
    Undecided(String),
    /// It does not speak of such a protocol, and why: no verdict follows, and nothing is missing.
    Inapplicable(String),
}

/// One comparison.
#[derive(Clone)]
pub(super) struct Compared {
    /// What was compared; the same on another block of seeds.
    pub(super) what: String,
    pub(super) p_value: f64,
    /// What differs, if something does.
    pub(super) detail: String,
}

/// A test with its verdict.
struct Judged {
    test: Test,
    observed: Observed,
    evidence: String,
    p_value: Option<f64>,
    alpha: Option<f64>,
}

/// A block of seeds with what was tested on it.
pub(super) struct Tested {
    pub(super) seeds: Range<u64>,
    pub(super) tests: Vec<Test>,
}

/// Whose test it is: what a second block has to run again.
pub(super) type Suspect = (Family, Guarantee, Vec<PartyId>);

impl Test {
    pub(super) fn suspect(&self) -> Suspect {
        (self.family, self.guarantee, self.coalition.clone())
    }

    fn key(&self) -> String {
        let Test { family, name, coalition, algebra, .. } = self;
        format!("{family}: {name} of {} over {algebra}", names(coalition))
    }

    fn place(&self, compared: &Compared) -> String {
        format!("{}: {}", self.key(), compared.what)
    }

    /// Name of the cell's column.
    fn attack(&self, target: &Target<'_>) -> String {
        match self.family {
            Family::Thresholds => {
                format!("{} pool their views", target.coalitions().describe(&self.coalition))
            }
            _ => self.name.clone(),
        }
    }

    /// Name of the row.
    fn row(&self, target: &Target<'_>) -> String {
        match self.family {
            Family::Thresholds => {
                let who = target.coalitions().describe(&self.coalition);
                format!("{}, {who} pool", self.name)
            }
            _ => self.name.clone(),
        }
    }
}

impl Tested {
    fn block(&self) -> Block {
        let mut p_values = BTreeMap::new();
        for test in &self.tests {
            if let Outcome::Compared(all) = &test.outcome {
                p_values.extend(all.iter().map(|one| (test.place(one), one.p_value)));
            }
        }
        Block { seeds: self.seeds.clone(), p_values }
    }

    /// Whose tests found something, or are among the candidates.
    fn suspects(&self, candidates: &[String]) -> Vec<Suspect> {
        let is_candidate = |test: &&Test| {
            let Outcome::Compared(all) = &test.outcome else { return false };
            all.iter().any(|one| candidates.contains(&test.place(one)))
        };
        let compared = self.tests.iter().filter(is_candidate);
        let mut suspects: Vec<Suspect> =
            self.searches().chain(compared).map(Test::suspect).collect();
        suspects.sort();
        suspects.dedup();
        suspects
    }

    fn searches(&self) -> impl Iterator<Item = &Test> {
        let found =
            |test: &&Test| matches!(&test.outcome, Outcome::Searched(all) if !all.is_empty());
        self.tests.iter().filter(found)
    }
}

/// Judges tests that apply: what looks like a finding has to repeat on a second block, which is run only then.
pub(super) fn conclude(
    target: &Target<'_>,
    first: Tested,
    again: impl FnOnce(&[Suspect]) -> Tested,
    level: f64,
) -> Privacy {
    let block = first.block();
    let suspects = first.suspects(&holm::candidates(&block, level));
    let (mut confirmed, mut repeated, mut why) = (Vec::new(), Vec::new(), None);
    if !suspects.is_empty() {
        let second = again(&suspects);
        repeated = second.searches().map(Test::key).collect();
        let mut fresh = second.block();
        // What the second block could not compare is not confirmed.
        block.p_values.keys().for_each(|name| {
            fresh.p_values.entry(name.clone()).or_insert(1.0);
        });
        match holm::confirm(&block, &fresh, level) {
            Ok(names) => confirmed = names,
            Err(error) => why = Some(error.to_string()),
        }
    }
    let verdict = |test: Test| judge(test, &confirmed, &repeated, why.as_deref(), level);
    let mut notes = inapplicable(target, &first.tests);
    let judged: Vec<Judged> = first.tests.into_iter().filter_map(verdict).collect();
    notes.insert(0, exactness(target, &judged));
    Privacy {
        cases: judged.len() as u64,
        cells: cells(target, &judged),
        rows: rows(target, &judged),
        notes,
    }
}

/// The verdict of a test; none if it does not apply.
fn judge(
    test: Test,
    confirmed: &[String],
    repeated: &[String],
    unconfirmed: Option<&str>,
    level: f64,
) -> Option<Judged> {
    let not_refuted =
        |alpha| Observed::NotRefuted { samples: test.samples, test: test.name.clone(), alpha };
    let (observed, evidence, p_value, alpha) = match &test.outcome {
        Outcome::Compared(all) => {
            let least = all.iter().min_by(|a, b| a.p_value.total_cmp(&b.p_value));
            let broken = all.iter().find(|one| confirmed.contains(&test.place(one)));
            let p_value = least.map(|one| one.p_value.clamp(0.0, 1.0));
            match (broken, unconfirmed) {
                (Some(one), _) => {
                    let detail = if one.detail.is_empty() { &one.what } else { &one.detail };
                    let evidence = format!("{detail} (p = {:.1e}, repeated)", one.p_value);
                    (Observed::Broken, evidence, p_value, Some(level))
                }
                (None, Some(why)) => (Observed::Inconclusive, why.to_owned(), p_value, Some(level)),
                (None, None) => (not_refuted(level), String::new(), p_value, Some(level)),
            }
        }
        Outcome::Searched(found) => {
            let alpha = (-REQUIRED_BITS).exp2();
            match found.first() {
                Some(first) if repeated.contains(&test.key()) => {
                    (Observed::Broken, format!("{first}, repeated"), None, Some(alpha))
                }
                _ => (not_refuted(alpha), String::new(), None, Some(alpha)),
            }
        }
        Outcome::Decided(None) => (Observed::Held, String::new(), None, None),
        Outcome::Decided(Some(what)) => (Observed::Broken, what.clone(), None, None),
        Outcome::Undecided(why) => (Observed::Inconclusive, why.clone(), None, None),
        Outcome::Inapplicable(_) => return None,
    };
    Some(Judged { observed, evidence, p_value, alpha, test })
}

/// Which tests do not speak of the protocol, and why, each once.
fn inapplicable(target: &Target<'_>, tests: &[Test]) -> Vec<String> {
    let mut said: Vec<String> = Vec::new();
    for test in tests {
        let Outcome::Inapplicable(why) = &test.outcome else { continue };
        let text = format!("{}: {} is not applicable: {why}", target.label(), test.name);
        if !said.contains(&text) {
            said.push(text);
        }
    }
    said
}

/// Whether exact tests ran, and which.
fn exactness(target: &Target<'_>, judged: &[Judged]) -> String {
    let is_exact =
        |one: &&Judged| one.test.claimed && matches!(one.test.outcome, Outcome::Decided(_));
    let mut said: Vec<String> = Vec::new();
    for one in judged.iter().filter(is_exact) {
        let text = format!("{} ({})", one.test.name, one.test.algebra);
        if !said.contains(&text) {
            said.push(text);
        }
    }
    match said.is_empty() {
        true => format!("{}: no exact test of views", target.label()),
        false => format!("{}: views were decided by {}", target.label(), said.join(", ")),
    }
}

/// Verdicts that stand in one cell or row.
struct Group<'a>(Vec<&'a Judged>);

impl Group<'_> {
    fn count(&self, is: impl Fn(&Observed) -> bool) -> u64 {
        self.0.iter().filter(|one| is(&one.observed)).count() as u64
    }

    fn samples(&self) -> u64 {
        self.0.iter().map(|one| one.test.samples).sum()
    }

    /// The worst of what was seen; of what was not refuted, all samples together.
    fn observed(&self, name: &str) -> Observed {
        if self.count(|observed| *observed == Observed::Broken) > 0 {
            return Observed::Broken;
        }
        let alpha = |one: &&Judged| match one.observed {
            Observed::NotRefuted { alpha, .. } => Some(alpha),
            _ => None,
        };
        let alphas = self.0.iter().filter_map(alpha);
        match alphas.reduce(f64::max) {
            Some(alpha) => {
                Observed::NotRefuted { samples: self.samples(), test: name.to_owned(), alpha }
            }
            // That some coalitions learn nothing says nothing of those that were not decided.
            None if self.count(|observed| *observed == Observed::Inconclusive) > 0 => {
                Observed::Inconclusive
            }
            None if self.count(|observed| *observed == Observed::Held) > 0 => Observed::Held,
            None => Observed::Inconclusive,
        }
    }

    /// What has to be said, each thing once.
    fn remarks(&self) -> String {
        let mut said: Vec<&str> = Vec::new();
        let undecided = self.0.iter().filter(|one| one.observed == Observed::Inconclusive);
        let notes = self.0.iter().map(|one| one.test.note.as_str());
        for text in undecided.map(|one| one.evidence.as_str()).chain(notes) {
            if !text.is_empty() && !said.contains(&text) {
                said.push(text);
            }
        }
        said.join("; ")
    }
}

/// Family, attack, guarantee, and whether it is claimed.
type Column = (Family, String, Guarantee, bool);

/// Evidence that a cell keeps.
const EVIDENCE: usize = 3;

fn cells(target: &Target<'_>, judged: &[Judged]) -> Vec<GridCell> {
    let mut groups: BTreeMap<Column, Group<'_>> = BTreeMap::new();
    for one in judged {
        let Test { family, guarantee, claimed, .. } = one.test;
        let key = (family, one.test.attack(target), guarantee, claimed);
        groups.entry(key).or_insert_with(|| Group(Vec::new())).0.push(one);
    }
    let cell = |((family, attack, guarantee, claimed), group): (Column, Group<'_>)| {
        let observed = group.observed(&attack);
        let broken = group.0.iter().filter(|one| one.observed == Observed::Broken);
        let evidence = broken.take(EVIDENCE).map(|one| evidence(target, one)).collect();
        let held =
            |observed: &Observed| matches!(observed, Observed::Held | Observed::NotRefuted { .. });
        let counts = Counts {
            cases: group.0.len() as u64,
            held: group.count(held),
            broken: group.count(|observed| *observed == Observed::Broken),
            inconclusive: group.count(|observed| *observed == Observed::Inconclusive),
            ..Counts::default()
        };
        let (verdict, reason) = (Judgement::new(claimed, observed), group.remarks());
        GridCell { family, attack, guarantee, verdict, counts, reason, evidence }
    };
    groups.into_iter().map(cell).collect()
}

fn rows(target: &Target<'_>, judged: &[Judged]) -> Vec<PrivacyRow> {
    let mut groups: Vec<((String, String, bool), Group<'_>)> = Vec::new();
    for one in judged {
        let key = (one.test.row(target), one.test.algebra.clone(), one.test.claimed);
        match groups.iter_mut().find(|(known, _)| *known == key) {
            Some((_, group)) => group.0.push(one),
            None => groups.push((key, Group(vec![one]))),
        }
    }
    let row = |((test, algebra, claimed), group): ((String, String, bool), Group<'_>)| {
        let p_values = group.0.iter().filter_map(|one| one.p_value);
        PrivacyRow {
            protocol: target.label(),
            samples: group.samples(),
            alpha: group.0.iter().filter_map(|one| one.alpha).reduce(f64::max),
            p_value: p_values.reduce(f64::min),
            verdict: Judgement::new(claimed, group.observed(&test)),
            note: group.remarks(),
            test,
            algebra,
        }
    };
    groups.into_iter().map(row).collect()
}

fn evidence(target: &Target<'_>, one: &Judged) -> Evidence {
    Evidence {
        case: one.test.name.clone(),
        seed: target.prepared.plan.seed,
        coalition: one.test.coalition.clone(),
        at: None,
        what_differed: one.evidence.clone(),
        scenario: None,
        command: None,
    }
}
