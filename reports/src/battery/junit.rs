//! JUnit XML, which test dashboards and CI systems read: one suite for each protocol, one test for
//! each (attack, guarantee).

use mpclab_sim::vocabulary::{Observed, Standing};
use quick_junit::{NonSuccessKind, Property, Report, TestCase, TestCaseStatus, TestSuite};

use super::grid::violation;
use super::{Battery, Evidence, GridCell, Mark, ProtocolRow, Seen};
use crate::table::section;
use crate::units::probability;

/// The report could not be written.
#[derive(Debug, thiserror::Error)]
#[error("writing JUnit XML: {0}")]
pub struct JunitError(#[from] quick_junit::SerializeError);

/// The battery as JUnit XML.
///
/// A violated claim is a failure with its evidence. Whatever shows nothing about a claim is
/// skipped with its reason and never passes: out of claim, inconclusive, without effect.
///
/// # Errors
/// [`JunitError`] if the document cannot be put together.
pub fn junit(battery: &Battery) -> Result<String, JunitError> {
    let mut report = Report::new(format!("mpclab attack: {}", battery.scenario));
    for row in &battery.rows {
        report.add_test_suite(suite(battery, row));
    }
    Ok(report.to_string()?)
}

fn suite(battery: &Battery, row: &ProtocolRow) -> TestSuite {
    let mut suite = TestSuite::new(row.protocol.as_str());
    let properties = [
        ("function", battery.function.clone()),
        ("claims", section(Some(&row.claims)).1),
        ("n", row.n.to_string()),
        ("t", row.t.to_string()),
        ("coalitions", row.coalitions.to_string()),
        ("cases", row.cases.to_string()),
        ("seed", battery.seed.to_string()),
        ("model", battery.model.to_string()),
        ("mpclab", battery.version.clone()),
    ];
    suite.add_properties(properties.map(|(name, value)| Property::new(name, value)));
    for cell in &row.cells {
        let mut case =
            TestCase::new(format!("{}: {}", cell.attack, cell.guarantee), status(row, cell));
        case.set_classname(format!("{}.{}", battery.scenario, row.protocol));
        case.set_system_out(output(cell));
        suite.add_test_case(case);
    }
    suite
}

fn status(row: &ProtocolRow, cell: &GridCell) -> TestCaseStatus {
    let mark = Mark::of(cell);
    let mut status = match (mark.standing, mark.seen) {
        (Standing::Violated, _) => {
            let mut failure = TestCaseStatus::non_success(NonSuccessKind::Failure);
            failure.set_message(violation(row, cell)).set_type("violated");
            let evidence: Vec<String> = cell.evidence.iter().map(in_full).collect();
            failure.set_description(evidence.join("\n\n"));
            return failure;
        }
        (Standing::Held, Seen::Held | Seen::NotRefuted) => return TestCaseStatus::success(),
        _ => TestCaseStatus::skipped(),
    };
    let reason = if cell.reason.is_empty() { String::new() } else { format!(": {}", cell.reason) };
    status.set_message(format!("{}{reason}", mark.words()));
    status
}

/// What a passing test rests on, and how the cases went.
fn output(cell: &GridCell) -> String {
    let mut text = format!("{}; {}", Mark::of(cell).words(), cell.counts);
    if let Observed::NotRefuted { samples, test, alpha } = cell.verdict.observed() {
        text += &format!("; {test} over {samples} samples at level {}", probability(*alpha));
    }
    if !cell.reason.is_empty() {
        text += &format!("; {}", cell.reason);
    }
    text
}

fn in_full(evidence: &Evidence) -> String {
    let mut text = evidence.to_string();
    if let Some(command) = &evidence.command {
        text += &format!("\nagain: {command}");
    }
    if let Some(scenario) = &evidence.scenario {
        text += &format!("\nscenario:\n{}", scenario.trim_end());
    }
    text
}
