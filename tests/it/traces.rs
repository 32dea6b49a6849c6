//! Traces as files, through the command line.

use std::collections::{BTreeMap, BTreeSet};
use std::fs;

use mpclab::reports::trace;
use serde_json::Value;

use crate::protocols;
use crate::support::{text, write};

const SCENARIO: &str = "about: A trace.\nfunction: { name: product, params: { bits: 4 } }\n\
    parties: 3\nprotocols: [rep3, shamir]\nnetwork: lan\ncompute: reference\nrepetitions: 2\nseed: 1\n";

/// Runs the scenario with these arguments in a new folder.
fn run(arguments: &[&str]) -> (tempfile::TempDir, std::process::Output) {
    let folder = tempfile::tempdir().unwrap();
    let file = write(&folder, "s.yaml", SCENARIO);
    let out = folder.path().join("out");
    let mut all = vec!["run".to_owned(), file, "--out".to_owned()];
    all.push(out.to_str().unwrap().to_owned());
    for argument in arguments {
        all.push(argument.replace("HERE", folder.path().to_str().unwrap()));
    }
    let all: Vec<&str> = all.iter().map(String::as_str).collect();
    let output = protocols::run(&all);
    (folder, output)
}

#[test]
fn a_log_reads_back_and_agrees_with_the_record() {
    let (folder, output) = run(&["--trace", "HERE/t.jsonl"]);
    assert_eq!(output.status.code(), Some(0), "{}", text(&output.stderr));
    for protocol in 0..2 {
        let path = folder.path().join(format!("t-0-{protocol}.jsonl"));
        let bytes = fs::read(&path).unwrap();
        let run = trace::read(&bytes[..]).unwrap();
        let mut again = Vec::new();
        trace::write(&run, trace::Form::Log, &mut again).unwrap();
        assert_eq!(bytes, again);
        let results = fs::read_to_string(folder.path().join("out/results.jsonl")).unwrap();
        let records = results.lines().map(|line| serde_json::from_str::<Value>(line).unwrap());
        let record = records
            .into_iter()
            .find(|record| record["key"]["protocol"] == run.key.protocol.as_str())
            .unwrap();
        let metric = |name: &str| record["metrics"][name].as_u64().unwrap();
        let messages = || run.trace.messages.iter().filter(|message| !message.is_close);
        assert_eq!(messages().map(|m| m.payload_bytes).sum::<u64>(), metric("total.bytes"));
        assert_eq!(messages().map(|m| m.wire_bytes).sum::<u64>(), metric("total.wire_bytes"));
        assert_eq!(messages().count() as u64, metric("total.messages"));
        let path_ns: u64 = record["critical_path"]
            .as_array()
            .unwrap()
            .iter()
            .map(|part| part["time_ns"].as_u64().unwrap())
            .sum();
        assert_eq!(path_ns, metric("total.time_ns"));
    }
}

#[test]
fn slices_of_a_perfetto_trace_nest_and_flows_have_two_ends() {
    let (folder, output) = run(&["--trace", "HERE/t.json"]);
    assert_eq!(output.status.code(), Some(0), "{}", text(&output.stderr));
    let bytes = fs::read(folder.path().join("t-0-1.json")).unwrap();
    let trace: Value = serde_json::from_slice(&bytes).unwrap();
    let events = trace["traceEvents"].as_array().unwrap();
    let of = |ph: &'static str| events.iter().filter(move |event| event["ph"] == ph);
    let mut threads: BTreeMap<(u64, u64), Vec<(f64, f64)>> = BTreeMap::new();
    for slice in of("X") {
        let start = slice["ts"].as_f64().unwrap();
        let place = (slice["pid"].as_u64().unwrap(), slice["tid"].as_u64().unwrap());
        let end = start + slice["dur"].as_f64().unwrap();
        threads.entry(place).or_default().push((start, end));
    }
    assert!(threads.len() > 6, "compute, waits and scopes of three parties");
    for slices in threads.values_mut() {
        slices.sort_by(|a, b| a.0.total_cmp(&b.0).then(b.1.total_cmp(&a.1)));
        let mut open: Vec<f64> = Vec::new();
        for (start, end) in slices {
            // Sums of microseconds are rounded below a nanosecond.
            open.retain(|outer| *outer > *start + 1e-4);
            assert!(open.last().is_none_or(|outer| *end <= outer + 1e-4));
            open.push(*end);
        }
    }
    let ids = |ph| of(ph).map(|event| event["id"].as_u64().unwrap()).collect::<BTreeSet<_>>();
    assert!(!ids("s").is_empty());
    assert_eq!(ids("s"), ids("f"));
    assert!(of("C").all(|counter| counter["args"]["bytes"].as_u64().is_some()));
}

#[test]
fn a_capture_holds_every_message_once() {
    let (folder, output) = run(&["--trace", "HERE/t.pcapng", "--set", "protocols=[rep3]"]);
    assert_eq!(output.status.code(), Some(0), "{}", text(&output.stderr));
    let bytes = fs::read(folder.path().join("t.pcapng")).unwrap();
    let mut reader = pcap_file::pcapng::PcapNgReader::new(&bytes[..]).unwrap();
    let (mut packets, mut total) = (0, 0);
    while let Some(block) = reader.next_block() {
        if let Some(packet) = block.unwrap().into_enhanced_packet() {
            packets += 1;
            total += u64::from(packet.original_len) - 40;
            let (headers, ..) = etherparse::IpHeaders::from_ipv4_slice_lax(&packet.data).unwrap();
            let (ip, _) = headers.ipv4().unwrap();
            assert_eq!(u64::from(ip.total_len), u64::from(packet.original_len));
        }
    }
    let results = fs::read_to_string(folder.path().join("out/results.jsonl")).unwrap();
    let record: Value = serde_json::from_str(results.lines().next().unwrap()).unwrap();
    let metric = |name: &str| record["metrics"][name].as_u64().unwrap();
    assert_eq!(packets, metric("total.messages"));
    assert_eq!(total, metric("total.bytes") + packets * mpclab::sim::FRAME_HEADER_BYTES);
}

#[test]
fn filters_bound_a_trace() {
    let arguments =
        ["--trace", "HERE/t.jsonl", "--trace-nodes", "1", "--trace-scope", "online/mul*"];
    let (folder, output) = run(&arguments);
    assert_eq!(output.status.code(), Some(0), "{}", text(&output.stderr));
    let run = trace::read(&fs::read(folder.path().join("t-0-0.jsonl")).unwrap()[..]).unwrap();
    let kept = &run.trace.messages;
    assert!(!kept.is_empty());
    for message in kept {
        assert!(message.from.0 == 1 || message.to.0 == 1);
        assert!(run.trace.scopes[message.scope as usize].folded.starts_with("online/mul"));
    }
}

#[test]
fn traces_that_cannot_be_are_mistakes() {
    let (_, output) = run(&["--trace", "HERE/t.txt"]);
    assert_eq!(output.status.code(), Some(2));
    assert!(text(&output.stderr).contains("a trace's name ends in .json, .pcapng or .jsonl"));
    let (_, output) = run(&["--trace", "HERE/t.json", "--trace-messages", "3"]);
    assert_eq!(output.status.code(), Some(2));
    assert!(text(&output.stderr).contains("the run sends more than 3 messages"));
}
