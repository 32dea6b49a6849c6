//! Which protocol is fastest where: a map over two swept quantities.

use std::collections::BTreeMap;

use mpclab_sim::vocabulary::{Aggregate, MetricName};
use serde_json::Value;

use super::canvas::{Canvas, FAINT, Font, INK, PAPER, SMALL, fit, picture, width_of};
use super::data::Data;
use super::panels::{Entry, legend, legend_height};
use super::sweep::ascending;
use super::{Figure, MARK, PlotError, Scenario, marked, style};
use crate::record;
use crate::table::Frame;
use crate::units::{Unit, quantity};

const TIME: MetricName = MetricName { phase: None, name: "time_ns", aggregate: Aggregate::Run };

/// Fewer values of a key make no map.
const LEAST_VALUES: usize = 2;
/// Height of a cell, pixels.
const CELL: i32 = 34;

/// The best two at one sweep point.
struct MapCell {
    best: usize,
    time_ns: u64,
    /// The next one, and how many times as long it takes.
    next: Option<(usize, f64)>,
}

/// Two swept keys with their values, ascending, and what is known for each pair.
struct Map<'a> {
    keys: [&'a str; 2],
    values: [Vec<Value>; 2],
    cells: BTreeMap<(usize, usize), MapCell>,
    /// What the remaining keys are, for the title.
    others: String,
}

pub(super) fn figures(scenario: &Scenario<'_>) -> Result<Vec<Figure>, PlotError> {
    let maps = maps(scenario);
    maps.iter().map(|map| figure(scenario, map)).collect()
}

/// One map for each combination of the keys beyond the first two quantities that are swept.
fn maps<'a>(scenario: &'a Scenario<'_>) -> Vec<Map<'a>> {
    let Some(first) = scenario.points.first() else { return Vec::new() };
    let is_quantity = |key: &&String| {
        let of = |p: &crate::stats::Point| p.sweep.get(*key).is_some_and(|v| quantity(v).is_some());
        scenario.points.iter().all(of) && values(scenario, key).len() >= LEAST_VALUES
    };
    let keys: Vec<&String> = first.sweep.keys().filter(is_quantity).collect();
    let [x, y, ..] = keys[..] else { return Vec::new() };
    if scenario.protocols.len() < 2 {
        return Vec::new();
    }
    let axes = [values(scenario, x), values(scenario, y)];
    let places = axes.each_ref().map(|values| -> BTreeMap<String, usize> {
        values.iter().enumerate().map(|(at, value)| (value.to_string(), at)).collect()
    });
    let (mut maps, mut known): (Vec<Map<'a>>, BTreeMap<String, usize>) = Default::default();
    for (at, point) in scenario.points.iter().enumerate() {
        let rest = point.sweep.iter().filter(|(key, _)| *key != x && *key != y);
        let others = rest.map(|(key, value)| format!("{key} = {}", record::label(value)));
        let others = others.collect::<Vec<_>>().join(", ");
        let known = *known.entry(others.clone()).or_insert_with(|| {
            let (keys, values) = ([x.as_str(), y.as_str()], axes.clone());
            maps.push(Map { keys, values, cells: BTreeMap::new(), others });
            maps.len() - 1
        });
        let place = |axis: usize, key: &str| {
            let value = point.sweep.get(key)?;
            places[axis].get(&value.to_string()).copied()
        };
        if let (Some(column), Some(row), Some(cell)) =
            (place(0, x), place(1, y), cell(scenario, at))
        {
            maps[known].cells.insert((row, column), cell);
        }
    }
    maps.retain(|map| map.cells.len() > 1);
    maps
}

fn values(scenario: &Scenario<'_>, key: &str) -> Vec<Value> {
    ascending(scenario.points.iter().filter_map(|point| point.sweep.get(key).cloned()))
}

fn cell(scenario: &Scenario<'_>, point: usize) -> Option<MapCell> {
    let time = |protocol: &&str| {
        let median = scenario.correct(point, protocol)?.metric(TIME)?.median;
        Some((median, scenario.index(protocol)))
    };
    let mut times: Vec<(u64, usize)> = scenario.protocols.iter().filter_map(time).collect();
    times.sort_unstable();
    let (time_ns, best) = *times.first()?;
    let next = times.get(1).map(|(next_ns, next)| (*next, *next_ns as f64 / time_ns.max(1) as f64));
    Some(MapCell { best, time_ns, next })
}

fn figure(scenario: &Scenario<'_>, map: &Map<'_>) -> Result<Figure, PlotError> {
    let mut title =
        format!("{}Fastest protocol by {} and {}", scenario.prefix, map.keys[0], map.keys[1]);
    if !map.others.is_empty() {
        title += &format!(" ({})", map.others);
    }
    let label = |index: usize| {
        let name = scenario.protocols[index];
        let point = (0..scenario.points.len()).find_map(|point| scenario.correct(point, name));
        point.map_or_else(|| name.to_owned(), |group| marked(group.first()))
    };
    let mut winners: Vec<usize> = map.cells.values().map(|cell| cell.best).collect();
    winners.sort_unstable();
    winners.dedup();
    let entries: Vec<Entry> =
        winners.iter().map(|at| Entry::area(style::paint(*at), &label(*at))).collect();
    let medium = scenario.medium;
    let top = 36 + legend_height(&entries, medium) + 24;
    let height = top + CELL * map.values[1].len() as i32 + 52;
    let svg = picture(medium, height, &title, |canvas| {
        legend(canvas, 36, &entries)?;
        draw(canvas, top, scenario, map)
    })?;
    let mut caption =
        "The protocol with the least median time; below it, how many times as long the \
                       next one takes. Claims are not compared here."
            .to_owned();
    if winners.iter().any(|at| label(*at).ends_with('*')) {
        caption += &format!(" {MARK}");
    }
    let name = format!("{}-fastest-by-{}-and-{}", scenario.name(), map.keys[0], map.keys[1]);
    let data = Data::Table(frame(scenario, map));
    Ok(Figure { scenario: scenario.name().to_owned(), name, title, caption, svg, data })
}

fn frame(scenario: &Scenario<'_>, map: &Map<'_>) -> Frame {
    let mut frame = Frame::default();
    for ((row, column), cell) in &map.cells {
        let next = cell.next.map(|(next, ratio)| (scenario.protocols[next], ratio));
        frame.push(vec![
            (map.keys[0].to_owned(), map.values[0][*column].clone()),
            (map.keys[1].to_owned(), map.values[1][*row].clone()),
            ("fastest".to_owned(), scenario.protocols[cell.best].into()),
            ("time_ns".to_owned(), cell.time_ns.into()),
            ("next".to_owned(), next.map_or(Value::Null, |(name, _)| name.into())),
            ("next_over_fastest".to_owned(), next.map_or(Value::Null, |(_, ratio)| ratio.into())),
        ]);
    }
    frame
}

fn draw(
    canvas: &Canvas<'_>,
    top: i32,
    scenario: &Scenario<'_>,
    map: &Map<'_>,
) -> Result<(), PlotError> {
    let [columns, rows] = &map.values;
    let widest = rows.iter().map(|v| width_of(&record::label(v), SMALL)).max().unwrap_or(0);
    let (left, right) = (24 + widest, canvas.width() - 28);
    let width = (right - left) / columns.len() as i32;
    let bottom = top + CELL * rows.len() as i32;
    canvas.text((12, top - 12), map.keys[1], Font::LABEL.coloured(FAINT))?;
    for (row, value) in rows.iter().enumerate() {
        // The largest value on top, as on an axis.
        let upper = bottom - CELL * (row as i32 + 1);
        let middle = upper + CELL / 2;
        canvas.text((left - 8, middle), &record::label(value), Font::LABEL.right())?;
        for column in 0..columns.len() {
            let from = (left + width * column as i32, upper);
            let to = (from.0 + width - 2, upper + CELL - 2);
            match map.cells.get(&(row, column)) {
                Some(cell) => draw_cell(canvas, from, to, scenario, cell)?,
                None => canvas.hatch(from, to, FAINT)?,
            }
        }
    }
    for (column, value) in columns.iter().enumerate() {
        let middle = left + width * column as i32 + width / 2;
        let label = fit(&record::label(value), width - 4, SMALL);
        canvas.text((middle, bottom + 14), &label, Font::LABEL.centred())?;
    }
    let middle = ((left + right) / 2, bottom + 36);
    canvas.text(middle, map.keys[0], Font::LABEL.centred().coloured(FAINT))
}

fn draw_cell(
    canvas: &Canvas<'_>,
    from: (i32, i32),
    to: (i32, i32),
    scenario: &Scenario<'_>,
    cell: &MapCell,
) -> Result<(), PlotError> {
    let name = scenario.protocols[cell.best];
    let margin = cell.next.map_or_else(String::new, |(next, ratio)| {
        format!(", {ratio:.2} times as fast as {}", scenario.protocols[next])
    });
    let tip = format!("{name}: {}{margin}", Unit::Time.show(cell.time_ns));
    canvas.group(name, &tip, || {
        canvas.paint(from, to, style::paint(cell.best))?;
        let Some((_, ratio)) = cell.next else { return Ok(()) };
        let text = format!("×{ratio:.2}");
        let half = width_of(&text, SMALL) / 2 + 3;
        let middle = ((from.0 + to.0) / 2, (from.1 + to.1) / 2);
        if 2 * half > to.0 - from.0 {
            return Ok(());
        }
        canvas.bar((middle.0 - half, middle.1 - 8), (middle.0 + half, middle.1 + 8), PAPER)?;
        canvas.text(middle, &text, Font::LABEL.centred().coloured(INK))
    })
}
