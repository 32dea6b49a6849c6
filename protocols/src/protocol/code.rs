//! Protocols whose types are forgotten.
//!
//! The state machines of a protocol's parties are large. They are compiled in the crate that calls
//! [`code`] on its protocols, once, and everybody else holds boxes.

use std::any::Any;
use std::marker::PhantomData;
use std::sync::Arc;

use mpclab_sim::vocabulary::{Claims, DeclaredCost, Op, RoleClaim};
use mpclab_sim::{Ctx, Ideal, PartyFuture, handling};
use serde_json::Value;

use super::{Job, Protocol, Unsupported};
use crate::attack::Attack;
use crate::oracle::{EffectiveInputs, SoundnessBound, SoundnessTrial, States};
use crate::program::{Inputs, Outputs};

/// A protocol with its parameters, compiled for a job.
pub struct Bound {
    /// What it promises for this job.
    pub claims: Claims,
    /// What its functionality leaks by the scenario's own choice; see [`Protocol::leaks`].
    pub leaks: Option<String>,
    /// Who has which named role in it, and what is claimed of each.
    pub roles: Vec<RoleClaim>,
    /// What its security rests on, if it is computational; see [`Protocol::assumes`].
    pub assumes: &'static [&'static str],
    /// What it says it costs.
    pub declared: Option<DeclaredCost>,
    /// Memory over declared payload; see [`Protocol::HELD_PERCENT`].
    pub held_percent: u64,
    /// Memory that follows from no payload, bytes; see [`Protocol::held_bytes`].
    pub held_bytes: u64,
    /// Memory of the plan, bytes; see [`Protocol::plan_bytes`].
    pub plan_bytes: u64,
    /// Every op that it charges.
    pub ops: Vec<Op>,
    /// The algebra that it computes in.
    pub domain: String,
    /// What a reader of its figures has to know.
    pub notes: Vec<String>,
    /// Ideal functionalities that it assumes.
    pub ideals: Vec<Ideal>,
    /// What the omniscient checker asks it.
    pub oracle: Box<dyn Oracle>,
    /// Starts one party.
    pub start: Box<dyn Fn(Ctx, Inputs) -> PartyFuture<Outputs> + Send + Sync>,
}

/// What the omniscient checker asks a protocol that is bound to a job; see [`Protocol`].
pub trait Oracle: Send + Sync {
    /// What corrupted input parties brought in the end.
    fn effective_inputs(&self, states: &States<'_>) -> EffectiveInputs;
    /// The function over the protocol's own arithmetic.
    fn evaluate(&self, inputs: &[Inputs]) -> Option<Outputs>;
    /// What theorems say of its checks.
    fn soundness(&self) -> Vec<SoundnessBound>;
    /// How its soundness errors are measured; parameters are JSON.
    fn soundness_trials(&self) -> Vec<SoundnessTrial<Value>>;
}

/// A protocol's code, whatever its types.
pub trait Code: Send + Sync {
    /// Known attacks on the protocol.
    fn attacks(&self) -> Vec<Attack>;

    /// The parameters that its conformance covers, as a scenario has them; see
    /// [`Protocol::variants`].
    fn variants(&self) -> Vec<Value>;

    /// Compiles it for a job; `params` are of the protocol's own type.
    ///
    /// # Errors
    /// Why the protocol can't do the job, and what would work.
    fn bind(&self, job: &Arc<Job>, params: &dyn Any) -> Result<Bound, Unsupported>;
}

/// The code of a protocol, compiled in the calling crate.
#[must_use]
pub fn code<P: Protocol>() -> Box<dyn Code> {
    Box::new(Typed::<P>(PhantomData))
}

struct Typed<P>(PhantomData<fn() -> P>);

impl<P: Protocol> Code for Typed<P> {
    fn attacks(&self) -> Vec<Attack> {
        P::attacks()
    }

    fn variants(&self) -> Vec<Value> {
        let variants = P::variants().into_iter();
        // Parameters that a scenario can name have a JSON form.
        variants.filter_map(|params| serde_json::to_value(params).ok()).collect()
    }

    fn bind(&self, job: &Arc<Job>, params: &dyn Any) -> Result<Bound, Unsupported> {
        let Some(params) = params.downcast_ref::<P::Params>() else {
            return Err(Unsupported::new("its parameters are another protocol's", "its own"));
        };
        let plan = P::compile(job, params)?;
        let claims = P::claims(&plan);
        // What parameters leave perfect or statistical rests on nothing.
        let is_computational = claims.security.computational().is_some();
        let assumes = if is_computational { P::assumes(&plan) } else { &[] };
        Ok(Bound {
            claims,
            leaks: P::leaks(&plan),
            roles: P::roles(&plan),
            assumes,
            declared: P::declared_cost(&plan),
            held_percent: P::HELD_PERCENT,
            held_bytes: P::held_bytes(&plan),
            plan_bytes: P::plan_bytes(&plan),
            ops: P::ops(&plan).into_iter().chain(handling::OPS).collect(),
            domain: P::domain(&plan),
            notes: P::notes(&plan),
            ideals: P::ideals(&plan),
            oracle: Box::new(Asked::<P>(Arc::clone(&plan))),
            start: Box::new(move |ctx, input| Box::pin(P::run(ctx, Arc::clone(&plan), input))),
        })
    }
}

struct Asked<P: Protocol>(Arc<P::Plan>);

impl<P: Protocol> Oracle for Asked<P> {
    fn effective_inputs(&self, states: &States<'_>) -> EffectiveInputs {
        P::effective_inputs(&self.0, states)
    }

    fn evaluate(&self, inputs: &[Inputs]) -> Option<Outputs> {
        P::evaluate(&self.0, inputs)
    }

    fn soundness(&self) -> Vec<SoundnessBound> {
        P::soundness(&self.0)
    }

    fn soundness_trials(&self) -> Vec<SoundnessTrial<Value>> {
        let trials = P::soundness_trials(&self.0).into_iter();
        // Parameters that a scenario can name have a JSON form.
        trials.filter_map(|trial| trial.try_map(serde_json::to_value).ok()).collect()
    }
}
