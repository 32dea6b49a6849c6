//! A table of all runs, and where the time of each kind of run went.

use minijinja::context;
use minijinja::value::Value;
use mpclab_sim::vocabulary::{Aggregate, MetricName, Standing};

use crate::explain;
use crate::record::Record;
use crate::stats::{Group, Points};
use crate::table::{Align, Block, Cells, ColumnGroup, Row, Section, Sheet};
use crate::units::Unit;

/// Digits of a hash that the page shows.
const DIGITS: usize = 16;

/// Most bars of critical paths on a page.
const MOST_PATHS: usize = 40;

/// What is shown of each run.
const METRICS: [(&str, MetricName, Unit); 3] = [
    ("time", total("time_ns", Aggregate::Run), Unit::Time),
    ("bytes", total("bytes", Aggregate::Sum), Unit::Bytes),
    ("rounds", total("rounds", Aggregate::Run), Unit::Count),
];

const fn total(name: &'static str, aggregate: Aggregate) -> MetricName {
    MetricName { phase: None, name, aggregate }
}

/// All runs: how each ended, what it cost, and what tells whether another machine got the same.
pub(super) fn runs(points: &Points, groups: &[Group<'_>]) -> Sheet {
    let named = points.iter().any(|point| !point.label.is_empty()) || points.len() > 1;
    let rows = groups.iter().flat_map(|group| {
        let name = named.then(|| points.name(group.point));
        group.records.iter().map(move |record| run(name.as_deref(), record))
    });
    let columns = |columns: &[&str], align| -> Vec<(String, Align)> {
        columns.iter().map(|name| ((*name).to_owned(), align)).collect()
    };
    let group = |name: &str, columns: &[(String, Align)]| {
        let columns: Vec<(&str, Align)> =
            columns.iter().map(|(name, align)| (name.as_str(), *align)).collect();
        ColumnGroup::new(name, &columns)
    };
    let mut identity = columns(if named { &["sweep point"] } else { &[] }, Align::Left);
    identity.extend(columns(&["protocol"], Align::Left));
    identity.extend(columns(&["repetition"], Align::Right));
    let how = columns(&["status", "verdict"], Align::Left);
    let cost = columns(&METRICS.map(|(name, ..)| name), Align::Right);
    let hashes = columns(&["fingerprint", "events", "transcript"], Align::Left);
    Sheet {
        title: "Runs".to_owned(),
        section_header: String::new(),
        groups: vec![
            group("", &identity),
            group("", &how),
            group("total", &cost),
            group("digests", &hashes),
        ],
        blocks: vec![Block {
            heading: String::new(),
            sections: vec![Section { name: String::new(), rows: rows.collect() }],
            remarks: Vec::new(),
        }],
        notes: vec![format!(
            "fingerprints and digests: the first {DIGITS} digits; results.jsonl has all of them"
        )],
    }
}

fn run(point: Option<&str>, record: &Record) -> Row {
    let mut identity: Vec<String> = point.map(str::to_owned).into_iter().collect();
    identity.extend([record.key.protocol.clone(), record.repetition.to_string()]);
    let found =
        |standing: Standing| record.verdicts.iter().any(|verdict| verdict.standing() == standing);
    let verdict = match () {
        () if found(Standing::Violated) => "VIOLATED",
        () if found(Standing::Inconclusive) => "inconclusive",
        () if found(Standing::OutOfClaim) => "out of claim",
        () if found(Standing::Held) => "held",
        () => "",
    };
    let how = [record.outcome.status().to_owned(), verdict.to_owned()].to_vec();
    let cost = METRICS.map(|(_, metric, unit)| {
        record.metric(metric).map_or("–".to_owned(), |value| unit.show(value))
    });
    let digits = |hash: &str| hash.chars().take(DIGITS).collect::<String>();
    let hashes = [&record.fingerprint, &record.digests.event, &record.digests.transcript];
    let hashes = hashes.map(|hash| digits(hash)).to_vec();
    vec![Cells::Each(identity), Cells::Each(how), Cells::Each(cost.to_vec()), Cells::Each(hashes)]
}

/// Where the time went, one entry for each (sweep point, protocol) whose runs tell, and a sentence
/// if there are more than fit.
pub(super) fn paths(points: &Points, groups: &[Group<'_>]) -> (Vec<Value>, Option<String>) {
    let told: Vec<(&Group<'_>, &Record)> = groups
        .iter()
        .filter_map(|group| {
            let (_, record) = group.median_path()?;
            Some((group, record))
        })
        .collect();
    let path = |(group, record): &(&Group<'_>, &Record)| {
        let path = record.critical_path.as_deref()?;
        let sentence = explain::sentence(path)?;
        let causes = explain::causes(path);
        let whole = causes.iter().fold(0u64, |sum, (_, time)| sum.saturating_add(*time));
        let part = |(cause, time_ns): &(mpclab_sim::trace::Cause, u64)| {
            let name = cause.name().replace('_', "-");
            let share = 100.0 * *time_ns as f64 / whole as f64;
            context! {
                class => name.clone(),
                width => format!("{share:.2}"),
                text => format!("{name} {}", explain::percent(*time_ns, whole)),
            }
        };
        let parts: Vec<Value> = causes.iter().map(part).collect();
        Some(context! {
            point => points.name(group.point),
            protocol => record.key.protocol.clone(),
            total => Unit::Time.show(whole),
            parts,
            sentence,
        })
    };
    let shown = told.iter().take(MOST_PATHS).filter_map(path).collect();
    let more = told
        .len()
        .checked_sub(MOST_PATHS + 1)
        .map(|_| format!("The first {MOST_PATHS} of {}; results.jsonl has them all.", told.len()));
    (shown, more)
}

/// Causes that occur, for the legend.
pub(super) fn causes(records: &[Record]) -> Vec<String> {
    let path = |record: &Record| record.critical_path.as_deref().map(explain::causes);
    let mut found: Vec<_> = records.iter().filter_map(path).flatten().map(|(c, _)| c).collect();
    found.sort_unstable();
    found.dedup();
    found.into_iter().map(|cause| cause.name().replace('_', "-")).collect()
}
