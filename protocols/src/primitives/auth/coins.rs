//! Coins that nobody controls, and values that all commit to before anybody shows its own.

use mpclab_sim::Ctx;
use mpclab_sim::vocabulary::{Abort, PerParty};
use mpclab_sim::wire::Wire;
use rand::Rng;

use crate::mutants;
use crate::oracle::{CHALLENGE, Challenge};
use crate::primitives::Domain;
use crate::primitives::agree::{HASH_BYTES, Hash, commit_then_open};

/// Everyone commits to a value and opens it when it has all commitments, bound to protocol,
/// session, party and scope: two rounds.
///
/// # Errors
/// As [`commit_then_open`].
pub(crate) async fn committed<M: Wire + Clone + Sync>(
    ctx: &Ctx,
    protocol: &str,
    own: M,
) -> Result<PerParty<M>, Abort> {
    let (path, session) = (ctx.path(), ctx.run_id());
    let scope = path.as_bytes();
    let domain = Domain { protocol, session: &session, party: ctx.id(), scope };
    commit_then_open(ctx, &domain, own).await
}

/// A random seed, the sum of all parties' (Blum, CRYPTO 1981): what was sent before is fixed when
/// the first honest party opens its own.
///
/// # Errors
/// As [`committed`].
pub(crate) async fn toss(ctx: &Ctx, protocol: &str) -> Result<Hash, Abort> {
    let mut seed = [0; HASH_BYTES];
    ctx.rng().fill_bytes(&mut seed);
    let seeds = committed(ctx, protocol, seed).await?;
    let mut sum = [0; HASH_BYTES];
    let all = if mutants::is("auth/coin-of-one") { 1 } else { seeds.len() };
    for seed in seeds.values().take(all) {
        sum.iter_mut().zip(seed).for_each(|(sum, byte)| *sum ^= byte);
    }
    if mutants::is("auth/coin-constant") {
        sum.fill(0);
    }
    ctx.tap(CHALLENGE, || {
        let drawn = sum.first_chunk().map(|bytes| u128::from_le_bytes(*bytes));
        Challenge { among: 0, drawn: drawn.into_iter().collect() }
    });
    Ok(sum)
}

/// Payload of a toss from one party to one other, bytes.
pub(super) const TOSS: u64 = crate::primitives::agree::commit_then_open_bytes(HASH_BYTES);
