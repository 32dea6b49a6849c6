//! Additive sums that claim privacy against cheaters, with an opening that hangs on what others
//! say: as sound as a sum can be, or careless with what comes in.
//!
//! Each party tells all others a factor, which is one, and opens its masked inputs times the factor
//! that it was told; the masks add up to zero.

use std::sync::Arc;
use std::time::Duration;

use mpclab_protocols::algebra::{M61, Ring, slices};
use mpclab_protocols::program::{Inputs, Outputs};
use mpclab_protocols::protocol::{Info, Job, Protocol, Unsupported};
use mpclab_sim::vocabulary::{
    Abort, AbortKind, AdversaryKind, Claims, OutputGuarantee, PartyId, Security, Setup, Synchrony,
    Threshold,
};
use mpclab_sim::{Ctx, Draw};

use super::leaky::{NoParams, is_linear};
use crate::Registry;

/// All factors have to be one.
pub(super) const NOTHING: usize = 0;
/// A wrong factor is noticed by the lowest bit of an input only.
pub(super) const SELECTIVE: usize = 1;
/// A wrong factor makes a party say its input aloud.
pub(super) const RAW: usize = 2;
/// Parties open before they check factors.
pub(super) const EARLY: usize = 3;
/// A wrong factor is noticed at once or later, as an input has it.
pub(super) const LATE: usize = 4;
/// In one of four runs a wrong factor is noticed by an input only.
pub(super) const SELDOM: usize = 5;
/// Whether a wrong factor is noticed is a coin.
pub(super) const COIN: usize = 6;

pub(super) const NAMES: [&str; 7] =
    ["careful", "selective_failure", "raw_input", "early_opening", "late", "seldom", "coin"];

pub(super) struct Careless<const FAULT: usize>;

/// A registry with all of them.
pub(super) fn with_all(registry: Registry) -> Registry {
    registry
        .with::<Careless<NOTHING>>()
        .with::<Careless<SELECTIVE>>()
        .with::<Careless<RAW>>()
        .with::<Careless<EARLY>>()
        .with::<Careless<LATE>>()
        .with::<Careless<SELDOM>>()
        .with::<Careless<COIN>>()
}

impl<const FAULT: usize> Protocol for Careless<FAULT> {
    const NAME: &'static str = NAMES[FAULT];
    const INFO: Info = Info {
        about: "additive shares, linear functions, factors",
        source: "none",
        claims: Claims {
            adversary: AdversaryKind::Malicious,
            threshold: Threshold::Exact(1),
            output: OutputGuarantee::Abort,
            abort: AbortKind::Selective,
            security: Security::Perfect,
            setup: Setup::None,
            network: Synchrony::Eventual,
        },
        parties: (3, 3),
    };
    type Params = NoParams;
    type Plan = Job;

    fn compile(job: &Arc<Job>, _: &NoParams) -> Result<Arc<Job>, Unsupported> {
        is_linear(job.program()?)?;
        Ok(Arc::clone(job))
    }

    fn run(
        ctx: Ctx,
        job: Arc<Job>,
        input: Inputs,
    ) -> impl Future<Output = Result<Outputs, Abort>> + Send {
        flawed(ctx, job, input, FAULT)
    }
}

/// Compiled once for all faults.
async fn flawed(ctx: Ctx, job: Arc<Job>, input: Inputs, fault: usize) -> Result<Outputs, Abort> {
    let program = job.program().map_err(|why| Abort::Bug(why.to_string()))?;
    let online = ctx.scope("online");
    let len = program.inputs().first().map_or(0, |decl| decl.len);
    let mut own: Vec<M61> = input.all_integers().map(|value| M61::from_i128(*value)).collect();
    own.resize(len, M61::ZERO);
    let masks = zero_shares(&online, len).await?;
    let factors = online.scope("factor");
    factors.broadcast(&vec![M61::ONE]);
    let told = factors.gather::<Vec<M61>>(1).await?;
    let odd = input.all_integers().next().is_some_and(|value| value & 1 == 1);
    let check = online.scope("check");
    let coin = check.rng().choose(4).unwrap_or(0);
    let opened = online.scope("open");
    let open = |to: PartyId, factor: M61| {
        let share = own.iter().zip(&masks).map(|(value, mask)| *value * factor + *mask);
        opened.send(to, &share.collect::<Vec<M61>>());
    };
    let is_wrong = told.values().any(|factor| factor[0] != M61::ONE);
    if is_wrong {
        match fault {
            RAW => ctx.others().for_each(|party| opened.send(party, &own)),
            EARLY => told.iter().for_each(|(party, factor)| open(party, factor[0])),
            LATE if odd => check.sleep(Duration::from_micros(3)).await,
            _ => {}
        }
        let is_noticed = match fault {
            SELECTIVE => odd,
            SELDOM => odd && coin == 0,
            COIN => coin < 2,
            _ => true,
        };
        if is_noticed {
            return Err(check.check_failed("factors are one"));
        }
    }
    ctx.others().for_each(|party| open(party, M61::ONE));
    let mut sum: Vec<M61> = own.iter().zip(&masks).map(|(value, mask)| *value + *mask).collect();
    for share in opened.gather::<Vec<M61>>(len).await?.values() {
        slices::add_assign(&mut sum, share);
    }
    let sum: Vec<i128> = sum.into_iter().map(Ring::to_i128).collect();
    Ok(program.to_outputs(&sum))
}

/// Shares of zero: what a party drew for the others less what they drew for it.
async fn zero_shares(online: &Ctx, len: usize) -> Result<Vec<M61>, Abort> {
    let scope = online.scope("zero");
    let mut rng = scope.rng();
    let mut zero = vec![M61::ZERO; len];
    for party in scope.others() {
        let mask: Vec<M61> = slices::random_vec(len, &mut rng);
        scope.send(party, &mask);
        slices::add_assign(&mut zero, &mask);
    }
    for mask in scope.gather::<Vec<M61>>(len).await?.values() {
        slices::sub_assign(&mut zero, mask);
    }
    Ok(zero)
}
