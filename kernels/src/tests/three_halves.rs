use super::{LENGTHS, blocks, groups, same_at_all_levels};
use crate::hash::{sigma, tccr};
use crate::three_halves::{CONTROL_BITS, Table, double, evaluate_ands, garble_ands};
use crate::{Block, Level, Tweak};

const FIRST: Tweak = Tweak { session: Block::from_u128(0x4321 << 70), index: 55 };

fn coins(len: usize) -> Vec<u8> {
    (0..len).map(|at| (at as u8).wrapping_mul(0x9d) >> 3 & 3).collect()
}

fn garbled(delta: Block, inputs: &[[Block; 2]]) -> (Vec<Table>, Vec<Block>) {
    let mut tables = vec![Table::default(); inputs.len()];
    let mut outputs = vec![Block::ZERO; inputs.len()];
    garble_ands(delta, FIRST, &coins(inputs.len()), inputs, &mut tables, &mut outputs);
    (tables, outputs)
}

#[test]
fn gates_garbled_in_three_halves_evaluate_to_and() {
    let delta = blocks(1, 3)[2].with_lsb();
    for (level, len) in
        Level::available().into_iter().flat_map(|level| LENGTHS.map(|len| (level, len)))
    {
        let inputs: Vec<[Block; 2]> = groups(2, len);
        let (tables, zeros) = level.run(|| garbled(delta, &inputs));
        assert!(tables.iter().all(|table| table.control >> CONTROL_BITS == 0));
        for bits in [[false, false], [false, true], [true, false], [true, true]] {
            let active: Vec<[Block; 2]> = inputs
                .iter()
                .map(|[a, b]| [*a ^ delta.if_set(bits[0]), *b ^ delta.if_set(bits[1])])
                .collect();
            let mut outputs = vec![Block::ZERO; len];
            level.run(|| evaluate_ands(FIRST, &active, &tables, &mut outputs));
            for (output, zero) in outputs.into_iter().zip(&zeros) {
                let expected = *zero ^ delta.if_set(bits[0] && bits[1]);
                assert_eq!(output, expected, "{} {bits:?} {len}", level.name());
            }
        }
    }
}

#[test]
fn gates_in_three_halves_are_the_same_at_all_levels() {
    let delta = blocks(3, 3)[2].with_lsb();
    for len in LENGTHS {
        same_at_all_levels(|| {
            let (tables, outputs) = garbled(delta, &groups(4, len));
            let halves = |table: &Table| table.halves.map(|half| Block::from_u128(half.into()));
            let control = |table: &Table| Block::from_u128(table.control.into());
            let tables: Vec<Block> = tables
                .iter()
                .flat_map(|table| halves(table).into_iter().chain([control(table)]))
                .collect();
            (tables, outputs)
        });
    }
}

// ---- the paper's matrices, by elimination ----

/// What is added to halves of labels, left and right: `S_1` and `S_2` over `A_L, A_R, B_L, B_R`.
const BASIS: [[[u8; 4]; 2]; 2] = [[[1, 1, 1, 0], [1, 0, 0, 1]], [[1, 0, 0, 1], [0, 1, 1, 1]]];
/// What is always added for an odd gate, for `(i, j)` from `(0, 0)` to `(1, 1)`.
const ODD: [[[u8; 4]; 2]; 4] = [
    [[0, 0, 1, 0], [0, 1, 0, 0]],
    [[0, 0, 1, 0], [0, 0, 0, 0]],
    [[0, 0, 0, 0], [0, 1, 0, 0]],
    [[0, 0, 0, 0], [0, 0, 0, 0]],
];
/// Coefficients of both vectors of the basis, for the two bits of the place of the row that gives 1.
const PLACE: [[[u8; 2]; 4]; 2] =
    [[[0, 0], [1, 1], [0, 1], [1, 0]], [[0, 0], [1, 0], [1, 1], [0, 1]]];
/// How output halves and ciphertexts enter the eight equations: `C_L, C_R, G_0, G_1, G_2`.
const UNKNOWNS: [[u8; 5]; 8] = [
    [1, 0, 0, 0, 0],
    [0, 1, 0, 0, 0],
    [1, 0, 0, 0, 1],
    [0, 1, 0, 1, 1],
    [1, 0, 1, 0, 1],
    [0, 1, 0, 0, 1],
    [1, 0, 1, 0, 0],
    [0, 1, 0, 1, 0],
];

/// Solves equations over GF(2), right sides being words; they have one solution.
fn solved(mut rows: Vec<([u8; 5], u64)>) -> [u64; 5] {
    for column in 0..5 {
        let pivot = (column..rows.len()).find(|row| rows[*row].0[column] == 1).expect("full rank");
        rows.swap(column, pivot);
        let (of, value) = rows[column];
        for (row, (others, other)) in rows.iter_mut().enumerate() {
            if row != column && others[column] == 1 {
                (0..5).for_each(|at| others[at] ^= of[at]);
                *other ^= value;
            }
        }
    }
    assert!(rows[5..].iter().all(|(_, rest)| *rest == 0), "the equations agree");
    std::array::from_fn(|at| rows[at].1)
}

/// Halves, and the bit behind the lower one.
fn sliced(label: Block) -> [u64; 2] {
    [label.to_u128() as u64, (label.to_u128() >> 64) as u64]
}

fn reference(delta: Block, number: u64, coins: u8, [a, b]: [Block; 2]) -> (Table, Block) {
    let hash = |label: Block, which: u64| {
        let mut hashed = [label];
        tccr(Tweak { index: 3 * (FIRST.index + number) + which, ..FIRST }, &mut hashed);
        let ([half, rest], [l, r]) = (sliced(hashed[0]), sliced(label));
        [half ^ r ^ double(l), rest]
    };
    let (p_a, p_b) = (u8::from(a.lsb()), u8::from(b.lsb()));
    let (mut wide, mut narrow) = (Vec::new(), Vec::new());
    for row in 0..4usize {
        let (i, j) = ((row >> 1) as u8, (row & 1) as u8);
        let label = |zero: Block, permute: u8| {
            if u8::from(zero.lsb()) == permute { zero } else { zero ^ delta }
        };
        let (x, y) = (label(a, i), label(b, j));
        let pieces = [sliced(x), sliced(y)].concat();
        let one = i != p_a && j != p_b;
        let of = |at: usize| {
            let place = (PLACE[0][row][at] & (1 - p_a)) ^ (PLACE[1][row][at] & (1 - p_b));
            (coins >> at & 1) ^ place
        };
        for half in 0..2 {
            let own = if half == 0 { hash(x, 0) } else { hash(y, 1) };
            let both = hash(x ^ y, 2);
            let mut sum = own[0] ^ both[0] ^ if one { sliced(delta)[half] } else { 0 };
            for (piece, value) in pieces.iter().enumerate() {
                let basis = (of(0) & BASIS[0][half][piece]) ^ (of(1) & BASIS[1][half][piece]);
                if basis ^ ODD[row][half][piece] == 1 {
                    sum ^= value;
                }
            }
            wide.push((UNKNOWNS[2 * row + half], sum));
            let bit = (own[1] ^ both[1]) & 1 ^ u64::from(of(half));
            narrow.push((UNKNOWNS[2 * row + half], bit));
        }
    }
    let [l, r, g_0, g_1, g_2] = solved(wide);
    let control =
        solved(narrow).iter().enumerate().fold(0, |all, (at, bit)| all | (*bit as u8) << at);
    let output = Block::from_u128(u128::from(l) | u128::from(r) << 64);
    (Table { halves: [g_0, g_1, g_2], control }, output)
}

/// All permute bits and all coins.
#[test]
fn tables_are_what_the_papers_matrices_say() {
    let delta = blocks(5, 3)[2].with_lsb();
    let inputs: Vec<[Block; 2]> = groups(6, 200);
    let (tables, outputs) = garbled(delta, &inputs);
    let mut seen = std::collections::BTreeSet::new();
    for (at, (input, coins)) in inputs.iter().zip(coins(200)).enumerate() {
        let (table, output) = reference(delta, at as u64, coins, *input);
        assert_eq!((table, output), (tables[at], outputs[at]), "{at}");
        seen.insert((input[0].lsb(), input[1].lsb(), coins));
    }
    assert_eq!(seen.len(), 16, "{seen:?}");
}

/// In the eyes of an evaluator a ciphertext is a half of the cipher at a label that it does not
/// have, and a linear part in `delta`. Were that part zero, `delta` would follow in 2^64 steps.
#[test]
fn no_ciphertext_is_a_bare_half_of_the_cipher() {
    // The rank over GF(2) of what `double` and halves add, of the 128 bits of `delta`.
    let rank = |part: &dyn Fn(u64, u64) -> u64| {
        let bit = |at: u32| if at < 64 { part(1 << at, 0) } else { part(0, 1 << (at - 64)) };
        let mut basis: Vec<u64> = Vec::new();
        for value in (0..128).map(bit) {
            let rest = basis.iter().fold(value, |rest, of| rest.min(rest ^ of));
            if rest != 0 {
                basis.push(rest);
            }
        }
        basis.len()
    };
    for (c, d) in [(0, 0), (0, 1), (1, 0), (1, 1)] {
        assert_eq!(rank(&|l, r| double(l) ^ (c * l) ^ (d * r)), 64, "{c} {d}");
    }
    // What the hash alone would leave.
    let label = |l, r| sliced(sigma(Block::from_u128(u128::from(l) | u128::from(r) << 64)))[0];
    assert_eq!(rank(&|l, r| label(l, r) ^ r), 0);
}
