//! The grid in short: one row for each (protocol, guarantee), over all attacks.

use mpclab_sim::vocabulary::Guarantee;

use super::grid::{guarantees, row_name};
use super::{Battery, GridCell, Mark, ProtocolRow};
use crate::conventions;
use crate::table::{Align, Block, Cells, ColumnGroup, Row, Section, Sheet};
use crate::units::thousands;

/// The worst that was seen of each guarantee: where it is claimed, and where it is not.
#[must_use]
pub fn overview(battery: &Battery) -> Sheet {
    let section = |row: &ProtocolRow| Section {
        name: row_name(row),
        rows: guarantees(std::iter::once(row)).into_iter().map(|g| line(row, g)).collect(),
    };
    let counts = ["attacks", "cases", "broken"].map(|header| (header, Align::Right));
    Sheet {
        title: format!("{}: claims in short", battery.scenario),
        section_header: "protocol".to_owned(),
        groups: vec![
            ColumnGroup::new("", &[("guarantee", Align::Left)]),
            ColumnGroup::new("", &[("where claimed", Align::Left)]),
            ColumnGroup::new("", &[("elsewhere", Align::Left)]),
            ColumnGroup::new("", &counts),
        ],
        blocks: vec![Block {
            heading: String::new(),
            sections: battery.rows.iter().map(section).collect(),
            remarks: Vec::new(),
        }],
        notes: vec![conventions::WORST.to_owned()],
    }
}

fn line(row: &ProtocolRow, guarantee: Guarantee) -> Row {
    let cells = || row.cells.iter().filter(move |cell| cell.guarantee == guarantee);
    let sum = |of: fn(&GridCell) -> u64| cells().map(of).fold(0, u64::saturating_add);
    let counts = vec![
        cells().count().to_string(),
        thousands(sum(|cell| cell.counts.cases)),
        thousands(sum(|cell| cell.counts.broken)),
    ];
    let text = |claimed| worst(row, guarantee, claimed).map_or("–".to_owned(), Mark::short);
    let texts = [vec![guarantee.to_string()], vec![text(true)], vec![text(false)], counts];
    texts.map(Cells::Each).to_vec()
}

/// The worst mark of a guarantee among the cells in which it is claimed, or is not.
fn worst(row: &ProtocolRow, guarantee: Guarantee, claimed: bool) -> Option<Mark> {
    let cells = row.cells.iter().filter(|cell| cell.guarantee == guarantee);
    let marks = cells.filter(|cell| cell.verdict.claimed() == claimed).map(Mark::of);
    marks.min_by_key(|mark| mark.seen)
}
