//! Numbers of parties to roles.

use mpclab_sim::vocabulary::{PartyId, Roles};

use crate::mistake::Mistake;
use crate::path::KeyPath;
use crate::wire::{Alt, Count, InputParties, MAX_NODES, OutputParties, PartiesWire};

/// Computing parties are nodes from 0, clients that bring inputs follow, then those that only learn
/// the output.
pub(crate) fn resolve(wire: &Alt<Count, PartiesWire>, at: &KeyPath) -> Result<Roles, Mistake> {
    let (compute, input, output) = match wire {
        Alt::Short(Count(compute)) => (*compute, None, None),
        Alt::Long(wire) => (wire.compute.0, wire.input.as_ref(), wire.output.as_ref()),
    };
    let (input, bring): (Vec<PartyId>, usize) = match input {
        None | Some(InputParties::Compute) => (PartyId::all(compute).collect(), compute),
        Some(InputParties::Clients(Count(clients))) => {
            let nodes = compute + clients;
            (PartyId::all(nodes).skip(compute).collect(), nodes)
        }
        Some(InputParties::Nodes(list)) => (nodes(list, compute, &at.key("input"))?, compute),
    };
    let count = match output {
        Some(OutputParties::Clients(Count(clients))) => bring + clients,
        _ => bring,
    };
    if count > MAX_NODES {
        let message = format!("there may be at most {MAX_NODES} nodes");
        return Err(Mistake::new(at, message, format!("these are {count}")));
    }
    let output = match output {
        None | Some(OutputParties::All) => PartyId::all(count).collect(),
        Some(OutputParties::Input) => input.clone(),
        Some(OutputParties::Compute) => PartyId::all(compute).collect(),
        Some(OutputParties::Clients(_)) => PartyId::all(count).skip(bring).collect(),
        Some(OutputParties::Nodes(list)) => nodes(list, count, &at.key("output"))?,
    };
    Ok(Roles { compute, input, output })
}

/// Nodes below `end` by their numbers, in ascending order.
fn nodes(list: &[u32], end: usize, at: &KeyPath) -> Result<Vec<PartyId>, Mistake> {
    if list.is_empty() {
        return Err(Mistake::new(at, "a role needs somebody", "nobody"));
    }
    for (index, node) in list.iter().enumerate() {
        let label = match *node as usize {
            node if node >= end => format!("allowed: 0 to {}", end - 1),
            _ if list[..index].contains(node) => "named twice".to_owned(),
            _ => continue,
        };
        return Err(Mistake::new(&at.index(index), "no node that can have this role", label));
    }
    let mut nodes: Vec<PartyId> = list.iter().map(|node| PartyId(*node)).collect();
    nodes.sort_unstable();
    Ok(nodes)
}
