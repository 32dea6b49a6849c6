use std::sync::Arc;

use mpclab_sim::vocabulary::{Roles, SecurityLevel};

use super::Unsupported;
use crate::functions::Task;
use crate::program::Program;

/// What a protocol is asked to do: public data only.
#[derive(Clone, Debug)]
pub struct Job {
    /// Name of the function.
    pub function: String,
    /// What is computed.
    pub task: Task,
    /// Who brings inputs, computes and learns outputs.
    pub roles: Roles,
    /// The security level to reach.
    pub security: SecurityLevel,
}

impl Job {
    /// The program, for generic engines.
    ///
    /// # Errors
    /// If the task is a relation that only a dedicated protocol realises.
    pub fn program(&self) -> Result<&Arc<Program>, Unsupported> {
        match &self.task {
            Task::Program(program) => Ok(program),
            Task::Relation(relation) => Err(Unsupported::new(
                format!("{} is no program that an engine could run", relation.name()),
                format!("the dedicated protocol for {}", relation.name()),
            )),
        }
    }

    /// The task as a relation of this name, for dedicated protocols.
    ///
    /// # Errors
    /// If the job asks for another function.
    pub fn relation(&self, name: &str) -> Result<&dyn crate::functions::Relation, Unsupported> {
        match &self.task {
            Task::Relation(relation) if relation.name() == name => Ok(relation.as_ref()),
            _ => Err(Unsupported::new(
                format!("it realises {name}, not {}", self.function),
                format!("function {name}, or a generic engine for {}", self.function),
            )),
        }
    }
}
