//! The gate as JUnit XML: one suite for each scenario, one test for each case.

use quick_junit::{NonSuccessKind, Report, TestCase, TestCaseStatus, TestSuite};

use super::{Class, Gate, Judged, sheet};
use crate::battery::JunitError;

/// The comparison as JUnit XML: what keeps the gate shut is a failure, what was let pass without
/// being compared is skipped.
///
/// # Errors
/// [`JunitError`] if the document cannot be put together.
pub fn junit(gate: &Gate) -> Result<String, JunitError> {
    let mut report = Report::new("mpclab compare");
    let mut scenarios: Vec<&str> = Vec::new();
    for case in &gate.cases {
        if !scenarios.contains(&case.key.scenario.as_str()) {
            scenarios.push(&case.key.scenario);
        }
    }
    for scenario in scenarios {
        let mut suite = TestSuite::new(scenario);
        for judged in gate.cases.iter().filter(|case| case.key.scenario == scenario) {
            let mut case = TestCase::new(judged.name(), status(gate, judged));
            case.set_classname(format!("{scenario}.{}", judged.key.protocol));
            case.set_system_out(lines(judged, |_| true).join("\n"));
            suite.add_test_case(case);
        }
        report.add_test_suite(suite);
    }
    Ok(report.to_string()?)
}

fn status(gate: &Gate, case: &Judged) -> TestCaseStatus {
    let failures = lines(case, |class| !gate.options.passes(class));
    if let Some(first) = failures.first() {
        let mut failure = TestCaseStatus::non_success(NonSuccessKind::Failure);
        failure.set_message(first.clone()).set_type(case.class().name());
        failure.set_description(failures.join("\n"));
        return failure;
    }
    if matches!(case.class(), Class::Gone | Class::NotComparable | Class::New) {
        let mut skipped = TestCaseStatus::skipped();
        skipped.set_message(lines(case, |class| class == case.class()).join("; "));
        return skipped;
    }
    TestCaseStatus::success()
}

fn lines(case: &Judged, of: impl Fn(Class) -> bool) -> Vec<String> {
    let findings = case.findings.iter().filter(|finding| of(finding.class));
    findings.map(|finding| format!("{}: {}", finding.class.name(), sheet::told(finding))).collect()
}
