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
