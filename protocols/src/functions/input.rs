//! Input text, from files that people wrote, into raw values.

use std::collections::BTreeMap;

use crate::program::{
    DecimalError, InputDecl, Inputs, Name, Range, Type, format_quotient, parse_decimal,
    parse_scaled,
};

/// A mistake in an input party's columns.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("column `{column}`{}: {problem}", row.map_or(String::new(), |row| format!(", row {row}")))]
pub struct InputError {
    /// The column.
    pub column: String,
    /// Position in it, from 1; none if the column as a whole is wrong.
    pub row: Option<usize>,
    /// What is wrong.
    pub problem: InputProblem,
}

/// What is wrong with a column or a value.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum InputProblem {
    /// The party has to bring it.
    #[error("is missing")]
    Missing,
    /// The function does not know it.
    #[error("is not an input of this party; allowed: {}", .allowed.join(", "))]
    Unknown {
        /// The columns that the party has to bring.
        allowed: Vec<Name>,
    },
    /// Too few or too many rows.
    #[error("has {got} values; needed are {needed}")]
    Length {
        /// Rows that are there.
        got: usize,
        /// Rows that are needed.
        needed: usize,
    },
    /// No number, or not a number of this kind.
    #[error("`{text}` {error}")]
    Number {
        /// The text.
        text: String,
        /// Why not.
        error: DecimalError,
    },
    /// A number outside the declared range.
    #[error("{text} is out of range; allowed: {allowed}")]
    Range {
        /// The text.
        text: String,
        /// Smallest and largest value, as decimals, and the width that this is.
        allowed: String,
    },
}

/// Converts one input party's columns of decimal text to raw values, exactly for integers and
/// rounded to the nearest for fixed point, and holds them against the declared ranges.
///
/// `decls` are the declarations of this party alone.
///
/// # Errors
/// The first mistake.
pub fn parse_inputs(
    decls: &[InputDecl],
    columns: &BTreeMap<String, Vec<String>>,
) -> Result<Inputs, InputError> {
    if let Some(column) =
        columns.keys().find(|name| decls.iter().all(|decl| decl.column() != *name))
    {
        let mut allowed: Vec<Name> = decls.iter().map(|decl| decl.column().into()).collect();
        allowed.dedup();
        let problem = InputProblem::Unknown { allowed };
        return Err(InputError { column: column.clone(), row: None, problem });
    }
    let mut inputs = Inputs::new();
    for decl in decls {
        let fail = |row, problem| InputError { column: decl.column().to_owned(), row, problem };
        let texts = columns.get(decl.column()).ok_or_else(|| fail(None, InputProblem::Missing))?;
        let needed = if decl.ty == Type::Word { 1 } else { decl.len };
        if texts.len() != needed {
            let got = texts.len();
            return Err(fail(None, InputProblem::Length { got, needed }));
        }
        if let (Type::Word, [text]) = (decl.ty, &texts[..]) {
            let bits = parse_word(text, decl.len).map_err(|problem| fail(Some(1), problem))?;
            inputs.insert(decl.name.to_string(), bits);
            continue;
        }
        let parse = |(row, text): (usize, &String)| {
            let parsed = match decl.ty {
                Type::Limb { .. } => parse_limb(decl, decls, text),
                _ => parse_value(decl, text),
            };
            parsed.map_err(|problem| fail(Some(row + 1), problem))
        };
        let values: Result<Vec<i128>, InputError> = texts.iter().enumerate().map(parse).collect();
        inputs.insert(decl.name.to_string(), values?);
    }
    Ok(inputs)
}

/// One limb of a number whose limbs are all among the declared columns.
fn parse_limb(decl: &InputDecl, decls: &[InputDecl], text: &str) -> Result<i128, InputProblem> {
    let limbs = decls.iter().filter(|other| other.column() == decl.column());
    let (mut width, mut is_signed) = (0, false);
    for limb in limbs {
        if let Type::Limb { at, bits, signed } = limb.ty {
            width = width.max(at + bits);
            is_signed |= signed;
        }
    }
    let width = width.min(u128::BITS);
    let text = text.trim();
    let (is_negative, digits) = match text.strip_prefix('-').filter(|_| is_signed) {
        Some(digits) => (true, digits),
        None => (false, text.strip_prefix('+').unwrap_or(text)),
    };
    let digits = match digits.split_once('.') {
        Some((whole, fraction)) if fraction.bytes().all(|digit| digit == b'0') => whole,
        Some((_, fraction)) if fraction.bytes().all(|digit| digit.is_ascii_digit()) => {
            let error = DecimalError::Fraction;
            return Err(InputProblem::Number { text: text.to_owned(), error });
        }
        _ => digits,
    };
    let (half, least) = (1u128 << (width - 1), is_negative && is_signed);
    let most = if is_signed { half - u128::from(!least) } else { (half - 1) << 1 | 1 };
    let beyond = || {
        let (lo, hi) = if is_signed { (format!("-{half}"), half - 1) } else { ("0".into(), most) };
        let sign = if is_signed { "with" } else { "without" };
        let allowed = format!("{lo} to {hi} ({width} bits {sign} sign)");
        InputProblem::Range { text: text.to_owned(), allowed }
    };
    let number = |problem| match problem {
        InputProblem::Number { error, .. } => InputProblem::Number { text: text.to_owned(), error },
        _ => beyond(),
    };
    let bits = parse_word(digits, width as usize).map_err(number)?;
    let magnitude = bits.iter().rev().fold(0u128, |all, bit| all << 1 | bit.cast_unsigned());
    if magnitude > most {
        return Err(beyond());
    }
    let value = if is_negative { magnitude.wrapping_neg() } else { magnitude };
    Ok(match decl.ty {
        Type::Limb { at, signed: true, .. } => value.cast_signed() >> at,
        Type::Limb { at, bits, .. } => ((value >> at) & ((1 << bits) - 1)).cast_signed(),
        _ => value.cast_signed(),
    })
}

/// The bits of a number below `2^width`, decimal or hexadecimal with `0x`.
fn parse_word(text: &str, width: usize) -> Result<Vec<i128>, InputProblem> {
    let text = text.trim();
    let (digits, radix) = match text.strip_prefix("0x") {
        Some(digits) => (digits, 16),
        None => (text, 10),
    };
    let syntax = || InputProblem::Number { text: text.to_owned(), error: DecimalError::Word };
    if digits.is_empty() {
        return Err(syntax());
    }
    let mut bytes = vec![0u8; width.div_ceil(8)];
    let mut beyond = false;
    for digit in digits.chars() {
        let mut carry = digit.to_digit(radix).ok_or_else(syntax)?;
        for byte in &mut bytes {
            let next = u32::from(*byte) * radix + carry;
            (*byte, carry) = (next as u8, next >> 8);
        }
        beyond |= carry != 0;
    }
    let bit = |at: usize| i128::from((bytes[at / 8] >> (at % 8)) & 1);
    if beyond || (width..8 * bytes.len()).any(|at| bit(at) == 1) {
        let allowed = format!("0 to 2^{width} - 1 ({width} bits without sign)");
        return Err(InputProblem::Range { text: text.to_owned(), allowed });
    }
    Ok((0..width).map(bit).collect())
}

fn parse_value(decl: &InputDecl, text: &str) -> Result<i128, InputProblem> {
    let parsed = match decl.ty {
        Type::Decimal { decimals, .. } => parse_scaled(text, decimals),
        ty => parse_decimal(text, ty.frac()),
    };
    match parsed {
        Ok(value) if decl.range.contains(value) => Ok(value),
        Ok(_) | Err(DecimalError::Overflow) => {
            let allowed = allowed(decl.range, decl.ty);
            Err(InputProblem::Range { text: text.trim().to_owned(), allowed })
        }
        Err(error) => Err(InputProblem::Number { text: text.trim().to_owned(), error }),
    }
}

/// A range as people write its ends, and the width that a scenario gives it by.
fn allowed(range: Range, ty: Type) -> String {
    let (unit, decimals) = match ty {
        Type::Fixed { frac, .. } => (1u128 << frac.min(120), frac.min(120)),
        Type::Decimal { decimals, .. } => (10u128.pow(decimals.min(38)), decimals.min(38)),
        Type::Int { .. } | Type::Bit | Type::Word | Type::Limb { .. } => (1, 0),
    };
    let end = |raw| format_quotient(raw, unit, decimals);
    let ends = format!("{} to {}", end(range.lo), end(range.hi));
    match width(range, ty) {
        Some(width) => format!("{ends} ({width})"),
        None => ends,
    }
}

/// The width of a range that consists of all integers of one.
fn width(range: Range, ty: Type) -> Option<String> {
    let unit = match ty {
        Type::Decimal { decimals, .. } => 10i128.checked_pow(decimals)?,
        _ => 1,
    };
    let whole = Range { lo: range.lo / unit, hi: range.hi / unit };
    let bits = whole.bits();
    let signs = match whole {
        _ if whole == Range::signed(bits) => format!("{bits} bits with sign"),
        Range::BIT => "a bit".to_owned(),
        _ if whole == Range::unsigned(bits - 1) => format!("{} bits without sign", bits - 1),
        _ => return None,
    };
    Some(match ty {
        Type::Fixed { frac, .. } => format!("{signs}, {frac} of them fractional"),
        Type::Decimal { decimals, .. } => format!("{signs}, and {decimals} decimals"),
        Type::Int { .. } | Type::Bit | Type::Word | Type::Limb { .. } => signs,
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::program::{Builder, Decoding, Halves};

    fn decls() -> Vec<InputDecl> {
        let int = Type::Int { bits: 33 };
        let fixed = Type::Fixed { bits: 8, frac: 4 };
        let decl =
            |name: &str, len, ty, range| InputDecl { name: name.into(), party: 0, len, ty, range };
        vec![decl("bid", 2, int, Range::unsigned(32)), decl("x", 1, fixed, fixed.range())]
    }

    fn columns(bid: &[&str], x: &[&str]) -> BTreeMap<String, Vec<String>> {
        let texts = |column: &[&str]| column.iter().map(|text| (*text).to_owned()).collect();
        BTreeMap::from([("bid".to_owned(), texts(bid)), ("x".to_owned(), texts(x))])
    }

    fn message(bid: &[&str], x: &[&str]) -> String {
        parse_inputs(&decls(), &columns(bid, x)).expect_err("should be refused").to_string()
    }

    #[test]
    fn columns_become_raw_values() {
        let inputs = parse_inputs(&decls(), &columns(&["870", "4294967295"], &["-1.5"]));
        let inputs = inputs.expect("valid");
        assert_eq!(inputs["bid"], [870, 4_294_967_295]);
        assert_eq!(inputs["x"], [-24]);
    }

    #[test]
    fn mistakes_name_column_row_and_what_is_allowed() {
        assert_eq!(
            message(&["1", "4294967296"], &["0"]),
            "column `bid`, row 2: 4294967296 is out of range; allowed: 0 to 4294967295 (32 bits \
             without sign)"
        );
        assert_eq!(
            message(&["1", "2"], &["8"]),
            "column `x`, row 1: 8 is out of range; allowed: -8 to 7.9375 (8 bits with sign, 4 of \
             them fractional)"
        );
        assert_eq!(
            message(&["1", "1.5"], &["0"]),
            "column `bid`, row 2: `1.5` has a fraction, but the column holds whole numbers"
        );
        assert_eq!(
            message(&["1", "two"], &["0"]),
            "column `bid`, row 2: `two` is not a decimal number (allowed: digits with an optional \
             sign and decimal point)"
        );
        assert_eq!(message(&["1"], &["0"]), "column `bid`: has 1 values; needed are 2");
        let huge = "9".repeat(60);
        assert!(message(&["1", &huge], &["0"]).contains("is out of range"));
    }

    #[test]
    fn ranges_are_told_in_the_words_of_a_scenario() {
        let int = |range: Range| allowed(range, Type::Int { bits: range.bits() });
        assert_eq!(int(Range::signed(20)), "-524288 to 524287 (20 bits with sign)");
        assert_eq!(int(Range::unsigned(1)), "0 to 1 (a bit)");
        assert_eq!(int(Range { lo: 0, hi: 4 }), "0 to 4");
        assert_eq!(int(Range { lo: -3, hi: 12 }), "-3 to 12");
        let cents = Range { lo: -12800, hi: 12700 };
        assert_eq!(
            allowed(cents, Type::Decimal { bits: 15, decimals: 2 }),
            "-128 to 127 (8 bits with sign, and 2 decimals)"
        );
    }

    #[test]
    fn decimals_are_read_exactly() {
        let (range, ty) =
            (Range { lo: -12800, hi: 12700 }, Type::Decimal { bits: 15, decimals: 2 });
        let decl = InputDecl { name: "x".into(), party: 0, len: 1, ty, range };
        assert_eq!(parse_value(&decl, "-2.25"), Ok(-225));
        assert_eq!(parse_value(&decl, "127"), Ok(12700));
        let message = |text| parse_value(&decl, text).expect_err("refused").to_string();
        assert_eq!(message("0.125"), "`0.125` has more than 2 decimals");
        assert!(message("127.01").starts_with("127.01 is out of range; allowed: -128 to 127"));
    }

    #[test]
    fn a_number_of_any_width_becomes_bits() {
        let read = |text: &str, len| {
            let (name, ty, range) = ("in".into(), Type::Word, Range::BIT);
            let decl = InputDecl { name, party: 0, len, ty, range };
            let columns = BTreeMap::from([("in".to_owned(), vec![text.to_owned()])]);
            parse_inputs(&[decl], &columns).map(|mut inputs| inputs.remove("in").expect("read"))
        };
        assert_eq!(read("6", 4), Ok(vec![0, 1, 1, 0].into()));
        assert_eq!(read(" 0xD ", 4), Ok(vec![1, 0, 1, 1].into()));
        assert_eq!(read("340282366920938463463374607431768211455", 128), Ok(vec![1; 128].into()));
        assert_eq!(read("0xffffffffffffffffffffffffffffffffffff", 144), Ok(vec![1; 144].into()));
        let message = |text, len| read(text, len).expect_err("refused").to_string();
        assert_eq!(
            message("16", 4),
            "column `in`, row 1: 16 is out of range; allowed: 0 to 2^4 - 1 (4 bits without sign)"
        );
        assert!(message("340282366920938463463374607431768211456", 128).contains("out of range"));
        for text in ["", "0x", "-1", "1.0", "0xg"] {
            assert!(message(text, 8).contains("is no number of bits"), "{text}");
        }
    }

    /// Two halves of `bits` bits together, and what a text becomes.
    fn wide(text: &str, bits: u32, signed: bool) -> Result<[i128; 2], InputError> {
        let mut builder = Builder::new();
        let limbs = builder.input_wide("x", 0, 1, Halves { bits, signed }).expect("allowed");
        let id = builder.concat(limbs.limbs().to_vec()).expect("two");
        builder.output("x", id, Decoding::Integer).expect("new");
        let program = builder.finish().expect("it has an output");
        let columns = BTreeMap::from([("x".to_owned(), vec![text.to_owned()])]);
        parse_inputs(program.inputs(), &columns).map(|x| [x["x.low"][0], x["x.high"][0]])
    }

    #[test]
    fn wide_numbers_become_halves() {
        let whole = i128::from(u64::MAX);
        let most = "340282366920938463463374607431768211455";
        assert_eq!(wide(most, 128, false), Ok([whole, whole]));
        assert_eq!(wide(" 0xffffffffffffffffffffffffffffffff ", 128, false), Ok([whole; 2]));
        assert_eq!(wide("18446744073709551616", 128, false), Ok([0, 1]));
        assert_eq!(wide("+18446744073709551616.00", 128, false), Ok([0, 1]));
        assert_eq!(wide("0", 65, false), Ok([0, 0]));
        assert_eq!(wide("-1", 128, true), Ok([whole, -1]));
        assert_eq!(
            wide("-170141183460469231731687303715884105728", 128, true),
            Ok([0, i128::from(i64::MIN)])
        );
        let refused = |text, bits, signed| {
            wide(text, bits, signed).expect_err("should be refused").to_string()
        };
        assert_eq!(
            refused("340282366920938463463374607431768211456", 128, false),
            "column `x`, row 1: 340282366920938463463374607431768211456 is out of range; allowed: 0 \
             to 340282366920938463463374607431768211455 (128 bits without sign)"
        );
        assert_eq!(
            refused("7.25", 128, false),
            "column `x`, row 1: `7.25` has a fraction, but the column holds whole numbers"
        );
        assert!(refused("7.2x", 128, false).contains("is no number of bits"));
        assert_eq!(
            refused("36893488147419103232", 65, false),
            "column `x`, row 1: 36893488147419103232 is out of range; allowed: 0 to \
             36893488147419103231 (65 bits without sign)"
        );
        assert_eq!(
            refused("36893488147419103232", 66, true),
            "column `x`, row 1: 36893488147419103232 is out of range; allowed: \
             -36893488147419103232 to 36893488147419103231 (66 bits with sign)"
        );
        assert_eq!(
            refused("-1", 128, false),
            "column `x`, row 1: `-1` is no number of bits (allowed: decimal digits, or hexadecimal \
             ones after 0x)"
        );
        let other = BTreeMap::from([("y".to_owned(), Vec::new())]);
        let mut builder = Builder::new();
        let halves = Halves { bits: 100, signed: false };
        let limbs = builder.input_wide("x", 0, 1, halves).expect("allowed");
        builder.output_wide("x", &limbs, Decoding::Integer).expect("new");
        let program = builder.finish().expect("it has an output");
        let unknown = parse_inputs(program.inputs(), &other).expect_err("y is unknown").to_string();
        assert_eq!(unknown, "column `y`: is not an input of this party; allowed: x");
    }

    #[test]
    fn missing_and_unknown_columns_are_refused() {
        let mut columns = columns(&["1", "2"], &["0"]);
        columns.remove("x");
        let missing = parse_inputs(&decls(), &columns).expect_err("x is missing");
        assert_eq!(missing.to_string(), "column `x`: is missing");
        columns.insert("bids".to_owned(), vec![]);
        let unknown = parse_inputs(&decls(), &columns).expect_err("bids is unknown");
        assert_eq!(
            unknown.to_string(),
            "column `bids`: is not an input of this party; allowed: bid, x"
        );
    }
}
