//! A trusted board collects everyone's value and tells the product, and who said nothing that the
//! function takes.

use std::time::Duration;

use mpclab::prelude::*;
use mpclab::protocols::algebra::{M61, Ring};
use mpclab::protocols::oracle::{EffectiveInputs, States};
use mpclab::sim::{Ideal, PartyFuture};
use rand::Rng;

use super::toys::{CLAIMS, Flaw, HEARD, brought, product};

/// What is promised.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Promise {
    /// Everybody gets the output; 1 stands in for who says nothing.
    Output,
    /// All or none get it.
    Fairness,
    /// Who says nothing is named.
    Names,
    /// All abort, or none.
    Unanimity,
}

/// Messages take no longer, nanoseconds.
const DELTA_NS: u64 = 1_000_000_000;

pub(super) const fn claims(promise: Promise) -> Claims {
    let (output, abort) = match promise {
        Promise::Output => (OutputGuarantee::Guaranteed, AbortKind::Unanimous),
        Promise::Fairness => (OutputGuarantee::Fairness, AbortKind::Unanimous),
        Promise::Names => (OutputGuarantee::IdentifiableAbort, AbortKind::Unanimous),
        Promise::Unanimity => (OutputGuarantee::Abort, AbortKind::Unanimous),
    };
    let network = Synchrony::Synchronous { delta_ns: DELTA_NS };
    Claims { output, abort, network, threshold: Threshold::Exact(1), ..CLAIMS }
}

const BOARD: &str = "board";
const USED: &str = "used";

/// Who spoke, 0 or 1 each, and the product.
type Notice = (Vec<u8>, Vec<M61>);

pub(super) fn board(job: Arc<Job>, promise: Promise, flaw: Flaw) -> Ideal {
    let start = move |ctx: Ctx| -> PartyFuture<()> {
        Box::pin(collect(ctx, Arc::clone(&job), promise, flaw))
    };
    Ideal { name: BOARD, start: Arc::new(start) }
}

async fn collect(ctx: Ctx, job: Arc<Job>, promise: Promise, flaw: Flaw) -> Result<(), Abort> {
    let online = ctx.scope("online");
    let program = job.program().map_err(|why| Abort::Bug(why.to_string()))?;
    let takes =
        |value: &M61| program.inputs().iter().all(|decl| decl.range.contains(value.to_i128()));
    let (mut spoke, mut values) = (Vec::new(), Vec::new());
    for party in &job.roles.input {
        let value = if flaw == Flaw::Patient {
            Some(online.recv::<Vec<M61>>(*party, 1).await?[0])
        } else {
            let value = online.recv_until::<Vec<M61>>(*party, 1, Duration::from_nanos(DELTA_NS));
            value.await.ok().map(|value| value[0])
        };
        let value = value.filter(takes);
        spoke.push(u8::from(value.is_some()));
        values.push(value.unwrap_or(M61::ONE));
    }
    online.tap(USED, || values.clone());
    let is_complete = spoke.iter().all(|spoke| *spoke == 1);
    let product = match (promise, flaw) {
        // The product of the others would tell whoever is silent what nobody else learns.
        (Promise::Fairness, Flaw::Nothing) if !is_complete => vec![M61::ZERO],
        _ => vec![M61::from_i128(product(&values).values()[0])],
    };
    let everybody: Vec<PartyId> = PartyId::all(ctx.n()).collect();
    if flaw == Flaw::Shares {
        let mut rng = ctx.rng();
        let mut rest = product[0];
        for party in &everybody[1..] {
            let share = M61::from_i128(i128::from(rng.next_u32()));
            rest -= share;
            online.send(*party, &(spoke.clone(), vec![share]));
        }
        online.send(everybody[0], &(spoke, vec![rest]));
        // Nobody's code goes on before all have all shares.
        let confirm = ctx.scope("online/confirm");
        confirm.gather_from::<Vec<u8>>(everybody.clone(), 1).await?;
        confirm.send_to(everybody, &vec![1u8]);
        return Ok(());
    }
    let told = if flaw == Flaw::WrongReceiver { &everybody } else { &job.roles.output };
    online.send_to(told.iter().copied(), &(spoke, product));
    Ok(())
}

pub(super) async fn run(
    ctx: Ctx,
    job: Arc<Job>,
    own: Option<M61>,
    promise: Promise,
    flaw: Flaw,
) -> Result<Outputs, Abort> {
    let online = ctx.scope("online");
    if flaw == Flaw::Unfair {
        let own = vec![own.unwrap_or(M61::ONE)];
        online.broadcast(&own);
        let mut values = online.gather::<Vec<M61>>(1).await?;
        values.insert(ctx.id(), own);
        let values: Vec<M61> = values.into_iter().flat_map(|(_, value)| value).collect();
        online.tap(HEARD, || values.clone());
        return Ok(product(&values));
    }
    let board = ctx.ideal(BOARD);
    if let Some(own) = own {
        online.send(board, &vec![own]);
    }
    if !job.roles.learns_output(ctx.id()) && flaw != Flaw::WrongReceiver {
        return Ok(Outputs::none());
    }
    let inputs = job.roles.input.len();
    let patience = Duration::from_nanos(100 * DELTA_NS);
    let Ok((spoke, product)) = online.recv_until::<Notice>(board, (inputs, 1), patience).await
    else {
        return Err(ctx.check_failed("the board is gone"));
    };
    let silent = job.roles.input.iter().zip(spoke).filter(|(_, spoke)| *spoke == 0);
    let silent: Vec<PartyId> = silent.map(|(party, _)| *party).collect();
    let aborts = match promise {
        Promise::Output => false,
        Promise::Unanimity if flaw == Flaw::Selective => ctx.id() < PartyId(2),
        _ => true,
    };
    if flaw == Flaw::Shares && silent.is_empty() {
        let (open, confirm) = (ctx.scope("online/open"), ctx.scope("online/confirm"));
        open.broadcast(&product);
        let shares = open.gather::<Vec<M61>>(1).await?;
        confirm.send(board, &vec![1u8]);
        confirm.recv::<Vec<u8>>(board, 1).await?;
        let product = shares.into_iter().fold(product[0], |sum, (_, share)| sum + share[0]);
        return Ok(Outputs::of("product", vec![product.to_i128()]));
    }
    if silent.is_empty() || !aborts {
        let product: Vec<i128> = product.into_iter().map(Ring::to_i128).collect();
        return Ok(Outputs::of("product", product));
    }
    let n = ctx.n() as u32;
    Err(match (promise, flaw) {
        (Promise::Names, Flaw::BlamesNext) => {
            let next = silent.into_iter().map(|party| PartyId((party.0 + 1) % n));
            ctx.cheating(next.collect(), "board")
        }
        (Promise::Names, _) => ctx.cheating(silent, "board"),
        _ => ctx.check_failed("board"),
    })
}

pub(super) fn effective_inputs(job: &Job, states: &States<'_>) -> EffectiveInputs {
    let mut inputs = EffectiveInputs::default();
    for (_, used) in states.setup::<Vec<M61>>(USED) {
        for (party, value) in job.roles.input.iter().zip(used) {
            if states.corrupted.contains(party) {
                inputs.insert(*party, brought(*value, true));
            }
        }
    }
    inputs
}
