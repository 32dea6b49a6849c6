use serde_json::Value;

use super::Frame;
use super::sheet::{Align, Block, Cells, ColumnGroup, Row, Section, Sheet};
use super::words::protocols_by_text;
use crate::conventions;
use crate::ranking::{CRITERIA, Entry, MeanGroup, RankGroup, Ranking, View, means};
use crate::record;
use crate::units::Unit;

/// What stands in a cell without a figure.
const NOTHING: &str = "–";

/// The ranking for readers: one table of places for each sweep point, and one of geometric means
/// where protocols meet at several. Groups of one are named below.
#[must_use]
pub fn ranking_sheets(ranking: &Ranking<'_>) -> Vec<Sheet> {
    let means = means(ranking);
    let mut sheets = vec![places(ranking)];
    if !means.is_empty() {
        sheets.push(mean_sheet(ranking, &means));
    }
    sheets
}

/// The ranking for programs: one row for each protocol in each group.
#[must_use]
pub fn ranking_frame(ranking: &Ranking<'_>) -> Frame {
    let mut frame = Frame::default();
    for group in &ranking.groups {
        for entry in &group.entries {
            frame.push(frame_row(group, entry));
        }
    }
    frame.notes = notes(ranking);
    frame
}

impl View {
    fn name(self) -> &'static str {
        match self {
            View::Corruptions(_) => "corruptions",
            View::Parties(_) => "parties",
        }
    }

    pub(crate) fn text(self) -> String {
        match self {
            View::Corruptions(t) => format!("t = {t}"),
            View::Parties(n) => format!("n = {n}"),
        }
    }
}

fn places(ranking: &Ranking<'_>) -> Sheet {
    let column = |name| (name, Align::Right);
    let figures = |name: &str| ColumnGroup::new(name, &[column("place"), ("median", Align::Right)]);
    let identity = [("protocol", Align::Left), column("n"), column("t")];
    let columns = Columns { shown: shown(ranking), is_explained: explained(ranking) };
    let mut groups = vec![ColumnGroup::new("", &identity)];
    groups.extend(columns.shown.iter().map(|at| figures(title(*at))));
    groups.push(ColumnGroup::new("", &[("front", Align::Left)]));
    if columns.is_explained {
        groups.push(ColumnGroup::new("", &[("what dominates its time", Align::Left)]));
    }
    let mut sheet = Sheet {
        title: "ranking within equal claims".to_owned(),
        section_header: "group".to_owned(),
        groups,
        blocks: (0..ranking.points.len()).map(|point| block(ranking, point, &columns)).collect(),
        notes: notes(ranking),
    };
    sheet.join_equal_blocks(|points| ranking.points.name_some(points));
    sheet
}

/// Criteria that some entry has a figure for.
fn shown(ranking: &Ranking<'_>) -> Vec<usize> {
    let entries = || ranking.groups.iter().flat_map(|group| &group.entries);
    (0..CRITERIA.len()).filter(|at| entries().any(|entry| entry.figures[*at].is_some())).collect()
}

fn title(criterion: usize) -> &'static str {
    ["time", "bytes", "money"][criterion]
}

fn unit(criterion: usize) -> Unit {
    [Unit::Time, Unit::Bytes, Unit::Money][criterion]
}

fn explained(ranking: &Ranking<'_>) -> bool {
    let mut entries = ranking.groups.iter().flat_map(|group| &group.entries);
    entries.any(|entry| entry.record.critical_path.is_some())
}

/// What rows show beside who it is; what some row has, all rows show.
struct Columns {
    /// Criteria with a figure.
    shown: Vec<usize>,
    /// Whether a row tells what dominates its time.
    is_explained: bool,
}

fn block(ranking: &Ranking<'_>, point: usize, columns: &Columns) -> Block {
    let groups = ranking.at_point(point);
    let mut sections: Vec<Section> = Vec::new();
    let mut members: Vec<(Vec<&str>, &str)> = Vec::new();
    for group in groups.iter().filter(|group| group.ranked().count() > 1) {
        let names: Vec<&str> = labels(group);
        let name = format!("{}, {}", group.claims, group.view.text());
        // The same protocols in both views are one group.
        match members.iter().position(|known| *known == (names.clone(), &*group.claims)) {
            Some(at) => sections[at].name += &format!(", {}", group.view.text()),
            None => {
                members.push((names, &group.claims));
                let rows = group.entries.iter().map(|entry| row(columns, entry)).collect();
                sections.push(Section { name, rows });
            }
        }
    }
    let mut remarks = Vec::new();
    for group in groups {
        for entry in &group.entries {
            let protocol = &entry.record.key.protocol;
            let flagged = format!("{protocol} is not ranked: {}", entry.flags.join("; "));
            if !entry.is_ranked() && !remarks.contains(&flagged) {
                remarks.push(flagged);
            }
        }
    }
    let compared = |protocol: &str| {
        let mut groups = groups.iter().filter(|group| group.ranked().count() > 1);
        groups.any(|group| labels(group).contains(&protocol))
    };
    let mut alone: Vec<&str> = groups.iter().flat_map(|group| group.ranked()).map(label).collect();
    alone.dedup();
    alone.sort_unstable();
    alone.dedup();
    alone.retain(|protocol| !compared(protocol));
    if !alone.is_empty() {
        remarks.push(format!("not comparable with any other: {}", alone.join(", ")));
    }
    Block { heading: ranking.points.name(point), sections, remarks }
}

fn label<'a>(entry: &Entry<'a>) -> &'a str {
    &entry.record.key.protocol
}

fn labels<'a>(group: &RankGroup<'a>) -> Vec<&'a str> {
    group.entries.iter().map(label).collect()
}

fn row(columns: &Columns, entry: &Entry<'_>) -> Row {
    let record = entry.record;
    let mark = if entry.is_ranked() { "" } else { "*" };
    let identity = vec![
        format!("{}{mark}", record.key.protocol),
        record.n.to_string(),
        entry.tolerated.to_string(),
    ];
    let mut row = vec![Cells::Each(identity)];
    for at in columns.shown.iter().copied() {
        let undecided = if at == 0 && entry.time_undecided { "~" } else { "" };
        let place = entry.places[at].map_or(NOTHING.to_owned(), |at| format!("{undecided}{at}"));
        let median = entry.medians()[at].filter(|_| entry.is_ranked());
        let median = median.map_or(NOTHING.to_owned(), |median| unit(at).show(median));
        row.push(Cells::Each(vec![place, median]));
    }
    let front = match (entry.is_ranked(), entry.on_front) {
        (false, _) => NOTHING,
        (true, true) => "yes",
        (true, false) => "no",
    };
    row.push(Cells::Each(vec![front.to_owned()]));
    if columns.is_explained {
        row.push(Cells::Each(vec![entry.dominated_by().unwrap_or_else(|| NOTHING.to_owned())]));
    }
    row
}

fn notes(ranking: &Ranking<'_>) -> Vec<String> {
    let mut notes = vec![conventions::RANKING.to_owned(), conventions::AMORTISATION.to_owned()];
    let entries = || ranking.groups.iter().flat_map(|group| &group.entries);
    if entries().any(|entry| entry.time_undecided) {
        notes.push(conventions::UNDECIDED.to_owned());
    }
    notes.push(conventions::FRONT.to_owned());
    let domains = entries().map(|entry| (entry.record, entry.record.domain.as_str()));
    notes.extend(protocols_by_text(domains));
    notes
}

fn mean_sheet(ranking: &Ranking<'_>, means: &[MeanGroup]) -> Sheet {
    let column = |name| (name, Align::Right);
    let shown = shown(ranking);
    let ratios: Vec<_> = shown.iter().map(|at| column(title(*at))).collect();
    let is_explained = explained(ranking);
    let mut groups = vec![
        ColumnGroup::new("", &[("protocol", Align::Left)]),
        ColumnGroup::new("times the best", &ratios),
        ColumnGroup::new("", &[column("fastest at")]),
    ];
    if is_explained {
        let header = "what dominates its time where it is furthest behind";
        groups.push(ColumnGroup::new("", &[(header, Align::Left)]));
    }
    let section = |group: &MeanGroup| {
        let count = group.points.len();
        let rows = group.means.iter().map(|mean| {
            let ratio = |at: &usize| {
                mean.ratios[*at].map_or(NOTHING.to_owned(), |ratio| format!("{ratio:.2}"))
            };
            let mut row = vec![
                Cells::Each(vec![mean.protocol.clone()]),
                Cells::Each(shown.iter().map(ratio).collect()),
                Cells::Each(vec![format!("{}/{count}", mean.wins)]),
            ];
            if is_explained {
                let why = mean.dominated_by.clone();
                row.push(Cells::Each(vec![why.unwrap_or_else(|| NOTHING.to_owned())]));
            }
            row
        });
        Section {
            name: format!("{}, {}, over {count} points", group.claims, group.view.text()),
            rows: rows.collect(),
        }
    };
    let left_out = |group: &MeanGroup| {
        let (claims, view, count) = (&group.claims, group.view.text(), group.points.len());
        let text = move |(protocol, at): &(String, usize)| {
            format!("{protocol} ({claims}, {view}) is ranked at {at} of {count} points: left out")
        };
        group.left_out.iter().map(text).collect::<Vec<_>>()
    };
    Sheet {
        title: "geometric means over functions and conditions".to_owned(),
        section_header: "group".to_owned(),
        groups,
        blocks: vec![Block {
            heading: String::new(),
            sections: means.iter().map(section).collect(),
            remarks: means.iter().flat_map(left_out).collect(),
        }],
        notes: vec![conventions::GEOMETRIC_MEAN.to_owned()],
    }
}

fn frame_row(group: &RankGroup<'_>, entry: &Entry<'_>) -> Vec<(String, Value)> {
    let record = entry.record;
    let key = &record.key;
    let mut row: Vec<(String, Value)> = vec![("scenario".into(), key.scenario.clone().into())];
    let swept = key.sweep.iter();
    row.extend(swept.map(|(path, value)| (format!("sweep.{path}"), record::label(value).into())));
    let facts: [(&str, Value); 10] = [
        ("claims", group.claims.clone().into()),
        ("equal", group.view.name().into()),
        ("protocol", key.protocol.clone().into()),
        ("n", record.n.into()),
        ("tolerated", entry.tolerated.into()),
        ("domain", record.domain.clone().into()),
        ("ranked", entry.is_ranked().into()),
        ("not_ranked_because", entry.flags.join("; ").into()),
        ("on_front", entry.on_front.into()),
        ("dominated_by", entry.dominated_by().map_or(Value::Null, Value::from)),
    ];
    row.extend(facts.map(|(column, value)| (column.to_owned(), value)));
    for (at, name) in CRITERIA.into_iter().enumerate() {
        let median = entry.medians()[at].map_or(Value::Null, Value::from);
        let place = entry.places[at].map_or(Value::Null, Value::from);
        row.push((format!("total.{name}"), median));
        row.push((format!("total.{name}.place"), place));
    }
    row.push(("time_undecided".into(), entry.time_undecided.into()));
    row
}
