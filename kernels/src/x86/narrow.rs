//! One block to a register: AES-NI, PCLMULQDQ and AVX2.

use std::arch::x86_64::{
    __m128i as V, _mm_add_epi64 as add64, _mm_aesenc_si128 as aesenc,
    _mm_aesenclast_si128 as aesenclast, _mm_and_si128 as and, _mm_clmulepi64_si128 as clmul,
    _mm_set1_epi32 as splat32, _mm_set1_epi64x as splat64, _mm_setzero_si128 as zero,
    _mm_shuffle_epi8 as shuffle_bytes, _mm_shuffle_epi32 as shuffle32,
    _mm_slli_epi32 as shift_left32, _mm_slli_epi64 as shift_left64,
    _mm_slli_si128 as shift_left_bytes, _mm_srai_epi32 as shift_right32,
    _mm_srli_epi64 as shift_right64, _mm_unpackhi_epi8 as unpack_high,
    _mm_unpackhi_epi64 as unpack_high64, _mm_unpacklo_epi8 as unpack_low,
    _mm_unpacklo_epi64 as unpack_low64, _mm_xor_si128 as xor,
};

use super::ciphers::ciphers;
use super::gates::gates;
use super::matrices::matrices;
use super::registers::registers;
use super::streams::streams;
use super::trees::trees;

/// Whether the processor has what this module is compiled for.
pub(crate) fn is_available() -> bool {
    is_x86_feature_detected!("aes")
        && is_x86_feature_detected!("pclmulqdq")
        && is_x86_feature_detected!("avx2")
}

/// Blocks in a register.
const LANES: usize = 1;
/// Registers of keys that are expanded side by side.
const KEYS: usize = 8;
registers!("aes,pclmulqdq,avx2");
ciphers!("aes,pclmulqdq,avx2");
matrices!("aes,pclmulqdq,avx2");
streams!("aes,pclmulqdq,avx2");
trees!("aes,pclmulqdq,avx2");
gates!("aes,pclmulqdq,avx2");

#[inline]
#[target_feature(enable = "aes,pclmulqdq,avx2")]
fn splat(block: Block) -> V {
    bytemuck::must_cast(block)
}

/// Two registers' blocks in turn.
#[inline]
#[target_feature(enable = "aes,pclmulqdq,avx2")]
fn interleave(a: V, b: V) -> [V; 2] {
    [a, b]
}

/// Where row `i` of a square of 8 x 8 bits is put for [`transpose_bits`].
const fn eighth(i: usize) -> usize {
    i
}

/// Transposes squares of 8 x 8 bits: bits, pairs and fours change places.
#[inline]
#[target_feature(enable = "aes,pclmulqdq,avx2")]
fn transpose_bits(x: V) -> V {
    let t = and(xor(x, shift_right64::<7>(x)), splat64(0x00aa_00aa_00aa_00aa));
    let x = xor(x, xor(t, shift_left64::<7>(t)));
    let t = and(xor(x, shift_right64::<14>(x)), splat64(0x0000_cccc_0000_cccc));
    let x = xor(x, xor(t, shift_left64::<14>(t)));
    let t = and(xor(x, shift_right64::<28>(x)), splat64(0x0000_0000_f0f0_f0f0));
    xor(x, xor(t, shift_left64::<28>(t)))
}

#[target_feature(enable = "aes,pclmulqdq,avx2")]
pub(crate) fn mul(a: Block, b: Block) -> Block {
    inner_product(&[a], &[b])
}
