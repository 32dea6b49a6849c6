//! What the page says in words.

use std::collections::BTreeSet;

use minijinja::value::Value;

use super::fact;
use crate::distinct::{alike, distinct};
use crate::ranking::{Entry, RankGroup, Ranking};
use crate::record::Record;
use crate::stats::{self, Point, Points};

/// Pairs of a name and a value: what was compared, and how it went.
pub(super) fn facts(records: &[Record]) -> Vec<Value> {
    let (points, _) = stats::group(records);
    let correct = records.iter().filter(|record| record.is_correct()).count();
    let mut functions =
        texts(records, |record| format!("{}: {}", record.key.function, record.function_about));
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
        fact("networks", &texts(records, |record| record.network.clone()).join(", ")),
    ];
    if !swept.is_empty() {
        facts.push(fact("swept", &format!("{} ({} points)", swept.join(", "), points.len())));
    }
    facts.push(fact("runs", &format!("{correct} of {} correct", records.len())));
    facts
}

fn texts(records: &[Record], of: impl Fn(&Record) -> String) -> Vec<String> {
    distinct(records.iter().map(of))
}

/// One sentence for each set of protocols that can be compared: who is fastest, and by how much;
/// and who is left out of that because not all of it is priced.
pub(super) fn headlines(records: &[Record]) -> Vec<String> {
    let ranking = Ranking::of(records);
    let mut told: BTreeSet<(&str, String)> = BTreeSet::new();
    let mut headlines = Vec::new();
    let sets = ranking.alike(|group| group.ranked().count() > 1);
    for set in &sets {
        let Some(RankGroup { claims, view, .. }) = set.first() else { continue };
        let Some(sentence) = headline(&ranking.points, set) else { continue };
        // Protocols with equal t often have equal n, too.
        if told.insert((claims, sentence.clone())) {
            headlines.push(format!("{claims}, {}: {sentence}", view.text()));
        }
    }
    let ranked = |group: &RankGroup<'_>| group.ranked().map(named).collect::<Vec<_>>();
    let mut ranked: Vec<String> = ranking.groups.iter().flat_map(ranked).collect();
    ranked.sort();
    ranked.dedup();
    if headlines.is_empty() && ranked.len() > 1 {
        let ranked = ranked.join(", ");
        headlines.push(format!("No two of these have equal claims and equal t or n: {ranked}."));
    }
    let unpriced = distinct_protocols(records, |record| record.unpriced_setup);
    if !unpriced.is_empty() {
        headlines.push(format!("Not ranked, because the setup is not priced: {unpriced}."));
    }
    headlines
}

fn distinct_protocols(records: &[Record], wanted: impl Fn(&Record) -> bool) -> String {
    let wanted = records.iter().filter(|record| wanted(record));
    distinct(wanted.map(|record| record.key.protocol.as_str())).join(", ")
}

/// The fastest protocol at one sweep point.
struct Winner<'a> {
    protocol: String,
    point: &'a Point,
    /// Time of the next over its time.
    factor: f64,
}

/// Who is fastest, of groups with equal claims in one view.
fn headline(points: &Points, groups: &[&RankGroup<'_>]) -> Option<String> {
    let winner = |group: &&RankGroup<'_>| {
        let mut ranked = group.ranked();
        let (best, next) = (ranked.next()?, ranked.next()?);
        let time = |entry: &Entry<'_>| entry.medians()[0];
        let factor = time(next)? as f64 / time(best)?.max(1) as f64;
        Some(Winner { protocol: named(best), point: &points[group.point], factor })
    };
    let winners: Vec<Winner<'_>> = groups.iter().filter_map(winner).collect();
    let first = winners.first()?;
    if winners.iter().all(|winner| winner.protocol == first.protocol) {
        let place = match winners.len() {
            _ if points.len() == 1 => String::new(),
            all if all == points.len() => " at every sweep point".to_owned(),
            some => format!(" at each of the {some} sweep points where two can be compared"),
        };
        return Some(format!(
            "{} has the least total time{place}; the next takes {} times as long.",
            first.protocol,
            range(&winners)
        ));
    }
    let protocols: Vec<&str> = winners.iter().map(|winner| winner.protocol.as_str()).collect();
    let place = |members: &Vec<usize>| {
        let protocol = protocols[members[0]];
        let labels: Vec<&str> = members.iter().map(|at| &*winners[*at].point.label).collect();
        match labels.as_slice() {
            [a, b, c, _, ..] => format!("{protocol} at {} points ({a}; {b}; {c}; …)", labels.len()),
            few => format!("{protocol} at {}", few.join("; ")),
        }
    };
    let places: Vec<String> = alike(&protocols).iter().map(place).collect();
    Some(format!("the least total time has {}.", places.join(", and ")))
}

/// A protocol with what has to be known to compare it.
fn named(entry: &Entry<'_>) -> String {
    let record = entry.record;
    format!("{} (n = {}, t = {})", record.key.protocol, record.n, entry.tolerated)
}

fn range(winners: &[Winner<'_>]) -> String {
    let factors = || winners.iter().map(|winner| winner.factor);
    let (low, high) = (factors().fold(f64::MAX, f64::min), factors().fold(0.0, f64::max));
    let (low, high) = (format!("{low:.2}"), format!("{high:.2}"));
    if low == high { low } else { format!("{low} to {high}") }
}

/// Pairs of a name and a value: what the figures depend on.
pub(super) fn provenance(records: &[Record]) -> Vec<Value> {
    let all = |of: fn(&Record) -> String| texts(records, of).join(", ");
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
