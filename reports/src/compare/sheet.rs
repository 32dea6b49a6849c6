//! The comparison as a table.

use mpclab_sim::vocabulary::{Aggregate, MetricName};
use serde_json::Value;

use super::{Class, Finding, Gate, Judged, LEVEL};
use crate::table::{Align, Block, Cells, ColumnGroup, Frame, Row, Section, Sheet};
use crate::units::{Unit, probability, thousands};

/// Characters of a digest that tell two apart.
const DIGEST: usize = 12;

/// For readers: what is not unchanged, by scenario and class.
pub(crate) fn sheet(gate: &Gate) -> Sheet {
    let mut scenarios: Vec<&str> = Vec::new();
    for case in gate.cases.iter().filter(|case| !case.findings.is_empty()) {
        if !scenarios.contains(&case.key.scenario.as_str()) {
            scenarios.push(&case.key.scenario);
        }
    }
    let groups = vec![
        ColumnGroup::new("", &[("case", Align::Left), ("figure", Align::Left)]),
        ColumnGroup::new(
            "",
            &[("baseline", Align::Right), ("new", Align::Right), ("change", Align::Right)],
        ),
    ];
    Sheet {
        title: format!("against the baseline: {}", gate.summary()),
        section_header: "class".to_owned(),
        groups,
        blocks: scenarios.into_iter().map(|scenario| block(gate, scenario)).collect(),
        notes: notes(gate),
    }
}

fn block(gate: &Gate, scenario: &str) -> Block {
    let cases = || gate.cases.iter().filter(|case| case.key.scenario == scenario);
    let section = |class: Class| {
        let rows: Vec<Row> = cases()
            .flat_map(|case| case.findings.iter().map(move |finding| (case, finding)))
            .filter(|(case, finding)| finding.class == class && !is_detail(case, finding))
            .map(|(case, finding)| row(case, finding))
            .collect();
        (!rows.is_empty()).then(|| Section { name: class.name().to_owned(), rows })
    };
    let remark = |case: &Judged| {
        let details = case.findings.iter().filter(|finding| is_detail(case, finding)).count();
        let figures = if details == 1 { "figure" } else { "figures" };
        (details > 0).then(|| {
            format!(
                "{}: {details} more {figures} moved with these; CSV and JSON have all",
                case.name()
            )
        })
    };
    Block {
        heading: scenario.to_owned(),
        sections: Class::ALL.into_iter().filter_map(section).collect(),
        remarks: cases().filter_map(remark).collect(),
    }
}

fn row(case: &Judged, finding: &Finding) -> Row {
    let (figure, cells) = if finding.figure.is_empty() {
        ("–".to_owned(), Cells::Merged(finding.reason.clone()))
    } else {
        let (old, new) = shown(finding);
        (finding.figure.clone(), Cells::Each(vec![old, new, change(case, finding)]))
    };
    vec![Cells::Each(vec![case.name(), figure]), cells]
}

/// A finding in words: the figure, what it was, what it is.
pub(super) fn told(finding: &Finding) -> String {
    if finding.figure.is_empty() {
        return finding.reason.clone();
    }
    let (old, new) = shown(finding);
    let reason =
        if finding.reason.is_empty() { String::new() } else { format!(" ({})", finding.reason) };
    match relative(finding) {
        None => format!("{}: {old}, now {new}{reason}", finding.figure),
        Some(relative) => format!("{}: {old}, now {new}, {relative}{reason}", finding.figure),
    }
}

/// Whether another finding says it already: the same metric of the largest party or link, or in
/// total where a phase moved.
pub(super) fn is_detail(case: &Judged, finding: &Finding) -> bool {
    let Ok(name) = finding.figure.parse::<MetricName>() else { return false };
    let default = name.metric().map_or(Aggregate::Sum, |metric| metric.aggregates[0]);
    case.findings.iter().any(|other| {
        let Ok(known) = other.figure.parse::<MetricName>() else { return false };
        let is_same = other.class == finding.class && known.name == name.name;
        let is_fold = name.aggregate != default && known.aggregate == default;
        let is_sum = name.phase.is_none() && known.phase.is_some() && known.aggregate == default;
        is_same && (is_sum || (is_fold && (known.phase == name.phase || name.phase.is_none())))
    })
}

/// Both values; in full where three digits would not tell them apart, or things are counted.
fn shown(finding: &Finding) -> (String, String) {
    let unit = unit(&finding.figure);
    let full = |value: &Value| show(finding, value, |number| in_full(unit, number));
    let short = |value: &Value| show(finding, value, |number| unit.show(number));
    let both = (short(&finding.old), short(&finding.new));
    if unit == Unit::Time && both.0 != both.1 {
        both
    } else {
        (full(&finding.old), full(&finding.new))
    }
}

fn show(finding: &Finding, value: &Value, number: impl Fn(u64) -> String) -> String {
    match value {
        Value::Null => "–".to_owned(),
        Value::Number(figure) => figure.as_u64().map_or_else(|| figure.to_string(), number),
        Value::String(digest) if finding.figure.starts_with("digest.") => {
            digest.chars().take(DIGEST).collect()
        }
        other => crate::record::label(other),
    }
}

fn unit(figure: &str) -> Unit {
    if figure == "wall_ns" {
        return Unit::Time;
    }
    let name: Option<MetricName> = figure.parse().ok();
    name.and_then(|name| name.metric()).map_or(Unit::Count, |metric| Unit::of_metric(metric.unit))
}

fn in_full(unit: Unit, number: u64) -> String {
    let symbol = match unit {
        Unit::Time => " ns",
        Unit::Bytes => " B",
        _ => "",
    };
    format!("{}{symbol}", thousands(number))
}

fn change(case: &Judged, finding: &Finding) -> String {
    let mut text = relative(finding).unwrap_or_default();
    if finding.differing < case.repetitions {
        text += &format!(" in {} of {}", finding.differing, case.repetitions);
    }
    if !finding.reason.is_empty() {
        text += &format!(" ({})", finding.reason);
    }
    text.trim().to_owned()
}

/// The change in percent; of less than a tenth of that, in the figure's own unit.
fn relative(finding: &Finding) -> Option<String> {
    let (old, new) = (finding.old.as_u64()?, finding.new.as_u64()?);
    if old == 0 {
        return None;
    }
    let percent = (new as f64 - old as f64) / old as f64 * 100.0;
    if percent.abs() < 0.1 {
        let sign = if new < old { '-' } else { '+' };
        return Some(format!("{sign}{}", in_full(unit(&finding.figure), new.abs_diff(old))));
    }
    Some(format!("{percent:+.1} %"))
}

fn notes(gate: &Gate) -> Vec<String> {
    let band = gate.options.band * 100.0;
    let mut notes = vec![
        "bytes, messages, rounds, units of compute, verdicts, outcomes and digests are compared \
         exactly, repetition by repetition; of each the repetition that differs most is shown"
            .to_owned(),
        format!(
            "virtual time, and what is priced by it, may differ by {band} %; it is compared only at \
             equal model and compute profile, and not in runs under an adversary"
        ),
    ];
    if let Some(tolerance) = gate.options.wall {
        notes.push(format!(
            "wall-clock time: Mann and Whitney's test for a change by more than {} %, at level {} \
             over all cases",
            tolerance * 100.0,
            probability(LEVEL)
        ));
    }
    let allowed: Vec<&str> = gate.options.allow.iter().map(|class| class.name()).collect();
    if !allowed.is_empty() {
        notes.push(format!("let pass: {}", allowed.join(", ")));
    }
    notes
}

/// For programs: one row for each finding, and one for each case without any.
pub(crate) fn frame(gate: &Gate) -> Frame {
    let mut frame = Frame { notes: notes(gate), ..Frame::default() };
    for case in &gate.cases {
        let unchanged = Finding::about_all(Class::Unchanged, String::new());
        let findings = match case.findings.as_slice() {
            [] => std::slice::from_ref(&unchanged),
            findings => findings,
        };
        for finding in findings {
            frame.push(vec![
                ("scenario".to_owned(), case.key.scenario.as_str().into()),
                ("protocol".to_owned(), case.key.protocol.as_str().into()),
                ("function".to_owned(), case.key.function.as_str().into()),
                ("sweep".to_owned(), case.key.sweep_label().into()),
                ("class".to_owned(), finding.class.name().into()),
                ("passes".to_owned(), gate.options.passes(finding.class).into()),
                ("figure".to_owned(), finding.figure.as_str().into()),
                ("baseline".to_owned(), finding.old.clone()),
                ("new".to_owned(), finding.new.clone()),
                ("differing_repetitions".to_owned(), finding.differing.into()),
                ("repetitions".to_owned(), case.repetitions.into()),
                ("reason".to_owned(), finding.reason.as_str().into()),
            ]);
        }
    }
    frame
}
