//! The page of an attack battery: the grid, and for each cell what it rests on.

use minijinja::context;
use minijinja::value::Value;
use mpclab_sim::vocabulary::{Guarantee, Standing};

use super::{ReportError, environment, fact, figure, script, style, table};
use crate::battery::{
    self, Battery, Evidence, Family, GridCell, Mark, ProtocolRow, attacks, coverage, guarantees,
    legend, row_name, violation,
};
use crate::plot::{self, Medium};
use crate::units::{probability, thousands};

/// What the page of a battery is made from.
#[derive(Clone, Copy, Debug)]
pub struct BatteryInput<'a> {
    /// What the attacks gave.
    pub battery: &'a Battery,
    /// The scenario with everything resolved, as text.
    pub resolved_yaml: &'a str,
    /// The command that gives this battery again.
    pub command: &'a str,
}

/// The whole page.
///
/// # Errors
/// [`ReportError`] if a plot cannot be drawn or the page cannot be put together.
pub fn battery(input: &BatteryInput<'_>) -> Result<String, ReportError> {
    let battery = input.battery;
    let figures = plot::soundness(battery, Medium::Screen)?;
    let figures: Vec<Value> = figures.iter().map(|of| figure(of, input.command)).collect();
    let privacy = battery::privacy_sheet(battery, usize::MAX);
    let soundness = battery::soundness_sheet(battery, usize::MAX);
    let entry = |(class, text): (&str, String)| context! { class, text };
    let rows = battery.rows.iter().enumerate().map(|(at, row)| protocol(battery, at, row));
    let page = environment()?.get_template("battery.html")?.render(context! {
        title => format!("Attacks on {}", battery.scenario),
        about => battery.about.clone(),
        style => style(),
        facts => facts(battery),
        failures => failures(battery),
        matrix => table(&battery::matrix(battery)),
        overview => table(&battery::overview(battery)),
        legend => legend(battery).into_iter().map(entry).collect::<Vec<_>>(),
        protocols => rows.collect::<Vec<_>>(),
        privacy => (!battery.privacy.is_empty()).then(|| table(&privacy)),
        figures => figures,
        soundness => (!battery.soundness.is_empty()).then(|| table(&soundness)),
        resolved => input.resolved_yaml,
        command => input.command,
        provenance => provenance(battery),
        script => script(&[include_str!("../../templates/links.js")]),
    })?;
    Ok(page)
}

fn facts(battery: &Battery) -> Vec<Value> {
    let protocols: Vec<&str> = battery.rows.iter().map(|row| row.protocol.as_str()).collect();
    let cases = battery.rows.iter().map(|row| row.cases).fold(0, u64::saturating_add);
    let violated = battery.cells(Standing::Violated).count();
    let cells: usize = battery.rows.iter().map(|row| row.cells.len()).sum();
    let mut facts = vec![
        fact("function", &battery.function),
        fact("protocols", &protocols.join(", ")),
        fact("cases", &thousands(cases)),
        fact("violated", &format!("{violated} of {cells} cells")),
        fact("level", &format!("{} over all statistical tests", probability(battery.alpha))),
    ];
    facts.extend(battery.notes.iter().map(|note| fact("note", note)));
    facts
}

fn provenance(battery: &Battery) -> Vec<Value> {
    vec![
        fact("mpclab", &battery.version),
        fact("model", &battery.model.to_string()),
        fact("battery schema", &battery.schema.to_string()),
        fact("seed", &battery.seed.to_string()),
    ]
}

/// Violated claims in a sentence each, with the place of their evidence.
fn failures(battery: &Battery) -> Vec<Value> {
    let rows = battery.rows.iter().enumerate();
    let cells = rows.flat_map(|(at, row)| {
        row.cells.iter().enumerate().map(move |(cell_at, cell)| (at, row, cell_at, cell))
    });
    let violated = cells.filter(|(.., cell)| cell.verdict.standing() == Standing::Violated);
    let failure = |(at, row, cell_at, cell): (usize, &ProtocolRow, usize, &GridCell)| {
        context! { text => violation(row, cell), link => target(battery, at, cell_at, cell) }
    };
    violated.map(failure).collect()
}

/// Name of the place of a cell's evidence, if it has any.
fn id(row: usize, at: usize, cell: &GridCell) -> Option<String> {
    let shown = !cell.evidence.is_empty() || !cell.reason.is_empty();
    shown.then(|| format!("p{row}-c{at}"))
}

/// Where a reader finds more on a cell: its evidence, or the section of its family.
fn target(battery: &Battery, row: usize, at: usize, cell: &GridCell) -> Option<String> {
    let section = match cell.family {
        Family::Privacy if !battery.privacy.is_empty() => Some("privacy".to_owned()),
        Family::Soundness if !battery.soundness.is_empty() => Some("soundness".to_owned()),
        _ => None,
    };
    id(row, at, cell).or(section)
}

fn protocol(battery: &Battery, at: usize, row: &ProtocolRow) -> Value {
    let guarantees = guarantees(std::iter::once(row));
    let attack = |name: &str| {
        let cell = |guarantee: &Guarantee| {
            let same = |cell: &GridCell| cell.attack == name && cell.guarantee == *guarantee;
            let found = row.cells.iter().position(same)?;
            let cell = &row.cells[found];
            Some(mark(cell, target(battery, at, found, cell)))
        };
        context! { name, cells => guarantees.iter().map(cell).collect::<Vec<_>>() }
    };
    let families = attacks(std::iter::once(row)).into_iter().map(|(family, names)| {
        let attacks: Vec<Value> = names.into_iter().map(attack).collect();
        context! { name => family.to_string(), attacks }
    });
    let cells = row.cells.iter().enumerate();
    let evidence = cells.filter_map(|(found, cell)| evidence(at, found, cell));
    context! {
        id => format!("p{at}"),
        label => row.protocol.clone(),
        name => row_name(row),
        coverage => coverage(row),
        width => guarantees.len() + 1,
        guarantees => guarantees.iter().map(ToString::to_string).collect::<Vec<_>>(),
        families => families.collect::<Vec<_>>(),
        evidence => evidence.collect::<Vec<_>>(),
    }
}

/// A cell as the grid shows it.
fn mark(cell: &GridCell, link: Option<String>) -> Value {
    let mark = Mark::of(cell);
    context! {
        class => mark.class(),
        mark => format!("{} {}", mark.sign(), mark.words()),
        counts => cell.counts.to_string(),
        link,
    }
}

/// What a cell rests on; `None` if there is nothing more to say.
fn evidence(row: usize, at: usize, cell: &GridCell) -> Option<Value> {
    let id = id(row, at, cell)?;
    let mark = Mark::of(cell);
    Some(context! {
        id,
        class => mark.class(),
        mark => format!("{} {}", mark.sign(), mark.words()),
        open => mark.standing == Standing::Violated,
        name => format!("{} under {}", cell.guarantee, cell.attack),
        counts => cell.counts.to_string(),
        reason => cell.reason.clone(),
        cases => cell.evidence.iter().map(case).collect::<Vec<_>>(),
    })
}

fn case(evidence: &Evidence) -> Value {
    let mut facts = vec![
        fact("seed", &evidence.seed.to_string()),
        fact("corrupted", &evidence.coalition_text()),
    ];
    facts.extend(evidence.at.iter().map(|place| fact("message", &place.to_string())));
    facts.push(fact("what differed", &evidence.what_differed));
    context! {
        name => evidence.case.clone(),
        facts,
        command => evidence.command.clone(),
        scenario => evidence.scenario.clone(),
    }
}
