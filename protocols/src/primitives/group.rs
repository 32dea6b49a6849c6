//! The group ristretto255 (RFC 9496), of prime order, in which discrete logarithms and the
//! decisional Diffie-Hellman problem are taken to be hard.

use std::hint::black_box;
use std::ops::{Add, Sub};

use curve25519_dalek::RistrettoPoint;
use curve25519_dalek::ristretto::CompressedRistretto;
use mpclab_sim::Draw;
use mpclab_sim::vocabulary::Op;
use mpclab_sim::wire::{Algebra, Element};
use mpclab_sim::work;
use subtle::{Choice, ConditionallySelectable};

pub use curve25519_dalek::Scalar;

use super::hash;
use crate::algebra::repeated;

/// What protocols in this group rest on.
pub const ASSUMPTION: &str =
    "the decisional Diffie-Hellman problem is hard in ristretto255, and BLAKE3 is a random oracle";

/// Price of a multiple of the generator.
pub const BASE: Op = op("ristretto.base", |calls, units| {
    each(calls, units, |_, scalar| Point::base(scalar));
});
/// Price of a multiple of any point.
pub const MUL: Op = op("ristretto.mul", |calls, units| {
    each(calls, units, |point, scalar| point.times(scalar));
});
/// Price of a hash to the group, or of a random point.
pub const HASH: Op = op("ristretto.hash", |calls, units| {
    each(calls, units, |_, _| Point::of_uniform(black_box(&[7; 64])));
});
/// Price of encoding a point, or of decoding one.
pub const CODE: Op = op("ristretto.code", |calls, units| {
    each(calls, units, |point, _| point.to_bytes());
});

/// Every priced operation of this module.
pub const OPS: [Op; 4] = [BASE, MUL, HASH, CODE];

const fn op(key: &'static str, work: fn(u64, usize)) -> Op {
    Op { key, unit: "point", parallel: true, work: Some(work) }
}

/// Does something with a point and a scalar, so often.
fn each<T>(calls: u64, units: usize, act: impl Fn(&Point, &Scalar) -> T) {
    let scalar = Scalar::from_bytes_mod_order([0x5a; 32]);
    let point = Point::base(&scalar);
    repeated(calls, 0, || {
        for _ in 0..units {
            black_box(act(black_box(&point), black_box(&scalar)));
        }
    });
}

/// A uniform scalar.
pub fn random_scalar(rng: &mut impl Draw) -> Scalar {
    let mut bytes = [0; 64];
    rng.fill_bytes(&mut bytes);
    Scalar::from_bytes_mod_order_wide(&bytes)
}

/// An element of the group.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Point(RistrettoPoint);

/// An element of the group with its encoding: 32 bytes on the wire, and every other encoding is
/// malformed.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Encoded {
    point: Point,
    bytes: [u8; 32],
}

impl Encoded {
    /// The element.
    #[must_use]
    pub fn point(&self) -> Point {
        self.point
    }

    /// Its encoding.
    #[must_use]
    pub fn bytes(&self) -> &[u8; 32] {
        &self.bytes
    }

    /// One or the other, without a branch.
    #[must_use]
    pub fn select(both: [Self; 2], second: bool) -> Self {
        let choice = Choice::from(u8::from(second));
        let [first, other] = &both;
        Encoded {
            point: Point(RistrettoPoint::conditional_select(
                &first.point.0,
                &other.point.0,
                choice,
            )),
            bytes: <[u8; 32]>::conditional_select(&first.bytes, &other.bytes, choice),
        }
    }
}

impl From<Point> for Encoded {
    fn from(point: Point) -> Self {
        work::did(CODE, 1);
        Encoded { point, bytes: point.0.compress().to_bytes() }
    }
}

impl Point {
    /// A multiple of the generator.
    #[must_use]
    pub fn base(scalar: &Scalar) -> Self {
        work::did(BASE, 1);
        Point(RistrettoPoint::mul_base(scalar))
    }

    /// A multiple of this point.
    #[must_use]
    pub fn times(&self, scalar: &Scalar) -> Self {
        work::did(MUL, 1);
        Point(self.0 * scalar)
    }

    /// A uniform point, whose discrete logarithm nobody knows.
    pub fn random(rng: &mut impl Draw) -> Self {
        let mut bytes = [0; 64];
        rng.fill_bytes(&mut bytes);
        Point::of_uniform(&bytes)
    }

    /// The point of a message in a domain, for one purpose: a random oracle into the group.
    #[must_use]
    pub fn hash(purpose: &str, domain: &[u8], parts: &[&[u8]]) -> Self {
        let mut bytes = [0; 64];
        hash::expand(purpose, domain, parts, &mut bytes);
        Point::of_uniform(&bytes)
    }

    fn of_uniform(bytes: &[u8; 64]) -> Self {
        work::did(HASH, 1);
        Point(RistrettoPoint::from_uniform_bytes(bytes))
    }

    /// The encoding.
    #[must_use]
    pub fn to_bytes(self) -> [u8; 32] {
        work::did(CODE, 1);
        self.0.compress().to_bytes()
    }
}

impl Add for Point {
    type Output = Self;
    fn add(self, other: Self) -> Self {
        Point(self.0 + other.0)
    }
}

impl Sub for Point {
    type Output = Self;
    fn sub(self, other: Self) -> Self {
        Point(self.0 - other.0)
    }
}

impl Element for Encoded {
    const BYTES: usize = 32;
    const ALGEBRA: Algebra = Algebra::Bytes;
    const NAME: &'static str = "points";

    fn put(self, out: &mut Vec<u8>) {
        out.extend_from_slice(self.bytes());
    }
    fn take(bytes: &[u8]) -> Option<Self> {
        work::did(CODE, 1);
        let bytes: [u8; 32] = bytes.try_into().ok()?;
        Some(Encoded { point: Point(CompressedRistretto(bytes).decompress()?), bytes })
    }
}
