use std::collections::BTreeMap;
use std::sync::Arc;

use mpclab_protocols::attack::Setting;
use mpclab_protocols::program::{Inputs, Outputs};
use mpclab_protocols::protocol::{Job, Unsupported};
use mpclab_scenarios::ComputeChoice;
use mpclab_sim::compute::Compute;
use mpclab_sim::faults::Fault;
use mpclab_sim::vocabulary::PartyId;
use mpclab_sim::{Config, Limits, PartyCounts, Run, RunSeed, Simulation, Tape};

use super::verdict::{Facts, Threat};
use super::{Against, LINK_MATRIX_NODES, PreparedCell, ThreadCpu, judge};
use crate::registry::{Bound, Registry};

/// A cell with a seed: everything that a run depends on but its adversary.
pub struct Subject<'a> {
    /// The cell.
    pub cell: &'a PreparedCell,
    /// Root of all randomness.
    pub seed: RunSeed,
    /// The job of the run.
    pub job: Arc<Job>,
    /// The protocol, bound to the job.
    pub bound: Arc<Bound>,
    /// Inputs by input party.
    pub inputs: Vec<Inputs>,
    /// Decides all random draws, for exact tests.
    pub tape: Option<Arc<dyn Tape>>,
    /// Messages that are taken down of a run; one with more has no trace.
    pub(crate) trace_messages: usize,
}

/// A run with what stood against it.
pub struct Trial {
    /// What came out.
    pub run: Run<Outputs>,
    /// What the adversary might do; `None` if there was none.
    pub threat: Option<Threat>,
    /// All scheduled faults.
    pub faults: Vec<Fault>,
    /// Whether a corrupted party brought other inputs than it was given.
    pub is_substituted: bool,
    /// Whether all that crashed parties had to say was read by those who stayed.
    pub is_unmissed: bool,
}

impl<'a> Subject<'a> {
    /// Binds a cell's protocol to a seed; inputs are those given, or drawn from the seed, the same
    /// for every protocol.
    ///
    /// # Errors
    /// Why the protocol can't do it.
    pub fn new(
        registry: &Registry,
        cell: &'a PreparedCell,
        seed: RunSeed,
    ) -> Result<Self, Unsupported> {
        let job = cell.job();
        let bound = cell.bound(registry, &job)?;
        let inputs = inputs(registry, cell, &seed);
        Ok(Subject { cell, seed, job, bound, inputs, tape: None, trace_messages: 0 })
    }

    /// What an attack on it needs to know.
    #[must_use]
    pub fn setting(&self, corrupted: Vec<PartyId>) -> Setting {
        let params = self.cell.cell.protocol.params.clone();
        Setting { job: Arc::clone(&self.job), corrupted, seed: self.seed, params }
    }

    /// Runs it once.
    #[must_use]
    pub fn run(&self, against: Against) -> Trial {
        let cell = &self.cell.cell;
        let corrupted = against.corrupted();
        let mut faults = cell.faults.clone();
        faults.extend(against.faults);
        let randomness = against.randomness;
        let config = Config {
            faults: faults.clone(),
            keep_taps: against.threat.is_some(),
            randomness: randomness
                .map(|randomness| corrupted.iter().map(|party| (*party, randomness)).collect())
                .unwrap_or_default(),
            ..self.config()
        };
        let mut simulation = Simulation::new(config);
        for ideal in &self.bound.ideals {
            simulation = simulation.with_ideal(ideal.clone());
        }
        if let Some(adversary) = against.adversary {
            simulation = simulation.with_adversary(adversary);
        }
        let replace = |party: PartyId| against.inputs.as_ref()?(party, &self.input(party));
        let replaced: BTreeMap<PartyId, Inputs> =
            corrupted.iter().filter_map(|party| Some((*party, replace(*party)?))).collect();
        let run = simulation.run(|ctx| {
            let input = replaced.get(&ctx.id()).cloned().unwrap_or_else(|| self.input(ctx.id()));
            match &against.code {
                Some(code) if corrupted.contains(&ctx.id()) => code(ctx, input),
                _ => (self.bound.start)(ctx, input),
            }
        });
        let crashed = judge::crashed(&run);
        let is_alone = against.threat.is_none() && run.corrupted.is_empty();
        let is_unmissed = is_alone && self.is_unmissed(&run, &crashed);
        let is_substituted = !replaced.is_empty();
        Trial { run, threat: against.threat, faults, is_substituted, is_unmissed }
    }

    /// Whether those who stayed read as many bytes as they do where nothing befalls anybody, of each
    /// other and of ideal functionalities, which may wait for whoever is gone.
    fn is_unmissed(&self, run: &Run<Outputs>, crashed: &[PartyId]) -> bool {
        if crashed.is_empty() {
            return true;
        }
        let config = Config { faults: Vec::new(), trace_messages: 0, ..self.config() };
        let mut simulation = Simulation::new(config);
        for ideal in &self.bound.ideals {
            simulation = simulation.with_ideal(ideal.clone());
        }
        let whole = simulation.run(|ctx| {
            let input = self.input(ctx.id());
            (self.bound.start)(ctx, input)
        });
        let pairs = run.metrics.parties.iter().zip(&whole.metrics.parties);
        let mut stayed = pairs.filter(|(counts, _)| !crashed.contains(&counts.party));
        let read = |counts: &PartyCounts| {
            let total = counts.total();
            (total.received_bytes, total.ideal_bytes)
        };
        whole.is_complete() && stayed.all(|(got, all)| read(got) == read(all))
    }

    /// What a party is given.
    pub(crate) fn input(&self, party: PartyId) -> Inputs {
        let at = self.cell.cell.roles.input_index(party);
        at.and_then(|at| self.inputs.get(at)).cloned().unwrap_or_default()
    }

    /// What its run depends on, without an adversary.
    pub(crate) fn config(&self) -> Config {
        let cell = &self.cell.cell;
        let limits = Limits::default();
        Config {
            network: Arc::clone(&cell.network),
            faults: cell.faults.clone(),
            compute: match &cell.compute {
                ComputeChoice::None => Compute::None,
                ComputeChoice::Measured => Compute::Measured(Arc::new(ThreadCpu)),
                ComputeChoice::Profile(profile) => Compute::Profile(Arc::new(profile.clone())),
            },
            slowdown_permille: cell.slowdown_permille.clone(),
            seed: self.seed,
            synchrony_ns: cell.synchrony_ns,
            limits: Limits {
                virtual_ns: cell.limits.virtual_time_ns.unwrap_or(limits.virtual_ns),
                events: cell.limits.events.unwrap_or(limits.events),
                ..limits
            },
            salt: None,
            keep_taps: false,
            randomness: Default::default(),
            tape: self.tape.clone(),
            trace_messages: self.trace_messages,
            // Traffic has a price by who sends to whom.
            keep_links: cell.roles.nodes() <= LINK_MATRIX_NODES || cell.prices.is_some(),
            full_path: false,
        }
    }

    /// A run with everything that its verdicts rest on.
    #[must_use]
    pub fn facts<'b>(&'b self, trial: &'b Trial) -> Facts<'b> {
        let Trial { run, threat, faults, is_unmissed, .. } = trial;
        let (cell, bound, inputs) = (self.cell, &self.bound, &self.inputs);
        let (threat, is_unmissed) = (*threat, *is_unmissed);
        Facts { cell, bound, run, inputs, threat, faults, is_unmissed }
    }
}

/// Inputs by input party: given, or drawn from the run's seed, the same for every protocol.
fn inputs(registry: &Registry, prepared: &PreparedCell, seed: &RunSeed) -> Vec<Inputs> {
    let parties = prepared.cell.roles.input.len();
    prepared.given.clone().unwrap_or_else(|| {
        let generate = |party: usize| {
            let mut rng = seed.rng("input", PartyId::from(party));
            super::function::generate(registry, prepared, party, &mut rng)
        };
        (0..parties).map(generate).collect()
    })
}
