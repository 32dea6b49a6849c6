//! Among three parties or more: whoever holds bits holds the same ones towards all, and whoever has
//! keys has one global key towards all.
//!
//! *Bits* (`Pi_aBit^n`, step 3, by one sum over GF(2^128)). With coefficients that are tossed when
//! all bits are fixed, each party tells every other one `X = sum chi_m x_m` and the same sum of its
//! MACs, and all compare what they heard of every `X`. Sums of two different vectors of bits meet
//! with probability `2^-128`; another `X` than a verifier's has no MAC unless its global key is
//! guessed. 128 bits more, with coefficients that are a basis, mask `X`; they are not used again.
//!
//! *Global keys* (`Pi_aShare`, step 3). For each of sigma shared bits everyone commits to the sum
//! of its keys, with and without its global key added, and to its bit and MACs; then opens bit and
//! MACs, which every other one holds against its own keys; then the sum of keys that fits the others'
//! bits. A party that has two global keys towards
//! two honest ones would need four sums, since it does not know their bits, and has committed to
//! two: it passes with probability `2^-sigma`.

use mpclab_kernels::aes::AesPrg;
use mpclab_kernels::{Block, gf128};
use mpclab_sim::Ctx;
use mpclab_sim::vocabulary::{Abort, PartyId, PerParty};
use mpclab_sim::work;

use super::coins::{TOSS, toss};
use super::session::{Layout, Session};
use super::{AuthBits, Holder, TAG};
use crate::algebra::bits::Bits;
use crate::engine::cost::Cost;
use crate::mutants;
use crate::primitives::agree::{self, HASH_BYTES, Hash};
use crate::primitives::ot::{Blocks, CHECK, KAPPA};
use crate::primitives::{Domain, commit, hash};

/// Bits that mask the sum of a check.
pub(super) const MASK_BITS: usize = KAPPA;

/// MACs and keys of one call, those of each other party in turn.
pub(super) struct Rows {
    pub(super) macs: Vec<Vec<Block>>,
    pub(super) keys: Vec<Vec<Block>>,
}

/// What the checks of a call among `n` parties cost.
pub(super) fn costs(n: usize, layout: &Layout) -> impl Iterator<Item = Cost> {
    let pairs = (n * (n - 1)) as u64;
    let (several, sigma) = (n > 2, layout.keys);
    let bits = TOSS + (2 * Block::BYTES + HASH_BYTES) as u64;
    let bits = Cost { bytes: pairs * bits, rounds: 4 };
    let shown = sigma.div_ceil(8) + sigma * (n - 1) * Block::BYTES;
    let keys =
        HASH_BYTES * (2 * sigma + 1) + shown + 2 * HASH_BYTES + sigma * (Block::BYTES + HASH_BYTES);
    let keys = Cost { bytes: pairs * keys as u64, rounds: 3 };
    let checks = [several.then_some(bits), (sigma > 0).then_some(keys)];
    checks.into_iter().flatten()
}

/// `sum chi_m v_m` with a basis for the last 128.
fn sum(chi: &[Block], values: &[Block]) -> Block {
    let (first, mask) = values.split_at(values.len() - MASK_BITS);
    let basis: Vec<Block> = (0..MASK_BITS).map(|at| Block::from_u128(1 << at)).collect();
    work::did_calls(CHECK, 2, values.len());
    gf128::inner_product(&chi[..first.len()], first) ^ gf128::inner_product(&basis, mask)
}

/// The same of bits.
fn sum_of_bits(chi: &[Block], bits: &Bits) -> Block {
    work::did(TAG, chi.len());
    let mut sum = Block::ZERO;
    for (chi, word) in chi.chunks(64).zip(bits.words()) {
        for (at, chi) in chi.iter().enumerate() {
            sum ^= chi.if_set(word >> at & 1 == 1);
        }
    }
    let masks = bits.slice(chi.len()..bits.len());
    let masks = masks.iter().enumerate().map(|(at, bit)| Block::from_u128(1 << at).if_set(bit));
    masks.fold(sum, |sum, mask| sum ^ mask)
}

impl Session {
    /// Whether all verifiers of a party's bits have the same bits.
    pub(super) async fn check_bits(&self, ctx: &Ctx, x: &Bits, rows: &Rows) -> Result<(), Abort> {
        let holder = self.holder;
        if mutants::is("auth/bits-check-skipped") {
            return Ok(());
        }
        // (a) chi.
        let seed = toss(&ctx.scope("coins"), self.protocol).await?;
        let mut chi = vec![Block::ZERO; x.len() - MASK_BITS];
        work::did(CHECK, chi.len());
        AesPrg::new(Block::blocks_of(&seed)[0]).fill_blocks(&mut chi);
        // (b) X, and the sum of its MACs.
        let own = sum_of_bits(&chi, x);
        let scope = ctx.scope("sum");
        for (peer, macs) in holder.peers().zip(&rows.macs) {
            scope.send(peer, &Blocks(vec![own, sum(&chi, macs)]));
        }
        // (c) Its keys fit.
        let (mut heard, mut culprits) = (PerParty::default(), Vec::new());
        heard.insert(holder.me, own);
        for (peer, Blocks(told)) in scope.gather::<Blocks>(2).await? {
            let key = sum(&chi, &rows.keys[holder.slot(peer)]);
            if told[1] != key ^ gf128::mul(told[0], self.key(peer)) {
                culprits.push(peer);
            }
            heard.insert(peer, told[0]);
        }
        if !culprits.is_empty() && !mutants::is("auth/bits-unchecked") {
            return Err(ctx.cheating(culprits, format!("3: MACs of sums in {}", ctx.path())));
        }
        let heard: Vec<Block> = heard.values().copied().collect();
        let path = ctx.path();
        let domain = self.domain(ctx, PartyId(0), &path);
        let heard = hash::digest("mpclab auth sums v1", &domain, &[Block::as_bytes(&heard)]);
        agree::echo(&ctx.scope("echo"), *heard.as_bytes()).await
    }

    /// Whether everyone has one global key towards all.
    pub(super) async fn check_keys(
        &self,
        ctx: &Ctx,
        layout: &Layout,
        x: &Bits,
        rows: &Rows,
    ) -> Result<(), Abort> {
        if mutants::is("auth/keys-check-skipped") {
            return Ok(());
        }
        let shares = self.part(x, rows, layout.shared..layout.shared + layout.keys);
        self.compare_keys(ctx, &shares, Shown::of(&shares)).await
    }

    /// The same of these shares, of which this party shows those.
    pub(super) async fn compare_keys(
        &self,
        ctx: &Ctx,
        shares: &AuthBits,
        shows: Shown,
    ) -> Result<(), Abort> {
        let (holder, sigma) = (self.holder, shares.len());
        // (a) Commit to d_0, to d_1 = d_0 + delta, and to the bit and its MACs.
        let keys = |at: usize| {
            shares.tags(at).iter().skip(1).step_by(2).fold(Block::ZERO, |sum, key| sum ^ *key)
        };
        let sums: Vec<[Block; 2]> =
            (0..sigma).map(keys).map(|sum| [sum, sum ^ holder.delta]).collect();
        let own = Committed::new(self, ctx, &sums, shows);
        let scope = ctx.scope("commit");
        scope.broadcast(&own.commitments.concat());
        let told = scope.gather::<Vec<u8>>(HASH_BYTES * (2 * sigma + 1)).await?;
        let hashes = |(party, bytes): (PartyId, Vec<u8>)| (party, bytes.as_chunks().0.to_vec());
        let commitments: Commitments = told.into_iter().map(hashes).collect();
        // (b) Open the bit and its MACs.
        let shown = self.show(ctx, shares, &own, &commitments).await?;
        // (c) Open the sum of keys that fits the others' bits.
        let bits = |party: PartyId, at: usize| {
            let others = shown.iter().filter(|(other, _)| *other != party);
            others.fold(false, |sum, (_, shown)| sum ^ shown.bits.get(at))
        };
        let which = |at: usize| usize::from(bits(holder.me, at));
        let opened = (0..sigma).map(|at| sums[at][which(at)]).collect();
        let nonces = (0..sigma).flat_map(|at| own.nonces[2 * at + which(at)]).collect::<Vec<u8>>();
        let scope = ctx.scope("open");
        scope.broadcast(&(Blocks(opened), nonces));
        // (d) It is the sum of all MACs.
        let opened = scope.gather::<(Blocks, Vec<u8>)>((sigma, sigma * HASH_BYTES)).await?;
        for (party, (Blocks(sums), nonces)) in opened {
            let macs = |at: usize| {
                let others = shown.iter().filter(|(other, _)| *other != party);
                others.fold(Block::ZERO, |sum, (other, shown)| {
                    sum ^ shown.mac(Holder { me: other, ..holder }, party, at)
                })
            };
            let fits = (0..sigma).zip(nonces.as_chunks::<HASH_BYTES>().0).all(|(at, nonce)| {
                let which = 2 * at + usize::from(bits(party, at));
                let commitment = commitments.get(party).and_then(|of| of.get(which));
                let expected = self.commit(ctx, party, which, &sums[at].to_bytes(), nonce);
                commitment == Some(&expected) && sums[at] == macs(at)
            });
            if !fits && !mutants::is("auth/keys-unchecked") {
                return Err(ctx.check_failed(format!("3d: global keys in {}", ctx.path())));
            }
        }
        Ok(())
    }

    /// (b) Everyone shows its bits and their MACs, and that all have the same commitments.
    async fn show(
        &self,
        ctx: &Ctx,
        shares: &AuthBits,
        own: &Committed,
        commitments: &Commitments,
    ) -> Result<PerParty<Shown>, Abort> {
        let (holder, sigma) = (self.holder, shares.len());
        let scope = ctx.scope("show");
        let view = self.view(ctx, &own.commitments, commitments);
        let Shown { bits, macs } = own.shown.clone();
        scope.broadcast(&((bits, Blocks(macs)), (own.nonce, view)));
        let shape = ((sigma, sigma * (holder.n - 1)), ((), ()));
        let told = scope.gather::<((Bits, Blocks), (Hash, Hash))>(shape).await?;
        let (mut all, mut agreed, mut culprits) = (PerParty::default(), true, Vec::new());
        for (party, ((bits, Blocks(macs)), (nonce, their_view))) in told {
            let shown = Shown { bits, macs };
            let expected = self.commit(ctx, party, 2 * sigma, &shown.bytes(), &nonce);
            let as_committed = commitments.get(party).and_then(|of| of.last()) == Some(&expected);
            // It has to be what it holds: the sum of keys that fits another bit is off by the own
            // global key, and whoever knows the MACs of all others would learn that.
            let as_held = shown.fits(Holder { me: party, ..holder }, shares, self.key(party))
                || mutants::is("auth/shown-unchecked");
            if !as_committed || !as_held {
                culprits.push(party);
            }
            agreed &= their_view == view;
            all.insert(party, shown);
        }
        all.insert(holder.me, own.shown.clone());
        if !culprits.is_empty() {
            return Err(ctx.cheating(culprits, format!("3b: openings in {}", ctx.path())));
        }
        match agreed {
            true => Ok(all),
            false => Err(ctx.check_failed(format!("3b: equal commitments in {}", ctx.path()))),
        }
    }

    /// What hashes of a party in a scope are bound to.
    pub(super) fn domain(&self, ctx: &Ctx, party: PartyId, path: &str) -> Vec<u8> {
        let (protocol, session) = (self.protocol, ctx.run_id());
        Domain { protocol, session: &session, party, scope: path.as_bytes() }.to_bytes()
    }

    /// A commitment of a party, by its number.
    fn commit(&self, ctx: &Ctx, party: PartyId, at: usize, text: &[u8], nonce: &Hash) -> Hash {
        let (path, session) = (format!("{}#{at}", ctx.path()), ctx.run_id());
        let scope = path.as_bytes();
        commit::commit(
            &Domain { protocol: self.protocol, session: &session, party, scope },
            text,
            nonce,
        )
    }

    /// A hash of all commitments, the same for all parties if all were told the same.
    fn view(&self, ctx: &Ctx, own: &[Hash], others: &Commitments) -> Hash {
        let mut all = others.clone();
        all.insert(self.holder.me, own.to_vec());
        let bytes: Vec<u8> = all.values().flatten().flatten().copied().collect();
        let path = ctx.path();
        let domain = self.domain(ctx, PartyId(0), &path);
        *hash::digest("mpclab auth commitments v1", &domain, &[&bytes]).as_bytes()
    }
}

/// Commitments of each other party: to two sums of keys for each bit, then to what it shows.
type Commitments = PerParty<Vec<Hash>>;

/// What a party shows of the bits that a check of keys uses up.
#[derive(Clone)]
pub(super) struct Shown {
    pub(super) bits: Bits,
    /// Of each bit, those under each other party's key in turn.
    pub(super) macs: Vec<Block>,
}

impl Shown {
    pub(super) fn of(shares: &AuthBits) -> Self {
        let macs = (0..shares.len()).flat_map(|at| shares.tags(at).iter().step_by(2).copied());
        Shown { bits: shares.bits().clone(), macs: macs.collect() }
    }

    fn bytes(&self) -> Vec<u8> {
        let mut bytes = agree::bytes(&self.bits);
        bytes.extend_from_slice(Block::as_bytes(&self.macs));
        bytes
    }

    /// Whether its MACs under the global key of who has these shares are those of its bits.
    fn fits(&self, of: Holder, shares: &AuthBits, delta: Block) -> bool {
        let me = shares.holder().me;
        let keys = shares.keys(of.me).into_iter().zip(self.bits.iter()).enumerate();
        keys.fold(true, |fits, (at, (key, bit))| {
            fits & (self.mac(of, me, at) == key ^ delta.if_set(bit))
        })
    }

    /// Its MAC of a bit under a party's key.
    fn mac(&self, holder: Holder, under: PartyId, at: usize) -> Block {
        self.macs.get(at * (holder.n - 1) + holder.slot(under)).copied().unwrap_or_default()
    }
}

/// A party's own commitments, and what opens them.
struct Committed {
    shown: Shown,
    commitments: Vec<Hash>,
    nonces: Vec<Hash>,
    nonce: Hash,
}

impl Committed {
    fn new(session: &Session, ctx: &Ctx, sums: &[[Block; 2]], shown: Shown) -> Self {
        let mut rng = ctx.rng();
        let sums = sums.as_flattened();
        let nonces: Vec<Hash> = sums.iter().map(|_| commit::nonce(&mut rng)).collect();
        let nonce = commit::nonce(&mut rng);
        let me = session.holder.me;
        let each = sums.iter().zip(&nonces).enumerate();
        let mut commitments: Vec<Hash> = each
            .map(|(at, (sum, nonce))| session.commit(ctx, me, at, &sum.to_bytes(), nonce))
            .collect();
        commitments.push(session.commit(ctx, me, sums.len(), &shown.bytes(), &nonce));
        Committed { shown, commitments, nonces, nonce }
    }
}
