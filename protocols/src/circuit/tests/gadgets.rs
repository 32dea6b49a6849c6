use proptest::prelude::*;

use super::*;

/// Widths and two numbers of that width.
fn two(max: u32) -> impl Strategy<Value = (u32, u128, u128)> {
    (1..=max, any::<u128>(), any::<u128>(), any::<bool>()).prop_map(|(width, a, b, near)| {
        let a = low(a, width);
        (
            width,
            a,
            if near { low(a.wrapping_add(b % 3).wrapping_sub(1), width) } else { low(b, width) },
        )
    })
}

proptest! {
    #[test]
    fn sums_and_differences((width, a, b) in two(128), carry in any::<bool>()) {
        for optimise in BOTH {
            let found = circuit(optimise, &[width, width, 1], |c, w| {
                let (sum, out) = c.add_with_carry(&w[0], &w[1], w[2][0]);
                let (difference, borrow) = c.subtract_with_borrow(&w[0], &w[1]);
                vec![sum, vec![out], difference, vec![borrow], c.negate(&w[0]),
                     c.negate_if(w[2][0], &w[0]), c.add(&w[0], &w[1])]
            });
            let carry_in = u128::from(carry);
            let sum = a.wrapping_add(b).wrapping_add(carry_in);
            let over = a.checked_add(b).and_then(|sum| sum.checked_add(carry_in));
            let carry_out = over.is_none_or(|sum| sum != low(sum, width));
            prop_assert_eq!(run(&found, &[a, b, carry_in]), [
                low(sum, width),
                u128::from(carry_out),
                low(a.wrapping_sub(b), width),
                u128::from(a < b),
                low(a.wrapping_neg(), width),
                if carry { low(a.wrapping_neg(), width) } else { a },
                low(a.wrapping_add(b), width),
            ]);
        }
    }

    #[test]
    fn comparisons((width, a, b) in two(128)) {
        for optimise in BOTH {
            let found = circuit(optimise, &[width, width], |c, w| {
                let bits = vec![
                    c.less(&w[0], &w[1]), c.less_signed(&w[0], &w[1]),
                    c.equal(&w[0], &w[1]), c.is_zero(&w[0]),
                ];
                let (low, high) = c.sort_pair(&w[0], &w[1], false);
                let (least, most) = c.sort_pair(&w[0], &w[1], true);
                vec![bits, low, high, least, most]
            });
            let (x, y) = (signed(a, width), signed(b, width));
            let bits = [a < b, x < y, a == b, a == 0];
            let bits = bits.iter().rev().fold(0, |all, bit| all << 1 | u128::from(*bit));
            prop_assert_eq!(run(&found, &[a, b]), [
                bits, a.min(b), a.max(b),
                low(x.min(y) as u128, width), low(x.max(y) as u128, width),
            ]);
        }
    }

    #[test]
    fn choices((width, a, b) in two(64), condition in any::<bool>()) {
        let found = circuit(Optimise::Size, &[width, width, 1], |c, w| {
            let (first, second) = c.swap(w[2][0], &w[0], &w[1]);
            vec![c.select(w[2][0], &w[0], &w[1]), first, second, vec![c.any(&w[0]), c.all(&w[0])],
                 c.and_words(&w[0], &w[1])]
        });
        let expected = if condition { [a, b, a] } else { [b, a, b] };
        let all = u128::from(a == low(u128::MAX, width)) << 1 | u128::from(a != 0);
        prop_assert_eq!(run(&found, &[a, b, u128::from(condition)]),
            [expected[0], expected[1], expected[2], all, a & b]);
    }
}

/// The ANDs and the AND depth of a gadget on two words.
fn cost(
    optimise: Optimise,
    width: u32,
    body: impl FnOnce(&mut Builder, &[Vec<Bit>]) -> Vec<Bit>,
) -> (u32, u32) {
    let counts = circuit(optimise, &[width, width], |c, w| vec![body(c, w)]).counts();
    (counts.ands, counts.and_depth)
}

#[test]
fn costs_by_size() {
    use Optimise::Size;
    for n in 2..=128 {
        assert_eq!(cost(Size, n, |c, w| c.add(&w[0], &w[1])), (n - 1, n - 1));
        assert_eq!(cost(Size, n, |c, w| c.subtract(&w[0], &w[1])), (n - 1, n - 1));
        assert_eq!(cost(Size, n, |c, w| vec![c.less(&w[0], &w[1])]), (n, n));
        assert_eq!(cost(Size, n, |c, w| vec![c.less_signed(&w[0], &w[1])]), (n, n));
        assert_eq!(cost(Size, n, |c, w| vec![c.equal(&w[0], &w[1])]), (n - 1, ceil_log2(n)));
        assert_eq!(cost(Size, n, |c, w| c.negate(&w[0])), (n - 2, n - 2));
        assert_eq!(cost(Size, n, |c, w| c.select(w[1][0], &w[0], &w[1])), (n, 1));
        assert_eq!(cost(Size, n, |c, w| c.swap(w[1][0], &w[0], &w[1]).1), (n, 1));
    }
}

#[test]
fn depths() {
    use Optimise::Depth;
    for n in 2..=128 {
        let depth = 1 + ceil_log2(n);
        assert_eq!(cost(Depth, n, |c, w| c.add(&w[0], &w[1])).1, 1 + ceil_log2(n - 1));
        let (ands, found) = cost(Depth, n, |c, w| vec![c.less(&w[0], &w[1])]);
        assert_eq!(found, depth);
        assert!(ands <= 3 * n - 2, "{ands} ANDs for {n} bits");
        assert_eq!(cost(Depth, n, |c, w| vec![c.less_signed(&w[0], &w[1])]).1, depth);
        assert_eq!(cost(Depth, n, |c, w| vec![c.equal(&w[0], &w[1])]).1, ceil_log2(n));
    }
}

#[test]
fn prefix_adders_stay_small() {
    let found: Vec<u32> =
        [8, 16, 32, 64].map(|n| cost(Optimise::Depth, n, |c, w| c.add(&w[0], &w[1])).0).to_vec();
    assert_eq!(found, [19, 57, 151, 373]);
}

proptest! {
    #[test]
    fn products_and_counts((width, a, b) in two(64)) {
        for optimise in BOTH {
            let found = circuit(optimise, &[width, width], |c, w| vec![
                c.multiply(&w[0], &w[1], width as usize),
                c.multiply(&w[0], &w[1], 2 * width as usize),
                c.multiply_signed(&w[0], &w[1]),
                c.popcount(&w[0]),
                c.sum(&[&w[0], &w[1], &w[0], &w[1], &c.constant(77, 128)], width as usize),
            ]);
            let product = signed(a, width).wrapping_mul(signed(b, width));
            prop_assert_eq!(run(&found, &[a, b]), [
                low(a.wrapping_mul(b), width),
                a * b,
                low(product as u128, 2 * width),
                u128::from(a.count_ones()),
                low(2 * (a + b) + 77, width),
            ]);
        }
    }

    #[test]
    fn products_of_unequal_words(a in 0..1u128 << 23, b in 0..1u128 << 9) {
        for optimise in BOTH {
            let found = circuit(optimise, &[23, 9], |c, w| vec![
                c.multiply(&w[0], &w[1], 32),
                c.multiply_signed(&w[0], &w[1]),
                c.multiply_signed(&w[1], &w[0]),
            ]);
            let product = low((signed(a, 23) * signed(b, 9)) as u128, 32);
            prop_assert_eq!(run(&found, &[a, b]), [a * b, product, product]);
        }
    }

    #[test]
    fn quotients((width, a, b) in two(64), bits in 0..64u32) {
        let b = b & ((1 << (bits % width + 1)) - 1);
        for optimise in BOTH {
            let found = circuit(optimise, &[width, width], |c, w| {
                let (quotient, remainder) = c.divide(&w[0], &w[1]);
                let (floor, rest) = c.divide_floor(&w[0], &w[1]);
                vec![quotient, remainder, floor, rest]
            });
            let (x, y) = (signed(a, width), signed(b, width));
            let floor = match y {
                0 => if x < 0 { 0 } else { -1 },
                _ => x.div_euclid(y) - i128::from(y < 0 && x.rem_euclid(y) != 0),
            };
            prop_assert_eq!(run(&found, &[a, b]), [
                a.checked_div(b).unwrap_or(low(u128::MAX, width)),
                a.checked_rem(b).unwrap_or(a),
                low(floor as u128, width),
                low((x - floor * y) as u128, width),
            ]);
        }
    }

    #[test]
    fn quotients_of_unequal_words(a in 0..1u128 << 21, b in 0..1u128 << 8) {
        for optimise in BOTH {
            let found = circuit(optimise, &[21, 8], |c, w| {
                let (quotient, remainder) = c.divide(&w[0], &w[1]);
                let (small, rest) = c.divide(&w[1], &w[0]);
                vec![quotient, remainder, small, rest]
            });
            prop_assert_eq!(run(&found, &[a, b]), [
                a.checked_div(b).unwrap_or((1 << 21) - 1),
                a.checked_rem(b).unwrap_or(a & 0xff),
                b.checked_div(a).unwrap_or(0xff),
                b.checked_rem(a).unwrap_or(b),
            ]);
        }
    }

    #[test]
    fn shifts((width, a, _) in two(64), amount in 0..256u32) {
        let found = circuit(Optimise::Size, &[width, 8], |c, w| {
            let sign = w[0][width as usize - 1];
            vec![
                c.shift_left(&w[0], &w[1]),
                c.shift_right(&w[0], &w[1], Bit::ZERO),
                c.shift_right(&w[0], &w[1], sign),
                c.rotate_left(&w[0], &w[1]),
                c.decode(&w[1][..4]),
            ]
        });
        let by = amount % width;
        let arithmetic = signed(a, width) >> amount.min(127);
        prop_assert_eq!(run(&found, &[a, u128::from(amount)]), [
            low(a.checked_shl(amount).unwrap_or(0), width),
            a.checked_shr(amount).unwrap_or(0),
            low(arithmetic as u128, width),
            low(a << by, width) | a >> (width - by),
            1 << (amount % 16),
        ]);
    }
}

#[test]
fn costs_of_products_and_quotients() {
    use Optimise::{Depth, Size};
    for n in 2..=64 {
        let wide = 2 * n as usize;
        let (ands, _) = cost(Size, n, |c, w| c.multiply(&w[0], &w[1], wide));
        assert_eq!(ands, 2 * n * n - n, "{n}");
        let (ands, _) = cost(Size, n, |c, w| {
            let (quotient, remainder) = c.divide(&w[0], &w[1]);
            [quotient, remainder].concat()
        });
        assert_eq!(ands, n * n + 3 * n - 3, "{n}");
        let few = &n.min(8);
        let (ands, _) = cost(Size, n, |c, w| c.decode(&w[0][..*few as usize]));
        assert_eq!(ands, (1 << few) - 2);
        let (ands, depth) = cost(Size, n, |c, w| c.popcount(&w[0]));
        assert!(ands < n && depth <= 2 * ceil_log2(n), "{ands} ANDs, depth {depth} for {n} bits");
    }
    assert_eq!(cost(Size, 64, |c, w| c.multiply(&w[0], &w[1], 64)), (4_033, 63));
    // One AND for the products, 10 stages, of which the low columns need few, and a prefix adder.
    let (_, depth) = cost(Depth, 64, |c, w| c.multiply(&w[0], &w[1], 64));
    assert_eq!(depth, 16);
    let (_, depth) = cost(Depth, 64, |c, w| {
        let (quotient, remainder) = c.divide(&w[0], &w[1]);
        [quotient, remainder].concat()
    });
    assert!(depth < 64 * 9, "{depth}");
}
