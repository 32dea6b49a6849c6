//! Results as data: flat tables of all runs, their scopes and their nodes, for other tools.

use mpclab_sim::vocabulary::Phase;
use serde_json::Value;

use super::{ExportError, csv};
use crate::record::{Record, ScopeRow, lifted};
use crate::table::{Frame, is_unpriced};

/// A table of results: its name, which is that of its file without the ending, and its rows.
pub type NamedFrame = (&'static str, Frame);

/// Four tables: `runs` (one row for each run, with every metric, verdict and unit charged as a
/// column), `scopes` (one row for each scope of each run), `batches` (one row for each of the first
/// indices of a scope) and `parties` (one row for each node of each run). The first columns of each are the same and join them. What has no price is empty.
#[must_use]
pub fn results(records: &[Record]) -> Vec<NamedFrame> {
    let mut runs = Frame::default();
    let mut scopes = Frame::default();
    let mut batches = Frame::default();
    let mut parties = Frame::default();
    for record in records {
        runs.push([key(record), run(record)].concat());
        for (frame, rows) in [(&mut scopes, &record.scopes), (&mut batches, &record.batches)] {
            rows.iter().for_each(|row| frame.push([key(record), scope(row)].concat()));
        }
        for row in &record.parties {
            let figures = vec![
                column("party", row.party.0),
                column("role", row.role.as_str()),
                column("named_role", row.named_role.as_deref()),
                column("sent_bytes", row.sent_bytes),
                column("received_bytes", row.received_bytes),
                column("sent_wire_bytes", row.sent_wire_bytes),
                column("received_wire_bytes", row.received_wire_bytes),
                column("sent_messages", row.sent_messages),
                column("compute_ns", row.compute_ns),
                column("mailbox_peak_bytes", row.mailbox_peak_bytes),
                column("finish_ns", row.finish_ns),
                column("output", row.output.as_deref()),
            ];
            parties.push([key(record), figures].concat());
        }
    }
    vec![("runs", runs), ("scopes", scopes), ("batches", batches), ("parties", parties)]
}

fn scope(row: &ScopeRow) -> Vec<(String, Value)> {
    vec![
        column("phase", row.phase.name()),
        column("path", row.path.as_str()),
        column("bytes", row.bytes),
        column("wire_bytes", row.wire_bytes),
        column("received_bytes", row.received_bytes),
        column("messages", row.messages),
        column("compute_ns", row.compute_ns),
        column("ideal_bytes", row.ideal_bytes),
        column("rounds", row.rounds),
        column("time_ns", row.time_ns),
    ]
}

/// [`results`] as CSV: name of the table and its text.
///
/// # Errors
/// [`ExportError`] if a value has no form there.
pub fn results_csv(records: &[Record]) -> Result<Vec<(&'static str, String)>, ExportError> {
    let write = |(name, frame): NamedFrame| Ok((name, csv::write(&frame)?));
    results(records).into_iter().map(write).collect()
}

type Column = (String, Value);

fn column(name: impl Into<String>, value: impl Into<Value>) -> Column {
    (name.into(), value.into())
}

/// What identifies a run.
fn key(record: &Record) -> Vec<Column> {
    let key = &record.key;
    let mut columns = vec![
        column("scenario", key.scenario.as_str()),
        column("protocol", key.protocol.as_str()),
        column("function", key.function.as_str()),
    ];
    columns
        .extend(key.sweep.iter().map(|(path, value)| column(format!("sweep.{path}"), flat(value))));
    columns.push(column("repetition", record.repetition));
    columns
}

/// A value that one field can hold.
fn flat(value: &Value) -> Value {
    match value {
        Value::Array(_) | Value::Object(_) => value.to_string().into(),
        simple => lifted(simple),
    }
}

fn run(record: &Record) -> Vec<Column> {
    let mut columns = vec![
        column("seed", record.seed),
        column("n", record.n),
        column("nodes", record.nodes),
        column("network", record.network.as_str()),
        column("profile", record.profile.as_str()),
        column("domain", record.domain.as_str()),
        column("model", record.model),
        column("version", record.version.as_str()),
        column("fingerprint", record.fingerprint.as_str()),
    ];
    if let Some(claims) = &record.claims {
        let tolerated = claims.threshold.max_corrupted(record.n as usize);
        columns.push(column("claims", crate::table::section(Some(claims)).1));
        columns.push(column("tolerated_corruptions", tolerated));
    }
    columns.extend([
        column("unpriced_setup", record.unpriced_setup),
        column("corrupted", record.corrupted.len()),
        column("outcome", record.outcome.status()),
        column("reason", record.outcome.reason()),
        column("correct", record.is_correct()),
    ]);
    for verdict in &record.verdicts {
        let name = format!("verdict.{}", verdict.guarantee.name().replace(' ', "_"));
        columns.push(column(name, verdict.standing().to_string()));
    }
    let is_priced = |name: &&String| {
        let mut phases = Phase::ALL.into_iter();
        let phase = phases.find(|phase| name.split('.').next() == Some(phase.name()));
        !phase.is_some_and(|phase| is_unpriced(record, phase))
    };
    let metrics = record.metrics.keys().filter(is_priced);
    columns.extend(metrics.map(|name| column(name, record.metrics[name])));
    columns.extend(record.ops.iter().map(|(op, times)| column(format!("op.{op}"), *times)));
    columns.push(column("digest.event", record.digests.event.as_str()));
    columns.push(column("digest.transcript", record.digests.transcript.as_str()));
    columns.push(column("outputs", record.outputs.as_str()));
    columns
}
