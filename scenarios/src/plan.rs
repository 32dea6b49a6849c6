//! What a scenario file comes down to: cells to run, and what must hold in them.

use std::collections::BTreeMap;
use std::sync::Arc;

use mpclab_sim::compute::{Price, Profile};
use mpclab_sim::faults::{CrashKind, Fault, FaultKind};
use mpclab_sim::network::Network;
use mpclab_sim::vocabulary::{Guarantee, MetricName, PartyId, Roles, SecurityLevel, Standing};
use serde_json::{Value, json};

use crate::adversary::{self, AdversaryChoice};
use crate::prices::Tariff;
use crate::resolve::inputs::InputSource;
use crate::resolve::network;
use crate::source::{Place, Source};

/// A scenario file, validated and resolved.
#[derive(Clone, Debug)]
pub struct Plan {
    /// The file's name without its ending.
    pub name: String,
    /// What is asked, in prose.
    pub about: String,
    /// Swept values x known attacks, if these are asked for, x protocols: the sweep's last key
    /// varies faster than the ones before, and protocols fastest. At least one.
    pub cells: Vec<Cell>,
    /// Runs of each cell, at least 1.
    pub repetitions: u32,
    /// Where all randomness comes from.
    pub seed: u64,
    /// What happens if a protocol cannot run a cell.
    pub unsupported: Unsupported,
    /// What must hold in every run.
    pub expect: Vec<Expectation>,
    /// Claims that a strict battery of attacks may leave undecided.
    pub undecided: Vec<Undecided>,
    /// A scenario file that refers to no other and says the same, defaults included.
    pub resolved: String,
    /// The texts that all this was read from, to report later mistakes at.
    pub source: Source,
}

/// One function, one protocol, one setting.
#[derive(Clone, Debug)]
pub struct Cell {
    /// Position in the plan, from 0.
    pub index: usize,
    /// Swept key paths with this cell's values, as written; a swept network is its name. A known
    /// attack out of all of them counts as a swept `adversary.strategy`.
    pub sweep: Vec<(String, Value)>,
    /// Position of the protocol in the file's list, from 0.
    pub protocol_index: usize,
    /// What is computed.
    pub function: FunctionChoice,
    /// How it is computed.
    pub protocol: ProtocolChoice,
    /// Who does what.
    pub roles: Roles,
    /// The network among all nodes; cells share it where they have the same.
    pub network: Arc<Network>,
    /// The preset's or file's name, with a `*` if the scenario changes it, or `custom`.
    pub network_name: String,
    /// The region of each node; empty if the network has no regions.
    pub regions: Arc<Vec<String>>,
    /// Who is corrupted, and what they do.
    pub adversary: Option<AdversaryChoice>,
    /// What befalls parties, in the order of the file.
    pub faults: Vec<Fault>,
    /// What computing costs.
    pub compute: ComputeChoice,
    /// Nodes whose machine is not like the others': what compute takes there over what it takes
    /// elsewhere, in thousandths.
    pub slowdown_permille: BTreeMap<PartyId, u32>,
    /// What machines and traffic cost in money; `None` where that is not priced.
    pub prices: Option<Arc<Tariff>>,
    /// The level that the protocol has to reach.
    pub security: SecurityLevel,
    /// The bound on delays after which a receive gives up, nanoseconds.
    pub synchrony_ns: Option<u64>,
    /// Where a run is ended.
    pub limits: Limits,
    /// Where the file says so.
    pub at: At,
}

/// A function with its parameters and inputs.
#[derive(Clone, Debug)]
pub struct FunctionChoice {
    /// Name in the catalogue, or of the file that it comes from.
    pub name: String,
    /// What it is made of.
    pub source: FunctionSource,
    /// All parameters, defaults included; those of a program as given.
    pub params: Value,
    /// Whether the parameter `decimals` is left open and is what the inputs have.
    pub decimals_of_inputs: bool,
    /// Where the inputs come from.
    pub inputs: InputSource,
}

/// What a function is made of.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum FunctionSource {
    /// The catalogue knows it by its name.
    Named,
    /// A script that builds it.
    Program {
        /// The file, as it is shown.
        path: String,
        /// The script.
        text: Arc<str>,
    },
    /// A circuit in Bristol format.
    Circuit {
        /// The file, as it is shown.
        path: String,
        /// What it holds.
        bytes: Arc<[u8]>,
    },
}

/// A protocol with its parameters.
#[derive(Clone, Debug, PartialEq)]
pub struct ProtocolChoice {
    /// Name in the catalogue.
    pub name: String,
    /// Name in results; unique in its scenario.
    pub label: String,
    /// All parameters, defaults included.
    pub params: Value,
}

/// What computing costs in virtual time.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum ComputeChoice {
    /// Nothing.
    None,
    /// What it takes on this machine.
    Measured,
    /// What a profile says.
    Profile(Profile),
}

/// Where a run is ended with a named outcome.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Limits {
    /// Virtual time, nanoseconds.
    pub virtual_time_ns: Option<u64>,
    /// Events of the simulator.
    pub events: Option<u64>,
}

/// What happens if a protocol cannot run a cell.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Unsupported {
    /// The file is refused.
    Refuse,
    /// The cell becomes a row with its reason.
    Skip,
}

/// A claim that a strict battery of attacks may leave undecided.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Undecided {
    /// Which guarantee.
    pub guarantee: Guarantee,
    /// Only of this protocol: a label or a name.
    pub protocol: Option<String>,
    /// Only under this attack, by its name in the grid.
    pub attack: Option<String>,
    /// Why it can't be decided.
    pub because: String,
}

/// Something that must hold in every run that it concerns.
#[derive(Clone, Debug)]
pub struct Expectation {
    /// What must hold.
    pub expected: Expected,
    /// Only for this protocol: a label or a name.
    pub protocol: Option<String>,
    /// Only in cells with these swept values.
    pub when: Vec<(String, Value)>,
    /// Where the file says so.
    pub place: Place,
}

/// What must hold.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Expected {
    /// A guarantee's standing.
    Verdict {
        /// Which guarantee.
        guarantee: Guarantee,
        /// How it must stand.
        standing: Standing,
    },
    /// Bounds on a metric.
    Metric {
        /// Which metric.
        metric: MetricName,
        /// Its bounds.
        bounds: Bounds,
    },
}

/// Bounds in a metric's own unit, both inclusive.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Bounds {
    /// Smallest value.
    pub min: Option<u64>,
    /// Largest value.
    pub max: Option<u64>,
}

impl Bounds {
    /// Whether a measured value is within.
    #[must_use]
    pub fn admit(&self, measured: u64) -> bool {
        self.min.is_none_or(|min| measured >= min) && self.max.is_none_or(|max| measured <= max)
    }
}

/// Where a cell's parts stand, for [`Source::error`].
#[derive(Clone, Debug)]
pub struct At {
    /// The function's name.
    pub function: Place,
    /// The function's parameters.
    pub function_params: Place,
    /// The function's inputs; see [`crate::GivenInputs::place`].
    pub inputs: Place,
    /// The protocol's name.
    pub protocol: Place,
    /// The protocol's parameters.
    pub protocol_params: Place,
    /// The numbers of parties.
    pub parties: Place,
    /// The network.
    pub network: Place,
    /// The adversary.
    pub adversary: Place,
    /// The faults.
    pub faults: Place,
    /// What computing costs.
    pub compute: Place,
    /// The security level.
    pub security: Place,
}

impl Cell {
    /// Everything that can affect the cell's result: contents of files, not their names; not the
    /// seed, the label or the expectations. Equal for equal meanings; keys are sorted.
    #[must_use]
    pub fn identity(&self) -> Value {
        let compute = match &self.compute {
            ComputeChoice::None => json!("none"),
            ComputeChoice::Measured => json!("measured"),
            ComputeChoice::Profile(profile) => {
                let price = |price: &Price| json!([price.call_ps, price.unit_ps]);
                let prices = profile.prices.iter().map(|(op, of)| (op.clone(), price(of)));
                let prices: serde_json::Map<String, Value> = prices.collect();
                json!({ "cores": profile.cores, "call_and_unit_ps": prices })
            }
        };
        let mut identity = json!({
            "function": {
                "name": self.function.name,
                "params": self.function.params,
                "inputs": self.function.inputs.identity(),
            },
            "protocol": { "name": self.protocol.name, "params": self.protocol.params },
            "roles": self.roles,
            "network": network::identity(&self.network),
            "faults": self.faults.iter().map(fault_identity).collect::<Vec<_>>(),
            "compute": compute,
            "security": self.security,
            "synchrony_ns": self.synchrony_ns,
            "limits": {
                "virtual_time_ns": self.limits.virtual_time_ns,
                "events": self.limits.events,
            },
        });
        let content: Option<(&str, &[u8])> = match &self.function.source {
            FunctionSource::Named => None,
            FunctionSource::Program { text, .. } => Some(("program", text.as_bytes())),
            FunctionSource::Circuit { bytes, .. } => Some(("circuit", bytes)),
        };
        if let Some((key, content)) = content {
            let hash = blake3::hash(content).to_hex().to_string();
            identity["function"]["name"] = Value::Null;
            identity["function"][key] = json!(hash);
        }
        // Without an adversary, an identity is what it was before there were any.
        let adversary = self.adversary.as_ref().map(adversary::value);
        if let Some(Ok(adversary)) = adversary.map(serde_json::to_value) {
            identity["adversary"] = adversary;
        }
        // Nor without a machine that is unlike the others.
        if !self.slowdown_permille.is_empty() {
            identity["slowdown_permille"] = json!(self.slowdown_permille);
        }
        if let Some(prices) = &self.prices {
            identity["prices"] = prices.identity();
        }
        identity.sort_all_objects();
        identity
    }
}

fn fault_identity(fault: &Fault) -> Value {
    let kind = match fault.kind {
        FaultKind::Crash(CrashKind::Host) => json!("host crash"),
        FaultKind::Crash(CrashKind::Process) => json!("process crash"),
        FaultKind::Pause { until_ns } => json!({ "paused_until_ns": until_ns }),
        FaultKind::Restart { up_at_ns } => json!({ "restarted_at_ns": up_at_ns }),
    };
    json!([fault.party, fault.at_ns, kind])
}
