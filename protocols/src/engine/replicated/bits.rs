use mpclab_sim::Ctx;
use mpclab_sim::vocabulary::{Abort, PartyId};

use super::{Seat, Streams, of_parts};
use crate::algebra::BinaryRing;
use crate::algebra::bits::Bits;
use crate::circuit::BitSharing;
use crate::engine::{PackedBits, Replicated};
use crate::mutants;

/// Replicated sharing of bits among three: of `b = b_0 + b_1 + b_2` modulo 2, party `i` holds `b_i`
/// and `b_{i+1}`. A public bit is `b_0`.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct ReplicatedBits {
    pub(crate) parts: [Bits; 2],
    /// Whose share it is.
    pub(crate) holder: PartyId,
}

impl ReplicatedBits {
    /// Which of the holder's parts is `b_0`.
    fn first(&self) -> Option<usize> {
        match self.holder.0 {
            0 => Some(0),
            2 => Some(1),
            _ => None,
        }
    }

    fn map(&self, map: impl Fn(&Bits) -> Bits) -> Self {
        let [own, next] = &self.parts;
        ReplicatedBits { parts: [map(own), map(next)], holder: self.holder }
    }
}

impl BitSharing for ReplicatedBits {
    const XOR_IS_LOCAL: bool = true;
    const PARTS: usize = 2;

    fn len(&self) -> usize {
        self.parts[0].len()
    }
    fn empty(&self, capacity: usize) -> Self {
        self.map(|part| part.empty(capacity))
    }
    fn reserve(&mut self, more: usize) {
        self.parts.iter_mut().for_each(|part| part.reserve(more));
    }
    fn push_constant(&mut self, bit: bool, count: usize) {
        let first = self.first();
        for (which, part) in self.parts.iter_mut().enumerate() {
            part.push_constant(bit && first == Some(which), count);
        }
    }
    fn push_not(&mut self, at: usize, count: usize) {
        let first = self.first();
        for (which, part) in self.parts.iter_mut().enumerate() {
            let flip = if first == Some(which) { u64::MAX } else { 0 };
            part.push_combined(at, at, count, |bits, _| bits ^ flip);
        }
    }
    #[inline]
    fn push_xor(&mut self, left: usize, right: usize, count: usize, _: Option<(&Self, usize)>) {
        self.parts.iter_mut().for_each(|part| part.push_xor(left, right, count, None));
    }
    #[inline]
    fn push_slice(&mut self, other: &Self, at: usize, count: usize) {
        for (part, other) in self.parts.iter_mut().zip(&other.parts) {
            part.push_slice(other, at, count);
        }
    }
    fn append(&mut self, other: Self) {
        self.parts.iter_mut().zip(&other.parts).for_each(|(part, other)| part.append(other));
    }
}

impl PackedBits for ReplicatedBits {
    fn xor(&self, other: &Self) -> Self {
        let [own, next] = &self.parts;
        let parts = [own.xor(&other.parts[0]), next.xor(&other.parts[1])];
        ReplicatedBits { parts, holder: self.holder }
    }

    fn not(&self) -> Self {
        let mut parts = self.parts.clone();
        if let Some(first) = self.first() {
            parts[first] = !std::mem::take(&mut parts[first]);
        }
        ReplicatedBits { parts, holder: self.holder }
    }

    fn slice(&self, range: std::ops::Range<usize>) -> Self {
        self.map(|part| part.slice(range.clone()))
    }

    fn gather(&self, indices: &[u32]) -> Self {
        self.map(|part| part.gather(indices))
    }

    fn concat<'a>(parts: impl IntoIterator<Item = &'a Self>) -> Option<Self> {
        let all: Vec<&Self> = parts.into_iter().collect();
        let holder = all.first()?.holder;
        let part = |which: usize| Bits::concat(all.iter().map(|shares| &shares.parts[which]));
        Some(ReplicatedBits { parts: [part(0), part(1)], holder })
    }
}

impl Seat {
    pub(crate) fn bits(&self, parts: [Bits; 2]) -> ReplicatedBits {
        ReplicatedBits { parts, holder: self.id }
    }

    /// Sharing of public bits: they are `b_0`.
    pub(crate) fn constant_bits(&self, bits: Bits) -> ReplicatedBits {
        let zeros = Bits::zeros(bits.len());
        self.bits(match self.id.0 {
            0 => [bits, zeros],
            2 => [zeros, bits],
            _ => [zeros.clone(), zeros],
        })
    }

    /// The low bits of values in a ring modulo a power of two: the low bit of a sum is that of the
    /// sum of low bits.
    pub(crate) fn low_bits<R: BinaryRing>(&self, values: &Replicated<R>) -> ReplicatedBits {
        let low = |values: &[R]| values.iter().map(|value| value.limb(0) & 1 == 1).collect();
        self.bits([low(&values.0[0]), low(&values.0[1])])
    }

    /// Shares bits of one computing party as [`Seat::share_from`] does numbers: a packed bit each.
    pub(crate) async fn share_bits_from(
        &self,
        ctx: &Ctx,
        streams: &mut Streams,
        owner: PartyId,
        bits: Option<Bits>,
        len: usize,
    ) -> Result<ReplicatedBits, Abort> {
        if let Some(mut bits) = bits {
            let next = input_masks(streams.keys[1].bits(len));
            bits ^= &next;
            ctx.send(self.peer(2), &bits);
            return Ok(self.bits([bits, next]));
        }
        if owner == self.peer(2) {
            let own = input_masks(streams.keys[0].bits(len));
            return Ok(self.bits([own, Bits::zeros(len)]));
        }
        let difference = ctx.recv::<Bits>(owner, len).await?;
        Ok(self.bits([Bits::zeros(len), difference]))
    }

    /// `a AND b`: one bit per party and gate, one round (Araki et al., CCS 2016, section 2.2).
    pub(crate) async fn and(
        &self,
        ctx: &Ctx,
        streams: &mut Streams,
        a: &ReplicatedBits,
        b: &ReplicatedBits,
    ) -> Result<ReplicatedBits, Abort> {
        let len = a.len();
        let mut local = Bits::replicated_and(a.parts.each_ref(), b.parts.each_ref());
        let [own, next] = &mut streams.keys;
        for masks in [own.bits(len), next.bits(len)] {
            local ^= &and_masks(masks);
        }
        ctx.send(self.peer(2), &local);
        let next = ctx.recv::<Bits>(self.peer(1), len).await?;
        Ok(self.bits([local, next]))
    }
}

/// Masks of an input's bits, of which a mutant has none.
fn input_masks(mut bits: Bits) -> Bits {
    if let (true, Some(last)) = (mutants::is("ring3/last-bit-clear"), bits.len().checked_sub(1)) {
        bits.set(last, false);
    }
    if mutants::is("ring3/input-bits-unmasked") { Bits::zeros(bits.len()) } else { bits }
}

/// Masks of ANDs: two mutants have none, and the first one for all.
fn and_masks(bits: Bits) -> Bits {
    if mutants::is("ring3/ands-unmasked") {
        return Bits::zeros(bits.len());
    }
    if mutants::is("ring3/ands-masked-alike") {
        return bits.gather(&vec![0; bits.len()]);
    }
    bits
}

/// The bits that honest holders of replicated shares fix.
///
/// # Errors
/// A sentence, if the two holders of a part differ.
pub(crate) fn extract_bits(
    owner: PartyId,
    shares: &[(PartyId, &ReplicatedBits)],
) -> Result<Option<Bits>, String> {
    let parts = shares.iter().map(|(party, shares)| (*party, shares.parts.each_ref()));
    let all = of_parts(owner, parts)?;
    Ok(all.map(|[a, b, c]| a.xor(b).xor(c)))
}
