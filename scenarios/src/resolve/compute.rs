//! What computing costs.

use std::collections::BTreeMap;

use mpclab_sim::compute::{Price, Profile};
use mpclab_sim::vocabulary::PartyId;

use crate::mistake::Mistake;
use crate::path::KeyPath;
use crate::plan::ComputeChoice;
use crate::wire::{Alt, MachineWire, Price as PriceOfUnit, PriceWire, ProfileWire};

/// Gives `compute` its meaning; a name that stands for a file was replaced by it before.
pub(crate) fn resolve(
    wire: &Alt<String, ProfileWire>,
    at: &KeyPath,
) -> Result<Option<ComputeChoice>, Mistake> {
    let wire = match wire {
        Alt::Short(word) if word == "none" => return Ok(Some(ComputeChoice::None)),
        Alt::Short(word) if word == "measured" => return Ok(Some(ComputeChoice::Measured)),
        // The file could not be read, which was reported when it was tried.
        Alt::Short(_) => return Ok(None),
        Alt::Long(wire) => wire,
    };
    let cores = wire.cores.unwrap_or(1);
    if !(1..=1024).contains(&cores) {
        let message = "`cores` must be 1 to 1024";
        return Err(Mistake::new(&at.key("cores"), message, "out of range"));
    }
    Ok(Some(ComputeChoice::Profile(Profile {
        name: wire.name.clone().unwrap_or_else(|| "custom".to_owned()),
        prices: wire.ops.iter().map(|(op, wire)| (op.clone(), price(wire))).collect(),
        cores,
    })))
}

fn price(wire: &Alt<PriceOfUnit, PriceWire>) -> Price {
    match wire {
        Alt::Short(unit) => Price { call_ps: 0, unit_ps: unit.0 },
        Alt::Long(wire) => Price { call_ps: wire.call.0, unit_ps: wire.unit.0 },
    }
}

/// What compute takes on machines that are unlike the others, in thousandths, by node.
pub(crate) fn machines(
    wires: &[MachineWire],
    at: &KeyPath,
    nodes: usize,
) -> Result<BTreeMap<PartyId, u32>, Mistake> {
    let mut slowdown = BTreeMap::new();
    for (index, wire) in wires.iter().enumerate() {
        let at = at.index(index).key("party");
        let party = usize::try_from(wire.party).unwrap_or(usize::MAX);
        if party >= nodes {
            let message = format!("there is no node {}", wire.party);
            return Err(Mistake::new(&at, message, format!("nodes are 0 to {}", nodes - 1)));
        }
        if slowdown.insert(PartyId::from(party), wire.slowdown.0).is_some() {
            let message = format!("node {party} has two machines");
            return Err(Mistake::new(&at, message, "given before"));
        }
    }
    Ok(slowdown)
}
