//! Outputs that not all learn: the step `Input` of the online phase (Damgard, Pastro, Smart,
//! Zakarias, CRYPTO 2012) backwards, with the same kind of mask.
//!
//! 1. The dealer's random `r` is shared and authenticated, and in the clear for the one who learns
//!    `y`.
//! 2. Everyone opens `y - r`, after the MACs of all that was opened before it have been checked.
//! 3. The MAC of `y - r` is checked like any other, then only the one who has `r` can add it.

use std::ops::Range;

use mpclab_sim::Ctx;
use mpclab_sim::vocabulary::{Abort, PartyId};

use super::SpdzParams;
use super::party::Party;
use super::shares::Authenticated;
use crate::algebra::{PrimeField, slices};
use crate::engine::{Plan, Shares};
use crate::program::{Program, Recipients};

/// Places of the values that everyone learns, among all outputs' values one after the other.
fn public(program: &Program) -> Vec<Range<usize>> {
    places(program, |to| *to == Recipients::All)
}

/// Places of those that not everyone learns, but this output party.
fn private(program: &Program, party: usize) -> Vec<Range<usize>> {
    places(program, |to| *to != Recipients::All && to.include(party))
}

fn places(program: &Program, is_meant: impl Fn(&Recipients) -> bool) -> Vec<Range<usize>> {
    let mut end = 0;
    let mut places = Vec::new();
    for output in program.outputs() {
        let start = end;
        end += output.len;
        if is_meant(&output.to) {
            places.push(start..end);
        }
    }
    places
}

/// Output nodes with outputs that not all learn, and the number of values of each.
pub(super) fn masked(plan: &Plan<SpdzParams>) -> impl Iterator<Item = (PartyId, usize)> + '_ {
    let nodes = plan.job.roles.output.iter().enumerate();
    let values = nodes.map(|(party, node)| {
        (*node, private(&plan.program, party).iter().map(ExactSizeIterator::len).sum())
    });
    values.filter(|(_, len)| *len > 0)
}

/// Values that are opened in all.
pub(super) fn opened(plan: &Plan<SpdzParams>) -> usize {
    let public: usize = public(&plan.program).iter().map(ExactSizeIterator::len).sum();
    public + masked(plan).map(|(_, len)| len).sum::<usize>()
}

impl<F: PrimeField> Party<F> {
    /// Opens what is for all as it is, all else masked, and returns the own values in order.
    pub(super) async fn open_own(
        &self,
        ctx: &Ctx,
        shares: &Authenticated<F>,
    ) -> Result<Vec<F>, Abort> {
        let (program, roles) = (&self.plan.program, &self.plan.job.roles);
        let pick = |places: Vec<Range<usize>>| -> Authenticated<F> {
            let parts: Vec<Authenticated<F>> =
                places.into_iter().map(|place| shares.slice(place)).collect();
            Shares::concat(&parts)
        };
        let mut parts = vec![pick(public(program))];
        let mut masks = self.take_output_masks();
        let (mut start, mut own) = (parts[0].len(), None);
        for (party, node) in roles.output.iter().enumerate() {
            let Some(mask) = masks.remove(*node) else { continue };
            let len = mask.shares.len();
            let name = format!("{}/{node}", ctx.session_id());
            ctx.consume("output masks", &name, 0..len as u64, mask.bytes());
            parts.push(pick(private(program, party)).sub(&mask.shares));
            if let Some(clear) = mask.clear {
                own = Some((start, clear));
            }
            start += len;
        }
        let opened = self.open_verified(ctx, &Shares::concat(&parts)).await?;
        let mine =
            own.map(|(start, clear)| slices::add(&opened[start..start + clear.len()], &clear));
        let (mut public, mut private) = (opened.into_iter(), mine.unwrap_or_default().into_iter());
        let party = roles.output.binary_search(&ctx.id());
        let mut values = Vec::new();
        for output in program.outputs() {
            match &output.to {
                Recipients::All => values.extend(public.by_ref().take(output.len)),
                to if party.is_ok_and(|party| to.include(party)) => {
                    values.extend(private.by_ref().take(output.len));
                }
                Recipients::These(_) => {}
            }
        }
        Ok(values)
    }
}
