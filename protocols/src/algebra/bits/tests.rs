use proptest::collection::vec;
use proptest::prelude::*;

use super::*;
use crate::algebra::{BinaryRing, Z64, Z128};
use crate::primitives::Prg;

fn bits(bools: &[bool]) -> Bits {
    bools.iter().copied().collect()
}

fn bools(bits: &Bits) -> Vec<bool> {
    bits.iter().collect()
}

/// The reference is right, and the padding is zero.
fn assert_bits(actual: &Bits, expected: &[bool]) {
    assert_eq!(bools(actual), expected);
    assert_eq!(actual, &bits(expected), "padding");
    assert_eq!(actual.words().len(), expected.len().div_ceil(64));
}

fn pairs() -> impl Strategy<Value = Vec<[bool; 4]>> {
    vec(any::<[bool; 4]>(), 0..300)
}

proptest! {
    #[test]
    fn bitwise_operations_agree_with_booleans(rows in pairs()) {
        let column = |k: usize| -> Vec<bool> { rows.iter().map(|row| row[k]).collect() };
        let [a, b, c, d] = [0, 1, 2, 3].map(|k| bits(&column(k)));
        let each = |f: fn(&[bool; 4]) -> bool| -> Vec<bool> { rows.iter().map(f).collect() };
        assert_bits(&a, &column(0));
        assert_bits(&a.xor(&b), &each(|r| r[0] ^ r[1]));
        assert_bits(&a.and(&b), &each(|r| r[0] & r[1]));
        assert_bits(&!a.clone(), &each(|r| !r[0]));
        assert_bits(
            &Bits::replicated_and([&a, &b], [&c, &d]),
            &each(|r| (r[0] & r[2]) ^ (r[0] & r[3]) ^ (r[1] & r[2])),
        );
        prop_assert_eq!(a.count_ones(), column(0).iter().filter(|bit| **bit).count());
        let elements: Vec<Z64> = a.to_elements();
        prop_assert!(elements.iter().zip(column(0)).all(|(x, bit)| x.0 == u64::from(bit)));
    }

    #[test]
    fn slices_and_concatenations_agree_with_vectors(
        a in vec(any::<bool>(), 0..300),
        b in vec(any::<bool>(), 0..300),
        from in 0usize..320,
        count in 0usize..320,
    ) {
        let (start, end) = (from.min(a.len()), (from + count).min(a.len()));
        assert_bits(&bits(&a).slice(from..from + count), &a[start..end]);
        let both = Bits::concat([&bits(&a), &bits(&b), &bits(&a)]);
        assert_bits(&both, &[&a[..], &b[..], &a[..]].concat());
        let pieces = bits(&a).split(count);
        let expected: Vec<Bits> = a.chunks(count.max(1)).map(bits).collect();
        prop_assert_eq!(pieces, expected);
        let picks = [from as u32, count as u32, 0];
        let expected = picks.map(|i| a.get(i as usize).copied().unwrap_or(false));
        assert_bits(&bits(&a).gather(&picks), &expected);
    }

    #[test]
    fn encodings_are_packed_and_come_back(a in vec(any::<bool>(), 0..300)) {
        let value = bits(&a);
        let mut bytes = vec![0xee];
        value.encode(&mut bytes);
        prop_assert_eq!(bytes.len(), 1 + a.len().div_ceil(8));
        for (index, bit) in a.iter().enumerate() {
            prop_assert_eq!((bytes[1 + index / 8] >> (index % 8)) & 1 == 1, *bit);
        }
        prop_assert_eq!(Bits::decode(&bytes[1..], &a.len()), Ok(value));
        prop_assert!(Bits::decode(&bytes, &a.len()).is_err(), "a byte too many");
    }

    #[test]
    fn planes_hold_the_bits_of_values(
        values in vec(any::<u128>(), 0..200),
        count in 0u32..=130,
    ) {
        check_planes::<Z64>(&values, count);
        check_planes::<Z128>(&values, count);
    }
}

fn check_planes<R: BinaryRing>(values: &[u128], count: u32) {
    let values: Vec<R> = values.iter().map(|value| R::from_u128(*value)).collect();
    let planes = to_planes(&values, count);
    let count = count.min(R::BITS);
    assert_eq!(planes.len(), count as usize);
    for (j, plane) in planes.iter().enumerate() {
        let column: Vec<bool> = values.iter().map(|v| (v.to_u128() >> j) & 1 == 1).collect();
        assert_bits(plane, &column);
    }
    if count > 0 {
        let mask = u128::MAX >> (128 - count);
        let low: Vec<R> = values.iter().map(|v| R::from_u128(v.to_u128() & mask)).collect();
        assert_eq!(from_planes::<R>(&planes), low);
    }
}

#[test]
fn setting_a_bit_changes_that_bit_alone() {
    let mut value = Bits::ones(70);
    value.set(65, false);
    value.set(70, true);
    assert!(!value.get(65) && !value.get(70) && !value.get(1000));
    assert_eq!(value.count_ones(), 69);
    value.set(65, true);
    assert_eq!(value, Bits::ones(70));
    assert_eq!(Bits::zeros(70), !Bits::ones(70));
}

#[test]
fn bits_behind_the_end_are_refused() {
    let ok = Bits::decode(&[0xff, 0x03], &10).expect("two bits in the last byte");
    assert_eq!(ok.count_ones(), 10);
    let error = Bits::decode(&[0xff, 0x07], &10).expect_err("an eleventh bit");
    assert_eq!(error.0, "bits behind the last one are set");
    assert!(Bits::decode(&[0xff], &10).is_err());
    assert_eq!(Bits::decode(&[], &0), Ok(Bits::default()));
}

#[test]
fn a_mutated_field_is_the_bit_with_that_index() {
    let mut body = Vec::new();
    Bits::zeros(20).encode(&mut body);
    let field = Bits::fields(&20).pop().expect("one field");
    assert!(field.mutate(&mut body, 13, |bit| bit ^ 1));
    assert!(!field.mutate(&mut body, 20, |bit| bit ^ 1));
    let decoded = Bits::decode(&body, &20).expect("still canonical");
    assert!(decoded.get(13) && decoded.count_ones() == 1);
}

#[test]
fn random_bits_are_balanced_and_repeatable() {
    let draw = || Bits::random(10_001, &mut Prg::new([9; 32], b"bits"));
    let ones = draw().count_ones();
    // Six standard deviations of a fair coin.
    assert!((4700..=5300).contains(&ones), "{ones}");
    assert_eq!(draw(), draw());
    assert_eq!(draw().words()[156] >> (10_001 % 64), 0);
}
