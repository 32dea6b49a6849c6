use std::collections::{BTreeMap, BTreeSet};

use mpclab_sim::vocabulary::{Aggregate, Guarantee, METRICS, Metric, MetricName, Phase, Standing};
use serde_json::Value;

use super::sheet::{Align, Block, Cells, ColumnGroup, Row, Section, Sheet};
use super::words;
use super::{Frame, protocols_by_text, section};
use crate::conventions;
use crate::distinct::distinct;
use crate::record::{self, Record};
use crate::stats::{self, Group, Points, Quantile, Summary};
use crate::units::Unit;

/// The comparison: one row for each (sweep point, protocol).
#[derive(Clone, Debug)]
pub struct Comparison<'a> {
    points: Points,
    groups: Vec<Group<'a>>,
}

/// What is shown of a phase or of the whole run.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Part {
    Phase(Phase),
    Ideal,
    Total,
    Money,
    /// Quantiles of the total time: the first so many of [`TAILS`].
    Spread(usize),
}

impl<'a> Comparison<'a> {
    /// Groups the records; their order does not matter.
    #[must_use]
    pub fn of(records: &'a [Record]) -> Self {
        let (points, groups) = stats::group(records);
        Comparison { points, groups }
    }

    /// The table for readers: rows grouped by sweep point and by what is claimed; phases that cost
    /// nobody anything are left out.
    #[must_use]
    pub fn sheet(&self) -> Sheet {
        let parts = self.parts();
        let mut groups = vec![ColumnGroup::new(
            "",
            &[("protocol", Align::Left), ("n", Align::Right), ("t", Align::Right)],
        )];
        groups.extend(parts.iter().map(|part| part.columns()));
        groups.push(ColumnGroup::new("", &[("correct", Align::Right)]));
        Sheet {
            title: self.title(),
            section_header: "adversary".to_owned(),
            groups,
            blocks: (0..self.points.len()).map(|point| self.block(point, &parts)).collect(),
            notes: self.notes(&parts),
        }
    }

    /// The table for programs.
    #[must_use]
    pub fn frame(&self) -> Frame {
        let mut frame = Frame::default();
        let is_priced = self.groups.iter().any(|group| group.first().prices.is_some());
        for group in &self.groups {
            frame.push(frame_row(group, is_priced));
        }
        frame.notes = self.notes(&self.parts());
        frame
    }

    fn title(&self) -> String {
        let title = |group: &Group<'_>| {
            let record = group.first();
            format!("{}: {}", record.key.scenario, record.function_about)
        };
        distinct(self.groups.iter().map(title)).join("; ")
    }

    /// The parts that some row has anything to show in.
    fn parts(&self) -> Vec<Part> {
        let unpriced = |group: &Group<'_>| group.first().unpriced_setup;
        let shown = |part: &Part| match part {
            Part::Phase(Phase::Online) | Part::Total => true,
            Part::Money => self.groups.iter().any(|group| group.first().prices.is_some()),
            Part::Spread(tails) => *tails > 0,
            Part::Phase(Phase::Offline) => {
                self.groups.iter().any(|group| unpriced(group) || part.costs(group))
            }
            Part::Phase(Phase::Setup) | Part::Ideal => {
                self.groups.iter().any(|group| part.costs(group))
            }
        };
        let is_known =
            |percent: &&usize| self.groups.iter().any(|group| quantile(group, **percent).is_some());
        let spread = Part::Spread(TAILS.iter().take_while(is_known).count());
        let phases = [Phase::Online, Phase::Offline, Phase::Setup].map(Part::Phase);
        phases
            .into_iter()
            .chain([Part::Ideal, Part::Total, spread, Part::Money])
            .filter(shown)
            .collect()
    }

    fn block(&self, point: usize, parts: &[Part]) -> Block {
        let members = || stats::at_point(&self.groups, point).iter();
        let mut names: Vec<(u8, String)> =
            members().map(|group| section(group.first().claims.as_ref())).collect();
        names.sort();
        names.dedup();
        let rows_of = |name: &(u8, String)| {
            let same = |group: &&Group<'_>| section(group.first().claims.as_ref()) == *name;
            members().filter(same).map(|group| sheet_row(group, parts)).collect()
        };
        let sections =
            names.iter().map(|name| Section { name: name.1.clone(), rows: rows_of(name) });
        Block {
            heading: self.points.name(point),
            sections: sections.collect(),
            remarks: members().flat_map(remarks).collect(),
        }
    }

    fn notes(&self, parts: &[Part]) -> Vec<String> {
        let counts = || self.groups.iter().map(|group| group.correct().count());
        let with_figures = counts().filter(|count| *count > 0);
        let (fewest, most) = (with_figures.min().unwrap_or(0), counts().max().unwrap_or(0));
        let mut notes = vec![
            "n: computing parties; t: corruptions tolerated".to_owned(),
            conventions::BYTES.to_owned(),
            conventions::ROUNDS.to_owned(),
            conventions::TIME.to_owned(),
        ];
        if self.groups.iter().any(has_two_phases) {
            notes.push(conventions::AHEAD.to_owned());
        }
        notes.push(conventions::repetitions(fewest, most));
        if self.groups.iter().any(|group| group.first().unpriced_setup) {
            notes.push(conventions::NOT_PRICED.to_owned());
        }
        if parts.contains(&Part::Ideal) {
            notes.push(conventions::IDEAL.to_owned());
        }
        let all = || self.groups.iter().flat_map(|group| group.records.iter().copied());
        if parts.iter().any(|part| matches!(part, Part::Spread(_))) {
            notes.push(conventions::QUANTILES.to_owned());
        }
        if parts.contains(&Part::Money) {
            notes.push(conventions::MONEY.to_owned());
            let prices = all().filter_map(|record| record.prices.as_deref());
            notes.extend(texts_with_prefix("prices", prices));
        }
        let mut profiles: Vec<&str> = all().map(|record| record.profile.as_str()).collect();
        profiles.sort_unstable();
        profiles.dedup();
        notes.push(format!("compute: profile {}", profiles.join(", ")));
        notes.extend(protocols_by_text(all().map(|record| (record, record.domain.as_str()))));
        let assumptions = |record: &'a Record| record.assumptions.iter().map(String::as_str);
        notes.extend(protocols_by_text(
            all().flat_map(|record| assumptions(record).map(move |text| (record, text))),
        ));
        notes.extend(self.mixtures());
        notes
    }

    /// Rows whose repetitions do not belong together.
    fn mixtures(&self) -> Vec<String> {
        let mixed = |group: &&Group<'_>| {
            let same =
                |a: &Record, b: &Record| a.fingerprint == b.fingerprint && a.model == b.model;
            group.records.iter().any(|record| !same(record, group.records[0]))
        };
        let warning = |group: &Group<'_>| {
            let key = &group.first().key;
            let label = key.sweep_label();
            format!(
                "warning: the repetitions of {} {label} differ in fingerprint or model, so their \
                 figures should not stand in one row",
                key.protocol
            )
        };
        self.groups.iter().filter(mixed).map(warning).collect()
    }
}

impl Part {
    fn phase(self) -> Option<Phase> {
        match self {
            Part::Phase(phase) => Some(phase),
            Part::Ideal | Part::Total | Part::Money | Part::Spread(_) => None,
        }
    }

    /// Metrics that are shown, by name.
    fn metrics(self) -> &'static [&'static str] {
        match self {
            Part::Phase(_) => &["bytes", "rounds", "time_ns"],
            Part::Ideal => &["ideal_bytes"],
            Part::Total => &["bytes", "messages", "time_ns"],
            Part::Money => &["money_nusd"],
            Part::Spread(_) => &[],
        }
    }

    fn columns(self) -> ColumnGroup {
        let column = |name: &&'static str| match *name {
            "time_ns" => ("time", Align::Right),
            "ideal_bytes" => ("bytes", Align::Right),
            "money_nusd" => ("all nodes", Align::Right),
            name => (name, Align::Right),
        };
        let name = match self {
            Part::Phase(phase) => phase.name(),
            Part::Ideal => "ideal",
            Part::Total => "total",
            Part::Money => "money",
            Part::Spread(_) => "total time over repetitions",
        };
        if let Part::Spread(tails) = self {
            let headers = TAILS.map(|percent| (tail_name(percent), Align::Right));
            let headers = &headers[..tails];
            return ColumnGroup::new(name, headers);
        }
        ColumnGroup::new(name, &self.metrics().iter().map(column).collect::<Vec<_>>())
    }

    fn summaries(self, group: &Group<'_>) -> Vec<(Unit, Option<Summary>)> {
        let metric = |name: &&'static str| {
            let found = METRICS.iter().find(|metric| metric.name == *name)?;
            let name = metric_name(self.phase(), found, found.aggregates[0]);
            Some((Unit::of_metric(found.unit), group.metric(name)))
        };
        self.metrics().iter().filter_map(metric).collect()
    }

    /// Whether any figure of this part is above zero.
    fn costs(self, group: &Group<'_>) -> bool {
        self.summaries(group).iter().any(|(_, summary)| summary.is_some_and(|s| s.max > 0))
    }

    fn cells(self, group: &Group<'_>) -> Cells {
        if group.correct().next().is_none() {
            return Cells::Merged("–".to_owned());
        }
        let record = group.first();
        if self.phase().is_some_and(|phase| is_unpriced(record, phase)) {
            return Cells::Merged("not priced".to_owned());
        }
        if let Part::Spread(tails) = self {
            let text = |percent| {
                let quantile = quantile(group, percent);
                quantile.map_or("–".to_owned(), |Quantile { value, interval }| {
                    let [value, low, high] =
                        [value, interval.low, interval.high].map(|ns| Unit::Time.show(ns));
                    format!("{value} [{low}, {high}]")
                })
            };
            return Cells::Each(TAILS[..tails].iter().copied().map(text).collect());
        }
        if self == Part::Money && record.prices.is_none() {
            return Cells::Merged("not priced".to_owned());
        }
        let text = |(unit, summary): (Unit, Option<Summary>)| {
            unit.show(summary.map_or(0, |summary| summary.median))
        };
        Cells::Each(self.summaries(group).into_iter().map(text).collect())
    }
}

/// Quantiles of the time that are shown where the repetitions allow, in percent.
const TAILS: [usize; 3] = [50, 95, 99];

fn tail_name(percent: usize) -> &'static str {
    match percent {
        50 => "median",
        95 => "95 %",
        _ => "99 %",
    }
}

/// A quantile of the total time; the median is the one of the other columns.
fn quantile(group: &Group<'_>, percent: usize) -> Option<Quantile> {
    let name = MetricName { phase: None, name: "time_ns", aggregate: Aggregate::Run };
    if percent == 50 {
        let Summary { median, interval, .. } = group.metric(name)?;
        return Some(Quantile { value: median, interval: interval? });
    }
    group.quantile(name, percent)
}

/// Each text once, behind what it is about.
fn texts_with_prefix<'a>(about: &str, texts: impl Iterator<Item = &'a str>) -> Vec<String> {
    let distinct: BTreeSet<&str> = texts.collect();
    distinct.into_iter().map(|text| format!("{about}: {text}")).collect()
}

/// Whether a phase of a run has no price: an ideal functionality stands in for it, and the parties
/// exchange nothing among themselves.
pub(crate) fn is_unpriced(record: &Record, phase: Phase) -> bool {
    let bytes = MetricName { phase: Some(phase), name: "bytes", aggregate: Aggregate::Sum };
    record.unpriced_setup && phase != Phase::Online && record.metric(bytes).unwrap_or(0) == 0
}

fn metric_name(phase: Option<Phase>, metric: &'static Metric, aggregate: Aggregate) -> MetricName {
    MetricName { phase, name: metric.name, aggregate }
}

fn sheet_row(group: &Group<'_>, parts: &[Part]) -> Row {
    let record = group.first();
    let tolerated = record.claims.map(|claims| claims.threshold.max_corrupted(record.n as usize));
    let mark = if record.unpriced_setup { "*" } else { "" };
    let identity = vec![
        format!("{}{mark}", record.key.protocol),
        record.n.to_string(),
        tolerated.map_or("–".to_owned(), |t| t.to_string()),
    ];
    let mut row = vec![Cells::Each(identity)];
    row.extend(parts.iter().map(|part| part.cells(group)));
    row.push(Cells::Each(vec![status(group)]));
    row
}

/// `20/20`; the failure's name if all runs failed alike; an exclamation mark if a claim that does
/// not spoil the figures is violated.
fn status(group: &Group<'_>) -> String {
    let failures = group.failures();
    let mut kinds: Vec<&str> = failures.keys().map(|(status, _)| *status).collect();
    kinds.dedup();
    let correct = group.correct().count();
    match kinds.as_slice() {
        [kind] if correct == 0 => (*kind).to_owned(),
        _ => {
            let mark = if violations(group).is_empty() { "" } else { " !" };
            format!("{correct}/{}{mark}", group.records.len())
        }
    }
}

/// Violated claims of the correct runs: what, in how many runs, with one run's evidence.
fn violations<'a>(group: &Group<'a>) -> Vec<(&'static str, usize, &'a str)> {
    let mut violations: Vec<(&'static str, usize, &'a str)> = Vec::new();
    for verdict in group.correct().flat_map(|record| &record.verdicts) {
        if verdict.standing() != Standing::Violated {
            continue;
        }
        let name = verdict.guarantee.name();
        match violations.iter_mut().find(|(known, ..)| *known == name) {
            Some((_, count, _)) => *count += 1,
            None => violations.push((name, 1, &verdict.evidence)),
        }
    }
    violations
}

/// Whether parties exchange messages both online and before.
fn has_two_phases(group: &Group<'_>) -> bool {
    let rounds = |phase: Phase| {
        let name = MetricName { phase: Some(phase), name: "rounds", aggregate: Aggregate::Run };
        group.metric(name).is_some_and(|rounds| rounds.max > 0)
    };
    rounds(Phase::Online) && (rounds(Phase::Offline) || rounds(Phase::Setup))
}

fn remarks(group: &Group<'_>) -> Vec<String> {
    let (protocol, runs) = (&group.first().key.protocol, group.records.len());
    let failure = |((status, reason), count): ((&str, &str), usize)| match count {
        _ if runs == 1 => format!("{protocol}: {status}: {reason}"),
        _ => format!("{protocol}: {count} of {runs} {status}: {reason}"),
    };
    let failures = group.failures().into_iter().map(failure);
    let violation = |(name, count, evidence): (&str, usize, &str)| {
        format!("{protocol}: {name} violated in {count} of {runs} runs: {evidence}")
    };
    let survived = survived(group).into_iter().map(|(evidence, count)| match count {
        _ if runs == 1 => format!("{protocol}: finished by the survivors: {evidence}"),
        _ => format!("{protocol}: {count} of {runs} finished by the survivors: {evidence}"),
    });
    failures.chain(violations(group).into_iter().map(violation)).chain(survived).collect()
}

/// Correct runs that some party did not live to see, by what became of it.
fn survived<'a>(group: &Group<'a>) -> BTreeMap<&'a str, usize> {
    let mut survived = BTreeMap::new();
    for record in group.correct().filter(|record| record.corrupted.is_empty()) {
        let delivery = record.verdicts.iter().find(|v| v.guarantee == Guarantee::Delivery);
        if let Some(verdict) = delivery.filter(|verdict| !verdict.evidence.is_empty()) {
            *survived.entry(verdict.evidence.as_str()).or_default() += 1;
        }
    }
    survived
}

fn frame_row(group: &Group<'_>, is_priced: bool) -> Vec<(String, Value)> {
    let record = group.first();
    let claims = record.claims.as_ref();
    let text = |value: Option<String>| value.map_or(Value::Null, Value::from);
    let tolerated = claims.map(|claims| claims.threshold.max_corrupted(record.n as usize));
    let mut row: Vec<(String, Value)> =
        vec![("scenario".into(), record.key.scenario.clone().into())];
    let swept = record.key.sweep.iter();
    row.extend(swept.map(|(path, value)| (format!("sweep.{path}"), record::label(value).into())));
    let failures = group
        .failures()
        .into_iter()
        .map(|((status, reason), count)| format!("{count} {status}: {reason}"));
    let facts: [(&str, Value); 17] = [
        ("protocol", record.key.protocol.clone().into()),
        ("function", record.key.function.clone().into()),
        ("network", record.network.clone().into()),
        ("profile", record.profile.clone().into()),
        ("domain", record.domain.clone().into()),
        ("n", record.n.into()),
        ("nodes", record.nodes.into()),
        ("max_corrupted", tolerated.map_or(Value::Null, Value::from)),
        ("adversary", text(claims.map(words::adversary))),
        ("output", text(claims.map(|claims| words::output(claims).to_owned()))),
        ("abort", text(claims.map(|claims| words::abort(claims).to_owned()))),
        ("security", text(claims.map(words::security))),
        ("setup", text(claims.map(|claims| words::setup(claims).to_owned()))),
        ("unpriced_setup", record.unpriced_setup.into()),
        ("runs", group.records.len().into()),
        ("correct", group.correct().count().into()),
        ("failures", failures.collect::<Vec<_>>().join("; ").into()),
    ];
    row.extend(facts.map(|(column, value)| (column.to_owned(), value)));
    if is_priced {
        row.push(("prices".into(), text(record.prices.clone())));
    }
    let phases = Phase::ALL.map(Some).into_iter().chain([None]);
    let shown = || METRICS.iter().filter(move |metric| is_priced || metric.unit != "nUSD");
    row.extend(phases.flat_map(|phase| shown().flat_map(move |m| figures(group, phase, m))));
    row
}

/// The columns of one metric: its median; of times also their spread; of the whole run also the
/// other aggregates.
fn figures(
    group: &Group<'_>,
    phase: Option<Phase>,
    metric: &'static Metric,
) -> Vec<(String, Value)> {
    let aggregates = if phase.is_none() { metric.aggregates } else { &metric.aggregates[..1] };
    let unpriced = phase.is_some_and(|phase| is_unpriced(group.first(), phase));
    let mut columns = Vec::new();
    for aggregate in aggregates {
        let name = metric_name(phase, metric, *aggregate);
        let summary = group.metric(name).filter(|_| !unpriced);
        let value = |figure: Option<u64>| figure.map_or(Value::Null, Value::from);
        let low = summary.and_then(|summary| summary.interval).map(|interval| interval.low);
        let high = summary.and_then(|summary| summary.interval).map(|interval| interval.high);
        columns.push((name.to_string(), value(summary.map(|summary| summary.median))));
        if metric.name == "time_ns" {
            columns.push((format!("{name}.min"), value(summary.map(|summary| summary.min))));
            columns.push((format!("{name}.max"), value(summary.map(|summary| summary.max))));
            columns.push((format!("{name}.median_ci95_low"), value(low)));
            columns.push((format!("{name}.median_ci95_high"), value(high)));
            for percent in [95, 99] {
                // A column that no row has a value for would be noise.
                let Some(found) = group.quantile(name, percent).filter(|_| !unpriced) else {
                    continue;
                };
                let column = |what: &str| format!("{name}.p{percent}{what}");
                columns.push((column(""), found.value.into()));
                columns.push((column("_ci95_low"), found.interval.low.into()));
                columns.push((column("_ci95_high"), found.interval.high.into()));
            }
        }
    }
    columns
}
