//! The cells of one combination of swept values.

mod entries;
mod function;
mod reader;
mod shared;

use std::sync::Arc;

use mpclab_sim::network::Network;
use serde_yaml::Value;

use self::entries::{Entry, unique_labels};
use self::function::Chosen;
use self::reader::Reader;
use self::shared::{Shared, adversary_of, faults_of, machines_of, shared, tariff};
use crate::adversary::AdversaryChoice;
use crate::attacks::with_adversaries;
use crate::catalogue::Catalogue;
use crate::inline::Loader;
use crate::mistake::Mistake;
use crate::path::KeyPath;
use crate::plan::{At, Cell, FunctionChoice, FunctionSource, ProtocolChoice};
use crate::resolve::inputs::InputSource;
use crate::resolve::{adversary, inputs, network};
use crate::source::{Context, Place};
use crate::wire::network::NetworkWire;
use crate::wire::{Alt, FaultWire, FunctionWire, MachineWire};

/// One combination of swept values.
pub(crate) struct SweepPoint<'a> {
    /// The scenario with these values in it.
    pub(crate) tree: &'a Value,
    pub(crate) context: Arc<Context>,
    pub(crate) sweep: Vec<(String, serde_json::Value)>,
}

/// Networks and inputs that are remembered from one combination to the next.
const REMEMBERED: usize = 8;

/// Makes cells, and remembers what they share.
pub(crate) struct Cells<'a> {
    catalogue: &'a dyn Catalogue,
    networks: Vec<(Value, usize, Placed)>,
    inputs: Vec<(Value, usize, InputSource)>,
}

/// A network with its name and the regions of its nodes.
#[derive(Clone)]
struct Placed {
    network: Arc<Network>,
    name: String,
    regions: Arc<Vec<String>>,
}

/// What a combination says of all its protocols.
struct Common {
    function: Option<Chosen>,
    shared: Option<Shared>,
    /// The largest number of nodes of any protocol.
    nodes: usize,
    faults: Option<Vec<FaultWire>>,
    machines: Option<Vec<MachineWire>>,
    adversary: Option<adversary::Read>,
}

impl<'a> Cells<'a> {
    pub(crate) fn new(catalogue: &'a dyn Catalogue) -> Self {
        Cells { catalogue, networks: Vec::new(), inputs: Vec::new() }
    }

    /// One cell for each protocol; `first` is the index of the first.
    ///
    /// # Errors
    /// All mistakes that can be found at once.
    pub(crate) fn at_point(
        &mut self,
        point: &SweepPoint<'_>,
        first: usize,
        loader: &mut Loader<'_>,
    ) -> Result<Vec<Cell>, Vec<Mistake>> {
        let mut reader = Reader { tree: point.tree, mistakes: Vec::new() };
        let function = self.function(&mut reader, loader);
        let entries = self.entries(&mut reader);
        let shared = shared(&mut reader);
        let labels = unique_labels(&entries, &mut reader);
        let common = Common {
            function,
            shared,
            nodes: entries.iter().map(|entry| entry.roles.nodes()).max().unwrap_or(1),
            faults: reader.list::<FaultWire>("faults"),
            machines: reader.list::<MachineWire>("machines"),
            adversary: adversary_of(&mut reader),
        };
        if entries.is_empty() {
            // Its form can be wrong, too, whoever takes part.
            reader.part::<Alt<String, NetworkWire>>("network");
        }
        let mut cells = Vec::new();
        for (entry, label) in entries.iter().zip(labels) {
            cells.extend(self.cell(&mut reader, point, &common, (entry, label), loader));
        }
        let is_expanded = common.adversary.is_some_and(|adversary| adversary.is_many());
        if reader.mistakes.is_empty() {
            Ok(with_adversaries(cells, is_expanded, first))
        } else {
            Err(reader.mistakes)
        }
    }

    /// The cell of one protocol, and the adversaries that it meets; `None` if something is wrong.
    fn cell(
        &mut self,
        reader: &mut Reader<'_>,
        point: &SweepPoint<'_>,
        common: &Common,
        (entry, label): (&Entry, String),
        loader: &mut Loader<'_>,
    ) -> Option<(Cell, Vec<AdversaryChoice>)> {
        let nodes = entry.roles.nodes();
        // All parts are read before the first that is wrong ends it.
        let network = self.network(reader, nodes, common.nodes);
        let faults = faults_of(reader, common.faults.as_deref(), nodes);
        let machines = machines_of(reader, common.machines.as_deref(), nodes);
        let adversaries = self.adversaries(reader, common.adversary.as_ref(), entry);
        let Chosen { wire, name, source, params } = common.function.as_ref()?;
        let inputs = self.inputs(reader, wire, entry.roles.input.len(), loader);
        let (placed, faults, slowdown_permille) = (network?, faults?, machines?);
        let (adversaries, inputs, shared) = (adversaries?, inputs?, common.shared.as_ref()?);
        let prices = tariff(reader, shared, nodes, &placed.regions)?;
        let params = self.with_lengths(wire, name, params, &inputs);
        let is_open = |params: &serde_json::Value| params.get("decimals").is_none();
        let decimals_of_inputs = is_open(&params);
        let params = self.with_decimals(name, &params, &inputs);
        let decimals_of_inputs = decimals_of_inputs && !is_open(&params);
        let (name, source) = (name.clone(), source.clone());
        let at = places(entry, &source, &point.context);
        let cell = Cell {
            index: 0,
            sweep: point.sweep.clone(),
            function: FunctionChoice { name, source, params, decimals_of_inputs, inputs },
            protocol_index: entry.index,
            protocol: ProtocolChoice {
                name: entry.wire.name.clone(),
                label,
                params: entry.params.clone(),
            },
            roles: entry.roles.clone(),
            network: placed.network,
            network_name: placed.name,
            regions: placed.regions,
            adversary: None,
            faults,
            compute: shared.compute.clone(),
            slowdown_permille,
            prices,
            security: shared.security,
            synchrony_ns: shared.synchrony_ns,
            limits: shared.limits,
            at,
        };
        Some((cell, adversaries))
    }

    /// The network among this many nodes; `most` is the largest number of any protocol.
    fn network(&mut self, reader: &mut Reader<'_>, nodes: usize, most: usize) -> Option<Placed> {
        let value = reader.tree.get("network")?;
        let known = self.networks.iter().find(|(known, size, _)| known == value && *size == nodes);
        if let Some((_, _, placed)) = known {
            return Some(placed.clone());
        }
        let wire: Alt<String, NetworkWire> = reader.part("network")?;
        // The file behind a name could not be read, which was reported when it was tried.
        let Alt::Long(wire) = wire else { return None };
        let at = KeyPath::root().key("network");
        let spec = reader.keep_all(network::resolve(&wire, &at, most))?;
        let (network, regions) = (Arc::new(spec.build(nodes)), Arc::new(spec.regions(nodes)));
        let placed = Placed { network, name: spec.name, regions };
        remember(&mut self.networks, (value.clone(), nodes, placed.clone()));
        Some(placed)
    }

    fn inputs(
        &mut self,
        reader: &mut Reader<'_>,
        wire: &FunctionWire,
        input_parties: usize,
        loader: &mut Loader<'_>,
    ) -> Option<InputSource> {
        let value = reader.tree.get("function").and_then(|function| function.get("inputs"));
        let value = value.cloned().unwrap_or_default();
        let mut known = self.inputs.iter();
        let known = known.find(|(known, count, _)| *known == value && *count == input_parties);
        if let Some((_, _, inputs)) = known {
            return Some(inputs.clone());
        }
        let at = KeyPath::root().key("function").key("inputs");
        let found = inputs::resolve(wire.inputs.as_ref(), &at, input_parties, loader);
        let found = reader.keep_all(found)?;
        remember(&mut self.inputs, (value, input_parties, found.clone()));
        Some(found)
    }
}

fn remember<T>(known: &mut Vec<T>, one: T) {
    if known.len() == REMEMBERED {
        known.remove(0);
    }
    known.push(one);
}

fn places(entry: &Entry, source: &FunctionSource, context: &Arc<Context>) -> At {
    let place = |path: KeyPath| Place::new(path, context);
    let root = KeyPath::root();
    let function = root.key("function");
    At {
        function: place(function.key(crate::resolve::function::source_key(source))),
        function_params: place(function.key("params")),
        inputs: place(function.key("inputs")),
        protocol: place(entry.at.key("name")),
        protocol_params: place(entry.at.key("params")),
        parties: place(entry.parties_at.clone()),
        network: place(root.key("network")),
        adversary: place(root.key("adversary")),
        faults: place(root.key("faults")),
        compute: place(root.key("compute")),
        security: place(root.key("security")),
    }
}
