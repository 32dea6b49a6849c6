//! Made-up records that look like real ones.

use std::collections::BTreeMap;

use mpclab_reports::record::{
    Digests, Key, LinkRow, Outcome, PartyRow, PathRow, Record, SCHEMA, ScopeRow,
};
use mpclab_sim::trace::Cause;
use mpclab_sim::vocabulary::{
    AbortKind, AdversaryKind, Claims, DeclaredCost, Figure, Guarantee, Observed, OutputGuarantee,
    PartyId, Phase, PhaseCost, Security, Setup, Synchrony, Threshold, Verdict,
};
use serde_json::Value;

/// A protocol as the fixture needs it.
struct Shape {
    name: &'static str,
    n: u32,
    nodes: u32,
    claims: Claims,
    domain: &'static str,
    assumptions: &'static [&'static str],
    /// Bytes, rounds and messages of offline and online phase.
    offline: (u64, u64, u64),
    online: (u64, u64, u64),
}

fn semi_honest(threshold: Threshold, setup: Setup) -> Claims {
    Claims {
        adversary: AdversaryKind::SemiHonest,
        threshold,
        output: OutputGuarantee::Abort,
        abort: AbortKind::Selective,
        security: Security::Perfect,
        setup,
        network: Synchrony::Eventual,
    }
}

fn shapes() -> Vec<Shape> {
    let masked: &[&str] = &["comparisons are statistically hidden, sigma = 40"];
    let malicious = Claims {
        adversary: AdversaryKind::Malicious,
        security: Security::Statistical { sigma: 40 },
        ..semi_honest(Threshold::Exact(1), Setup::None)
    };
    vec![
        Shape {
            name: "additive",
            n: 5,
            nodes: 5,
            claims: semi_honest(Threshold::BelowAll, Setup::TrustedDealer),
            domain: "p = 2^128 - 159",
            assumptions: masked,
            offline: (0, 0, 0),
            online: (1_843_200, 61, 9_760),
        },
        Shape {
            name: "shamir",
            n: 5,
            nodes: 5,
            claims: semi_honest(Threshold::BelowHalf, Setup::None),
            domain: "p = 2^128 - 159",
            assumptions: masked,
            offline: (409_600, 7, 140),
            online: (921_600, 54, 5_400),
        },
        Shape {
            name: "rep3",
            n: 3,
            nodes: 8,
            claims: semi_honest(Threshold::Exact(1), Setup::None),
            domain: "Z_2^64",
            assumptions: &[],
            offline: (0, 0, 0),
            online: (12_480, 38, 354),
        },
        Shape {
            name: "rep3_ps",
            n: 3,
            nodes: 8,
            claims: malicious,
            domain: "Z_2^64",
            assumptions: &[],
            offline: (24_960, 4, 24),
            online: (16_640, 40, 372),
        },
    ]
}

/// Four protocols, three round-trip times, five repetitions: everything went well.
pub(crate) fn auction() -> Vec<Record> {
    let mut records = Vec::new();
    for (cell, rtt_ms) in [1u64, 20, 100].into_iter().enumerate() {
        let sweep = BTreeMap::from([("network.rtt".to_owned(), format!("{rtt_ms}ms").into())]);
        records.extend(point(cell as u32, &sweep, rtt_ms * 500_000, 1_000));
    }
    records
}

/// Five thousand runs: four protocols, 250 sweep points, five repetitions.
pub(crate) fn many() -> Vec<Record> {
    let mut records = Vec::new();
    for cell in 0..250 {
        let sweep = BTreeMap::from([
            ("function.params.name".to_owned(), format!("size {}", cell % 25).into()),
            ("network.rtt".to_owned(), format!("{}ms", 1 + cell / 25).into()),
        ]);
        let latency_ns = 500_000 * u64::from(1 + cell / 25);
        records.extend(point(cell, &sweep, latency_ns, 1_000 + u64::from(cell)));
    }
    records
}

/// Nothing swept, and it is known where the time went.
pub(crate) fn with_paths() -> Vec<Record> {
    let mut records = single();
    for record in &mut records {
        let row = |cause, percent: u64, to, scope: &str, stretches| PathRow {
            cause,
            party: PartyId(0),
            to,
            scope: scope.to_owned(),
            time_ns: record.metrics["total.time_ns"] * percent / 100,
            stretches,
        };
        record.critical_path = Some(vec![
            row(Cause::Propagation, 71, Some(PartyId(1)), "online/compare", 46),
            row(Cause::Compute, 20, None, "online/less", 90),
            row(Cause::Queueing, 6, Some(PartyId(2)), "online/input", 3),
            row(Cause::Waiting, 3, None, "", 1),
        ]);
    }
    records
}

/// A grid of two swept keys, one of them words.
pub(crate) fn grid() -> Vec<Record> {
    let mut records = Vec::new();
    let mut cell = 0;
    for (preset, latency) in [("lan", 250_000u64), ("wan", 40_000_000)] {
        for size in [10u64, 100, 1_000] {
            let sweep = BTreeMap::from([
                ("function.params.bidders".to_owned(), Value::from(size)),
                ("network.preset".to_owned(), preset.into()),
            ]);
            records.extend(point(cell, &sweep, latency, size));
            cell += 1;
        }
    }
    records
}

/// Nothing swept.
pub(crate) fn single() -> Vec<Record> {
    point(0, &BTreeMap::new(), 10_000_000, 1_000)
}

/// What can go wrong, and a label that would be code if it were not escaped.
pub(crate) fn troubled() -> Vec<Record> {
    let mut records = auction();
    for record in &mut records {
        match (record.key.protocol.as_str(), record.cell, record.repetition) {
            ("shamir", 0, 1) => {
                record.outcome = Outcome::Wrong("price = 871, not 870".to_owned());
                record.metrics.insert("total.time_ns".to_owned(), 999_000_000_000);
                record.metrics.insert("total.bytes".to_owned(), 999_000_000_000);
            }
            ("rep3", 1, _) => {
                record.outcome = Outcome::Skipped("rep3 needs 3 computing parties".to_owned());
                record.metrics.clear();
            }
            ("rep3_ps", ..) => {
                record.key.protocol = HOSTILE.to_owned();
                record.verdicts[2].observed = Observed::Broken;
                record.verdicts[2].evidence = "online.rounds: 40, declared 39".to_owned();
            }
            _ => {}
        }
    }
    records
}

/// A label that is code in HTML, Markdown, LaTeX and a terminal.
pub(crate) const HOSTILE: &str = "<script>a|b_c</script>&\\x{1}";

fn point(
    cell: u32,
    sweep: &BTreeMap<String, Value>,
    latency_ns: u64,
    permille: u64,
) -> Vec<Record> {
    let mut records = Vec::new();
    for (index, shape) in shapes().iter().enumerate() {
        for repetition in 0..5 {
            records.push(record(
                shape,
                index as u32,
                cell,
                sweep,
                latency_ns,
                permille,
                repetition,
            ));
        }
    }
    records
}

fn record(
    shape: &Shape,
    protocol_index: u32,
    cell: u32,
    sweep: &BTreeMap<String, Value>,
    latency_ns: u64,
    permille: u64,
    repetition: u32,
) -> Record {
    let scaled = |bytes: u64| bytes * permille / 1_000;
    let jitter = latency_ns / 50 * u64::from(repetition * 7 % 5);
    let (offline, online) = (shape.offline, shape.online);
    let time = |(bytes, rounds, _): (u64, u64, u64)| match rounds {
        0 => 0,
        _ => rounds * latency_ns + scaled(bytes) * 80 + jitter,
    };
    let compute = scaled(online.0) * 3;
    let metrics = BTreeMap::from(
        [
            ("offline.bytes", scaled(offline.0)),
            ("offline.rounds", offline.1),
            ("offline.messages", offline.2),
            ("offline.time_ns", time(offline)),
            ("online.bytes", scaled(online.0)),
            ("online.rounds", online.1),
            ("online.messages", online.2),
            ("online.time_ns", time(online)),
            ("online.compute_ns", compute),
            ("total.bytes", scaled(offline.0 + online.0)),
            ("total.bytes.max_party", scaled(offline.0 + online.0) / u64::from(shape.n)),
            ("total.rounds", offline.1 + online.1),
            ("total.messages", offline.2 + online.2),
            ("total.time_ns", time(offline) + time(online)),
            ("total.compute_ns", compute),
        ]
        .map(|(name, value)| (name.to_owned(), value)),
    );
    let held = |guarantee| Verdict {
        guarantee,
        claimed: true,
        observed: Observed::Held,
        evidence: String::new(),
    };
    Record {
        schema: SCHEMA,
        model: 1,
        cell,
        protocol_index,
        key: Key {
            scenario: "auction".to_owned(),
            protocol: shape.name.to_owned(),
            function: "second_price_auction".to_owned(),
            sweep: sweep.clone(),
        },
        repetition,
        seed: 0x5eed_0000_0000_0000 + u64::from(repetition),
        fingerprint: format!("{protocol_index:02x}{cell:02x}c0ffee"),
        parts: BTreeMap::new(),
        version: "0.1.0".to_owned(),
        profile: "reference".to_owned(),
        network: "wan".to_owned(),
        prices: None,
        n: shape.n,
        nodes: shape.nodes,
        claims: Some(shape.claims),
        roles: Vec::new(),
        security: None,
        unpriced_setup: shape.claims.setup.is_unpriced(),
        function_about: "winner and second-highest of the bids".to_owned(),
        domain: shape.domain.to_owned(),
        assumptions: shape.assumptions.iter().map(|text| (*text).to_owned()).collect(),
        corrupted: Vec::new(),
        acts: Vec::new(),
        outcome: Outcome::Ok,
        verdicts: [Guarantee::Correctness, Guarantee::Agreement, Guarantee::DeclaredCost]
            .map(held)
            .to_vec(),
        metrics,
        ops: Default::default(),
        op_calls: Default::default(),
        scopes: scopes(shape, permille),
        batches: Vec::new(),
        parties: parties(shape, permille, time(offline) + time(online)),
        links: Some(links(shape, permille)),
        critical_path: None,
        declared: Some(DeclaredCost {
            phases: vec![PhaseCost {
                phase: Phase::Online,
                bytes: Figure::Exact(scaled(online.0)),
                rounds: Figure::AtMost(64),
            }],
            source: "Example 2026, Theorem 1".to_owned(),
        }),
        digests: Digests {
            event: format!("e{protocol_index}{cell}{repetition}").repeat(8),
            transcript: format!("d{protocol_index}{repetition}").repeat(8),
        },
        outputs: "winner = 3, price = 870".to_owned(),
    }
}

fn scopes(shape: &Shape, permille: u64) -> Vec<ScopeRow> {
    let row = |path: &str, phase, share: u64, of: (u64, u64, u64), ideal: u64| ScopeRow {
        path: path.to_owned(),
        phase,
        bytes: of.0 * permille / 1_000 * share / 100,
        wire_bytes: of.0 * permille / 1_000 * share / 100 + of.2 * share / 100 * 68,
        received_bytes: None,
        messages: of.2 * share / 100,
        compute_ns: of.0 * share,
        ideal_bytes: ideal,
        rounds: None,
        time_ns: None,
    };
    let mut rows = Vec::new();
    let dealer = if shape.claims.setup.is_unpriced() { 65_536 } else { 0 };
    if shape.offline.0 > 0 || dealer > 0 {
        rows.push(row("offline/triples", Phase::Offline, 100, shape.offline, dealer));
    }
    rows.push(row("online/input", Phase::Online, 10, shape.online, 0));
    rows.push(row("online/less", Phase::Online, 85, shape.online, 0));
    rows.push(row("online/output", Phase::Online, 5, shape.online, 0));
    rows
}

fn parties(shape: &Shape, permille: u64, finish_ns: u64) -> Vec<PartyRow> {
    let total = (shape.offline.0 + shape.online.0) * permille / 1_000;
    let row = |party: u32| {
        let computes = party < shape.n;
        let share = if computes { total * 9 / 10 / u64::from(shape.n) } else { total / 50 };
        PartyRow {
            named_role: None,
            output: None,
            party: PartyId(party),
            role: if computes { "computing" } else { "input" }.to_owned(),
            sent_bytes: share + u64::from(party) * share / 10,
            received_bytes: share,
            sent_wire_bytes: None,
            received_wire_bytes: None,
            correlated: Default::default(),
            correlated_bytes: Default::default(),
            mailbox_peak_bytes: None,
            sent_messages: shape.online.2 / u64::from(shape.nodes),
            compute_ns: if computes { share * 4 } else { share },
            finish_ns,
            blocked: Vec::new(),
        }
    };
    (0..shape.nodes).map(row).collect()
}

fn links(shape: &Shape, permille: u64) -> Vec<LinkRow> {
    let total = (shape.offline.0 + shape.online.0) * permille / 1_000;
    let pairs = PartyId::all(shape.nodes as usize)
        .flat_map(|from| PartyId::all(shape.n as usize).map(move |to| (from, to)));
    let row = |(from, to): (PartyId, PartyId)| LinkRow {
        from,
        to,
        bytes: if from.0 < shape.n { total / 10 * (1 + u64::from(to.0)) } else { total / 250 },
        wire_bytes: None,
        messages: 12,
    };
    pairs.filter(|(from, to)| from != to).map(row).collect()
}
