use std::fmt::Debug;
use std::sync::Arc;

use mpclab_sim::vocabulary::PartyId;

use crate::program::{InputDecl, Name, Program};
use crate::value::{Inputs, Outputs};

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

    /// Number of values that an output party learns; 0 if it depends on the inputs or the party.
    #[must_use]
    pub fn output_len(&self) -> usize {
        match self {
            Task::Program(program) => program.outputs().iter().map(|output| output.len).sum(),
            Task::Relation(relation) => relation.output_len(),
        }
    }

    /// What honest output parties have to agree on.
    #[must_use]
    pub fn agreement(&self) -> Agreement {
        match self {
            Task::Program(program) if program.has_own_outputs() => {
                let names = program.outputs().iter().map(|output| output.name.clone());
                Agreement::Columns(names.collect())
            }
            Task::Program(_) => Agreement::All,
            Task::Relation(relation) => relation.agreement(),
        }
    }

    /// The program that generic engines run, where there is one.
    #[must_use]
    pub fn program(&self) -> Option<&Arc<Program>> {
        match self {
            Task::Program(program) => Some(program),
            Task::Relation(relation) => relation.program(),
        }
    }

    /// Outputs as text for people.
    #[must_use]
    pub fn describe(&self, outputs: &Outputs) -> String {
        match self {
            Task::Program(program) => program.describe_own(outputs),
            Task::Relation(relation) => relation.describe(outputs),
        }
    }
}

/// What honest output parties of a task have to agree on.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Agreement {
    /// All outputs are the same.
    All,
    /// Every party has its own.
    None,
    /// Columns of these names are the same, where parties have them.
    Columns(Vec<Name>),
}

impl Agreement {
    /// The first two parties whose outputs differ in something that they have to agree on, and
    /// where: the end of a sentence, empty for all of it.
    #[must_use]
    pub fn conflict(&self, outputs: &[(PartyId, &Outputs)]) -> Option<(PartyId, PartyId, String)> {
        match self {
            Agreement::None => None,
            Agreement::All => {
                let (first, expected) = outputs.first()?;
                let (other, _) = outputs.iter().find(|(_, got)| got != expected)?;
                Some((*first, *other, String::new()))
            }
            Agreement::Columns(names) => names.iter().find_map(|name| {
                let mut having =
                    outputs.iter().filter_map(|(party, own)| Some((*party, own.get(name)?)));
                let (first, expected) = having.next()?;
                let (other, _) = having.find(|(_, got)| *got != expected)?;
                Some((first, other, format!(" in column `{name}`")))
            }),
        }
    }
}

/// An ideal functionality by the outputs that it may give: of a randomised task, or of one whose
/// parties bring or learn what no program computes on.
pub trait Relation: Debug + Send + Sync {
    /// Name of the task; dedicated protocols look for it.
    fn name(&self) -> &'static str;

    /// What the input parties bring.
    fn inputs(&self) -> &[InputDecl] {
        &[]
    }

    /// Number of values that an output party learns; 0 if it depends on the inputs or the party.
    fn output_len(&self) -> usize;

    /// What honest output parties have to agree on.
    fn agreement(&self) -> Agreement {
        Agreement::All
    }

    /// The same function as a program, so that generic engines can be measured against dedicated
    /// protocols; the relation judges both.
    fn program(&self) -> Option<&Arc<Program>> {
        None
    }

    /// Whether these may be the outputs of the output parties, in their order, for these inputs of
    /// the input parties; `None` where a party has no output, or is not to be trusted with one. One
    /// run can't tell whether outputs are distributed as they should be.
    ///
    /// # Errors
    /// The first reason why not.
    fn accepts(&self, inputs: &[Inputs], outputs: &[Option<Outputs>]) -> Result<(), RelationError>;

    /// Outputs as text for people.
    fn describe(&self, outputs: &Outputs) -> String;
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
    /// A column that is missing or of another kind.
    #[error("output party {party} has no column `{name}` of {kind}")]
    Column {
        /// Index among the output parties.
        party: usize,
        /// The column.
        name: &'static str,
        /// What its values should be.
        kind: &'static str,
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
