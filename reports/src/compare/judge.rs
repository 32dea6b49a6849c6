//! Case by case, figure by figure: better, worse, or not to be compared.

use std::collections::BTreeMap;

use mpclab_sim::vocabulary::MetricName;
use serde_json::Value;

use super::baseline::is_word;
use super::case::NOT_CLAIMED;
use super::wall::{WallTest, wall_test};
use super::{Case, Class, Finding, Judged, Options};
use crate::stats::Summary;
use crate::table::section;
use crate::units::probability;

/// Every case of either side, in the order of their ids.
pub(super) fn judge(base: &[Case], new: &[Case], options: &Options) -> Vec<Judged> {
    let by_id = |cases: &[Case]| -> BTreeMap<String, usize> {
        cases.iter().enumerate().map(|(at, case)| (case.key.id(), at)).collect()
    };
    let (old, now) = (by_id(base), by_id(new));
    let shared = old.keys().filter(|id| now.contains_key(*id)).count();
    let mut ids: Vec<&String> = old.keys().chain(now.keys()).collect();
    ids.sort();
    ids.dedup();
    let pair = |id: &String| (old.get(id).map(|at| &base[*at]), now.get(id).map(|at| &new[*at]));
    let judged = |id: &String| {
        let (key, repetitions, findings) = match pair(id) {
            (Some(old), Some(new)) => {
                (&new.key, new.repetitions.len(), pair_findings(old, new, options, shared))
            }
            (Some(old), None) => {
                let gone = "it is in the baseline, and the new results do not have it";
                (&old.key, 0, vec![Finding::about_all(Class::Gone, gone.to_owned())])
            }
            (None, Some(new)) => {
                let added =
                    Finding::about_all(Class::New, "the baseline does not have it".to_owned());
                (&new.key, new.repetitions.len(), vec![added])
            }
            (None, None) => return None,
        };
        Some(Judged { key: key.clone(), repetitions, findings })
    };
    ids.into_iter().filter_map(judged).collect()
}

fn pair_findings(old: &Case, new: &Case, options: &Options, tests: usize) -> Vec<Finding> {
    let obstacles = obstacles(old, new);
    if !obstacles.is_empty() {
        return vec![Finding::about_all(Class::NotComparable, obstacles.join("; "))];
    }
    let (untimed, repriced) = (untimed(old, new), repriced(old, new));
    let mut findings = Vec::new();
    let mut all_equal = true;
    let mut names: Vec<&String> = old.figures.keys().chain(new.figures.keys()).collect();
    names.sort();
    names.dedup();
    // Records of old versions have no ops.
    let has_ops = |case: &Case| case.figures.keys().any(|name| name.starts_with("op."));
    let both_have_ops = has_ops(old) && has_ops(new);
    for name in names {
        let is_count = is_count(name);
        let is_left_out = name.starts_with("digest.")
            || (name.starts_with("op.") && !both_have_ops)
            || (!is_count && !is_word(name) && (untimed.is_some() || new.corrupted))
            || (repriced && is_money(name));
        if is_left_out {
            continue;
        }
        let band = if is_count || is_word(name) { 0.0 } else { options.band };
        let sides = (old.figures.get(name), new.figures.get(name));
        all_equal &= sides.0 == sides.1;
        findings.extend(figure(name, sides, band));
    }
    if old.model == new.model && findings.is_empty() {
        findings.extend(digest(old, new, all_equal && untimed.is_none()));
    }
    if let Some(reason) = untimed {
        findings.push(Finding::about_all(Class::NotComparable, reason));
    }
    if repriced {
        let reason = "money: the prices have changed".to_owned();
        findings.push(Finding::about_all(Class::NotComparable, reason));
    }
    findings.extend(options.wall.and_then(|tolerance| wall(old, new, tolerance, tests)));
    findings
}

/// Why two cases do not compare at all.
fn obstacles(old: &Case, new: &Case) -> Vec<String> {
    let mut why = Vec::new();
    if old.fingerprint != new.fingerprint {
        let changed = changed_parts(old, new);
        let models = if old.model == new.model { "" } else { ", and so did the model" };
        match changed {
            None => why.push(format!(
                "what runs has changed{models}; which part of it, these results do not tell"
            )),
            Some(parts) if !parts.is_empty() => {
                why.push(format!("what runs has changed: {}", parts.join(", ")));
            }
            Some(_) => {}
        }
    }
    if old.seed != new.seed {
        why.push(format!("seed {}, now {}", old.seed, new.seed));
    }
    if old.repetitions != new.repetitions {
        let (before, now) = (old.repetitions.len(), new.repetitions.len());
        why.push(format!("{before} repetitions, now {now}"));
    }
    if old.claims != new.claims && old.claims.is_some() && new.claims.is_some() {
        let words = [old, new].map(|case| section(case.claims.as_ref()).1);
        let differ = if words[0] == words[1] { "otherwise" } else { &words[1] };
        why.push(format!("the claims changed: {}, now {differ}", words[0]));
    }
    if old.unpriced_setup != new.unpriced_setup {
        let words =
            [old, new].map(|case| if case.unpriced_setup { "not priced" } else { "priced" });
        why.push(format!("the setup was {}, and is {} now", words[0], words[1]));
    }
    why
}

/// Parts that differ; `None` if they are not known. Other prices are told apart: that of computing
/// changes times alone, those of machines and traffic money alone.
fn changed_parts(old: &Case, new: &Case) -> Option<Vec<String>> {
    if old.parts.is_empty() || new.parts.is_empty() {
        return None;
    }
    let names = old.parts.keys().chain(new.parts.keys());
    let differs = |name: &&String| !is_price(name) && old.parts.get(*name) != new.parts.get(*name);
    let mut changed: Vec<String> = names.filter(differs).cloned().collect();
    changed.sort();
    changed.dedup();
    Some(changed)
}

fn is_price(part: &str) -> bool {
    part == "compute" || part == "prices"
}

/// Whether money was counted by other prices.
fn repriced(old: &Case, new: &Case) -> bool {
    let prices = (old.parts.get("prices"), new.parts.get("prices"));
    prices.0.is_some() && prices.1.is_some() && prices.0 != prices.1
}

fn is_money(name: &str) -> bool {
    let name = name.parse::<MetricName>().ok();
    name.and_then(|name| name.metric()).is_some_and(|metric| metric.unit == "nUSD")
}

/// Why times do not compare, if they do not.
fn untimed(old: &Case, new: &Case) -> Option<String> {
    if old.model != new.model {
        let models = format!("model {}, now {}", old.model, new.model);
        return Some(format!("times and digests: {models}"));
    }
    if old.parts.get("compute") != new.parts.get("compute") && old.fingerprint != new.fingerprint {
        let profiles = match (&old.profile, &new.profile) {
            (before, now) if before == now => format!("profile {now} has changed"),
            (before, now) => format!("profile {before}, now {now}"),
        };
        return Some(format!("times: {profiles}"));
    }
    (new.profile == "measured").then(|| {
        "times: compute is measured, and differs from run to run; use a profile".to_owned()
    })
}

/// Whether a figure counts things, so that any difference is one.
fn is_count(name: &str) -> bool {
    let unit = name.parse::<MetricName>().ok().and_then(|name| Some(name.metric()?.unit));
    name.starts_with("op.") || matches!(unit, Some("B" | "messages" | "rounds"))
}

type Sides<'a> = (Option<&'a Vec<Value>>, Option<&'a Vec<Value>>);

/// What became of one figure; nothing if it is what it was.
fn figure(name: &str, sides: Sides<'_>, band: f64) -> Option<Finding> {
    let finding = |class, old: Value, new: Value, differing, reason: &str| {
        let (figure, reason) = (name.to_owned(), reason.to_owned());
        Finding { figure, class, old, new, differing, reason }
    };
    let first = |values: &[Value]| values.first().cloned().unwrap_or(Value::Null);
    let (old, new) = match sides {
        (Some(old), Some(new)) => (old, new),
        (Some(old), None) if name.starts_with("verdict.") => {
            let why = "it is not checked any more";
            return Some(finding(Class::Regression, first(old), Value::Null, old.len(), why));
        }
        (Some(old), None) => {
            return Some(finding(Class::Gone, first(old), Value::Null, old.len(), ""));
        }
        (None, Some(new)) => {
            let broken = new.iter().find(|value| *value == "broken");
            let class = if broken.is_some() { Class::Regression } else { Class::New };
            let shown = broken.cloned().unwrap_or_else(|| first(new));
            return Some(finding(class, Value::Null, shown, new.len(), ""));
        }
        (None, None) => return None,
    };
    let moves: Vec<(f64, &Value, &Value)> = old
        .iter()
        .zip(new)
        .map(|(old, new)| (worsening(name, old, new), old, new))
        .filter(|(worse, ..)| worse.abs() > band)
        .collect();
    let worst = moves.iter().max_by(|a, b| a.0.total_cmp(&b.0))?;
    if worst.0 > 0.0 {
        return Some(finding(Class::Regression, worst.1.clone(), worst.2.clone(), moves.len(), ""));
    }
    let best = moves.iter().min_by(|a, b| a.0.total_cmp(&b.0))?;
    Some(finding(Class::Improvement, best.1.clone(), best.2.clone(), moves.len(), ""))
}

/// By how much a value is worse: the relative change of a number, of which less is better, or the
/// difference in rank of words.
fn worsening(name: &str, old: &Value, new: &Value) -> f64 {
    if old == new {
        return 0.0;
    }
    if is_word(name) {
        let rank = if name == "outcome" { outcome_rank } else { verdict_rank };
        let step = |value: &Value| value.as_str().map_or(f64::INFINITY, rank);
        // Another trouble than before has to be looked at.
        return match step(new) - step(old) {
            step if step == 0.0 || step.is_nan() => 1.0,
            step => step,
        };
    }
    match (old.as_u64(), new.as_u64()) {
        (Some(0), Some(_)) | (Some(_), None) => f64::INFINITY,
        (None, _) => f64::NEG_INFINITY,
        (Some(old), Some(new)) => (new as f64 - old as f64) / old as f64,
    }
}

fn outcome_rank(outcome: &str) -> f64 {
    match outcome {
        "ok" => 0.0,
        "skipped" => 1.0,
        "aborted" => 2.0,
        "stalled" | "limit" => 3.0,
        _ => 4.0,
    }
}

/// What is not claimed any more is worse than whatever is claimed and not broken.
fn verdict_rank(verdict: &str) -> f64 {
    let seen = match verdict.trim_end_matches(NOT_CLAIMED) {
        "held" => 0.0,
        "not refuted" => 1.0,
        "inconclusive" => 2.0,
        _ => 20.0,
    };
    seen + if verdict.ends_with(NOT_CLAIMED) { 10.0 } else { 0.0 }
}

/// Digests where no figure tells the two apart. That over events has times in it: it is looked at
/// only where `times` are equal, too.
fn digest(old: &Case, new: &Case, times: bool) -> Option<Finding> {
    let names = ["digest.transcript", "digest.event"];
    let names = names.into_iter().filter(|name| times || *name == "digest.transcript");
    let differs = |name: &str| {
        let (old, new) = (old.figures.get(name)?, new.figures.get(name)?);
        let mut differing = old.iter().zip(new).filter(|(old, new)| old != new);
        let (first, second) = differing.next()?;
        Some(Finding {
            figure: name.to_owned(),
            class: Class::Digest,
            old: first.clone(),
            new: second.clone(),
            differing: 1 + differing.count(),
            reason: "all figures are what they were".to_owned(),
        })
    };
    names.into_iter().find_map(differs)
}

fn wall(old: &Case, new: &Case, tolerance: f64, tests: usize) -> Option<Finding> {
    let median = |times: &[u64]| {
        Summary::of(times.to_vec()).map_or(Value::Null, |summary| summary.median.into())
    };
    let (class, reason) = match wall_test(&old.wall_ns, &new.wall_ns, tolerance, tests) {
        WallTest::Equal => return None,
        WallTest::Slower(p) => (Class::Regression, format!("median; p = {}", probability(p))),
        WallTest::Faster(p) => (Class::Improvement, format!("median; p = {}", probability(p))),
        WallTest::TooFew(reason) => (Class::NotComparable, reason),
    };
    Some(Finding {
        figure: "wall_ns".to_owned(),
        class,
        old: median(&old.wall_ns),
        new: median(&new.wall_ns),
        differing: new.wall_ns.len(),
        reason,
    })
}
