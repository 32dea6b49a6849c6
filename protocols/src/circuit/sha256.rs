//! The compression function of SHA-256 (FIPS 180-4).
//!
//! Bit `32 i + j` of a state or block is bit `j`, least significant first, of its word `i`; the
//! words of a block are read from its bytes most significant byte first, as FIPS 180-4 does.

use super::{Bit, Builder, Circuit, CircuitError, Optimise, zero_extend};

/// The state in which a hash begins.
pub const SHA256_INITIAL: [u32; 8] = [
    0x6a09_e667,
    0xbb67_ae85,
    0x3c6e_f372,
    0xa54f_f53a,
    0x510e_527f,
    0x9b05_688c,
    0x1f83_d9ab,
    0x5be0_cd19,
];

#[rustfmt::skip]
const ROUND_CONSTANTS: [u32; 64] = [
    0x428a_2f98, 0x7137_4491, 0xb5c0_fbcf, 0xe9b5_dba5, 0x3956_c25b, 0x59f1_11f1, 0x923f_82a4, 0xab1c_5ed5,
    0xd807_aa98, 0x1283_5b01, 0x2431_85be, 0x550c_7dc3, 0x72be_5d74, 0x80de_b1fe, 0x9bdc_06a7, 0xc19b_f174,
    0xe49b_69c1, 0xefbe_4786, 0x0fc1_9dc6, 0x240c_a1cc, 0x2de9_2c6f, 0x4a74_84aa, 0x5cb0_a9dc, 0x76f9_88da,
    0x983e_5152, 0xa831_c66d, 0xb003_27c8, 0xbf59_7fc7, 0xc6e0_0bf3, 0xd5a7_9147, 0x06ca_6351, 0x1429_2967,
    0x27b7_0a85, 0x2e1b_2138, 0x4d2c_6dfc, 0x5338_0d13, 0x650a_7354, 0x766a_0abb, 0x81c2_c92e, 0x9272_2c85,
    0xa2bf_e8a1, 0xa81a_664b, 0xc24b_8b70, 0xc76c_51a3, 0xd192_e819, 0xd699_0624, 0xf40e_3585, 0x106a_a070,
    0x19a4_c116, 0x1e37_6c08, 0x2748_774c, 0x34b0_bcb5, 0x391c_0cb3, 0x4ed8_aa4a, 0x5b9c_ca4f, 0x682e_6ff3,
    0x748f_82ee, 0x78a5_636f, 0x84c8_7814, 0x8cc7_0208, 0x90be_fffa, 0xa450_6ceb, 0xbef9_a3f7, 0xc671_78f2,
];

type Word = Vec<Bit>;

/// The XOR of `word`, rotated to the right by each amount.
fn rotations(builder: &mut Builder, word: &[Bit], amounts: &[usize]) -> Word {
    let mut sum = Vec::new();
    for amount in amounts {
        let mut rotated = word.to_vec();
        rotated.rotate_left(*amount);
        sum = builder.xor_words(&sum, &rotated);
    }
    sum
}

/// `sigma` of the message schedule: two rotations and a shift.
fn small_sigma(builder: &mut Builder, word: &[Bit], rotated: [usize; 2], shifted: usize) -> Word {
    let sum = rotations(builder, word, &rotated);
    builder.xor_words(&sum, &word[shifted..])
}

fn schedule(builder: &mut Builder, block: &[Bit]) -> Vec<Word> {
    let mut words: Vec<Word> = zero_extend(block, 512).chunks(32).map(<[Bit]>::to_vec).collect();
    for index in 16..64 {
        let early = small_sigma(builder, &words[index - 15], [7, 18], 3);
        let late = small_sigma(builder, &words[index - 2], [17, 19], 10);
        words.push(builder.sum(&[&words[index - 16], &early, &words[index - 7], &late], 32));
    }
    words
}

/// One round on the words `a` to `h`.
fn round(builder: &mut Builder, state: &mut Vec<Word>, word: &[Bit], constant: u32) {
    let [a, b, c, d, e, f, g, h] = std::array::from_fn(|index| state[index].clone());
    let choice = builder.select_words(&e, &f, &g);
    let majority: Word = (0..32).map(|bit| builder.majority(a[bit], b[bit], c[bit])).collect();
    let sigma_e = rotations(builder, &e, &[6, 11, 25]);
    let sigma_a = rotations(builder, &a, &[2, 13, 22]);
    let constant = builder.constant(u128::from(constant), 32);
    let first: Vec<&[Bit]> = vec![&h, &sigma_e, &choice, &constant, word];
    let (new_a, new_e) = match builder.optimise() {
        Optimise::Size => {
            let first = builder.sum(&first, 32);
            let new_a = builder.sum(&[&sigma_a, &majority, &first], 32);
            (new_a, builder.add(&d, &first))
        }
        // Two wider carry-save trees instead of two sums one after the other.
        Optimise::Depth => {
            let of_a = [&first[..], &[&sigma_a, &majority]].concat();
            let of_e = [&first[..], &[&d]].concat();
            (builder.sum(&of_a, 32), builder.sum(&of_e, 32))
        }
    };
    *state = vec![new_a, a, b, c, new_e, e, f, g];
}

impl Builder {
    /// Bit by bit: that of `one` where `condition` is set, otherwise that of `zero`.
    pub fn select_words(&mut self, condition: &[Bit], one: &[Bit], zero: &[Bit]) -> Vec<Bit> {
        let differences = self.xor_words(one, zero);
        let changes = self.and_words(condition, &differences);
        self.xor_words(&changes, zero)
    }

    /// The next state of SHA-256 after a block, in the bit order of [this module](self).
    pub fn sha256_compress(&mut self, state: &[Bit], block: &[Bit]) -> Vec<Bit> {
        let before: Vec<Word> = zero_extend(state, 256).chunks(32).map(<[Bit]>::to_vec).collect();
        let words = schedule(self, block);
        let mut state = before.clone();
        for (word, constant) in words.iter().zip(ROUND_CONSTANTS) {
            round(self, &mut state, word, constant);
        }
        before.iter().zip(&state).flat_map(|(before, after)| self.add(before, after)).collect()
    }
}

/// SHA-256's compression as a circuit: words `state` (256 bits) and `block` (512) in, `state` out.
///
/// # Errors
/// None in fact; the type is that of [`Builder::build`].
pub fn sha256_compression(optimise: Optimise) -> Result<Circuit, CircuitError> {
    let mut builder = Builder::new(optimise);
    let (state, block) = (builder.input("state", 256), builder.input("block", 512));
    let next = builder.sha256_compress(&state, &block);
    builder.output("state", &next);
    builder.build()
}
