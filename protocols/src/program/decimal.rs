//! Exact conversions between decimal text and raw integers, without floating point.

/// Why a text is no raw value.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum DecimalError {
    /// Not `[+-]digits[.digits]`.
    #[error("is not a decimal number (allowed: digits with an optional sign and decimal point)")]
    Syntax,
    /// A fraction where an integer is needed.
    #[error("has a fraction, but the column holds whole numbers")]
    Fraction,
    /// More decimals than the column has.
    #[error("has more than {0} decimals")]
    Decimals(u32),
    /// No whole number that is not negative.
    #[error("is no number of bits (allowed: decimal digits, or hexadecimal ones after 0x)")]
    Word,
    /// More than 127 bits.
    #[error("is far too large")]
    Overflow,
}

/// The raw value of decimal text with so many fractional bits: exact for integers, else rounded to
/// the nearest, halves away from zero.
///
/// # Errors
/// Text that is no plain decimal number, a fraction where `frac` is 0, or an overflow.
pub fn parse_decimal(text: &str, frac: u32) -> Result<i128, DecimalError> {
    let (negative, whole, mut rest) = read(text)?;
    let mut magnitude = whole_number(whole)?;
    if frac == 0 && rest.iter().any(|&digit| digit != 0) {
        return Err(DecimalError::Fraction);
    }
    for _ in 0..frac {
        let next = magnitude.checked_mul(2).and_then(|twice| twice.checked_add(double(&mut rest)));
        magnitude = next.ok_or(DecimalError::Overflow)?;
    }
    let round_up = rest.first().is_some_and(|&digit| digit >= 5);
    let magnitude = magnitude.checked_add(round_up.into()).ok_or(DecimalError::Overflow)?;
    Ok(if negative { -magnitude } else { magnitude })
}

/// Decimal text times `10^decimals`, exactly.
///
/// # Errors
/// Text that is no plain decimal number, more decimals than that, or an overflow.
pub fn parse_scaled(text: &str, decimals: u32) -> Result<i128, DecimalError> {
    let (negative, whole, rest) = read(text)?;
    let places = decimals as usize;
    if rest.iter().skip(places).any(|&digit| digit != 0) {
        return Err(DecimalError::Decimals(decimals));
    }
    let mut magnitude = whole_number(whole)?;
    for place in 0..places {
        let digit = rest.get(place).copied().unwrap_or(0);
        let next = magnitude.checked_mul(10).and_then(|value| value.checked_add(digit.into()));
        magnitude = next.ok_or(DecimalError::Overflow)?;
    }
    Ok(if negative { -magnitude } else { magnitude })
}

/// Sign, digits before the point, and values of the digits after it.
fn read(text: &str) -> Result<(bool, &str, Vec<u8>), DecimalError> {
    let text = text.trim();
    let (negative, digits) = match text.strip_prefix('-') {
        Some(rest) => (true, rest),
        None => (false, text.strip_prefix('+').unwrap_or(text)),
    };
    let (whole, fraction) = digits.split_once('.').unwrap_or((digits, ""));
    let all_digits = |part: &str| part.bytes().all(|byte| byte.is_ascii_digit());
    if whole.len() + fraction.len() == 0 || !all_digits(whole) || !all_digits(fraction) {
        return Err(DecimalError::Syntax);
    }
    Ok((negative, whole, fraction.bytes().map(|byte| byte - b'0').collect()))
}

fn whole_number(digits: &str) -> Result<i128, DecimalError> {
    let mut digits = digits.bytes().map(|byte| i128::from(byte - b'0'));
    let number = digits.try_fold(0i128, |value, digit| value.checked_mul(10)?.checked_add(digit));
    number.ok_or(DecimalError::Overflow)
}

/// Doubles a decimal fraction in place and returns the carry.
fn double(digits: &mut [u8]) -> i128 {
    let mut carry = 0;
    for digit in digits.iter_mut().rev() {
        let twice = 2 * *digit + carry;
        *digit = twice % 10;
        carry = twice / 10;
    }
    carry.into()
}

/// `numerator / denominator` with at most so many decimals, rounded to the nearest, halves away
/// from zero, without trailing zeros. A denominator of 0 reads as 1.
#[must_use]
pub fn format_quotient(numerator: i128, denominator: u128, decimals: u32) -> String {
    // Keeps ten times the remainder within 128 bits; what is lost is far below the last decimal.
    let lost = (128 - denominator.leading_zeros()).saturating_sub(124);
    let (magnitude, denominator) = (numerator.unsigned_abs() >> lost, (denominator >> lost).max(1));
    let (mut whole, mut rest) = (magnitude / denominator, magnitude % denominator);
    let mut digits = Vec::new();
    for _ in 0..decimals {
        rest *= 10;
        digits.push(rest / denominator);
        rest %= denominator;
    }
    if rest >= denominator - rest {
        let mut carry = 1;
        for digit in digits.iter_mut().rev() {
            *digit += carry;
            carry = *digit / 10;
            *digit %= 10;
        }
        whole += carry;
    }
    while digits.last() == Some(&0) {
        digits.pop();
    }
    let sign = if numerator < 0 && (whole != 0 || !digits.is_empty()) { "-" } else { "" };
    let point = if digits.is_empty() { "" } else { "." };
    let digits: String = digits.iter().map(u128::to_string).collect();
    format!("{sign}{whole}{point}{digits}")
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn text_is_read_exactly_or_refused() {
        assert_eq!(parse_decimal("170141183460469231731687303715884105727", 0), Ok(i128::MAX));
        assert_eq!(
            parse_decimal("170141183460469231731687303715884105728", 0),
            Err(DecimalError::Overflow)
        );
        assert_eq!(parse_decimal(" -12 ", 0), Ok(-12));
        assert_eq!(parse_decimal("3.00", 0), Ok(3));
        assert_eq!(parse_decimal("3.01", 0), Err(DecimalError::Fraction));
        assert_eq!(parse_decimal("0.5", 4), Ok(8));
        assert_eq!(parse_decimal(".03125", 4), Ok(1), "half a unit is rounded away from zero");
        assert_eq!(parse_decimal("-0.03125", 4), Ok(-1));
        assert_eq!(parse_decimal("0.03124999999999999999999999999999999999999999999", 4), Ok(0));
        assert_eq!(parse_decimal("0.99", 4), Ok(16));
        for bad in ["", ".", "-", "1e3", "1,5", "0x10", "--1", "1.2.3", "١"] {
            assert_eq!(parse_decimal(bad, 4), Err(DecimalError::Syntax), "{bad}");
        }
    }

    #[test]
    fn decimals_are_scaled_exactly_or_refused() {
        assert_eq!(parse_scaled("-2.25", 2), Ok(-225));
        assert_eq!(parse_scaled("1.5", 2), Ok(150));
        assert_eq!(parse_scaled("0.1", 1), Ok(1));
        assert_eq!(parse_scaled("5.100", 1), Ok(51));
        assert_eq!(parse_scaled("5.125", 2), Err(DecimalError::Decimals(2)));
        assert_eq!(parse_scaled("1e3", 2), Err(DecimalError::Syntax));
        assert_eq!(parse_scaled(&i128::MAX.to_string(), 1), Err(DecimalError::Overflow));
    }

    #[test]
    fn quotients_are_rounded_once() {
        assert_eq!(format_quotient(7, 2, 6), "3.5");
        assert_eq!(format_quotient(-1, 3, 3), "-0.333");
        assert_eq!(format_quotient(1999, 1000, 2), "2");
        assert_eq!(format_quotient(-1, 1000, 2), "0");
        assert_eq!(format_quotient(5, 10, 0), "1");
        assert_eq!(format_quotient(i128::MAX, 1, 2), i128::MAX.to_string());
    }

    proptest! {
        #[test]
        fn decimals_survive_text(raw in -(1i128 << 80)..1 << 80, decimals in 0u32..19) {
            let text = format_quotient(raw, 10u128.pow(decimals), decimals);
            prop_assert_eq!(parse_scaled(&text, decimals), Ok(raw));
        }

        #[test]
        fn fixed_point_survives_text(raw in -1_000_000_000i128..1_000_000_000, frac in 0u32..40) {
            let decimals = (frac * 302).div_ceil(1000);
            let text = format_quotient(raw, 1 << frac, decimals);
            prop_assert_eq!(parse_decimal(&text, frac), Ok(raw));
        }
    }
}
