//! Statistics over repetitions.
//!
//! Only correct runs count: a run that was wrong, aborted or failed is counted apart, by reason.
//! Everything is exact integer order statistics, except the coverage of an interval.

mod points;

use std::collections::BTreeMap;

use mpclab_sim::vocabulary::MetricName;
use serde_json::Value;
use statrs::distribution::{Binomial, DiscreteCDF};

use crate::record::Record;

pub use points::Points;

/// Coverage that an interval of the median has at least.
pub const COVERAGE: f64 = 0.95;

/// A sweep point: one combination of the swept values of one scenario.
#[derive(Clone, Debug, PartialEq)]
pub struct Point {
    /// Name of the scenario.
    pub scenario: String,
    /// Swept key paths and their values here.
    pub sweep: BTreeMap<String, Value>,
    /// The swept values for a reader; empty if nothing is swept.
    pub label: String,
}

/// All repetitions of one protocol at one sweep point.
#[derive(Clone, Debug)]
#[non_exhaustive]
pub struct Group<'a> {
    /// Index into the points that [`group`] returns.
    pub point: usize,
    /// The records, at least one, ordered by repetition.
    pub records: Vec<&'a Record>,
}

/// Groups records by (sweep point, protocol), in the order of [`crate::record::sort`]; a record
/// that occurs twice counts once.
#[must_use]
pub fn group(records: &[Record]) -> (Points, Vec<Group<'_>>) {
    let mut sorted: Vec<&Record> = records.iter().collect();
    sorted.sort_by_cached_key(|record| record.place());
    let (mut points, mut groups): (Vec<Point>, Vec<Group<'_>>) = (Vec::new(), Vec::new());
    // The same point may come under two numbers, in results put together from several runs.
    let mut known_points: BTreeMap<(&str, String), usize> = BTreeMap::new();
    let mut known_groups: BTreeMap<(usize, &str), usize> = BTreeMap::new();
    for record in sorted {
        let key = &record.key;
        let point = *known_points.entry((&key.scenario, key.sweep_id())).or_insert_with(|| {
            let (scenario, sweep) = (key.scenario.clone(), key.sweep.clone());
            points.push(Point { scenario, sweep, label: key.sweep_label() });
            points.len() - 1
        });
        let at = *known_groups.entry((point, &key.protocol)).or_insert_with(|| {
            groups.push(Group { point, records: Vec::new() });
            groups.len() - 1
        });
        // What occurs twice has equal places, so it follows itself.
        let known = &mut groups[at].records;
        let same = |known: &&&Record| known.repetition == record.repetition;
        if !known.iter().rev().take_while(same).any(|known| *known == record) {
            known.push(record);
        }
    }
    groups.sort_by_key(|group| group.point);
    (Points::new(points), groups)
}

/// The groups of one sweep point, of all that [`group`] returns.
#[cfg(feature = "render")]
pub(crate) fn at_point<'g, 'a>(groups: &'g [Group<'a>], point: usize) -> &'g [Group<'a>] {
    let first = groups.partition_point(|group| group.point < point);
    let count = groups[first..].partition_point(|group| group.point == point);
    &groups[first..first + count]
}

impl<'a> Group<'a> {
    /// A record that stands for all: what does not differ between repetitions is read from it. A
    /// correct one, if there is any.
    #[must_use]
    pub fn first(&self) -> &'a Record {
        self.correct().next().unwrap_or(self.records[0])
    }

    /// The runs that count.
    pub fn correct(&self) -> impl Iterator<Item = &'a Record> {
        self.records.iter().copied().filter(|record| record.is_correct())
    }

    /// The correct run with the median time of those that tell their critical path, and that time,
    /// nanoseconds: of a run that there was, because medians of parts would not add up.
    #[must_use]
    pub fn median_path(&self) -> Option<(u64, &'a Record)> {
        let time = |record: &Record| -> Option<u64> {
            let path = record.critical_path.as_ref()?;
            Some(path.iter().fold(0, |sum, row| sum.saturating_add(row.time_ns)))
        };
        let mut runs: Vec<(u64, &'a Record)> =
            self.correct().filter_map(|record| Some((time(record)?, record))).collect();
        runs.sort_by_key(|(time_ns, record)| (*time_ns, record.repetition));
        runs.get(runs.len().saturating_sub(1) / 2).copied()
    }

    /// How many runs ended in which way and why, correct ones left out.
    #[must_use]
    pub fn failures(&self) -> BTreeMap<(&'static str, &'a str), usize> {
        let mut failures = BTreeMap::new();
        for record in self.records.iter().filter(|record| !record.is_correct()) {
            let broken = ("wrong", "a verdict says that correctness or agreement is broken");
            let outcome = (record.outcome.status(), record.outcome.reason());
            let why = if outcome.0 == "ok" { broken } else { outcome };
            *failures.entry(why).or_default() += 1;
        }
        failures
    }

    /// A metric over the correct runs; `None` if no correct run has it.
    #[must_use]
    pub fn metric(&self, name: MetricName) -> Option<Summary> {
        self.summary(|record| record.metric(name))
    }

    /// A quantile of a metric over the correct runs with its interval; `None` if there are too few
    /// of them.
    #[must_use]
    pub fn quantile(&self, name: MetricName, percent: usize) -> Option<Quantile> {
        let values: Vec<u64> = self.correct().filter_map(|record| record.metric(name)).collect();
        Quantile::of(&values, percent)
    }

    /// Any figure over the correct runs; `None` if no correct run has it.
    #[must_use]
    pub fn summary(&self, figure: impl Fn(&Record) -> Option<u64>) -> Option<Summary> {
        Summary::of(self.correct().filter_map(figure).collect())
    }
}

/// Order statistics of some values.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Summary {
    /// How many values.
    pub count: usize,
    /// The smallest.
    pub min: u64,
    /// The middle one; of an even number, the mean of the two in the middle, rounded down.
    pub median: u64,
    /// The largest.
    pub max: u64,
    /// Exact interval of the median; `None` for fewer than six values, which cannot give one.
    pub interval: Option<Interval>,
}

/// An interval that contains the median of the distribution the values come from, whatever it is,
/// with at least the stated probability.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Interval {
    /// Lower end.
    pub low: u64,
    /// Upper end.
    pub high: u64,
    /// Probability, at least [`COVERAGE`].
    pub coverage: f64,
}

impl Summary {
    /// Summarises values; `None` if there are none.
    #[must_use]
    pub fn of(mut values: Vec<u64>) -> Option<Self> {
        values.sort_unstable();
        let (min, max) = (*values.first()?, *values.last()?);
        let count = values.len();
        let (below, above) = (values[(count - 1) / 2], values[count / 2]);
        let median = below + (above - below) / 2;
        Some(Summary { count, min, median, max, interval: interval(&values) })
    }
}

/// A quantile with its exact interval.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Quantile {
    /// The value that at least so many percent of the values do not exceed (nearest rank).
    pub value: u64,
    /// An interval that contains the quantile of the distribution that the values come from.
    pub interval: Interval,
}

impl Quantile {
    /// A quantile of some values, 1 to 99 percent, with the interval between order statistics that
    /// leaves at most half of 1 - [`COVERAGE`] on each side: the number of values below a quantile
    /// is binomial. `None` if there are too few values for that (fewer than 6 for the median, 72
    /// for 95 percent, 368 for 99).
    #[must_use]
    pub fn of(values: &[u64], percent: usize) -> Option<Self> {
        let mut sorted = values.to_vec();
        sorted.sort_unstable();
        let count = sorted.len();
        let below = Binomial::new(percent as f64 / 100.0, count as u64).ok()?;
        let tail = (1.0 - COVERAGE) / 2.0;
        // The value of rank r, from 0, exceeds the quantile if at most r values do not.
        let low = (0..count).take_while(|rank| below.cdf(*rank as u64) <= tail).last()?;
        let high = (low + 1..count).find(|rank| below.sf(*rank as u64) <= tail)?;
        let coverage = 1.0 - below.cdf(low as u64) - below.sf(high as u64);
        let interval = Interval { low: sorted[low], high: sorted[high], coverage };
        Some(Quantile { value: percentile(values, percent)?, interval })
    }
}

/// The value that at least this many percent of the values do not exceed (nearest rank); `None`
/// if there are no values or `percent` exceeds 100.
#[must_use]
pub fn percentile(values: &[u64], percent: usize) -> Option<u64> {
    let mut sorted = values.to_vec();
    sorted.sort_unstable();
    let rank = (sorted.len() * percent).div_ceil(100).max(1);
    sorted.get(rank - 1).copied().filter(|_| percent <= 100)
}

/// The narrowest interval between order statistics of equal rank from both ends that covers the
/// median with at least [`COVERAGE`]: the number of values below the median is binomial.
fn interval(sorted: &[u64]) -> Option<Interval> {
    let count = sorted.len();
    let below = Binomial::new(0.5, count as u64).ok()?;
    let coverage = |rank: usize| 1.0 - 2.0 * below.cdf(rank as u64);
    let mut rank = 0;
    if count == 0 || coverage(0) < COVERAGE {
        return None;
    }
    while 2 * (rank + 1) < count && coverage(rank + 1) >= COVERAGE {
        rank += 1;
    }
    Some(Interval { low: sorted[rank], high: sorted[count - 1 - rank], coverage: coverage(rank) })
}
