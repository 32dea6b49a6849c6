use std::collections::BTreeMap;

use mpclab_protocols::program::Outputs;
use mpclab_reports::record::{BlockedRow, Digests, LinkRow, PartyRow, PathRow, Record, ScopeRow};
use mpclab_scenarios::{Bill, Tariff, Usage};
use mpclab_sim::trace::{PathPart, Trace};
use mpclab_sim::vocabulary::{Aggregate, METRICS, Metric, MetricName, Phase, Roles};
use mpclab_sim::{Charged, Consumed, Counts, LinkCounts, PartyCounts, Run, ScopeCounts};

use super::{LINK_MATRIX_NODES, PreparedCell};

/// Copies what was counted into a record.
pub(super) fn fill(cell: &PreparedCell, run: &Run<Outputs>, record: &mut Record) {
    let bills = cell.cell.prices.as_ref().map(|tariff| bills(tariff, run));
    for metric in METRICS {
        for phase in [None].into_iter().chain(Phase::ALL.map(Some)) {
            for aggregate in metric.aggregates {
                let name = MetricName { phase, name: metric.name, aggregate: *aggregate };
                let value = match &bills {
                    Some(bills) if metric.unit == "nUSD" => money(bills, &name),
                    _ => measured(run, metric, phase, *aggregate),
                };
                if let Some(value) = value {
                    record.metrics.insert(name.to_string(), value);
                }
            }
        }
    }
    record.ops = ops(run, |charged| charged.units);
    record.op_calls = ops(run, |charged| charged.calls);
    record.scopes = scope_rows(&run.metrics.scopes);
    record.batches = scope_rows(&run.metrics.batches);
    let roles = &cell.cell.roles;
    record.parties =
        run.metrics.parties.iter().map(|counts| party_row(roles, counts, run)).collect();
    for row in &mut record.parties {
        let named = record.roles.iter().find(|role| role.has(row.party));
        row.named_role = named.map(|role| role.name.clone());
    }
    record.critical_path = run.trace.as_ref().map(critical_path);
    let links = run.metrics.links.as_ref().filter(|_| roles.nodes() <= LINK_MATRIX_NODES);
    record.links = links.map(|links| links.iter().map(link_row).collect());
    record.digests = Digests {
        event: blake3::Hash::from_bytes(run.digests.event).to_hex().to_string(),
        transcript: blake3::Hash::from_bytes(run.digests.transcript).to_hex().to_string(),
    };
}

fn measured(
    run: &Run<Outputs>,
    metric: &Metric,
    phase: Option<Phase>,
    aggregate: Aggregate,
) -> Option<u64> {
    match metric.name {
        "rounds" => Some(u64::from(match phase {
            None => run.rounds.total,
            Some(phase) => run.rounds.phase[phase.index()],
        })),
        "time_ns" => Some(phase.map_or(run.times.total_ns, |phase| run.times.phase(phase))),
        _ if aggregate == Aggregate::MaxLink => {
            // Links are counted over the whole run.
            let is_kept = phase.is_none() && run.parties.len() <= LINK_MATRIX_NODES;
            let links = run.metrics.links.iter().filter(|_| is_kept).flatten();
            let of = |link: &LinkCounts| match metric.name {
                "bytes" => Some(link.bytes),
                "wire_bytes" => Some(link.wire_bytes.iter().sum()),
                _ => None,
            };
            links.map(of).max().unwrap_or(is_kept.then_some(0))
        }
        name => {
            let of = |party: &PartyCounts| {
                let counts = match phase {
                    None => party.total(),
                    Some(phase) => party.phases[phase.index()],
                };
                count(name, &counts)
            };
            let values: Option<Vec<u64>> = run.metrics.parties.iter().map(of).collect();
            let values = values?.into_iter();
            Some(if aggregate == Aggregate::Sum { values.sum() } else { values.max().unwrap_or(0) })
        }
    }
}

/// What each node pays for a run.
fn bills(tariff: &Tariff, run: &Run<Outputs>) -> Vec<Bill> {
    let sent = |link: &LinkCounts| (link.from, link.to, link.wire_bytes);
    let links = run.metrics.links.iter().flatten();
    tariff.bill(&Usage { phase_ns: run.times.phase_ns, sent: links.map(sent).collect() })
}

fn money(bills: &[Bill], name: &MetricName) -> Option<u64> {
    let phases = |amounts: &[u64; 3]| match name.phase {
        None => amounts.iter().sum::<u64>(),
        Some(phase) => amounts[phase.index()],
    };
    let of = |bill: &Bill| match name.name {
        "money_nusd" => Some(phases(&bill.machine_nusd) + phases(&bill.egress_nusd)),
        "machine_nusd" => Some(phases(&bill.machine_nusd)),
        "egress_nusd" => Some(phases(&bill.egress_nusd)),
        _ => None,
    };
    let values = bills.iter().map(of).collect::<Option<Vec<u64>>>()?.into_iter();
    Some(if name.aggregate == Aggregate::Sum { values.sum() } else { values.max().unwrap_or(0) })
}

fn count(name: &str, counts: &Counts) -> Option<u64> {
    Some(match name {
        "bytes" => counts.sent_bytes,
        "wire_bytes" => counts.sent_wire_bytes,
        "messages" => counts.sent_messages,
        "compute_ns" => counts.compute_ps / 1000,
        "ideal_bytes" => counts.ideal_bytes,
        _ => return None,
    })
}

/// What was charged, by op, summed over parties: units, or calls.
fn ops(run: &Run<Outputs>, of: fn(&Charged) -> u64) -> BTreeMap<String, u64> {
    let mut sum = BTreeMap::new();
    for (op, charged) in run.metrics.parties.iter().flat_map(|counts| &counts.ops) {
        let total: &mut u64 = sum.entry(op.clone()).or_default();
        *total = total.saturating_add(of(charged));
    }
    sum
}

/// In the order of phases, then as the run has them.
fn scope_rows(rows: &[ScopeCounts]) -> Vec<ScopeRow> {
    let row = |row: &ScopeCounts| ScopeRow {
        path: row.path.clone(),
        phase: row.phase,
        bytes: row.sum.sent_bytes,
        wire_bytes: row.sum.sent_wire_bytes,
        received_bytes: Some(row.sum.received_bytes),
        messages: row.sum.sent_messages,
        compute_ns: row.sum.compute_ps / 1000,
        ideal_bytes: row.sum.ideal_bytes,
        rounds: Some(u64::from(row.rounds)),
        time_ns: Some(row.time_ns),
    };
    let mut rows: Vec<ScopeRow> = rows.iter().map(row).collect();
    rows.sort_by_key(|row| row.phase);
    rows
}

fn critical_path(trace: &Trace) -> Vec<PathRow> {
    let row = |part: PathPart| PathRow {
        cause: part.cause,
        party: part.party,
        to: part.to,
        scope: part.scope,
        time_ns: part.time_ns,
        stretches: part.stretches,
    };
    trace.critical_parts().into_iter().map(row).collect()
}

fn party_row(roles: &Roles, counts: &PartyCounts, run: &Run<Outputs>) -> PartyRow {
    let party = counts.party;
    let mut role = Vec::new();
    if roles.computes(party) {
        role.push("computing");
    }
    if roles.input_index(party).is_some() {
        role.push("input");
    }
    if roles.learns_output(party) {
        role.push("output");
    }
    let total = counts.total();
    let blocked = run.trace.as_ref().map_or_else(Vec::new, |trace| trace.blocked(party));
    PartyRow {
        party,
        role: role.join(", "),
        named_role: None,
        output: None,
        sent_bytes: total.sent_bytes,
        received_bytes: total.received_bytes,
        sent_wire_bytes: Some(total.sent_wire_bytes),
        received_wire_bytes: Some(total.received_wire_bytes),
        sent_messages: total.sent_messages,
        compute_ns: total.compute_ps / 1000,
        correlated: consumed(counts, |of| of.units),
        correlated_bytes: consumed(counts, |of| of.bytes),
        mailbox_peak_bytes: Some(counts.mailbox_peak_bytes),
        finish_ns: run.parties[party.index()].1,
        blocked: blocked.into_iter().map(|(on, time_ns)| BlockedRow { on, time_ns }).collect(),
    }
}

/// Correlated randomness by kind, but for kinds of which there is none.
fn consumed(counts: &PartyCounts, figure: fn(&Consumed) -> u64) -> BTreeMap<String, u64> {
    let figures = counts.consumed.iter().map(|(kind, of)| (kind.clone(), figure(of)));
    figures.filter(|(_, figure)| *figure > 0).collect()
}

fn link_row(link: &LinkCounts) -> LinkRow {
    LinkRow {
        from: link.from,
        to: link.to,
        bytes: link.bytes,
        wire_bytes: Some(link.wire_bytes.iter().sum()),
        messages: link.messages,
    }
}
