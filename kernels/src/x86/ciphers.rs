/// Defines ciphers and hashes for a processor with these features.
macro_rules! ciphers {
    ($features:literal) => {
        /// Registers under one key that are in work at a time, and their blocks.
        const WIDE: usize = 8;
        const BATCH: usize = WIDE * LANES;
        /// Groups of blocks, each under its own key, that are in work at a time.
        const GROUPS: usize = KEYS * LANES;

        /// Replaces blocks by what `f` makes of them, a batch at a time; it is told the number of
        /// the first block.
        #[inline]
        #[target_feature(enable = $features)]
        fn in_batches(blocks: &mut [Block], f: impl Fn(usize, [V; WIDE]) -> [V; WIDE]) {
            let (batches, rest) = blocks.as_chunks_mut::<BATCH>();
            let done = batches.len() * BATCH;
            for (i, batch) in batches.iter_mut().enumerate() {
                *batch = cast(f(i * BATCH, cast(*batch)));
            }
            if !rest.is_empty() {
                let batch: [Block; BATCH] = cast(f(done, cast(padded::<Block, BATCH>(rest))));
                rest.copy_from_slice(&batch[..rest.len()]);
            }
        }

        /// The same with groups of blocks.
        #[inline]
        #[target_feature(enable = $features)]
        fn in_groups<const M: usize>(
            groups: &mut [[Block; M]],
            f: impl Fn(usize, [[V; M]; KEYS]) -> [[V; M]; KEYS],
        ) {
            let (batches, rest) = groups.as_chunks_mut::<GROUPS>();
            let done = batches.len() * GROUPS;
            for (i, batch) in batches.iter_mut().enumerate() {
                group_batch(i * GROUPS, batch, &f);
            }
            if !rest.is_empty() {
                let mut batch = padded(rest);
                group_batch(done, &mut batch, &f);
                rest.copy_from_slice(&batch[..rest.len()]);
            }
        }

        #[inline]
        #[target_feature(enable = $features)]
        fn group_batch<const M: usize>(
            start: usize,
            batch: &mut [[Block; M]; GROUPS],
            f: impl Fn(usize, [[V; M]; KEYS]) -> [[V; M]; KEYS],
        ) {
            let mut x = [[zero(); M]; KEYS];
            for (x, groups) in x.iter_mut().zip(batch.as_chunks::<LANES>().0) {
                *x = gather(groups);
            }
            for (x, groups) in f(start, x).into_iter().zip(batch.as_chunks_mut::<LANES>().0) {
                scatter(x, groups);
            }
        }

        #[target_feature(enable = $features)]
        pub(crate) fn expand_key(key: Block) -> RoundKeys {
            let mut round_keys = [key; 11];
            let mut key = splat(key);
            for (round, round_key) in round_keys[1..].iter_mut().enumerate() {
                key = next_key(key, round);
                *round_key = cast::<V, [Block; LANES]>(key)[0];
            }
            round_keys
        }

        #[target_feature(enable = $features)]
        pub(crate) fn encrypt(round_keys: &RoundKeys, blocks: &mut [Block]) {
            in_batches(blocks, |_, x| under([round_keys], [x])[0]);
        }

        #[target_feature(enable = $features)]
        pub(crate) fn encrypt_each<const M: usize>(keys: &[Block], blocks: &mut [[Block; M]]) {
            in_groups(blocks, |start, x| {
                let keys = &keys[start..];
                under_fresh(cast(padded::<Block, GROUPS>(&keys[..keys.len().min(GROUPS)])), x)
            });
        }

        /// Blocks of a stream before they are encrypted.
        #[inline]
        #[target_feature(enable = $features)]
        fn counters<const W: usize>(first: u128) -> [V; W] {
            let reverse = splat(Block::from_u128(0x0001_0203_0405_0607_0809_0a0b_0c0d_0e0f));
            let mut x = numbers::<W>(Block::from_u128(first), 1);
            for x in &mut x {
                *x = shuffle_bytes(*x, reverse);
            }
            x
        }

        #[target_feature(enable = $features)]
        pub(crate) fn stream(round_keys: &RoundKeys, first: u128, blocks: &mut [Block]) {
            if (first as u64).checked_add((blocks.len() + BATCH) as u64).is_none() {
                // A carry into the upper half, once in 2^64 blocks.
                return crate::portable::stream(round_keys, first, blocks);
            }
            in_batches(blocks, |start, _| {
                under([round_keys], [counters(first + start as u128)])[0]
            });
        }

        #[target_feature(enable = $features)]
        pub(crate) fn tccr<const M: usize>(first: Tweak, blocks: &mut [[Block; M]]) {
            in_groups(blocks, |start, mut x| {
                for x in x.as_flattened_mut() {
                    *x = sigma(*x);
                }
                let mut y = under_fresh(tweaks(first, start, 1), x);
                for (y, x) in y.iter_mut().zip(x) {
                    *y = add(*y, x);
                }
                y
            });
        }

        #[target_feature(enable = $features)]
        pub(crate) fn mmo(round_keys: &RoundKeys, blocks: &mut [Block]) {
            in_batches(blocks, |_, mut x| {
                for x in &mut x {
                    *x = sigma(*x);
                }
                add(under([round_keys], [x])[0], x)
            });
        }

        #[target_feature(enable = $features)]
        pub(crate) fn tmmo(round_keys: &RoundKeys, first: Tweak, blocks: &mut [Block]) {
            in_batches(blocks, |start, x| {
                let [inner] = under([round_keys], [x]);
                let [outer] = under([round_keys], [add(inner, tweaks(first, start, 1))]);
                add(outer, inner)
            });
        }
    };
}
pub(super) use ciphers;
