use std::sync::Arc;

use mpclab_protocols::functions::Task;
use mpclab_protocols::protocol::{Job, Unsupported};
use mpclab_scenarios::ProtocolChoice;

use crate::registry::{Bound, Registry};

/// A protocol compiled for a job. Cells that differ in network, seed, faults or adversary alone
/// share it, and so do all of their repetitions.
#[derive(Clone)]
pub(crate) struct Compiled {
    protocol: ProtocolChoice,
    job: Arc<Job>,
    /// What came of it.
    pub(crate) bound: Arc<Bound>,
}

impl Compiled {
    /// Compiles a protocol with its parameters for a job.
    ///
    /// # Errors
    /// Why the protocol can't do it, and what would work.
    pub(crate) fn new(
        registry: &Registry,
        protocol: &ProtocolChoice,
        job: &Arc<Job>,
    ) -> Result<Self, Unsupported> {
        let bound = Arc::new(registry.bind(&protocol.name, job, &protocol.params)?);
        Ok(Compiled { protocol: protocol.clone(), job: Arc::clone(job), bound })
    }

    /// Whether this is what [`Compiled::new`] would make of a protocol and a job.
    pub(crate) fn fits(&self, protocol: &ProtocolChoice, job: &Job) -> bool {
        self.protocol.name == protocol.name
            && self.protocol.params == protocol.params
            && self.job.function == job.function
            && self.job.roles == job.roles
            && self.job.security == job.security
            && same(&self.job.task, &job.task)
    }
}

/// Whether two tasks are one.
fn same(a: &Task, b: &Task) -> bool {
    match (a, b) {
        (Task::Program(a), Task::Program(b)) => Arc::ptr_eq(a, b),
        (Task::Relation(a), Task::Relation(b)) => Arc::ptr_eq(a, b),
        _ => false,
    }
}
