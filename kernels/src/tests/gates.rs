use super::{LENGTHS, blocks, groups, same_at_all_levels};
use crate::half_gates::{TABLE_BLOCKS, Table, evaluate_ands, garble_ands};
use crate::{Block, Level, Tweak};

const FIRST: Tweak = Tweak { session: Block::from_u128(0x1234 << 70), index: 77 };

fn garbled(delta: Block, inputs: &[[Block; 2]]) -> (Vec<Table>, Vec<Block>) {
    let mut tables = vec![[Block::ZERO; TABLE_BLOCKS]; inputs.len()];
    let mut outputs = vec![Block::ZERO; inputs.len()];
    garble_ands(delta, FIRST, inputs, &mut tables, &mut outputs);
    (tables, outputs)
}

#[test]
fn garbled_gates_evaluate_to_and() {
    assert_eq!(size_of::<Table>(), 32);
    let delta = blocks(1, 3)[2].with_lsb();
    for (level, len) in
        Level::available().into_iter().flat_map(|level| LENGTHS.map(|len| (level, len)))
    {
        let inputs: Vec<[Block; 2]> = groups(2, len);
        let (tables, zeros) = level.run(|| garbled(delta, &inputs));
        for bits in [[false, false], [false, true], [true, false], [true, true]] {
            let active: Vec<[Block; 2]> = inputs
                .iter()
                .map(|[a, b]| [*a ^ delta.if_set(bits[0]), *b ^ delta.if_set(bits[1])])
                .collect();
            let mut outputs = vec![Block::ZERO; len];
            level.run(|| evaluate_ands(FIRST, &active, &tables, &mut outputs));
            for (output, zero) in outputs.into_iter().zip(&zeros) {
                let expected = *zero ^ delta.if_set(bits[0] && bits[1]);
                assert_eq!(output, expected, "{} {bits:?} {len}", level.name());
            }
        }
    }
}

#[test]
fn gates_are_the_same_at_all_levels() {
    let delta = blocks(3, 3)[2].with_lsb();
    for len in LENGTHS {
        same_at_all_levels(|| garbled(delta, &groups(4, len)));
        same_at_all_levels(|| {
            let mut outputs = vec![Block::ZERO; len];
            evaluate_ands(FIRST, &groups(5, len), &groups(6, len), &mut outputs);
            outputs
        });
    }
}

/// A layer can be garbled in parts, and a gate's number says its tweaks.
#[test]
fn a_gate_depends_on_its_number_alone() {
    let delta = blocks(7, 3)[2].with_lsb();
    let inputs: Vec<[Block; 2]> = groups(8, 50);
    let (tables, outputs) = garbled(delta, &inputs);
    for (j, input) in inputs.iter().enumerate() {
        let first = Tweak { index: FIRST.index + j as u64, ..FIRST };
        let mut table = [[Block::ZERO; TABLE_BLOCKS]];
        let mut output = [Block::ZERO];
        garble_ands(delta, first, &[*input], &mut table, &mut output);
        assert_eq!((table[0], output[0]), (tables[j], outputs[j]));
    }
    let moved = Tweak { index: FIRST.index + 1, ..FIRST };
    let mut others = tables.clone();
    let mut other_outputs = outputs.clone();
    garble_ands(delta, moved, &inputs, &mut others, &mut other_outputs);
    assert!(tables.iter().zip(&others).all(|(one, other)| one != other));
}

#[test]
#[should_panic(expected = "permute bits of two labels differ")]
fn an_offset_without_its_permute_bit_is_refused() {
    garble_ands(Block::from_u128(2), FIRST, &[], &mut [], &mut []);
}
