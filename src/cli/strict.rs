//! `attack --strict`: a claim that stays undecided has to be excused.

use mpclab_reports::battery::{Battery, GridCell, ProtocolRow, untested};
use mpclab_scenarios::{Plan, Undecided};
use mpclab_sim::vocabulary::Standing;

/// What strictness adds to the judgement on a battery.
pub(super) struct Strict {
    /// What is to be said, one sentence each.
    pub(super) lines: Vec<String>,
    /// Whether a claim is undecided, and no reason is given.
    pub(super) is_failed: bool,
}

/// Holds a battery's undecided claims against those that the scenario names, each with its reason.
pub(super) fn judge(battery: &Battery, plan: &Plan) -> Strict {
    let name = |label: &str| {
        let cell = plan.cells.iter().find(|cell| cell.protocol.label == label);
        cell.map(|cell| cell.protocol.name.clone())
    };
    against(battery, &plan.undecided, &name)
}

/// `name` is that of the protocol with a label.
fn against(
    battery: &Battery,
    excuses: &[Undecided],
    name: &dyn Fn(&str) -> Option<String>,
) -> Strict {
    let covers = |excuse: &Undecided, row: &ProtocolRow, cell: &GridCell| {
        let own = name(&row.protocol);
        let is_named = |wanted: &String| *wanted == row.protocol || Some(wanted) == own.as_ref();
        excuse.guarantee == cell.guarantee
            && excuse.protocol.as_ref().is_none_or(is_named)
            && excuse.attack.as_ref().is_none_or(|attack| is_of(&cell.attack, attack))
    };
    let (mut lines, mut is_failed) = (Vec::new(), false);
    let mut used = vec![false; excuses.len()];
    for (row, cell) in battery.cells(Standing::Inconclusive) {
        let what = format!("{}: {} under `{}`", row.protocol, cell.guarantee, cell.attack);
        match excuses.iter().position(|excuse| covers(excuse, row, cell)) {
            Some(at) => {
                used[at] = true;
                lines.push(format!("excused {what}: {}", excuses[at].because));
            }
            None => {
                is_failed = true;
                let why = if cell.reason.is_empty() { "" } else { ": " };
                lines.push(format!("INCONCLUSIVE {what}{why}{}", cell.reason));
            }
        }
    }
    for excuse in excuses.iter().zip(used).filter(|(_, used)| !used).map(|(excuse, _)| excuse) {
        let Undecided { guarantee, because, .. } = excuse;
        lines.push(format!("excuse without use: {guarantee}, because {because}"));
    }
    for (row, guarantees) in untested(battery) {
        let names: Vec<&str> = guarantees.iter().map(|guarantee| guarantee.name()).collect();
        let names = names.join(", ");
        lines.push(format!("{}: claimed, and looked at by no test: {names}", row.protocol));
    }
    Strict { lines, is_failed }
}

/// Whether a test is the one of this name, or does the same to a function of its own: `exact
/// enumeration, product of two bits` is an `exact enumeration`.
fn is_of(attack: &str, name: &str) -> bool {
    attack.strip_prefix(name).is_some_and(|rest| rest.is_empty() || rest.starts_with(", "))
}

#[cfg(test)]
mod tests {
    use mpclab_reports::battery::{Counts, Family, Judgement, SCHEMA};
    use mpclab_sim::vocabulary::{
        AbortKind, AdversaryKind, Claims, Guarantee, Observed, OutputGuarantee, Security, Setup,
        Synchrony, Threshold,
    };

    use super::*;

    fn battery(claimed: bool) -> Battery {
        let cell = |guarantee, attack: &str, claimed, observed| GridCell {
            family: Family::Generic,
            attack: attack.to_owned(),
            guarantee,
            verdict: Judgement::new(claimed, observed),
            counts: Counts { cases: 1, held: 1, ..Counts::default() },
            reason: "no input can be extracted".to_owned(),
            evidence: Vec::new(),
        };
        let claims = Claims {
            adversary: AdversaryKind::SemiHonest,
            threshold: Threshold::Exact(1),
            output: OutputGuarantee::Abort,
            abort: AbortKind::Selective,
            security: Security::Perfect,
            setup: Setup::None,
            network: Synchrony::Eventual,
        };
        let row = ProtocolRow {
            protocol: "mine (t = 1)".to_owned(),
            claims,
            n: 3,
            t: 1,
            roles: Vec::new(),
            coalitions: 1,
            coalitions_in_all: Some(3),
            cases: 2,
            cells: vec![
                cell(Guarantee::Correctness, "echo", claimed, Observed::Inconclusive),
                cell(Guarantee::Agreement, "echo", true, Observed::Held),
                cell(Guarantee::Privacy, "view", true, Observed::Held),
            ],
        };
        Battery {
            schema: SCHEMA,
            model: 1,
            version: String::new(),
            scenario: "s".to_owned(),
            about: String::new(),
            seed: 1,
            function: "sum".to_owned(),
            alpha: 1e-6,
            rows: vec![row],
            privacy: Vec::new(),
            soundness: Vec::new(),
            notes: Vec::new(),
        }
    }

    fn excuse(protocol: &str, attack: &str) -> Undecided {
        Undecided {
            guarantee: Guarantee::Correctness,
            protocol: Some(protocol.to_owned()),
            attack: Some(attack.to_owned()),
            because: "the paper extracts nothing".to_owned(),
        }
    }

    fn judged(claimed: bool, excuses: &[Undecided]) -> Strict {
        against(&battery(claimed), excuses, &|_| Some("mine".to_owned()))
    }

    #[test]
    fn an_undecided_claim_fails_and_an_undecided_boast_does_not() {
        let strict = judged(true, &[]);
        assert!(strict.is_failed);
        assert_eq!(
            strict.lines,
            [
                "INCONCLUSIVE mine (t = 1): correctness under `echo`: no input can be extracted",
                "mine (t = 1): claimed, and looked at by no test: invariants",
            ]
        );
        let strict = judged(false, &[]);
        assert!(!strict.is_failed);
        assert_eq!(
            strict.lines,
            ["mine (t = 1): claimed, and looked at by no test: correctness, invariants"]
        );
    }

    #[test]
    fn a_test_of_a_function_of_its_own_is_the_same_test() {
        assert!(is_of("exact enumeration", "exact enumeration"));
        assert!(is_of("exact enumeration, product of two bits", "exact enumeration"));
        assert!(!is_of("exact enumerations", "exact enumeration"));
        assert!(!is_of("exact", "exact enumeration"));
    }

    #[test]
    fn a_reason_excuses_what_it_names_and_nothing_else() {
        for protocol in ["mine", "mine (t = 1)"] {
            let strict = judged(true, &[excuse(protocol, "echo")]);
            assert!(!strict.is_failed);
            let told = "excused mine (t = 1): correctness under `echo`: the paper extracts nothing";
            assert_eq!(strict.lines[0], told);
        }
        for other in [excuse("other", "echo"), excuse("mine", "rush")] {
            let strict = judged(true, &[other]);
            assert!(strict.is_failed);
            let unused = "excuse without use: correctness, because the paper extracts nothing";
            assert_eq!(strict.lines[1], unused);
        }
    }
}
