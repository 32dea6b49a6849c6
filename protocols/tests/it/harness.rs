//! Runs a protocol over the simulator and holds everything that came out against what was promised.

use std::sync::Arc;

use mpclab_protocols::functions::Task;
use mpclab_protocols::program::{self, Inputs, Outputs};
use mpclab_protocols::protocol::{Bound, Job};
use mpclab_sim::adversary::Adversary;
use mpclab_sim::network::{Delay, Link, LinkTable, Network};
use mpclab_sim::vocabulary::{Figure, PartyId, Phase, Roles, SecurityLevel};
use mpclab_sim::{Config, End, PartyEnd, Run, RunSeed, Simulation};

pub(crate) const MS: u64 = 1_000_000;

/// A public job; `sigma` is the statistical security parameter.
pub(crate) fn job(task: Task, roles: Roles, sigma: u32) -> Arc<Job> {
    let security = SecurityLevel { statistical: sigma, ..SecurityLevel::default() };
    Arc::new(Job { function: name(&task), task, roles, security })
}

fn name(task: &Task) -> String {
    match task {
        Task::Program(program) => {
            program.outputs().iter().map(|output| &*output.name).collect::<Vec<_>>().join("+")
        }
        Task::Relation(relation) => relation.name().to_owned(),
    }
}

/// `input` pure input clients and `compute` computing parties; `output` says who learns the result.
pub(crate) fn clients(input: usize, compute: usize, output: &[usize]) -> Roles {
    let ids = |ids: &mut dyn Iterator<Item = usize>| ids.map(PartyId::from).collect();
    Roles {
        compute,
        input: ids(&mut (compute..compute + input)),
        output: ids(&mut output.iter().copied()),
    }
}

pub(crate) fn config(nodes: usize, seed: u64) -> Config {
    Config::new(Network::constant(nodes, MS), RunSeed::new(seed, 0))
}

/// A protocol on a job that it can do.
pub(crate) struct Subject {
    /// The protocol with its parameters.
    pub(crate) name: String,
    pub(crate) job: Arc<Job>,
    pub(crate) bound: Bound,
}

impl Subject {
    /// A run of all parties; `inputs[k]` is what input party `k` brings.
    pub(crate) fn simulate(
        &self,
        inputs: &[Inputs],
        config: Config,
        adversary: Option<Box<dyn Adversary>>,
    ) -> Run<Outputs> {
        let mut simulation = Simulation::new(config);
        for ideal in &self.bound.ideals {
            simulation = simulation.with_ideal(ideal.clone());
        }
        if let Some(adversary) = adversary {
            simulation = simulation.with_adversary(adversary);
        }
        simulation.run(|ctx| {
            let index = self.job.roles.input_index(ctx.id());
            let input = index.and_then(|k| inputs.get(k)).cloned().unwrap_or_default();
            (self.bound.start)(ctx, input)
        })
    }

    /// Runs the job honestly once and holds outputs and costs; no message may be left over.
    ///
    /// # Errors
    /// The first promise that was broken.
    pub(crate) fn once(&self, inputs: &[Inputs], seed: u64) -> Result<Run<Outputs>, String> {
        let run = self.simulate(inputs, config(self.job.roles.nodes(), seed), None);
        complete(&run)?;
        correct(&self.job, inputs, &run)?;
        as_evaluated(self, inputs)?;
        as_declared(&self.bound, &run)?;
        all_read(&run)?;
        priced(&self.bound, &run)?;
        Ok(run)
    }

    /// As [`Subject::once`], and holds determinism: neither latencies nor the order of ties may
    /// change what is sent.
    ///
    /// # Errors
    /// The first promise that was broken.
    pub(crate) fn conform(&self, inputs: &[Inputs], seed: u64) -> Result<Run<Outputs>, String> {
        let config = config(self.job.roles.nodes(), seed);
        let run = self.once(inputs, seed)?;
        // Public-key operations between any two take long; two parties do them often enough.
        if has_public_keys(self) && self.job.roles.compute > 2 {
            return Ok(run);
        }
        let again = self.simulate(inputs, config.clone(), None);
        let full_path = Config { full_path: true, ..config.clone() };
        let full = self.simulate(inputs, full_path, None);
        if again.digests != run.digests || again.metrics != run.metrics {
            return Err("two runs with one seed differ".to_owned());
        }
        if full.digests != run.digests || full.metrics != run.metrics || full.rounds != run.rounds {
            return Err("the full path differs from the fast one".to_owned());
        }
        let hurried = self.simulate(inputs, uneven(config), None);
        if hurried.digests.transcript != run.digests.transcript || hurried.rounds != run.rounds {
            return Err("transcript or rounds depend on latencies".to_owned());
        }
        Ok(run)
    }

    /// As [`Subject::conform`], but a broken promise fails the test and says where.
    #[track_caller]
    pub(crate) fn expect(&self, inputs: &[Inputs], seed: u64) -> Run<Outputs> {
        self.kept(self.conform(inputs, seed), inputs, seed)
    }

    /// As [`Subject::once`], but a broken promise fails the test and says where.
    #[track_caller]
    pub(crate) fn expect_once(&self, inputs: &[Inputs], seed: u64) -> Run<Outputs> {
        self.kept(self.once(inputs, seed), inputs, seed)
    }

    #[track_caller]
    fn kept(
        &self,
        run: Result<Run<Outputs>, String>,
        inputs: &[Inputs],
        seed: u64,
    ) -> Run<Outputs> {
        run.unwrap_or_else(|why| {
            let Subject { name, job, bound } = self;
            panic!(
                "{name}, {}, {}, {:?}, sigma {}, seed {seed}, inputs {inputs:?}: {why}",
                bound.domain, job.function, job.roles, job.security.statistical,
            )
        })
    }
}

/// Declared payload of all phases, bytes.
pub(crate) fn payload(subject: &Subject) -> u64 {
    let bytes = |figure| match figure {
        Figure::Exact(bytes) | Figure::AtMost(bytes) => bytes,
    };
    let phases = subject.bound.declared.iter().flat_map(|cost| &cost.phases);
    phases.map(|phase| bytes(phase.bytes)).sum()
}

/// Whether its set-up is long, as one of public-key operations is.
pub(crate) fn has_public_keys(subject: &Subject) -> bool {
    let setup = subject.bound.declared.as_ref().map(|cost| cost.phase(Phase::Setup).bytes);
    setup.is_some_and(|bytes| {
        !Figure::AtMost(4096).admits(match bytes {
            Figure::Exact(bytes) | Figure::AtMost(bytes) => bytes,
        })
    })
}

/// The same run over links that differ tenfold, with ties in another order.
fn uneven(config: Config) -> Config {
    let link = |from: PartyId, to: PartyId| {
        let floor_ns = MS * (1 + u64::from(3 * from.0 + 7 * to.0) % 10);
        Link { latency: Delay { floor_ns, random: Vec::new() }, capacity_bps: None, loss_ppm: 0 }
    };
    let nodes = config.network.nodes();
    let network = Network { links: LinkTable::from_fn(nodes, link), ..(*config.network).clone() };
    Config { network: Arc::new(network), salt: Some(5), ..config }
}

fn complete(run: &Run<Outputs>) -> Result<(), String> {
    if run.end != End::Complete {
        return Err(format!("the run ended with {:?}", run.end));
    }
    for (at, (end, _)) in run.parties.iter().enumerate() {
        if !matches!(end, PartyEnd::Output(_)) {
            return Err(format!("party {at} ended with {end:?}"));
        }
    }
    match run.breaches.first() {
        None => Ok(()),
        Some((party, what)) => Err(format!("{party} {what}")),
    }
}

/// Output parties have what the functionality yields, the others have nothing.
///
/// # Errors
/// The first difference.
pub(crate) fn correct(job: &Job, inputs: &[Inputs], run: &Run<Outputs>) -> Result<(), String> {
    let mut learned = Vec::new();
    for (party, output) in run.outputs() {
        if job.roles.learns_output(party) {
            learned.push(output.clone());
        } else if !output.is_empty() {
            return Err(format!("{party} learns {output:?}"));
        }
    }
    if learned.len() != job.roles.output.len() {
        return Err(format!("only {} parties have an output", learned.len()));
    }
    match &job.task {
        Task::Program(program) => {
            let expected = program::interpret(program, inputs).map_err(|why| why.to_string())?;
            for (party, output) in learned.iter().enumerate() {
                program::check_outputs(program, &expected, party, output)
                    .map_err(|why| why.to_string())?;
            }
            Ok(())
        }
        Task::Relation(relation) => {
            let learned: Vec<_> = learned.into_iter().map(Some).collect();
            relation.accepts(inputs, &learned).map_err(|why| why.to_string())
        }
    }
}

/// The protocol's own arithmetic says what the functionality does, where it says anything.
fn as_evaluated(subject: &Subject, inputs: &[Inputs]) -> Result<(), String> {
    let Task::Program(program) = &subject.job.task else { return Ok(()) };
    let Some(outputs) = subject.bound.oracle.evaluate(inputs) else { return Ok(()) };
    let expected = program::interpret(program, inputs).map_err(|why| why.to_string())?;
    let checked = program::check(program, &expected, &outputs.values());
    checked.map_err(|why| format!("in its own arithmetic: {why}"))
}

/// Measured payload and rounds of every phase are exactly the declared ones.
fn as_declared(bound: &Bound, run: &Run<Outputs>) -> Result<(), String> {
    let declared = bound.declared.as_ref().ok_or("no declared cost")?;
    for phase in Phase::ALL {
        let (bytes, rounds) = measured(run, phase);
        let cost = declared.phase(phase);
        if (cost.bytes, cost.rounds) != (Figure::Exact(bytes), Figure::Exact(rounds)) {
            return Err(format!(
                "{phase}: {bytes} bytes in {rounds} rounds, but declared are {:?} bytes in {:?}",
                cost.bytes, cost.rounds
            ));
        }
    }
    Ok(())
}

/// Everything that was charged has been announced, so that a profile can price it.
fn priced(bound: &Bound, run: &Run<Outputs>) -> Result<(), String> {
    let charged = run.metrics.parties.iter().flat_map(|party| party.ops.keys());
    match charged.into_iter().find(|key| bound.ops.iter().all(|op| op.key != key.as_str())) {
        Some(key) => Err(format!("{key} is charged, but not among the ops")),
        None => Ok(()),
    }
}

/// Payload bytes over all parties and causal rounds of a phase.
pub(crate) fn measured(run: &Run<Outputs>, phase: Phase) -> (u64, u64) {
    let rounds = run.rounds.phase[phase.index()];
    (run.metrics.phase(phase).sent_bytes, u64::from(rounds))
}

/// Every message was waited for: none left over, none after its reader had gone.
fn all_read(run: &Run<Outputs>) -> Result<(), String> {
    let (mut sent, mut received) = (0, 0);
    for party in &run.metrics.parties {
        if (party.unread, party.late) != (0, 0) {
            let (unread, late) = (party.unread, party.late);
            return Err(format!("{}: {unread} messages unread, {late} late", party.party));
        }
        sent += party.total().sent_bytes;
        received += party.total().received_bytes;
    }
    if sent == received {
        return Ok(());
    }
    Err(format!("{sent} bytes were sent, but {received} received"))
}
