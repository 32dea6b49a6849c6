use super::{LENGTHS, block, blocks, groups, same_at_all_levels};
use crate::aes::{Aes128, AesPrg, encrypt_each, encrypt_pairs};
use crate::hash::{Tweak, mmo, sigma, tccr, tccr_pairs, tmmo};
use crate::{Block, Level};

const TWEAK: Tweak = Tweak { session: Block::from_u128(7 << 100 | 5), index: 1_000_003 };

#[test]
fn aes_has_the_vectors_of_fips_197_and_sp_800_38a() {
    let fips = [
        ("000102030405060708090a0b0c0d0e0f", "00112233445566778899aabbccddeeff"),
        ("2b7e151628aed2a6abf7158809cf4f3c", "3243f6a8885a308d313198a2e0370734"),
        ("2b7e151628aed2a6abf7158809cf4f3c", "6bc1bee22e409f96e93d7e117393172a"),
    ];
    let encrypted = [
        "69c4e0d86a7b0430d8cdb78070b4c55a",
        "3925841d02dc09fbdc118597196a0b32",
        "3ad77bb40d7a3660a89ecaf32466ef97",
    ];
    for level in Level::available() {
        level.run(|| {
            for ((key, plain), encrypted) in fips.into_iter().zip(encrypted) {
                let mut one = [block(plain)];
                Aes128::new(block(key)).encrypt(&mut one);
                assert_eq!(one[0], block(encrypted), "{}", level.name());
                let mut each = [[block(plain); 2]; 9];
                encrypt_pairs(&[block(key); 9], &mut each);
                assert_eq!(each, [[block(encrypted); 2]; 9], "{}", level.name());
            }
        });
    }
}

/// SP 800-38A, F.5.1: the output blocks.
#[test]
fn the_stream_is_that_of_sp_800_38a() {
    let expected = [
        "ec8cdf7398607cb0f2d21675ea9ea1e4",
        "362b7c3c6773516318a077d7fc5073ae",
        "6a2cc3787889374fbeb4c81b17ba6c44",
        "e89c399ff0f198c6d40a31db156cabfe",
    ];
    let key = block("2b7e151628aed2a6abf7158809cf4f3c");
    for level in Level::available() {
        let mut stream = level.run(|| AesPrg::at(key, 0xf0f1_f2f3_f4f5_f6f7_f8f9_fafb_fcfd_feff));
        let mut bytes = [0; 64];
        stream.fill(&mut bytes);
        assert_eq!(Block::blocks_of(&bytes), expected.map(block), "{}", level.name());
    }
}

#[test]
fn a_stream_goes_on_where_it_stopped() {
    let mut all = [Block::ZERO; 300];
    AesPrg::new(Block::from_u128(3)).fill_blocks(&mut all);
    for level in Level::available() {
        let mut stream = level.run(|| AesPrg::new(Block::from_u128(3)));
        let mut start = 0;
        for len in LENGTHS.into_iter().filter(|len| *len < 100) {
            let mut part = vec![Block::ZERO; len];
            stream.fill_blocks(&mut part);
            assert_eq!(part, all[start..start + len], "{start}");
            start += len;
        }
        assert_eq!(stream.counter(), start as u128);
        let mut bytes = [0; 17];
        stream.fill(&mut bytes);
        assert_eq!(bytes[..], Block::as_bytes(&all[start..])[..17]);
        assert_eq!(stream.next_block(), all[start + 2]);
    }
}

#[test]
fn counters_carry_into_their_upper_half() {
    same_at_all_levels(|| {
        let mut blocks = [Block::ZERO; 40];
        AesPrg::at(Block::ONES, (5 << 64) - 17).fill_blocks(&mut blocks);
        let mut last = [Block::ZERO; 3];
        AesPrg::at(Block::ONES, u128::MAX - 1).fill_blocks(&mut last);
        (blocks, last)
    });
}

#[test]
fn ciphers_and_hashes_are_the_same_at_all_levels() {
    for len in LENGTHS {
        same_at_all_levels(|| {
            let pi = Aes128::new(Block::from_u128(99));
            let [mut a, mut b, mut c] = [1, 2, 3].map(|seed| blocks(seed, len));
            pi.encrypt(&mut a);
            mmo(&pi, &mut b);
            tmmo(&pi, TWEAK, &mut c);
            let [mut d, mut e] = [4, 5].map(|seed| blocks(seed, len));
            let (mut f, mut g) = (groups::<2>(6, len), groups::<2>(7, len));
            tccr(TWEAK, &mut d);
            tccr_pairs(Tweak { index: u64::MAX - 3, ..TWEAK }, &mut f);
            encrypt_each(&blocks(8, len), &mut e);
            encrypt_pairs(&blocks(9, len), &mut g);
            (a, b, c, d, e, f, g)
        });
    }
}

#[test]
fn hashes_are_as_they_are_defined() {
    let inputs = blocks(8, 21);
    let pi = Aes128::new(Block::from_u128(1));
    let encrypted = |key: Block, x: Block| {
        let mut x = [x];
        Aes128::new(key).encrypt(&mut x);
        x[0]
    };
    let permuted = |x| encrypted(Block::from_u128(1), x);
    let [mut with_tweak, mut without] = [inputs.clone(), inputs.clone()];
    tmmo(&pi, TWEAK, &mut with_tweak);
    mmo(&pi, &mut without);
    let mut pairs: Vec<[Block; 2]> = inputs.iter().map(|x| [*x, *x ^ Block::ONES]).collect();
    tccr_pairs(TWEAK, &mut pairs);
    for (i, x) in inputs.into_iter().enumerate() {
        let tweak = Block::from_u128((7 << 100 | 5) ^ (1_000_003 + i as u128));
        assert_eq!(with_tweak[i], permuted(permuted(x) ^ tweak) ^ permuted(x));
        assert_eq!(without[i], permuted(sigma(x)) ^ sigma(x));
        let hash = |x| encrypted(tweak, sigma(x)) ^ sigma(x);
        assert_eq!(pairs[i], [hash(x), hash(x ^ Block::ONES)]);
    }
}

#[test]
fn sigma_is_a_linear_orthomorphism() {
    assert_eq!(sigma(Block::from_u128(5 << 64 | 3)), Block::from_u128((3 ^ 5) << 64 | 5));
    // Both sigma and sigma(x) ^ x are permutations: no unit vector is lost in their images.
    for images in [|x| sigma(x), |x| sigma(x) ^ x] {
        let mut rows: Vec<u128> =
            (0..128).map(|i| images(Block::from_u128(1 << i)).to_u128()).collect();
        for bit in 0..128 {
            let pivot = (bit..128).find(|row| rows[*row] >> bit & 1 == 1).expect("full rank");
            rows.swap(bit, pivot);
            for row in bit + 1..128 {
                rows[row] ^= rows[bit] & (rows[row] >> bit & 1).wrapping_neg();
            }
        }
    }
}
