//! Results in the formats of services that track benchmarks over time.

use serde_json::{Map, Value, json};

use super::Case;
use crate::stats::Summary;

/// Bencher Metric Format: by case and metric the median over correct repetitions, with the least
/// and the greatest as limits. What has no price is left out.
#[must_use]
pub fn bencher(cases: &[Case]) -> Value {
    let mut benchmarks = Map::new();
    for case in cases {
        let mut measures = Map::new();
        for (metric, summary) in summaries(case) {
            let value = json!({
                "value": summary.median,
                "lower_value": summary.min,
                "upper_value": summary.max,
            });
            measures.insert(metric, value);
        }
        if !measures.is_empty() {
            benchmarks.insert(name(case), measures.into());
        }
    }
    benchmarks.into()
}

/// What github-action-benchmark reads as `customSmallerIsBetter`: a list of the same medians.
#[must_use]
pub fn benchmark_action(cases: &[Case]) -> Value {
    let mut entries = Vec::new();
    for case in cases {
        for (metric, summary) in summaries(case) {
            let unit = metric
                .parse()
                .ok()
                .and_then(|name: mpclab_sim::vocabulary::MetricName| Some(name.metric()?.unit));
            entries.push(json!({
                "name": format!("{} {metric}", name(case)),
                "unit": unit.unwrap_or_default(),
                "value": summary.median,
                "range": format!("± {}", (summary.max - summary.min).div_ceil(2)),
                "extra": format!("seed {}, {} repetitions, model {}", case.seed, summary.count, case.model),
            }));
        }
    }
    entries.into()
}

fn summaries(case: &Case) -> Vec<(String, Summary)> {
    let names = case.costs().into_iter().map(|name| name.to_string());
    names.filter_map(|name| Some((name.clone(), Summary::of(case.correct(&name))?))).collect()
}

fn name(case: &Case) -> String {
    format!("{}: {}", case.key.scenario, super::name(&case.key))
}
