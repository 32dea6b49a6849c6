//! What the trusted dealer hands out: key shares, masks of inputs and outputs, and authenticated triples, bits
//! and masks. Both ends of its messages are here.

use std::sync::Arc;

use mpclab_sim::Ctx;
use mpclab_sim::Draw;
use mpclab_sim::vocabulary::{Abort, PartyId, PerParty};

use super::SpdzParams;
use super::key::MacKey;
use super::oracle::{self, About};
use super::output;
use super::party::Party;
use super::shares::Authenticated;
use crate::algebra::{PrimeField, slices};
use crate::engine::field::{Needs, Stock, bounded, dealer, random_bit};
use crate::engine::{InputCheck, Plan, RingVectors, Shares};
use crate::mutants;
use crate::oracle::Kept;

/// Name of the ideal functionality.
pub(super) const DEALER: &str = "dealer";

/// Random values for the outputs or the input of one node, or random bits for digits of its input:
/// shared among all, and in the clear for that node.
pub(super) struct Mask<F> {
    pub(super) shares: Authenticated<F>,
    pub(super) clear: Option<Vec<F>>,
}

impl<F: PrimeField> Mask<F> {
    /// Bytes of the party's part of it.
    pub(super) fn bytes(&self) -> u64 {
        let shares = Authenticated::<F>::VECTORS * self.shares.len();
        ((shares + self.clear.as_ref().map_or(0, Vec::len)) * F::BYTES) as u64
    }
}

/// All that a party gets from the dealer.
pub(super) struct Dealt<F: PrimeField> {
    pub(super) key: MacKey<F>,
    pub(super) masks: PerParty<Mask<F>>,
    pub(super) output_masks: PerParty<Mask<F>>,
    pub(super) stocks: Vec<Stock<Party<F>>>,
}

fn elements(needs: &Needs) -> usize {
    needs.triple_elements() + needs.random_elements()
}

/// The dealer's code.
pub(super) async fn deal<F: PrimeField>(
    ctx: Ctx,
    plan: Arc<Plan<SpdzParams>>,
) -> Result<(), Abort> {
    let n = plan.job.roles.compute;
    let offline = ctx.scope("offline");
    let keys = keys::<F>(n, &mut offline.rng());
    let key = slices::sum(&keys);
    let scope = offline.scope("key");
    for (party, key) in PartyId::all(n).zip(keys) {
        scope.send(party, &vec![key]);
    }
    let again = mutants::is("spdz/input-masks-of-all").then(|| offline.rng());
    let mask = |scope: &Ctx, owner: PartyId, len: usize, check: InputCheck| -> Vec<F> {
        let mut rng = scope.rng();
        let masks = match &again {
            Some(again) => masks::<F>(len, check, &mut again.clone()),
            None => masks::<F>(len, check, &mut rng),
        };
        for (party, mut shares) in PartyId::all(n).zip(authenticate(&masks, key, n, &mut rng)) {
            if party == owner {
                shares.extend_from_slice(&masks);
            }
            scope.send(party, &shares);
        }
        masks
    };
    for (owner, len) in plan.input_elements() {
        let scope = offline.scope(("input", owner.index()));
        let elements = mask(&scope, owner, len, plan.params.input_check);
        scope.tap(oracle::MASKS, || About { owner, elements });
    }
    for (owner, len) in output::masked(&plan) {
        mask(&offline.scope(("output", owner.index())), owner, len, InputCheck::None);
    }
    for (at, needs) in plan.needs.iter().enumerate().filter(|(_, needs)| elements(needs) > 0) {
        let scope = offline.scope(("batch", at));
        let mut rng = scope.rng();
        let values = dealer::deal_batch::<F>(needs, &mut rng);
        for (party, shares) in PartyId::all(n).zip(authenticate(&values, key, n, &mut rng)) {
            scope.send(party, &shares);
        }
    }
    Ok(())
}

/// Shares of the MAC key.
fn keys<F: PrimeField>(n: usize, rng: &mut impl Draw) -> Vec<F> {
    let mut keys: Vec<F> = slices::random_vec(n, rng);
    if mutants::is("spdz/key-zero") {
        keys.fill(F::ZERO);
    } else if mutants::is("spdz/key-equal") {
        keys = vec![keys[0]; n];
    } else if mutants::is("spdz/key-short") {
        keys.fill_with(|| bounded(2, rng));
    }
    keys
}

/// Masks of an output, or of an input: bits where it comes as digits.
fn masks<F: PrimeField>(len: usize, check: InputCheck, rng: &mut impl Draw) -> Vec<F> {
    let mut masks: Vec<F> = match check {
        InputCheck::Range => (0..len).map(|_| random_bit::<F>(rng)).collect(),
        InputCheck::None => slices::random_vec(len, rng),
    };
    if mutants::is("spdz/input-mask-zero") {
        masks.fill(F::ZERO);
    } else if mutants::is("spdz/input-mask-repeats") {
        let first = masks.first().copied().unwrap_or(F::ZERO);
        masks.fill(first);
    } else if mutants::is("spdz/input-mask-biased") {
        masks.iter_mut().for_each(|mask| *mask *= random_bit::<F>(rng));
    }
    masks
}

/// Additive shares of values, each followed by a share of their MACs.
fn authenticate<F: PrimeField>(values: &[F], key: F, n: usize, rng: &mut impl Draw) -> Vec<Vec<F>> {
    let mut shares = dealer::split(values, n, rng);
    let mut macs = dealer::split(&slices::scale(values, key), n, rng);
    if mutants::is("spdz/macs-shared-alike") {
        macs.clone_from(&shares);
        let rest = slices::sub(&slices::scale(values, key), values);
        slices::add_assign(&mut macs[n - 1], &rest);
    }
    shares.iter_mut().zip(macs).for_each(|(share, mac)| share.extend(mac));
    shares
}

/// A computing party's side.
pub(super) async fn receive<F: PrimeField>(
    ctx: &Ctx,
    plan: &Plan<SpdzParams>,
) -> Result<Dealt<F>, Abort> {
    let offline = ctx.scope("offline");
    let from = ctx.ideal(DEALER);
    let share = slices::sum(&offline.scope("key").recv::<Vec<F>>(from, 1).await?);
    Kept::tap(&offline, "share of the MAC key", F::BITS - 1, || vec![share]);
    let key = MacKey::new(share).watched(ctx);
    let (mut masks, mut output_masks) = (PerParty::default(), PerParty::default());
    for (owner, len) in plan.input_elements() {
        let scope = offline.scope(("input", owner.index()));
        masks.insert(owner, receive_mask(&scope, from, owner, len).await?);
    }
    for (owner, len) in output::masked(plan) {
        let scope = offline.scope(("output", owner.index()));
        output_masks.insert(owner, receive_mask(&scope, from, owner, len).await?);
    }
    let mut stocks = Vec::new();
    for (at, needs) in plan.needs.iter().enumerate() {
        let mut shares = Authenticated { value: Vec::new(), mac: Vec::new() };
        if elements(needs) > 0 {
            let scope = offline.scope(("batch", at));
            shares = receive_shares(&scope, from, elements(needs)).await?;
        }
        stocks.push(Stock::cut(at, shares, needs));
    }
    Ok(Dealt { key, masks, output_masks, stocks })
}

/// The masks of one node.
async fn receive_mask<F: PrimeField>(
    scope: &Ctx,
    from: PartyId,
    owner: PartyId,
    len: usize,
) -> Result<Mask<F>, Abort> {
    if owner != scope.id() {
        return Ok(Mask { shares: receive_shares(scope, from, len).await?, clear: None });
    }
    let (value, (mac, clear)) = scope.recv(from, (len, (len, len))).await?;
    Ok(Mask { shares: Authenticated { value, mac }, clear: Some(clear) })
}

/// Shares of so many values, then of their MACs.
async fn receive_shares<F: PrimeField>(
    scope: &Ctx,
    from: PartyId,
    len: usize,
) -> Result<Authenticated<F>, Abort> {
    let (value, mac) = scope.recv(from, (len, len)).await?;
    Ok(Authenticated { value, mac })
}
