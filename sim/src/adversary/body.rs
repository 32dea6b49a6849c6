use rand::Rng;

use crate::wire::{Algebra, Field};

/// A change of one element, computed in the algebra that it lives in.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum ElementChange {
    /// Adds this.
    Add(u128),
    /// Adds this to the first, third, ... element of a run and subtracts it from the next, so that
    /// the sum stays; the last of an odd number stays as it is.
    Cancel(u128),
    /// Becomes this.
    Set(u128),
    /// Becomes its negative.
    Negate,
    /// Becomes a uniform element, independent of everything.
    Random,
    /// This bit of the encoding is flipped, whatever comes out.
    FlipBit(u32),
    /// Becomes an encoding of the same element that is not the canonical one, where there is one.
    NonCanonical,
}

/// A change of a whole body.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum BodyChange {
    /// All bytes zero.
    Zero,
    /// So many bytes less at the end.
    Truncate(usize),
    /// So many zero bytes more at the end.
    Extend(usize),
    /// Uniform bytes of the same length.
    Random,
}

impl BodyChange {
    pub(super) fn apply(self, body: &mut Vec<u8>, rng: &mut impl Rng) {
        match self {
            BodyChange::Zero => body.fill(0),
            BodyChange::Truncate(bytes) => body.truncate(body.len().saturating_sub(bytes)),
            BodyChange::Extend(bytes) => body.resize(body.len() + bytes, 0),
            BodyChange::Random => rng.fill_bytes(body),
        }
    }
}

impl ElementChange {
    /// Changes one element of a run in an encoding, in place; whether it exists.
    pub fn apply(self, field: &Field, body: &mut [u8], index: usize, rng: &mut impl Rng) -> bool {
        if self == ElementChange::NonCanonical && field.algebra == Algebra::Bits {
            return set_padding(field, body);
        }
        if let ElementChange::Cancel(by) = self {
            let change = match index {
                last if last + 1 == field.count && last.is_multiple_of(2) => ElementChange::Add(0),
                even if even.is_multiple_of(2) => ElementChange::Add(by),
                _ => ElementChange::Add(negative(field.algebra, by)),
            };
            return change.apply(field, body, index, rng);
        }
        let mut wide = [0u8; 16];
        rng.fill_bytes(&mut wide);
        let random = u128::from_le_bytes(wide);
        let width = 8 * field.element_bytes.min(16) as u32;
        field.mutate(body, index, |old| self.value(field.algebra, width, old, random))
    }

    /// The new representative; it is cut to `width` bits when it is written.
    fn value(self, algebra: Algebra, width: u32, old: u128, random: u128) -> u128 {
        match (self, algebra) {
            (ElementChange::FlipBit(bit), _) => old ^ (1 << (bit % width.max(1))),
            (change, Algebra::Prime(p)) => change.in_prime(p, width, old, random),
            // Of bits only the lowest one is written: sums are exclusive ors.
            (ElementChange::Add(by), _) => old.wrapping_add(by),
            // One change for each place: see `apply`.
            (ElementChange::Cancel(_), _) => old,
            (ElementChange::Set(to), _) => to,
            (ElementChange::Negate, Algebra::Bits) => !old,
            (ElementChange::Negate, _) => old.wrapping_neg(),
            (ElementChange::Random, _) => random,
            // Every encoding of these is canonical.
            (ElementChange::NonCanonical, _) => old,
        }
    }

    fn in_prime(self, p: u128, width: u32, old: u128, random: u128) -> u128 {
        match self {
            ElementChange::Add(by) => add_mod(old % p, by % p, p),
            ElementChange::Set(to) => to % p,
            ElementChange::Negate => add_mod(0, p - old % p, p),
            ElementChange::Random => random % p,
            ElementChange::NonCanonical => {
                let largest = if width >= 128 { u128::MAX } else { (1 << width) - 1 };
                // The same residue where it fits, else the modulus itself.
                match old.checked_add(p) {
                    Some(same) if same <= largest => same,
                    _ => p,
                }
            }
            ElementChange::FlipBit(_) | ElementChange::Cancel(_) => old,
        }
    }
}

fn negative(algebra: Algebra, by: u128) -> u128 {
    match algebra {
        Algebra::Prime(p) => p - by % p,
        Algebra::Ring { .. } | Algebra::Bits | Algebra::Bytes => by.wrapping_neg(),
    }
}

fn add_mod(a: u128, b: u128, p: u128) -> u128 {
    let (sum, carried) = a.overflowing_add(b);
    if carried || sum >= p { sum.wrapping_sub(p) } else { sum }
}

/// Sets the bits behind the last one, which a canonical encoding leaves zero.
fn set_padding(field: &Field, body: &mut [u8]) -> bool {
    let last = field.offset + field.bytes();
    if field.count.is_multiple_of(8) || last > body.len() || last == 0 {
        return false;
    }
    body[last - 1] |= 0x80;
    true
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::seed::RunSeed;
    use crate::vocabulary::PartyId;

    fn changed(algebra: Algebra, element_bytes: usize, old: u128, change: ElementChange) -> u128 {
        let mut rng = RunSeed::new(1, 0).rng("test", PartyId(0));
        let count = if algebra == Algebra::Bits { 3 } else { 1 };
        let field = Field { name: "x", offset: 0, count, element_bytes, algebra };
        let mut body = old.to_le_bytes()[..element_bytes.max(1)].to_vec();
        assert!(change.apply(&field, &mut body, 0, &mut rng));
        body.resize(16, 0);
        u128::from_le_bytes(body.try_into().expect("16 bytes"))
    }

    #[test]
    fn changes_are_computed_in_the_algebra() {
        let p = (1 << 61) - 1;
        let prime = |old, change| changed(Algebra::Prime(p), 8, old, change);
        assert_eq!(prime(p - 1, ElementChange::Add(3)), 2);
        assert_eq!(prime(0, ElementChange::Negate), 0);
        assert_eq!(prime(5, ElementChange::Negate), p - 5);
        assert_eq!(prime(5, ElementChange::Set(p + 1)), 1);
        assert_eq!(prime(5, ElementChange::NonCanonical), p + 5);
        let large = u128::MAX - 172;
        let high = |old, change| changed(Algebra::Prime(large), 16, old, change);
        assert_eq!(high(large - 1, ElementChange::Add(large - 1)), large - 2);
        assert_eq!(high(large - 1, ElementChange::NonCanonical), large);
        let ring = |old, change| changed(Algebra::Ring { bits: 64 }, 8, old, change);
        assert_eq!(ring(u128::from(u64::MAX), ElementChange::Add(2)), 1);
        assert_eq!(ring(1, ElementChange::Negate), u128::from(u64::MAX));
        assert_eq!(ring(1, ElementChange::FlipBit(63)), 1 + (1 << 63));
        let bits = |old, change| changed(Algebra::Bits, 0, old, change);
        assert_eq!(bits(0b101, ElementChange::Add(1)), 0b100);
        assert_eq!(bits(0b101, ElementChange::Set(0)), 0b100);
        assert_eq!(bits(0b101, ElementChange::NonCanonical), 0b1000_0101);
        assert!(prime(5, ElementChange::Random) < p);
    }
}
