//! Kinds of plots that need more than the usual records: critical paths, two swept quantities, and
//! traces.

use mpclab_reports::plot::{Data, Figure, Medium, figures};
use mpclab_reports::record::{Key, PathRow, Record};
use mpclab_reports::trace::TracedRun;
use mpclab_sim::trace::{Cause, Idle, Message, NodeTrace, Span, Trace, TracedScope, Woken, Work};
use mpclab_sim::vocabulary::PartyId;
use serde_json::Value;

use crate::fixture;

fn named<'a>(figures: &'a [Figure], part: &str) -> &'a Figure {
    let found = figures.iter().find(|figure| figure.name.contains(part));
    found.unwrap_or_else(|| panic!("no {part}"))
}

fn path(cause: Cause, time_ns: u64) -> PathRow {
    let (party, scope) = (PartyId(0), "online".to_owned());
    PathRow { cause, party, to: None, scope, time_ns, stretches: 1 }
}

#[test]
fn causes_are_those_of_the_run_with_the_median_time() {
    let mut records = fixture::single();
    let first = records[0].key.protocol.clone();
    records.retain(|record| record.key.protocol == first);
    assert!(records.len() >= 3);
    for (at, record) in records.iter_mut().enumerate() {
        let time_ns = 100 * (at as u64 + 1);
        record.critical_path =
            Some(vec![path(Cause::Propagation, time_ns), path(Cause::Compute, 7)]);
    }
    let median = (records.len() as u64 - 1) / 2;
    let figures = figures(&records, &[], Medium::Screen).unwrap();
    let Data::Bars { parts, panels, .. } = &named(&figures, "time-by-cause").data else {
        panic!("no bars")
    };
    let row = &panels[0].rows[0];
    let of = |name: &str| row.parts[parts.iter().position(|part| part == name).unwrap()];
    assert_eq!((of("propagation"), of("compute")), (Some(100 * (median + 1)), Some(7)));
    assert_eq!(of("serialisation"), Some(0));
}

/// Two protocols over two quantities: the first is faster at small round trips, whatever the
/// capacity.
fn grid() -> Vec<Record> {
    let mut all = Vec::new();
    let base = fixture::single();
    let mut labels: Vec<String> = base.iter().map(|record| record.key.protocol.clone()).collect();
    labels.dedup();
    for (cell, (rtt, uplink)) in
        [("1ms", "1Mbit/s"), ("1ms", "10Mbit/s"), ("9ms", "1Mbit/s"), ("9ms", "10Mbit/s")]
            .into_iter()
            .enumerate()
    {
        for (at, label) in labels.iter().take(2).enumerate() {
            let of = |record: &&Record| record.key.protocol == *label && record.is_correct();
            let mut record = base.iter().find(of).unwrap().clone();
            let sweep = [("network.rtt", rtt), ("network.uplink", uplink)];
            record.key.sweep =
                sweep.map(|(key, value)| (key.to_owned(), Value::from(value))).into();
            record.cell = cell as u32;
            let is_fast = (at == 0) == (rtt == "1ms");
            record.metrics.insert("total.time_ns".to_owned(), if is_fast { 1_000 } else { 3_000 });
            all.push(record);
        }
    }
    all
}

#[test]
fn the_fastest_protocol_is_the_one_with_the_least_time() {
    let records = grid();
    let figures = figures(&records, &[], Medium::Screen).unwrap();
    let map = named(&figures, "fastest-by-network.rtt-and-network.uplink");
    let Data::Table(frame) = &map.data else { panic!("no table") };
    assert_eq!(frame.rows.len(), 4);
    let column = |name: &str| frame.columns.iter().position(|known| known == name).unwrap();
    for row in &frame.rows {
        let expected = usize::from(row[column("network.rtt")] == "9ms");
        assert_eq!(row[column("fastest")], records[expected].key.protocol.as_str());
        assert_eq!(row[column("next_over_fastest")], 3.0);
    }
    let one = &records[..2];
    let figures = mpclab_reports::plot::figures(one, &[], Medium::Screen).unwrap();
    assert!(!figures.iter().any(|figure| figure.name.contains("fastest")));
}

fn traced() -> TracedRun {
    let message = |from, to, sent_ns, delivered_ns| Message {
        from: PartyId(from),
        to: PartyId(to),
        scope: 0,
        is_close: false,
        payload_bytes: 8,
        wire_bytes: 28,
        sent_ns,
        departed_ns: Some(sent_ns),
        propagation_ns: 100,
        serialisation_ns: 0,
        delivered_ns,
    };
    let node = |node, work: [u64; 2], idle: [u64; 2], by, end_ns| NodeTrace {
        node: PartyId(node),
        ideal: None,
        is_corrupted: false,
        end_ns,
        work: vec![Work { scope: 0, from_ns: work[0], until_ns: work[1] }],
        idle: vec![Idle { from_ns: idle[0], until_ns: idle[1], ended_by: Woken::Message(by) }],
        spans: vec![Span { scope: 0, from_ns: 0, until_ns: end_ns }],
    };
    let trace = Trace {
        nodes: vec![node(0, [0, 50], [50, 270], 1, 270), node(1, [150, 170], [0, 150], 0, 170)],
        scopes: vec![TracedScope {
            path: "online/<a>".to_owned(),
            folded: "online/<a>".to_owned(),
        }],
        messages: vec![
            message(0, 1, 50, Some(150)),
            message(1, 0, 170, Some(270)),
            message(1, 0, 171, None),
        ],
    };
    let key = Key {
        scenario: "traced".to_owned(),
        protocol: "p".to_owned(),
        function: "f".to_owned(),
        sweep: Default::default(),
    };
    TracedRun { key, repetition: 0, trace }
}

#[test]
fn traces_are_drawn_as_a_timeline_and_a_message_chart() {
    let run = traced();
    let total: u64 = run.trace.critical_parts().iter().map(|part| part.time_ns).sum();
    assert_eq!(total, 270);
    for medium in Medium::ALL {
        let figures = figures(&[], std::slice::from_ref(&run), medium).unwrap();
        let names: Vec<&str> = figures.iter().map(|figure| figure.name.as_str()).collect();
        assert_eq!(names, ["traced-parties-over-time", "traced-messages"]);
        for figure in &figures {
            let svg = roxmltree::Document::parse(&figure.svg).unwrap();
            assert!(
                svg.descendants().any(|node| node.text().map(str::trim) == Some("party 1")),
                "{medium:?}"
            );
        }
        let Data::Table(frame) = &figures[1].data else { panic!("no table") };
        assert_eq!(frame.rows.len(), 3);
    }
    let mut large = run;
    let message = large.trace.messages[0].clone();
    large.trace.messages.resize(200, message);
    let figures = figures(&[], &[large], Medium::Screen).unwrap();
    assert_eq!(figures.len(), 1, "too many messages for a chart");
}
