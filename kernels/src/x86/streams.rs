/// Defines sums of streams for a processor with these features.
macro_rules! streams {
    ($features:literal) => {
        /// Registers of one of many streams that are in work at a time, and their blocks.
        const STREAM: usize = 4;
        const STREAM_BLOCKS: usize = STREAM * LANES;

        #[target_feature(enable = $features)]
        pub(crate) fn sum_streams(
            leaves: &[RoundKeys],
            counter: u64,
            u: Option<&mut [Block]>,
            planes: &mut [Block],
        ) {
            match leaves.len().trailing_zeros() {
                1 => sum_streams_of::<1>(leaves, counter, u, planes),
                2 => sum_streams_of::<2>(leaves, counter, u, planes),
                3 => sum_streams_of::<3>(leaves, counter, u, planes),
                4 => sum_streams_of::<4>(leaves, counter, u, planes),
                5 => sum_streams_of::<5>(leaves, counter, u, planes),
                6 => sum_streams_of::<6>(leaves, counter, u, planes),
                7 => sum_streams_of::<7>(leaves, counter, u, planes),
                _ => sum_streams_of::<8>(leaves, counter, u, planes),
            }
        }

        /// As in portable form, a few registers of all `2^K` streams at a time.
        #[target_feature(enable = $features)]
        fn sum_streams_of<const K: usize>(
            leaves: &[RoundKeys],
            counter: u64,
            mut u: Option<&mut [Block]>,
            planes: &mut [Block],
        ) {
            let len = planes.len() / K;
            let mut state = [[[zero(); STREAM]; K]; 2];
            for start in (0..len).step_by(STREAM_BLOCKS) {
                let first = counter + start as u64;
                let sum = match u.is_some() {
                    true => sum_batch::<K, true>(leaves, first, &mut state),
                    false => sum_batch::<K, false>(leaves, first, &mut state),
                };
                let width = STREAM_BLOCKS.min(len - start);
                for (j, plane) in state[0].iter().enumerate() {
                    write(*plane, &mut planes[j * len + start..][..width]);
                }
                if let Some(u) = &mut u {
                    write(sum, &mut u[start..][..width]);
                }
            }
        }

        /// The sum of all streams, and in `sums` those of each plane. Sums of pairs, of pairs of
        /// pairs and so on are in `waiting` for their neighbours, as digits of a counter are.
        #[inline]
        #[target_feature(enable = $features)]
        fn sum_batch<const K: usize, const HAS_FIRST: bool>(
            leaves: &[RoundKeys],
            first: u64,
            [sums, waiting]: &mut [[[V; STREAM]; K]; 2],
        ) -> [V; STREAM] {
            let counters = counters(u128::from(first));
            let mut sum = counters;
            for (pair, [even, odd]) in leaves.as_chunks().0.iter().enumerate() {
                let odd = if HAS_FIRST || pair > 0 {
                    let [even, odd] = under([even, odd], [counters; 2]);
                    sum = add(even, odd);
                    odd
                } else {
                    [sum] = under([odd], [counters]);
                    sum
                };
                sums[0] = if pair == 0 { odd } else { add(odd, sums[0]) };
                let mut level = 1;
                while level < K && pair >> (level - 1) & 1 == 1 {
                    let is_first = pair >> (level - 1) == 1;
                    sums[level] = if is_first { sum } else { add(sum, sums[level]) };
                    sum = add(sum, waiting[level]);
                    level += 1;
                }
                if level < K {
                    waiting[level] = sum;
                }
            }
            sum
        }

        /// Writes registers to blocks, as many as there are.
        #[inline]
        #[target_feature(enable = $features)]
        fn write(x: [V; STREAM], blocks: &mut [Block]) {
            if let ([whole], []) = blocks.as_chunks_mut::<STREAM_BLOCKS>() {
                for (lanes, x) in whole.as_chunks_mut::<LANES>().0.iter_mut().zip(x) {
                    *lanes = cast(x);
                }
            } else {
                blocks.copy_from_slice(&cast::<_, [Block; STREAM_BLOCKS]>(x)[..blocks.len()]);
            }
        }
    };
}
pub(super) use streams;
