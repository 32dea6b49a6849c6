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
        self.task.program().ok_or_else(|| {
            Unsupported::new(
                format!("{} is no program that an engine could run", self.function),
                format!("the dedicated protocol for {}", self.function),
            )
        })
    }

    /// The task, if it is the function of this name, for dedicated protocols that realise what
    /// generic engines compute as well.
    ///
    /// # Errors
    /// If the job asks for another function.
    pub fn named(&self, name: &str) -> Result<&Task, Unsupported> {
        match self.function == name {
            true => Ok(&self.task),
            false => Err(self.realises(name)),
        }
    }

    /// The task as a relation of this name, for dedicated protocols.
    ///
    /// # Errors
    /// If the job asks for another function.
    pub fn relation(&self, name: &str) -> Result<&dyn crate::functions::Relation, Unsupported> {
        match &self.task {
            Task::Relation(relation) if relation.name() == name => Ok(relation.as_ref()),
            _ => Err(self.realises(name)),
        }
    }

    fn realises(&self, name: &str) -> Unsupported {
        Unsupported::new(
            format!("it realises {name}, not {}", self.function),
            format!("function {name}, or a generic engine for {}", self.function),
        )
    }
}
