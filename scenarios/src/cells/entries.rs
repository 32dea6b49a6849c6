//! The protocols of a combination, with their roles, labels and adversaries.

use super::Cells;
use super::reader::Reader;
use crate::adversary::AdversaryChoice;
use crate::catalogue::Kind;
use crate::mistake::Mistake;
use crate::path::KeyPath;
use crate::resolve::label::{Labelled, labels};
use crate::resolve::{adversary, parties};
use crate::wire::{Alt, Count, PartiesWire, ProtocolWire};
use mpclab_sim::vocabulary::Roles;

/// Largest number of protocols in a file.
const MAX_PROTOCOLS: usize = 256;

/// A protocol with its roles, before it has a label.
pub(super) struct Entry {
    /// Position in the file's list.
    pub(super) index: usize,
    pub(super) wire: ProtocolWire,
    pub(super) params: serde_json::Value,
    pub(super) roles: Roles,
    pub(super) at: KeyPath,
    pub(super) parties_at: KeyPath,
}

impl Cells<'_> {
    pub(super) fn entries(&self, reader: &mut Reader<'_>) -> Vec<Entry> {
        let at = KeyPath::root().key("parties");
        let parties: Option<Alt<Count, PartiesWire>> = reader.part("parties");
        let roles = parties.and_then(|wire| reader.keep(parties::resolve(&wire, &at)));
        let list_at = KeyPath::root().key("protocols");
        let Some(list) = reader.list::<Alt<String, ProtocolWire>>("protocols") else {
            return Vec::new();
        };
        if list.is_empty() {
            let message = "there must be at least one protocol";
            reader.mistakes.push(Mistake::new(&list_at, message, "this list is empty"));
        }
        if list.len() > MAX_PROTOCOLS {
            let message = format!("there may be at most {MAX_PROTOCOLS} protocols");
            let label = format!("these are {}", list.len());
            reader.mistakes.push(Mistake::new(&list_at, message, label));
            return Vec::new();
        }
        let mut entries = Vec::new();
        for (index, wire) in list.into_iter().enumerate() {
            let at = list_at.index(index);
            let wire = match wire {
                Alt::Long(wire) => wire,
                Alt::Short(name) => ProtocolWire { name, params: None, parties: None, label: None },
            };
            let params = self.params(Kind::Protocol, &wire.name, wire.params.as_ref(), &at);
            let params = reader.keep(params);
            let (roles, parties_at) = match &wire.parties {
                None => (roles.clone(), KeyPath::root().key("parties")),
                Some(parties) => {
                    let at = at.key("parties");
                    (reader.keep(parties::resolve(parties, &at)), at)
                }
            };
            if let (Some(params), Some(roles)) = (params, roles) {
                entries.push(Entry { index, wire, params, roles, at, parties_at });
            }
        }
        entries
    }

    /// The adversaries that a protocol meets, one after the other.
    pub(super) fn adversaries(
        &self,
        reader: &mut Reader<'_>,
        adversary: Option<&adversary::Read>,
        entry: &Entry,
    ) -> Option<Vec<AdversaryChoice>> {
        let Some(adversary) = adversary else { return Some(Vec::new()) };
        let name = &entry.wire.name;
        let attacks = self.catalogue.attacks(name);
        let at = KeyPath::root().key("adversary");
        reader.keep_all(adversary.resolve(&at, &entry.roles, (name, &attacks)))
    }
}

/// A label for each entry; those that coincide are mistakes.
pub(super) fn unique_labels(entries: &[Entry], reader: &mut Reader<'_>) -> Vec<String> {
    let named: Vec<_> = entries
        .iter()
        .map(|entry| Labelled {
            name: &entry.wire.name,
            label: entry.wire.label.as_deref(),
            params: &entry.params,
            parties: match (entry.roles.compute, entry.roles.nodes()) {
                (compute, nodes) if compute == nodes => compute.to_string(),
                (compute, nodes) => format!("{compute}+{}", nodes - compute),
            },
        })
        .collect();
    let labels = labels(&named);
    for (index, (entry, label)) in entries.iter().zip(&labels).enumerate() {
        if labels[..index].contains(label) {
            let message = format!("two protocols are called `{label}`");
            let mistake = Mistake::new(&entry.at.key("name"), message, "the second one");
            reader.mistakes.push(mistake.help("give them labels: { name: ..., label: ... }"));
        }
    }
    labels
}
