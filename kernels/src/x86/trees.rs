/// Defines trees of seeds and sums of places for a processor with these features.
macro_rules! trees {
    ($features:literal) => {
        /// Registers of parents that are in work at a time, and their nodes.
        const TREE: usize = 4;
        const PARENTS: usize = TREE * LANES;

        /// The left and the right children of nodes.
        #[inline]
        #[target_feature(enable = $features)]
        fn both_children(sides: [&RoundKeys; 2], mut x: [V; TREE]) -> [[V; TREE]; 2] {
            for x in &mut x {
                *x = sigma(*x);
            }
            let [left, right] = under(sides, [x; 2]);
            [add(left, x), add(right, x)]
        }

        /// Children in turn, left and right.
        #[inline]
        #[target_feature(enable = $features)]
        fn in_turn([left, right]: [[V; TREE]; 2]) -> [Block; 2 * PARENTS] {
            let mut pairs = [[zero(); 2]; TREE];
            for (pair, (left, right)) in pairs.iter_mut().zip(left.into_iter().zip(right)) {
                *pair = interleave(left, right);
            }
            cast(pairs)
        }

        /// From the last parents to the first: children overwrite none that is still to come.
        #[target_feature(enable = $features)]
        pub(crate) fn double(sides: [&RoundKeys; 2], nodes: &mut [Block]) -> [Block; 2] {
            let parents = nodes.len() / 2;
            let batches = parents / PARENTS;
            let done = batches * PARENTS;
            let mut sums = [Block::ZERO; 2];
            if done < parents {
                let x = cast(padded::<Block, PARENTS>(&nodes[done..parents]));
                let children = in_turn(both_children(sides, x));
                let children = &children[..2 * (parents - done)];
                nodes[2 * done..2 * parents].copy_from_slice(children);
                for pair in children.as_chunks::<2>().0 {
                    sums[0] ^= pair[0];
                    sums[1] ^= pair[1];
                }
            }
            let mut wide = [[zero(); TREE]; 2];
            let nodes = nodes.as_chunks_mut::<PARENTS>().0;
            for batch in (0..batches).rev() {
                let children = both_children(sides, cast(nodes[batch]));
                for (wide, children) in wide.iter_mut().zip(children) {
                    *wide = add(*wide, children);
                }
                let written: [[Block; PARENTS]; 2] = cast(in_turn(children));
                nodes[2 * batch] = written[0];
                nodes[2 * batch + 1] = written[1];
            }
            for (sum, wide) in sums.iter_mut().zip(wide) {
                let lanes: [Block; PARENTS] = cast(wide);
                *sum = lanes.into_iter().fold(*sum, |sum, lane| sum ^ lane);
            }
            sums
        }

        /// Looks at all pairs alike.
        #[target_feature(enable = $features)]
        pub(crate) fn add_to_pair(at: usize, added: [Block; 2], pairs: &mut [[Block; 2]]) {
            let added: [u64; 4] = cast(added);
            for (index, pair) in pairs.iter_mut().enumerate() {
                let mask = u64::from(index == at).wrapping_neg();
                let words: &mut [u64; 4] = bytemuck::must_cast_mut(pair);
                for (word, added) in words.iter_mut().zip(added) {
                    *word ^= added & mask;
                }
            }
        }

        #[target_feature(enable = $features)]
        pub(crate) fn add_places(places: &Places, secret: &[Block], rows: &mut [Block]) {
            for (row, places) in rows.iter_mut().zip(places) {
                let mut sum: __m128i = cast(*row);
                for place in places {
                    sum = _mm_xor_si128(sum, cast(secret[*place as usize]));
                }
                *row = cast(sum);
            }
        }

        #[target_feature(enable = $features)]
        pub(crate) fn bits_at(places: &Places, bits: &[u64]) -> u64 {
            crate::portable::bits_at(places, bits)
        }
    };
}
pub(super) use trees;
