//! What computing costs.

use mpclab_sim::compute::Profile;

use crate::mistake::Mistake;
use crate::path::KeyPath;
use crate::plan::ComputeChoice;
use crate::wire::{Alt, ProfileWire};

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
        price_ps: wire.ops.iter().map(|(op, price)| (op.clone(), price.0)).collect(),
        cores,
    })))
}
