//! Circuits of programs for other tools: one word for each column and output that people know, and
//! what its bits stand for.

use super::{Circuit, CircuitError, InputWord, Lowered, OutputWord, Word};
use crate::program::{Decoding, InputDecl, Operation, OutputDecl, Program, Recipients, Type};

/// A circuit whose words are those of a program, wide numbers in one piece.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Whole {
    /// The circuit.
    pub circuit: Circuit,
    /// What its input words are, in order, for people.
    pub inputs: Vec<String>,
    /// What its output words are.
    pub outputs: Vec<String>,
}

/// Joins the halves of wide numbers, number by number, and says what each word is.
///
/// # Errors
/// None for what [`super::lower`] made of this program.
pub fn whole(program: &Program, lowered: &Lowered) -> Result<Whole, CircuitError> {
    let circuit = &lowered.circuit;
    let Inward { words, told: inputs, renamed } = inward(lowered);
    let wire = |wire: u32| renamed.get(wire as usize).copied().unwrap_or(wire);
    let gates = circuit.gates().iter().map(|gate| gate.map(wire)).collect();
    let (mut results, mut outputs) = (Vec::new(), Vec::new());
    for (at, word) in circuit.outputs().iter().enumerate() {
        let mut wires: Vec<u32> = word.wires.iter().copied().map(wire).collect();
        outputs.push(match program.outputs().get(at) {
            None => format!("{} bits of what stays secret", wires.len()),
            Some(output) => {
                let width = wires.len() / output.len.max(1);
                if let Decoding::Limbs { bits, .. } = output.decoding {
                    let limbs = wires.chunks(width).zip(limb_widths(program, output, width, bits));
                    wires = limbs.flat_map(|(limb, bits)| limb[..bits].to_vec()).collect();
                }
                let signed = program.nodes()[output.node.index()].range.lo < 0;
                result(output, Word { width: width as u32, signed }, wires.len())
            }
        });
        results.push(OutputWord { name: word.name.clone(), wires });
    }
    Ok(Whole { circuit: Circuit::new(words, gates, results)?, inputs, outputs })
}

/// The input words, and where each input wire of the program's circuit goes.
struct Inward {
    words: Vec<InputWord>,
    told: Vec<String>,
    renamed: Vec<u32>,
}

fn inward(lowered: &Lowered) -> Inward {
    let (circuit, columns) = (&lowered.circuit, lowered.words.columns());
    let (mut words, mut told) = (Vec::new(), Vec::new());
    let mut renamed: Vec<u32> = (0..circuit.input_wires()).collect();
    let (mut start, mut at) = (0, 0);
    while let Some((decl, _)) = columns.get(at) {
        let limbs = limbs(&columns[at..]);
        let (width, len) = (limbs.iter().map(|(_, word)| word.width).sum(), decl.len as u32);
        let (mut old, mut below) = (start, 0);
        for (_, word) in limbs {
            for row in 0..len {
                for bit in 0..word.width {
                    renamed[old as usize] = start + row * width + below + bit;
                    old += 1;
                }
            }
            below += word.width;
        }
        start = old;
        let name = format!("{}@{}", decl.column(), decl.party);
        words.push(InputWord { name, width: width * len });
        told.push(input(decl, limbs, width));
        at += limbs.len();
    }
    // Random bits stay where they are, behind the columns.
    let random = &circuit.inputs()[columns.len()..];
    told.extend(random.iter().map(|word| format!("{} random bits", word.width)));
    words.extend(random.iter().cloned());
    Inward { words, told, renamed }
}

/// The columns of the first one's number: itself, or the limbs of a wide one.
fn limbs(columns: &[(InputDecl, Word)]) -> &[(InputDecl, Word)] {
    let Some((first, _)) = columns.first() else { return columns };
    let belongs = |(decl, _): &&(InputDecl, Word)| {
        let is_limb = matches!(decl.ty, Type::Limb { at, .. } if at > 0);
        is_limb && decl.party == first.party && decl.column() == first.column()
    };
    let more = columns[1..].iter().take_while(belongs).count();
    &columns[..=more]
}

/// Bits of each limb of an output that is one wide number; all are vectors of `width` bits.
fn limb_widths(program: &Program, output: &OutputDecl, width: usize, bits: u32) -> Vec<usize> {
    let mut widths = vec![(bits as usize).min(width); output.len];
    if let Some(highest) = widths.last_mut() {
        *highest = match &program.nodes()[output.node.index()].operation {
            Operation::Concat(parts) => parts.last().map_or(width, |part| {
                let range = program.nodes()[part.index()].range;
                (Word::of(range).width as usize).min(width)
            }),
            _ => width,
        };
    }
    widths
}

fn sign(signed: bool) -> &'static str {
    if signed { "two's complement" } else { "without sign" }
}

fn input(decl: &InputDecl, limbs: &[(InputDecl, Word)], width: u32) -> String {
    let of = match decl.len {
        1 => String::new(),
        len => format!("{len} values of "),
    };
    let signed = limbs.last().is_some_and(|(_, word)| word.signed);
    let what = match decl.ty {
        Type::Word => format!("a number of {} bits without sign", decl.len),
        Type::Bit => format!("{of}1 bit"),
        Type::Int { .. } | Type::Limb { .. } => format!("{of}{width} bits, {}", sign(signed)),
        Type::Fixed { frac, .. } => {
            format!("{of}{width} bits, {}, {frac} of them fractional", sign(signed))
        }
        Type::Decimal { decimals, .. } => {
            format!("{of}{width} bits, {}, in units of 10^-{decimals}", sign(signed))
        }
    };
    format!("`{}` of party {}: {what}", decl.column(), decl.party)
}

fn result(output: &OutputDecl, word: Word, wires: usize) -> String {
    let Word { width, signed } = word;
    let of = match output.len {
        1 => String::new(),
        len => format!("{len} values of "),
    };
    let what = match output.decoding {
        Decoding::Word => format!("a number of {wires} bits without sign"),
        Decoding::Limbs { signed, .. } => format!("{wires} bits, {}", sign(signed)),
        Decoding::Integer => format!("{of}{width} bits, {}", sign(signed)),
        Decoding::Fixed { frac } => {
            format!("{of}{width} bits, {}, {frac} of them fractional", sign(signed))
        }
        Decoding::Decimal { decimals } => {
            format!("{of}{width} bits, {}, in units of 10^-{decimals}", sign(signed))
        }
        Decoding::Quotient { divisor } => {
            format!("{of}{width} bits, {}, in units of 1/{divisor}", sign(signed))
        }
    };
    let to = match &output.to {
        Recipients::All => String::new(),
        Recipients::These(parties) => format!(", for output parties {parties:?} alone"),
    };
    format!("`{}`: {what}{to}", output.name)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::algebra::bits::Bits;
    use crate::circuit::{Optimise, lower};
    use crate::program::{Builder, Halves};

    /// The larger of two numbers of this width, from words and back.
    fn larger(bits: u32, signed: bool, a: u128, b: u128) -> u128 {
        let mut builder = Builder::new();
        let halves = Halves { bits, signed };
        let x = builder.input_wide("x", 0, 1, halves).expect("allowed");
        let y = builder.input_wide("x", 1, 1, halves).expect("allowed");
        let less = builder.less_wide(&x, &y).expect("narrow limbs");
        let larger = builder.select_wide(less, &y, &x).expect("alike");
        builder.output_wide("larger", &larger, Decoding::Integer).expect("new");
        let program = builder.finish().expect("it has an output");
        let lowered = lower(&program, Optimise::Size).expect("small");
        let Whole { circuit, inputs, outputs } = whole(&program, &lowered).expect("a circuit");
        let widths: Vec<u32> = circuit.inputs().iter().map(|word| word.width).collect();
        assert_eq!(widths, [bits, bits]);
        let sign = sign(signed);
        assert_eq!(inputs[1], format!("`x` of party 1: {bits} bits, {sign}"));
        assert_eq!(outputs, [format!("`larger`: {bits} bits, {sign}")]);
        assert_eq!(circuit.counts(), lowered.circuit.counts(), "only names change");
        let word = |number: u128| (0..bits).map(move |bit| number >> bit & 1 == 1);
        let input: Bits = word(a).chain(word(b)).collect();
        let output = circuit.evaluate(&input, 1).expect("as many bits");
        assert_eq!(output.len(), bits as usize);
        output.iter().enumerate().map(|(at, bit)| u128::from(bit) << at).sum()
    }

    #[test]
    fn halves_of_wide_numbers_are_one_word() {
        assert_eq!(larger(128, false, u128::MAX, 1 << 127), u128::MAX);
        assert_eq!(larger(128, false, 1, 1 << 64), 1 << 64);
        assert_eq!(larger(65, false, (1 << 65) - 1, 7), (1 << 65) - 1);
        let minus_one = u128::MAX >> 1;
        assert_eq!(larger(127, true, minus_one, 3), 3, "-1 is less");
        assert_eq!(larger(128, true, u128::MAX - 1, u128::MAX), u128::MAX);
    }

    #[test]
    fn values_of_a_vector_stay_in_order() {
        let mut builder = Builder::new();
        let wide = Halves { bits: 100, signed: false };
        let x = builder.input_wide("x", 0, 2, wide).expect("allowed");
        let cents = Type::Decimal { bits: 9, decimals: 2 };
        let price = builder.input("price", 0, 3, cents).expect("new");
        let mut picked = Vec::new();
        for limb in x.limbs() {
            picked.push(builder.gather(*limb, vec![1]).expect("there"));
        }
        let second = builder.concat(picked).expect("two");
        builder.output("second", second, Decoding::Limbs { bits: 50, signed: false }).expect("new");
        builder.output("prices", price, Decoding::Decimal { decimals: 2 }).expect("new");
        let program = builder.finish().expect("it has outputs");
        let lowered = lower(&program, Optimise::Size).expect("small");
        let Whole { circuit, inputs, outputs } = whole(&program, &lowered).expect("a circuit");
        assert_eq!(
            inputs,
            [
                "`x` of party 0: 2 values of 100 bits, without sign",
                "`price` of party 0: 3 values of 9 bits, two's complement, in units of 10^-2"
            ]
        );
        assert_eq!(
            outputs,
            [
                "`second`: 100 bits, without sign",
                "`prices`: 3 values of 9 bits, two's complement, in units of 10^-2"
            ]
        );
        let numbers = [3 << 60 | 5, 1 << 99 | 1 << 50 | 1];
        let bits = |number: u128| (0..100).map(move |bit| number >> bit & 1 == 1);
        let prices = [true; 27];
        let input: Bits = numbers.into_iter().flat_map(bits).chain(prices).collect();
        let output = circuit.evaluate(&input, 1).expect("as many bits");
        let second: u128 =
            output.iter().take(100).enumerate().map(|(at, bit)| u128::from(bit) << at).sum();
        assert_eq!((second, output.len()), (numbers[1], 127));
    }
}
