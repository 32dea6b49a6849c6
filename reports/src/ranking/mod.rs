//! Protocols side by side, where that is fair.
//!
//! Ranked against each other are only protocols that compute the same function under the same
//! conditions and claim the same: against whom they are secure, what honest parties get, and who
//! learns of an abort. There are two views: equal numbers of tolerated corruptions, and equal
//! numbers of computing parties. Setup, offline and online phase count together, for one
//! evaluation. What has no price, or reaches less security than was asked for, is told and not
//! ranked.

mod mean;

use std::cmp::Ordering;

use mpclab_sim::vocabulary::{AdversaryKind, MetricName, Security};

use crate::distinct::alike;
use crate::explain;
use crate::record::Record;
use crate::stats::{self, Group, Points, Summary};
use crate::table;

pub use mean::{Mean, MeanGroup, means};

/// What protocols are ranked by: the totals of these metrics.
pub const CRITERIA: [&str; 3] = ["time_ns", "bytes", "money_nusd"];

/// What is equal within a group, beside the claims.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum View {
    /// The number of tolerated corruptions.
    Corruptions(u32),
    /// The number of computing parties.
    Parties(u32),
}

/// Protocols that claim the same, at one sweep point and in one view.
#[derive(Clone, Debug)]
pub struct RankGroup<'a> {
    /// Index into the sweep points of [`Ranking::points`].
    pub point: usize,
    /// Sorts the claims from weak to strong.
    order: u8,
    /// What all of them claim.
    pub claims: String,
    /// What else is equal.
    pub view: View,
    /// The ranked ones, fastest first; then the others in the order of the file.
    pub entries: Vec<Entry<'a>>,
}

/// One protocol in a group.
#[derive(Clone, Debug)]
pub struct Entry<'a> {
    /// A correct run, if there is any: what does not differ between repetitions is read from it.
    pub record: &'a Record,
    /// Corruptions tolerated.
    pub tolerated: u32,
    /// Its totals, in the order of [`CRITERIA`], over the correct runs.
    pub figures: [Option<Summary>; 3],
    /// Why it is not ranked; ranked if there is nothing.
    pub flags: Vec<String>,
    /// Its places, from 1, in the order of [`CRITERIA`]; equal figures share a place.
    pub places: [Option<usize>; 3],
    /// Whether no other one of the group is at least as good in everything and better in
    /// something.
    pub on_front: bool,
    /// Whether the next faster one may be slower: intervals of the median overlap, or there are
    /// none because of too few repetitions and the ranges of the values overlap.
    pub time_undecided: bool,
}

/// All groups of some results.
#[derive(Clone, Debug)]
pub struct Ranking<'a> {
    /// The sweep points.
    pub points: Points,
    /// Groups by point, claims, then view.
    pub groups: Vec<RankGroup<'a>>,
}

impl<'a> Ranking<'a> {
    /// Ranks what the records allow; their order does not matter.
    #[must_use]
    pub fn of(records: &'a [Record]) -> Self {
        let (points, all) = stats::group(records);
        let mut groups: Vec<RankGroup<'a>> = Vec::new();
        for found in &all {
            let record = found.first();
            let Some(claims) = &record.claims else { continue };
            let tolerated = claims.threshold.max_corrupted(record.n as usize) as u32;
            let (order, text) = table::section(Some(claims));
            for view in [View::Corruptions(tolerated), View::Parties(record.n)] {
                let same = |group: &&mut RankGroup<'_>| {
                    (group.point, &group.claims, group.view) == (found.point, &text, view)
                };
                let entry = Entry::new(found, tolerated, asked(&all, found));
                // Those of one point follow each other.
                let mut own =
                    groups.iter_mut().rev().take_while(|group| group.point == found.point);
                match own.find(same) {
                    Some(group) => group.entries.push(entry),
                    None => groups.push(RankGroup {
                        point: found.point,
                        order,
                        claims: text.clone(),
                        view,
                        entries: vec![entry],
                    }),
                }
            }
        }
        groups.iter_mut().for_each(RankGroup::rank);
        groups.sort_by(|a, b| {
            let key = |group: &RankGroup<'_>| (group.point, group.order, group.view);
            key(a).cmp(&key(b)).then_with(|| a.claims.cmp(&b.claims))
        });
        Ranking { points, groups }
    }

    /// The groups of one sweep point.
    #[must_use]
    pub fn at_point(&self, point: usize) -> &[RankGroup<'a>] {
        let first = self.groups.partition_point(|group| group.point < point);
        let count = self.groups[first..].partition_point(|group| group.point == point);
        &self.groups[first..first + count]
    }

    /// The groups `of` some kind, those of equal claims in one view together, in the order of the
    /// first ones.
    pub(crate) fn alike(&self, of: impl Fn(&RankGroup<'a>) -> bool) -> Vec<Vec<&RankGroup<'a>>> {
        let groups: Vec<&RankGroup<'a>> = self.groups.iter().filter(|group| of(group)).collect();
        let keys: Vec<_> = groups.iter().map(|group| (group.claims.as_str(), group.view)).collect();
        let members = |at: Vec<usize>| at.into_iter().map(|at| groups[at]).collect();
        alike(&keys).into_iter().map(members).collect()
    }

    /// Whether any two protocols can be compared.
    #[must_use]
    pub fn compares(&self) -> bool {
        self.groups.iter().any(|group| group.ranked().count() > 1)
    }
}

/// The statistical security that is asked for: what the runs say, or the most that any protocol at
/// this point reaches.
fn asked(all: &[Group<'_>], found: &Group<'_>) -> (u32, u32) {
    if let Some(level) = found.first().security {
        return (level.statistical, level.computational);
    }
    let at_point = stats::at_point(all, found.point).iter();
    at_point.filter_map(|group| group.first().claims).fold((0, 0), |most, claims| {
        let has = |bits: Option<u32>| bits.unwrap_or(0);
        let security = claims.security;
        (most.0.max(has(security.statistical())), most.1.max(has(security.computational())))
    })
}

impl<'a> Entry<'a> {
    fn new(group: &Group<'a>, tolerated: u32, asked: (u32, u32)) -> Self {
        let record = group.first();
        let total = |name: &str| {
            let name: Option<MetricName> = format!("total.{name}").parse().ok();
            group.metric(name?)
        };
        Entry {
            record,
            tolerated,
            figures: CRITERIA.map(total),
            flags: flags(group, asked),
            places: [None; 3],
            on_front: false,
            time_undecided: false,
        }
    }

    /// Whether it takes part in the ranking.
    #[must_use]
    pub fn is_ranked(&self) -> bool {
        self.flags.is_empty()
    }

    /// Medians in the order of [`CRITERIA`].
    #[must_use]
    pub fn medians(&self) -> [Option<u64>; 3] {
        self.figures.map(|figure| figure.map(|figure| figure.median))
    }

    /// What most of the time of its critical path goes to, in one phrase; `None` if the path was
    /// not kept.
    #[must_use]
    pub fn dominated_by(&self) -> Option<String> {
        let rows = self.record.critical_path.as_ref()?;
        let causes = explain::causes(rows);
        let total = causes.iter().fold(0u64, |sum, (_, time_ns)| sum.saturating_add(*time_ns));
        let (cause, time_ns) = causes.into_iter().rev().max_by_key(|(_, time_ns)| *time_ns)?;
        let of_cause = rows.iter().filter(|row| row.cause == cause);
        let scope = &of_cause.max_by_key(|row| row.time_ns)?.scope;
        let (share, cause) = (explain::percent(time_ns, total), cause.name().replace('_', "-"));
        Some(format!("{share} {cause}, most in {scope}"))
    }
}

/// Why a protocol can't be ranked.
fn flags(group: &Group<'_>, (sigma, kappa): (u32, u32)) -> Vec<String> {
    let record = group.first();
    let mut flags = Vec::new();
    if group.correct().next().is_none() {
        flags.push("no correct run".to_owned());
    }
    let claims = record.claims.as_ref();
    if record.unpriced_setup {
        flags.push("setup not priced".to_owned());
    }
    let security = claims.map(|claims| claims.security);
    for (kind, has, asked) in [
        ("statistical", security.and_then(Security::statistical), sigma),
        ("computational", security.and_then(Security::computational), kappa),
    ] {
        if let Some(has) = has.filter(|has| *has < asked) {
            flags.push(format!("{kind} security of {has} bits, asked for {asked}"));
        }
    }
    if !record.corrupted.is_empty() {
        flags.push("ran under an adversary".to_owned());
    }
    flags
}

impl<'a> RankGroup<'a> {
    /// The ranked entries, fastest first.
    pub fn ranked(&self) -> impl Iterator<Item = &Entry<'a>> {
        self.entries.iter().filter(|entry| entry.is_ranked())
    }

    /// The adversary that all of them withstand.
    #[must_use]
    pub fn adversary(&self) -> Option<AdversaryKind> {
        self.entries.first()?.record.claims.map(|claims| claims.adversary)
    }

    fn rank(&mut self) {
        let figures: Vec<[Option<u64>; 3]> = self.ranked().map(Entry::medians).collect();
        // Money counts only where all of a group have it.
        let counts = [0, 1, 2].map(|at| figures.iter().all(|of| of[at].is_some()));
        let costs = |medians: [Option<u64>; 3]| {
            [0, 1, 2].map(|at| medians[at].filter(|_| counts[at]).unwrap_or(0))
        };
        let all: Vec<[u64; 3]> = figures.into_iter().map(costs).collect();
        for entry in self.entries.iter_mut().filter(|entry| entry.is_ranked()) {
            let own = costs(entry.medians());
            entry.places = [0, 1, 2].map(|at| {
                let better = all.iter().filter(|other| other[at] < own[at]).count();
                counts[at].then_some(1 + better)
            });
            entry.on_front = !all.iter().any(|other| dominates(other, &own));
        }
        self.entries.sort_by_key(|entry| {
            (!entry.is_ranked(), entry.places[0], entry.places[1], entry.record.protocol_index)
        });
        let times: Vec<Option<Summary>> = self.ranked().map(|entry| entry.figures[0]).collect();
        for (at, pair) in times.windows(2).enumerate() {
            if let [Some(faster), Some(slower)] = pair {
                self.entries[at + 1].time_undecided = undecided(faster, slower);
            }
        }
    }
}

/// Whether the first is at least as good in everything and better in something.
fn dominates(one: &[u64; 3], other: &[u64; 3]) -> bool {
    let compared = one.iter().zip(other).map(|(one, other)| one.cmp(other));
    let worse = compared.clone().any(|order| order == Ordering::Greater);
    !worse && compared.into_iter().any(|order| order == Ordering::Less)
}

/// Whether the repetitions do not tell two medians apart.
#[must_use]
pub fn undecided(lower: &Summary, higher: &Summary) -> bool {
    let ends = |summary: &Summary| match summary.interval {
        Some(interval) => (interval.low, interval.high),
        None => (summary.min, summary.max),
    };
    let (one, other) = (ends(lower), ends(higher));
    one.0 <= other.1 && other.0 <= one.1
}
