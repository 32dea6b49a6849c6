//! Leaky ANDs: `Pi_HaAND` and `Pi_LaAND` of Wang, Ranellucci, Katz, CCS 2017.
//!
//! From shared `x`, `y` and `r`, all random, a shared `z = x y`. Right, or the check fails but for
//! a probability of `2^-128`; but a cheater may guess bits of others' shares of `x`, and passes if
//! all guesses are right.
//!
//! `H` hashes under two tweaks for each AND, for a bit and for a block: with one, the bit that is
//! sent and the lowest one of `U` would add up to something about `y`.

use mpclab_kernels::aes::AesPrg;
use mpclab_kernels::hash::{tccr, tccr_pairs};
use mpclab_kernels::{Block, gf128, xor_into};
use mpclab_sim::Ctx;
use mpclab_sim::vocabulary::{Abort, PartyId};
use mpclab_sim::work;

use super::coins::{TOSS, committed, toss};
use super::{AuthBits, Session, TAG};
use crate::algebra::bits::{BIT, Bits};
use crate::engine::cost::Cost;
use crate::mutants;
use crate::oracle::{CHALLENGE, Challenge};
use crate::primitives::agree::commit_then_open_bytes;
use crate::primitives::ot::{Blocks, CHECK, HASH, Pair};

/// What so many leaky ANDs cost among `n` parties.
pub(super) fn cost(n: usize, count: usize) -> Cost {
    let bits = count.div_ceil(8) as u64;
    let sum = commit_then_open_bytes(Block::BYTES);
    let each = bits + (Block::BYTES * count) as u64 + bits + TOSS + sum;
    Cost { bytes: (n * (n - 1)) as u64 * each, rounds: 6 }
}

/// Both hashes of each key, and of each key with the global one added: those of a bit, then those
/// of a block.
fn pair_hashes(pair: &Pair, keys: &[Block], delta: Block) -> Vec<[Block; 2]> {
    work::did(HASH, 4 * keys.len());
    let double = |key: &Block| [[*key, *key ^ delta]; 2];
    let mut hashes: Vec<[Block; 2]> = keys.iter().flat_map(double).collect();
    tccr_pairs(pair.tweak("mpclab leaky and v1"), &mut hashes);
    if mutants::is("auth/one-hash") {
        hashes.as_chunks_mut::<2>().0.iter_mut().for_each(|both| both[0] = both[1]);
    }
    hashes
}

/// Both hashes of each MAC.
fn hashes(pair: &Pair, macs: &[Block]) -> Vec<Block> {
    work::did(HASH, 2 * macs.len());
    let mut hashes: Vec<Block> = macs.iter().flat_map(|mac| [*mac; 2]).collect();
    tccr(pair.tweak("mpclab leaky and v1"), &mut hashes);
    if mutants::is("auth/one-hash") {
        hashes.as_chunks_mut::<2>().0.iter_mut().for_each(|both| both[0] = both[1]);
    }
    hashes
}

/// A party's part of what is made.
struct Part {
    /// Shares of the sum of all `x_i y_j`, `i` and `j` being two parties: `v`.
    v: Bits,
    /// Shares of `x Phi`, but for the own product: sums of `M_k[x]_Phi + K[x_k]_Phi`.
    h: Vec<Block>,
}

/// Shared `z = x y`, which take the MACs and keys of `r`.
pub(super) async fn make(
    ctx: &Ctx,
    session: &Session,
    [x, y]: [&AuthBits; 2],
    r: AuthBits,
) -> Result<AuthBits, Abort> {
    let (holder, len) = (session.holder, x.len());
    // 4. Phi = y delta + the sum of all K[y_k] + M_k[y]: a share of the product of y and all delta.
    let phi = y.times_keys();
    // 2, 5. HaAND, and U.
    let exchange = ctx.scope("exchange");
    let mut part = Part { v: Bits::zeros(len), h: vec![Block::ZERO; len] };
    for peer in holder.peers() {
        let told = keyed(&exchange, session, peer, [x, y], &phi, &mut part);
        exchange.send(peer, &told);
    }
    for (peer, told) in exchange.gather::<(Bits, Blocks)>((len, len)).await? {
        chosen(&exchange, session, peer, x, &told, &mut part);
    }
    let Part { mut v, mut h } = part;
    // 3. z = x y + v, and e = z + r is told: the keys of z are those of r, and delta where e is 1.
    v ^= &x.bits().and(y.bits());
    let z = v;
    let scope = ctx.scope("difference");
    scope.broadcast(&z.xor(r.bits()));
    let mut shares = r.with_bits(z);
    for (peer, difference) in scope.gather::<Bits>(len).await? {
        shares.add_to(peer, &difference);
    }
    // 6. H: a share of the product of z + x y and all delta.
    xor_into(&mut h, &shares.times_keys());
    work::did(TAG, len);
    h.iter_mut().zip(&phi).zip(x.bits().iter()).for_each(|((h, phi), x)| *h ^= phi.if_set(x));
    // 7. All add up to zero.
    check(&ctx.scope("check"), session.protocol, &h).await?;
    Ok(shares)
}

/// The part of who has the key of a peer's `x`: the bit and the block to send to it.
fn keyed(
    ctx: &Ctx,
    session: &Session,
    peer: PartyId,
    [x, y]: [&AuthBits; 2],
    phi: &[Block],
    part: &mut Part,
) -> (Bits, Blocks) {
    let (holder, len) = (session.holder, x.len());
    let pair = Pair::new(ctx, session.protocol, [holder.me, peer]);
    let hashes = pair_hashes(&pair, &x.keys(peer), holder.delta);
    // s = lsb(H(K)); sent is s + lsb(H(K + delta)) + y, which the peer adds where its x is 1.
    work::did(BIT, 2 * len);
    let s: Bits = hashes.iter().step_by(2).map(|[zero, _]| zero.lsb()).collect();
    let both = hashes.iter().step_by(2).map(|[zero, one]| (*zero ^ *one).lsb());
    let mut told: Bits = both.collect();
    told ^= y.bits();
    part.v ^= &s;
    // K[x]_Phi = H(K), and U = H(K) + H(K + delta) + Phi.
    work::did(TAG, 2 * len);
    let mut u = Vec::with_capacity(len);
    for (([zero, one], phi), h) in hashes.iter().skip(1).step_by(2).zip(phi).zip(&mut part.h) {
        *h ^= *zero;
        u.push(*zero ^ *one ^ *phi);
    }
    (told, Blocks(u))
}

/// The part of who has `x`, from what the peer with the key has sent.
fn chosen(
    ctx: &Ctx,
    session: &Session,
    peer: PartyId,
    x: &AuthBits,
    (told, Blocks(u)): &(Bits, Blocks),
    part: &mut Part,
) {
    let (holder, len) = (session.holder, x.len());
    let pair = Pair::new(ctx, session.protocol, [peer, holder.me]);
    let hashes = hashes(&pair, &x.macs(peer));
    // t = lsb(H(M)) + x told, so that s + t = x y_peer.
    work::did(BIT, len);
    let t: Bits = hashes.iter().step_by(2).map(|hash| hash.lsb()).collect();
    part.v ^= &t;
    part.v ^= &told.and(x.bits());
    // M[x]_Phi = H(M) + x U = K[x]_Phi + x Phi.
    work::did(TAG, len);
    let macs = hashes.iter().skip(1).step_by(2).zip(u).zip(x.bits().iter());
    for (((hash, u), x), h) in macs.zip(&mut part.h) {
        *h ^= *hash ^ u.if_set(x);
    }
}

/// Coefficients that the checker sees.
const SHOWN: usize = 4;

/// One sum of all `H`, with coefficients that are tossed now.
async fn check(ctx: &Ctx, protocol: &str, h: &[Block]) -> Result<(), Abort> {
    let seed = toss(&ctx.scope("coins"), protocol).await?;
    let mut chi = vec![Block::ZERO; h.len()];
    AesPrg::new(Block::blocks_of(&seed)[0]).fill_blocks(&mut chi);
    if mutants::is("auth/leaky-weights-one") {
        chi.fill(Block::from_u128(1));
    }
    ctx.tap(CHALLENGE, || Challenge {
        among: 0,
        drawn: chi.iter().take(SHOWN).map(|chi| chi.to_u128()).collect(),
    });
    work::did(CHECK, h.len());
    let sum = gf128::inner_product(&chi, h);
    let sums = committed(&ctx.scope("sum"), protocol, Blocks(vec![sum])).await?;
    let total = sums.values().flat_map(|sum| &sum.0).fold(Block::ZERO, |all, sum| all ^ *sum);
    if total == Block::ZERO || mutants::is("auth/leaky-unheeded") {
        return Ok(());
    }
    Err(ctx.check_failed(format!("7: ANDs in {}", ctx.path())))
}
