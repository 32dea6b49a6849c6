use std::sync::Arc;

use mpclab_sim::vocabulary::PartyId;

use super::field::{DotTriples, Needs, needs};
use super::inputs::{InputPlan, bounded_inputs};
use super::{InputCheck, dot_lengths, levels};
use crate::program::{Program, Readers};
use crate::protocol::{Job, Unsupported};

/// What a generic protocol works out of a job before anybody runs; the same for all parties.
pub struct Plan<P> {
    /// The job.
    pub job: Arc<Job>,
    /// The protocol's parameters.
    pub params: P,
    /// The program that is run.
    pub program: Arc<Program>,
    /// Who reads which node: when batches can run, and values be dropped.
    pub(crate) readers: Arc<Readers>,
    /// What every input node shares, and in which form.
    pub(crate) inputs: InputPlan,
    /// When each batch runs, if operands are verified first.
    pub(crate) levels: Vec<usize>,
    /// Lengths of the inner products of each batch; empty for others.
    pub(crate) dots: Vec<Vec<usize>>,
    /// What each batch draws from its stock, for engines in prime fields.
    pub(crate) needs: Vec<Needs>,
}

impl<P> Plan<P> {
    /// The plan of an engine that neither checks inputs nor verifies operands.
    ///
    /// # Errors
    /// If the job is no program.
    pub(crate) fn new(job: &Arc<Job>, params: P) -> Result<Self, Unsupported> {
        let program = Arc::clone(job.program()?);
        let batches = &program.schedule().batches;
        let dots = batches.iter().map(|batch| dot_lengths(&program, &batch.members)).collect();
        Ok(Plan {
            job: Arc::clone(job),
            params,
            inputs: InputPlan::new(&program, &job.roles, InputCheck::None),
            levels: levels(&program, false),
            readers: Arc::new(Readers::new(&program)),
            dots,
            needs: Vec::new(),
            program,
        })
    }

    /// Inputs are held to their ranges like this.
    pub(crate) fn with_inputs(self, check: InputCheck) -> Self {
        let inputs = InputPlan::new(&self.program, &self.job.roles, check);
        Plan { inputs, ..self }
    }

    /// What comparisons and truncations work on is verified first.
    ///
    /// A statistical mask hides a value in range only. A cheater that puts a product wrong may move
    /// what depends on it out of range, and would read a secret from the masked opening long before
    /// the check that notices. Whoever masks by uniform elements has no such worry.
    pub(crate) fn with_levels(self) -> Self {
        Plan { levels: levels(&self.program, true), ..self }
    }

    /// Batches draw on random bits and masks, and on triples of this kind.
    pub(crate) fn with_needs(self, dots: DotTriples) -> Self {
        let needs = needs(&self.program, self.job.security.statistical, dots);
        Plan { needs, ..self }
    }

    /// Whether there are inputs that ought to be checked, but are not.
    pub(crate) fn trusts_inputs(&self, check: InputCheck) -> bool {
        check == InputCheck::None && bounded_inputs(&self.program).contains(&true)
    }

    /// Elements that each input node shares.
    pub(crate) fn input_elements(&self) -> impl Iterator<Item = (PartyId, usize)> {
        self.inputs.elements()
    }
}
