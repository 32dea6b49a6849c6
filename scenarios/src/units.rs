//! Quantities with units, read exactly: decimal text to integers, never through floating point.

/// A decimal number: `digits / 10^scale`, with its sign.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
struct Decimal {
    negative: bool,
    digits: u128,
    scale: u32,
}

impl Decimal {
    /// Reads `-12.50`; no exponent, no separators.
    fn parse(text: &str) -> Option<Decimal> {
        let (negative, unsigned) = match text.strip_prefix(['-', '+']) {
            Some(rest) => (text.starts_with('-'), rest),
            None => (false, text),
        };
        let (whole, fraction) = unsigned.split_once('.').unwrap_or((unsigned, ""));
        let is_number = |part: &str| part.bytes().all(|byte| byte.is_ascii_digit());
        if whole.is_empty() || !is_number(whole) || !is_number(fraction) {
            return None;
        }
        if unsigned.ends_with('.') {
            return None;
        }
        let fraction = fraction.trim_end_matches('0');
        // More digits than fit are more than any quantity.
        let digits = format!("{whole}{fraction}").parse().unwrap_or(u128::MAX);
        Some(Decimal { negative, digits, scale: fraction.len() as u32 })
    }

    /// The number times `factor`, if that is a non-negative integer below 2^64.
    fn times(self, factor: u64) -> Result<u64, Unfit> {
        if self.negative && self.digits != 0 {
            return Err(Unfit::Negative);
        }
        let scale = 10u128.checked_pow(self.scale).ok_or(Unfit::TooFine)?;
        let scaled = self.digits.checked_mul(u128::from(factor)).ok_or(Unfit::TooLarge)?;
        if scaled % scale != 0 {
            return Err(Unfit::TooFine);
        }
        u64::try_from(scaled / scale).map_err(|_| Unfit::TooLarge)
    }
}

/// Why a number is no quantity.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Unfit {
    Negative,
    TooFine,
    TooLarge,
}

/// A kind of quantity: its units as multiples of the one that is stored.
pub(crate) struct Units {
    /// What it is, with an example.
    pub(crate) expected: &'static str,
    stored: &'static str,
    units: &'static [(&'static str, u64)],
}

/// Durations, stored in nanoseconds.
pub(crate) const TIME: Units = Units {
    expected: "a duration with its unit (ns, us, ms, s, min, h), such as `40ms`",
    stored: "ns",
    units: &[
        ("ns", 1),
        ("us", 1_000),
        ("µs", 1_000),
        ("ms", 1_000_000),
        ("s", 1_000_000_000),
        ("min", 60_000_000_000),
        ("h", 3_600_000_000_000),
    ],
};

/// Prices of primitives, stored in picoseconds.
pub(crate) const PRICE: Units = Units {
    expected: "a duration with its unit (ps, ns, us, ms, s), such as `0.77ns`",
    stored: "ps",
    units: &[
        ("ps", 1),
        ("ns", 1_000),
        ("us", 1_000_000),
        ("µs", 1_000_000),
        ("ms", 1_000_000_000),
        ("s", 1_000_000_000_000),
    ],
};

/// Amounts of money, stored in nano-dollars.
pub(crate) const MONEY: Units = Units {
    expected: "an amount in nUSD, uUSD, mUSD or USD, such as `0.09 USD`",
    stored: "nUSD",
    units: &[
        ("nUSD", 1),
        ("uUSD", 1_000),
        ("µUSD", 1_000),
        ("mUSD", 1_000_000),
        ("USD", 1_000_000_000),
    ],
};

/// Capacities, stored in bits per second.
pub(crate) const CAPACITY: Units = Units {
    expected: "a capacity in bit/s, kbit/s, Mbit/s or Gbit/s, such as `100Mbit/s`, or `unlimited`",
    stored: "bit/s",
    units: &[("bit/s", 1), ("kbit/s", 1_000), ("Mbit/s", 1_000_000), ("Gbit/s", 1_000_000_000)],
};

/// Sizes, stored in bytes; a bare number is in bytes.
pub(crate) const BYTES: Units = Units {
    expected: "a size in B, kB, MB, GB, KiB, MiB or GiB, such as `1.5MB`",
    stored: "B",
    units: &[
        ("", 1),
        ("B", 1),
        ("kB", 1_000),
        ("MB", 1_000_000),
        ("GB", 1_000_000_000),
        ("KiB", 1 << 10),
        ("MiB", 1 << 20),
        ("GiB", 1 << 30),
    ],
};

/// Rates of requests, stored in requests per hour.
pub(crate) const RATE: Units = Units {
    expected: "a rate such as `2/s`, `30/min` or `100/h`",
    stored: "/h",
    units: &[("/h", 1), ("/min", 60), ("/s", 3_600)],
};

/// Factors, stored in thousandths.
pub(crate) const FACTOR: Units = Units {
    expected: "a factor such as `4` or `2.5`",
    stored: "thousandth",
    units: &[("", 1_000)],
};

/// Counts, without a unit.
pub(crate) const COUNT: Units =
    Units { expected: "a whole number without a unit", stored: "", units: &[("", 1)] };

/// Reads a quantity.
///
/// # Errors
/// What is wrong with it, as the end of a sentence.
pub(crate) fn parse(text: &str, kind: &Units) -> Result<u64, String> {
    let text = text.trim();
    let end = text.find(|c: char| !matches!(c, '0'..='9' | '.' | '-' | '+')).unwrap_or(text.len());
    let (number, unit) = (&text[..end], text[end..].trim());
    let number = Decimal::parse(number).ok_or_else(|| "this is no decimal number".to_owned())?;
    let Some((_, factor)) = kind.units.iter().find(|(name, _)| *name == unit) else {
        return Err(unit_mistake(unit, kind));
    };
    number.times(*factor).map_err(|unfit| match unfit {
        Unfit::Negative => "it may not be negative".to_owned(),
        Unfit::TooFine if kind.stored.is_empty() => "it is no whole number".to_owned(),
        Unfit::TooFine => format!("it is finer than 1 {}", kind.stored),
        Unfit::TooLarge => {
            format!("it is more than {} {}", u64::MAX, kind.stored).trim_end().to_owned()
        }
    })
}

/// Writes a quantity with the largest unit that it is a whole number of.
pub(crate) fn written(amount: u64, kind: &Units) -> String {
    let whole = |(unit, factor): &&(&str, u64)| unit.is_ascii() && amount.is_multiple_of(*factor);
    let unit = kind.units.iter().rev().find(whole).filter(|_| amount != 0);
    let (unit, factor) = unit.copied().unwrap_or((kind.stored, 1));
    format!("{}{unit}", amount / factor)
}

fn unit_mistake(unit: &str, kind: &Units) -> String {
    if unit.is_empty() {
        return "the unit is missing".to_owned();
    }
    if kind.stored == "bit/s" && unit.ends_with("B/s") {
        return format!("`{unit}` is in bytes; 1 MB/s is `8Mbit/s`");
    }
    if kind.stored == "bit/s" && unit.ends_with("bps") {
        return format!(
            "`{unit}` may be read as bits or bytes; write bit/s, kbit/s, Mbit/s, Gbit/s"
        );
    }
    let same = kind.units.iter().find(|(name, _)| name.eq_ignore_ascii_case(unit));
    match same {
        Some((name, _)) => format!("`{unit}` is no unit; did you mean `{name}`?"),
        None => format!("`{unit}` is no unit of this"),
    }
}

/// Reads a probability such as `0.1%` or `0.001` in parts per million.
///
/// # Errors
/// What is wrong with it, as the end of a sentence.
pub(crate) fn parse_ppm(text: &str) -> Result<u32, String> {
    let (number, factor) = match text.trim().strip_suffix('%') {
        Some(number) => (number.trim(), 10_000),
        None => (text.trim(), 1_000_000),
    };
    let number = Decimal::parse(number).ok_or_else(|| "this is no decimal number".to_owned())?;
    match number.times(factor) {
        Ok(ppm) if ppm <= 1_000_000 => Ok(ppm as u32),
        Ok(_) | Err(Unfit::TooLarge) => Err("it is more than 100%".to_owned()),
        Err(Unfit::Negative) => Err("it may not be negative".to_owned()),
        Err(Unfit::TooFine) => Err("it is finer than 0.0001%".to_owned()),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn quantities_are_exact() {
        assert_eq!(parse("40ms", &TIME), Ok(40_000_000));
        assert_eq!(parse(" 1.5 s ", &TIME), Ok(1_500_000_000));
        assert_eq!(parse("0.3µs", &TIME), Ok(300));
        assert_eq!(parse("0.77ns", &PRICE), Ok(770));
        assert_eq!(parse("100Mbit/s", &CAPACITY), Ok(100_000_000));
        assert_eq!(parse("1.5KiB", &BYTES), Ok(1536));
        assert_eq!(parse("12", &BYTES), Ok(12));
        assert_eq!(parse("18446744073709551615ns", &TIME), Ok(u64::MAX));
    }

    #[test]
    fn quantities_are_written_as_they_are_read() {
        assert_eq!(written(5_000_000, &TIME), "5ms");
        assert_eq!(written(5_000_001, &TIME), "5000001ns");
        assert_eq!(written(7_200_000_000_000, &TIME), "2h");
        assert_eq!(written(1_500, &TIME), "1500ns");
        for ns in [0, 1, 3_000, 1 << 40, 90_000_000_000, u64::MAX] {
            assert_eq!(parse(&written(ns, &TIME), &TIME), Ok(ns));
        }
    }

    #[test]
    fn what_is_no_quantity_says_why() {
        let why = |text, kind| parse(text, kind).unwrap_err();
        assert_eq!(why("40", &TIME), "the unit is missing");
        assert_eq!(why("40 parsecs", &TIME), "`parsecs` is no unit of this");
        assert_eq!(why("40MS", &TIME), "`MS` is no unit; did you mean `ms`?");
        assert_eq!(why("-1ms", &TIME), "it may not be negative");
        assert_eq!(why("0.5ns", &TIME), "it is finer than 1 ns");
        assert_eq!(why("18446744073709551616ns", &TIME), "it is more than 18446744073709551615 ns");
        assert_eq!(why("ms", &TIME), "this is no decimal number");
        assert_eq!(why("1.ms", &TIME), "this is no decimal number");
        assert_eq!(why("1e3ms", &TIME), "`e3ms` is no unit of this");
        let bytes = "`MB/s` is in bytes; 1 MB/s is `8Mbit/s`";
        assert_eq!(why("100MB/s", &CAPACITY), bytes);
    }

    #[test]
    fn probabilities_are_parts_per_million() {
        assert_eq!(parse_ppm("0.1%"), Ok(1_000));
        assert_eq!(parse_ppm("0.001"), Ok(1_000));
        assert_eq!(parse_ppm("100%"), Ok(1_000_000));
        assert_eq!(parse_ppm("0"), Ok(0));
        assert_eq!(parse_ppm("101%"), Err("it is more than 100%".to_owned()));
        assert_eq!(parse_ppm("0.00001%"), Err("it is finer than 0.0001%".to_owned()));
    }
}
