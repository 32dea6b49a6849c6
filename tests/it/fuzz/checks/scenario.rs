//! Scenario files: planned or refused, and what is planned is what `resolved.yaml` says.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};
use std::sync::LazyLock;

use mpclab::runner::prepare;
use mpclab::scenarios::{Cell, Diagnostic, Expectation, Plan, plan_texts};
use mpclab::{Registry, registry};
use serde_json::{Value, json};

use super::changes::{SAMPLES, files};

static REGISTRY: LazyLock<Registry> = LazyLock::new(registry);

/// The scenario file, and the files that it may refer to.
pub(crate) const MAIN: &str = "scenario.yaml";
const PARTS: [&str; 3] = [MAIN, "part.yaml", "part.csv"];

/// Bytes that one mistake may take on the screen.
const SHOWN_BYTES: usize = 20_000;

/// Plans with more pairs of nodes in all cells are read, but not read again, for want of time.
const COMPARED_PAIRS: usize = 20_000;

/// What a table of inputs is read for.
const TABLE: &str = "about: a table\n\
    function: { name: second_price_auction, inputs: { csv: part.csv } }\n\
    parties: 3\nprotocols: [shamir]\nnetwork: lan\n";

pub(crate) type Texts = BTreeMap<PathBuf, String>;

/// The scenario; behind zero bytes, `part.yaml` and `part.csv`, which it may refer to.
pub(crate) fn check(data: &[u8]) {
    let texts = data.splitn(PARTS.len(), |byte| *byte == 0);
    let texts = PARTS.iter().zip(texts).map(|(name, text)| (PathBuf::from(name), lossy(text)));
    planned_or_refused(&texts.collect(), &[]);
}

/// Overrides as the command line takes them, divided by zero bytes.
pub(crate) fn check_overrides(data: &[u8]) {
    let texts = files(SAMPLES[0].to_owned());
    let all = lossy(data);
    let overrides = all.split('\0').filter_map(|one| one.split_once('='));
    let overrides: Vec<_> = overrides
        .filter(|(key, _)| !key.is_empty())
        .map(|(key, value)| (key.to_owned(), value.to_owned()))
        .collect();
    planned_or_refused(&texts, &overrides);
}

/// A table of inputs.
pub(crate) fn check_csv(data: &[u8]) {
    let texts = [(MAIN, TABLE.to_owned()), ("part.csv", lossy(data))];
    let texts = texts.into_iter().map(|(name, text)| (PathBuf::from(name), text)).collect();
    planned_or_refused(&texts, &[]);
}

fn lossy(bytes: &[u8]) -> String {
    String::from_utf8_lossy(bytes).into_owned()
}

pub(crate) fn planned_or_refused(texts: &Texts, overrides: &[(String, String)]) {
    let plan = match plan_texts(texts, Path::new(MAIN), overrides, &*REGISTRY) {
        Ok(plan) => plan,
        Err(mistakes) => return refused(&mistakes, texts),
    };
    if plan.cells.iter().map(|cell| cell.network.nodes().pow(2)).sum::<usize>() > COMPARED_PAIRS {
        return;
    }
    let mut resolved = texts.clone();
    resolved.insert(PathBuf::from(MAIN), plan.resolved.clone());
    let again = plan_texts(&resolved, Path::new(MAIN), &[], &*REGISTRY);
    match again {
        Ok(again) => {
            let change = difference("plan", &meaning(&plan), &meaning(&again));
            assert_eq!(change, None, "{}", plan.resolved);
        }
        Err(mistakes) => panic!("{}\n{}", mistakes[0], plan.resolved),
    }
    if let Err(mistakes) = prepare(plan, &REGISTRY) {
        refused(&mistakes, texts);
    }
}

/// All that a plan says, but for places.
fn meaning(plan: &Plan) -> Value {
    let cell = |cell: &Cell| json!([cell.index, cell.protocol.label, cell.sweep, cell.identity()]);
    let expectation = |expectation: &Expectation| {
        format!("{:?}", (&expectation.expected, &expectation.protocol, &expectation.when))
    };
    json!({
        "name": plan.name,
        "about": plan.about,
        "cells": plan.cells.iter().map(cell).collect::<Vec<_>>(),
        "repetitions": plan.repetitions,
        "seed": plan.seed,
        "unsupported": format!("{:?}", plan.unsupported),
        "expect": plan.expect.iter().map(expectation).collect::<Vec<_>>(),
    })
}

/// Where two values differ first, and how.
pub(crate) fn difference(at: &str, left: &Value, right: &Value) -> Option<String> {
    let (left_keys, right_keys) = match (left, right) {
        (Value::Array(a), Value::Array(b)) if a.len() == b.len() => {
            let each = a.iter().zip(b).enumerate();
            return each
                .into_iter()
                .find_map(|(i, (a, b))| difference(&format!("{at}[{i}]"), a, b));
        }
        (Value::Object(a), Value::Object(b)) => (a.keys(), b.keys()),
        _ => return (left != right).then(|| format!("{at}: {left} is now {right}")),
    };
    let mut keys: Vec<_> = left_keys.chain(right_keys).collect();
    keys.sort();
    keys.dedup();
    keys.iter().find_map(|key| difference(&format!("{at}.{key}"), &left[*key], &right[*key]))
}

/// A refusal says what is wrong and where, in a text that exists, on one screen.
pub(crate) fn refused(mistakes: &[Diagnostic], texts: &Texts) {
    assert!(!mistakes.is_empty(), "a refusal says why");
    for mistake in mistakes {
        assert!(!mistake.message.trim().is_empty());
        let shown = mistake.render(false);
        assert!(shown.starts_with("error: ") && shown.len() < SHOWN_BYTES, "{shown}");
        let control = |c: char| c.is_control() && !matches!(c, '\n' | '\t');
        assert!(!shown.contains(control), "a terminal would obey: {shown:?}");
        assert!(mistake.render(true).len() >= shown.len());
        let location = mistake.location.as_ref().expect("a place, since all texts can be read");
        let Some(text) = texts.get(Path::new(&location.file)) else { continue };
        let text = text.strip_prefix('\u{feff}').unwrap_or(text);
        let line = text.split('\n').nth(location.line - 1).expect("the line exists");
        assert!((1..=line.chars().count() + 1).contains(&location.column), "{shown}");
    }
}
