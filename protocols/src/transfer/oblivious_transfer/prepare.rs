//! Random transfers of one bit, before messages and choices are known.

use std::sync::Arc;

use mpclab_kernels::Block;
use mpclab_sim::vocabulary::Abort;
use mpclab_sim::{Ctx, Ideal, PartyFuture};
use rand::Rng;

use super::{Made, ObliviousTransfer, RECEIVER, SENDER, TransferPlan};
use crate::algebra::bits::Bits;
use crate::mutants;
use crate::oracle::Kept;
use crate::primitives::ot::{
    BaseOt, Blocks, Choices, KAPPA, Pair, Receiver, Sender, base, chosen_pads, pads,
};
use crate::protocol::Protocol;

/// Transfers of which the checker is shown what only the sender has: each takes a moment, whether it
/// looks or not.
const SHOWN: usize = 32;

/// The pair of parties in a scope, as every hash of theirs names it.
pub(super) fn pair(ctx: &Ctx) -> Pair {
    Pair::new(ctx, ObliviousTransfer::NAME, [SENDER, RECEIVER])
}

/// Both keys of each transfer.
pub(super) async fn send(ctx: &Ctx, plan: &TransferPlan) -> Result<Vec<[Block; 2]>, Abort> {
    let keys = both(ctx, plan).await?;
    // The receiver has one of them, so that it must not have this.
    for [zero, one] in keys.iter().take(SHOWN) {
        let difference = || Blocks(vec![*zero ^ *one]);
        Kept::tap(ctx, "difference of keys", KAPPA as u32, difference);
    }
    Ok(keys)
}

async fn both(ctx: &Ctx, plan: &TransferPlan) -> Result<Vec<[Block; 2]>, Abort> {
    let count = plan.transfers();
    match plan.made {
        Made::Extended(extension) => {
            let setup = ctx.scope("setup");
            let mut rng = setup.scope("offset").rng();
            let mut delta = Block::random(|bytes| rng.fill_bytes(bytes));
            if mutants::is("transfer/offset-one") {
                delta = Block::from_u128(1);
            }
            Kept::tap(&setup, "offset", KAPPA as u32, || Blocks(vec![delta]));
            let mut sender = Sender::set_up(&setup, &pair(&setup), extension, delta).await?;
            let choices = if are_unfair() { Choices::Chosen } else { Choices::Random };
            let offline = ctx.scope("offline");
            let sent = sender.extend(&offline, count, choices).await?;
            if mutants::is("transfer/offset-told") {
                offline.scope("offset").send(RECEIVER, &Blocks(vec![delta]));
            }
            Ok(pads(delta, sent.first, &sent.q))
        }
        Made::Base(base) => {
            let scope = ctx.scope("offline").scope("base");
            base.send(&scope, &pair(&scope), count).await
        }
    }
}

/// Random bits, and of each transfer the key of its bit.
pub(super) async fn receive(ctx: &Ctx, plan: &TransferPlan) -> Result<(Vec<Block>, Bits), Abort> {
    let count = plan.transfers();
    let (keys, chance) = match plan.made {
        Made::Extended(extension) => {
            let setup = ctx.scope("setup");
            let mut receiver = Receiver::set_up(&setup, &pair(&setup), extension).await?;
            let offline = ctx.scope("offline");
            let received = match are_unfair() {
                false => receiver.random(&offline, count).await?,
                true => receiver.chosen(&offline, &drawn(&offline, count)).await?,
            };
            (chosen_pads(received.first, &received.t), received.choices)
        }
        Made::Base(base) => {
            let scope = ctx.scope("offline").scope("base");
            let chance = drawn(&scope, count);
            let choices: Vec<bool> = chance.iter().collect();
            (base.receive(&scope, &pair(&scope), &choices).await?, chance)
        }
    };
    Kept::tap(ctx, "random bits", count as u32, || chance.clone());
    Ok((keys, chance))
}

/// Random bits that are not as random as they have to be.
const UNFAIR: [&str; 4] =
    ["transfer/bits-zero", "transfer/bits-alike", "transfer/bits-biased", "transfer/last-bit-zero"];

fn are_unfair() -> bool {
    UNFAIR.into_iter().any(mutants::is)
}

/// The receiver's random bits, where extension does not draw them.
fn drawn(ctx: &Ctx, count: usize) -> Bits {
    let mut rng = ctx.scope("chance").rng();
    let mut bits = Bits::random(count, &mut rng);
    if mutants::is("transfer/bits-zero") || mutants::is("transfer/bits-alike") && !bits.get(0) {
        bits = Bits::zeros(count);
    } else if mutants::is("transfer/bits-alike") {
        bits = Bits::ones(count);
    } else if mutants::is("transfer/bits-biased") {
        bits = bits.and(&Bits::random(count, &mut rng));
    } else if mutants::is("transfer/last-bit-zero") {
        bits.set(count - 1, false);
    }
    bits
}

/// The ideal functionality for base transfers, if that is what makes them.
pub(super) fn ideals(plan: &TransferPlan) -> Vec<Ideal> {
    if plan.params.ot.base != BaseOt::Ideal {
        return Vec::new();
    }
    // The sender of extended transfers receives base transfers.
    let (phase, pair, count) = match plan.made {
        Made::Extended(_) => ("setup", [RECEIVER, SENDER], KAPPA),
        Made::Base(_) => ("offline", [SENDER, RECEIVER], plan.transfers()),
    };
    let start = move |ctx: Ctx| -> PartyFuture<()> {
        Box::pin(async move {
            let scope = ctx.scope(phase).scope("base");
            base::ideal(&scope, pair, count).await
        })
    };
    vec![Ideal { name: base::IDEAL, start: Arc::new(start) }]
}
