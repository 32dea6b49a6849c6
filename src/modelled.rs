//! Modelled compute against measured: what a profile says a protocol's local work takes, and what
//! the same code took.
//!
//! Nothing is sent over a socket in a simulation, so the price of sockets is left out of the model
//! here: like is compared with like.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};

use mpclab_files::Links;
use mpclab_scenarios::{ComputeChoice, Diagnostic, MAX_YAML_BYTES, plan_texts};
use mpclab_sim::compute::{Price, Profile};
use mpclab_sim::handling;
use mpclab_sim::vocabulary::Phase;
use mpclab_sim::{Metrics, RunSeed};

use crate::registry::{ProtocolEntry, Registry};
use crate::runner::{Against, PreparedCell, Subject, prepare};

/// Functions of middle size. Each protocol is held against those that it can compute.
const FUNCTIONS: [(&str, &str); 9] = [
    ("dot", "{ length: 20000 }"),
    ("sum", "{ length: 5000 }"),
    ("multiply", "{ count: 10000, depth: 2 }"),
    ("compare", "{ count: 1000 }"),
    ("truncate", "{ count: 1000 }"),
    ("conjunction", "{ count: 20000, depth: 2 }"),
    ("random_bits", "{ count: 10000 }"),
    ("max", "{ length: 100 }"),
    ("coin_toss", "{ bits: 65536 }"),
];

/// Modelled and measured compute of one protocol at one function, over all parties.
#[derive(Clone, Debug)]
pub struct Held {
    /// Name of the protocol.
    pub protocol: String,
    /// The function and its parameters.
    pub function: String,
    /// In one phase, in one scope, or in all.
    pub part: String,
    /// By the profile, picoseconds.
    pub modelled_ps: u64,
    /// The median of the runs, picoseconds.
    pub measured_ps: u64,
}

impl Held {
    /// Modelled over measured.
    #[must_use]
    pub fn ratio(&self) -> f64 {
        self.modelled_ps as f64 / (self.measured_ps as f64).max(1.0)
    }
}

/// Holds a profile against measured runs, for every protocol of the registry; by scope as well if
/// that is asked for.
///
/// # Errors
/// The mistakes of a scenario that can't be set up.
pub fn hold(
    registry: &Registry,
    profile: &Profile,
    runs: usize,
    by_scope: bool,
) -> Result<Vec<Held>, Vec<Diagnostic>> {
    let mut held = Vec::new();
    for (function, params) in FUNCTIONS {
        for cell in cells(registry, function, params)? {
            if cell.unsupported.is_none() {
                let name = format!("{function} {params}");
                held.extend(hold_cell(registry, &cell, &name, profile, runs, by_scope));
            }
        }
    }
    held.sort_by(|a, b| a.protocol.cmp(&b.protocol));
    Ok(held)
}

fn cells(
    registry: &Registry,
    function: &str,
    params: &str,
) -> Result<Vec<PreparedCell>, Vec<Diagnostic>> {
    // Three parties, or as near to it as a protocol allows.
    let among = |protocol: ProtocolEntry| {
        let (least, most) = protocol.info.parties;
        format!("{{ name: {}, parties: {} }}", protocol.name, 3.clamp(least, most))
    };
    let protocols: Vec<String> = registry.protocols().map(among).collect();
    let text = format!(
        "about: A function of middle size.\nfunction: {{ name: {function}, params: {params} }}\nparties: 3\nprotocols: [{}]\n\
         network: ideal\ncompute: none\nunsupported: skip\nseed: 1\n",
        protocols.join(", ")
    );
    let path = PathBuf::from("middle.yaml");
    let texts = BTreeMap::from([(path.clone(), text)]);
    let plan = plan_texts(&texts, &path, &[], registry)?;
    Ok(prepare(plan, registry)?.cells)
}

/// A profile from a file.
///
/// # Errors
/// The mistakes in it.
pub fn profile_of(registry: &Registry, file: &Path) -> Result<Profile, Vec<Diagnostic>> {
    let read = mpclab_files::read_text(file, MAX_YAML_BYTES, Links::Follow)
        .map_err(|error| vec![Diagnostic::without_place(format!("{}: {error}", file.display()))])?;
    let scenario = format!(
        "about: To read a profile.\nfunction: {{ name: sum }}\nparties: 3\nprotocols: [shamir]\nnetwork: ideal\n\
         compute: ./{}\nseed: 1\n",
        file.file_name().unwrap_or_default().to_string_lossy()
    );
    let beside = |name: &str| file.parent().unwrap_or(Path::new("")).join(name);
    let path = beside("middle.yaml");
    let texts = BTreeMap::from([(path.clone(), scenario), (file.to_owned(), read)]);
    let plan = plan_texts(&texts, &path, &[], registry)?;
    match plan.cells.into_iter().next().map(|cell| cell.compute) {
        Some(ComputeChoice::Profile(profile)) => Ok(profile),
        _ => Err(vec![Diagnostic::without_place(format!("{} is no profile", file.display()))]),
    }
}

fn hold_cell(
    registry: &Registry,
    cell: &PreparedCell,
    function: &str,
    profile: &Profile,
    runs: usize,
    by_scope: bool,
) -> Vec<Held> {
    let mut profile = profile.clone();
    for socket in [handling::SEND, handling::RECEIVE] {
        profile.prices.insert(socket.key.to_owned(), Price::default());
    }
    let of = |compute: ComputeChoice| {
        let mut cell = cell.clone();
        cell.cell.compute = compute;
        let subject = Subject::new(registry, &cell, RunSeed::new(1, 0)).ok()?;
        let run = subject.run(Against::default()).run;
        run.is_complete().then(|| parts(&run.metrics, by_scope))
    };
    let Some(modelled) = of(ComputeChoice::Profile(profile)) else { return Vec::new() };
    let measured: Vec<_> = (0..runs).filter_map(|_| of(ComputeChoice::Measured)).collect();
    let held = |(part, modelled_ps): (&String, &u64)| {
        let mut took: Vec<u64> =
            measured.iter().map(|run| run.get(part).copied().unwrap_or(0)).collect();
        took.sort_unstable();
        Held {
            protocol: cell.cell.protocol.name.clone(),
            function: function.to_owned(),
            part: part.clone(),
            modelled_ps: *modelled_ps,
            measured_ps: took.get(took.len() / 2).copied().unwrap_or(0),
        }
    };
    modelled.iter().map(held).collect()
}

/// Compute of all parties by phase and in total, or by scope.
fn parts(metrics: &Metrics, by_scope: bool) -> BTreeMap<String, u64> {
    let mut parts = BTreeMap::new();
    for phase in Phase::ALL {
        let ps = metrics.phase(phase).compute_ps;
        if ps > 0 {
            parts.insert(phase.name().to_owned(), ps);
        }
    }
    parts.insert("total".to_owned(), parts.values().sum());
    if by_scope {
        for scope in &metrics.scopes {
            *parts.entry(format!("in {}", scope.path)).or_default() += scope.sum.compute_ps;
        }
    }
    parts
}
