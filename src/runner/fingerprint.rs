use std::collections::BTreeMap;

use mpclab_scenarios::Cell;
use serde_json::Value;

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

/// Hashes, in hex, of the parts that a fingerprint covers, by their names: what differs where two
/// fingerprints do. The model is none of them.
#[must_use]
pub(super) fn parts(cell: &Cell) -> BTreeMap<String, String> {
    let mut parts = BTreeMap::new();
    let identity = cell.identity();
    for (name, part) in identity.as_object().into_iter().flatten() {
        match part {
            // What is asked of a user to look at should be small.
            Value::Object(inner) if matches!(name.as_str(), "function" | "protocol") => {
                parts.extend(inner.iter().map(|(key, part)| (format!("{name}.{key}"), hash(part))));
            }
            part => {
                parts.insert(name.clone(), hash(part));
            }
        }
    }
    parts
}

fn hash(part: &Value) -> String {
    let mut hasher = blake3::Hasher::new_derive_key("mpclab 2026 part of a fingerprint");
    hasher.update(part.to_string().as_bytes());
    hasher.finalize().to_hex()[..16].to_owned()
}
