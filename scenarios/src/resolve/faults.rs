//! Faults at given times.

use mpclab_sim::faults::{CrashKind, Fault, FaultKind};
use mpclab_sim::vocabulary::PartyId;

use crate::mistake::Mistake;
use crate::path::KeyPath;
use crate::wire::{CrashWord, FaultWire, Time};

/// Gives a fault its meaning among this many nodes.
pub(crate) fn resolve(wire: &FaultWire, at: &KeyPath, nodes: usize) -> Result<Fault, Mistake> {
    let (key, party, Time(at_ns)) = match wire {
        FaultWire::Crash(wire) => ("crash", wire.party, wire.at),
        FaultWire::Pause(wire) => ("pause", wire.party, wire.at),
        FaultWire::Restart(wire) => ("restart", wire.party, wire.at),
    };
    let at = at.key(key);
    let index = usize::try_from(party).unwrap_or(usize::MAX);
    if index >= nodes {
        let message = format!("there is no node {party}");
        let label = format!("nodes are 0 to {}", nodes - 1);
        return Err(Mistake::new(&at.key("party"), message, label));
    }
    let later = |key: &str, Time(length): Time| {
        at_ns
            .checked_add(length)
            .ok_or_else(|| Mistake::new(&at.key(key), "virtual time ends before that", "too long"))
    };
    let kind = match wire {
        FaultWire::Crash(wire) => FaultKind::Crash(match wire.kind {
            CrashWord::Host => CrashKind::Host,
            CrashWord::Process => CrashKind::Process,
        }),
        FaultWire::Pause(wire) => FaultKind::Pause { until_ns: later("for", wire.length)? },
        FaultWire::Restart(wire) => FaultKind::Restart { up_at_ns: later("after", wire.after)? },
    };
    Ok(Fault { party: PartyId::from(index), at_ns, kind })
}
