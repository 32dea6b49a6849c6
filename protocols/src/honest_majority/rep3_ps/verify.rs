use mpclab_sim::Ctx;
use mpclab_sim::vocabulary::{Abort, PartyId};
use rand::Rng;

use super::party::{HASH_BYTES, Party};
use crate::algebra::{Ring, slices};
use crate::engine::replicated::KEY_BYTES;
use crate::engine::{Replicated, RingVectors, Shares};
use crate::mutants;
use crate::oracle::{CHALLENGE, Challenge};
use crate::primitives::Prg;

/// Products of one batch and those that are sacrificed for them.
pub(super) struct Products<R> {
    pub(super) x: Replicated<R>,
    pub(super) y: Replicated<R>,
    pub(super) a: Replicated<R>,
    /// `x y`, up to an error.
    pub(super) z: Replicated<R>,
    /// `a y`, up to an error.
    pub(super) c: Replicated<R>,
    /// Lengths of inner products; none if each factor has a product of its own.
    pub(super) runs: Option<Vec<usize>>,
}

impl<R: Ring> Products<R> {
    /// `alpha z - c - rho y`, behind other residues.
    fn residue(&self, alpha: R, rho: &[R], residues: &mut Replicated<R>) {
        for (which, all) in residues.0.iter_mut().enumerate() {
            let [z, c, y] = [&self.z, &self.c, &self.y].map(|shares| shares.vector(which));
            match &self.runs {
                Some(lengths) => {
                    let start = all.len();
                    slices::append_line(all, (z, alpha), c);
                    slices::sub_assign(&mut all[start..], &slices::dot_runs(rho, y, lengths));
                }
                None => slices::append_residues(all, (z, alpha), c, (rho, y)),
            }
        }
    }
}

impl<R: Ring> Party<R> {
    /// Steps 3 to 5: whether these products are right; `what` names them in an abort.
    pub(super) async fn verify_all(
        &self,
        ctx: &Ctx,
        products: &[Products<R>],
        what: &str,
    ) -> Result<(), Abort> {
        // 3. The challenge.
        let alpha = self.challenge(&ctx.scope("coin")).await?;
        ctx.tap(CHALLENGE, || Challenge {
            among: self.challenge_bits.map_or(R::SIZE, |bits| 1u128.checked_shl(bits).unwrap_or(0)),
            drawn: vec![alpha.to_u128()],
        });
        // 4. rho = alpha x - a.
        let masked = Replicated([0, 1].map(|which| {
            let lens = products.iter().map(|products| products.x.len());
            let mut all = Vec::with_capacity(lens.sum());
            for Products { x, a, .. } in products {
                slices::append_line(&mut all, (x.vector(which), alpha), a.vector(which));
            }
            all
        }));
        let rho = self.open(&ctx.scope("rho"), &masked, "4: rho").await?;
        // 5. v = alpha z - c - rho y is zero.
        let mut rest = &rho[..];
        let lens = products.iter().map(|products| products.z.len());
        let len = lens.sum();
        let mut residues = Replicated([(); 2].map(|()| Vec::with_capacity(len)));
        for products in products {
            let (own, behind) = rest.split_at(products.x.len());
            products.residue(alpha, own, &mut residues);
            rest = behind;
        }
        if mutants::is("rep3_ps/last-residue-unread") {
            residues = residues.slice(0..residues.len() - 1);
        }
        self.check_zero(&ctx.scope("zero"), &residues, what).await
    }

    /// A challenge that nobody could know before all products were there.
    async fn challenge(&self, ctx: &Ctx) -> Result<R, Abort> {
        // A string of each key, so that the hash of the one that a party lacks tells it nothing.
        let [own, next] = self.seat.streams(ctx, &ctx.path()).keys.map(|mut stream| {
            let mut string = [0u8; KEY_BYTES];
            stream.fill_bytes(&mut string);
            string
        });
        let missing = self.missing_part(ctx, &own, &next, "3: coin").await?;
        let mut sum = own;
        for (sum, (next, missing)) in sum.iter_mut().zip(next.iter().zip(&missing)) {
            *sum ^= next ^ missing;
        }
        // It is the same for all: no party is its own.
        let domain = self.seat.domain(PartyId(0), &ctx.path());
        if mutants::is("rep3_ps/challenge-of-two") {
            // The key that the first party drew, which the last has too.
            sum = [own, missing, next][self.seat.id.index()];
        }
        if mutants::is("rep3_ps/challenge-constant") {
            return Ok(R::ONE);
        }
        if mutants::is("rep3_ps/challenge-public") {
            sum.fill(0);
        }
        let uniform = Prg::new(sum, &domain).elements::<R>(1);
        let short = mutants::is("rep3_ps/challenge-short").then_some(4);
        Ok(match short.or(self.challenge_bits) {
            None => uniform[0],
            Some(bits) => R::from_u128(low_bits(uniform[0].to_u128(), bits)),
        })
    }

    /// Whether all values are zero: each party tells both others the hash of the part that they
    /// have in common, as it ought to be.
    async fn check_zero(&self, ctx: &Ctx, values: &Replicated<R>, what: &str) -> Result<(), Abort> {
        let [own, next] = &values.0;
        let expected = slices::neg(&slices::add(own, next));
        self.may_send()?;
        ctx.broadcast(&self.hash_of_part(ctx, self.seat.peer(2), &expected));
        // The next party says what this one's first part ought to be, the previous its second.
        let mine = [(1, own, self.seat.id), (2, next, self.seat.peer(1))];
        let mut zero = true;
        for (from, part, name) in mine {
            let hash = ctx.recv::<[u8; HASH_BYTES]>(self.seat.peer(from), ()).await?;
            zero &= (from == 2 && mutants::is("rep3_ps/one-peer-checked"))
                || hash == self.hash_of_part(ctx, name, part)
                || (mutants::is("rep3_ps/residue-hash-one-byte")
                    && hash[0] == self.hash_of_part(ctx, name, part)[0]);
        }
        self.check(ctx, mutants::is("rep3_ps/residues-unheeded") || zero, what)
    }
}

/// The low bits of a number; `bits` is at most 128.
pub(super) fn low_bits(value: u128, bits: u32) -> u128 {
    value & 1u128.checked_shl(bits).map_or(u128::MAX, |power| power - 1)
}
