//! Who pays: payload sent and received by each party.

use super::axis::Axis;
use super::canvas::{Canvas, FAINT, Font, GRID, INK, SMALL, WIDTH, fit, picture, width_of};
use super::panels::{Entry, Sign, distinct_figures, legend, titled};
use super::{Figure, PlotError, Scenario, style};
use crate::record::PartyRow;
use crate::units::Unit;

/// Most parties that are drawn for one protocol.
const MOST_PARTIES: usize = 16;
/// Height of one party's bars with their gap.
const ROW: i32 = 32;

/// A party's median traffic.
#[derive(Clone, PartialEq)]
struct Bars {
    label: String,
    sent: u64,
    received: u64,
}

/// The parties of one protocol.
#[derive(PartialEq)]
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
            label: fit(&format!("{} ({})", row.party, row.role), 170, SMALL),
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

fn figure(
    scenario: &Scenario<'_>,
    points: &[usize],
    panels: &[Panel],
    left_out: &str,
) -> Result<Figure, PlotError> {
    let title = titled(scenario, "Bytes by party", points);
    let entry = |at: usize, label: &str| Entry {
        sign: Sign::Area,
        colour: style::colour(at),
        label: label.to_owned(),
    };
    let entries = [entry(0, "sent"), entry(5, "received")];
    let height_of = |panel: &Panel| 8 + 20 + panel.parties.len() as i32 * ROW + 28;
    let height = 56 + panels.iter().map(height_of).sum::<i32>() + 24;
    let bars = || panels.iter().flat_map(|panel| &panel.parties);
    let left = 24 + bars().map(|bars| width_of(&bars.label, SMALL)).max().unwrap_or(0);
    let svg = picture(height, &title, |canvas| {
        legend(canvas, 36, &entries)?;
        let mut y = 56;
        for panel in panels {
            draw(canvas, y, left, panel)?;
            y += height_of(panel);
        }
        let middle = (left + WIDTH) / 2;
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
    Ok(Figure { name, title, caption, svg })
}

fn draw(canvas: &Canvas<'_>, top: i32, left: i32, panel: &Panel) -> Result<(), PlotError> {
    canvas.text(
        (12, top + 16),
        &fit(&panel.protocol, WIDTH - 24, SMALL + 1),
        Font::LABEL.bold(),
    )?;
    let top = top + 28;
    let most = panel.parties.iter().map(|bars| bars.sent.max(bars.received)).max().unwrap_or(0);
    let axis = Axis::of_bars(most as f64, Unit::Bytes, left, WIDTH - 90);
    let bottom = top + panel.parties.len() as i32 * ROW;
    for tick in axis.ticks() {
        let x = axis.place(tick);
        canvas.line(&[(x, top), (x, bottom + 4)], GRID, 1)?;
        canvas.text((x, bottom + 14), &axis.label(tick), Font::LABEL.centred())?;
    }
    for (at, bars) in panel.parties.iter().enumerate() {
        let y = top + at as i32 * ROW;
        canvas.text((left - 8, y + 16), &bars.label, Font::LABEL.right())?;
        for (value, colour, y) in [(bars.sent, 0, y + 4), (bars.received, 5, y + 16)] {
            let to = axis.place(value as f64);
            if to > left {
                canvas.bar((left, y), (to, y + 11), style::colour(colour))?;
            }
            let font = Font::LABEL.sized(10).coloured(FAINT);
            canvas.text((to + 6, y + 6), &Unit::Bytes.show(value), font)?;
        }
    }
    canvas.line(&[(left, top), (left, bottom + 4)], INK, 1)
}
