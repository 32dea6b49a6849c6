//! Reports: whatever the records say, there is a table and a page, and the same one.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};
use std::sync::LazyLock;

use mpclab::registry;
use mpclab::reports::export::{self, Format};
use mpclab::reports::html::{self, ReportInput};
use mpclab::reports::record::{self, Record};
use mpclab::reports::table::{Comparison, ScopeTable};
use mpclab::runner::{prepare, run_one};
use mpclab::scenarios::plan_texts;
use serde_json::{Number, Value};

use super::Input;
use super::tree::{count, nth};

/// Where the records come from that are changed.
const SCENARIO: &str = "about: a sample\nfunction: { name: sum }\nparties: 3\n\
    protocols: [shamir]\nnetwork: lan\nsweep: { network.rtt: [1ms, 20ms] }\n";

static SAMPLE: LazyLock<Vec<Value>> = LazyLock::new(sample);

fn sample() -> Vec<Value> {
    let registry = registry();
    let path = Path::new("sample.yaml");
    let texts = BTreeMap::from([(PathBuf::from(path), SCENARIO.to_owned())]);
    let plan = plan_texts(&texts, path, &[], &registry).and_then(|plan| prepare(plan, &registry));
    let prepared = plan.expect("the sample can run");
    let run = |cell| run_one(&registry, &prepared, cell, 0, None);
    let lines = prepared.cells.iter().map(run).map(|record| record.to_line().expect("a line"));
    lines.map(|line| serde_json::from_str(&line).expect("JSON")).collect()
}

/// Changes of single values in a few records.
pub(crate) fn check(data: &[u8]) {
    let mut lines = SAMPLE.clone();
    let mut input = Input(data);
    while !input.0.is_empty() {
        let at = usize::from(input.byte()) % lines.len();
        let place = usize::from(input.byte()) * 256 + usize::from(input.byte());
        let place = place % count(&lines[at]);
        if let Some(value) = nth(&mut lines[at], place) {
            *value = changed(value, &mut input);
        }
    }
    let parsed = lines.iter().filter_map(|line| Record::parse(line.to_string().as_bytes()).ok());
    let mut records: Vec<Record> = parsed.collect();
    if records.is_empty() {
        return;
    }
    in_any_order(&mut records, page);
    record::sort(&mut records);
    let comparison = Comparison::of(&records);
    for format in Format::ALL {
        export::comparison(&comparison, format, 80).expect("a table can be written");
    }
    for format in [Format::Table, Format::Markdown] {
        export::scopes(&ScopeTable::of(&records), format, 80).expect("a table can be written");
    }
}

/// The page does not depend on the order of the records.
pub(crate) fn in_any_order(records: &mut [Record], page: fn(&[Record]) -> String) {
    let shown = page(records);
    // A page takes its time, so only a part of the cases make it twice.
    if shown.len().is_multiple_of(4) {
        records.reverse();
        assert_eq!(shown, page(records), "the order of the lines is seen");
    }
}

/// Something else in place of a value, mostly of its kind.
fn changed(old: &Value, input: &mut Input<'_>) -> Value {
    match (input.byte(), old) {
        (0..8, _) => Value::Null,
        (8..16, _) => input.number().into(),
        (16..32, _) => {
            Number::from_f64(f64::from_bits(input.number())).map_or(Value::Null, Value::Number)
        }
        (32..48, _) => input.text().into(),
        (kind, Value::Array(items)) => match kind % 3 {
            0 => Value::Array(Vec::new()),
            1 => items.iter().chain(items.last()).cloned().collect(),
            _ => items.iter().skip(1).cloned().collect(),
        },
        (_, Value::Object(fields)) => {
            let mut fields = fields.clone();
            if let Some(value) = fields.values().next().cloned() {
                fields.insert(input.text(), value);
            }
            fields.into()
        }
        (kind, Value::String(old)) if kind.is_multiple_of(2) => {
            format!("{old}{}", input.text()).into()
        }
        (_, Value::String(_)) => input.text().into(),
        (_, Value::Bool(old)) => (!old).into(),
        (kind, _) if kind.is_multiple_of(2) => u64::from(input.byte()).into(),
        (kind, _) => (input.number() >> (kind % 64)).into(),
    }
}

fn page(records: &[Record]) -> String {
    let input = ReportInput { title: "fuzzed", records, sources: &[], traces: &[] };
    html::render(&input).expect("a page can be written")
}
