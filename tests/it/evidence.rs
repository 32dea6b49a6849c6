//! Mathematics that stands in two rooms agrees: fields whose modulus is a number (`evidence`) with
//! the fields that protocols compute in, whose modulus is a type.

use mpclab::evidence::prime::Prime;
use mpclab::protocols::algebra::{M61, P128, PrimeField, Ring};
use mpclab::protocols::primitives::Prg;

fn agrees_with<F: PrimeField>() {
    let field = Prime::new(F::MODULUS).unwrap();
    let mut rng = Prg::new([1; 32], b"prime");
    let edges = [F::ZERO, F::ONE, -F::ONE, F::from_u128(u128::from(u64::MAX))];
    let drawn: Vec<F> = (0..40).map(|_| F::random(&mut rng)).chain(edges).collect();
    for a in &drawn {
        for b in &drawn {
            let (x, y) = (a.to_u128(), b.to_u128());
            assert_eq!(field.add(x, y), (*a + *b).to_u128());
            assert_eq!(field.sub(x, y), (*a - *b).to_u128());
            assert_eq!(field.mul(x, y), (*a * *b).to_u128());
        }
        let inverse = a.inv().map_or(0, Ring::to_u128);
        assert_eq!(field.inv(a.to_u128()), inverse);
    }
}

#[test]
fn fields_by_number_agree_with_fields_by_type() {
    agrees_with::<M61>();
    agrees_with::<P128>();
}
