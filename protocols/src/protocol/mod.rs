//! What a protocol is: code for one party, and what it promises.

mod code;
mod job;

use std::fmt;
use std::future::Future;
use std::sync::Arc;

use mpclab_sim::vocabulary::{Abort, Claims, DeclaredCost, NamedRole, Op, RoleClaim, Roles};
use mpclab_sim::{Ctx, Ideal};
use schemars::JsonSchema;
use serde::Serialize;
use serde::de::DeserializeOwned;

use crate::attack::Attack;
use crate::oracle::{EffectiveInputs, SoundnessBound, SoundnessTrial, States};
use crate::program::{Inputs, Outputs};

pub use code::{Bound, Code, Oracle, code};
pub use job::Job;

/// Why a protocol can't do a job, and what would work.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("{why}; would work: {instead}")]
pub struct Unsupported {
    /// The reason.
    pub why: String,
    /// A change after which it could.
    pub instead: String,
    /// The protocol's parameter that is in the way, if it is one.
    pub param: Option<&'static str>,
}

impl Unsupported {
    /// A reason, and a change after which the protocol could do the job.
    pub fn new(why: impl Into<String>, instead: impl Into<String>) -> Self {
        Unsupported { why: why.into(), instead: instead.into(), param: None }
    }

    /// Names the parameter that is in the way, so that the mistake is shown where it stands.
    #[must_use]
    pub fn of(mut self, param: &'static str) -> Self {
        self.param = Some(param);
        self
    }
}

/// What is known of a protocol without a job.
#[derive(Clone, Copy, Debug)]
pub struct Info {
    /// One line.
    pub about: &'static str,
    /// Paper and figure that the code follows.
    pub source: &'static str,
    /// What it promises by default; [`Protocol::claims`] says what is left of it for other
    /// parameters and jobs.
    pub claims: Claims,
    /// Fewest and most computing parties.
    pub parties: (usize, usize),
}

/// Code for one party, and what it promises.
///
/// A protocol touches its own file and one line in a registry; everything that mpclab does with
/// protocols follows from this trait.
pub trait Protocol: Send + Sync + 'static {
    /// Name in scenario files.
    const NAME: &'static str;
    /// What is known without a job.
    const INFO: Info;
    /// Roles that it gives to nodes by name, each with a limit of corruption and of drop-outs; none
    /// where all computing parties are alike, and [`Claims::threshold`] says all.
    const ROLES: &'static [NamedRole] = &[];
    /// What its security rests on where it is computational, in words: what the bounded adversary
    /// can't break.
    const ASSUMES: &'static [&'static str] = &[];
    /// Memory at the peak of a run, all nodes together, in percent of the payload that is declared
    /// among three parties, inputs and outputs left out: masks, triples and what dealers hand out
    /// are held for as long as somebody will read them. Measured; runs are estimated by it before
    /// they are made, see `docs/limits.md`.
    const HELD_PERCENT: u64 = 200;
    /// What a scenario may set; every key has a default.
    type Params: DeserializeOwned + Serialize + JsonSchema + Default + Send + Sync + 'static;
    /// All that is public about a job, worked out once per cell: whatever does not depend on a
    /// party, an input or a seed belongs here. Parties, ideal functionalities, declared cost and
    /// oracle read it. A protocol that has nothing to work out takes [`Job`] itself.
    type Plan: Send + Sync + 'static;

    /// Works out the plan of a job with these parameters.
    ///
    /// # Errors
    /// Why the protocol can't do this job, and what would work.
    fn compile(job: &Arc<Job>, params: &Self::Params) -> Result<Arc<Self::Plan>, Unsupported>;

    /// The parameters that its conformance covers, the default first; the tests of every protocol
    /// run with each of them. What changes which code runs belongs here: algebras, thresholds,
    /// checks. Toy parameters don't.
    #[must_use]
    fn variants() -> Vec<Self::Params> {
        vec![Self::Params::default()]
    }

    /// The code of every party, computing or client; `input` is this party's alone. Parties that
    /// learn no output return an empty one. Every hash, commitment and pseudorandom function is
    /// bound to [`Ctx::run_id`].
    fn run(
        ctx: Ctx,
        plan: Arc<Self::Plan>,
        input: Inputs,
    ) -> impl Future<Output = Result<Outputs, Abort>> + Send + 'static;

    /// Ideal functionalities that it assumes; each becomes a node of its own.
    fn ideals(_plan: &Arc<Self::Plan>) -> Vec<Ideal> {
        Vec::new()
    }

    /// What it promises for this job.
    fn claims(_plan: &Self::Plan) -> Claims {
        Self::INFO.claims
    }

    /// Which of the assumptions that it may rest on it rests on with these parameters.
    fn assumes(_plan: &Self::Plan) -> &'static [&'static str] {
        Self::ASSUMES
    }

    /// What the functionality that it realises tells the coalition beside its outputs, and that the
    /// scenario asked for, with the paper; privacy is then not claimed of what was asked for.
    fn leaks(_plan: &Self::Plan) -> Option<String> {
        None
    }

    /// Who has which of [`Protocol::ROLES`] in this job, with the limits that are left of them; see
    /// [`RoleClaim::in_order`]. No node has two.
    fn roles(_plan: &Self::Plan) -> Vec<RoleClaim> {
        Vec::new()
    }

    /// What it says it costs; `None` if it does not say.
    fn declared_cost(_plan: &Self::Plan) -> Option<DeclaredCost> {
        None
    }

    /// Memory at the peak that follows from no payload, all nodes together, bytes: what ideal
    /// functionalities hand out where little is sent afterwards.
    fn held_bytes(_plan: &Self::Plan) -> u64 {
        0
    }

    /// Memory beside payload, inputs and outputs that a run is made of, bytes: what a plan holds.
    fn plan_bytes(_plan: &Self::Plan) -> u64 {
        0
    }

    /// What the corrupted input parties brought in the end, as honest state and the set-up's
    /// secrets fix it by the end of the input scope. It may not change later.
    fn effective_inputs(_plan: &Self::Plan, _states: &States<'_>) -> EffectiveInputs {
        EffectiveInputs::default()
    }

    /// The function on any inputs of the protocol's own arithmetic, also outside their declared
    /// ranges; `None` where only inputs in their ranges mean something.
    fn evaluate(_plan: &Self::Plan, _inputs: &[Inputs]) -> Option<Outputs> {
        None
    }

    /// What theorems say of its checks with these parameters.
    fn soundness(_plan: &Self::Plan) -> Vec<SoundnessBound> {
        Vec::new()
    }

    /// How its soundness errors are measured; each trial names the bound that it is held against.
    fn soundness_trials(_plan: &Self::Plan) -> Vec<SoundnessTrial<Self::Params>> {
        Vec::new()
    }

    /// Known attacks on it.
    fn attacks() -> Vec<Attack> {
        Vec::new()
    }

    /// Every op that it does or charges; what handling messages takes is in no protocol's list.
    fn ops(_plan: &Self::Plan) -> Vec<Op> {
        Vec::new()
    }

    /// The algebra that it computes in, for people.
    fn domain(_plan: &Self::Plan) -> String {
        String::new()
    }

    /// What a reader of its figures has to know: failure probabilities, assumptions, variants.
    fn notes(_plan: &Self::Plan) -> Vec<String> {
        Vec::new()
    }
}

/// Checks a number of computing parties against [`Info::parties`].
///
/// # Errors
/// What is allowed.
pub fn check_parties(info: &Info, roles: &Roles) -> Result<(), Unsupported> {
    let (least, most) = info.parties;
    let n = roles.compute;
    if (least..=most).contains(&n) {
        return Ok(());
    }
    let allowed = match (least, most) {
        (least, most) if least == most => format!("exactly {least} computing parties"),
        (least, usize::MAX) => format!("{least} or more computing parties"),
        (least, most) => format!("{least} to {most} computing parties"),
    };
    Err(Unsupported::new(format!("{n} computing parties are asked for"), allowed))
}

/// Does something with every protocol, whatever its parameters.
pub trait ProtocolVisitor {
    /// Called once per protocol, with its code as this crate has compiled it.
    fn visit<P: Protocol>(&mut self, code: Box<dyn Code>);
}

impl fmt::Display for Info {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{} ({})", self.about, self.source)
    }
}
