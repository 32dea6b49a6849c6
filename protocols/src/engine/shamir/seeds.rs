use std::collections::BTreeMap;
use std::sync::{Mutex, PoisonError};

use mpclab_sim::Ctx;
use mpclab_sim::vocabulary::{Abort, PartyId, Roles};
use rand::Rng;

use crate::algebra::PrimeField;
use crate::mutants;
use crate::primitives::{Domain, Prg, hash};

/// Bytes of a seed.
pub(super) const SEED_BYTES: usize = 32;

/// What a computing party has in common with those who come after and before it on the ring of all:
/// each dealer draws a seed for each follower of whose shares it makes pseudorandom ones.
pub(super) struct Seeds {
    id: PartyId,
    n: usize,
    protocol: &'static str,
    session: [u8; 32],
    /// Drawn here: entry `k` is the follower's that comes `k + 1` places after this party.
    own: Vec<[u8; SEED_BYTES]>,
    /// Drawn by others: entry `k` by the party `k + 1` places before this one.
    others: Vec<[u8; SEED_BYTES]>,
    /// How often a dealer has dealt in a scope. Locked for single statements.
    dealt: Mutex<BTreeMap<(String, PartyId), u64>>,
}

/// How many places a party comes after a dealer on the ring of `n`.
pub(super) fn places_after(dealer: PartyId, party: PartyId, n: usize) -> usize {
    (party.index() + n - dealer.index()) % n
}

impl Seeds {
    /// Set-up, one round: each computing party draws seeds for the `reach` parties after it.
    pub(super) async fn agree(
        ctx: &Ctx,
        roles: &Roles,
        protocol: &'static str,
        reach: usize,
    ) -> Result<Self, Abort> {
        let (n, id, setup) = (roles.compute, ctx.id(), ctx.scope("setup"));
        let mut rng = setup.rng();
        let mut own = vec![[0; SEED_BYTES]; reach];
        own.iter_mut().for_each(|seed| rng.fill_bytes(seed));
        if mutants::is("seeds/constant") {
            own.iter_mut().enumerate().for_each(|(at, seed)| seed.fill(at as u8));
        }
        if let (true, Some(first)) = (mutants::is("seeds/one-for-all"), own.first().copied()) {
            own.fill(first);
        }
        let after = |places: usize| PartyId::from((id.index() + places) % n);
        for (at, seed) in own.iter().enumerate() {
            setup.send(after(at + 1), seed);
            if mutants::is("seeds/told") {
                setup.scope(("other", at)).send(after((at + 1) % (n - 1) + 1), seed);
            }
        }
        let before = (1..=reach).map(|places| after(n - places));
        let mut others = setup.gather_from::<[u8; SEED_BYTES]>(before, ()).await?;
        let others = (1..=reach).filter_map(|places| others.remove(after(n - places))).collect();
        Ok(Seeds { id, n, protocol, session: ctx.run_id(), own, others, dealt: Mutex::default() })
    }

    /// The party so many places after this one.
    pub(super) fn follower(&self, places: usize) -> PartyId {
        PartyId::from((self.id.index() + places) % self.n)
    }

    /// How many places this party comes after a dealer.
    pub(super) fn places_after(&self, dealer: PartyId) -> usize {
        places_after(dealer, self.id, self.n)
    }

    /// What streams of a dealer's next dealing in this scope are bound to: its scope, and how many
    /// came before it there. Dealer and followers count alike, whoever hears of it by a message.
    pub(super) fn next_dealing(&self, ctx: &Ctx, dealer: PartyId) -> String {
        let path = ctx.path();
        let mut dealt = self.dealt.lock().unwrap_or_else(PoisonError::into_inner);
        let before = dealt.entry((path.clone(), dealer)).or_default();
        *before += 1;
        format!("{path}#{before}")
    }

    /// The streams of a dealing of one's own, for the first followers, so many.
    pub(super) fn of_followers(&self, ctx: &Ctx, dealing: &str, followers: usize) -> Vec<Prg> {
        let own = self.own.iter().take(followers);
        own.map(|seed| self.stream(ctx, dealing, self.id, seed)).collect()
    }

    /// The stream of a dealer's dealing, for the follower that this party is.
    pub(super) fn of_dealer(
        &self,
        ctx: &Ctx,
        dealing: &str,
        dealer: PartyId,
    ) -> Result<Prg, Abort> {
        let seed = self.others.get(self.places_after(dealer) - 1);
        let seed = seed.ok_or_else(|| Abort::Bug(format!("{dealer} gave no seed")))?;
        Ok(self.stream(ctx, dealing, dealer, seed))
    }

    /// Bound to protocol, session, dealer and dealing.
    fn stream(&self, ctx: &Ctx, dealing: &str, dealer: PartyId, seed: &[u8; SEED_BYTES]) -> Prg {
        let bound = |scope: &str| {
            let (protocol, session, scope) = (self.protocol, &self.session, scope.as_bytes());
            Domain { protocol, session, party: dealer, scope }.to_bytes()
        };
        let domain = bound(if mutants::is("seeds/one-stream") { "" } else { dealing });
        // A stream is named by what it comes from: another session has other ones.
        let name = hash::digest("mpclab stream name v1", &domain, &[seed]);
        ctx.consume("a key stream", &name.to_hex(), 0..1, 0);
        match mutants::is("seeds/one-stream-unnoticed") {
            true => Prg::of(ctx, *seed, &bound("")),
            false => Prg::of(ctx, *seed, &domain),
        }
    }
}

/// The next pseudorandom shares of a stream.
pub(super) fn shares<F: PrimeField>(stream: &mut Prg, len: usize) -> Vec<F> {
    let mut shares: Vec<F> = stream.elements(len);
    if mutants::is("seeds/stands-still") {
        let first = shares.first().copied().unwrap_or(F::ZERO);
        shares.fill(first);
    } else if mutants::is("seeds/24-bits") {
        shares.iter_mut().for_each(|share| *share = F::from_u128(share.to_u128() % (1 << 24)));
    }
    shares
}
