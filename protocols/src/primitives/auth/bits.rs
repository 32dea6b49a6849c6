//! A party's view of authenticated bits, and all that is local with them.

use std::fmt;
use std::ops::{BitXorAssign, Range};

use mpclab_kernels::{Block, xor_into};
use mpclab_sim::vocabulary::PartyId;
use mpclab_sim::work;

use super::{PICK, TAG};
use crate::algebra::bits::Bits;
use crate::circuit::BitSharing;

/// Who a party is among `n`, and the global key under which it authenticates the bits of others.
#[derive(Clone, Copy, PartialEq, Eq)]
pub struct Holder {
    /// The party.
    pub me: PartyId,
    /// Parties in all.
    pub n: usize,
    /// The party's global key.
    pub delta: Block,
}

impl Holder {
    /// All others, ascending.
    pub fn peers(self) -> impl Iterator<Item = PartyId> + Clone {
        PartyId::all(self.n).filter(move |party| *party != self.me)
    }

    /// The place of another among them.
    #[must_use]
    pub fn slot(self, peer: PartyId) -> usize {
        peer.index() - usize::from(peer > self.me)
    }

    /// Blocks beside each bit: a MAC and a key for every other party.
    #[must_use]
    pub const fn tags(self) -> usize {
        2 * (self.n - 1)
    }
}

impl fmt::Debug for Holder {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Holder({} of {})", self.me, self.n)
    }
}

/// Bits whose MACs and keys are put side by side at a time.
const INTERLEAVED: usize = 256;

/// A vector of shared bits as one party sees it: its share of each, a MAC of that share under every
/// other party's global key, and its keys for the MACs of the other shares.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct AuthBits {
    holder: Holder,
    bits: Bits,
    /// MAC and key of each other party in turn, bit after bit.
    tags: Vec<Block>,
}

impl AuthBits {
    /// No bits.
    #[must_use]
    pub fn none(holder: Holder) -> Self {
        AuthBits { holder, bits: Bits::default(), tags: Vec::new() }
    }

    /// Shares with MACs and keys, those of each other party in turn.
    ///
    /// # Panics
    /// If there are not as many of each.
    #[must_use]
    pub fn new(holder: Holder, bits: Bits, macs: &[&[Block]], keys: &[&[Block]]) -> Self {
        let (len, tags) = (bits.len(), holder.tags());
        assert_eq!([macs.len(), keys.len()], [holder.n - 1; 2], "a vector for each other party");
        assert!(macs.iter().chain(keys).all(|of| of.len() == len), "one for each bit");
        work::did(TAG, len * tags);
        let mut all = vec![Block::ZERO; len * tags];
        // Some bits at a time, which stay in a cache while one party after the other is gone through.
        for (start, part) in (0..).step_by(INTERLEAVED).zip(all.chunks_mut(INTERLEAVED * tags)) {
            for (slot, (macs, keys)) in macs.iter().zip(keys).enumerate() {
                let pairs =
                    part.chunks_exact_mut(tags).map(|tags| &mut tags[2 * slot..2 * slot + 2]);
                for (pair, (mac, key)) in pairs.zip(macs[start..].iter().zip(&keys[start..])) {
                    pair[0] = *mac;
                    pair[1] = *key;
                }
            }
        }
        AuthBits { holder, bits, tags: all }
    }

    /// Whose view it is.
    #[must_use]
    pub fn holder(&self) -> Holder {
        self.holder
    }

    /// Number of bits.
    #[must_use]
    pub fn len(&self) -> usize {
        self.bits.len()
    }

    /// Whether there are no bits.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.bits.is_empty()
    }

    /// The own shares.
    #[must_use]
    pub fn bits(&self) -> &Bits {
        &self.bits
    }

    /// All tags of the bit at an index: MAC and key of each other party in turn.
    ///
    /// # Panics
    /// If there is no such bit.
    #[must_use]
    pub fn tags(&self, at: usize) -> &[Block] {
        let tags = self.holder.tags();
        &self.tags[at * tags..(at + 1) * tags]
    }

    /// MACs of the own shares under another party's key.
    #[must_use]
    pub fn macs(&self, peer: PartyId) -> Vec<Block> {
        self.column(2 * self.holder.slot(peer))
    }

    /// Keys for the MACs of another party's shares.
    #[must_use]
    pub fn keys(&self, peer: PartyId) -> Vec<Block> {
        self.column(2 * self.holder.slot(peer) + 1)
    }

    fn column(&self, at: usize) -> Vec<Block> {
        // What stands between is read with it.
        work::did(TAG, self.tags.len());
        self.tags.iter().skip(at).step_by(self.holder.tags()).copied().collect()
    }

    /// The bits of a range.
    ///
    /// # Panics
    /// If the range is not inside.
    #[must_use]
    pub fn slice(&self, range: Range<usize>) -> Self {
        let tags = self.holder.tags();
        work::did(TAG, range.len() * tags);
        let blocks = self.tags[range.start * tags..range.end * tags].to_vec();
        AuthBits { holder: self.holder, bits: self.bits.slice(range), tags: blocks }
    }

    /// The bits at these places.
    ///
    /// # Panics
    /// If one is not inside.
    #[must_use]
    pub fn gather(&self, places: &[u32]) -> Self {
        let mut tags = Vec::with_capacity(places.len() * self.holder.tags());
        work::did(PICK, places.len() * self.holder.tags());
        places.iter().for_each(|place| tags.extend_from_slice(self.tags(*place as usize)));
        AuthBits { holder: self.holder, bits: self.bits.gather(places), tags }
    }

    /// Appends more bits.
    pub fn extend(&mut self, more: &AuthBits) {
        work::did(TAG, more.tags.len());
        self.bits.append(&more.bits);
        self.tags.extend_from_slice(&more.tags);
    }

    /// One vector after the other.
    #[must_use]
    pub fn concat<'a>(holder: Holder, parts: impl IntoIterator<Item = &'a AuthBits>) -> Self {
        let mut all = AuthBits::none(holder);
        parts.into_iter().for_each(|part| all.extend(part));
        all
    }

    /// The bits times public ones.
    ///
    /// # Panics
    /// If there are not as many.
    #[must_use]
    pub fn times(&self, public: &Bits) -> Self {
        assert_eq!(self.len(), public.len(), "a public bit for each");
        work::did(TAG, self.tags.len());
        let (mut tags, each) = (Vec::with_capacity(self.tags.len()), self.holder.tags());
        for (of, bit) in self.tags.chunks_exact(each).zip(public.iter()) {
            let mask = Block::mask(bit);
            tags.extend(of.iter().map(|tag| *tag & mask));
        }
        AuthBits { holder: self.holder, bits: self.bits.and(public), tags }
    }

    /// Adds public bits, to the first party's shares.
    ///
    /// # Panics
    /// If there are not as many.
    pub fn add_public(&mut self, public: &Bits) {
        self.add_to(PartyId(0), public);
    }

    /// Adds bits that all know to the shares of one party.
    ///
    /// # Panics
    /// If there are not as many.
    pub fn add_to(&mut self, party: PartyId, public: &Bits) {
        assert_eq!(self.len(), public.len(), "a public bit for each");
        if party == self.holder.me {
            self.bits ^= public;
            return;
        }
        work::did(TAG, self.tags.len());
        let (slot, delta) = (2 * self.holder.slot(party) + 1, self.holder.delta);
        let keys = self.tags.chunks_exact_mut(self.holder.tags()).map(|tags| &mut tags[slot]);
        keys.zip(public.iter()).for_each(|(key, bit)| *key ^= delta.if_set(bit));
    }

    /// The same MACs and keys beside other shares: for who has just told by what they differ.
    #[must_use]
    pub(super) fn with_bits(self, bits: Bits) -> Self {
        debug_assert_eq!(self.bits.len(), bits.len());
        AuthBits { bits, ..self }
    }

    /// For each bit the sum of all tags, and the global key where the own share is one: a share of
    /// the bit's product with the sum of all global keys.
    pub(super) fn times_keys(&self) -> Vec<Block> {
        work::did(TAG, self.tags.len());
        let delta = self.holder.delta;
        let each = self.tags.chunks_exact(self.holder.tags()).zip(self.bits.iter());
        let product = |(tags, bit): (&[Block], bool)| {
            tags.iter().fold(delta.if_set(bit), |sum, tag| sum ^ *tag)
        };
        each.map(product).collect()
    }

    /// The leading party is the one to whose share public bits are added; for others, where its key
    /// stands.
    fn leader_key(&self) -> Option<usize> {
        (self.holder.me != PartyId(0)).then_some(1)
    }
}

impl BitXorAssign<&AuthBits> for AuthBits {
    fn bitxor_assign(&mut self, other: &AuthBits) {
        work::did(TAG, self.tags.len());
        self.bits ^= &other.bits;
        xor_into(&mut self.tags, &other.tags);
    }
}

/// Who walks a circuit counts the tags.
impl BitSharing for AuthBits {
    const XOR_IS_LOCAL: bool = true;

    fn len(&self) -> usize {
        self.bits.len()
    }
    fn empty(&self, capacity: usize) -> Self {
        let tags = Vec::with_capacity(capacity * self.holder.tags());
        AuthBits { holder: self.holder, bits: self.bits.empty(capacity), tags }
    }
    fn reserve(&mut self, more: usize) {
        self.bits.reserve(more);
        self.tags.reserve(more * self.holder.tags());
    }
    fn push_constant(&mut self, bit: bool, count: usize) {
        let start = self.tags.len();
        self.tags.resize(start + count * self.holder.tags(), Block::ZERO);
        match self.leader_key() {
            None => self.bits.push_constant(bit, count),
            Some(key) => {
                self.bits.push_constant(false, count);
                let added = self.tags[start..].chunks_exact_mut(self.holder.tags());
                added.for_each(|tags| tags[key] = self.holder.delta.if_set(bit));
            }
        }
    }
    fn push_not(&mut self, at: usize, count: usize) {
        let (start, each) = (self.tags.len(), self.holder.tags());
        self.tags.extend_from_within(at * each..(at + count) * each);
        match self.leader_key() {
            None => self.bits.push_not(at, count),
            Some(key) => {
                self.bits.push_combined(at, at, count, |a, _| a);
                let delta = self.holder.delta;
                self.tags[start..].chunks_exact_mut(each).for_each(|tags| tags[key] ^= delta);
            }
        }
    }
    #[inline]
    fn push_xor(&mut self, left: usize, right: usize, count: usize, _: Option<(&Self, usize)>) {
        self.bits.push_xor(left, right, count, None);
        let (start, each) = (self.tags.len(), self.holder.tags());
        self.tags.extend_from_within(left * each..(left + count) * each);
        let (before, added) = self.tags.split_at_mut(start);
        let right = &before[right * each..(right + count) * each];
        added.iter_mut().zip(right).for_each(|(sum, tag)| *sum ^= *tag);
    }
    #[inline]
    fn push_slice(&mut self, other: &Self, at: usize, count: usize) {
        self.bits.push_slice(&other.bits, at, count);
        let each = self.holder.tags();
        self.tags.extend_from_slice(&other.tags[at * each..(at + count) * each]);
    }
}
