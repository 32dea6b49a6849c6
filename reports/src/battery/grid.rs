//! The grid as a table: one mark for each (protocol, attack, guarantee).

use std::collections::BTreeSet;

use mpclab_sim::vocabulary::{Guarantee, Observed, Standing};
use serde_json::Value;

use super::{Battery, Family, GridCell, Mark, ProtocolRow, Seen};
use crate::conventions;
use crate::table::{
    Align, Block, Cells, ColumnGroup, Frame, Row, Section, Sheet, by_role, section,
};
use crate::units::{probability, thousands};

/// What stands in the rows of the grid.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Layout {
    /// Protocols with their guarantees; the attacks are columns.
    AttacksAcross,
    /// Protocols with their attacks; the guarantees are columns.
    AttacksDown,
}

/// What stands where nothing was tried.
const NOT_TRIED: &str = "–";

/// The grid for readers: one table with the attacks across, or one for each protocol with the
/// attacks down; names of attacks are cut to `longest` characters. What the marks mean stands under
/// the last table.
#[must_use]
pub fn sheets(battery: &Battery, layout: Layout, longest: usize) -> Vec<Sheet> {
    let mut sheets = match layout {
        Layout::AttacksDown if !battery.rows.is_empty() => {
            battery.rows.iter().map(|row| down(battery, row, longest)).collect()
        }
        Layout::AttacksDown | Layout::AttacksAcross => vec![across(battery, longest)],
    };
    if let Some(last) = sheets.last_mut() {
        last.notes = notes(battery);
    }
    sheets
}

/// The guarantees that were checked, in their order.
pub(crate) fn guarantees<'a>(rows: impl Iterator<Item = &'a ProtocolRow>) -> Vec<Guarantee> {
    let cells = rows.flat_map(|row| &row.cells);
    cells.map(|cell| cell.guarantee).collect::<BTreeSet<_>>().into_iter().collect()
}

/// The attacks that were tried, by family, each family in the order of the cells.
pub(crate) fn attacks<'a>(
    rows: impl Iterator<Item = &'a ProtocolRow>,
) -> Vec<(Family, Vec<&'a str>)> {
    let mut attacks: Vec<(Family, Vec<&str>)> = Vec::new();
    for cell in rows.flat_map(|row| &row.cells) {
        match attacks.iter_mut().find(|(family, _)| *family == cell.family) {
            Some((_, names)) if names.contains(&cell.attack.as_str()) => {}
            Some((_, names)) => names.push(&cell.attack),
            None => attacks.push((cell.family, vec![&cell.attack])),
        }
    }
    attacks.sort_by_key(|(family, _)| *family);
    attacks
}

/// The row of a protocol for a reader: `rep3 (n = 3, t = 1): semi-honest`.
pub(crate) fn row_name(row: &ProtocolRow) -> String {
    let ProtocolRow { protocol, n, t, claims, roles, .. } = row;
    let limits = if roles.is_empty() { String::new() } else { format!("; {}", by_role(roles)) };
    format!("{protocol} (n = {n}, t = {t}{limits}): {}", section(Some(claims)).1)
}

fn down(battery: &Battery, row: &ProtocolRow, longest: usize) -> Sheet {
    let guarantees = guarantees(std::iter::once(row));
    let identity = ColumnGroup::new("", &[("attack", Align::Left), ("cases", Align::Right)]);
    let column = |guarantee: &Guarantee| {
        ColumnGroup::new("", &[(guarantee.to_string().as_str(), Align::Left)])
    };
    let line = |attack: &str| -> Row {
        let cells: Vec<&GridCell> = row.cells.iter().filter(|c| c.attack == attack).collect();
        let cases = cells.iter().map(|cell| cell.counts.cases).max().unwrap_or(0);
        let identity = Cells::Each(vec![cut(attack, longest), thousands(cases)]);
        let mark = |guarantee: &Guarantee| {
            let cell = cells.iter().find(|cell| cell.guarantee == *guarantee);
            Cells::Each(vec![mark(cell.copied())])
        };
        std::iter::once(identity).chain(guarantees.iter().map(mark)).collect()
    };
    let section = |(family, names): (Family, Vec<&str>)| Section {
        name: family.to_string(),
        rows: names.into_iter().map(line).collect(),
    };
    Sheet {
        title: format!("{}: attacks on {}", battery.scenario, row_name(row)),
        section_header: "family".to_owned(),
        groups: std::iter::once(identity).chain(guarantees.iter().map(column)).collect(),
        blocks: vec![Block {
            heading: String::new(),
            sections: attacks(std::iter::once(row)).into_iter().map(section).collect(),
            remarks: remarks(row),
        }],
        notes: Vec::new(),
    }
}

fn across(battery: &Battery, longest: usize) -> Sheet {
    let attacks = attacks(battery.rows.iter());
    let mut groups = vec![ColumnGroup::new("", &[("guarantee", Align::Left)])];
    for (family, names) in &attacks {
        let names: Vec<String> = names.iter().map(|name| cut(name, longest)).collect();
        let columns: Vec<_> = names.iter().map(|name| (name.as_str(), Align::Left)).collect();
        groups.push(ColumnGroup::new(&family.to_string(), &columns));
    }
    let line = |row: &ProtocolRow, guarantee: Guarantee| -> Row {
        let find = |name: &&str| {
            row.cells.iter().find(|cell| cell.attack == *name && cell.guarantee == guarantee)
        };
        let marks = |(_, names): &(Family, Vec<&str>)| {
            Cells::Each(names.iter().map(|name| mark(find(name))).collect())
        };
        let identity = Cells::Each(vec![guarantee.to_string()]);
        std::iter::once(identity).chain(attacks.iter().map(marks)).collect()
    };
    let section = |row: &ProtocolRow| {
        let guarantees = guarantees(std::iter::once(row));
        let rows = guarantees.into_iter().map(|guarantee| line(row, guarantee)).collect();
        Section { name: row_name(row), rows }
    };
    Sheet {
        title: format!("{}: claims against attacks", battery.scenario),
        section_header: "protocol".to_owned(),
        groups,
        blocks: vec![Block {
            heading: String::new(),
            sections: battery.rows.iter().map(section).collect(),
            remarks: battery.rows.iter().flat_map(remarks).collect(),
        }],
        notes: Vec::new(),
    }
}

fn mark(cell: Option<&GridCell>) -> String {
    cell.map_or(NOT_TRIED.to_owned(), |cell| Mark::of(cell).short())
}

/// The name, or its beginning and an ellipsis.
pub(super) fn cut(name: &str, longest: usize) -> String {
    if name.chars().count() <= longest {
        return name.to_owned();
    }
    let kept: String = name.chars().take(longest.saturating_sub(1)).collect();
    kept.trim_end().to_owned() + "…"
}

/// What has to be said about single cells: claims that are violated, and why others are undecided.
fn remarks(row: &ProtocolRow) -> Vec<String> {
    let with = |standing: Standing| {
        row.cells.iter().filter(move |cell| cell.verdict.standing() == standing)
    };
    let violated = with(Standing::Violated).map(|cell| violation(row, cell));
    let undecided = with(Standing::Inconclusive).filter(|cell| !cell.reason.is_empty());
    let undecided = undecided.map(|cell| {
        let GridCell { guarantee, attack, reason, .. } = cell;
        format!("{}: {guarantee} is inconclusive under {attack}: {reason}", row.protocol)
    });
    violated.chain(undecided).collect()
}

/// A violated claim in one sentence, with its first case.
pub(crate) fn violation(row: &ProtocolRow, cell: &GridCell) -> String {
    let GridCell { guarantee, attack, counts, .. } = cell;
    let (broken, cases) = (thousands(counts.broken), thousands(counts.cases));
    let head = format!(
        "{}: {guarantee} VIOLATED under {attack} in {broken} of {cases} cases",
        row.protocol
    );
    match cell.evidence.first() {
        Some(evidence) => format!("{head}: {evidence}"),
        None if cell.reason.is_empty() => head,
        None => format!("{head}: {}", cell.reason),
    }
}

fn notes(battery: &Battery) -> Vec<String> {
    let mut notes: Vec<String> = legend(battery).into_iter().map(|(_, text)| text).collect();
    let tested = |cell: &GridCell| matches!(cell.verdict.observed(), Observed::NotRefuted { .. });
    if battery.rows.iter().flat_map(|row| &row.cells).any(tested) || !battery.privacy.is_empty() {
        notes.push(conventions::family_wise(&probability(battery.alpha)));
    }
    notes.push("n: computing parties; t: corruptions that the claims cover".to_owned());
    notes.extend(battery.rows.iter().map(|row| format!("{}: {}", row.protocol, coverage(row))));
    notes.push(format!(
        "function {}, seed {}, model {}, mpclab {}",
        battery.function, battery.seed, battery.model, battery.version
    ));
    notes.extend(battery.notes.iter().cloned());
    notes
}

/// What the marks that occur mean, each with the class of its style.
pub(crate) fn legend(battery: &Battery) -> Vec<(&'static str, String)> {
    let cells = || battery.rows.iter().flat_map(|row| &row.cells);
    let marks: Vec<Mark> = cells().map(Mark::of).collect();
    let mark = |standing, seen| Mark { standing, seen, substituted: false };
    let all = [
        (mark(Standing::Held, Seen::Held), conventions::HELD),
        (mark(Standing::Held, Seen::NotRefuted), conventions::NOT_REFUTED),
        (mark(Standing::Violated, Seen::Broken), conventions::VIOLATED),
        (mark(Standing::OutOfClaim, Seen::Held), conventions::OUT_OF_CLAIM),
        (mark(Standing::Inconclusive, Seen::Inconclusive), conventions::INCONCLUSIVE),
        (mark(Standing::Held, Seen::NoEffect), conventions::NO_EFFECT),
    ];
    let occurs = |(mark, _): &(Mark, &str)| marks.iter().any(|m| m.sign() == mark.sign());
    let entry = |(mark, text): (Mark, &str)| (mark.class(), format!("{} {text}", mark.sign()));
    let mut legend: Vec<(&str, String)> = all.into_iter().filter(occurs).map(entry).collect();
    if marks.iter().any(|mark| mark.substituted) {
        legend.push(("held", format!("† {}", conventions::INPUT_SUBSTITUTION)));
    }
    if !marks.is_empty() {
        legend.push(("", format!("{NOT_TRIED} {}", conventions::NOT_TRIED)));
    }
    legend
}

/// How much was tried on a protocol.
pub(crate) fn coverage(row: &ProtocolRow) -> String {
    let tried = thousands(row.coalitions);
    let coalitions = match row.coalitions_in_all {
        Some(all) if all == row.coalitions => format!("all {tried} coalitions"),
        Some(all) => format!("{tried} of {} coalitions", thousands(all)),
        None => format!("{tried} coalitions of more than 2^64"),
    };
    format!("{} cases over {coalitions} of size {}", thousands(row.cases), row.t)
}

/// The grid for programs: one row for each cell.
#[must_use]
pub fn frame(battery: &Battery) -> Frame {
    let mut frame = Frame::default();
    for row in &battery.rows {
        for cell in &row.cells {
            frame.push(frame_row(battery, row, cell));
        }
    }
    frame.notes = notes(battery);
    frame
}

fn frame_row(battery: &Battery, row: &ProtocolRow, cell: &GridCell) -> Vec<(String, Value)> {
    let counts = cell.counts;
    let tested = match cell.verdict.observed() {
        Observed::NotRefuted { samples, test, alpha } => {
            [(*samples).into(), test.clone().into(), (*alpha).into()]
        }
        _ => [Value::Null, Value::Null, Value::Null],
    };
    let [samples, test, alpha] = tested;
    let first = cell.evidence.first();
    let (mark, observed) = (Mark::of(cell), Mark::of_judgement(&cell.verdict).seen);
    let columns: [(&str, Value); 24] = [
        ("scenario", battery.scenario.clone().into()),
        ("function", battery.function.clone().into()),
        ("protocol", row.protocol.clone().into()),
        ("n", row.n.into()),
        ("t", row.t.into()),
        ("adversary", crate::table::adversary(&row.claims).into()),
        ("family", cell.family.to_string().into()),
        ("attack", cell.attack.clone().into()),
        ("guarantee", cell.guarantee.to_string().into()),
        ("claimed", cell.verdict.claimed().into()),
        ("observed", observed.word().into()),
        ("standing", mark.standing.to_string().into()),
        ("shown", mark.words().into()),
        ("cases", counts.cases.into()),
        ("no_effect", counts.no_effect.into()),
        ("held", counts.held.into()),
        ("broken", counts.broken.into()),
        ("inconclusive", counts.inconclusive.into()),
        ("input_substitution", counts.input_substitution.into()),
        ("samples", samples),
        ("test", test),
        ("alpha", alpha),
        ("reason", cell.reason.clone().into()),
        ("evidence", first.map_or(Value::Null, |evidence| evidence.to_string().into())),
    ];
    columns.map(|(name, value)| (name.to_owned(), value)).to_vec()
}
