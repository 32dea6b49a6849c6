use std::collections::BTreeMap;
use std::sync::Arc;

use mpclab_protocols::functions::Task;
use mpclab_protocols::protocol::{Job, Unsupported};
use mpclab_scenarios::{Cell, FunctionSource, ProtocolChoice};

use super::compiled::Compiled;
use crate::registry::Registry;

/// Functions and protocols of the cells before, so that each is built once however many cells
/// share it, and is found without looking at all of them.
#[derive(Default)]
pub(super) struct Earlier {
    tasks: BTreeMap<String, Vec<Built>>,
    compiled: BTreeMap<String, Vec<Compiled>>,
}

/// A function that was built, and what of.
struct Built {
    source: FunctionSource,
    task: Task,
    about: String,
}

impl Earlier {
    /// What a cell computes, in one line, too: the function of as many parties that was built
    /// before, or that `build` makes.
    pub(super) fn task<E>(
        &mut self,
        cell: &Cell,
        build: impl FnOnce() -> Result<(Task, String), E>,
    ) -> Result<(Task, String), E> {
        let function = &cell.function;
        let parties = (cell.roles.input.len(), cell.roles.output.len());
        let key = format!("{parties:?} {} {}", function.name, function.params);
        let known = self.tasks.entry(key).or_default();
        if let Some(built) = known.iter().find(|built| built.source == function.source) {
            return Ok((built.task.clone(), built.about.clone()));
        }
        let (task, about) = build()?;
        let (source, built) = (function.source.clone(), (task.clone(), about.clone()));
        known.push(Built { source, task, about });
        Ok(built)
    }

    /// A protocol compiled for a job, now or before.
    ///
    /// # Errors
    /// Why the protocol can't do it, and what would work.
    pub(super) fn compiled(
        &mut self,
        registry: &Registry,
        protocol: &ProtocolChoice,
        job: &Arc<Job>,
    ) -> Result<Compiled, Unsupported> {
        let task = match &job.task {
            Task::Program(program) => Arc::as_ptr(program).addr(),
            Task::Relation(relation) => Arc::as_ptr(relation).addr(),
        };
        let (roles, level) = (&job.roles, job.security);
        let parties = (roles.compute, roles.nodes(), roles.input.len(), roles.output.len());
        let key = format!("{task} {parties:?} {level:?} {} {}", protocol.name, protocol.params);
        let known = self.compiled.entry(key).or_default();
        if let Some(compiled) = known.iter().find(|compiled| compiled.fits(protocol, job)) {
            return Ok(compiled.clone());
        }
        let compiled = Compiled::new(registry, protocol, job)?;
        known.push(compiled.clone());
        Ok(compiled)
    }
}
