//! Keys of transfers of one bit, and what messages are masked with.

use mpclab_kernels::{Block, Tweak};
use mpclab_sim::vocabulary::Op;
use mpclab_sim::{Ctx, work};

use super::prepare::pair;
use super::{TransferPlan, Transfers};
use crate::algebra::bits::{Bits, RUN};
use crate::algebra::{Ring, Z128};
use crate::mutants;
use crate::primitives::ot::chosen_pads;

/// Price of a key or message that is moved.
pub(super) const MOVED: Op = Z128::PLACE;

/// The masks of all messages.
#[derive(Clone, Copy)]
pub(super) struct Masks {
    shape: Transfers,
    first: Tweak,
}

impl Masks {
    /// Of messages that are sent in a scope.
    pub(super) fn new(ctx: &Ctx, plan: &TransferPlan) -> Self {
        let first = pair(ctx).tweak("mpclab oblivious transfer masks v1");
        Masks { shape: plan.shape, first }
    }

    /// Masks of some transfers' messages with one number, from the keys of its digits in each, the
    /// lowest digit first; `at` is the first of the transfers.
    pub(super) fn of(&self, number: usize, at: usize, keys: Vec<Block>) -> Vec<Block> {
        let digits = self.shape.digits();
        if digits == 1 {
            return keys;
        }
        let bound = if mutants::is("transfer/number-unbound") { 0 } else { number };
        let offset = (bound * self.shape.length + at) * digits;
        let first = Tweak { index: self.first.index + offset as u64, ..self.first };
        let parts = match mutants::is("transfer/keys-unhashed") {
            true => keys,
            false => chosen_pads(first, &keys),
        };
        let counted = if mutants::is("transfer/one-digit") { 1 } else { digits };
        let sum =
            |parts: &[Block]| parts[..counted].iter().fold(Block::ZERO, |sum, part| sum ^ *part);
        parts.chunks(digits).map(sum).collect()
    }

    /// Masks of all transfers' messages with one number, from both keys of each digit.
    pub(super) fn of_all(&self, number: usize, keys: &[[Block; 2]]) -> Vec<Block> {
        let digits = self.shape.digits();
        let digit = |at: usize| number >> (at % digits) & 1;
        work::did(MOVED, keys.len());
        self.of(number, 0, keys.iter().enumerate().map(|(at, keys)| keys[digit(at)]).collect())
    }
}

/// Appends messages under their masks.
pub(super) fn push(
    bits: &mut Bits,
    width: usize,
    messages: impl ExactSizeIterator<Item = u128>,
    masks: &[Block],
) {
    work::did_calls(RUN, messages.len(), messages.len() * width.div_ceil(64));
    for (message, mask) in messages.zip(masks) {
        let masked = message ^ pad(*mask, width);
        bits.push_word(masked as u64, width.min(64));
        bits.push_word((masked >> 64) as u64, width.saturating_sub(64));
    }
}

/// The message at a place under its mask, without it.
pub(super) fn read(bits: &Bits, width: usize, place: usize, mask: Block) -> u128 {
    let at = place * width;
    let masked = u128::from(bits.word_at(at)) | u128::from(bits.word_at(at + 64)) << 64;
    (masked ^ pad(mask, width)) & ones(width)
}

/// As much of a mask as a message is wide.
fn pad(mask: Block, width: usize) -> u128 {
    mask.to_u128() & ones(if mutants::is("transfer/mask-narrow") { width / 2 } else { width })
}

fn ones(width: usize) -> u128 {
    if width == 0 { 0 } else { u128::MAX >> (128 - width) }
}
