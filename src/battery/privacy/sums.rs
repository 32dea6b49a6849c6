//! What is opened under additive shares: sums of what a member of a coalition and others tell each
//! other in one place.
//!
//! Single shares are uniform even where a mask is not, so that only their sum shows it.

use std::collections::{BTreeMap, BTreeSet};

use mpclab_sim::vocabulary::PartyId;
use mpclab_sim::wire::{Algebra, Field};

use super::views::element;

/// Scope, occurrence, and number of the field in its message.
pub(super) type FieldPlace = (String, u32, usize);

/// What somebody told, in one message.
pub(super) struct Told<'a> {
    pub(super) from: PartyId,
    pub(super) scope: &'a str,
    pub(super) occurrence: u32,
    pub(super) fields: &'a [Field],
    pub(super) body: &'a [u8],
}

/// A sum of as many elements, and who has told one of them.
#[derive(Default)]
pub(super) struct Sum {
    pub(super) from: BTreeSet<PartyId>,
    pub(super) elements: Vec<(Algebra, u128)>,
}

/// Sums of equal places of messages, element by element, modulo what these are counted in.
pub(super) fn sums<'a>(told: impl Iterator<Item = Told<'a>>) -> BTreeMap<FieldPlace, Sum> {
    let mut sums: BTreeMap<FieldPlace, Sum> = BTreeMap::new();
    for message in told {
        for (at, field) in message.fields.iter().enumerate() {
            let place = (message.scope.to_owned(), message.occurrence, at);
            let sum = sums.entry(place).or_default();
            sum.from.insert(message.from);
            for index in 0..field.count {
                let Some(value) = element(field, message.body, index) else { break };
                match sum.elements.get_mut(index) {
                    Some((_, sum)) => *sum = plus(field.algebra, *sum, value),
                    None => sum.elements.push((field.algebra, value)),
                }
            }
        }
    }
    sums
}

/// A sum as elements have it; of what is no element, an exclusive or.
fn plus(algebra: Algebra, a: u128, b: u128) -> u128 {
    match algebra {
        Algebra::Prime(p) => {
            let (sum, carries) = a.overflowing_add(b);
            if carries || sum >= p { sum.wrapping_sub(p) } else { sum }
        }
        Algebra::Ring { bits } => {
            a.wrapping_add(b) & u128::MAX.checked_shr(128u32.saturating_sub(bits)).unwrap_or(0)
        }
        Algebra::Bits | Algebra::Bytes => a ^ b,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn places_of_messages_are_added_up_as_their_elements_are() {
        let field =
            |offset, algebra| [Field { name: "x", offset, count: 2, element_bytes: 1, algebra }];
        let told = |from: u32, scope, fields, body| Told {
            from: PartyId(from),
            scope,
            occurrence: 0,
            fields,
            body,
        };
        let (seven, byte) = (field(1, Algebra::Prime(7)), field(0, Algebra::Ring { bits: 8 }));
        let all = [
            told(0, "a", &seven, &[9u8, 5, 3][..]),
            told(1, "a", &seven, &[9, 4, 3]),
            told(2, "b", &byte, &[255, 1]),
            told(1, "b", &byte, &[2, 1]),
        ];
        let sums = sums(all.into_iter());
        let of = |scope: &str| {
            let sum = &sums[&(scope.to_owned(), 0, 0)];
            (sum.from.len(), sum.elements.iter().map(|(_, value)| *value).collect::<Vec<_>>())
        };
        assert_eq!(of("a"), (2, vec![2, 6]));
        assert_eq!(of("b"), (2, vec![1, 2]));
    }
}
