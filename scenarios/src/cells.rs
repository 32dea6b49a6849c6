//! The cells of one combination of swept values.

use std::collections::BTreeMap;
use std::sync::Arc;

use mpclab_sim::faults::Fault;
use mpclab_sim::network::Network;
use mpclab_sim::vocabulary::{PartyId, Roles, SecurityLevel};
use serde::de::DeserializeOwned;
use serde_yaml::Value;

use crate::adversary::AdversaryChoice;
use crate::attacks::with_adversaries;
use crate::catalogue::{Catalogue, Kind, ParamError};
use crate::form;
use crate::inline::Loader;
use crate::mistake::Mistake;
use crate::path::{KeyPath, kind_of};
use crate::plan::{
    At, Cell, ComputeChoice, FunctionChoice, FunctionSource, Limits, ProtocolChoice,
};
use crate::prices::{Prices, Tariff};
use crate::resolve::inputs::InputSource;
use crate::resolve::label::{Labelled, labels};
use crate::resolve::{adversary, compute, faults, function, inputs, network, parties, prices};
use crate::source::{Context, Place, step_down};
use crate::wire::network::NetworkWire;
use crate::wire::prices::PricesWire;
use crate::wire::{
    Alt, Count, FaultWire, FunctionWire, LimitsWire, MachineWire, PartiesWire, ProfileWire,
    ProtocolWire, SecurityWire, Time,
};

/// One combination of swept values.
pub(crate) struct Point<'a> {
    /// The scenario with these values in it.
    pub(crate) tree: &'a Value,
    pub(crate) context: Arc<Context>,
    pub(crate) sweep: Vec<(String, serde_json::Value)>,
}

/// Networks and inputs that are remembered from one combination to the next.
const REMEMBERED: usize = 8;

/// Largest number of protocols in a file.
const MAX_PROTOCOLS: usize = 256;

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

/// What all protocols of a combination have in common.
struct Shared {
    compute: ComputeChoice,
    prices: Option<Prices>,
    security: SecurityLevel,
    synchrony_ns: Option<u64>,
    limits: Limits,
}

/// A protocol with its roles, before it has a label.
struct Entry {
    /// Position in the file's list.
    index: usize,
    wire: ProtocolWire,
    params: serde_json::Value,
    roles: Roles,
    at: KeyPath,
    parties_at: KeyPath,
}

/// A function as it is chosen.
struct Chosen {
    wire: FunctionWire,
    name: String,
    source: FunctionSource,
    params: serde_json::Value,
}

/// Mistakes of a combination while it is read.
struct Reader<'a> {
    tree: &'a Value,
    mistakes: Vec<Mistake>,
}

impl Reader<'_> {
    /// Reads a part; `None` if it is absent or wrong.
    fn part<T: DeserializeOwned>(&mut self, key: &str) -> Option<T> {
        let value = self.tree.get(key).filter(|value| !value.is_null())?;
        self.keep(form::read(value, &KeyPath::root().key(key)))
    }

    /// Reads a list, entry by entry; `None` if it is absent or an entry is wrong.
    fn list<T: DeserializeOwned>(&mut self, key: &str) -> Option<Vec<T>> {
        let at = KeyPath::root().key(key);
        match self.tree.get(key)? {
            Value::Sequence(list) => {
                let read = |(index, value)| self.keep(form::read(value, &at.index(index)));
                let all: Vec<Option<T>> = list.iter().enumerate().map(read).collect();
                all.into_iter().collect()
            }
            Value::Null => None,
            other => {
                let label = format!("found {}", kind_of(other));
                let message = format!("`{key}` must be a list");
                self.mistakes.push(Mistake::new(&at, message, label));
                None
            }
        }
    }

    fn keep<T>(&mut self, result: Result<T, Mistake>) -> Option<T> {
        result.map_err(|mistake| self.mistakes.push(mistake)).ok()
    }

    fn keep_all<T>(&mut self, result: Result<T, Vec<Mistake>>) -> Option<T> {
        result.map_err(|mistakes| self.mistakes.extend(mistakes)).ok()
    }
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
        point: &Point<'_>,
        first: usize,
        loader: &mut Loader<'_>,
    ) -> Result<Vec<Cell>, Vec<Mistake>> {
        let mut reader = Reader { tree: point.tree, mistakes: Vec::new() };
        let function = self.function(&mut reader, loader);
        let entries = self.entries(&mut reader);
        let shared = shared(&mut reader);
        let nodes = entries.iter().map(|entry| entry.roles.nodes()).max();
        let labels = unique_labels(&entries, &mut reader);
        let fault_wires = reader.list::<FaultWire>("faults");
        let machine_wires = reader.list::<MachineWire>("machines");
        let adversary = adversary_of(&mut reader);
        if entries.is_empty() {
            // Its form can be wrong, too, whoever takes part.
            reader.part::<Alt<String, NetworkWire>>("network");
        }
        let mut cells = Vec::new();
        for (entry, label) in entries.iter().zip(labels) {
            let network = self.network(&mut reader, entry.roles.nodes(), nodes.unwrap_or(1));
            let faults = faults_of(&mut reader, fault_wires.as_deref(), entry.roles.nodes());
            let machines = machines_of(&mut reader, machine_wires.as_deref(), entry.roles.nodes());
            let adversaries = self.adversaries(&mut reader, adversary.as_ref(), entry);
            let Some(Chosen { wire, name, source, params }) = &function else { continue };
            let inputs = self.inputs(&mut reader, wire, entry.roles.input.len(), loader);
            let found = (network, faults, machines, adversaries, inputs, &shared);
            let (
                Some(placed),
                Some(faults),
                Some(slowdown_permille),
                Some(adversaries),
                Some(inputs),
                Some(shared),
            ) = found
            else {
                continue;
            };
            let Some(prices) = tariff(&mut reader, shared, entry.roles.nodes(), &placed.regions)
            else {
                continue;
            };
            let params = self.with_lengths(wire, name, params, &inputs);
            let params = self.with_decimals(name, &params, &inputs);
            let cell = Cell {
                index: 0,
                sweep: point.sweep.clone(),
                function: FunctionChoice {
                    name: name.clone(),
                    source: source.clone(),
                    params,
                    inputs,
                },
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
                at: places(entry, source, &point.context),
            };
            cells.push((cell, adversaries));
        }
        let is_expanded = adversary.is_some_and(|adversary| adversary.is_many());
        if reader.mistakes.is_empty() {
            Ok(with_adversaries(cells, is_expanded, first))
        } else {
            Err(reader.mistakes)
        }
    }

    fn function(&self, reader: &mut Reader<'_>, loader: &mut Loader<'_>) -> Option<Chosen> {
        let at = KeyPath::root().key("function");
        let wire: FunctionWire = reader.part("function")?;
        let (name, source) = reader.keep(function::resolve(&wire, &at, loader))?;
        let params = match source {
            FunctionSource::Named => self.params(Kind::Function, &name, wire.params.as_ref(), &at),
            // Only running it tells what a program takes.
            FunctionSource::Program { .. } => function::map_or_nothing(wire.params.as_ref(), &at),
            FunctionSource::Circuit { .. } => function::no_params(wire.params.as_ref(), &at),
        };
        let params = reader.keep(params)?;
        Some(Chosen { wire, name, source, params })
    }

    /// The parameters of something that is named at `at`.
    fn params(
        &self,
        kind: Kind,
        name: &str,
        given: Option<&serde_json::Value>,
        at: &KeyPath,
    ) -> Result<serde_json::Value, Mistake> {
        let names = self.catalogue.names(kind);
        if !names.iter().any(|known| known == name) {
            let mistake =
                Mistake::new(&at.key("name"), format!("unknown {kind} `{name}`"), "unknown");
            return Err(mistake.known(name, &format!("{kind}s"), &names));
        }
        let given = given.unwrap_or(&serde_json::Value::Null);
        let at = at.key("params");
        self.catalogue
            .params(kind, name, given)
            .map_err(|error| param_mistake(error, name, given, &at))
    }

    /// A function's parameters with `length` as the given inputs have it, one number for each input
    /// party where they differ, if it takes that and the file leaves it open.
    fn with_lengths(
        &self,
        wire: &FunctionWire,
        name: &str,
        params: &serde_json::Value,
        inputs: &InputSource,
    ) -> serde_json::Value {
        let is_open = wire.params.as_ref().is_none_or(|params| params.get("length").is_none());
        let InputSource::Given(given) = inputs else { return params.clone() };
        let (true, Some(lengths)) = (is_open, given.lengths()) else { return params.clone() };
        let mut wanted = params.clone();
        let one = lengths.iter().find(|length| **length > 0).copied().unwrap_or(0);
        let is_same = |length: &usize| *length == one;
        // Where some bring nothing, there is a list, or nothing is wanted of them.
        let each = (!lengths.iter().all(is_same)).then(|| lengths.clone().into());
        let all = lengths.iter().all(|length| *length == 0 || is_same(length)).then(|| one.into());
        for length in [each, all].into_iter().flatten() {
            let Some(place) = wanted.get_mut("length") else { break };
            *place = length;
            if let Ok(taken) = self.catalogue.params(Kind::Function, name, &wanted) {
                return taken;
            }
        }
        params.clone()
    }

    /// A function's parameters with `decimals` as the given inputs have them, if it takes that and
    /// the file leaves it open.
    fn with_decimals(
        &self,
        name: &str,
        params: &serde_json::Value,
        inputs: &InputSource,
    ) -> serde_json::Value {
        let InputSource::Given(given) = inputs else { return params.clone() };
        let decimals = given.decimals();
        let mut wanted = params.clone();
        match wanted.as_object_mut() {
            Some(map) if decimals > 0 && !map.contains_key("decimals") => {
                map.insert("decimals".to_owned(), decimals.into());
            }
            _ => return wanted,
        }
        self.catalogue.params(Kind::Function, name, &wanted).unwrap_or_else(|_| params.clone())
    }

    fn entries(&self, reader: &mut Reader<'_>) -> Vec<Entry> {
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
    fn adversaries(
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

/// Says what is wrong with a parameter where it stands.
fn param_mistake(
    error: ParamError,
    name: &str,
    given: &serde_json::Value,
    at: &KeyPath,
) -> Mistake {
    let path = step_down(at, &error.path);
    let message = match error.path.last() {
        Some(last) if error.unknown_key => format!("`{name}` has no parameter `{last}`"),
        Some(last) => format!("bad parameter `{last}` of `{name}`"),
        None => format!("bad parameters of `{name}`"),
    };
    let label = if error.unknown_key { "unknown".to_owned() } else { error.message };
    let mistake = Mistake::new(&path, message, label);
    let pointer: String = error.path.iter().map(|step| format!("/{step}")).collect();
    let value = given.pointer(&pointer);
    let text = value.map(|value| value.as_str().map_or_else(|| value.to_string(), str::to_owned));
    let (mistake, wrong, what) = match (error.unknown_key, error.path.last()) {
        (true, Some(key)) => (mistake.on_key(), key.clone(), "parameters"),
        _ => (mistake, text.unwrap_or_default(), "allowed"),
    };
    match (error.unknown_key, &error.allowed[..]) {
        (false, []) => mistake,
        (_, allowed) => mistake.known(&wrong, what, allowed),
    }
}

/// A label for each entry; those that coincide are mistakes.
fn unique_labels(entries: &[Entry], reader: &mut Reader<'_>) -> Vec<String> {
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

fn adversary_of(reader: &mut Reader<'_>) -> Option<adversary::Read> {
    let value = reader.tree.get("adversary").filter(|value| !value.is_null())?;
    reader.keep_all(adversary::read(value, &KeyPath::root().key("adversary")))
}

fn faults_of(
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

fn machines_of(
    reader: &mut Reader<'_>,
    wires: Option<&[MachineWire]>,
    nodes: usize,
) -> Option<BTreeMap<PartyId, u32>> {
    let at = KeyPath::root().key("machines");
    reader.keep(compute::machines(wires.unwrap_or_default(), &at, nodes))
}

/// The prices among the nodes of a protocol; an inner `None` where nothing is priced.
fn tariff(
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

fn shared(reader: &mut Reader<'_>) -> Option<Shared> {
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

fn places(entry: &Entry, source: &FunctionSource, context: &Arc<Context>) -> At {
    let place = |path: KeyPath| Place::new(path, context);
    let root = KeyPath::root();
    let function = root.key("function");
    At {
        function: place(function.key(function::source_key(source))),
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
