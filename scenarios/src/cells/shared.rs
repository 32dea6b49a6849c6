//! What all protocols of a combination have in common, and what they make of it.

use std::collections::BTreeMap;
use std::sync::Arc;

use mpclab_sim::faults::Fault;
use mpclab_sim::vocabulary::{PartyId, SecurityLevel};

use super::reader::Reader;
use crate::mistake::Mistake;
use crate::path::KeyPath;
use crate::plan::{ComputeChoice, Limits};
use crate::prices::{Prices, Tariff};
use crate::resolve::{adversary, compute, faults, prices};
use crate::wire::prices::PricesWire;
use crate::wire::{Alt, FaultWire, LimitsWire, MachineWire, ProfileWire, SecurityWire, Time};

/// What all protocols of a combination have in common.
pub(super) struct Shared {
    pub(super) compute: ComputeChoice,
    pub(super) prices: Option<Prices>,
    pub(super) security: SecurityLevel,
    pub(super) synchrony_ns: Option<u64>,
    pub(super) limits: Limits,
}

pub(super) fn shared(reader: &mut Reader<'_>) -> Option<Shared> {
    let before = reader.mistakes.len();
    let root = KeyPath::root();
    let wire: Option<Alt<String, ProfileWire>> = reader.part("compute");
    let compute = wire.and_then(|wire| reader.keep(compute::resolve(&wire, &root.key("compute"))));
    let wire: Option<Alt<String, PricesWire>> = reader.part("prices");
    let prices = wire.map(|wire| reader.keep(prices::resolve(&wire, &root.key("prices"))));
    let mut security = SecurityLevel::default();
    if let Some(wire) = reader.part::<SecurityWire>("security") {
        let at = root.key("security");
        let given = [
            ("computational", wire.computational, &mut security.computational),
            ("statistical", wire.statistical, &mut security.statistical),
        ];
        for (key, bits, level) in given {
            *level = bits.unwrap_or(*level);
            if !(1..=256).contains(level) {
                let message = format!("`{key}` must be 1 to 256 bits");
                reader.mistakes.push(Mistake::new(&at.key(key), message, "out of range"));
            }
        }
    }
    let synchrony: Option<Time> = reader.part("synchrony");
    let limits: Option<LimitsWire> = reader.part("limits");
    let limits = limits.map_or_else(Limits::default, |wire| Limits {
        virtual_time_ns: wire.virtual_time.map(|time| time.0),
        events: wire.events,
    });
    let compute = compute.flatten().filter(|_| reader.mistakes.len() == before)?;
    let prices = prices.flatten().flatten();
    let synchrony_ns = synchrony.map(|time| time.0);
    Some(Shared { compute, prices, security, synchrony_ns, limits })
}

pub(super) fn adversary_of(reader: &mut Reader<'_>) -> Option<adversary::Read> {
    let value = reader.tree.get("adversary").filter(|value| !value.is_null())?;
    reader.keep_all(adversary::read(value, &KeyPath::root().key("adversary")))
}

pub(super) fn faults_of(
    reader: &mut Reader<'_>,
    wires: Option<&[FaultWire]>,
    nodes: usize,
) -> Option<Vec<Fault>> {
    let at = KeyPath::root().key("faults");
    let all: Vec<Option<Fault>> = wires
        .unwrap_or_default()
        .iter()
        .enumerate()
        .map(|(index, wire)| reader.keep(faults::resolve(wire, &at.index(index), nodes)))
        .collect();
    all.into_iter().collect()
}

pub(super) fn machines_of(
    reader: &mut Reader<'_>,
    wires: Option<&[MachineWire]>,
    nodes: usize,
) -> Option<BTreeMap<PartyId, u32>> {
    let at = KeyPath::root().key("machines");
    reader.keep(compute::machines(wires.unwrap_or_default(), &at, nodes))
}

/// The prices among the nodes of a protocol; an inner `None` where nothing is priced.
pub(super) fn tariff(
    reader: &mut Reader<'_>,
    shared: &Shared,
    nodes: usize,
    regions: &[String],
) -> Option<Option<Arc<Tariff>>> {
    let Some(found) = &shared.prices else { return Some(None) };
    let cores = match &shared.compute {
        ComputeChoice::Profile(profile) => profile.cores,
        ComputeChoice::None | ComputeChoice::Measured => 1,
    };
    let at = KeyPath::root().key("prices");
    let tariff = reader.keep(prices::among(found, &at, nodes, regions, cores))?;
    Some(Some(Arc::new(tariff)))
}
