//! Modelled compute against measured: what a profile says a protocol's local work takes, and what
//! the same code took.
//!
//! Nothing is sent over a socket in a simulation, so the price of sockets is left out of the model
//! here: like is compared with like.

use std::collections::{BTreeMap, BTreeSet};
use std::path::{Path, PathBuf};

use mpclab_files::Links;
use mpclab_scenarios::{ComputeChoice, Diagnostic, MAX_YAML_BYTES, plan_texts};
use mpclab_sim::compute::{Price, Profile};
use mpclab_sim::handling;
use mpclab_sim::vocabulary::Phase;
use mpclab_sim::{Metrics, RunSeed};

use crate::calibrate::Bench;
use crate::registry::{ProtocolEntry, Registry};
use crate::runner::{Against, PreparedCell, Subject, prepare};

/// Functions, and their sizes in place of `N`. Each protocol is held against those that it can
/// compute, at the first size that is of middle size to it; a function that a protocol has the name
/// of is for that one.
const FUNCTIONS: [(&str, &str, &[u32]); 10] = [
    ("dot", "{ length: N }", &[20, 200, 2_000, 20_000, 200_000]),
    ("sum", "{ length: N }", &[50, 500, 5_000, 50_000]),
    ("multiply", "{ count: N, depth: 2 }", &[1_000, 10_000, 100_000]),
    ("compare", "{ count: N }", &[100, 1_000, 10_000]),
    ("truncate", "{ count: N }", &[100, 1_000, 10_000]),
    ("conjunction", "{ count: N, depth: 2 }", &[2_000, 20_000, 200_000]),
    ("random_bits", "{ count: N }", &[10_000, 100_000, 1_000_000]),
    ("max", "{ length: N }", &[100, 1_000]),
    ("coin_toss", "{ bits: N }", &[65_536]),
    ("oblivious_transfer", "{ length: N }", &[10_000, 100_000, 1_000_000]),
];

/// Compute of all parties from which a run is of middle size, on the reference machine, without its
/// set-up, which does not grow: what less takes is what starts and ends it.
const MIDDLE_PS: u64 = 5_000_000_000;

/// Whose prices the model has.
pub enum Prices {
    /// Those of a profile.
    Of(Profile),
    /// Those of this machine, timed between the measured runs of each function: what slows one for a
    /// while slows the other.
    Beside(Bench),
}

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

/// What of a registry is held, and how.
#[derive(Clone, Debug)]
pub struct Choice {
    /// Names of protocols; all if there are none.
    pub protocols: Vec<String>,
    /// Measured runs, of which the median counts.
    pub runs: usize,
    /// Whether each scope is held, too.
    pub by_scope: bool,
}

/// Holds prices against measured runs.
///
/// # Errors
/// A protocol that nobody knows; the mistakes of a scenario that can't be set up; what sockets of
/// this machine refuse.
pub fn hold(
    registry: &Registry,
    mut prices: Prices,
    choice: &Choice,
) -> Result<Vec<Held>, Vec<Diagnostic>> {
    let Choice { protocols, runs, by_scope } = choice;
    if let Some(unknown) =
        protocols.iter().find(|name| registry.protocols().all(|of| of.name != name.as_str()))
    {
        let known: Vec<&str> = registry.protocols().map(|protocol| protocol.name).collect();
        let text = format!("no protocol is called `{unknown}`; there are {}", known.join(", "));
        return Err(vec![Diagnostic::without_place(text)]);
    }
    let is_asked = |name: &str| protocols.is_empty() || protocols.iter().any(|of| of == name);
    let (runs, by_scope) = (*runs, *by_scope);
    let mut held = Vec::new();
    for (function, params, sizes) in FUNCTIONS {
        let is_named = registry.protocols().any(|of| of.name == function);
        let is_chosen = |name: &str| is_asked(name) && (!is_named || name == function);
        let (subjects, charged) = middle(registry, is_chosen, (function, params, sizes))?;
        let mut measured = vec![Vec::new(); subjects.len()];
        if let Prices::Beside(bench) = &mut prices {
            bench.forget();
        }
        for _ in 0..runs {
            for ((cell, _), measured) in subjects.iter().zip(&mut measured) {
                measured.extend(Holding { registry, cell, by_scope }.measured());
            }
            if let Prices::Beside(bench) = &mut prices {
                let no_sockets = |error| vec![Diagnostic::without_place(format!("{error}"))];
                bench.round(|op| charged.contains(op.key)).map_err(no_sockets)?;
            }
        }
        let profile = match &prices {
            Prices::Of(profile) => profile.clone(),
            Prices::Beside(bench) => {
                Profile { name: "beside".to_owned(), prices: bench.prices(), cores: 1 }
            }
        };
        for ((cell, params), measured) in subjects.iter().zip(&measured) {
            let of_cell = Holding { registry, cell, by_scope };
            held.extend(of_cell.hold(&format!("{function} {params}"), &profile, measured));
        }
    }
    held.sort_by(|a, b| a.protocol.cmp(&b.protocol));
    Ok(held)
}

/// A cell and its parameters.
type Chosen = (PreparedCell, String);

/// Each protocol's cell of middle size, with its parameters, and what is charged in any of them.
fn middle(
    registry: &Registry,
    is_chosen: impl Fn(&str) -> bool,
    (function, params, sizes): (&str, &str, &[u32]),
) -> Result<(Vec<Chosen>, Charged), Vec<Diagnostic>> {
    let mut chosen = BTreeMap::new();
    for size in sizes {
        let params = params.replace('N', &size.to_string());
        // To plan for many sizes what is large at the first takes longer than to run it.
        let small = |name: &str| {
            is_chosen(name) && chosen.get(name).is_none_or(|(_, ps, _)| *ps < MIDDLE_PS)
        };
        for cell in cells(registry, function, &params, small)? {
            let name = cell.cell.protocol.name.clone();
            let of_cell = Holding { registry, cell: &cell, by_scope: false };
            if let Some((ps, charged)) = of_cell.reference() {
                chosen.insert(name, ((cell, params.clone()), ps, charged));
            }
        }
    }
    let chosen = chosen.into_values().map(|(subject, _, charged)| (subject, charged));
    let (subjects, charged): (Vec<_>, Vec<Charged>) = chosen.unzip();
    Ok((subjects, charged.into_iter().flatten().collect()))
}

fn cells(
    registry: &Registry,
    function: &str,
    params: &str,
    of: impl Fn(&str) -> bool,
) -> Result<Vec<PreparedCell>, Vec<Diagnostic>> {
    // Three parties, or as near to it as a protocol allows.
    let among = |protocol: ProtocolEntry| {
        let (least, most) = protocol.info.parties;
        format!("{{ name: {}, parties: {} }}", protocol.name, 3.clamp(least, most))
    };
    let protocols = registry.protocols().filter(|protocol| of(protocol.name));
    let protocols: Vec<String> = protocols.map(among).collect();
    if protocols.is_empty() {
        return Ok(Vec::new());
    }
    let text = format!(
        "about: A function of middle size.\nfunction: {{ name: {function}, params: {params} }}\nparties: 3\nprotocols: [{}]\n\
         network: ideal\nunsupported: skip\nseed: 1\n",
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

/// Compute by phase, in total, and by scope, picoseconds.
type Parts = BTreeMap<String, u64>;

/// Keys of the ops that a run charges.
type Charged = BTreeSet<String>;

/// What is held: a protocol at a function.
struct Holding<'a> {
    registry: &'a Registry,
    cell: &'a PreparedCell,
    by_scope: bool,
}

impl Holding<'_> {
    /// A run; nothing if it did not end well.
    fn run(&self, compute: ComputeChoice) -> Option<Metrics> {
        let mut cell = self.cell.clone();
        cell.cell.compute = compute;
        let subject = Subject::new(self.registry, &cell, RunSeed::new(1, 0)).ok()?;
        let run = subject.run(Against::default()).run;
        run.is_complete().then_some(run.metrics)
    }

    fn priced(&self, mut profile: Profile) -> Option<Metrics> {
        for socket in [handling::SEND, handling::RECEIVE] {
            profile.prices.insert(socket.key.to_owned(), Price::default());
        }
        self.run(ComputeChoice::Profile(profile))
    }

    /// Compute by the prices that the cell came with, and the ops charged; nothing if its protocol
    /// can't run it.
    fn reference(&self) -> Option<(u64, Charged)> {
        let ComputeChoice::Profile(profile) = &self.cell.cell.compute else { return None };
        let metrics = self.priced(profile.clone())?;
        let grows = Phase::ALL.into_iter().filter(|phase| *phase != Phase::Setup);
        let ps = grows.map(|phase| metrics.phase(phase).compute_ps).sum();
        let ops = metrics.parties.iter().flat_map(|party| party.ops.keys());
        let handling = [handling::ENCODE.key, handling::DECODE.key];
        Some((ps, ops.cloned().chain(handling.map(str::to_owned)).collect()))
    }

    fn hold(&self, function: &str, profile: &Profile, measured: &[Parts]) -> Vec<Held> {
        let Some(modelled) = self.priced(profile.clone()) else { return Vec::new() };
        let held = |(part, modelled_ps)| {
            let mut took: Vec<u64> =
                measured.iter().map(|run| run.get(&part).copied().unwrap_or(0)).collect();
            took.sort_unstable();
            Held {
                protocol: self.cell.cell.protocol.name.clone(),
                function: function.to_owned(),
                part,
                modelled_ps,
                measured_ps: took.get(took.len() / 2).copied().unwrap_or(0),
            }
        };
        parts(&modelled, self.by_scope).into_iter().map(held).collect()
    }

    fn measured(&self) -> Option<Parts> {
        Some(parts(&self.run(ComputeChoice::Measured)?, self.by_scope))
    }
}

/// Compute of all parties by phase and in total, or by scope.
fn parts(metrics: &Metrics, by_scope: bool) -> Parts {
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
