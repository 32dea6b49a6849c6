//! Numbers of parties to roles.

use mpclab_sim::vocabulary::{PartyId, Roles};

use crate::mistake::Mistake;
use crate::path::KeyPath;
use crate::wire::{Alt, Count, InputParties, MAX_NODES, OutputParties, PartiesWire};

/// Computing parties are nodes from 0, clients follow.
pub(crate) fn resolve(wire: &Alt<Count, PartiesWire>, at: &KeyPath) -> Result<Roles, Mistake> {
    let (compute, input, output) = match wire {
        Alt::Short(Count(compute)) => (*compute, None, None),
        Alt::Long(wire) => (wire.compute.0, wire.input, wire.output),
    };
    let (input, nodes): (Vec<PartyId>, usize) = match input {
        None | Some(InputParties::Compute) => (PartyId::all(compute).collect(), compute),
        Some(InputParties::Clients(Count(clients))) => {
            let nodes = compute + clients;
            (PartyId::all(nodes).skip(compute).collect(), nodes)
        }
    };
    if nodes > MAX_NODES {
        let message = format!("there may be at most {MAX_NODES} nodes");
        return Err(Mistake::new(at, message, format!("these are {nodes}")));
    }
    let output = match output {
        None | Some(OutputParties::All) => PartyId::all(nodes).collect(),
        Some(OutputParties::Input) => input.clone(),
        Some(OutputParties::Compute) => PartyId::all(compute).collect(),
    };
    Ok(Roles { compute, input, output })
}
