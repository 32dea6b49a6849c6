//! Decimal numbers as people and other tools write them, brought to one plain form exactly.

/// Largest distance, in digits, that an exponent may move the point: beyond it nothing fits in 128
/// bits anyway.
const MAX_EXPONENT: i32 = 99;

/// Words that tools write for a value that is not there.
const MISSING: [&str; 8] = ["nan", "na", "n/a", "null", "none", "nil", "missing", "#n/a"];

/// The number as digits with an optional sign and decimal point, such as `-12.50`. What is plain
/// already stays as it is; `1e3` becomes `1000`, `.5` becomes `0.5`.
///
/// # Errors
/// Why the text is no such number.
pub(crate) fn plain(text: &str) -> Result<String, &'static str> {
    let unsigned = text.strip_prefix(['-', '+']).unwrap_or(text);
    let (mantissa, exponent) = match unsigned.split_once(['e', 'E']) {
        None => (unsigned, None),
        Some((mantissa, exponent)) => (mantissa, Some(exponent)),
    };
    let (whole, fraction) = mantissa.split_once('.').unwrap_or((mantissa, ""));
    let digits = |part: &str| part.bytes().all(|byte| byte.is_ascii_digit());
    if whole.len() + fraction.len() == 0 || !digits(whole) || !digits(fraction) {
        return Err(fault(text));
    }
    if exponent.is_none() && !whole.is_empty() && !mantissa.ends_with('.') {
        return Ok(text.to_owned());
    }
    let shift = exponent.map_or(Ok(0), |exponent| shift(exponent).ok_or_else(|| fault(text)))?;
    if shift.unsigned_abs() > MAX_EXPONENT.unsigned_abs() {
        return Err("its exponent is outside -99 to 99");
    }
    let sign = if text.starts_with('-') { "-" } else { "" };
    Ok(format!("{sign}{}", shifted(whole, fraction, shift)))
}

/// A whole number with an optional sign; one of more than five digits is as good as infinite.
fn shift(exponent: &str) -> Option<i32> {
    let digits = exponent.strip_prefix(['-', '+']).unwrap_or(exponent);
    if digits.is_empty() || !digits.bytes().all(|byte| byte.is_ascii_digit()) {
        return None;
    }
    Some(exponent.parse().unwrap_or(i32::MAX))
}

/// Digits before and after the point, with the point so many places further right.
fn shifted(whole: &str, fraction: &str, places: i32) -> String {
    let digits = format!("{whole}{fraction}");
    let point = whole.len() as i64 + i64::from(places);
    let (whole, fraction) = match usize::try_from(point) {
        Ok(point) if point >= digits.len() => (format!("{digits:0<point$}"), String::new()),
        Ok(point) => (digits[..point].to_owned(), digits[point..].to_owned()),
        Err(_) => {
            let width = digits.len() + point.unsigned_abs() as usize;
            (String::new(), format!("{digits:0>width$}"))
        }
    };
    let whole = whole.trim_start_matches('0');
    let whole = if whole.is_empty() { "0" } else { whole };
    match fraction.trim_end_matches('0') {
        "" => whole.to_owned(),
        fraction => format!("{whole}.{fraction}"),
    }
}

/// What two plain numbers have in common if they are equal: the sign, the digits before the point
/// and those after it, without zeros that say nothing.
pub(crate) fn parts(plain: &str) -> (bool, &str, &str) {
    let unsigned = plain.trim_start_matches(['-', '+']);
    let (whole, fraction) = unsigned.split_once('.').unwrap_or((unsigned, ""));
    let (whole, fraction) = (whole.trim_start_matches('0'), fraction.trim_end_matches('0'));
    (plain.starts_with('-'), whole, fraction)
}

/// Whether a text is a number in any form that [`plain`] reads.
pub(crate) fn is_number(text: &str) -> bool {
    plain(text).is_ok()
}

/// Digits after the point that matter, of a plain number.
pub(crate) fn decimals(plain: &str) -> usize {
    plain.split_once('.').map_or(0, |(_, fraction)| fraction.trim_end_matches('0').len())
}

/// What is wrong with a text that is no number.
fn fault(text: &str) -> &'static str {
    let lower = text.to_ascii_lowercase();
    let digits = text.bytes().filter(u8::is_ascii_digit).count();
    let grouping = |c: char| matches!(c, '_' | '\'' | '’') || c.is_whitespace();
    let rest = |c: char| c.is_ascii_digit() || grouping(c) || matches!(c, '.' | '-' | '+');
    match text {
        "" => "there is no value",
        _ if MISSING.contains(&&lower[..]) => "this stands for a missing value",
        _ if matches!(lower.trim_start_matches(['-', '+']), "inf" | "infinity") => {
            "this number is not finite"
        }
        _ if digits > 0 && text.chars().all(rest) && text.contains(grouping) => {
            "digits may not be grouped; write `1000`"
        }
        _ if digits > 0 && text.starts_with(['−', '–', '—']) => "a minus sign is written `-`",
        _ if digits > 0 && text.contains(',') => {
            "a comma is read only as the decimal comma of a CSV file whose separator is `;`"
        }
        _ => "this is no decimal number",
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn numbers_become_plain_and_stay_exact() {
        for same in ["0", "-1", "+2.50", "007", "123456789012345678901234567890"] {
            assert_eq!(plain(same).as_deref(), Ok(same));
        }
        for (text, wanted) in [
            ("1e3", "1000"),
            ("2.5E-2", "0.025"),
            ("+1e+2", "100"),
            ("-1.25e1", "-12.5"),
            ("12.5e0", "12.5"),
            ("120e-1", "12"),
            ("0e99", "0"),
            (".5", "0.5"),
            ("-5.", "-5"),
            ("00.1e1", "1"),
            ("1.0000000000000000000000000000001e31", "10000000000000000000000000000001"),
        ] {
            assert_eq!(plain(text).as_deref(), Ok(wanted), "{text}");
        }
    }

    #[test]
    fn what_is_no_number_says_why() {
        for (text, wanted) in [
            ("", "there is no value"),
            ("NaN", "this stands for a missing value"),
            ("NA", "this stands for a missing value"),
            ("-inf", "this number is not finite"),
            ("1_000", "digits may not be grouped; write `1000`"),
            ("1 000", "digits may not be grouped; write `1000`"),
            ("−5", "a minus sign is written `-`"),
            ("1e100", "its exponent is outside -99 to 99"),
            ("1e-99999999999", "its exponent is outside -99 to 99"),
        ] {
            assert_eq!(plain(text), Err(wanted), "{text}");
        }
        assert!(plain("1,5").unwrap_err().contains("decimal comma"));
        for bad in ["-", ".", "e3", "1e", "1e+", "1e2.5", "0x1", "1.2.3", "--1", "١", "five"] {
            assert_eq!(plain(bad), Err("this is no decimal number"), "{bad}");
        }
    }

    #[test]
    fn only_decimals_that_matter_count() {
        for (text, wanted) in [("3", 0), ("3.00", 0), ("1.50", 1), ("-0.025", 3)] {
            assert_eq!(decimals(text), wanted, "{text}");
        }
    }
}
