/// Defines half-gates for a processor with these features.
macro_rules! gates {
    ($features:literal) => {
        /// Gates that are in work at a time.
        const GATES: usize = GROUPS / 2;

        #[target_feature(enable = $features)]
        pub(crate) fn garble_ands(
            delta: Block,
            first: Tweak,
            inputs: &[[Block; 2]],
            tables: &mut [Table],
            outputs: &mut [Block],
        ) {
            let (inputs, rest) = inputs.as_chunks();
            let (tables, table_rest) = tables.as_chunks_mut();
            let (outputs, output_rest) = outputs.as_chunks_mut();
            let done = inputs.len() * GATES;
            for (i, ((inputs, tables), outputs)) in
                inputs.iter().zip(tables).zip(outputs).enumerate()
            {
                garble_batch(delta, both_halves(first, i * GATES), inputs, tables, outputs);
            }
            if !rest.is_empty() {
                let (mut tables, mut outputs) = ([[Block::ZERO; 2]; GATES], [Block::ZERO; GATES]);
                let keys = both_halves(first, done);
                garble_batch(delta, keys, &padded(rest), &mut tables, &mut outputs);
                table_rest.copy_from_slice(&tables[..rest.len()]);
                output_rest.copy_from_slice(&outputs[..rest.len()]);
            }
        }

        #[target_feature(enable = $features)]
        pub(crate) fn evaluate_ands(
            first: Tweak,
            inputs: &[[Block; 2]],
            tables: &[Table],
            outputs: &mut [Block],
        ) {
            let ((inputs, rest), (tables, table_rest)) = (inputs.as_chunks(), tables.as_chunks());
            let (outputs, output_rest) = outputs.as_chunks_mut();
            let done = inputs.len() * GATES;
            for (i, ((inputs, tables), outputs)) in
                inputs.iter().zip(tables).zip(outputs).enumerate()
            {
                evaluate_batch(both_halves(first, i * GATES), inputs, tables, outputs);
            }
            if !rest.is_empty() {
                let mut outputs = [Block::ZERO; GATES];
                let keys = both_halves(first, done);
                evaluate_batch(keys, &padded(rest), &padded(table_rest), &mut outputs);
                output_rest.copy_from_slice(&outputs[..rest.len()]);
            }
        }

        /// Tweaks of gates from number `start` on: of half-gates `2j` of as many as there are
        /// lanes, of their half-gates `2j + 1`, and so on.
        #[inline]
        #[target_feature(enable = $features)]
        fn both_halves(first: Tweak, start: usize) -> [V; KEYS] {
            let one = splat(Block::from_u128(1));
            let even: [V; KEYS / 2] = tweaks(first, start, 2);
            let mut both = [one; KEYS];
            for (both, even) in both.as_chunks_mut().0.iter_mut().zip(even) {
                *both = [even, xor(even, one)];
            }
            both
        }

        #[inline]
        #[target_feature(enable = $features)]
        fn garble_batch(
            delta: Block,
            keys: [V; KEYS],
            inputs: &[[Block; 2]; GATES],
            tables: &mut [Table; GATES],
            outputs: &mut [Block; GATES],
        ) {
            let delta = splat(delta);
            let sigma_delta = sigma(delta);
            let mut x = [[zero(); 2]; KEYS];
            for (x, inputs) in x.as_chunks_mut().0.iter_mut().zip(inputs.as_chunks::<LANES>().0) {
                let [a, b] = gather(inputs);
                let [a, b] = [sigma(a), sigma(b)];
                *x = [[a, xor(a, sigma_delta)], [b, xor(b, sigma_delta)]];
            }
            let y = under_fresh(keys, x);
            for (g, inputs) in inputs.as_chunks::<LANES>().0.iter().enumerate() {
                let [a, b] = gather(inputs);
                let [[a0, a1], [b0, b1]] = [y[2 * g], y[2 * g + 1]];
                // sigma is linear: the sum of two hashes is that of two encryptions and this.
                let [sum_a, sum_b] =
                    [[a0, a1], [b0, b1]].map(|[y0, y1]| xor(xor(y0, y1), sigma_delta));
                // The garbler's half: p_b is known. The evaluator's: b ^ p_b becomes known.
                let garbler = xor(sum_a, if_lsb(b, delta));
                scatter([garbler, xor(sum_b, a)], &mut tables[g * LANES..][..LANES]);
                let hashes = xor(xor(a0, b0), sigma(xor(a, b)));
                let output = xor(hashes, xor(if_lsb(a, garbler), if_lsb(b, sum_b)));
                outputs.as_chunks_mut::<LANES>().0[g] = cast(output);
            }
        }

        #[inline]
        #[target_feature(enable = $features)]
        fn evaluate_batch(
            keys: [V; KEYS],
            inputs: &[[Block; 2]; GATES],
            tables: &[Table; GATES],
            outputs: &mut [Block; GATES],
        ) {
            let mut x = [[zero(); 1]; KEYS];
            for (x, inputs) in x.as_chunks_mut().0.iter_mut().zip(inputs.as_chunks::<LANES>().0) {
                let [a, b] = gather(inputs);
                *x = [[sigma(a)], [sigma(b)]];
            }
            let y = under_fresh(keys, x);
            for (g, inputs) in inputs.as_chunks::<LANES>().0.iter().enumerate() {
                let [a, b] = gather(inputs);
                let [garbler, evaluator] = gather(&tables[g * LANES..][..LANES]);
                let hashes = xor(xor(y[2 * g][0], y[2 * g + 1][0]), sigma(xor(a, b)));
                let halves = xor(if_lsb(a, garbler), if_lsb(b, xor(evaluator, a)));
                outputs.as_chunks_mut::<LANES>().0[g] = cast(xor(hashes, halves));
            }
        }
    };
}
pub(super) use gates;
