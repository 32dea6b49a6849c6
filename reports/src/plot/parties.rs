//! Who pays: payload sent and received by each party.

use super::axis::Axis;
use super::canvas::{Canvas, FAINT, Font, GRID, INK, SMALL, fit, picture, width_of};
use super::data::{BarPanel, BarRow, Data, Scale};
use super::panels::{Entry, distinct_figures, legend, titled};
use super::style::{self, Paint, Texture};
use super::{Figure, Medium, PlotError, Scenario};
use crate::record::PartyRow;
use crate::units::Unit;

/// Most parties that are drawn for one protocol.
const MOST_PARTIES: usize = 16;
/// Height of one party's bars with their gap.
const ROW: i32 = 32;

/// What was sent, and what was received.
const PAINTS: [Paint; 2] = [
    Paint { colour: style::colour(0), texture: Texture::Plain },
    Paint { colour: style::colour(5), texture: Texture::Rising },
];

/// A party's median traffic.
#[derive(Clone, PartialEq, Eq, PartialOrd, Ord)]
struct Bars {
    label: String,
    sent: u64,
    received: u64,
}

/// The parties of one protocol.
#[derive(PartialEq, Eq, PartialOrd, Ord)]
struct Panel {
    protocol: String,
    parties: Vec<Bars>,
    /// Parties that are not drawn.
    left_out: usize,
}

pub(super) fn figures(scenario: &Scenario<'_>) -> Result<Vec<Figure>, PlotError> {
    distinct_figures(
        scenario,
        |point| panels(scenario, point),
        |points, panels, left_out| figure(scenario, points, panels, left_out),
    )
}

fn panels(scenario: &Scenario<'_>, point: usize) -> Vec<Panel> {
    let panel = |protocol: &&str| {
        let group = scenario.correct(point, protocol)?;
        let parties = &group.first().parties;
        let median = |party: &PartyRow, figure: fn(&PartyRow) -> u64| {
            let of = |record: &crate::record::Record| {
                record.parties.iter().find(|row| row.party == party.party).map(figure)
            };
            group.summary(of).map_or(0, |summary| summary.median)
        };
        let bars = |row: &PartyRow| Bars {
            label: label(row, scenario.medium),
            sent: median(row, |row| row.sent_bytes),
            received: median(row, |row| row.received_bytes),
        };
        let mut bars: Vec<Bars> = parties.iter().map(bars).collect();
        let left_out = bars.len().saturating_sub(MOST_PARTIES);
        if left_out > 0 {
            bars.sort_by_key(|bars| std::cmp::Reverse(bars.sent.max(bars.received)));
            bars.truncate(MOST_PARTIES);
        }
        let idle = bars.iter().all(|bars| bars.sent == 0 && bars.received == 0);
        (!idle).then(|| Panel { protocol: (*protocol).to_owned(), parties: bars, left_out })
    };
    scenario.protocols.iter().filter_map(panel).collect()
}

/// Who it is; its role only where there is room.
fn label(row: &PartyRow, medium: Medium) -> String {
    let role = if medium.is_narrow() { String::new() } else { format!(" ({})", row.role) };
    fit(&format!("{}{role}", row.party), medium.width() / 4, SMALL)
}

fn figure(
    scenario: &Scenario<'_>,
    points: &[usize],
    panels: &[Panel],
    left_out: &str,
) -> Result<Figure, PlotError> {
    let title = titled(scenario, "Bytes by party", points);
    let entries = [Entry::area(PAINTS[0], "sent"), Entry::area(PAINTS[1], "received")];
    let height_of = |panel: &Panel| 8 + 20 + panel.parties.len() as i32 * ROW + 28;
    let height = 56 + panels.iter().map(height_of).sum::<i32>() + 24;
    let bars = || panels.iter().flat_map(|panel| &panel.parties);
    let left = 24 + bars().map(|bars| width_of(&bars.label, SMALL)).max().unwrap_or(0);
    let medium = scenario.medium;
    let svg = picture(medium, height, &title, |canvas| {
        legend(canvas, 36, &entries)?;
        let mut y = 56;
        for panel in panels {
            let draw = || draw(canvas, y, left, panel);
            canvas.group(&panel.protocol, &panel.protocol, draw)?;
            y += height_of(panel);
        }
        let middle = (left + medium.width()) / 2;
        canvas.text((middle, height - 14), "payload", Font::LABEL.centred().coloured(FAINT))
    })?;
    let mut caption = "Median payload over the correct repetitions, self-delivery excluded. Each \
                       panel has its own scale."
        .to_owned();
    for panel in panels.iter().filter(|panel| panel.left_out > 0) {
        let (shown, protocol) = (panel.parties.len(), &panel.protocol);
        caption += &format!(
            " {protocol}: the {shown} busiest parties; {} more are not drawn.",
            panel.left_out
        );
    }
    caption += left_out;
    let name = format!("{}-bytes-by-party", scenario.points[0].scenario);
    let data = data(panels);
    Ok(Figure { scenario: scenario.name().to_owned(), name, title, caption, svg, data })
}

fn data(panels: &[Panel]) -> Data {
    let row = |bars: &Bars| BarRow {
        label: bars.label.clone(),
        parts: vec![Some(bars.sent), Some(bars.received)],
    };
    let panel = |panel: &Panel| BarPanel {
        heading: panel.protocol.clone(),
        rows: panel.parties.iter().map(row).collect(),
    };
    let name = "payload".to_owned();
    Data::Bars {
        value: Scale { name, unit: Unit::Bytes, log: false, words: Vec::new() },
        rows: "party".to_owned(),
        parts: vec!["sent".to_owned(), "received".to_owned()],
        stacked: false,
        panels: panels.iter().map(panel).collect(),
    }
}

fn draw(canvas: &Canvas<'_>, top: i32, left: i32, panel: &Panel) -> Result<(), PlotError> {
    let heading = fit(&panel.protocol, canvas.width() - 24, SMALL + 1);
    canvas.text((12, top + 16), &heading, Font::LABEL.bold())?;
    let top = top + 28;
    let most = panel.parties.iter().map(|bars| bars.sent.max(bars.received)).max().unwrap_or(0);
    let axis = Axis::of_bars(most as f64, Unit::Bytes, left, canvas.width() - 90);
    let bottom = top + panel.parties.len() as i32 * ROW;
    for tick in axis.ticks() {
        let x = axis.place(tick);
        canvas.line(&[(x, top), (x, bottom + 4)], GRID, 1)?;
        canvas.text((x, bottom + 14), &axis.label(tick), Font::LABEL.centred())?;
    }
    for (at, bars) in panel.parties.iter().enumerate() {
        let y = top + at as i32 * ROW;
        canvas.text((left - 8, y + 16), &bars.label, Font::LABEL.right())?;
        let received = (bars.received, PAINTS[1], y + 16);
        for (value, paint, y) in [(bars.sent, PAINTS[0], y + 4), received] {
            let to = axis.place(value as f64);
            if to > left {
                canvas.paint((left, y), (to, y + 11), paint)?;
            }
            let font = Font::LABEL.sized(10).coloured(FAINT);
            canvas.text((to + 6, y + 6), &Unit::Bytes.show(value), font)?;
        }
    }
    canvas.line(&[(left, top), (left, bottom + 4)], INK, 1)
}
