//! What a battery's parts owe each other.

use std::collections::BTreeSet;

use mpclab_sim::vocabulary::{AdversaryKind, Observed, Standing};

use super::{
    Battery, Counts, Family, GridCell, Judgement, PrivacyRow, ProtocolRow, SoundnessCurve,
};

/// A sentence about the first part that does not fit.
pub(super) fn check(battery: &Battery) -> Result<(), String> {
    probability(battery.alpha, || "its level".to_owned())?;
    let mut labels = BTreeSet::new();
    for row in &battery.rows {
        if !labels.insert(row.protocol.as_str()) {
            return Err(format!("{} has two rows", row.protocol));
        }
        check_row(row)?;
    }
    for test in &battery.privacy {
        check_test(test)?;
        check_shown(battery, &test.protocol, Family::Privacy, &test.verdict)?;
    }
    for curve in &battery.soundness {
        check_curve(curve)?;
        check_shown(battery, &curve.protocol, Family::Soundness, &curve.verdict)?;
    }
    Ok(())
}

/// The grid is the whole story: a violation that a test or a curve shows also has a cell.
fn check_shown(
    battery: &Battery,
    protocol: &str,
    family: Family,
    verdict: &Judgement,
) -> Result<(), String> {
    let shown =
        |(row, cell): (&ProtocolRow, &GridCell)| row.protocol == protocol && cell.family == family;
    if verdict.standing() == Standing::Violated && !battery.cells(Standing::Violated).any(shown) {
        return Err(format!("{protocol}: a violation of {family} has no cell in the grid"));
    }
    Ok(())
}

fn check_row(row: &ProtocolRow) -> Result<(), String> {
    let name = &row.protocol;
    if row.coalitions_in_all.is_some_and(|all| row.coalitions > all) {
        return Err(format!("{name}: more coalitions tried than there are"));
    }
    if let AdversaryKind::Covert(deterrence) = row.claims.adversary {
        probability(deterrence, || format!("{name}: the deterrence"))?;
    }
    let mut keys = BTreeSet::new();
    for cell in &row.cells {
        let at = || format!("{name}, {}, {}", cell.attack, cell.guarantee);
        if !keys.insert((cell.attack.as_str(), cell.guarantee)) {
            return Err(format!("{}: two cells", at()));
        }
        check_cell(cell).map_err(|problem| format!("{}: {problem}", at()))?;
    }
    Ok(())
}

fn check_cell(cell: &GridCell) -> Result<(), String> {
    let Counts { cases, no_effect, held, broken, inconclusive, input_substitution } = cell.counts;
    let parts = [no_effect, held, broken, inconclusive];
    if parts.iter().try_fold(0u64, |sum, part| sum.checked_add(*part)) != Some(cases) {
        return Err(format!("its {cases} cases are not the sum of {parts:?}"));
    }
    if input_substitution > held {
        return Err("more input substitutions than cases that held".to_owned());
    }
    check_judgement(&cell.verdict)?;
    match cell.verdict.observed() {
        // A soundness error within its bound is not refuted, although attempts succeed.
        Observed::NotRefuted { .. } | Observed::Inconclusive => Ok(()),
        Observed::Held if broken > 0 => Err(format!("held, but broken in {broken} cases")),
        Observed::Held if no_effect + held == 0 => Err("held, but in no case".to_owned()),
        Observed::Held => Ok(()),
        Observed::Broken if broken == 0 => Err("broken, but in no case".to_owned()),
        Observed::Broken => Ok(()),
    }
}

fn check_judgement(verdict: &Judgement) -> Result<(), String> {
    match verdict.observed() {
        Observed::NotRefuted { alpha, .. } => probability(*alpha, || "its level".to_owned()),
        _ => Ok(()),
    }
}

fn check_test(row: &PrivacyRow) -> Result<(), String> {
    let at = |part: &str| format!("{}, {}: {part}", row.protocol, row.test);
    for (value, part) in [(row.alpha, "its level"), (row.p_value, "its p-value")] {
        value.map_or(Ok(()), |value| probability(value, || at(part)))?;
    }
    check_judgement(&row.verdict).map_err(|problem| at(&problem))
}

fn check_curve(curve: &SoundnessCurve) -> Result<(), String> {
    let at = |part: &str| format!("{}, {}: {part}", curve.protocol, curve.event);
    probability(curve.confidence, || at("the confidence"))?;
    for point in &curve.points {
        let limits = [(point.lower, "a lower limit"), (point.upper, "an upper limit")];
        for (value, part) in limits.into_iter().chain([(point.bound, "a bound")]) {
            probability(value, || at(part))?;
        }
        if !point.value.is_finite() {
            return Err(at("a parameter that is no number"));
        }
        if point.successes > point.trials {
            return Err(at("more successes than trials"));
        }
        let frequency = point.frequency();
        if point.lower > frequency || point.upper < frequency {
            return Err(at("an interval without the measured frequency"));
        }
    }
    check_judgement(&curve.verdict).map_err(|problem| at(&problem))
}

fn probability(value: f64, what: impl Fn() -> String) -> Result<(), String> {
    if (0.0..=1.0).contains(&value) {
        return Ok(());
    }
    Err(format!("{} is {value}, no probability", what()))
}
