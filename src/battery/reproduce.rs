//! From a case that violates a claim to the smallest scenario file that does.

use mpclab_scenarios::{AdversaryChoice, Corrupt, CorruptionKind, Strategy, reproduction};
use mpclab_sim::adversary::{Action, ElementChange, ElementChoice, Script};
use mpclab_sim::vocabulary::{Guarantee, Standing};

use super::Target;
use super::case::{Case, Deed, Tried};

/// A scenario file that shows a violation again.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Reproduction {
    /// Name of the file, without ending.
    pub name: String,
    /// Its text.
    pub yaml: String,
}

/// Whether a case violates this guarantee.
fn violates(tried: &Tried, guarantee: Guarantee) -> bool {
    let violated = |standing| standing == Standing::Violated;
    tried.verdicts.iter().any(|v| v.guarantee == guarantee && violated(v.standing()))
}

/// The first guarantee that a case violates.
pub(super) fn violated(tried: &Tried) -> Option<Guarantee> {
    Guarantee::ALL.into_iter().find(|guarantee| violates(tried, *guarantee))
}

/// The smallest case found that still violates the guarantee: fewer rules, simpler changes, no
/// rushing, an earlier repetition.
pub(super) fn shrink(target: &Target<'_>, case: &Case, guarantee: Guarantee) -> Case {
    let mut best = case.clone();
    let still = |case: &Case| violates(&case.run(target), guarantee);
    loop {
        let smaller = smaller(&best).into_iter().find(|case| still(case));
        match smaller {
            Some(case) => best = case,
            None => return best,
        }
    }
}

/// Cases that are one step simpler, simplest first. Each step makes a case strictly simpler, so
/// shrinking ends.
fn smaller(case: &Case) -> Vec<Case> {
    let mut cases = Vec::new();
    if case.repetition > 0 {
        let earlier = 0..case.repetition;
        cases.extend(earlier.map(|repetition| Case { repetition, ..case.clone() }));
    }
    let Deed::Script(script) = &case.deed else { return cases };
    let mut add = |script| cases.push(Case { deed: Deed::Script(script), ..case.clone() });
    for at in 0..script.rules.len() {
        let mut fewer = script.clone();
        fewer.rules.remove(at);
        if !fewer.rules.is_empty() || fewer.stops_after_output {
            add(fewer);
        }
    }
    if script.is_rushing {
        add(Script { is_rushing: false, ..script.clone() });
    }
    for at in 0..script.rules.len() {
        let simplest = Action::Tamper {
            field: None,
            element: ElementChoice::At(0),
            change: ElementChange::Add(1),
        };
        if rank(&script.rules[at].action) > rank(&simplest) {
            let mut simpler = script.clone();
            simpler.rules[at].action = simplest;
            add(simpler);
        }
    }
    cases
}

/// How hard an action is to follow for a reader.
fn rank(action: &Action) -> u32 {
    match action {
        Action::Tamper { element: ElementChoice::At(0), change: ElementChange::Add(1), .. } => 0,
        Action::Tamper { .. } | Action::Drop | Action::Stop(_) => 1,
        _ => 2,
    }
}

/// The scenario file of a case; `None` if a file can't say it.
pub(super) fn yaml(target: &Target<'_>, case: &Case) -> Option<String> {
    let choice = |strategy, randomness| AdversaryChoice {
        kind: CorruptionKind::Malicious,
        corrupt: Corrupt::These(case.coalition.clone()),
        randomness,
        strategy,
    };
    let choice = match &case.deed {
        Deed::Script(script) | Deed::Malformed(script) => {
            let deviates = !script.rules.is_empty() || script.stops_after_output;
            let strategy = Strategy::Script(script.clone());
            deviates.then(|| choice(strategy, None))?
        }
        Deed::Known(attack) => choice(Strategy::Attack(attack.name.to_owned()), None),
        Deed::Randomness(randomness) => choice(Strategy::SemiHonest, Some(*randomness)),
        // No file says what it computes.
        Deed::Computed(_) | Deed::Nothing | Deed::Faults(_) | Deed::Together(_) => return None,
    };
    let (plan, cell) = (&target.prepared.plan, &target.cell.cell);
    Some(reproduction(plan, cell, &choice, case.repetition + 1))
}

/// The smallest scenario file of a case that violates a guarantee.
pub(super) fn reproduce(
    target: &Target<'_>,
    case: &Case,
    guarantee: Guarantee,
) -> Option<Reproduction> {
    let least = shrink(target, case, guarantee);
    let yaml = yaml(target, &least)?;
    let words = [&target.cell.cell.protocol.label, guarantee.name(), &case.attack].map(file_word);
    Some(Reproduction { name: words.join("-"), yaml })
}

/// Letters and digits of a text, with hyphens between them.
fn file_word(text: &str) -> String {
    let words = text.split(|c: char| !c.is_ascii_alphanumeric()).filter(|word| !word.is_empty());
    words.collect::<Vec<_>>().join("-").to_lowercase()
}
