//! Four blocks to a register: VAES, VPCLMULQDQ and AVX-512.

use std::arch::x86_64::{
    __m512i as V, _mm512_add_epi64 as add64, _mm512_aesenc_epi128 as aesenc,
    _mm512_aesenclast_epi128 as aesenclast, _mm512_and_si512 as and,
    _mm512_broadcast_i32x4 as broadcast, _mm512_bslli_epi128 as shift_left_bytes,
    _mm512_clmulepi64_epi128 as clmul, _mm512_gf2p8affine_epi64_epi8 as affine,
    _mm512_permutex2var_epi64 as permute64, _mm512_set1_epi32 as splat32,
    _mm512_set1_epi64 as splat64, _mm512_setzero_si512 as zero,
    _mm512_shuffle_epi8 as shuffle_bytes, _mm512_shuffle_epi32 as shuffle32,
    _mm512_slli_epi32 as shift_left32, _mm512_srai_epi32 as shift_right32,
    _mm512_unpackhi_epi8 as unpack_high, _mm512_unpackhi_epi64 as unpack_high64,
    _mm512_unpacklo_epi8 as unpack_low, _mm512_unpacklo_epi64 as unpack_low64,
    _mm512_xor_si512 as xor,
};

use super::ciphers::ciphers;
use super::gates::gates;
use super::matrices::matrices;
use super::registers::registers;
use super::streams::streams;
use super::trees::trees;

/// Whether the processor has what this module is compiled for.
pub(crate) fn is_available() -> bool {
    super::narrow::is_available()
        && is_x86_feature_detected!("vaes")
        && is_x86_feature_detected!("vpclmulqdq")
        && is_x86_feature_detected!("avx512f")
        && is_x86_feature_detected!("avx512bw")
        && is_x86_feature_detected!("gfni")
}

/// Blocks in a register.
const LANES: usize = 4;
/// Registers of keys that are expanded side by side.
const KEYS: usize = 4;
registers!("aes,pclmulqdq,avx2,vaes,vpclmulqdq,avx512f,avx512bw,gfni");
ciphers!("aes,pclmulqdq,avx2,vaes,vpclmulqdq,avx512f,avx512bw,gfni");
matrices!("aes,pclmulqdq,avx2,vaes,vpclmulqdq,avx512f,avx512bw,gfni");
streams!("aes,pclmulqdq,avx2,vaes,vpclmulqdq,avx512f,avx512bw,gfni");
trees!("aes,pclmulqdq,avx2,vaes,vpclmulqdq,avx512f,avx512bw,gfni");
gates!("aes,pclmulqdq,avx2,vaes,vpclmulqdq,avx512f,avx512bw,gfni");

#[inline]
#[target_feature(enable = "aes,pclmulqdq,avx2,vaes,vpclmulqdq,avx512f,avx512bw,gfni")]
fn splat(block: Block) -> V {
    broadcast(bytemuck::must_cast(block))
}

/// Two registers' blocks in turn.
#[inline]
#[target_feature(enable = "aes,pclmulqdq,avx2,vaes,vpclmulqdq,avx512f,avx512bw,gfni")]
fn interleave(a: V, b: V) -> [V; 2] {
    let low = bytemuck::must_cast([0_u64, 1, 8, 9, 2, 3, 10, 11]);
    let high = bytemuck::must_cast([4_u64, 5, 12, 13, 6, 7, 14, 15]);
    [permute64(a, low, b), permute64(a, high, b)]
}

/// Where row `i` of a square of 8 x 8 bits is put for [`transpose_bits`].
const fn eighth(i: usize) -> usize {
    7 - i
}

/// Transposes squares of 8 x 8 bits, as the product of a matrix with unit vectors.
#[inline]
#[target_feature(enable = "aes,pclmulqdq,avx2,vaes,vpclmulqdq,avx512f,avx512bw,gfni")]
fn transpose_bits(x: V) -> V {
    affine::<0>(splat64(0x8040_2010_0804_0201_u64 as i64), x)
}

pub(crate) use super::narrow::mul;
