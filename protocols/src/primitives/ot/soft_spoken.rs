//! OT extension over small fields: correlated transfers from 128 base transfers, at a fixed price.
//!
//! Roy, "SoftSpokenOT: Quieter OT Extension from Small-Field Silent VOLE in the Minicrypt Model",
//! CRYPTO 2022, figure 7 and what it is put together to, over fields of `2^k` elements: a bit costs `1 / k` of the bytes and
//! `2^k / k` of the streams that it costs with `k = 1`, which is the protocol of Ishai, Kilian,
//! Nissim, Petrank ("Extending Oblivious Transfers Efficiently", CRYPTO 2003, IKNP) and, with the
//! check of rows, that of Keller, Orsini, Scholl (CRYPTO 2015, KOS) with the proof mended.
//!
//! In a batch the receiver has `u_j` and `v_j` for each of `128 / k` fields, the sender
//! `w_j = v_j + u_j delta_j`:
//! 1. The receiver sends `c_j = u_j + x` for every field; where its choices may be random,
//!    `x = u_0` and nothing is sent for the first.
//! 2. The sender adds `c_j delta_j`, so that `w_j = v_j + x delta_j` for all.
//! 3. Against a malicious receiver: the sender sends a seed, and the receiver the hashes of its
//!    rows; a block of 128 transfers is used up.
//! 4. Rows become columns: `q_i = t_i + x_i delta`.
//!
//! Payload for each extended transfer: `(128 / k - 1) / 8` bytes with random choices, `128 / (8 k)`
//! with chosen ones, of whole blocks of 128 transfers.

use mpclab_kernels::small_field::{VoleReceiver, VoleSender};
use mpclab_kernels::{Block, matrix, xor_into};
use mpclab_sim::Ctx;
use mpclab_sim::vocabulary::{Abort, Op};
use mpclab_sim::work;

use super::params::{Choices, Extension, Width};
use super::{Blocks, KAPPA, Pair, check, many_blocks, to_bits, to_blocks, trees};
use crate::algebra::bits::Bits;
use crate::algebra::{Pool, repeated};
use crate::oracle::{CHALLENGE, Challenge};

/// Blocks of a row that are worked on at a time: the matrix stays in a core's cache.
const CHUNK: usize = 64;

/// Prices of 128 extended transfers for their sender and for their receiver.
const fn ops_of(width: Width) -> [Op; 2] {
    match width {
        Width::One => [op("ot.extend.1.sender", sends::<1>), op("ot.extend.1.receiver", gets::<1>)],
        Width::Two => [op("ot.extend.2.sender", sends::<2>), op("ot.extend.2.receiver", gets::<2>)],
        Width::Four => {
            [op("ot.extend.4.sender", sends::<4>), op("ot.extend.4.receiver", gets::<4>)]
        }
        Width::Eight => {
            [op("ot.extend.8.sender", sends::<8>), op("ot.extend.8.receiver", gets::<8>)]
        }
    }
}

const fn op(key: &'static str, work: fn(u64, usize)) -> Op {
    Op { key, unit: "block of transfers", parallel: true, work: Some(work) }
}

/// Prices of 128 extended transfers for either end, by width.
pub(super) const OPS: [Op; 8] = {
    let [a, b, c, d] =
        [ops_of(Width::One), ops_of(Width::Two), ops_of(Width::Four), ops_of(Width::Eight)];
    [a[0], a[1], b[0], b[1], c[0], c[1], d[0], d[1]]
};

fn sends<const K: usize>(calls: u64, units: usize) {
    let leaves = vec![Block::ONES; 1 << K];
    let mut fields = vec![VoleReceiver::new(1, &leaves); KAPPA / K];
    let mut corrections = Pool::of(many_blocks(units * KAPPA / K));
    repeated(calls, units * KAPPA * Block::BYTES, || {
        let corrections = corrections.take(units * KAPPA / K);
        columns(&corrected(&mut fields, K, Block::ONES, corrections, units))
    });
}

fn gets<const K: usize>(calls: u64, units: usize) {
    let leaves = vec![Block::ONES; 1 << K];
    let mut fields = vec![VoleSender::new(&leaves); KAPPA / K];
    repeated(calls, units * KAPPA * Block::BYTES, || {
        let own = Own::stretch(&mut fields, K, units, None);
        (columns(&own.v), own.corrections)
    });
}

/// Who sends transfers.
pub(super) struct Sender {
    pair: Pair,
    extension: Extension,
    delta: Block,
    fields: Vec<VoleReceiver>,
}

/// Who receives transfers.
pub(super) struct Receiver {
    pair: Pair,
    extension: Extension,
    fields: Vec<VoleSender>,
}

impl Sender {
    /// Base transfers, in which this end receives, and seeds of all fields.
    pub(super) async fn set_up(
        ctx: &Ctx,
        pair: &Pair,
        extension: Extension,
        delta: Block,
    ) -> Result<Self, Abort> {
        let Extension { base, width, is_malicious, .. } = extension;
        let back = pair.reversed();
        let choices = trees::choices(delta, width.bits());
        let keys = base.receive(&ctx.scope("base"), &back, &choices).await?;
        let ctx = ctx.scope("trees");
        let leaves = trees::harvest(&ctx, pair, (delta, &keys), width.bits(), is_malicious).await?;
        let fields = leaves.iter().enumerate().map(|(field, leaves)| {
            VoleReceiver::new(trees::point(delta, field, width.bits()), leaves)
        });
        Ok(Sender { pair: pair.clone(), extension, delta, fields: fields.collect() })
    }

    /// `q_i` of the next transfers, in the way that the receiver chooses.
    pub(super) async fn extend(
        &mut self,
        ctx: &Ctx,
        count: usize,
        choices: Choices,
    ) -> Result<Vec<Block>, Abort> {
        let Extension { width, is_malicious, .. } = self.extension;
        let (from, blocks) = (self.pair.receiver, self.extension.blocks(count));
        // 1. c_j.
        let len = self.extension.corrections(choices) * blocks;
        let corrections = ctx.recv::<Blocks>(from, len).await?.0;
        // 2. w_j = v_j + x delta_j.
        work::did(ops_of(width)[0], blocks);
        let mut again = crate::mutants::is("ot/streams-rewound").then(|| self.fields.clone());
        let fields = again.as_mut().unwrap_or(&mut self.fields);
        let w = corrected(fields, width.bits(), self.delta, &corrections, blocks);
        // 3. The check.
        if is_malicious {
            let mut rng = ctx.rng();
            let seed = Block::random(|bytes| rand::Rng::fill_bytes(&mut rng, bytes));
            ctx.tap(CHALLENGE, || Challenge { among: 0, drawn: vec![seed.to_u128()] });
            ctx.send(from, &Blocks(vec![seed]));
            let answer = ctx.recv::<Blocks>(from, check::ANSWER).await?.0;
            let chi = check::coefficients(seed, blocks);
            if !check::passes(&chi, &w, self.delta, &answer) {
                return Err(ctx.cheating(vec![from], format!("choices in {}", ctx.path())));
            }
        }
        // 4. Columns.
        let mut q = columns(&w);
        q.truncate(count);
        Ok(q)
    }
}

impl Receiver {
    /// Base transfers, in which this end sends, and seeds of all fields.
    pub(super) async fn set_up(
        ctx: &Ctx,
        pair: &Pair,
        extension: Extension,
    ) -> Result<Self, Abort> {
        let Extension { base, width, is_malicious, .. } = extension;
        let keys = base.send(&ctx.scope("base"), &pair.reversed(), KAPPA).await?;
        let leaves = trees::plant(&ctx.scope("trees"), pair, &keys, width.bits(), is_malicious);
        let fields = leaves.iter().map(|leaves| VoleSender::new(leaves)).collect();
        Ok(Receiver { pair: pair.clone(), extension, fields })
    }

    /// `x_i` and `t_i` of the next transfers, with random choices or with these.
    pub(super) async fn extend(
        &mut self,
        ctx: &Ctx,
        count: usize,
        choices: Option<&Bits>,
    ) -> Result<(Bits, Vec<Block>), Abort> {
        let Extension { width, is_malicious, .. } = self.extension;
        let (to, blocks) = (self.pair.sender, self.extension.blocks(count));
        let x = choices.map(|choices| to_blocks(choices, count.div_ceil(KAPPA)));
        // 1. c_j = u_j + x.
        work::did(ops_of(width)[1], blocks);
        let mut again = crate::mutants::is("ot/streams-rewound").then(|| self.fields.clone());
        let fields = again.as_mut().unwrap_or(&mut self.fields);
        let own = Own::stretch(fields, width.bits(), blocks, x.as_deref());
        let Own { u, v, corrections } = own;
        ctx.send(to, &Blocks(corrections));
        // 3. The check.
        if is_malicious {
            let seed = ctx.recv::<Blocks>(to, 1).await?.0[0];
            let chi = check::coefficients(seed, blocks);
            ctx.send(to, &Blocks(check::answer(&chi, &u, &v)));
        }
        // 4. Columns.
        let mut t = columns(&v);
        t.truncate(count);
        Ok((to_bits(&u, count), t))
    }
}

/// Matrices of 128 rows, one after the other: each as many blocks wide as a chunk.
type Chunks = Vec<Vec<Block>>;

/// Where chunks of rows of so many blocks begin, and how long they are.
fn chunks(blocks: usize) -> impl Iterator<Item = (usize, usize)> {
    (0..blocks).step_by(CHUNK).map(move |start| (start, CHUNK.min(blocks - start)))
}

/// What the receiver has of a batch before it says anything.
struct Own {
    u: Vec<Block>,
    v: Chunks,
    /// `c_j`, field by field.
    corrections: Vec<Block>,
}

impl Own {
    /// Stretches all seeds; the choices are `x`, and random behind it or without it.
    fn stretch(fields: &mut [VoleSender], k: usize, blocks: usize, x: Option<&[Block]>) -> Self {
        let first = usize::from(x.is_none());
        let mut u = vec![Block::ZERO; blocks];
        let mut corrections = vec![Block::ZERO; (fields.len() - first) * blocks];
        let mut own = [Block::ZERO; CHUNK];
        let matrix = |(start, len): (usize, usize)| {
            let mut rows = vec![Block::ZERO; KAPPA * len];
            let (own, u) = (&mut own[..len], &mut u[start..start + len]);
            for ((j, field), planes) in fields.iter_mut().enumerate().zip(rows.chunks_mut(k * len))
            {
                field.extend(own, planes);
                if j == 0 {
                    u.copy_from_slice(own);
                    let chosen = x.and_then(|x| x.get(start..)).unwrap_or_default();
                    u.iter_mut().zip(chosen).for_each(|(u, x)| *u = *x);
                }
                if let Some(field) = j.checked_sub(first) {
                    let correction = &mut corrections[field * blocks + start..][..len];
                    correction.copy_from_slice(own);
                    xor_into(correction, u);
                }
            }
            rows
        };
        let v = chunks(blocks).map(matrix).collect();
        Own { u, v, corrections }
    }
}

/// Stretches the sender's seeds and adds what the receiver corrects; where it corrects one field
/// less than there are, that is the first.
fn corrected(
    fields: &mut [VoleReceiver],
    k: usize,
    delta: Block,
    corrections: &[Block],
    blocks: usize,
) -> Chunks {
    let first = fields.len() - corrections.len() / blocks;
    let matrix = |(start, len): (usize, usize)| {
        let mut rows = vec![Block::ZERO; KAPPA * len];
        for ((j, field), planes) in fields.iter_mut().enumerate().zip(rows.chunks_mut(k * len)) {
            field.extend(planes);
            let Some(corrected) = j.checked_sub(first) else { continue };
            let correction = &corrections[corrected * blocks + start..][..len];
            for (plane, row) in planes.chunks_mut(len).enumerate() {
                let mask = Block::mask(check::bit(delta, j * k + plane));
                row.iter_mut().zip(correction).for_each(|(w, c)| *w ^= *c & mask);
            }
        }
        rows
    };
    chunks(blocks).map(matrix).collect()
}

/// Columns of matrices of 128 rows.
fn columns(chunks: &Chunks) -> Vec<Block> {
    let mut columns = vec![Block::ZERO; chunks.iter().map(Vec::len).sum()];
    let mut rest = &mut columns[..];
    for chunk in chunks {
        let (own, behind) = rest.split_at_mut(chunk.len());
        matrix::transpose_rows(chunk, own);
        rest = behind;
    }
    columns
}
