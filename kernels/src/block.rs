use std::fmt;
use std::ops::{BitAnd, BitAndAssign, BitXor, BitXorAssign};

use bytemuck::{Pod, Zeroable};
use zeroize::DefaultIsZeroes;

/// 128 bits: a label, a key, an element of GF(2^128). Bit `i` is bit `i % 8` of byte `i / 8`.
#[derive(Clone, Copy, Default, PartialEq, Eq, Pod, Zeroable)]
#[repr(C, align(16))]
pub struct Block([u8; 16]);

impl Block {
    /// All bits zero.
    pub const ZERO: Block = Block([0; 16]);
    /// All bits one.
    pub const ONES: Block = Block([0xff; 16]);
    /// Bytes of a block.
    pub const BYTES: usize = 16;

    /// The block of these bytes, least significant first.
    #[inline]
    #[must_use]
    pub const fn from_bytes(bytes: [u8; 16]) -> Self {
        Block(bytes)
    }

    /// The bytes, least significant first.
    #[inline]
    #[must_use]
    pub const fn to_bytes(self) -> [u8; 16] {
        self.0
    }

    /// Bit `i` of the integer becomes bit `i` of the block.
    #[inline]
    #[must_use]
    pub const fn from_u128(bits: u128) -> Self {
        Block(bits.to_le_bytes())
    }

    /// The integer whose bit `i` is bit `i` of the block.
    #[inline]
    #[must_use]
    pub const fn to_u128(self) -> u128 {
        u128::from_le_bytes(self.0)
    }

    /// A block whose bytes `fill` writes, for instance `|bytes| rng.fill_bytes(bytes)`.
    pub fn random(fill: impl FnOnce(&mut [u8])) -> Self {
        let mut block = Block::ZERO;
        fill(&mut block.0);
        block
    }

    /// Bit 0: the permute bit of a label (point and permute).
    #[inline]
    #[must_use]
    pub const fn lsb(self) -> bool {
        self.0[0] & 1 == 1
    }

    /// The same with bit 0 set, as a garbler's offset has it.
    #[inline]
    #[must_use]
    pub const fn with_lsb(self) -> Self {
        Block::from_u128(self.to_u128() | 1)
    }

    /// All ones if `bit`, all zeros if not, without a branch.
    #[inline]
    #[must_use]
    pub const fn mask(bit: bool) -> Self {
        Block::from_u128((bit as u128).wrapping_neg())
    }

    /// The block itself if `bit`, zero if not, without a branch.
    #[inline]
    #[must_use]
    pub fn if_set(self, bit: bool) -> Self {
        self & Block::mask(bit)
    }

    /// The bytes of blocks in order, 16 each, without a copy.
    #[inline]
    #[must_use]
    pub fn as_bytes(blocks: &[Block]) -> &[u8] {
        bytemuck::must_cast_slice(blocks)
    }

    /// The same to write to.
    #[inline]
    #[must_use]
    pub fn as_bytes_mut(blocks: &mut [Block]) -> &mut [u8] {
        bytemuck::must_cast_slice_mut(blocks)
    }

    /// The blocks of bytes, 16 each; bytes behind the last whole block are left out.
    #[must_use]
    pub fn blocks_of(bytes: &[u8]) -> Vec<Block> {
        bytes.as_chunks().0.iter().map(|bytes| Block(*bytes)).collect()
    }
}

/// Adds a vector to another, element by element, in any field of characteristic two.
///
/// # Panics
/// If their lengths differ.
pub fn xor_into(target: &mut [Block], other: &[Block]) {
    assert_eq!(target.len(), other.len(), "vectors that are added have one length");
    let other: &[u64] = bytemuck::must_cast_slice(other);
    for (target, other) in bytemuck::must_cast_slice_mut::<_, u64>(target).iter_mut().zip(other) {
        *target ^= other;
    }
}

impl DefaultIsZeroes for Block {}

impl BitXor for Block {
    type Output = Block;
    #[inline]
    fn bitxor(self, other: Block) -> Block {
        Block::from_u128(self.to_u128() ^ other.to_u128())
    }
}

impl BitXorAssign for Block {
    #[inline]
    fn bitxor_assign(&mut self, other: Block) {
        *self = *self ^ other;
    }
}

impl BitAnd for Block {
    type Output = Block;
    #[inline]
    fn bitand(self, other: Block) -> Block {
        Block::from_u128(self.to_u128() & other.to_u128())
    }
}

impl BitAndAssign for Block {
    #[inline]
    fn bitand_assign(&mut self, other: Block) {
        *self = *self & other;
    }
}

impl fmt::Debug for Block {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Block({:#034x})", self.to_u128())
    }
}
