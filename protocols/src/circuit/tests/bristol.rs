use proptest::prelude::*;

use super::super::bristol::{ReadError, read, write};
use super::core::any_circuit;
use super::*;

fn parse(text: &str) -> Result<Circuit, ReadError> {
    read(text.as_bytes())
}

fn written(circuit: &Circuit) -> String {
    let mut text = Vec::new();
    write(circuit, &mut text).expect("memory can be written");
    String::from_utf8(text).expect("text")
}

const HALF_ADDER: &str = "2 4\n2 1 1\n2 1 1\n\n2 1 0 1 2 XOR\n2 1 0 1 3 AND\n";

#[test]
fn a_half_adder_in_both_forms() {
    let fashion = parse(HALF_ADDER).expect("Bristol Fashion");
    let older = parse("2 4\n1 1 2\n\n2 1 0 1 2 XOR\n2 1 0 1 3 AND\n").expect("Bristol format");
    for (circuit, expected) in [(fashion, vec![0, 1]), (older, vec![0b10])] {
        assert_eq!((circuit.counts().gates, circuit.counts().ands), (2, 1));
        assert_eq!(circuit.inputs().iter().map(|word| word.width).collect::<Vec<_>>(), [1, 1]);
        assert_eq!(run(&circuit, &[1, 1]), expected);
    }
    assert_eq!(written(&parse(HALF_ADDER).expect("a circuit")), HALF_ADDER);
}

/// Texts that differ from the usual, and what they give for the inputs 1, 2 (of 2 bits each).
#[test]
fn unusual_texts() {
    let cases: [(&str, &[u128]); 11] = [
        // Windows' line ends, spaces, tabs, no end of the last line.
        ("2 6\r\n2 2 2 \r\n1 2\r\n\r\n2 1 0\t2 4 XOR  \r\n  2 1 1 3 5 XOR", &[3]),
        // Blank lines anywhere.
        ("\n\n1 5\n\n2 2 2\n\n1 1\n\n\n2 1 0 3 4 AND\n\n\n", &[1]),
        // Out of order, with numbers of their own.
        ("3 7\n2 2 2\n1 1\n1 1 4 6 INV\n2 1 5 0 4 AND\n2 1 1 3 5 XOR\n", &[0]),
        // Outputs that are inputs: fewer gates than outputs, or none.
        ("1 5\n2 2 2\n1 3\n2 1 0 3 4 AND\n", &[0b110]),
        ("0 4\n2 2 2\n1 4\n", &[0b1001]),
        ("0 4\n2 2 1\n", &[1]),
        // Copies and public bits.
        ("3 7\n2 2 2\n2 2 1\n1 1 3 4 EQW\n1 1 4 5 EQW\n1 1 1 6 EQ\n", &[0b11, 1]),
        // A copy of a later wire.
        ("2 6\n2 2 2\n2 1 1\n1 1 5 4 EQW\n2 1 0 3 5 AND\n", &[1, 1]),
        // Several ANDs at once.
        ("1 6\n2 2 2\n1 2\n4 2 0 1 3 2 4 5 MAND\n", &[1]),
        // Wires that nobody writes or reads.
        ("1 7\n2 2 2\n1 1\n2 1 0 3 6 XOR\n", &[0]),
        // No output bits; an empty word.
        ("1 5\n3 2 2 0\n2 0 1\n2 1 0 3 4 XOR\n", &[0, 0]),
    ];
    for (text, expected) in cases {
        let circuit = parse(text).unwrap_or_else(|error| panic!("{text:?}: {error}"));
        assert_eq!(run(&circuit, &[1, 2, 0]), expected, "{text:?}");
    }
    let older = parse("1 3\n2 0 1\n2 1 0 1 2 AND\n").expect("one input");
    assert_eq!(older.inputs().len(), 1);
    let many = parse("2 5\n3 1 1 1\n1 1\n2 1 0 1 3 AND\n2 1 2 3 4 AND\n").expect("three inputs");
    assert_eq!(run(&many, &[1, 1, 1]), [1]);
}

#[test]
fn bad_texts_are_refused_at_their_line() {
    let cases = [
        ("", "line 1: the text ends within its header"),
        ("2 4\n", "line 2: the text ends within its header"),
        ("2\n1 1\n", "line 1: the first line holds two numbers: of gates and of wires"),
        ("2 -4\n", "line 1: \"-4\" is no number from 0 to 2147483648"),
        (
            "1 99999999999999999999\n",
            "line 1: \"99999999999999999999\" is no number from 0 to \
            2147483648",
        ),
        (
            "1 3\n3 1 1\n1 1\n",
            "line 2: an input or output line holds a number of words, and the \
            width of each",
        ),
        (
            "1 3\n2 1 1\n1 1 1\n",
            "line 3: an input or output line holds a number of words, and the \
            width of each",
        ),
        (
            "1 3\n1 1\n2 1 0 1 2 AND\n",
            "line 2: neither an input line with an output line behind it \
            (Bristol Fashion), nor the bits of two inputs and an output (the older form)",
        ),
        ("1 3\n2 2 2\n1 1\n", "line 2: the inputs have 4 bits, but the circuit has 3 wires"),
        ("1 3\n1 1\n2 2 2\n", "line 3: the outputs have 4 bits, but the circuit has 3 wires"),
        (
            "1 3\n2 1 1\n1 1\n2 1 0 1 2 NAND\n",
            "line 4: unknown gate \"NAND\"; known are XOR, AND, \
            INV, EQ, EQW and MAND",
        ),
        (
            "1 3\n2 1 1\n1 1\n2 1 0 1 AND\n",
            "line 4: AND takes 2 inputs and 1 output, but the line \
            says 2 and 1, and names 2 wires",
        ),
        (
            "1 3\n2 1 1\n1 1\n1 1 2 2 EQ\n",
            "line 4: EQ takes 1 input, which is 0 or 1, and 1 output, \
            but the line says 1 and 1, and names 2 wires",
        ),
        (
            "1 3\n2 1 1\n1 1\n4 2 0 1 0 1 2 MAND\n",
            "line 4: MAND takes twice as many inputs as \
            outputs, but the line says 4 and 2, and names 5 wires",
        ),
        (
            "1 3\n2 1 1\n1 1\n2 1 0 1 2 AND AND\n",
            "line 4: a gate is a number of inputs, a number of \
            outputs, wires, and last its name",
        ),
        (
            "1 3\n2 1 1\n1 1\n\n2 1 0 1 2\n",
            "line 5: a gate is a number of inputs, a number of \
            outputs, wires, and last its name",
        ),
        ("1 3\n2 1 1\n1 1\n2 1 0 3 2 AND\n", "line 4: wire 3 is not among the circuit's 3 wires"),
        ("1 3\n2 1 1\n1 1\n2 1 0 1 1 AND\n", "line 4: wire 1 is an input, and cannot be written"),
        ("2 4\n2 1 1\n1 1\n2 1 0 1 3 AND\n\n2 1 0 1 3 XOR\n", "line 6: wire 3 is written twice"),
        ("1 4\n2 1 1\n1 1\n2 1 0 2 3 AND\n", "line 4: wire 2 is used, but no gate writes it"),
        ("1 4\n2 1 1\n1 1\n2 1 0 1 2 AND\n", "line 3: wire 3 is used, but no gate writes it"),
        ("1 3\n2 1 1\n1 1\n2 1 0 2 2 AND\n", "line 4: the gate depends on its own result"),
        (
            "3 5\n2 1 1\n1 1\n2 1 0 1 2 AND\n1 1 4 3 EQW\n1 1 3 4 EQW\n",
            "line 6: the gate depends on \
            its own result",
        ),
        ("3 4\n2 1 1\n1 1\n2 1 0 1 2 XOR\n", "line 5: the text ends after 1 of 3 gates"),
        ("0 3\n2 1 1\n1 1\n2 1 0 1 2 XOR\n", "line 4: a line behind the last of 0 gates"),
        // Headers that promise what no line keeps.
        (
            "2000000000 2000000003\n2 1 1\n1 1\n2 1 0 1 2 XOR\n",
            "line 5: the text ends after 1 of \
            2000000000 gates",
        ),
        (
            "1 2000000000\n2 1 1\n1 2000000000\n2 1 0 1 2 XOR\n",
            "line 1: the circuit has 1999999998 \
            wires, but its gates justify only 4194306",
        ),
        (
            "0 2000000000\n1 2000000000\n1 2000000000\n",
            "line 1: the circuit has 2000000000 input \
            bits, but its gates justify only 4194304",
        ),
        (
            "1 2000000003\n1 4\n1 1\n2000000000 1000000000 1 2 3 MAND\n",
            "line 4: MAND takes twice \
            as many inputs as outputs, but the line says 2000000000 and 1000000000, and names 3 \
            wires",
        ),
    ];
    for (text, expected) in cases {
        let error = parse(text).expect_err(text);
        assert_eq!(error.to_string(), expected, "{text:?}");
    }
    let error = read(&b"1 3\n2 1 1\n1 1\n2 1 \xff\xfe 1 2 AND\n"[..]).expect_err("refused");
    assert_eq!(error.line, 4);
}

proptest! {
    #[test]
    fn what_is_written_is_read(circuit in any_circuit(60)) {
        let again = parse(&written(&circuit)).expect("own text");
        prop_assert_eq!(again.gates(), circuit.gates());
        prop_assert!(again.output_wires().eq(circuit.output_wires()));
        let widths = |circuit: &Circuit| -> Vec<usize> {
            let inputs = circuit.inputs().iter().map(|word| word.width as usize);
            inputs.chain(circuit.outputs().iter().map(|word| word.wires.len())).collect()
        };
        prop_assert_eq!(widths(&again), widths(&circuit));
        prop_assert_eq!(written(&again), written(&circuit));
    }

    #[test]
    fn gates_may_stand_in_any_order(
        circuit in any_circuit(40),
        shuffle in proptest::collection::vec(any::<u32>(), 50),
        inputs in any::<u64>(),
    ) {
        let text = written(&circuit);
        let (header, gates) = text.split_once("\n\n").expect("a blank line");
        let mut gates: Vec<&str> = gates.lines().collect();
        for (index, other) in shuffle.iter().enumerate().take(gates.len()) {
            let other = *other as usize % gates.len();
            gates.swap(index, other);
        }
        let shuffled = parse(&format!("{header}\n{}\n", gates.join("\n"))).expect("a circuit");
        prop_assert_eq!(shuffled.counts(), circuit.counts());
        let inputs = Bits::from_words(vec![inputs; 5], 5 * 64);
        prop_assert_eq!(shuffled.evaluate(&inputs, 64), circuit.evaluate(&inputs, 64));
    }

    #[test]
    fn bytes_never_panic(bytes in proptest::collection::vec(any::<u8>(), 0..200)) {
        let _ = read(&bytes[..]);
    }

    #[test]
    fn changed_texts_never_panic(
        circuit in any_circuit(20), at in any::<u32>(), byte in prop_oneof![b'0'..=b'9', any::<u8>()],
    ) {
        let mut text = written(&circuit).into_bytes();
        let at = at as usize % text.len();
        text[at] = byte;
        if let Ok(circuit) = read(&text[..]) {
            prop_assert!(circuit.wires() < 10_000 + (1 << 22) * 2);
        }
    }
}
