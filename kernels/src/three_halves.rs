//! Three-halves garbling (Rosulek, Roy, "Three Halves Make a Whole? Beating the Half-Gates Lower
//! Bound for Garbled Circuits", CRYPTO 2021) of batches of AND gates that do not depend on each
//! other.
//!
//! Labels are as in [`half_gates`](crate::half_gates): `zero ^ b delta`, bit 0 permutes. *Slicing*:
//! the two halves of an output label are computed by different linear equations, from halves of the
//! input labels, of hashes of `A`, of `B` and of `A ^ B`, and of three ciphertexts of half a block.
//! *Dicing*: which halves of labels are added would tell the gate's truth table with its permute
//! bits, so it is masked by two coins a gate, and the evaluator decrypts two control bits that are
//! uniform to it, from five encrypted ones. A gate takes 1.5 blocks and 5 bits.
//!
//! With the labels `A_i` and `B_j` of permute bits `i` and `j`, for a label `C` with halves `L` and
//! `R`:
//!
//! ```text
//! C_L = H(A_i)_L + H(A_i + B_j)_L + i G_0 + (i + j) G_2 + l
//! C_R = H(B_j)_L + H(A_i + B_j)_L + j G_1 + (i + j) G_2 + r
//!   l = c1 (A_L + A_R + B_L) + c2 (A_L + B_R)       + (1 - i) B_L
//!   r = c1 (A_L + B_R)       + c2 (A_R + B_L + B_R) + (1 - j) A_R
//! ```
//!
//! and the same with bit 64 of the hashes for the control bits `c1` and `c2` in the places of `C_L`
//! and `C_R`. Gate `j` hashes with [`tccr`] under tweaks `3j`, `3j + 1` and `3j + 2`; half of a
//! hash has another linear part than there, as rows add halves of labels to it (`double`).

use crate::hash::{tccr, tccr_pairs};
use crate::{Block, Tweak};

/// Bytes of a garbled AND gate, without its control bits.
pub const TABLE_BYTES: usize = 24;
/// Encrypted control bits of a gate.
pub const CONTROL_BITS: usize = 5;

/// Gates that are hashed at a time.
const CHUNK: usize = 64;

/// A garbled AND gate.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Table {
    /// `G_0`, `G_1`, `G_2`.
    pub halves: [u64; 3],
    /// Encrypted control bits: of no permute bit, of `i`, of `j`, of `i + j`; five bits.
    pub control: u8,
}

/// Garbles AND gates: from the zero labels of their two inputs to their tables, and to the zero
/// labels of their outputs. `coins` are two random bits for each gate, that the evaluator does not
/// know.
///
/// The gates are those numbered from `first.index` on, in the session of `first`; no gate's number
/// is used twice in a session. Six hashes and three key expansions for each gate.
///
/// # Panics
/// If there are not as many coins, inputs, tables and outputs, or bit 0 of `delta` is not set.
pub fn garble_ands(
    delta: Block,
    first: Tweak,
    coins: &[u8],
    inputs: &[[Block; 2]],
    tables: &mut [Table],
    outputs: &mut [Block],
) {
    assert!(delta.lsb(), "permute bits of two labels differ");
    assert_eq!(inputs.len(), coins.len(), "every gate has coins");
    assert_eq!(inputs.len(), tables.len(), "every gate has a table");
    assert_eq!(inputs.len(), outputs.len(), "every gate has an output");
    let mut hashes = [[Block::ZERO; 2]; 3 * CHUNK];
    let chunks = inputs.chunks(CHUNK).zip(coins.chunks(CHUNK));
    let made = tables.chunks_mut(CHUNK).zip(outputs.chunks_mut(CHUNK));
    for (at, ((inputs, coins), (tables, outputs))) in chunks.zip(made).enumerate() {
        let hashes = &mut hashes[..3 * inputs.len()];
        for (hashes, [a, b]) in hashes.as_chunks_mut::<3>().0.iter_mut().zip(inputs) {
            let [a, b] = [a, b].map(|zero| *zero ^ delta.if_set(zero.lsb()));
            *hashes = [a, b, a ^ b].map(|label| [label, label ^ delta]);
        }
        tccr_pairs(thirds(first, at), hashes);
        let gates = inputs.iter().zip(coins).zip(hashes.as_chunks::<3>().0);
        for (((input, coins), hashes), (table, output)) in
            gates.zip(tables.iter_mut().zip(outputs.iter_mut()))
        {
            (*table, *output) = garble(delta, *coins, input, hashes);
        }
    }
}

/// Evaluates AND gates: from the active labels of their inputs to those of their outputs.
///
/// Gates are numbered as they were garbled. Three hashes and three key expansions for each gate.
///
/// # Panics
/// If there are not as many inputs, tables and outputs.
pub fn evaluate_ands(first: Tweak, inputs: &[[Block; 2]], tables: &[Table], outputs: &mut [Block]) {
    assert_eq!(inputs.len(), tables.len(), "every gate has a table");
    assert_eq!(inputs.len(), outputs.len(), "every gate has an output");
    let mut hashes = [Block::ZERO; 3 * CHUNK];
    let chunks = inputs.chunks(CHUNK).zip(tables.chunks(CHUNK)).zip(outputs.chunks_mut(CHUNK));
    for (at, ((inputs, tables), outputs)) in chunks.enumerate() {
        let hashes = &mut hashes[..3 * inputs.len()];
        for (hashes, [a, b]) in hashes.as_chunks_mut::<3>().0.iter_mut().zip(inputs) {
            *hashes = [*a, *b, *a ^ *b];
        }
        tccr(thirds(first, at), hashes);
        let gates = inputs.iter().zip(tables).zip(hashes.as_chunks::<3>().0);
        for (((input, table), hashes), output) in gates.zip(outputs.iter_mut()) {
            *output = evaluate(input, table, hashes);
        }
    }
}

/// The first tweak of a chunk's gates, where gates are numbered from `first` on.
fn thirds(first: Tweak, chunk: usize) -> Tweak {
    let index = first.index.wrapping_add((chunk * CHUNK) as u64).wrapping_mul(3);
    Tweak { index, ..first }
}

/// A half where a bit is set.
fn masked(bit: u8, half: u64) -> u64 {
    u64::from(bit & 1).wrapping_neg() & half
}

fn halves(label: Block) -> [u64; 2] {
    [label.to_u128() as u64, (label.to_u128() >> 64) as u64]
}

/// What stands beside the cipher in half of a hash: `alpha L`, where `alpha` doubles in GF(2^64).
///
/// [`tccr`] would leave the bare `R` there, which control bits add to rows as well: the two cancel
/// in a quarter of ciphertexts, and half of AES at an unknown label would stand in the open, from
/// which `delta` follows in 2^64 steps. `(alpha + c) L + d R` hides all of it whatever bits `c` and
/// `d` are.
pub(crate) fn double(half: u64) -> u64 {
    (half << 1) ^ masked((half >> 63) as u8, 0x1b)
}

/// The hash of a label as half a block, and one bit more.
fn sliced(hash: Block, label: Block) -> (u64, u8) {
    let ([half, rest], [l, r]) = (halves(hash), halves(label));
    (half ^ r ^ double(l), (rest & 1) as u8)
}

/// What labels of permute bits `i` and `j` add under these control bits.
fn linear(control: [u8; 2], [i, j]: [u8; 2], [a, b]: [Block; 2]) -> [u64; 2] {
    let ([a_l, a_r], [b_l, b_r], [c1, c2]) = (halves(a), halves(b), control);
    [
        masked(c1, a_l ^ a_r ^ b_l) ^ masked(c2, a_l ^ b_r) ^ masked(1 ^ i, b_l),
        masked(c1, a_l ^ b_r) ^ masked(c2, a_r ^ b_l ^ b_r) ^ masked(1 ^ j, a_r),
    ]
}

fn garble(delta: Block, coins: u8, zeros: &[Block; 2], hashes: &[[Block; 2]; 3]) -> (Table, Block) {
    let [p_a, p_b] = zeros.map(|zero| u8::from(zero.lsb()));
    let labels = zeros.map(|zero| zero ^ delta.if_set(zero.lsb()));
    // Control bits of each pair of permute bits: coins, and where the one row that gives 1 is.
    let (a, b) = (1 ^ p_a, 1 ^ p_b);
    let control = |i: u8, j: u8| {
        let c1 = coins ^ (a & j) ^ (b & (i ^ j));
        let c2 = (coins >> 1) ^ (a & (i ^ j)) ^ (b & i);
        [c1 & 1, c2 & 1]
    };
    let row = |i: u8, j: u8| {
        let active = [labels[0] ^ delta.if_set(i == 1), labels[1] ^ delta.if_set(j == 1)];
        let [l, r] = linear(control(i, j), [i, j], active);
        let one = (i ^ p_a) & (j ^ p_b);
        let [d_l, d_r] = halves(delta);
        [l ^ masked(one, d_l), r ^ masked(one, d_r)]
    };
    let [rows_00, rows_01, rows_11] = [row(0, 0), row(0, 1), row(1, 1)];
    let [a, b] = labels;
    let [[a0, a1], [b0, b1], [x0, x1]] = [(hashes[0], a), (hashes[1], b), (hashes[2], a ^ b)]
        .map(|([one, other], label)| [sliced(one, label), sliced(other, label ^ delta)]);
    let halves = [
        a0.0 ^ a1.0 ^ rows_00[0] ^ rows_11[0],
        b0.0 ^ b1.0 ^ rows_00[1] ^ rows_11[1],
        x0.0 ^ x1.0 ^ rows_00[0] ^ rows_01[0],
    ];
    let [l, r] = [a0.0 ^ x0.0 ^ rows_00[0], b0.0 ^ x0.0 ^ rows_00[1]];
    let [c_00, c_01, c_11] = [control(0, 0), control(0, 1), control(1, 1)];
    let bits = [
        a0.1 ^ x0.1 ^ c_00[0],
        b0.1 ^ x0.1 ^ c_00[1],
        a0.1 ^ a1.1 ^ c_00[0] ^ c_11[0],
        b0.1 ^ b1.1 ^ c_00[1] ^ c_11[1],
        x0.1 ^ x1.1 ^ c_00[0] ^ c_01[0],
    ];
    let control = bits.iter().enumerate().fold(0, |all, (at, bit)| all | (bit & 1) << at);
    (Table { halves, control }, Block::from_u128(u128::from(l) | u128::from(r) << 64))
}

fn evaluate([a, b]: &[Block; 2], table: &Table, hashes: &[Block; 3]) -> Block {
    let [i, j] = [a, b].map(|label| u8::from(label.lsb()));
    let [h_a, h_b, h_x] = hashes;
    let [h_a, h_b, h_x] = [sliced(*h_a, *a), sliced(*h_b, *b), sliced(*h_x, *a ^ *b)];
    let bit = |at: u8| table.control >> at & 1;
    let both = (i ^ j) & bit(4);
    let c1 = bit(0) ^ h_a.1 ^ h_x.1 ^ (i & bit(2)) ^ both;
    let c2 = bit(1) ^ h_b.1 ^ h_x.1 ^ (j & bit(3)) ^ both;
    let [l, r] = linear([c1, c2], [i, j], [*a, *b]);
    let [g_0, g_1, g_2] = table.halves;
    let both = masked(i ^ j, g_2);
    let l = l ^ h_a.0 ^ h_x.0 ^ masked(i, g_0) ^ both;
    let r = r ^ h_b.0 ^ h_x.0 ^ masked(j, g_1) ^ both;
    Block::from_u128(u128::from(l) | u128::from(r) << 64)
}
