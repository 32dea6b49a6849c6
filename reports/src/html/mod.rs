//! The report and the page of an attack battery: self-contained HTML.
//!
//! Styles and plots are inline and nothing is fetched, so the page can be kept beside the results
//! and still be read in ten years. Everything that comes from a scenario or a protocol is escaped
//! by the template engine; only the plots, which escape their own texts, are put in as they are.

mod advice;
mod battery;
mod checks;
mod summary;

use minijinja::value::Value;
use minijinja::{Environment, context};

pub use advice::{AdviceInput, advice};
pub use battery::{BatteryInput, battery};

use crate::plot::{self, Figure, PlotError};
use crate::record::{self, Record};
use crate::table::{
    Align, Block, Cells, Comparison, Row, ScopeTable, Section, Sheet, protocols_by_text,
};

/// What a report is made from.
#[derive(Clone, Copy, Debug)]
pub struct ReportInput<'a> {
    /// Heading of the page, usually the scenario's name.
    pub title: &'a str,
    /// What the scenario is about, in prose.
    pub about: &'a str,
    /// The runs.
    pub records: &'a [Record],
    /// The scenario with everything resolved, as text.
    pub resolved_yaml: &'a str,
    /// The command that gives these results again.
    pub command: &'a str,
}

/// Why there is no report.
#[derive(Debug, thiserror::Error)]
pub enum ReportError {
    /// A plot could not be drawn.
    #[error(transparent)]
    Plot(#[from] PlotError),
    /// The page could not be put together.
    #[error("writing HTML: {0}")]
    Template(#[from] minijinja::Error),
}

/// The whole page.
///
/// # Errors
/// [`ReportError`] if a plot cannot be drawn or the page cannot be put together.
pub fn render(input: &ReportInput<'_>) -> Result<String, ReportError> {
    let mut records = input.records.to_vec();
    record::sort(&mut records);
    let records = records.as_slice();
    let figures: Vec<Value> = plot::figures(records)?.into_iter().map(figure).collect();
    let comparison = Comparison::of(records).sheet();
    let scopes = ScopeTable::of(records).sheet();
    let has_scopes = scopes.blocks.iter().any(|block| !block.sections.is_empty());
    let assumptions = records
        .iter()
        .flat_map(|record| record.assumptions.iter().map(move |text| (record, text.as_str())));
    let page = environment()?.get_template("report.html")?.render(context! {
        title => input.title,
        about => input.about,
        style => style(),
        facts => summary::facts(records),
        headlines => summary::headlines(records),
        failures => comparison.blocks.iter().flat_map(Block::full_remarks).collect::<Vec<_>>(),
        comparison => table(&comparison),
        figures => figures,
        scopes => has_scopes.then(|| table(&scopes)),
        verdicts => checks::verdicts(records),
        declared => checks::declared(records),
        domains => protocols_by_text(records.iter().map(|r| (r, r.domain.as_str()))),
        assumptions => protocols_by_text(assumptions),
        outputs => summary::outputs(records),
        resolved => input.resolved_yaml,
        command => input.command,
        provenance => summary::provenance(records),
        digests => summary::digests(records),
    })?;
    Ok(page)
}

/// All templates; what their names end in makes the engine escape.
fn environment() -> Result<Environment<'static>, minijinja::Error> {
    let mut environment = Environment::new();
    let templates = [
        ("page.html", include_str!("../../templates/page.html")),
        ("parts.html", include_str!("../../templates/parts.html")),
        ("report.html", include_str!("../../templates/report.html")),
        ("advice.html", include_str!("../../templates/advice.html")),
        ("battery.html", include_str!("../../templates/battery.html")),
    ];
    for (name, source) in templates {
        environment.add_template(name, source)?;
    }
    Ok(environment)
}

fn style() -> Value {
    Value::from_safe_string(include_str!("../../templates/report.css").to_owned())
}

/// A name and a value for a list of facts.
fn fact(name: &str, value: &str) -> Value {
    context! { name => name, value => value }
}

fn figure(figure: Figure) -> Value {
    context! {
        title => figure.title,
        caption => figure.caption,
        svg => Value::from_safe_string(figure.svg),
    }
}

/// A table as the template draws it: cells with a class and a width in columns.
fn table(sheet: &Sheet) -> Value {
    let named = sheet.groups.iter().any(|group| !group.name.is_empty());
    let heads: Vec<Value> = sheet
        .groups
        .iter()
        .map(|group| context! { name => group.name.clone(), width => group.columns.len() })
        .collect();
    let columns = sheet.groups.iter().flat_map(|group| {
        group.columns.iter().enumerate().map(|(at, column)| {
            context! { text => column.header.clone(), class => class(column.align, at) }
        })
    });
    let blocks: Vec<Value> = sheet
        .blocks
        .iter()
        .map(|block| {
            let section = |section: &Section| {
                let rows: Vec<Value> = section.rows.iter().map(|row| cells(sheet, row)).collect();
                context! { name => section.name.clone(), rows => rows }
            };
            let sections: Vec<Value> = block.sections.iter().map(section).collect();
            context! { heading => block.heading.clone(), sections => sections }
        })
        .collect();
    context! {
        title => sheet.title.clone(),
        heads => named.then_some(heads),
        columns => columns.collect::<Vec<_>>(),
        width => sheet.width(),
        blocks => blocks,
        notes => sheet.notes.clone(),
    }
}

fn cells(sheet: &Sheet, row: &Row) -> Value {
    let mut values: Vec<Value> = Vec::new();
    for (group, cells) in sheet.groups.iter().zip(row) {
        match cells {
            Cells::Each(texts) => {
                for (at, (text, column)) in texts.iter().zip(&group.columns).enumerate() {
                    let class = class(column.align, at);
                    let head = values.is_empty();
                    let text = text.clone();
                    values.push(context! { text, class, head, width => 1 });
                }
            }
            Cells::Merged(text) => {
                let width = group.columns.len();
                let class = "merged first";
                values.push(context! { text => text.clone(), class => class, width => width });
            }
        }
    }
    Value::from(values)
}

fn class(align: Align, place_in_group: usize) -> &'static str {
    match (align, place_in_group) {
        (Align::Left, _) => "name",
        (Align::Right, 0) => "figure first",
        (Align::Right, _) => "figure",
    }
}
