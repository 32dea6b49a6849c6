//! Shares of products of what two parties have: oblivious linear evaluation by oblivious transfer.
//!
//! Gilboa, "Two Party RSA Key Generation", CRYPTO 1999, section 4.1. One end has `a`, the other `b`
//! with `w` bits `b_j`. For each bit, one transfer:
//!
//! 1. The receiver chooses `b_j`.
//! 2. The sender, whose pads are `h_0` and `h_1`, sends `d_j = h_0 - h_1 + a`.
//! 3. The receiver takes `h_0` where `b_j = 0`, and `h_1 + d_j = h_0 + a` where `b_j = 1`.
//!
//! With weights `2^j`, what the receiver took adds up to `q + a b`, and the pads of choice 0 to `q`:
//! shares of `a b` are that and `-q`. A pad that is not chosen is a hash that nobody else knows, so
//! `d_j` says nothing of `a`. Pads are hashes of 128 bits as ring elements: 2^-120 or closer to
//! uniform, as 2^128 is below 2^8 modulo every prime of this crate, so 2^31 pads are within 2^-89.
//!
//! A transfer takes an encoded element of `l` bits beside what its extension takes: `w (lambda + l)`
//! bits for a product, with `lambda` for a transfer of chosen bits.

use std::ops::Range;

use mpclab_kernels::Block;
use mpclab_sim::vocabulary::{Abort, PartyId};
use mpclab_sim::{Ctx, work};

use super::ot::{self, Bill, Choices, Receiver, Sender};
use crate::algebra::bits::Bits;
use crate::algebra::{Ring, slices};
use crate::mutants;

/// Transfers that are extended at a time. What they take is held meanwhile, pads of [`extend`] until
/// they are used.
const PIECE: usize = 1 << 20;

/// Scope of what the sender says; a scope of its own, as extension may go on meanwhile.
const CORRECTION: &str = "correction";

/// Products whose transfers are extended together.
fn pieces(products: usize, width: usize) -> impl Iterator<Item = Range<usize>> + Clone {
    let step = (PIECE / width.max(1)).max(1);
    (0..products).step_by(step).map(move |start| start..products.min(start + step))
}

/// Both pads of each transfer, for their sender.
pub(crate) struct Pads(Vec<[Block; 2]>);

/// Extends the transfers of so many products by bits of so many; the sender's end.
pub(crate) async fn extend(
    ctx: &Ctx,
    sender: &mut Sender,
    products: usize,
    width: usize,
) -> Result<Pads, Abort> {
    let mut all = Vec::new();
    for piece in pieces(products, width) {
        all.extend(extend_piece(ctx, sender, piece.len() * width).await?);
    }
    Ok(Pads(all))
}

async fn extend_piece(
    ctx: &Ctx,
    sender: &mut Sender,
    count: usize,
) -> Result<Vec<[Block; 2]>, Abort> {
    let batch = sender.extend(ctx, count, Choices::Chosen).await?;
    if mutants::is("ole/pads-unhashed") {
        let delta = sender.delta();
        return Ok(batch.q.iter().map(|q| [*q, *q ^ delta]).collect());
    }
    Ok(ot::pads(sender.delta(), batch.first, &batch.q))
}

/// Step 2: says what turns pads into products with `a`; the sender's shares of them.
pub(crate) fn correct<R: Ring>(ctx: &Ctx, receiver: PartyId, pads: &Pads, a: &[R]) -> Vec<R> {
    say(&ctx.scope(CORRECTION), receiver, pads, a)
}

fn say<R: Ring>(scope: &Ctx, receiver: PartyId, pads: &Pads, a: &[R]) -> Vec<R> {
    let width = (pads.0.len() / a.len().max(1)).max(1);
    let mut shares = Vec::with_capacity(a.len());
    for piece in pieces(a.len(), width) {
        let pads = &pads.0[piece.start * width..piece.end * width];
        work::did(R::PLACE, 2 * pads.len());
        work::did(R::ADD, 2 * pads.len());
        let zeros: Vec<R> = pads.iter().map(|[zero, _]| element(*zero)).collect();
        let mut corrections: Vec<R> = Vec::with_capacity(pads.len());
        let of_products = pads.chunks_exact(width).zip(zeros.chunks_exact(width));
        for ((pads, zeros), a) in of_products.zip(&a[piece]) {
            let pads = pads.iter().zip(zeros);
            corrections.extend(pads.map(|([_, one], zero)| *zero - element(*one) + *a));
            if mutants::is("ole/highest-unmasked")
                && let Some(last) = corrections.last_mut()
            {
                *last = *a;
            }
        }
        scope.send(receiver, &corrections);
        shares.append(&mut slices::neg(&slices::compose(&zeros, width as u32)));
    }
    if mutants::is("ole/factor-told") {
        scope.scope("factor").send(receiver, &a.to_vec());
    }
    shares
}

/// All steps of the sender, for multipliers of all bits of an element.
pub(crate) async fn send<R: Ring>(
    ctx: &Ctx,
    sender: &mut Sender,
    a: &[R],
) -> Result<Vec<R>, Abort> {
    let (receiver, width) = (sender.receiver(), R::BITS as usize);
    let scope = ctx.scope(CORRECTION);
    let mut shares = Vec::with_capacity(a.len());
    for piece in pieces(a.len(), width) {
        let pads = Pads(extend_piece(ctx, sender, piece.len() * width).await?);
        shares.append(&mut say(&scope, receiver, &pads, &a[piece]));
    }
    Ok(shares)
}

/// What the receiver chose, and its share but for what the sender still says.
pub(crate) struct Chosen<R> {
    choices: Bits,
    width: usize,
    shares: Vec<R>,
}

/// Step 1: chooses the lowest `width` bits of each `b`.
pub(crate) async fn choose<R: Ring>(
    ctx: &Ctx,
    receiver: &mut Receiver,
    b: &[R],
    width: usize,
) -> Result<Chosen<R>, Abort> {
    let (mut choices, mut shares) = (Bits::default(), Vec::with_capacity(b.len()));
    for piece in pieces(b.len(), width) {
        let bits = bits_of(&b[piece], width);
        let received = receiver.chosen(ctx, &bits).await?;
        if mutants::is("ole/choices-told") {
            ctx.scope("choices").broadcast(&bits);
        }
        let pads = match mutants::is("ole/pads-unhashed") {
            true => received.t,
            false => ot::chosen_pads(received.first, &received.t),
        };
        work::did(R::PLACE, pads.len());
        let pads: Vec<R> = pads.into_iter().map(element).collect();
        shares.append(&mut slices::compose(&pads, width as u32));
        choices.append(&bits);
    }
    Ok(Chosen { choices, width, shares })
}

/// Step 3: the receiver's shares of the products.
pub(crate) async fn receive<R: Ring>(
    ctx: &Ctx,
    sender: PartyId,
    chosen: Chosen<R>,
) -> Result<Vec<R>, Abort> {
    let Chosen { choices, width, mut shares } = chosen;
    let scope = ctx.scope(CORRECTION);
    let mut bits = choices.iter();
    for piece in pieces(shares.len(), width) {
        let mut told: Vec<R> = scope.recv(sender, piece.len() * width).await?;
        work::did(R::PLACE, told.len());
        for (told, bit) in told.iter_mut().zip(bits.by_ref()) {
            *told = if bit { *told } else { R::ZERO };
        }
        let told = slices::compose(&told, width as u32);
        slices::add_assign(&mut shares[piece], &told);
    }
    Ok(shares)
}

/// A pad as a ring element.
fn element<R: Ring>(pad: Block) -> R {
    R::from_u128(pad.to_u128())
}

/// The lowest bits of each element, side by side.
fn bits_of<R: Ring>(values: &[R], width: usize) -> Bits {
    work::did(crate::algebra::bits::BIT, values.len() * width);
    let mut bits = Bits::default();
    bits.reserve(values.len() * width);
    for value in values {
        let value = value.to_u128();
        bits.push_word(value as u64, width.min(64));
        if width > 64 {
            bits.push_word((value >> 64) as u64, width - 64);
        }
    }
    bits
}

/// What the transfers of so many products take, one batch after the other.
pub(crate) struct Transfers {
    bill: Bill,
    /// Payload so far, bytes.
    pub(crate) bytes: u64,
    /// Rounds until both ends have them all.
    pub(crate) rounds: u64,
    waited: u64,
}

impl Transfers {
    pub(crate) fn new(bill: Bill) -> Self {
        Transfers { bill, bytes: 0, rounds: 0, waited: 0 }
    }

    /// So many products by bits of so many, with elements of so many bytes.
    pub(crate) fn add(&mut self, products: usize, width: usize, element: u64) {
        for piece in pieces(products, width) {
            let count = piece.len() * width;
            let batch = self.bill.batch(count, Choices::Chosen);
            self.bytes += batch.bytes.iter().sum::<u64>() + count as u64 * element;
            self.rounds = self.rounds.max(self.waited + batch.rounds);
            self.waited += batch.waits;
        }
    }
}

/// Sizes of the batches of transfers of so many products.
pub(crate) fn batches(
    products: usize,
    width: usize,
) -> impl Iterator<Item = (usize, Choices)> + Clone {
    pieces(products, width).map(move |piece| (piece.len() * width, Choices::Chosen))
}
