//! AES-128 encryption (FIPS 197), its key schedule included.
//!
//! Bit `8 i + j` of a key or block is bit `j`, least significant first, of the byte `i` in the
//! order in which FIPS 197 writes bytes.

use super::{Bit, Builder, Circuit, CircuitError, Optimise, zero_extend};

/// ANDs of one encryption with its key schedule: 200 S-boxes of 32.
pub const AES128_ANDS: u32 = 6_400;

/// A gate of the S-box: XOR, AND or XNOR of two wires.
#[derive(Clone, Copy)]
enum Line {
    X(u8, u8),
    A(u8, u8),
    N(u8, u8),
}

use Line::{A, N, X};

/// The S-box in 113 gates, 32 of them ANDs (Boyar, Peralta: "A new combinational logic minimization
/// technique with applications to cryptology", 2010, with their later 113-gate program).
///
/// Wires 0 to 7 are the input, most significant bit first; gate `g` is wire `8 + g`.
#[rustfmt::skip]
const SBOX: [Line; 113] = [
    // Top linear layer: 23 XORs.
    X(3, 5), X(0, 6), X(0, 3), X(0, 5), X(1, 2), X(12, 7), X(13, 3), X(9, 8), X(13, 0), X(13, 6),
    X(17, 11), X(4, 15), X(19, 5), X(19, 1), X(20, 7), X(20, 12), X(21, 10), X(7, 24), X(23, 24),
    X(23, 11), X(12, 24), X(9, 28), X(0, 28),
    // Into the tower field: products in GF(2^4).
    A(15, 20), A(18, 22), X(32, 31), A(14, 7), X(34, 31), A(9, 28), A(17, 13), X(37, 36),
    A(16, 25), X(39, 36), A(10, 24), A(8, 26), X(42, 41), A(11, 23), X(44, 41), X(33, 21),
    X(35, 45), X(38, 43), X(40, 45), X(46, 43), X(47, 27), X(48, 29), X(49, 30),
    // The inverse in GF(2^4).
    X(50, 51), A(50, 52), X(53, 55), A(54, 56), X(57, 51), X(52, 53), X(51, 55), A(60, 59),
    X(61, 53), X(52, 62), X(56, 62), A(53, 64), X(65, 63), X(56, 65), A(58, 67), X(54, 68),
    // Out of the tower field.
    X(69, 66), X(58, 62), X(58, 69), X(62, 66), X(71, 70), A(73, 20), A(66, 22), A(62, 7),
    A(72, 28), A(69, 13), A(58, 25), A(71, 24), A(74, 26), A(70, 23), A(73, 15), A(66, 18),
    A(62, 14), A(72, 9), A(69, 17), A(58, 16), A(71, 10), A(74, 8), A(70, 11),
    // Bottom linear layer, with the constant of the affine map.
    X(90, 91), X(85, 93), X(84, 94), X(75, 77), X(76, 75), X(78, 79), X(87, 96), X(82, 98),
    X(83, 99), X(100, 101), X(98, 97), X(78, 80), X(88, 93), X(96, 104), X(95, 103), X(81, 100),
    X(89, 102), X(105, 106), N(87, 110), X(90, 108), X(94, 86), X(95, 108), N(102, 110),
    X(106, 107), N(107, 108), X(109, 112), N(118, 92), X(113, 109),
];

/// The wires of the S-box's output, most significant bit first.
const SBOX_OUTPUTS: [u8; 8] = [114, 117, 119, 107, 116, 120, 115, 111];

type Byte = [Bit; 8];

fn sub_byte(builder: &mut Builder, byte: Byte) -> Byte {
    let mut wires: Vec<Bit> = byte.iter().rev().copied().collect();
    for line in SBOX {
        let wire = match line {
            X(a, b) => builder.xor(wires[a as usize], wires[b as usize]),
            A(a, b) => builder.and(wires[a as usize], wires[b as usize]),
            N(a, b) => {
                let differ = builder.xor(wires[a as usize], wires[b as usize]);
                builder.not(differ)
            }
        };
        wires.push(wire);
    }
    let mut output = SBOX_OUTPUTS.map(|wire| wires[wire as usize]);
    output.reverse();
    output
}

fn xor_bytes(builder: &mut Builder, a: Byte, b: Byte) -> Byte {
    std::array::from_fn(|bit| builder.xor(a[bit], b[bit]))
}

/// Times `x` modulo `x^8 + x^4 + x^3 + x + 1`.
fn double(builder: &mut Builder, a: Byte) -> Byte {
    std::array::from_fn(|bit| match bit {
        0 => a[7],
        1 | 3 | 4 => builder.xor(a[bit - 1], a[7]),
        _ => a[bit - 1],
    })
}

/// Multiplies a column by `{03}x^3 + {01}x^2 + {01}x + {02}`.
fn mix_column(builder: &mut Builder, column: &mut [Byte]) {
    let all = column.to_vec();
    let mut sum = [Bit::ZERO; 8];
    for byte in &all {
        sum = xor_bytes(builder, sum, *byte);
    }
    for (row, byte) in column.iter_mut().enumerate() {
        // 2a + 3b + c + d = a + 2 (a + b) + (a + b + c + d).
        let pair = xor_bytes(builder, all[row], all[(row + 1) % 4]);
        let doubled = double(builder, pair);
        let rest = xor_bytes(builder, all[row], sum);
        *byte = xor_bytes(builder, doubled, rest);
    }
}

fn shift_rows(state: &mut [Byte; 16]) {
    let before = *state;
    for (index, byte) in state.iter_mut().enumerate() {
        *byte = before[(index + 4 * (index % 4)) % 16];
    }
}

/// The round key after `key`, whose round constant is `constant`.
fn next_round_key(builder: &mut Builder, key: &mut [Byte; 16], constant: u8) {
    let rotated = [13, 14, 15, 12].map(|index| sub_byte(builder, key[index]));
    for index in 0..16 {
        let before = if index < 4 { rotated[index] } else { key[index - 4] };
        key[index] = xor_bytes(builder, key[index], before);
        if index == 0 {
            let constant = std::array::from_fn(|bit| Bit::Const((constant >> bit) & 1 == 1));
            key[0] = xor_bytes(builder, key[0], constant);
        }
    }
}

fn add_round_key(builder: &mut Builder, state: &mut [Byte; 16], key: &[Byte; 16]) {
    for (byte, key) in state.iter_mut().zip(key) {
        *byte = xor_bytes(builder, *byte, *key);
    }
}

fn bytes(word: &[Bit]) -> [Byte; 16] {
    let word = zero_extend(word, 128);
    std::array::from_fn(|byte| std::array::from_fn(|bit| word[8 * byte + bit]))
}

impl Builder {
    /// The AES S-box on a byte, least significant bit first: 32 ANDs at depth 6.
    pub fn aes_sbox(&mut self, byte: &[Bit]) -> Vec<Bit> {
        sub_byte(self, bytes(byte)[0]).to_vec()
    }

    /// AES-128 encryption of one block, in the bit order of [this module](self): 6,400 ANDs.
    pub fn aes128(&mut self, key: &[Bit], block: &[Bit]) -> Vec<Bit> {
        let (mut key, mut state) = (bytes(key), bytes(block));
        let mut constant: u8 = 1;
        add_round_key(self, &mut state, &key);
        for round in 1..=10 {
            state = state.map(|byte| sub_byte(self, byte));
            shift_rows(&mut state);
            if round < 10 {
                for column in state.chunks_mut(4) {
                    mix_column(self, column);
                }
            }
            next_round_key(self, &mut key, constant);
            add_round_key(self, &mut state, &key);
            constant = (constant << 1) ^ (0x1b * (constant >> 7));
        }
        state.concat()
    }
}

/// AES-128 as a circuit: words `key` and `block` in, `block` out, 128 bits each.
///
/// # Errors
/// None in fact; the type is that of [`Builder::build`].
pub fn aes128() -> Result<Circuit, CircuitError> {
    let mut builder = Builder::new(Optimise::Size);
    let (key, block) = (builder.input("key", 128), builder.input("block", 128));
    let encrypted = builder.aes128(&key, &block);
    builder.output("block", &encrypted);
    builder.build()
}
