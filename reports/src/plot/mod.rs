//! Plots: figures that stand alone as SVG files, and with the feature `png` as PNG, sit well in a
//! page and in a paper, and come with their numbers.
//!
//! Colours are those of Okabe and Ito, which colour-blind readers can tell apart; lines also have
//! their own markers and dashes, areas their own textures, so that nothing is lost in grey. What
//! belongs to a protocol is a group with the attribute `data-series`. Text and grid have fixed
//! colours (see [`INK`], [`FAINT`], [`GRID`], [`PAPER`]) that a page may override by attribute
//! selectors for a dark scheme.

mod axis;
mod canvas;
mod causes;
mod cdf;
mod data;
mod history;
mod links;
mod load;
mod medium;
mod panels;
mod parties;
mod pgfplots;
mod phases;
#[cfg(feature = "png")]
mod png;
mod sequence;
mod soundness;
mod stacks;
mod style;
mod sweep;
mod timeline;
mod traced;
mod winners;

use std::collections::BTreeMap;

use crate::record::Record;
use crate::stats::{self, Group, Points};
use crate::trace::TracedRun;

pub use canvas::{FAINT, GRID, INK, PAPER};
pub(crate) use causes::BY_CAUSE;
pub use data::{BarPanel, BarRow, Data, MatrixPanel, Scale, Series, SeriesPoint};
pub use history::{Dated, history};
pub use load::load;
pub use medium::Medium;
pub use pgfplots::{Pgf, pgfplots};
#[cfg(feature = "png")]
pub use png::png;
pub use soundness::soundness;

/// One plot.
#[derive(Clone, Debug, PartialEq)]
pub struct Figure {
    /// The scenario that it is of.
    pub scenario: String,
    /// Name for a file, without ending: letters, digits, `-` and `.`.
    pub name: String,
    /// What it shows; also written in the picture, except on paper.
    pub title: String,
    /// How to read it, and what it leaves out.
    pub caption: String,
    /// The picture.
    pub svg: String,
    /// What is drawn, as numbers.
    pub data: Data,
}

/// The backend refused to draw.
#[derive(Debug, thiserror::Error)]
#[error("drawing: {0}")]
pub struct PlotError(String);

/// What the figures of one scenario are drawn from.
struct Scenario<'a> {
    medium: Medium,
    /// Name of the scenario where there are several, followed by a colon.
    prefix: String,
    points: Points,
    groups: Vec<Group<'a>>,
    /// Labels of the protocols, in the order that gives them their colours.
    protocols: Vec<&'a str>,
}

/// All plots that the records give: time and bytes against each swept key, the fastest protocol by
/// two of them, the distribution of time, time and bytes by phase, time by cause, and bytes by
/// party and by link; of traces the parties over time, and the messages of small runs. Figures that
/// would show nothing are left out. Every medium has the same figures with the same names.
///
/// # Errors
/// [`PlotError`] if the backend refuses to draw.
pub fn figures(
    records: &[Record],
    traces: &[TracedRun],
    medium: Medium,
) -> Result<Vec<Figure>, PlotError> {
    let mut figures = Vec::new();
    for scenario in scenarios(records, medium) {
        figures.extend(sweep::figures(&scenario)?);
        figures.extend(winners::figures(&scenario)?);
        figures.extend(cdf::figures(&scenario)?);
        figures.extend(phases::figures(&scenario)?);
        figures.extend(causes::figures(&scenario)?);
        figures.extend(parties::figures(&scenario)?);
        figures.extend(links::figures(&scenario)?);
    }
    for run in traces {
        figures.extend(traced::figures(run, medium)?);
    }
    number(&mut figures);
    Ok(figures)
}

fn scenarios(records: &[Record], medium: Medium) -> Vec<Scenario<'_>> {
    let (points, groups) = stats::group(records);
    // Points of one scenario follow each other, and so do groups of one point.
    let several = points.chunk_by(|a, b| a.scenario == b.scenario).count() > 1;
    let (mut scenarios, mut first, mut rest) = (Vec::new(), 0, groups.as_slice());
    for own in points.chunk_by(|a, b| a.scenario == b.scenario) {
        let count = rest.partition_point(|group| group.point < first + own.len());
        let (members, others) = rest.split_at(count);
        let groups: Vec<Group<'_>> = members
            .iter()
            .map(|group| Group { point: group.point - first, records: group.records.clone() })
            .collect();
        let first_of = groups.iter().map(Group::first);
        let mut protocols: Vec<(u32, &str)> =
            first_of.map(|record| (record.protocol_index, record.key.protocol.as_str())).collect();
        protocols.sort_unstable();
        let mut protocols: Vec<&str> = protocols.into_iter().map(|(_, label)| label).collect();
        protocols.dedup();
        scenarios.push(Scenario {
            medium,
            prefix: if several { format!("{}: ", own[0].scenario) } else { String::new() },
            points: Points::new(own.to_vec()),
            groups,
            protocols,
        });
        (first, rest) = (first + own.len(), others);
    }
    scenarios
}

impl<'a> Scenario<'a> {
    /// The runs of one protocol at one sweep point, if any was correct.
    fn correct(&self, point: usize, protocol: &str) -> Option<&Group<'a>> {
        let at_point = stats::at_point(&self.groups, point);
        at_point.iter().find(|group| {
            group.first().key.protocol == protocol && group.correct().next().is_some()
        })
    }

    fn name(&self) -> &str {
        self.points.first().map_or("", |point| point.scenario.as_str())
    }

    /// Colours and markers go by the position of a protocol.
    fn index(&self, protocol: &str) -> usize {
        self.protocols.iter().position(|known| *known == protocol).unwrap_or(0)
    }
}

/// The label of a protocol, marked if its setup is not priced.
fn marked(record: &Record) -> String {
    let mark = if record.unpriced_setup { "*" } else { "" };
    format!("{}{mark}", record.key.protocol)
}

/// What the mark in [`marked`] means.
const MARK: &str = "* without its setup, which is not priced.";

/// Turns names into file names and numbers equal ones.
fn number(figures: &mut [Figure]) {
    let clean = |name: &str| -> String {
        let allowed = |c: char| c.is_ascii_alphanumeric() || matches!(c, '-' | '.' | '_');
        name.chars().map(|c| if allowed(c) { c } else { '-' }).collect()
    };
    let names: Vec<String> = figures.iter().map(|figure| clean(&figure.name)).collect();
    let mut earlier: BTreeMap<&str, usize> = BTreeMap::new();
    for (figure, name) in figures.iter_mut().zip(&names) {
        let earlier = earlier.entry(name).or_default();
        let suffix = if *earlier == 0 { String::new() } else { format!("-{}", *earlier + 1) };
        figure.name = format!("{name}{suffix}");
        *earlier += 1;
    }
}
