//! The grid in short, over all attacks: one mark for each (guarantee, protocol), and one row with
//! counts for each (protocol, guarantee).

use std::collections::BTreeSet;

use mpclab_sim::vocabulary::{AdversaryKind, Guarantee, OutputGuarantee};

use super::grid::{guarantees, row_name};
use super::{Battery, GridCell, Mark, ProtocolRow, Seen};
use crate::conventions;
use crate::table::{Align, Block, Cells, ColumnGroup, Row, Section, Sheet, adversary, output};
use crate::units::thousands;

/// What stands where there is nothing to say.
const NOTHING: &str = "–";

/// Guarantees down, protocols across, one mark each: first what is claimed, then the worst that was
/// seen within the claims, then what broke beyond them.
#[must_use]
pub fn matrix(battery: &Battery) -> Sheet {
    let across = |header: &str, of: &dyn Fn(&ProtocolRow) -> String| -> Row {
        let identity = Cells::Each(vec![header.to_owned()]);
        let cells = battery.rows.iter().map(|row| Cells::Each(vec![of(row)]));
        std::iter::once(identity).chain(cells).collect()
    };
    let claims = vec![
        across("adversary", &|row| adversary(&row.claims)),
        across("corrupted", &|row| format!("{} of {}", row.t, row.n)),
        across("output", &|row| output(&row.claims).to_owned()),
    ];
    // How it held is said below.
    let plain = |mark: Mark| Mark { substituted: false, ..mark }.short();
    let text = |mark: Option<Mark>| mark.map_or_else(|| NOTHING.to_owned(), plain);
    let within =
        |guarantee: Guarantee| across(guarantee.name(), &|row| text(worst(row, guarantee, true)));
    let broken = |row: &ProtocolRow, guarantee| {
        worst(row, guarantee, false).filter(|mark| mark.seen == Seen::Broken)
    };
    let beyond =
        |guarantee: Guarantee| across(guarantee.name(), &|row| text(broken(row, guarantee)));
    let all = guarantees(battery.rows.iter());
    let breaks =
        |guarantee: &Guarantee| battery.rows.iter().any(|row| broken(row, *guarantee).is_some());
    let is_claimed = |guarantee: &Guarantee| {
        battery.rows.iter().any(|row| worst(row, *guarantee, true).is_some())
    };
    let beyond: Vec<Row> = all.iter().copied().filter(breaks).map(beyond).collect();
    let within: Vec<Row> = all.iter().copied().filter(is_claimed).map(within).collect();
    let named = |name: &str, rows| Section { name: name.to_owned(), rows };
    let sections = [
        named("what is claimed", claims),
        named("within the claim: the worst of all attacks", within),
        named("beyond the claim: what broke", beyond),
    ];
    let columns = battery
        .rows
        .iter()
        .map(|row| ColumnGroup::new("", &[(row.protocol.as_str(), Align::Left)]));
    let first = ColumnGroup::new("", &[("guarantee", Align::Left)]);
    Sheet {
        title: format!("{}: guarantees of protocols", battery.scenario),
        section_header: "part".to_owned(),
        groups: std::iter::once(first).chain(columns).collect(),
        blocks: vec![Block {
            heading: String::new(),
            sections: sections.into_iter().filter(|section| !section.rows.is_empty()).collect(),
            remarks: Vec::new(),
        }],
        notes: matrix_notes(battery),
    }
}

fn matrix_notes(battery: &Battery) -> Vec<String> {
    let mut notes = vec![conventions::MATRIX.to_owned()];
    let text = |(row, guarantees): (&ProtocolRow, Vec<Guarantee>)| {
        let names: Vec<&str> = guarantees.iter().map(|guarantee| guarantee.name()).collect();
        format!("{}: claimed, and looked at by no test: {}", row.protocol, names.join(", "))
    };
    notes.extend(untested(battery).map(text));
    notes
}

/// Guarantees that a protocol claims and that no case decided or could have decided, where there
/// are any.
pub fn untested(battery: &Battery) -> impl Iterator<Item = (&ProtocolRow, Vec<Guarantee>)> {
    battery.rows.iter().filter_map(|row| {
        let is_tested = |guarantee: &Guarantee| {
            let seen = worst(row, *guarantee, true).map(|mark| mark.seen);
            seen.is_some_and(|seen| seen != Seen::NoEffect)
        };
        let claimed = claimed(row).into_iter();
        let untested: Vec<Guarantee> = claimed.filter(|of| !is_tested(of)).collect();
        (!untested.is_empty()).then_some((row, untested))
    })
}

/// What a protocol promises: by its claims, and by what was found to be claimed.
fn claimed(row: &ProtocolRow) -> BTreeSet<Guarantee> {
    let mut claimed = BTreeSet::from([
        Guarantee::Correctness,
        Guarantee::Agreement,
        Guarantee::Privacy,
        Guarantee::Invariants,
    ]);
    let found = row.cells.iter().filter(|cell| cell.verdict.claimed());
    claimed.extend(found.map(|cell| cell.guarantee));
    if row.claims.adversary == AdversaryKind::SemiHonest {
        return claimed;
    }
    claimed.extend([Guarantee::AbortKind, Guarantee::InputIndependence]);
    match row.claims.output {
        OutputGuarantee::Abort => {}
        OutputGuarantee::IdentifiableAbort => claimed.extend([Guarantee::Identification]),
        OutputGuarantee::Fairness | OutputGuarantee::Guaranteed => {
            claimed.extend([Guarantee::Fairness, Guarantee::Delivery]);
        }
    }
    claimed
}

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
    let text = |claimed| worst(row, guarantee, claimed).map_or(NOTHING.to_owned(), Mark::short);
    let texts = [vec![guarantee.to_string()], vec![text(true)], vec![text(false)], counts];
    texts.map(Cells::Each).to_vec()
}

/// The worst mark of a guarantee among the cells in which it is claimed, or is not.
fn worst(row: &ProtocolRow, guarantee: Guarantee, claimed: bool) -> Option<Mark> {
    let cells = row.cells.iter().filter(|cell| cell.guarantee == guarantee);
    let marks = cells.filter(|cell| cell.verdict.claimed() == claimed).map(Mark::of);
    marks.min_by_key(|mark| mark.seen)
}
