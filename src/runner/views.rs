use std::io::{self, Write};

use mpclab_protocols::program::{Inputs, Outputs};
use mpclab_sim::adversary::Seen;
use mpclab_sim::vocabulary::PartyId;
use mpclab_sim::{PartyEnd, RunSeed};
use serde::Serialize;

use super::chosen::chosen;
use super::{Prepared, PreparedCell, Subject};
use crate::registry::Registry;

/// One line of a view.
#[derive(Serialize)]
#[serde(tag = "kind", rename_all = "snake_case")]
enum ViewLine<'a> {
    /// What a corrupted party brought.
    Input { party: PartyId, values: &'a Inputs },
    /// A generator that it asked for: the seed of a ChaCha12 stream.
    Randomness { party: PartyId, scope: &'a str, call: u64, seed: String },
    /// A message that reached it.
    Received(ViewMessage<'a>),
    /// A message that it sent, as it left.
    Sent(ViewMessage<'a>),
    /// How its code ended.
    End { party: PartyId, at_ns: u64, output: Option<&'a Outputs>, abort: Option<String> },
}

#[derive(Serialize)]
struct ViewMessage<'a> {
    at_ns: u64,
    from: PartyId,
    to: PartyId,
    scope: &'a str,
    label: &'a str,
    occurrence: u32,
    bytes: usize,
    body: String,
}

impl<'a> ViewMessage<'a> {
    fn of(seen: &'a Seen) -> Self {
        ViewMessage {
            at_ns: seen.at_ns,
            from: seen.from,
            to: seen.to,
            scope: seen.scope(),
            label: seen.label(),
            occurrence: seen.occurrence,
            bytes: seen.body().len(),
            body: hex(seen.body()),
        }
    }
}

fn hex(bytes: &[u8]) -> String {
    use std::fmt::Write;
    bytes.iter().fold(String::with_capacity(2 * bytes.len()), |mut text, byte| {
        let _ = write!(text, "{byte:02x}");
        text
    })
}

/// Writes what the coalition of a cell saw in a repetition, which runs again for it: a line of JSON
/// for each of its inputs, generators, messages and ends; nothing without an adversary.
///
/// # Errors
/// What the writer reports.
pub fn write_view(
    registry: &Registry,
    prepared: &Prepared,
    cell: &PreparedCell,
    repetition: u32,
    out: &mut impl Write,
) -> io::Result<()> {
    let seed = RunSeed::new(prepared.plan.seed, repetition);
    let (Some(choice), Ok(subject)) = (&cell.cell.adversary, Subject::new(registry, cell, seed))
    else {
        return Ok(());
    };
    let run = subject.run(chosen(registry, prepared, &subject, choice)).run;
    let roles = &cell.cell.roles;
    let mut lines = Vec::new();
    for party in &run.corrupted {
        let values = roles.input_index(*party).and_then(|index| subject.inputs.get(index));
        lines.extend(values.map(|values| ViewLine::Input { party: *party, values }));
    }
    lines.extend(run.view.draws.iter().map(|draws| ViewLine::Randomness {
        party: draws.party,
        scope: &draws.scope,
        call: draws.call,
        seed: hex(&draws.seed),
    }));
    lines.extend(run.view.received.iter().map(|seen| ViewLine::Received(ViewMessage::of(seen))));
    lines.extend(run.view.sent.iter().map(|seen| ViewLine::Sent(ViewMessage::of(seen))));
    for party in &run.corrupted {
        let Some((end, at_ns)) = run.parties.get(party.index()) else { continue };
        let abort = match end {
            PartyEnd::Abort(abort) => Some(abort.to_string()),
            _ => None,
        };
        let output = end.output();
        lines.push(ViewLine::End { party: *party, at_ns: *at_ns, output, abort });
    }
    for line in lines {
        serde_json::to_writer(&mut *out, &line)?;
        out.write_all(b"\n")?;
    }
    Ok(())
}
