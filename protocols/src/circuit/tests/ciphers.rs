use ::aes::Aes128;
use ::aes::cipher::{BlockCipherEncrypt, KeyInit};
use proptest::prelude::*;
use sha2::{Digest, Sha256};

use super::super::aes::{AES128_ANDS, aes128};
use super::super::sha256::{SHA256_INITIAL, sha256_compression};
use super::*;

fn bits(bytes: &[u8]) -> impl Iterator<Item = bool> {
    bytes.iter().flat_map(|byte| (0..8).map(move |bit| (byte >> bit) & 1 == 1))
}

fn to_bytes(bits: &Bits) -> Vec<u8> {
    bits.words().iter().flat_map(|word| word.to_le_bytes()).take(bits.len().div_ceil(8)).collect()
}

/// `x^254` in the field of AES, then its affine map.
fn sbox(byte: u8) -> u8 {
    let times = |a: u8, b: u8| {
        let (mut a, mut product) = (a, 0);
        for bit in 0..8 {
            product ^= a * ((b >> bit) & 1);
            a = (a << 1) ^ (0x1b * (a >> 7));
        }
        product
    };
    let inverse = (0..254).fold(1, |power, _| times(power, byte));
    (0..5).fold(0x63, |sum, turn| sum ^ inverse.rotate_left(turn))
}

#[test]
fn the_sbox_is_the_inverse_and_an_affine_map() {
    let found = circuit(Optimise::Size, &[8], |c, w| vec![c.aes_sbox(&w[0])]);
    let counts = found.counts();
    assert_eq!((counts.gates, counts.ands, counts.and_depth), (117, 32, 6));
    for byte in 0..=255 {
        assert_eq!(run(&found, &[u128::from(byte)]), [u128::from(sbox(byte))], "{byte}");
    }
}

fn encrypt(circuit: &Circuit, key: &[u8; 16], block: &[u8; 16]) -> Vec<u8> {
    let inputs: Bits = bits(key).chain(bits(block)).collect();
    to_bytes(&circuit.evaluate(&inputs, 1).expect("inputs fit"))
}

#[test]
fn aes_has_6400_ands_and_meets_fips_197() {
    let circuit = aes128().expect("a circuit");
    let counts = circuit.counts();
    assert_eq!((counts.ands, counts.and_depth), (AES128_ANDS, 60));
    // Appendix B, and C.1.
    let key = 0x2b7e_1516_28ae_d2a6_abf7_1588_09cf_4f3c_u128.to_be_bytes();
    let block = 0x3243_f6a8_885a_308d_3131_98a2_e037_0734_u128.to_be_bytes();
    let expected = 0x3925_841d_02dc_09fb_dc11_8597_196a_0b32_u128.to_be_bytes();
    assert_eq!(encrypt(&circuit, &key, &block), expected);
    let key = 0x0001_0203_0405_0607_0809_0a0b_0c0d_0e0f_u128.to_be_bytes();
    let block = 0x0011_2233_4455_6677_8899_aabb_ccdd_eeff_u128.to_be_bytes();
    let expected = 0x69c4_e0d8_6a7b_0430_d8cd_b780_70b4_c55a_u128.to_be_bytes();
    assert_eq!(encrypt(&circuit, &key, &block), expected);
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(32))]
    #[test]
    fn aes_agrees_with_a_library(key in any::<[u8; 16]>(), block in any::<[u8; 16]>()) {
        let mut expected = block.into();
        Aes128::new(&key.into()).encrypt_block(&mut expected);
        let circuit = aes128().expect("a circuit");
        prop_assert_eq!(encrypt(&circuit, &key, &block), expected.to_vec());
    }

    #[test]
    fn sha256_agrees_with_a_library(message in proptest::collection::vec(any::<u8>(), 0..200)) {
        for optimise in BOTH {
            let circuit = sha256_compression(optimise).expect("a circuit");
            prop_assert_eq!(hash(&circuit, &message), Sha256::digest(&message).to_vec());
        }
    }
}

fn hash(circuit: &Circuit, message: &[u8]) -> Vec<u8> {
    let mut padded = message.to_vec();
    padded.push(0x80);
    padded.resize((message.len() + 9).next_multiple_of(64) - 8, 0);
    padded.extend((8 * message.len() as u64).to_be_bytes());
    let reversed = |bytes: &[u8]| bytes.chunks(4).flat_map(|w| [w[3], w[2], w[1], w[0]]).collect();
    let mut state: Vec<u8> = SHA256_INITIAL.iter().flat_map(|word| word.to_le_bytes()).collect();
    for block in padded.chunks(64) {
        let block: Vec<u8> = reversed(block);
        let inputs: Bits = bits(&state).chain(bits(&block)).collect();
        state = to_bytes(&circuit.evaluate(&inputs, 1).expect("inputs fit"));
    }
    reversed(&state)
}

#[test]
fn sha256_costs_less_than_the_usual_circuit() {
    let small = sha256_compression(Optimise::Size).expect("a circuit").counts();
    let flat = sha256_compression(Optimise::Depth).expect("a circuit").counts();
    assert!(small.ands <= 22_573);
    assert_eq!((small.ands, small.and_depth), (22_271, 1_607));
    assert_eq!((flat.ands, flat.and_depth), (52_399, 624));
}
