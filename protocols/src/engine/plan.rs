use std::any::Any;
use std::sync::{Arc, OnceLock};

use mpclab_sim::vocabulary::{Abort, PartyId};
use mpclab_sim::work;

use super::field::{DotTriples, FieldName, Masking, Needs, needs};
use super::inputs::InputPlan;
use super::opening::Opening;
use super::{InputCheck, dot_lengths, levels};
use crate::program::{self, Program, ProgramError, Readers, Sharing, SharingPrices};
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
    /// Who learns which outputs, of those that are shared as numbers.
    pub opening: Opening,
    /// Who learns which outputs, of those that are shared as packed bits.
    pub opening_bits: Opening,
    /// When each batch runs, if operands are verified first.
    pub(crate) levels: Vec<usize>,
    /// Lengths of the inner products of each batch; empty for others.
    pub(crate) dots: Vec<Vec<usize>>,
    /// What hides what comparisons open, for engines in prime fields.
    pub(crate) masking: Masking,
    /// What each batch draws from its stock, for engines in prime fields.
    pub needs: Vec<Needs>,
    once: OnceLock<Arc<dyn Any + Send + Sync>>,
}

/// A job's program for engines in which bits are the numbers 0 and 1.
///
/// # Errors
/// If the job is no program, or a choice is between values that are too far apart.
pub(crate) fn numbers(job: &Job) -> Result<Arc<Program>, Unsupported> {
    Ok(Arc::new(program::to_numbers(job.program()?).map_err(too_wide)?))
}

fn too_wide(why: ProgramError) -> Unsupported {
    Unsupported::new(why.to_string(), "narrower values")
}

impl<P> Plan<P> {
    /// The plan of an engine that neither checks inputs nor verifies operands, and opens all outputs
    /// to all output parties.
    ///
    /// # Errors
    /// If the job is no program, or one with outputs that not all output parties learn.
    pub fn new(job: &Arc<Job>, params: P) -> Result<Self, Unsupported> {
        if job.program()?.has_own_outputs() {
            return Err(Unsupported::new(
                "it opens outputs to all output parties, and some are not for all",
                "an engine that opens to each its own, or outputs that all learn",
            ));
        }
        Plan::with_own_outputs(job, params)
    }

    /// The same for an engine that opens to each output party its own.
    ///
    /// # Errors
    /// If the job is no program.
    pub fn with_own_outputs(job: &Arc<Job>, params: P) -> Result<Self, Unsupported> {
        Ok(Plan::of(job, params, numbers(job)?))
    }

    /// The same for an engine that has packed bits, too: each bit is shared as it takes fewer bytes.
    ///
    /// # Errors
    /// If the job is no program, or a choice is between values that are too far apart.
    pub(crate) fn with_bits(
        job: &Arc<Job>,
        params: P,
        prices: &SharingPrices,
    ) -> Result<Self, Unsupported> {
        let program = program::to_cheapest(job.program()?, prices).map_err(too_wide)?;
        Ok(Plan::of(job, params, Arc::new(program)))
    }

    fn of(job: &Arc<Job>, params: P, program: Arc<Program>) -> Self {
        let batches = &program.schedule().batches;
        let dots = batches.iter().map(|batch| dot_lengths(&program, &batch.members)).collect();
        Plan {
            job: Arc::clone(job),
            params,
            inputs: InputPlan::new(&program, &job.roles, InputCheck::None),
            opening: Opening::new(&program, &job.roles, Sharing::Arithmetic),
            opening_bits: Opening::new(&program, &job.roles, Sharing::Boolean),
            levels: levels(&program, false),
            readers: Arc::new(Readers::new(&program)),
            dots,
            masking: Masking::none(job),
            needs: Vec::new(),
            once: OnceLock::new(),
            program,
        }
    }

    /// What is public but of a type that parties alone know, say of a field: worked out by the first
    /// party that asks. All have to ask for the same.
    ///
    /// # Errors
    /// Those of `make`, or a bug if two ask for different types.
    pub fn once<T: Send + Sync + 'static>(
        &self,
        make: impl FnOnce() -> Result<T, Abort>,
    ) -> Result<Arc<T>, Abort> {
        let made = match self.once.get() {
            Some(made) => made,
            None => {
                let made = Arc::new(work::apart(make)?);
                self.once.get_or_init(|| made)
            }
        };
        let bug = |_| Abort::Bug("two types of one public value".to_owned());
        Arc::clone(made).downcast().map_err(bug)
    }

    /// Inputs are held to their ranges like this.
    #[must_use]
    pub fn with_inputs(self, check: InputCheck) -> Self {
        let inputs = InputPlan::new(&self.program, &self.job.roles, check);
        Plan { inputs, ..self }
    }

    /// What comparisons and truncations work on is verified first.
    ///
    /// A statistical mask hides a value in range only. A cheater that puts a product wrong may move
    /// what depends on it out of range, and would read a secret from the masked opening long before
    /// the check that notices. Whoever masks by uniform elements has no such worry.
    #[must_use]
    pub fn with_levels(self) -> Self {
        Plan { levels: levels(&self.program, true), ..self }
    }

    /// Batches draw on random bits and on masks in a field, in a protocol that verifies or does not,
    /// and on triples of this kind.
    #[must_use]
    pub fn with_needs(self, field: FieldName, verifies: bool, dots: DotTriples) -> Self {
        let masking = Masking::of(&self.job, &self.program, field, verifies);
        let needs = needs(&self.program, masking.bits, dots);
        Plan { masking, needs, ..self }
    }

    /// Whether there are inputs, and nobody checks them.
    #[must_use]
    pub fn trusts_inputs(&self, check: InputCheck) -> bool {
        check == InputCheck::None && !self.program.inputs().is_empty()
    }

    /// Elements that each input node shares.
    pub fn input_elements(&self) -> impl Iterator<Item = (PartyId, usize)> {
        self.inputs.elements()
    }

    /// Packed bits that each input node shares.
    pub fn input_bits(&self) -> impl Iterator<Item = (PartyId, usize)> {
        self.inputs.bits()
    }
}
