//! Tests of privacy and soundness curves as tables.

use serde_json::Value;

use super::grid::cut;
use super::{Battery, Judgement, Mark, PrivacyRow, SoundnessCurve, SoundnessPoint};
use crate::conventions;
use crate::table::{Align, Block, Cells, ColumnGroup, Frame, Row, Section, Sheet};
use crate::units::{confidence, probability, thousands};

/// The tests of privacy for readers, by protocol; names of tests are cut to `longest` characters.
#[must_use]
pub fn privacy_sheet(battery: &Battery, longest: usize) -> Sheet {
    let mut sections: Vec<Section> = Vec::new();
    for test in &battery.privacy {
        let row = privacy_row(test, longest);
        match sections.iter_mut().find(|section| section.name == test.protocol) {
            Some(section) => section.rows.push(row),
            None => sections.push(Section { name: test.protocol.clone(), rows: vec![row] }),
        }
    }
    let figures = [("samples", Align::Right), ("alpha", Align::Right), ("p", Align::Right)];
    let noted = battery.privacy.iter().filter(|test| !test.note.is_empty());
    let noted = noted.map(|test| format!("{}, {}: {}", test.protocol, test.test, test.note));
    let mut notes = vec![
        conventions::PRIVACY.to_owned(),
        conventions::family_wise(&probability(battery.alpha)),
    ];
    notes.extend(noted);
    Sheet {
        title: format!("{}: what the views tell", battery.scenario),
        section_header: "protocol".to_owned(),
        groups: vec![
            ColumnGroup::new("", &[("test", Align::Left)]),
            ColumnGroup::new("", &[("verdict", Align::Left)]),
            ColumnGroup::new("", &figures),
            ColumnGroup::new("", &[("algebra", Align::Left)]),
        ],
        blocks: vec![Block { heading: String::new(), sections, remarks: Vec::new() }],
        notes,
    }
}

fn privacy_row(test: &PrivacyRow, longest: usize) -> Row {
    let share = |value: Option<f64>| value.map_or("–".to_owned(), probability);
    let figures = vec![thousands(test.samples), share(test.alpha), share(test.p_value)];
    vec![
        Cells::Each(vec![cut(&test.test, longest)]),
        Cells::Each(vec![Mark::of_judgement(&test.verdict).short()]),
        Cells::Each(figures),
        Cells::Each(vec![cut(&test.algebra, longest)]),
    ]
}

/// The tests of privacy for programs.
#[must_use]
pub fn privacy_frame(battery: &Battery) -> Frame {
    let mut frame = Frame::default();
    for test in &battery.privacy {
        let number = |value: Option<f64>| value.map_or(Value::Null, Value::from);
        let mut row: Vec<(String, Value)> = [
            ("scenario", battery.scenario.clone().into()),
            ("protocol", test.protocol.clone().into()),
            ("test", test.test.clone().into()),
            ("algebra", test.algebra.clone().into()),
            ("samples", test.samples.into()),
            ("alpha", number(test.alpha)),
            ("p_value", number(test.p_value)),
        ]
        .map(|(name, value)| (name.to_owned(), value))
        .to_vec();
        row.extend(judged(&test.verdict));
        row.push(("note".to_owned(), test.note.clone().into()));
        frame.push(row);
    }
    frame.notes = privacy_sheet(battery, usize::MAX).notes;
    frame
}

fn judged(verdict: &Judgement) -> [(String, Value); 3] {
    let mark = Mark::of_judgement(verdict);
    [
        ("claimed".to_owned(), verdict.claimed().into()),
        ("observed".to_owned(), mark.seen.word().into()),
        ("standing".to_owned(), mark.standing.to_string().into()),
    ]
}

/// The soundness curves for readers, one block each; labels are cut to `longest` characters.
#[must_use]
pub fn soundness_sheet(battery: &Battery, longest: usize) -> Sheet {
    let confidences = battery.soundness.iter().map(|curve| confidence(curve.confidence));
    let mut confidences: Vec<String> = confidences.collect();
    confidences.sort();
    confidences.dedup();
    let right = |header| (header, Align::Right);
    let interval = format!("{} {}", conventions::INTERVAL, confidences.join(", "));
    let curve = |curve: &SoundnessCurve| Block {
        heading: curve_name(curve),
        sections: vec![Section {
            name: curve.parameter.clone(),
            rows: curve.points.iter().map(|point| soundness_row(point, longest)).collect(),
        }],
        remarks: Vec::new(),
    };
    Sheet {
        title: format!("{}: how often cheating goes unnoticed", battery.scenario),
        section_header: "parameter".to_owned(),
        groups: vec![
            ColumnGroup::new("", &[("at", Align::Left)]),
            ColumnGroup::new("measured", &["trials", "successes", "frequency"].map(right)),
            ColumnGroup::new("interval", &["lower", "upper"].map(right)),
            ColumnGroup::new("theorem", &[right("bound"), ("interval is", Align::Left)]),
        ],
        blocks: battery.soundness.iter().map(curve).collect(),
        notes: vec![interval, conventions::SOUNDNESS.to_owned()],
    }
}

/// A curve for a reader: what is measured, the verdict, and where the bound comes from.
fn curve_name(curve: &SoundnessCurve) -> String {
    let mark = Mark::of_judgement(&curve.verdict).short();
    let SoundnessCurve { protocol, event, strategy, source, .. } = curve;
    format!("{protocol}: {event}, by {strategy}: {mark}; bound: {source}")
}

/// The value of a parameter for a reader.
pub(crate) fn parameter(point: &SoundnessPoint) -> String {
    if point.label.is_empty() { point.value.to_string() } else { point.label.clone() }
}

fn soundness_row(point: &SoundnessPoint, longest: usize) -> Row {
    let measured = [thousands(point.trials), thousands(point.successes)];
    let place = if point.exceeds() { "ABOVE the bound" } else { "not above" };
    vec![
        Cells::Each(vec![cut(&parameter(point), longest)]),
        Cells::Each(measured.into_iter().chain([probability(point.frequency())]).collect()),
        Cells::Each(vec![probability(point.lower), probability(point.upper)]),
        Cells::Each(vec![probability(point.bound), place.to_owned()]),
    ]
}

/// The soundness curves for programs: one row for each point.
#[must_use]
pub fn soundness_frame(battery: &Battery) -> Frame {
    let mut frame = Frame::default();
    for curve in &battery.soundness {
        for point in &curve.points {
            let mut row: Vec<(String, Value)> = [
                ("scenario", battery.scenario.clone().into()),
                ("protocol", curve.protocol.clone().into()),
                ("event", curve.event.clone().into()),
                ("strategy", curve.strategy.clone().into()),
                ("parameter", curve.parameter.clone().into()),
                ("value", point.value.into()),
                ("trials", point.trials.into()),
                ("successes", point.successes.into()),
                ("lower", point.lower.into()),
                ("upper", point.upper.into()),
                ("confidence", curve.confidence.into()),
                ("bound", point.bound.into()),
                ("source", curve.source.clone().into()),
            ]
            .map(|(name, value)| (name.to_owned(), value))
            .to_vec();
            row.extend(judged(&curve.verdict));
            frame.push(row);
        }
    }
    frame.notes = soundness_sheet(battery, usize::MAX).notes;
    frame
}
