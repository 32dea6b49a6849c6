/// Defines what all kernels do with registers, for a processor with these features.
macro_rules! registers {
    ($features:literal) => {
        use std::arch::x86_64::{__m128i, _mm_xor_si128};

        use bytemuck::must_cast as cast;

        use crate::Block;
        use crate::aes::RoundKeys;
        use crate::half_gates::Table;
        use crate::hash::Tweak;
        use crate::local_code::Places;
        use crate::matrix::{SQUARES, Tile};
        use crate::x86::{padded, reduce};

        const ROUND_CONSTANTS: [i32; 10] =
            [0x01, 0x02, 0x04, 0x08, 0x10, 0x20, 0x40, 0x80, 0x1b, 0x36];

        /// Sums of blocks.
        #[inline]
        #[target_feature(enable = $features)]
        fn add<const W: usize>(mut a: [V; W], b: [V; W]) -> [V; W] {
            for (a, b) in a.iter_mut().zip(b) {
                *a = xor(*a, b);
            }
            a
        }

        /// The orthomorphism of [`crate::hash::sigma`].
        #[inline]
        #[target_feature(enable = $features)]
        fn sigma(x: V) -> V {
            let upper = splat(Block::from_u128(u128::MAX << 64));
            xor(shuffle32::<0x4e>(x), and(x, upper))
        }

        /// `x` where bit 0 of the block in `bits` is set, zero elsewhere.
        #[inline]
        #[target_feature(enable = $features)]
        fn if_lsb(bits: V, x: V) -> V {
            and(shift_right32::<31>(shift_left32::<31>(shuffle32::<0>(bits))), x)
        }

        /// Numbers from `first` on, `step` apart, one to a block; the lower halves wrap alone.
        #[inline]
        #[target_feature(enable = $features)]
        fn numbers<const W: usize>(first: Block, step: usize) -> [V; W] {
            let mut ramp = [Block::ZERO; LANES];
            for (lane, number) in ramp.iter_mut().enumerate() {
                *number = Block::from_u128((lane * step) as u128);
            }
            let start = add64(splat(first), cast(ramp));
            let mut numbers = [start; W];
            for (w, number) in numbers.iter_mut().enumerate() {
                *number = add64(start, splat(Block::from_u128((w * LANES * step) as u128)));
            }
            numbers
        }

        /// Tweaks from number `start` on, `step` apart.
        #[inline]
        #[target_feature(enable = $features)]
        fn tweaks<const W: usize>(first: Tweak, start: usize, step: usize) -> [V; W] {
            let index = first.index.wrapping_add((start * step) as u64);
            add(numbers(Block::from_u128(u128::from(index)), step), [splat(first.session); W])
        }

        /// Block `m` of each group in register `m`, of as many groups as it has lanes.
        #[inline]
        #[target_feature(enable = $features)]
        fn gather<const M: usize>(groups: &[[Block; M]]) -> [V; M] {
            let mut x = [zero(); M];
            for (m, x) in x.iter_mut().enumerate() {
                let mut lanes = [Block::ZERO; LANES];
                for (lane, group) in lanes.iter_mut().zip(groups) {
                    *lane = group[m];
                }
                *x = cast(lanes);
            }
            x
        }

        /// The other way round.
        #[inline]
        #[target_feature(enable = $features)]
        fn scatter<const M: usize>(x: [V; M], groups: &mut [[Block; M]]) {
            for (m, x) in x.into_iter().enumerate() {
                for (group, lane) in groups.iter_mut().zip(cast::<V, [Block; LANES]>(x)) {
                    group[m] = lane;
                }
            }
        }

        /// One round key behind another. As all columns that go into `aesenclast` are the rotated
        /// last one, its permutation of columns does nothing, and it substitutes bytes.
        #[inline]
        #[target_feature(enable = $features)]
        fn next_key(key: V, round: usize) -> V {
            let rotated = shuffle_bytes(key, splat32(0x0c0f_0e0d));
            let word = aesenclast(rotated, splat32(ROUND_CONSTANTS[round]));
            let key = xor(key, shift_left_bytes::<4>(key));
            xor(xor(key, shift_left_bytes::<8>(key)), word)
        }

        /// Encrypts registers under an expanded key each, side by side.
        #[inline]
        #[target_feature(enable = $features)]
        fn under<const N: usize, const W: usize>(
            keys: [&RoundKeys; N],
            mut x: [[V; W]; N],
        ) -> [[V; W]; N] {
            for (x, keys) in x.iter_mut().zip(keys) {
                *x = add(*x, [splat(keys[0]); W]);
            }
            for round in 1..10 {
                for (x, keys) in x.iter_mut().zip(keys) {
                    for x in x {
                        *x = aesenc(*x, splat(keys[round]));
                    }
                }
            }
            for (x, keys) in x.iter_mut().zip(keys) {
                for x in x {
                    *x = aesenclast(*x, splat(keys[10]));
                }
            }
            x
        }

        /// Encrypts registers under each register of keys, which are expanded on the way.
        #[inline]
        #[target_feature(enable = $features)]
        fn under_fresh<const M: usize>(
            mut keys: [V; KEYS],
            mut x: [[V; M]; KEYS],
        ) -> [[V; M]; KEYS] {
            for (x, key) in x.iter_mut().zip(keys) {
                *x = add(*x, [key; M]);
            }
            for round in 0..9 {
                for (x, key) in x.iter_mut().zip(&mut keys) {
                    *key = next_key(*key, round);
                    for x in x {
                        *x = aesenc(*x, *key);
                    }
                }
            }
            for (x, key) in x.iter_mut().zip(keys) {
                let key = next_key(key, 9);
                for x in x {
                    *x = aesenclast(*x, key);
                }
            }
            x
        }
    };
}
pub(super) use registers;
