use std::fmt::Debug;
use std::sync::Arc;

use crate::program::{InputDecl, Inputs, Outputs, Program};

/// What a job computes.
#[derive(Clone, Debug)]
pub enum Task {
    /// A deterministic function, as a program that generic engines run.
    Program(Arc<Program>),
    /// A randomised task that a dedicated protocol realises.
    Relation(Arc<dyn Relation>),
}

impl Task {
    /// All columns of all input parties.
    #[must_use]
    pub fn inputs(&self) -> &[InputDecl] {
        match self {
            Task::Program(program) => program.inputs(),
            Task::Relation(relation) => relation.inputs(),
        }
    }

    /// The columns of one input party.
    #[must_use]
    pub fn inputs_of(&self, party: usize) -> Vec<InputDecl> {
        self.inputs().iter().filter(|input| input.party == party).cloned().collect()
    }

    /// Number of raw values that an output party learns.
    #[must_use]
    pub fn output_len(&self) -> usize {
        match self {
            Task::Program(program) => program.outputs().iter().map(|output| output.len).sum(),
            Task::Relation(relation) => relation.output_len(),
        }
    }

    /// Outputs as text for people.
    #[must_use]
    pub fn describe(&self, outputs: &[i128]) -> String {
        match self {
            Task::Program(program) => program.describe(outputs),
            Task::Relation(relation) => relation.describe(outputs),
        }
    }
}

/// The ideal functionality of a randomised task: which outputs it may give.
pub trait Relation: Debug + Send + Sync {
    /// Name of the task; dedicated protocols look for it.
    fn name(&self) -> &'static str;

    /// What the input parties bring.
    fn inputs(&self) -> &[InputDecl] {
        &[]
    }

    /// Number of raw values that an output party learns.
    fn output_len(&self) -> usize;

    /// Whether these may be the outputs of the output parties, in their order, for these inputs of
    /// the input parties. One run can't tell whether outputs are distributed as they should be.
    ///
    /// # Errors
    /// The first reason why not.
    fn accepts(&self, inputs: &[Inputs], outputs: &[Outputs]) -> Result<(), RelationError>;

    /// Outputs as text for people.
    fn describe(&self, outputs: &[i128]) -> String;
}

/// Why outputs do not satisfy a relation.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum RelationError {
    /// Too few or too many values.
    #[error("output party {party} has {got} values instead of {expected}")]
    Length {
        /// Index among the output parties.
        party: usize,
        /// Values that the task yields.
        expected: usize,
        /// Values that the party has.
        got: usize,
    },
    /// A value that no run may yield.
    #[error("output party {party}: value {element} is {got}; allowed: {allowed}")]
    Value {
        /// Index among the output parties.
        party: usize,
        /// Position.
        element: usize,
        /// The raw value.
        got: i128,
        /// What is allowed.
        allowed: &'static str,
    },
    /// Two parties that should agree do not.
    #[error("output parties {first} and {second} disagree on value {element}")]
    Disagreement {
        /// One of them.
        first: usize,
        /// The other.
        second: usize,
        /// Position of the first difference.
        element: usize,
    },
}
