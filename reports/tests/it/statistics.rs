use mpclab_reports::export::{self, Format};
use mpclab_reports::record::Outcome;
use mpclab_reports::stats::{Quantile, Summary, group, percentile};
use mpclab_reports::table::Comparison;
use mpclab_sim::vocabulary::{MetricName, Observed};

use crate::fixture;

const TIME: &str = "total.time_ns";

fn metric(name: &str) -> MetricName {
    name.parse().unwrap()
}

#[test]
fn wrong_runs_never_enter_statistics() {
    let good = fixture::single();
    let (_, groups) = group(&good);
    let expected = groups[1].metric(metric(TIME)).unwrap();
    let outcomes = [
        Outcome::Wrong("off by one".to_owned()),
        Outcome::Aborted("caught party 1".to_owned()),
        Outcome::Stalled("party 0 waits".to_owned()),
        Outcome::Limit("virtual time".to_owned()),
        Outcome::Error("no such file".to_owned()),
        Outcome::Bug("index out of bounds".to_owned()),
    ];
    let failures = outcomes.len();
    let mut records = good.clone();
    for (at, outcome) in outcomes.into_iter().enumerate() {
        let mut bad = good[5].clone();
        bad.repetition = 100 + at as u32;
        bad.outcome = outcome;
        bad.metrics.insert(TIME.to_owned(), u64::MAX);
        records.push(bad);
    }
    let (_, groups) = group(&records);
    assert_eq!(groups[1].records.len(), 5 + failures);
    assert_eq!(groups[1].metric(metric(TIME)), Some(expected));
    assert_eq!(groups[1].failures().values().sum::<usize>(), failures);
}

#[test]
fn a_broken_verdict_takes_a_run_out_even_if_nothing_was_claimed() {
    let mut records = fixture::single();
    records[0].verdicts[0].observed = Observed::Broken;
    records[0].verdicts[0].claimed = false;
    let (_, groups) = group(&records);
    assert_eq!(groups[0].correct().count(), 4);
    let table = export::comparison(&Comparison::of(&records), Format::Table, 80).unwrap();
    assert!(table.contains("4/5"), "{table}");
}

#[test]
fn a_broken_cost_declaration_keeps_the_figures() {
    let mut records = fixture::single();
    records[0].verdicts[2].observed = Observed::Broken;
    let (_, groups) = group(&records);
    assert_eq!(groups[0].correct().count(), 5);
}

#[test]
fn groups_follow_the_scenario_whatever_the_order_of_records() {
    let sorted = fixture::auction();
    let mut shuffled = sorted.clone();
    shuffled.reverse();
    shuffled.swap(3, 40);
    let order = |records: &[_]| -> Vec<(usize, String, Vec<u32>)> {
        let (_, groups) = group(records);
        let repetitions = |g: &mpclab_reports::stats::Group<'_>| {
            g.records.iter().map(|record| record.repetition).collect()
        };
        let row = |g: &mpclab_reports::stats::Group<'_>| {
            (g.point, g.first().key.protocol.clone(), repetitions(g))
        };
        groups.iter().map(row).collect()
    };
    assert_eq!(order(&sorted), order(&shuffled));
    assert_eq!(order(&sorted)[0].1, "additive");
    assert_eq!(order(&sorted).len(), 12);
}

#[test]
fn medians_and_percentiles_are_order_statistics() {
    let summary = Summary::of(vec![9, 1, 5]).unwrap();
    assert_eq!((summary.min, summary.median, summary.max), (1, 5, 9));
    assert_eq!(Summary::of(vec![1, 2, 3, 5]).unwrap().median, 2);
    assert_eq!(Summary::of(vec![u64::MAX, u64::MAX]).unwrap().median, u64::MAX);
    assert_eq!(Summary::of(Vec::new()), None);
    let values: Vec<u64> = (1..=100).collect();
    assert_eq!(percentile(&values, 95), Some(95));
    assert_eq!(percentile(&values, 0), Some(1));
    assert_eq!(percentile(&values, 100), Some(100));
    assert_eq!(percentile(&values, 101), None);
    assert_eq!(percentile(&[], 50), None);
}

/// Ranks and coverage from the binomial distribution: for n = 20 the 6th and the 15th value cover
/// the median with 1 - 2 * 21700 / 2^20.
#[test]
fn intervals_of_the_median_are_exact() {
    let of = |count: u64| Summary::of((1..=count).collect()).unwrap().interval;
    assert_eq!(of(5), None, "1 - 2 / 32 is below 95 %");
    let six = of(6).unwrap();
    assert_eq!((six.low, six.high), (1, 6));
    assert!((six.coverage - (1.0 - 2.0 / 64.0)).abs() < 1e-12);
    let twenty = of(20).unwrap();
    assert_eq!((twenty.low, twenty.high), (6, 15));
    assert!((twenty.coverage - (1.0 - 2.0 * 21_700.0 / 1_048_576.0)).abs() < 1e-9);
}

#[test]
fn sweep_points_are_named_by_what_sets_them_apart() {
    let records = fixture::grid();
    let (points, _) = group(&records);
    let named = |some: &[usize]| points.name_some(some);
    assert_eq!(named(&[0, 1, 2, 3, 4, 5]), None);
    assert_eq!(named(&[0, 1, 2]).unwrap(), "network.preset = lan");
    assert_eq!(named(&[1, 4]).unwrap(), "function.params.bidders = 100");
    let one = "function.params.bidders = 10, network.preset = lan";
    assert_eq!(named(&[0]).unwrap(), one);
    let other = "function.params.bidders = 100, network.preset = wan";
    assert_eq!(named(&[0, 4]).unwrap(), format!("{one}; {other}"));
    assert!(named(&[0, 1, 2, 4]).unwrap().starts_with("4 sweep points ("));
}

#[test]
fn quantiles_need_enough_values_and_cover_theirs() {
    let of = |count: u64, percent| Quantile::of(&(1..=count).collect::<Vec<_>>(), percent);
    for (percent, least) in [(50, 6), (95, 72), (99, 368)] {
        assert_eq!(of(least - 1, percent), None, "{percent} %");
        let found = of(least, percent).unwrap();
        assert!(found.interval.coverage >= 0.95 && found.interval.high == least, "{found:?}");
    }
    // Conover, Practical Nonparametric Statistics: ranks 40 and 61 of 100 for the median.
    let median = of(100, 50).unwrap();
    assert_eq!((median.value, median.interval.low, median.interval.high), (50, 40, 61));
    let high = of(1000, 95).unwrap();
    assert!(high.value == 950 && high.interval.low < 950 && high.interval.high > 950, "{high:?}");
}

#[test]
fn quantiles_of_times_are_shown_where_the_repetitions_allow() {
    let few = fixture::single();
    let table =
        |records: &[_]| export::comparison(&Comparison::of(records), Format::Table, 200).unwrap();
    assert!(!table(&few).contains("over repetitions"));
    let mut many = Vec::new();
    for repetition in 0..72 {
        let mut record = few[0].clone();
        record.repetition = repetition;
        record.metrics.insert(TIME.to_owned(), 1_000_000 * (u64::from(repetition) + 1));
        many.push(record);
    }
    let text = table(&many);
    assert!(
        text.contains("over repetitions") && text.contains("69.0 ms [64.0 ms, 72.0 ms]"),
        "{text}"
    );
    let csv = export::comparison(&Comparison::of(&many), Format::Csv, 80).unwrap();
    assert!(csv.contains("total.time_ns.p95_ci95_high") && !csv.contains("p99"), "{csv}");
}
