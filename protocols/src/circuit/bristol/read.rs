//! Reading circuits, a line at a time.

use std::io::{self, BufRead};

use super::super::{Circuit, CircuitError, MAX_WIRES};
use super::sort::{Netlist, Raw};

/// Why a text is no circuit.
#[derive(Debug, thiserror::Error)]
#[error("line {line}: {reason}")]
pub struct ReadError {
    /// Number of the line, from 1.
    pub line: u64,
    /// What is wrong there.
    pub reason: Reason,
}

/// What is wrong with a line.
#[derive(Debug, thiserror::Error)]
pub enum Reason {
    /// The text cannot be read.
    #[error("{0}")]
    Io(io::Error),
    /// A word where a number belongs.
    #[error("{0:?} is no number from 0 to {MAX_WIRES}")]
    Number(String),
    /// The header is none of either form.
    #[error("{0}")]
    Header(&'static str),
    /// More words, or wider ones, than wires.
    #[error("the {what} have {bits} bits, but the circuit has {wires} wires")]
    Words {
        /// Inputs or outputs.
        what: &'static str,
        /// The sum of their widths.
        bits: u64,
        /// Number of wires.
        wires: u32,
    },
    /// The numbers in the header exceed what the gates can use.
    #[error("the circuit has {declared} {what}, but its gates justify only {allowed}")]
    Excess {
        /// Wires or input bits.
        what: &'static str,
        /// The number in the header.
        declared: u32,
        /// How many would be accepted.
        allowed: u64,
    },
    /// An operation that is not known.
    #[error("unknown gate {0:?}; known are XOR, AND, INV, EQ, EQW and MAND")]
    UnknownGate(String),
    /// A line without an operation, or with words behind it.
    #[error("a gate is a number of inputs, a number of outputs, wires, and last its name")]
    Form,
    /// The numbers of wires do not suit the operation.
    #[error(
        "{gate} takes {takes}, but the line says {inputs} and {outputs}, and names {wires} wires"
    )]
    Arity {
        /// Name of the gate.
        gate: &'static str,
        /// What it takes.
        takes: &'static str,
        /// The first number of the line.
        inputs: u32,
        /// The second number.
        outputs: u32,
        /// How many wires follow.
        wires: usize,
    },
    /// A wire beyond the number in the header.
    #[error("wire {wire} is not among the circuit's {wires} wires")]
    Wire {
        /// The wire.
        wire: u32,
        /// Number of wires.
        wires: u32,
    },
    /// A gate writes to an input.
    #[error("wire {0} is an input, and cannot be written")]
    WritesInput(u32),
    /// Two gates write to a wire.
    #[error("wire {0} is written twice")]
    Twice(u32),
    /// No gate writes to a wire that is used.
    #[error("wire {0} is used, but no gate writes it")]
    Undefined(u32),
    /// A gate needs its own result.
    #[error("the gate depends on its own result")]
    Cycle,
    /// The text ends early.
    #[error("the text ends after {found} of {expected} gates")]
    Truncated {
        /// Number of gates in the header.
        expected: u32,
        /// Number of gates that were read.
        found: u32,
    },
    /// The text goes on.
    #[error("a line behind the last of {0} gates")]
    Trailing(u32),
    /// The circuit is refused as a whole.
    #[error("{0}")]
    Circuit(#[from] CircuitError),
}

/// The lines of a text that are not blank.
struct Lines<R> {
    reader: R,
    buffer: Vec<u8>,
    number: u64,
}

impl<R: BufRead> Lines<R> {
    /// Goes on to the next line; false at the end.
    fn advance(&mut self) -> Result<bool, ReadError> {
        loop {
            self.buffer.clear();
            self.number += 1;
            let read = self.reader.read_until(b'\n', &mut self.buffer);
            if read.map_err(|error| self.error(Reason::Io(error)))? == 0 {
                return Ok(false);
            }
            if !self.buffer.trim_ascii().is_empty() {
                return Ok(true);
            }
        }
    }

    fn tokens(&self) -> impl Iterator<Item = &[u8]> {
        self.buffer.split(u8::is_ascii_whitespace).filter(|token| !token.is_empty())
    }

    fn numbers(&self) -> Result<Vec<u32>, ReadError> {
        self.tokens().map(|token| number(token).map_err(|reason| self.error(reason))).collect()
    }

    fn error(&self, reason: Reason) -> ReadError {
        ReadError { line: self.number, reason }
    }
}

fn number(token: &[u8]) -> Result<u32, Reason> {
    let mut value: u64 = 0;
    for byte in token {
        let digit = byte.wrapping_sub(b'0');
        value = value * 10 + u64::from(digit);
        if digit > 9 || value > u64::from(MAX_WIRES) {
            return Err(Reason::Number(shown(token)));
        }
    }
    Ok(value as u32)
}

/// The beginning of a token, for a message.
fn shown(token: &[u8]) -> String {
    String::from_utf8_lossy(&token[..token.len().min(40)]).into_owned()
}

/// What stands before the gates, with the line of the outputs.
pub(super) struct Header {
    pub(super) gates: u32,
    pub(super) wires: u32,
    pub(super) inputs: Vec<u32>,
    pub(super) outputs: Vec<u32>,
    pub(super) input_wires: u32,
    pub(super) outputs_line: u64,
}

/// Reads the header; afterwards the first gate is the current line, if there is one.
fn header<R: BufRead>(lines: &mut Lines<R>) -> Result<(Header, bool), ReadError> {
    let early = |lines: &Lines<R>| lines.error(Reason::Header("the text ends within its header"));
    if !lines.advance()? {
        return Err(early(lines));
    }
    let [gates, wires] = lines.numbers()?[..] else {
        let reason = "the first line holds two numbers: of gates and of wires";
        return Err(lines.error(Reason::Header(reason)));
    };
    if !lines.advance()? {
        return Err(early(lines));
    }
    let (second, second_line) = (lines.numbers()?, lines.number);
    let mut more = lines.advance()?;
    // The older form goes on with a gate, whose line ends with a name.
    let digits = |token: &[u8]| token.iter().all(u8::is_ascii_digit);
    let fashion = more && lines.tokens().last().is_some_and(digits);
    let (inputs, outputs, outputs_line) = if fashion {
        let reason = "an input or output line holds a number of words, and the width of each";
        let words = |numbers: Vec<u32>, line: u64| match numbers.split_first() {
            Some((count, widths)) if *count as usize == widths.len() => Ok(widths.to_vec()),
            _ => Err(ReadError { line, reason: Reason::Header(reason) }),
        };
        let inputs = words(second, second_line)?;
        let outputs_line = lines.number;
        let outputs = words(lines.numbers()?, outputs_line)?;
        more = lines.advance()?;
        (inputs, outputs, outputs_line)
    } else if let [first, second, output] = second[..] {
        let inputs = [first, second].into_iter().filter(|width| *width > 0).collect();
        (inputs, vec![output], second_line)
    } else {
        let reason = "neither an input line with an output line behind it (Bristol Fashion), nor \
                      the bits of two inputs and an output (the older form)";
        return Err(ReadError { line: second_line, reason: Reason::Header(reason) });
    };
    let total = |words: &[u32], what, line| {
        let bits = words.iter().map(|width| u64::from(*width)).sum();
        let fits = bits <= u64::from(wires);
        let reason = Reason::Words { what, bits, wires };
        if fits { Ok(bits as u32) } else { Err(ReadError { line, reason }) }
    };
    let input_wires = total(&inputs, "inputs", second_line)?;
    total(&outputs, "outputs", outputs_line)?;
    Ok((Header { gates, wires, inputs, outputs, input_wires, outputs_line }, more))
}

/// Reads a circuit in either form. Its words are called `in0`, `in1`, ..., and `out0`, ...
///
/// Gates may stand in any order and number their wires as they like. Memory is bounded by a
/// multiple of the text's length, whatever the header says, plus 64 MiB.
///
/// # Errors
/// With the line, if the text is in neither form or describes no circuit.
pub fn read(reader: impl BufRead) -> Result<Circuit, ReadError> {
    let mut lines = Lines { reader, buffer: Vec::new(), number: 0 };
    let (header, mut more) = header(&mut lines)?;
    let mut netlist = Netlist::new(header);
    let mut numbers = Vec::new();
    let expected = netlist.header.gates;
    for found in 0..expected {
        if !more {
            return Err(lines.error(Reason::Truncated { expected, found }));
        }
        gate(&lines, &mut numbers, &mut netlist).map_err(|reason| lines.error(reason))?;
        more = lines.advance()?;
    }
    if more {
        return Err(lines.error(Reason::Trailing(expected)));
    }
    netlist.finish()
}

/// Takes the gates of the current line.
fn gate<R: BufRead>(
    lines: &Lines<R>,
    numbers: &mut Vec<u32>,
    netlist: &mut Netlist,
) -> Result<(), Reason> {
    numbers.clear();
    let mut name = None;
    for token in lines.tokens() {
        match token[0] {
            _ if name.is_some() => return Err(Reason::Form),
            b'0'..=b'9' => numbers.push(number(token)?),
            _ => name = Some(token),
        }
    }
    let (Some(name), [inputs, outputs, wires @ ..]) = (name, &numbers[..]) else {
        return Err(Reason::Form);
    };
    let arity = |gate, takes| {
        Err(Reason::Arity { gate, takes, inputs: *inputs, outputs: *outputs, wires: wires.len() })
    };
    let line = lines.number;
    match (name, *inputs, *outputs, wires) {
        (b"XOR", 2, 1, &[a, b, out]) => netlist.push(Raw::Xor(a, b), out, line),
        (b"AND", 2, 1, &[a, b, out]) => netlist.push(Raw::And(a, b), out, line),
        (b"INV", 1, 1, &[a, out]) => netlist.push(Raw::Not(a), out, line),
        (b"EQ", 1, 1, &[bit @ 0..=1, out]) => netlist.push(Raw::Const(bit == 1), out, line),
        (b"EQW", 1, 1, &[a, out]) => netlist.push(Raw::Copy(a), out, line),
        (b"MAND", all, half, wires)
            if half > 0
                && u64::from(all) == 2 * u64::from(half)
                && wires.len() as u64 == 3 * u64::from(half) =>
        {
            let half = half as usize;
            for index in 0..half {
                let operands = Raw::And(wires[index], wires[half + index]);
                netlist.push(operands, wires[2 * half + index], line)?;
            }
            Ok(())
        }
        (b"XOR", ..) => arity("XOR", "2 inputs and 1 output"),
        (b"AND", ..) => arity("AND", "2 inputs and 1 output"),
        (b"INV", ..) => arity("INV", "1 input and 1 output"),
        (b"EQ", ..) => arity("EQ", "1 input, which is 0 or 1, and 1 output"),
        (b"EQW", ..) => arity("EQW", "1 input and 1 output"),
        (b"MAND", ..) => arity("MAND", "twice as many inputs as outputs"),
        _ => Err(Reason::UnknownGate(shown(name))),
    }
}
