//! Kernels of oblivious transfer and garbling: local computation on blocks of 128 bits, at the
//! speed of the processor's own instructions for AES.
//!
//! | module | what | source |
//! |---|---|---|
//! | [`aes`] | AES-128 under one key or under many, a stream | FIPS 197, SP 800-38A |
//! | [`hash`] | correlation-robust hashes from AES | Guo et al., S&P 2020, CRYPTO 2020 |
//! | [`matrix`] | 128 rows of bits to blocks, and back | |
//! | [`gf128`] | products in GF(2^128) | |
//! | [`ggm`] | puncturable pseudorandom functions of small domains | Goldreich et al. 1986 |
//! | [`local_code`] | sums of ten elements at public places | Yang et al., CCS 2020 |
//! | [`small_field`] | vector OLE over small fields, without its messages | Roy, CRYPTO 2022 |
//! | [`half_gates`] | batches of garbled AND gates | Zahur et al., EUROCRYPT 2015 |
//! | [`three_halves`] | the same in 1.5 blocks and 5 bits | Rosulek, Roy, CRYPTO 2021 |
//!
//! Nothing here sends, draws randomness or reads a clock, and secrets choose neither branches nor
//! addresses. Every kernel has a portable form with the same results; [`Level`] says which form
//! runs.

pub mod aes;
mod block;
pub mod gf128;
pub mod ggm;
pub mod half_gates;
pub mod hash;
mod level;
pub mod local_code;
pub mod matrix;
mod portable;
pub mod small_field;
#[cfg(test)]
mod tests;
pub mod three_halves;
#[cfg(target_arch = "x86_64")]
mod x86;

pub use block::{Block, xor_into};
pub use hash::Tweak;
pub use level::Level;
