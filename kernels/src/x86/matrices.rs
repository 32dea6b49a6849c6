/// Defines transpositions and products for a processor with these features.
macro_rules! matrices {
    ($features:literal) => {
        /// Registers that a row of a tile fills.
        const PARTS: usize = SQUARES / LANES;

        /// What a transposition keeps between its two halves.
        type Middle = [[[[V; 8]; 2]; 8]; PARTS];

        /// Thrice a step of a perfect shuffle, in which bits of registers' numbers change places
        /// with bits of bytes' numbers: from `x[r2 r1 r0]`, byte `c3 c2 c1 c0`, to `x[c3 c2 c1]`,
        /// byte `c0 r2 r1 r0`.
        #[inline]
        #[target_feature(enable = $features)]
        fn shuffle(mut x: [V; 8]) -> [V; 8] {
            for _ in 0..3 {
                let [a, b, c, d, e, f, g, h] = x;
                let [low_a, high_a] = [unpack_low(a, e), unpack_high(a, e)];
                let [low_b, high_b] = [unpack_low(b, f), unpack_high(b, f)];
                let [low_c, high_c] = [unpack_low(c, g), unpack_high(c, g)];
                let [low_d, high_d] = [unpack_low(d, h), unpack_high(d, h)];
                x = [low_a, high_a, low_b, high_b, low_c, high_c, low_d, high_d];
            }
            x
        }

        /// Transposes the squares of a tile: bytes of eight rows come together, are transposed as
        /// squares of 8 x 8 bits, and bytes of all rows come together. Lane `l` of a register of
        /// row `r` and part `p` has that row of square `p LANES + l`.
        #[inline]
        #[target_feature(enable = $features)]
        fn transpose(
            middle: &mut Middle,
            load: impl Fn(usize, usize) -> V,
            mut store: impl FnMut(usize, usize, V),
        ) {
            for group in 0..16 {
                for (part, middle) in middle.iter_mut().enumerate() {
                    let mut rows = [zero(); 8];
                    for (i, row) in rows.iter_mut().enumerate() {
                        *row = load(8 * group + eighth(i), part);
                    }
                    for (middle, row) in middle.iter_mut().zip(shuffle(rows)) {
                        middle[group / 8][group % 8] = transpose_bits(row);
                    }
                }
            }
            for (part, middle) in middle.iter().enumerate() {
                for (k, [upper, lower]) in middle.iter().enumerate() {
                    let pairs = shuffle(*upper).into_iter().zip(shuffle(*lower));
                    for (i, (upper, lower)) in pairs.enumerate() {
                        store(16 * k + 2 * i, part, unpack_low64(upper, lower));
                        store(16 * k + 2 * i + 1, part, unpack_high64(upper, lower));
                    }
                }
            }
        }

        #[target_feature(enable = $features)]
        pub(crate) fn transpose_rows(rows: &[Block], stride: usize, tiles: &mut [Tile]) {
            let mut middle = [[[[zero(); 8]; 2]; 8]; PARTS];
            for (t, columns) in tiles.iter_mut().enumerate() {
                let place = |r, part| r * stride + t * SQUARES + part * LANES;
                let load = |r, part| cast(padded::<Block, LANES>(&rows[place(r, part)..][..LANES]));
                transpose(&mut middle, load, |i, part, x| {
                    let columns = &mut columns.as_chunks_mut::<LANES>().0[part];
                    for (column, lane) in columns.iter_mut().zip(cast::<V, [Block; LANES]>(x)) {
                        column[i] = lane;
                    }
                });
            }
        }

        #[target_feature(enable = $features)]
        pub(crate) fn transpose_columns(tiles: &[Tile], rows: &mut [Block], stride: usize) {
            let mut middle = [[[[zero(); 8]; 2]; 8]; PARTS];
            for (t, columns) in tiles.iter().enumerate() {
                let place = |r, part| r * stride + t * SQUARES + part * LANES;
                let load = |i: usize, part: usize| {
                    let columns = &columns.as_chunks::<LANES>().0[part];
                    let mut lanes = [Block::ZERO; LANES];
                    for (lane, column) in lanes.iter_mut().zip(columns) {
                        *lane = column[i];
                    }
                    cast(lanes)
                };
                transpose(&mut middle, load, |r, part, x| {
                    let lanes = cast::<V, [Block; LANES]>(x);
                    rows[place(r, part)..][..LANES].copy_from_slice(&lanes);
                });
            }
        }

        /// Adds to sums of products of polynomials at `x^0`, `x^64` and `x^128`.
        #[inline]
        #[target_feature(enable = $features)]
        fn add_product([low, middle, high]: [V; 3], a: V, b: V) -> [V; 3] {
            let crossed = xor(clmul::<0x01>(a, b), clmul::<0x10>(a, b));
            [xor(low, clmul::<0x00>(a, b)), xor(middle, crossed), xor(high, clmul::<0x11>(a, b))]
        }

        #[target_feature(enable = $features)]
        pub(crate) fn inner_product(a: &[Block], b: &[Block]) -> Block {
            let ((a, a_rest), (b, b_rest)) = (a.as_chunks::<LANES>(), b.as_chunks::<LANES>());
            let mut sums = [zero(); 3];
            for (a, b) in a.iter().zip(b) {
                sums = add_product(sums, cast(*a), cast(*b));
            }
            if !a_rest.is_empty() {
                let [a, b] = [a_rest, b_rest].map(padded::<Block, LANES>);
                sums = add_product(sums, cast(a), cast(b));
            }
            let [low, middle, high] = sums.map(|lanes| {
                let lanes: [Block; LANES] = cast(lanes);
                lanes.iter().fold(0, |sum, lane| sum ^ lane.to_u128())
            });
            reduce(low ^ (middle << 64), high ^ (middle >> 64))
        }
    };
}
pub(super) use matrices;
