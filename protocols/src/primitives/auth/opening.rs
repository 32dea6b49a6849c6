//! Opening authenticated bits: whoever tells another bit than its share is caught by whoever has
//! the key.
//!
//! A party proves all shares that it has opened to another one by the hash of their MACs, which the
//! other one can compute from its keys: 32 bytes for any number of bits (TinyOT, CRYPTO 2012). A
//! hash is bound to both parties, session and scope. It is told at once ([`open`], [`send`]), or,
//! for openings that are masks, once for all of them ([`Ledger`]).

use mpclab_kernels::Block;
use mpclab_sim::Ctx;
use mpclab_sim::vocabulary::{Abort, PartyId};

use super::{AuthBits, Holder, TAG};
use crate::algebra::bits::Bits;
use crate::mutants;
use crate::primitives::agree::{self, HASH_BYTES, Hash};
use crate::primitives::ot::Blocks;
use crate::primitives::{Domain, hash};

/// What the MACs of one party towards another are bound to.
fn bound(ctx: &Ctx, protocol: &str, [from, to]: [PartyId; 2]) -> Vec<u8> {
    let (path, session) = (ctx.path(), ctx.run_id());
    let scope = path.as_bytes();
    let mut bytes = Domain { protocol, session: &session, party: from, scope }.to_bytes();
    bytes.extend_from_slice(&to.0.to_le_bytes());
    bytes
}

/// A hash of MACs.
fn digest(domain: &[u8], before: &Hash, macs: &[Block]) -> Hash {
    let parts: [&[u8]; 2] = [before, Block::as_bytes(macs)];
    *hash::digest("mpclab auth macs v1", domain, &parts).as_bytes()
}

/// The MACs that a peer's shares have to have.
fn expected(shares: &AuthBits, peer: PartyId, told: &Bits) -> Vec<Block> {
    let (mut keys, delta) = (shares.keys(peer), shares.holder().delta);
    mpclab_sim::work::did(TAG, keys.len());
    keys.iter_mut().zip(told.iter()).for_each(|(key, bit)| *key ^= delta.if_set(bit));
    keys
}

/// Opens bits to all, with their MACs: one round.
///
/// # Errors
/// `Cheating` with those whose shares have wrong MACs.
pub async fn open(ctx: &Ctx, protocol: &str, shares: &AuthBits) -> Result<Bits, Abort> {
    shares.holder().peers().for_each(|peer| send(ctx, protocol, peer, shares));
    receive(ctx, protocol, shares).await
}

/// Tells one party the own shares, with the hash of their MACs.
pub fn send(ctx: &Ctx, protocol: &str, to: PartyId, shares: &AuthBits) {
    let domain = bound(ctx, protocol, [ctx.id(), to]);
    let proof = digest(&domain, &Hash::default(), &shares.macs(to));
    ctx.send(to, &(shares.bits().clone(), proof));
}

/// The sum of all shares, when all others have told theirs.
///
/// # Errors
/// `Cheating` with those whose shares have wrong MACs.
pub async fn receive(ctx: &Ctx, protocol: &str, shares: &AuthBits) -> Result<Bits, Abort> {
    let holder = shares.holder();
    let mut sum = shares.bits().clone();
    let mut culprits = Vec::new();
    for (peer, (told, proof)) in
        ctx.gather_from::<(Bits, Hash)>(holder.peers(), (shares.len(), ())).await?
    {
        let domain = bound(ctx, protocol, [peer, holder.me]);
        let macs = expected(shares, peer, &told);
        if digest(&domain, &Hash::default(), &macs) != proof && !mutants::is("auth/macs-unheeded") {
            if mutants::is("auth/macs-explained") {
                ctx.scope("expected").send(peer, &Blocks(macs));
            }
            culprits.push(peer);
        }
        sum ^= &told;
    }
    match culprits.is_empty() {
        true => Ok(sum),
        false => Err(ctx.cheating(culprits, format!("MACs in {}", ctx.path()))),
    }
}

/// Payload of an opening of so many bits to one other party: with the hash of their MACs, bytes.
#[must_use]
pub const fn opening_bytes(bits: usize) -> u64 {
    (bits.div_ceil(8) + HASH_BYTES) as u64
}

/// What was opened and is not checked yet, and what all have to have heard alike.
pub struct Ledger {
    protocol: &'static str,
    holder: Holder,
    heard: Hash,
    /// A hash for each other party: of the own MACs under its key, and of the MACs that it has to
    /// have.
    mine: Vec<Hash>,
    theirs: Vec<Hash>,
    is_empty: bool,
}

impl Ledger {
    /// Payload of a check from one party to one other, bytes.
    pub const CHECK_BYTES: u64 = 2 * HASH_BYTES as u64;

    /// Nothing was opened.
    #[must_use]
    pub fn new(protocol: &'static str, holder: Holder) -> Self {
        let none = vec![Hash::default(); holder.n - 1];
        let heard = Hash::default();
        Ledger { protocol, holder, heard, mine: none.clone(), theirs: none, is_empty: true }
    }

    /// Notes what a party told all, in an order that all have alike.
    pub fn hear(&mut self, from: PartyId, told: &Bits) {
        let (bytes, len) = (agree::bytes(told), (told.len() as u64).to_le_bytes());
        let parts: [&[u8]; 4] = [&self.heard, &from.0.to_le_bytes(), &len, &bytes];
        self.heard = *hash::digest("mpclab auth heard v1", &[], &parts).as_bytes();
        self.is_empty = false;
    }

    /// Opens bits to all, whose MACs are checked later: one round. What is opened before the check
    /// has to be a mask.
    ///
    /// # Errors
    /// What receiving messages may fail with.
    pub async fn open(&mut self, ctx: &Ctx, shares: &AuthBits) -> Result<Bits, Abort> {
        let holder = self.holder;
        ctx.send_to(holder.peers(), shares.bits());
        let mut sum = shares.bits().clone();
        for (peer, told) in ctx.gather_from::<Bits>(holder.peers(), shares.len()).await? {
            let slot = holder.slot(peer);
            let macs = expected(shares, peer, &told);
            if mutants::is("auth/ledger-overwritten") {
                self.theirs[slot] = Hash::default();
                self.mine[slot] = Hash::default();
            }
            self.theirs[slot] = digest(&[], &self.theirs[slot], &macs);
            self.mine[slot] = digest(&[], &self.mine[slot], &shares.macs(peer));
            sum ^= &told;
        }
        // All have opened the same, so that whoever's MACs are wrong is a cheater.
        self.hear(PartyId(0), &sum);
        Ok(sum)
    }

    /// Whether there is nothing to check.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.is_empty
    }

    /// Checks all that was heard and opened so far: one round. If there was nothing, nothing is
    /// said.
    ///
    /// # Errors
    /// `Cheating` with those who have heard the same and have opened shares without MACs;
    /// `CheckFailed` if parties have heard different things, nobody can say from whom.
    pub async fn check(&mut self, ctx: &Ctx) -> Result<(), Abort> {
        let holder = self.holder;
        if std::mem::replace(&mut self.is_empty, true) || mutants::is("auth/check-skipped") {
            return Ok(());
        }
        let domain = |from, to| bound(ctx, self.protocol, [from, to]);
        for peer in holder.peers() {
            let proof = digest(&domain(holder.me, peer), &self.mine[holder.slot(peer)], &[]);
            ctx.send(peer, &(self.heard, proof));
        }
        let (mut culprits, mut differ) = (Vec::new(), false);
        for (peer, (heard, proof)) in
            ctx.gather_from::<(Hash, Hash)>(holder.peers(), ((), ())).await?
        {
            let expected = digest(&domain(peer, holder.me), &self.theirs[holder.slot(peer)], &[]);
            if heard != self.heard && !mutants::is("auth/echo-unheeded") {
                differ = true;
            } else if proof != expected && !mutants::is("auth/macs-unheeded") {
                culprits.push(peer);
            }
        }
        if !culprits.is_empty() {
            return Err(ctx.cheating(culprits, format!("MACs in {}", ctx.path())));
        }
        if differ {
            return Err(ctx.check_failed(format!("equal broadcasts in {}", ctx.path())));
        }
        Ok(())
    }
}
