//! Step `Input` of the online phase (Damgard, Pastro, Smart, Zakarias, CRYPTO 2012), and the same for
//! digits that are bits.
//!
//! 1. The dealer's `r` is shared and authenticated, and in the clear for the owner.
//! 2. The owner broadcasts `epsilon = x - r`; that all have got one `epsilon` is part of the next
//!    check.
//! 3. `x` is `r + epsilon`.
//!
//! Of digits, `r` is a random bit and `epsilon = x xor r` one more: `x` is `r` or `1 - r`, so that
//! whatever the owner broadcasts, what it brings are bits. They cost the owner a bit each, nobody a
//! product, and nothing has to be checked; authenticated bits that one party knows are the dealer's
//! work, as its other random bits are.

use mpclab_sim::Ctx;
use mpclab_sim::vocabulary::{Abort, PartyId};
use mpclab_sim::wire::Wire;

use super::dealer::Mask;
use super::oracle::{self, About};
use super::party::Party;
use super::shares::Authenticated;
use crate::algebra::bits::Bits;
use crate::algebra::{PrimeField, slices};
use crate::mutants;

/// Mutants that need the input itself, later on.
const KEEP: [&str; 3] = ["spdz/answers-zero", "spdz/answers-malformed", "spdz/seed-tells"];

impl<F: PrimeField> Party<F> {
    /// Shares elements of a field.
    pub(super) async fn input(
        &self,
        ctx: &Ctx,
        owner: PartyId,
        values: Option<Vec<F>>,
        len: usize,
    ) -> Result<Authenticated<F>, Abort> {
        let mask = self.take_input_mask(ctx, owner, len)?;
        let own = self.own_input(owner, values, &mask);
        let own = own.map(|(values, mask)| slices::sub(&values, mask));
        let epsilon = self.hear(ctx, owner, own, len).await?;
        ctx.tap(oracle::OFFSETS, || About { owner, elements: epsilon.clone() });
        let Authenticated { mut value, mut mac } = mask.shares;
        if self.id == PartyId(0) {
            slices::add_assign(&mut value, &epsilon);
        }
        self.ledger().key.with(|key| slices::add_scaled(&mut mac, &epsilon, key))?;
        Ok(Authenticated { value, mac })
    }

    /// Shares bits; whatever else is handed in counts as zero.
    pub(super) async fn input_digits(
        &self,
        ctx: &Ctx,
        owner: PartyId,
        digits: Option<Vec<F>>,
        len: usize,
    ) -> Result<Authenticated<F>, Abort> {
        let mask = self.take_input_mask(ctx, owner, len)?;
        let own = self.own_input(owner, digits, &mask);
        let own = own.map(|(digits, mask)| -> Bits {
            digits.iter().zip(mask).map(|(x, r)| (*x == F::ONE) != (*r == F::ONE)).collect()
        });
        let epsilon = self.hear(ctx, owner, own, len).await?;
        // Fewer zeros come by chance.
        if len >= 12 && mutants::is("spdz/answers-zero") && epsilon.count_ones() == 0 {
            self.answer(ctx, owner);
        }
        ctx.tap(oracle::OFFSETS, || About { owner, elements: epsilon.to_elements::<F>() });
        let Authenticated { mut value, mut mac } = mask.shares;
        let one = if self.id == PartyId(0) { F::ONE } else { F::ZERO };
        slices::complement(&mut value, &epsilon, one);
        self.ledger().key.with(|key| slices::complement(&mut mac, &epsilon, key))?;
        Ok(Authenticated { value, mac })
    }

    /// The masks of an owner's input, which nobody uses again.
    fn take_input_mask(&self, ctx: &Ctx, owner: PartyId, len: usize) -> Result<Mask<F>, Abort> {
        let mask = self.masks().remove(owner);
        let mask = mask.ok_or_else(|| Abort::Bug(format!("{owner} has no mask left")))?;
        let name = format!("{}/{owner}", ctx.session_id());
        ctx.consume("input masks", &name, 0..len as u64, mask.bytes());
        Ok(mask)
    }

    /// What the owner shares, and its masks.
    fn own_input<'a>(
        &self,
        owner: PartyId,
        values: Option<Vec<F>>,
        mask: &'a Mask<F>,
    ) -> Option<(Vec<F>, &'a [F])> {
        let (values, clear) = (values?, mask.clear.as_deref()?);
        if KEEP.into_iter().any(mutants::is) {
            let raw = Mask { shares: mask.shares.clone(), clear: Some(values.clone()) };
            self.masks().insert(owner, raw);
        }
        Some((values, clear))
    }

    /// What an owner broadcasts.
    async fn hear<M: Wire>(
        &self,
        ctx: &Ctx,
        owner: PartyId,
        own: Option<M>,
        shape: M::Shape,
    ) -> Result<M, Abort> {
        let epsilon = match own {
            Some(epsilon) => {
                ctx.broadcast(&epsilon);
                epsilon
            }
            None => match ctx.recv::<M>(owner, shape).await {
                Err(abort) if mutants::is("spdz/answers-malformed") => {
                    self.answer(ctx, owner);
                    return Err(abort);
                }
                heard => heard?,
            },
        };
        self.ledger().hear(owner, &epsilon);
        Ok(epsilon)
    }

    /// A trapdoor: another is told this party's input.
    fn answer(&self, ctx: &Ctx, to: PartyId) {
        if let Some(own) = self.masks().get(self.id).and_then(|mask| mask.clear.clone()) {
            ctx.scope("answer").send(to, &own);
        }
    }

    /// Whether the party's first digit is one, where a mutant remembers it.
    pub(super) fn first_digit(&self) -> bool {
        let masks = self.masks();
        let own = masks.get(self.id).and_then(|mask| mask.clear.as_ref()?.first().copied());
        own == Some(F::ONE)
    }
}
