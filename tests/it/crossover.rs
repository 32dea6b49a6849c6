//! `mpclab crossover`, against runs of its own.

use serde_json::Value;

use crate::support::{expect, records, text, write};

/// Few rounds and many bytes against many rounds and few bytes, over a thin uplink.
const SCENARIO: &str = "
about: Which one is faster?
function: { name: max, params: { bits: 32 } }
parties: 3
protocols: [shamir, rep3, rep3_ps]
network: { rtt: 10ms, uplink: 200kbit/s }
compute: none
unsupported: skip
";

fn answer(arguments: &[&str]) -> Value {
    let folder = tempfile::tempdir().unwrap();
    let file = write(&folder, "s.yaml", SCENARIO);
    let mut all = vec!["crossover", &file, "--format", "json", "--between", "shamir,rep3"];
    all.extend(arguments);
    serde_json::from_str(&text(&expect(&folder, 0, &all).stdout)).unwrap()
}

/// Times of shamir and rep3 at a round-trip time.
fn times(rtt_ns: u64) -> (u64, u64) {
    let folder = tempfile::tempdir().unwrap();
    let file = write(&folder, "s.yaml", SCENARIO);
    let rtt = format!("network.rtt={rtt_ns}ns");
    expect(&folder, 0, &["run", &file, "--out", "out", "--set", &rtt]);
    let records = records(&folder.path().join("out"));
    let time = |name: &str| {
        records.iter().find(|record| record.key.protocol == name).unwrap().metrics["total.time_ns"]
    };
    (time("shamir"), time("rep3"))
}

#[test]
fn the_order_changes_between_the_ends_of_the_interval() {
    let found = answer(&["--over", "network.rtt", "--from", "1ms", "--to", "4s"]);
    let crossings = found["pairs"][0]["crossings"].as_array().unwrap();
    let [crossing] = &crossings[..] else { panic!("{found}") };
    let end = |name: &str| crossing[name].as_u64().unwrap();
    let (low, high) = (end("low"), end("high"));
    assert!(low < high && (high - low) * 50 <= low, "{crossing}");
    assert_eq!(crossing["lower_below"], "rep3");
    let (below, above) = (times(low), times(high));
    assert!(below.1 < below.0 && above.0 < above.1, "{below:?} {above:?}");
    // Between the ends both are nearly affine, so the lines through them meet in between.
    let gap = |times: (u64, u64)| times.0 as f64 - times.1 as f64;
    let share = gap(below) / (gap(below) - gap(above));
    assert!((0.0..=1.0).contains(&share));
}

#[test]
fn where_the_order_never_changes_there_is_no_crossover() {
    let found = answer(&[
        "--over",
        "network.rtt",
        "--from",
        "1ms",
        "--to",
        "4s",
        "--metric",
        "total.bytes",
        "--steps",
        "2",
    ]);
    let pair = &found["pairs"][0];
    assert_eq!(pair["crossings"], Value::Array(Vec::new()));
    let grid = pair["grid"].as_array().unwrap();
    assert!(grid.len() == 3 && grid.iter().all(|point| point["lower"] == "rep3"), "{found}");
}

#[test]
fn what_claims_different_things_is_compared_only_when_asked_for() {
    let folder = tempfile::tempdir().unwrap();
    let scenario = SCENARIO.replace("name: max, params: { bits: 32 }", "name: product");
    let file = write(&folder, "s.yaml", &scenario);
    let range = ["--over", "network.rtt", "--from", "1ms", "--to", "2ms", "--steps", "1"];
    let ask = |more: &[&str]| {
        let mut arguments = vec!["crossover", &file];
        arguments.extend(range);
        arguments.extend(more);
        expect(&folder, 0, &arguments)
    };
    let all = ask(&[]);
    let (table, said) = (text(&all.stdout), text(&all.stderr));
    assert!(table.contains("shamir") && !table.contains("rep3_ps"), "{table}");
    assert!(said.contains("shamir and rep3_ps: they claim different things"), "{said}");
    let asked = ask(&["--between", "rep3,rep3_ps"]);
    assert!(text(&asked.stdout).contains("rep3_ps"));
    assert!(text(&asked.stderr).contains("they claim different things"));
}

#[test]
fn mistakes_are_told() {
    let folder = tempfile::tempdir().unwrap();
    let file = write(&folder, "s.yaml", SCENARIO);
    let swept = format!("{SCENARIO}sweep: {{ parties: [3, 5] }}\n");
    let swept = write(&folder, "swept.yaml", &swept);
    let ask = |file: &str, over: &str, from: &str, to: &str, more: &[&str]| {
        let mut all = vec!["crossover", file, "--over", over, "--from", from, "--to", to];
        all.extend(more);
        text(&expect(&folder, 2, &all).stderr)
    };
    assert!(ask(&file, "network.rtt", "2ms", "1ms", &[]).contains("less than"));
    assert!(ask(&file, "network.rtt", "1ms", "2Mbit/s", &[]).contains("same kind of unit"));
    assert!(ask(&file, "network.rtt", "0ms", "2ms", &[]).contains("from 1 on"));
    assert!(ask(&file, "network.rrt", "1ms", "2ms", &[]).contains("did you mean `rtt`"));
    let unknown = ask(&file, "network.rtt", "1ms", "2ms", &["--between", "rep3,rep4"]);
    assert!(unknown.contains("no protocol `rep4`"), "{unknown}");
    assert!(ask(&swept, "network.rtt", "1ms", "2ms", &[]).contains("sweeps a key"));
}
