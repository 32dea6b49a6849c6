//! Links between any two parties, and bits with MACs over them: `Pi_aBit^n` and `Pi_aShare` of
//! Wang, Ranellucci, Katz, CCS 2017.

use mpclab_kernels::Block;
use mpclab_sim::Ctx;
use mpclab_sim::vocabulary::{Abort, PartyId, PerParty};
use rand::Rng;
use std::borrow::Cow;
use std::ops::Range;

use super::consistency::{MASK_BITS, Rows};
use super::{AuthBits, Holder};
use crate::algebra::bits::Bits;
use crate::engine::cost::Cost;
use crate::mutants;
use crate::oracle::Kept;
use crate::primitives::ot::links::{self, Link};
use crate::primitives::ot::{Bill, Blocks, Choices, Extension};

/// The part of an ideal functionality for the base transfers of a [`Session`], whose set-up runs in
/// the scope `setup`: every ordered pair at once.
///
/// # Errors
/// What receiving messages may fail with.
pub async fn ideal(ctx: &Ctx, n: usize) -> Result<(), Abort> {
    links::ideal(ctx, n).await
}

/// A party's global key and its links to all others: what authenticated bits are made with.
pub struct Session {
    pub(super) holder: Holder,
    pub(super) protocol: &'static str,
    pub(super) sigma: u32,
    /// Who sends transfers has keys for the peer's bits; who receives them has MACs of its own.
    links: Vec<Link>,
    /// Whether everyone is known to have one global key towards all.
    keys_checked: bool,
}

/// Towards whom a party holds the same bits: an honest one towards all.
#[derive(Clone, Copy, Debug, Default)]
pub(crate) struct Faces {
    /// The party towards which it holds the complement of the first bits, and of how many.
    pub(crate) other: Option<(PartyId, usize)>,
}

impl Faces {
    /// What it holds towards one party in place of these bits, if that is something else.
    fn towards(&self, peer: PartyId, x: &Bits) -> Option<Bits> {
        let (_, count) = self.other.filter(|(other, _)| *other == peer)?;
        let first = !x.slice(0..count.min(x.len()));
        Some(Bits::concat(&[first, x.slice(count.min(x.len())..x.len())]))
    }

    /// Shares as they are told to one party.
    pub(crate) fn shown<'a>(&self, peer: PartyId, shares: &'a AuthBits) -> Cow<'a, AuthBits> {
        match self.other.filter(|(other, _)| *other == peer) {
            Some(_) => Cow::Owned(shares.clone().with_bits(!shares.bits().clone())),
            None => Cow::Borrowed(shares),
        }
    }
}

/// How many bits each party holds in one call, and what for: its shares of shared ones, those that
/// a check of keys uses up, and those that mask the sum of a check of bits.
pub(super) struct Layout {
    n: usize,
    pub(super) shared: usize,
    pub(super) keys: usize,
    pub(super) mask: usize,
}

impl Layout {
    /// Of a call among so many parties.
    pub(super) fn new(n: usize, shared: usize, sigma: u32, checks_keys: bool) -> Self {
        let several = n > 2;
        let keys = if several && checks_keys { sigma as usize } else { 0 };
        Layout { n, shared, keys, mask: if several { MASK_BITS } else { 0 } }
    }

    pub(super) fn count(&self) -> usize {
        self.shared + self.keys + self.mask
    }

    /// What one call costs, after those that were paid with the same bill.
    pub(super) fn cost(&self, bill: &mut Bill) -> Cost {
        let pairs = (self.n * (self.n - 1)) as u64;
        let batch = bill.batch(self.count(), Choices::Chosen);
        let mut cost =
            Cost { bytes: pairs * batch.bytes.iter().sum::<u64>(), rounds: batch.rounds };
        for check in super::consistency::costs(self.n, self) {
            cost.bytes += check.bytes;
            cost.rounds += check.rounds;
        }
        cost
    }
}

impl Session {
    /// Draws a global key, and makes base transfers with every other party. All nodes take part;
    /// `sigma` is the statistical security parameter.
    ///
    /// # Errors
    /// `Cheating` if a peer's seeds are inconsistent; what receiving messages may fail with.
    pub async fn set_up(
        ctx: &Ctx,
        protocol: &'static str,
        n: usize,
        extension: Extension,
        sigma: u32,
    ) -> Result<Self, Abort> {
        let mut delta = Block::random(|bytes| ctx.scope("delta").rng().fill_bytes(bytes));
        if mutants::is("auth/key-zero") {
            delta = Block::ZERO;
        } else if mutants::is("auth/key-short") {
            delta &= Block::from_u128(1);
        }
        Kept::tap(ctx, "global key", 128, || Blocks(vec![delta]));
        Session::with_keys(ctx, protocol, (n, delta), extension, sigma, |_| delta).await
    }

    /// The same with a key towards each other party; an honest one has the same towards all.
    pub(super) async fn with_keys(
        ctx: &Ctx,
        protocol: &'static str,
        (n, delta): (usize, Block),
        extension: Extension,
        sigma: u32,
        towards: impl Fn(PartyId) -> Block,
    ) -> Result<Self, Abort> {
        let holder = Holder { me: ctx.id(), n, delta };
        let links = links::links(ctx, protocol, n, extension, |_, peer| towards(peer)).await?;
        Ok(Session { holder, protocol, sigma, links, keys_checked: false })
    }

    /// The party, and its global key.
    #[must_use]
    pub fn holder(&self) -> Holder {
        self.holder
    }

    /// The key towards a peer.
    pub(super) fn key(&self, peer: PartyId) -> Block {
        self.links[self.holder.slot(peer)].to.delta()
    }

    /// So many random shared bits.
    ///
    /// # Errors
    /// `Cheating` if a peer uses several bits, `CheckFailed` if somebody uses several global keys.
    pub async fn authenticate(&mut self, ctx: &Ctx, shared: usize) -> Result<AuthBits, Abort> {
        self.authenticate_towards(ctx, shared, Faces::default()).await
    }

    /// The same of a party that may hold other bits towards one party than towards others.
    pub(super) async fn authenticate_towards(
        &mut self,
        ctx: &Ctx,
        shared: usize,
        faces: Faces,
    ) -> Result<AuthBits, Abort> {
        let n = self.holder.n;
        let layout = Layout::new(n, shared, self.sigma, !self.keys_checked);
        // 1. x.
        let x = own_bits(ctx, layout.count());
        // 2. Pi_aBit^2 with each: M_k = K_k + x delta_k.
        let rows = self.extend(ctx, &x, faces).await?;
        if n > 2 {
            // 3. Everyone has one x towards all.
            self.check_bits(&ctx.scope("bits"), &x, &rows).await?;
            if !self.keys_checked {
                // Pi_aShare, 3. Everyone has one delta towards all.
                self.check_keys(&ctx.scope("keys"), &layout, &x, &rows).await?;
                self.keys_checked = true;
            }
        }
        // 4. What no check has used.
        Ok(self.part(&x, &rows, 0..shared))
    }

    /// Transfers with all others at once, in both directions.
    async fn extend(&mut self, ctx: &Ctx, x: &Bits, faces: Faces) -> Result<Rows, Abort> {
        let (count, holder) = (x.len(), self.holder);
        let other: PerParty<Bits> =
            holder.peers().filter_map(|peer| Some((peer, faces.towards(peer, x)?))).collect();
        let choices = |peer| other.get(peer).unwrap_or(x);
        let [macs, keys] =
            links::chosen(ctx, holder.n, &mut self.links, choices, |_| count).await?;
        Ok(Rows { macs, keys })
    }

    /// Some of the bits of a call.
    pub(super) fn part(&self, x: &Bits, rows: &Rows, range: Range<usize>) -> AuthBits {
        let [macs, keys] = [&rows.macs, &rows.keys]
            .map(|of| of.iter().map(|of| &of[range.clone()]).collect::<Vec<&[Block]>>());
        AuthBits::new(self.holder, x.slice(range), &macs, &keys)
    }
}

/// Bits of a call that the checker sees.
const SHOWN: usize = 96;

/// A party's random bits.
fn own_bits(ctx: &Ctx, len: usize) -> Bits {
    let mut rng = ctx.rng();
    let mut x = Bits::random(len, &mut rng);
    if mutants::is("auth/bits-zero") {
        x = Bits::zeros(len);
    } else if mutants::is("auth/bits-biased") {
        x = x.and(&Bits::random(len, &mut rng));
    } else if mutants::is("auth/bits-repeat") {
        x = x.gather(&vec![0; len]);
    }
    // Some of them, so that nobody looks for all in what is told: masks of inputs are.
    let shown = len.min(SHOWN);
    Kept::tap(ctx, "bits with MACs", shown as u32, || x.slice(0..shown));
    x
}
