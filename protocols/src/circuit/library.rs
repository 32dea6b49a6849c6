//! Standard circuits by name.

use super::aes::aes128;
use super::sha256::sha256_compression;
use super::{Bit, Builder, Circuit, CircuitError, Optimise};

/// A circuit that anybody may want.
#[derive(Clone, Copy, Debug)]
pub struct StandardCircuit {
    /// Its name.
    pub name: &'static str,
    /// Its words, one line.
    pub about: &'static str,
    build: fn(Optimise) -> Result<Circuit, CircuitError>,
}

impl StandardCircuit {
    /// The circuit, whose gadgets save what `optimise` says.
    ///
    /// # Errors
    /// None in fact; the type is that of [`Builder::build`].
    pub fn build(&self, optimise: Optimise) -> Result<Circuit, CircuitError> {
        (self.build)(optimise)
    }
}

/// All of them, in alphabetical order.
pub const STANDARD: &[StandardCircuit] = &[
    StandardCircuit {
        name: "adder64",
        about: "two words of 64 bits to their sum modulo 2^64",
        build: |optimise| words(optimise, |b, x, y| b.add(x, y)),
    },
    StandardCircuit {
        name: "aes128",
        about: "a key and a block of 128 bits to the block encrypted; byte i of FIPS 197 is bits 8 i \
                to 8 i + 7",
        build: |_| aes128(),
    },
    StandardCircuit {
        name: "divider64",
        about: "two words of 64 bits without sign to their quotient, rounded down",
        build: |optimise| words(optimise, |b, x, y| b.divide(x, y).0),
    },
    StandardCircuit {
        name: "less64",
        about: "two words of 64 bits without sign to whether the first is less",
        build: |optimise| words(optimise, |b, x, y| vec![b.less(x, y)]),
    },
    StandardCircuit {
        name: "multiplier64",
        about: "two words of 64 bits to their product modulo 2^64",
        build: |optimise| words(optimise, |b, x, y| b.multiply(x, y, 64)),
    },
    StandardCircuit {
        name: "sha256",
        about: "a state of 256 bits and a block of 512 to the next state of SHA-256",
        build: sha256_compression,
    },
];

fn words(
    optimise: Optimise,
    body: impl FnOnce(&mut Builder, &[Bit], &[Bit]) -> Vec<Bit>,
) -> Result<Circuit, CircuitError> {
    let mut builder = Builder::new(optimise);
    let (x, y) = (builder.input("x", 64), builder.input("y", 64));
    let result = body(&mut builder, &x, &y);
    builder.output("result", &result);
    builder.build()
}
