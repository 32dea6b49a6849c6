//! Masks of wires, and shares of their products with each other and with all offsets.
//!
//! A party's share of a mask, and of its product with the offset of every other party, is what
//! [`AuthBits`] holds: `t = q + share delta_j`, of which the party has `t` and `j` has `q`.

use std::ops::Range;

use mpclab_kernels::Block;
use mpclab_sim::Ctx;
use mpclab_sim::vocabulary::{Abort, PartyId};
use rand::Rng;

use super::{Bmr, BmrPlan};
use crate::algebra::bits::Bits;
use crate::garbled::wires;
use crate::mutants;
use crate::oracle::{Computed, Kept};
use crate::primitives::auth::{AuthBits, Holder};
use crate::primitives::ot::links::{self, Link, links};
use crate::primitives::ot::{Blocks, Pair, chosen_pads, lowest, pads};
use crate::protocol::Protocol;

/// All that a party has of masks once it has no more transfers to make.
pub(super) struct Masks {
    pub(super) holder: Holder,
    /// Of the party's own bits.
    pub(super) own: Bits,
    /// Shares of those of clients' bits.
    pub(super) clients: Bits,
    /// Of what ANDs read.
    pub(super) left: AuthBits,
    /// The same of their other input.
    pub(super) right: AuthBits,
    /// `lambda_u lambda_v + lambda_w` of ANDs.
    pub(super) ands: AuthBits,
    /// Shares of those of outputs.
    pub(super) outputs: Bits,
}

/// Who a party is, and its links to all others if there is anything to garble.
pub(super) async fn set_up(ctx: &Ctx, plan: &BmrPlan) -> Result<(Holder, Vec<Link>), Abort> {
    let holder = Holder { me: ctx.id(), n: plan.n(), delta: Block::ZERO };
    if plan.ands() == 0 {
        return Ok((holder, Vec::new()));
    }
    let setup = ctx.scope("setup");
    let delta = offset(&setup);
    let links = links(&setup, Bmr::NAME, plan.n(), plan.extension(), |_, _| delta).await?;
    Ok((Holder { delta, ..holder }, links))
}

/// 1 to 3.
pub(super) async fn make(
    offline: &Ctx,
    plan: &BmrPlan,
    (holder, mut links): (Holder, Vec<Link>),
) -> Result<Masks, Abort> {
    let again = plan.randomises_outputs().then(|| Again::tell(offline, plan));
    // 1. Masks.
    let scope = offline.scope("masks");
    let own = draw(&scope, plan);
    let transfers = Transfers::make(&scope, plan, &mut links, own).await?;
    let Shares { inputs, ands: all } = transfers.of(plan, holder);
    let mut taken = 0;
    let of = wires::masks(&plan.layered, inputs, |ands| {
        taken += ands;
        all.slice(taken - ands..taken)
    })?;
    let wires::Masks { left, right, ands: made, outputs } = of;
    let mut outputs = outputs.bits().slice(0..plan.shared.output_bits());
    let mut ands = AuthBits::none(holder);
    if !made.is_empty() {
        // 2. Products.
        let mut products = products(&offline.scope("products"), [&left, &right]).await?;
        // 3. Products with offsets.
        products ^= made.bits();
        let (scope, count) = (offline.scope("offsets"), made.len());
        let [t, q] = links::chosen(&scope, holder.n, &mut links, |_| &products, |_| count).await?;
        ands = AuthBits::new(holder, products, &borrowed(&t), &borrowed(&q));
    }
    if let Some(again) = again {
        outputs ^= &again.hear(plan).await?;
    }
    let (own, clients) = (plan.shared.bits_of(holder.me), plan.client_bits());
    let [own, clients] = [0..own, own..own + clients].map(|part| transfers.choices.slice(part));
    Ok(Masks { holder, own, clients, left, right, ands, outputs })
}

fn borrowed(columns: &[Vec<Block>]) -> Vec<&[Block]> {
    columns.iter().map(Vec::as_slice).collect()
}

/// The difference of a party's labels.
fn offset(setup: &Ctx) -> Block {
    let mut rng = setup.scope("offset").rng();
    let mut delta = Block::random(|bytes| rng.fill_bytes(bytes));
    if mutants::is("bmr/offset-constant") {
        delta = Block::ONES;
    } else if mutants::is("bmr/offset-one") {
        delta = Block::from_u128(1);
    }
    Kept::tap(setup, "offset", 128, || Blocks(vec![delta]));
    delta
}

// ---- 1. Masks ----

/// Shares of masks: of the party's own bits, of clients' bits, of random bits, of ANDs.
fn draw(ctx: &Ctx, plan: &BmrPlan) -> Bits {
    let (me, ands) = (ctx.id(), plan.ands());
    let mut drawn = Bits::random(plan.masks_of(me), &mut ctx.rng());
    let own = plan.shared.bits_of(me);
    let random = own + plan.client_bits()..drawn.len() - ands;
    let mut change = |part: &Range<usize>, bit: &dyn Fn(&Bits) -> bool| {
        let bit = !part.is_empty() && bit(&drawn.slice(part.clone()));
        part.clone().for_each(|at| drawn.set(at, bit));
    };
    let of_ands = random.end..random.end + ands;
    if mutants::is("bmr/inputs-unmasked") {
        change(&(0..own), &|_| false);
    } else if mutants::is("bmr/inputs-masked-alike") {
        change(&(0..own), &|own| own.get(0));
    } else if mutants::is("bmr/masks-repeat") {
        change(&of_ands, &|ands| ands.get(0));
    } else if mutants::is("bmr/masks-of-one") && me != PartyId(0) {
        change(&of_ands, &|_| false);
    } else if !random.is_empty() && mutants::is("bmr/random-of-one") && me != PartyId(0) {
        change(&random, &|_| false);
    } else if mutants::is("bmr/masks-told") {
        ctx.scope("told").send_to(plan.job.roles.computing(), &drawn.slice(of_ands.clone()));
    }
    // Whoever knows what all others draw of a mask knows the bit below it, and one that evaluates
    // has it together with its own.
    for (what, part) in [("share of random bits", random), ("share of masks", of_ands)] {
        if !part.is_empty() {
            let bits = part.len() as u32;
            Kept::tap(ctx, what, bits, || drawn.slice(part.clone()));
            Computed::tap(ctx, || drawn.slice(part));
        }
    }
    drawn
}

/// Transfers of shares of masks with all peers.
struct Transfers {
    /// The shares, as [`draw`] has them.
    choices: Bits,
    /// `t` towards each peer in turn.
    t: Vec<Vec<Block>>,
    /// `q` of each peer's shares.
    q: Vec<Vec<Block>>,
}

/// Masks of the input wires in their order, and of ANDs.
struct Shares {
    inputs: AuthBits,
    ands: AuthBits,
}

impl Transfers {
    async fn make(
        ctx: &Ctx,
        plan: &BmrPlan,
        links: &mut [Link],
        choices: Bits,
    ) -> Result<Self, Abort> {
        let n = plan.n();
        let [t, q] = match links.is_empty() {
            // Nothing is garbled.
            true => {
                let none = |party| vec![Block::ZERO; plan.masks_of(party)];
                let peers = PartyId::all(n).filter(|party| *party != ctx.id());
                [peers.clone().map(|_| none(ctx.id())).collect(), peers.map(none).collect()]
            }
            false => links::chosen(ctx, n, links, |_| &choices, |peer| plan.masks_of(peer)).await?,
        };
        Ok(Transfers { choices, t, q })
    }

    /// Some bits: those of one party alone, or shared by all.
    fn part(
        &self,
        holder: Holder,
        owner: Option<PartyId>,
        len: usize,
        start: impl Fn(PartyId) -> usize,
    ) -> AuthBits {
        let none = vec![Block::ZERO; len];
        let has_share = |party: PartyId| owner.is_none_or(|owner| owner == party);
        let of = |party: PartyId, column: &[Block]| -> Vec<Block> {
            let first = start(party);
            if has_share(party) { column[first..first + len].to_vec() } else { none.clone() }
        };
        let macs: Vec<Vec<Block>> = self.t.iter().map(|t| of(holder.me, t)).collect();
        let keys: Vec<Vec<Block>> =
            holder.peers().zip(&self.q).map(|(peer, q)| of(peer, q)).collect();
        let first = start(holder.me);
        let bits = match has_share(holder.me) {
            true => self.choices.slice(first..first + len),
            false => Bits::zeros(len),
        };
        AuthBits::new(holder, bits, &borrowed(&macs), &borrowed(&keys))
    }

    fn of(&self, plan: &BmrPlan, holder: Holder) -> Shares {
        let own = |party: PartyId| plan.shared.bits_of(party);
        let mut inputs = AuthBits::none(holder);
        let mut behind = 0;
        let clients: Vec<(PartyId, usize)> = plan
            .shared
            .clients()
            .map(|(client, bits)| {
                behind += bits;
                (client, behind - bits)
            })
            .collect();
        for (owner, place) in plan.shared.columns() {
            let client = clients.iter().find(|(client, _)| *client == owner);
            inputs.extend(&match client {
                None => self.part(holder, Some(owner), place.len(), |_| place.start),
                Some((_, first)) => {
                    self.part(holder, None, place.len(), |party| own(party) + first + place.start)
                }
            });
        }
        let (random, ands) = (plan.shared.random_bits(), plan.ands());
        inputs.extend(&self.part(holder, None, random, |party| own(party) + plan.client_bits()));
        let first = |party| own(party) + plan.shared_inputs();
        Shares { inputs, ands: self.part(holder, None, ands, first) }
    }
}

// ---- 2. Products ----

/// Shares of the products of masks. Whoever has `q` of a peer's `x` tells it by what the pads of
/// both choices and its own `y` differ; the peer adds that where its `x` is 1.
async fn products(ctx: &Ctx, [x, y]: [&AuthBits; 2]) -> Result<Bits, Abort> {
    let (holder, len) = (x.holder(), x.len());
    let tweak = |pair| Pair::new(ctx, Bmr::NAME, pair).tweak("mpclab bmr products v1");
    let is_open = mutants::is("bmr/products-unmasked");
    let mut shares = x.bits().and(y.bits());
    for peer in holder.peers() {
        let both = pads(holder.delta, tweak([holder.me, peer]), &x.keys(peer));
        let mut told = lowest(both.iter().map(|[zero, one]| *zero ^ *one));
        let mut zero = lowest(both.iter().map(|[zero, _]| *zero));
        if is_open {
            [told, zero] = [(); 2].map(|()| Bits::zeros(len));
        }
        told ^= y.bits();
        ctx.send(peer, &told);
        shares ^= &zero;
    }
    for (peer, told) in ctx.gather_from::<Bits>(holder.peers(), len).await? {
        let own = chosen_pads(tweak([peer, holder.me]), &x.macs(peer));
        if !is_open {
            shares ^= &lowest(own.iter().copied());
        }
        shares ^= &told.and(x.bits());
    }
    Ok(shares)
}

// ---- outputs ----

/// Bits that any two parties have in common, which are added to shares of both.
struct Again {
    scope: Ctx,
    /// Of all that this party has told.
    sum: Bits,
}

impl Again {
    /// Draws them for all parties that come later.
    fn tell(offline: &Ctx, plan: &BmrPlan) -> Self {
        let scope = offline.scope("again");
        let mut rng = scope.rng();
        let later = plan.job.roles.computing().filter(|party| *party > scope.id());
        let mut sum = Bits::zeros(plan.shared.output_bits());
        for party in later {
            let mut common = Bits::random(sum.len(), &mut rng);
            if mutants::is("bmr/outputs-left") {
                common = Bits::zeros(sum.len());
            }
            scope.send(party, &common);
            sum ^= &common;
        }
        Again { scope, sum }
    }

    /// Adds what earlier parties have told.
    async fn hear(self, plan: &BmrPlan) -> Result<Bits, Abort> {
        let Again { scope, mut sum } = self;
        let earlier = plan.job.roles.computing().filter(|party| *party < scope.id());
        for (_, common) in scope.gather_from::<Bits>(earlier, sum.len()).await? {
            sum ^= &common;
        }
        Ok(sum)
    }
}
