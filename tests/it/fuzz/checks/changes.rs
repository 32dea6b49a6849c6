//! Scenarios that are right but for a few values: most of them get past the first mistake.

use serde_json::{Value, json};

use super::Input;
use super::scenario::{MAIN, Texts, planned_or_refused};
use super::tree::{count, nth};

/// Scenarios that between them have every key.
pub(crate) const SAMPLES: [&str; 4] = [
    r#"{"about": "roles, faults, inputs in place", "function": {"name": "sum",
        "params": {"bits": 16, "length": 2},
        "inputs": {"values": [{"value": [1, 2]}, {"value": ["-3", 4]}]}},
        "parties": {"input": 2, "compute": 3, "output": "all"},
        "protocols": ["shamir", {"name": "rep3", "label": "r", "params": {"ring": "z64"},
            "parties": {"input": 2, "compute": 3}}],
        "network": {"preset": "lan", "loss": "1%", "jitter": {"uniform": "1ms"}, "overrides": [
            {"from": 0, "to": 1, "latency": {"floor": "1ms", "gamma": {"scale": "1ms", "shape": 2}},
             "symmetric": true}, {"party": 2, "uplink": "1Mbit/s"}]},
        "faults": [{"crash": {"party": 1, "at": "1s", "kind": "host"}},
            {"pause": {"party": 0, "at": "1ms", "for": "2ms"}},
            {"restart": {"party": 2, "at": "1ms", "after": "5ms"}}],
        "compute": "reference", "security": {"statistical": 40, "computational": 128},
        "synchrony": "1s", "limits": {"virtual_time": "10s", "events": 1000}, "repetitions": 2,
        "seed": 7, "sweep": {"limits.events": [10]},
        "expect": [{"correctness": "held", "protocol": "r"},
            {"metric": "online.rounds", "max": 100, "when": {"limits.events": 10}}]}"#,
    r#"{"about": "regions, a table, files", "function": {"name": "second_price_auction",
        "params": {"bits": 8}, "inputs": {"csv": "part.csv"}}, "parties": 3,
        "protocols": [{"name": "shamir", "params": {"field": "p128", "threshold": 1}}],
        "network": {"regions": {"names": ["a", "b"], "rtt": [[0.5, 10], ["20ms", 1]]},
            "placement": ["a", "b", "a"], "uplink": "10Mbit/s", "downlink": "unlimited",
            "link": "1.5Gbit/s", "framing": {"mss": 1000, "header": 40}, "transport": "ideal"},
        "sweep": {"network": ["lan", {"latency": {"empirical": ["3ms", 1, 1.5]}},
            {"preset": "part.yaml", "loss": "2%"}], "compute": ["none"]},
        "expect": [{"agreement": "held", "when": {"network": "lan"}}]}"#,
    r#"{"about": "functions", "function": {"name": "sum"}, "unsupported": "skip",
        "parties": {"input": 2, "compute": 3}, "protocols": ["rep3"],
        "network": {"name": "mine", "rtt": {"floor": "1ms",
            "lognormal": {"median": "20ms", "sigma": 0.3}}, "framing": "tcp"}, "compute": "none",
        "sweep": {"function": [{"name": "max", "params": {"argmax": true, "length": 4}},
            {"name": "millionaires"}, {"name": "histogram", "params": {"bins": 4, "length": 3}},
            {"name": "linear_regression", "params": {"rows": 4}}, {"name": "mean_variance"},
            {"name": "inner_product"}], "protocols": [["additive"]]}}"#,
    r#"{"about": "coins", "function": {"name": "coin_toss", "params": {"bits": 128}},
        "parties": 5, "protocols": ["coin_toss"], "network": "wan",
        "compute": {"name": "here", "cores": 4, "ops": {"prg.chacha.byte": "0.5ns",
            "hash.blake3.byte": {"call": "400ns", "unit": "0.4ns"}, "bits.word": "1ns",
            "bits.bit": "1ns", "bits.run": "1ns", "bits.transpose.word": "1ns",
            "wire.encode": {"call": "10ns", "unit": "0.1ns"}, "wire.decode": "0.1ns",
            "net.send": {"call": "1us", "unit": "0.1ns"}, "net.receive": "0.1ns"}},
        "sweep": {"parties": [2, {"compute": 4}], "network.rtt": ["1ms"]},
        "expect": [{"declared_cost": "held"}, {"metric": "total.time_ns", "min": "1us",
            "max": "2s"}, {"metric": "online.bytes", "equals": "1.5KiB", "when": {"parties": 2}}]}"#,
];

/// Values that mean something somewhere, and numbers at the edges.
const WORDS: [&str; 52] = [
    "0",
    "1",
    "2",
    "3",
    "7",
    "64",
    "65",
    "4096",
    "4097",
    "1000001",
    "-1",
    "0.5",
    "1e300",
    "true",
    "null",
    "[]",
    "{}",
    "18446744073709551615",
    "340282366920938463463374607431768211456",
    "lan",
    "wan",
    "aws10",
    "ideal",
    "part.yaml",
    "part.csv",
    "reference",
    "none",
    "measured",
    "all",
    "input",
    "compute",
    "random",
    "round-robin",
    "skip",
    "host",
    "process",
    "tcp",
    "unlimited",
    "shamir",
    "additive",
    "rep3",
    "coin_toss",
    "0ns",
    "1ns",
    "584y",
    "18446744073709551615ns",
    "1000000h",
    "0%",
    "100%",
    "1bit/s",
    "18Gbit/s",
    "held",
];

/// First byte: the scenario. Then for each change where it is, and what stands there instead.
pub(crate) fn check(data: &[u8]) {
    let mut input = Input(data);
    let samples = SAMPLES.map(|text| serde_json::from_str::<Value>(text).expect("JSON"));
    let mut tree = samples[usize::from(input.byte()) % SAMPLES.len()].clone();
    for _ in 0..8 {
        if input.0.is_empty() {
            break;
        }
        let donor = &samples[usize::from(input.byte()) % SAMPLES.len()];
        let place = usize::from(input.byte()) % count(&tree);
        if let Some(value) = nth(&mut tree, place) {
            *value = changed(value, donor, &mut input);
        }
    }
    planned_or_refused(&files(tree.to_string()), &[]);
}

/// A scenario with the files that samples refer to.
pub(crate) fn files(scenario: String) -> Texts {
    let files = [
        (MAIN, scenario),
        ("part.yaml", "{preset: wan, latency: 5ms, name: part}".to_owned()),
        ("part.csv", "party,bid\n2,5\n0,7\n1,200\n".to_owned()),
    ];
    files.map(|(name, text)| (name.into(), text)).into()
}

fn changed(old: &Value, donor: &Value, input: &mut Input<'_>) -> Value {
    let (kind, at) = (input.byte(), usize::from(input.byte()));
    match (kind % 8, old) {
        (0..3, _) => {
            let word = WORDS[at % WORDS.len()];
            serde_json::from_str(word).unwrap_or_else(|_| word.into())
        }
        (3, _) => nth(&mut donor.clone(), at % count(donor)).map_or(Value::Null, |it| it.clone()),
        (4, Value::Array(items)) => items.iter().chain(items.last()).cloned().collect(),
        (5, Value::Array(items)) => items.iter().skip(1).cloned().collect(),
        (4.., Value::Object(fields)) => {
            let mut fields = fields.clone();
            let keys: Vec<String> = fields.keys().cloned().collect();
            let removed = keys.get(at % keys.len().max(1)).and_then(|key| fields.remove(key));
            if let (5..7, Some(value)) = (kind % 8, removed) {
                fields.insert(input.text(), value);
            }
            fields.into()
        }
        (4, Value::String(old)) => format!("{old}{}", input.text()).into(),
        (5, _) => json!([old]),
        (6, Value::Number(_)) => input.number().into(),
        _ => input.text().into(),
    }
}
