use mpclab_scenarios::Cell;

use super::MODEL;

/// Hash, in hex, of everything resolved that can affect a cell's results: contents of files, not
/// their names; not the prose, the expectations, the seed or the number of repetitions.
#[must_use]
pub fn fingerprint(cell: &Cell) -> String {
    let mut hasher = blake3::Hasher::new_derive_key("mpclab 2026 fingerprint");
    hasher.update(&MODEL.to_le_bytes());
    hasher.update(cell.identity().to_string().as_bytes());
    hasher.finalize().to_hex()[..32].to_owned()
}
