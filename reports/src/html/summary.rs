//! What the page says in words.

use std::collections::BTreeSet;

use minijinja::value::Value;
use mpclab_sim::vocabulary::{Aggregate, MetricName};

use super::fact;
use crate::record::Record;
use crate::stats::{self, Group, Point};
use crate::table::{protocols_by_text, section};

const TOTAL_TIME: MetricName =
    MetricName { phase: None, name: "time_ns", aggregate: Aggregate::Run };

/// Pairs of a name and a value: what was compared, and how it went.
pub(super) fn facts(records: &[Record]) -> Vec<Value> {
    let (points, _) = stats::group(records);
    let correct = records.iter().filter(|record| record.is_correct()).count();
    let mut functions =
        distinct(records, |record| format!("{}: {}", record.key.function, record.function_about));
    functions.retain(|text| !text.ends_with(": "));
    let mut protocols: Vec<(u32, &str)> =
        records.iter().map(|r| (r.protocol_index, r.key.protocol.as_str())).collect();
    protocols.sort_unstable();
    protocols.dedup();
    let protocols: Vec<&str> = protocols.into_iter().map(|(_, label)| label).collect();
    let swept: BTreeSet<&str> =
        points.iter().flat_map(|point| point.sweep.keys().map(String::as_str)).collect();
    let swept: Vec<&str> = swept.into_iter().collect();
    let mut facts = vec![
        fact("function", &functions.join("; ")),
        fact("protocols", &protocols.join(", ")),
        fact("networks", &distinct(records, |record| record.network.clone()).join(", ")),
    ];
    if !swept.is_empty() {
        facts.push(fact("swept", &format!("{} ({} points)", swept.join(", "), points.len())));
    }
    facts.push(fact("runs", &format!("{correct} of {} correct", records.len())));
    facts
}

fn distinct(records: &[Record], of: impl Fn(&Record) -> String) -> Vec<String> {
    let mut values: Vec<String> = Vec::new();
    for value in records.iter().map(of) {
        if !values.contains(&value) {
            values.push(value);
        }
    }
    values
}

/// One sentence for each set of equal claims: who is fastest, and by how much; and who is left out
/// of that because not all of it is priced.
pub(super) fn headlines(records: &[Record]) -> Vec<String> {
    let (points, groups) = stats::group(records);
    let mut sections: Vec<(u8, String)> =
        groups.iter().map(|group| section(group.first().claims.as_ref())).collect();
    sections.sort();
    sections.dedup();
    let mut headlines: Vec<String> =
        sections.iter().filter_map(|section| headline(section, &points, &groups)).collect();
    let unpriced = distinct_protocols(&groups, |record| record.unpriced_setup);
    if !unpriced.is_empty() {
        headlines.push(format!("Not ranked, because the setup is not priced: {unpriced}."));
    }
    headlines
}

fn distinct_protocols(groups: &[Group<'_>], wanted: impl Fn(&Record) -> bool) -> String {
    let mut labels: Vec<&str> = Vec::new();
    for record in groups.iter().map(Group::first).filter(|record| wanted(record)) {
        if !labels.contains(&record.key.protocol.as_str()) {
            labels.push(&record.key.protocol);
        }
    }
    labels.join(", ")
}

/// The fastest protocol at one sweep point.
struct Winner<'a> {
    protocol: String,
    point: &'a Point,
    /// Time of the next over its time.
    factor: f64,
}

fn headline(claims: &(u8, String), points: &[Point], groups: &[Group<'_>]) -> Option<String> {
    let member = |group: &&Group<'_>| {
        let record = group.first();
        section(record.claims.as_ref()) == *claims && !record.unpriced_setup
    };
    let winner = |(at, point)| {
        let members = groups.iter().filter(|group| group.point == at).filter(member);
        let timed = |group: &Group<'_>| Some((group.metric(TOTAL_TIME)?.median, named(group)));
        let mut ranked: Vec<(u64, String)> = members.filter_map(timed).collect();
        ranked.sort();
        let [(best, protocol), (next, _), ..] = ranked.as_slice() else { return None };
        let factor = *next as f64 / (*best).max(1) as f64;
        Some(Winner { protocol: protocol.clone(), point, factor })
    };
    let winners: Vec<Winner<'_>> = points.iter().enumerate().filter_map(winner).collect();
    let first = winners.first()?;
    let label = &claims.1;
    if winners.iter().all(|winner| winner.protocol == first.protocol) {
        let place = match winners.len() {
            _ if points.len() == 1 => String::new(),
            all if all == points.len() => " at every sweep point".to_owned(),
            some => format!(" at each of the {some} sweep points where two can be compared"),
        };
        return Some(format!(
            "{label}: {} has the least total time{place}; the next takes {} times as long.",
            first.protocol,
            range(&winners)
        ));
    }
    let mut places: Vec<(&str, Vec<&str>)> = Vec::new();
    for winner in &winners {
        match places.iter_mut().find(|(protocol, _)| *protocol == winner.protocol) {
            Some((_, labels)) => labels.push(&winner.point.label),
            None => places.push((&winner.protocol, vec![&winner.point.label])),
        }
    }
    let place = |(protocol, labels): &(&str, Vec<&str>)| match labels.as_slice() {
        [a, b, c, _, ..] => format!("{protocol} at {} points ({a}; {b}; {c}; …)", labels.len()),
        few => format!("{protocol} at {}", few.join("; ")),
    };
    let places: Vec<String> = places.iter().map(place).collect();
    Some(format!("{label}: the least total time has {}.", places.join(", and ")))
}

/// A protocol with what has to be known to compare it.
fn named(group: &Group<'_>) -> String {
    let record = group.first();
    let tolerated = record.claims.map(|claims| claims.threshold.max_corrupted(record.n as usize));
    let tolerated = tolerated.map_or(String::new(), |t| format!(", t = {t}"));
    format!("{} (n = {}{tolerated})", record.key.protocol, record.n)
}

fn range(winners: &[Winner<'_>]) -> String {
    let factors = || winners.iter().map(|winner| winner.factor);
    let (low, high) = (factors().fold(f64::MAX, f64::min), factors().fold(0.0, f64::max));
    let (low, high) = (format!("{low:.2}"), format!("{high:.2}"));
    if low == high { low } else { format!("{low} to {high}") }
}

/// What the first repetition gave, with the protocols that gave it.
pub(super) fn outputs(records: &[Record]) -> Vec<String> {
    let first = records.iter().filter(|record| record.repetition == 0 && record.is_correct());
    protocols_by_text(first.map(|record| (record, record.outputs.as_str())))
}

/// Pairs of a name and a value: what the figures depend on.
pub(super) fn provenance(records: &[Record]) -> Vec<Value> {
    let all = |of: fn(&Record) -> String| distinct(records, of).join(", ");
    let mut seeds: Vec<u64> = records.iter().map(|record| record.seed).collect();
    seeds.sort_unstable();
    seeds.dedup();
    let mut shown: Vec<String> =
        seeds.iter().take(20).map(|seed| format!("{seed:#018x}")).collect();
    if seeds.len() > shown.len() {
        shown.push(format!("… ({} in all)", seeds.len()));
    }
    vec![
        fact("mpclab", &all(|record| record.version.clone())),
        fact("model", &all(|record| record.model.to_string())),
        fact("record schema", &all(|record| record.schema.to_string())),
        fact("compute profile", &all(|record| record.profile.clone())),
        fact("seeds", &shown.join(", ")),
    ]
}
