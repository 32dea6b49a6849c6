//! The report and the page of an attack battery: self-contained HTML.
//!
//! Styles, plots, data and the script are inline and nothing is fetched, which the page itself
//! forbids, so it can be kept beside the results and still be read in ten years. Without the script
//! everything is there but the later rows of long tables. Everything that comes from a scenario or
//! a protocol is escaped by the template engine; only the plots, which escape their own texts, and
//! the data, in which `<` is escaped, are put in as they are.

mod advice;
mod battery;
mod checks;
mod grid;
mod runs;
mod summary;
mod tables;

use std::collections::BTreeSet;

use minijinja::value::Value;
use minijinja::{Environment, context};
use serde_json::{Map, json};

pub use advice::{AdviceInput, advice};
pub use battery::{BatteryInput, battery};
use tables::{Shown, scripted, table};

use crate::distinct::distinct;
use crate::plot::{self, Figure, Medium, PlotError};
use crate::record::{self, Record};
use crate::stats;
use crate::table::{Block, Comparison, ScopeTable, Sheet, protocols_by_text};
use crate::trace::TracedRun;
use crate::units::symbols;

/// Rows that are there without the script: of the comparison, and of other tables.
const STATIC_ROWS: (usize, usize) = (50, 25);

/// Failures that are told one by one.
const TOLD: usize = 40;

/// A scenario that results come from.
#[derive(Clone, Copy, Debug, Default)]
pub struct Source<'a> {
    /// Its name, as in the records.
    pub scenario: &'a str,
    /// What it is about, in prose.
    pub about: &'a str,
    /// The scenario with everything resolved, as text.
    pub resolved_yaml: &'a str,
    /// The command that gives its results again; empty if it is not known.
    pub command: &'a str,
}

/// What a report is made from.
#[derive(Clone, Copy, Debug)]
pub struct ReportInput<'a> {
    /// Heading of the page, usually the scenario's name.
    pub title: &'a str,
    /// The runs.
    pub records: &'a [Record],
    /// Where they come from.
    pub sources: &'a [Source<'a>],
    /// Traces of some of them.
    pub traces: &'a [TracedRun],
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
    /// The data of the page could not be written.
    #[error("writing the data of the page: {0}")]
    Data(#[from] serde_json::Error),
}

/// The whole page.
///
/// # Errors
/// [`ReportError`] if a plot cannot be drawn or the page cannot be put together.
pub fn render(input: &ReportInput<'_>) -> Result<String, ReportError> {
    let mut records = input.records.to_vec();
    record::sort(&mut records);
    let records = records.as_slice();
    let (points, groups) = stats::group(records);
    let command = |of: &str| {
        let source = input.sources.iter().find(|source| source.scenario == of);
        source.map_or("", |source| source.command)
    };
    let figures = plot::figures(records, input.traces, Medium::Screen)?.into_iter();
    // The section of critical paths has these bars, with words.
    let figures = figures.filter(|figure| !figure.name.contains(plot::BY_CAUSE));
    let figures: Vec<Value> = figures.map(|of| figure(&of, command(&of.scenario))).collect();
    let comparison = Comparison::of(records).sheet();
    let mut tables = Tables::of(records);
    let (paths, more_paths) = runs::paths(&points, &groups);
    let assumptions = records
        .iter()
        .flat_map(|record| record.assumptions.iter().map(move |text| (record, text.as_str())));
    let page = environment()?.get_template("report.html")?.render(context! {
        title => input.title,
        sources => input.sources.iter().map(source).collect::<Vec<_>>(),
        style => style(),
        facts => summary::facts(records),
        headlines => summary::headlines(records),
        failures => failures(&comparison),
        comparison => tables.add("comparison", &comparison, STATIC_ROWS.0, &[]),
        figures => figures,
        protocols => tables.protocols(),
        paths => paths,
        more_paths => more_paths,
        causes => runs::causes(records),
        scopes => tables.add("scopes", &ScopeTable::of(records).sheet(), STATIC_ROWS.1, &[]),
        batches => tables.add(
            "batches", &ScopeTable::of_batches(records).sheet(), STATIC_ROWS.1, &[],
        ),
        grid => grid::grid(&points, &groups),
        declared => tables.add(
            "declared", &checks::declared(&points, &groups), STATIC_ROWS.1, &["agreement"],
        ),
        domains => protocols_by_text(records.iter().map(|r| (r, r.domain.as_str()))),
        assumptions => protocols_by_text(assumptions),
        outputs => crate::table::outputs(records),
        provenance => summary::provenance(records),
        runs => tables.add(
            "runs", &runs::runs(&points, &groups), STATIC_ROWS.1, &["status", "verdict"],
        ),
        data => tables.data()?,
        script => script(&[
            include_str!("../../templates/links.js"),
            include_str!("../../templates/table.js"),
            include_str!("../../templates/report.js"),
        ]),
    })?;
    Ok(page)
}

/// The tables of a page with a script, and the data that the script needs.
struct Tables<'a> {
    protocols: Vec<&'a str>,
    rest: Map<String, serde_json::Value>,
}

impl<'a> Tables<'a> {
    fn of(records: &'a [Record]) -> Self {
        let of = |record: &'a Record| (record.protocol_index, record.key.protocol.as_str());
        let protocols: BTreeSet<(u32, &str)> = records.iter().map(of).collect();
        let protocols = distinct(protocols.into_iter().map(|(_, label)| label));
        Tables { protocols, rest: Map::new() }
    }

    fn protocols(&self) -> Vec<String> {
        self.protocols.iter().map(|label| (*label).to_owned()).collect()
    }

    /// A table for the template; `None` if it has no rows.
    fn add(&mut self, id: &str, sheet: &Sheet, most: usize, marked: &[&str]) -> Option<Value> {
        let series: BTreeSet<&str> = self.protocols.iter().copied().collect();
        let Shown { template, rest } = scripted(id, sheet, most, &series, marked);
        if !rest.is_null() {
            self.rest.insert(id.to_owned(), rest);
        }
        let rows = sheet.blocks.iter().flat_map(|block| &block.sections);
        rows.map(|section| section.rows.len()).sum::<usize>().ge(&1).then_some(template)
    }

    /// What the script reads: inside a `script` element only `<` could end it.
    fn data(&self) -> Result<Value, serde_json::Error> {
        let units: Map<String, serde_json::Value> =
            symbols().map(|(symbol, factor)| (symbol.to_owned(), factor.into())).collect();
        let data = serde_json::to_string(&json!({ "units": units, "tables": self.rest }))?;
        Ok(Value::from_safe_string(data.replace('<', "\\u003c")))
    }
}

fn failures(comparison: &Sheet) -> Vec<String> {
    let mut all: Vec<String> = comparison.blocks.iter().flat_map(Block::full_remarks).collect();
    if all.len() > TOLD {
        let more = all.len() - TOLD;
        all.truncate(TOLD);
        all.push(format!("and {more} more; the table of runs has them all"));
    }
    all
}

fn source(source: &Source<'_>) -> Value {
    context! {
        scenario => source.scenario,
        about => source.about,
        resolved => source.resolved_yaml,
        command => source.command,
    }
}

/// Scripts that are known to hold nothing that ends a `script` element.
fn script(parts: &[&str]) -> Value {
    Value::from_safe_string(parts.concat())
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

/// A figure with what gives it again.
fn figure(figure: &Figure, command: &str) -> Value {
    context! {
        name => figure.name.clone(),
        title => figure.title.clone(),
        caption => figure.caption.clone(),
        svg => Value::from_safe_string(figure.svg.clone()),
        command => command,
    }
}
