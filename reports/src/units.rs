//! Figures for readers: three significant digits and a unit; and the quantities of swept keys.

use serde_json::Value;

/// What a number counts.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Unit {
    /// Nanoseconds.
    Time,
    /// Bytes.
    Bytes,
    /// Bits per second.
    Rate,
    /// Things, exactly.
    Count,
    /// Things per second.
    PerSecond,
    /// A share of one, shown in percent.
    Share,
    /// A probability, shown as it is.
    Probability,
    /// Nano-dollars.
    Money,
}

/// Steps of a unit, ascending: factor, symbol.
type Steps = &'static [(f64, &'static str)];

const TIME: Steps =
    &[(1.0, "ns"), (1e3, "µs"), (1e6, "ms"), (1e9, "s"), (6e10, "min"), (3.6e12, "h")];
const BYTES: Steps =
    &[(1.0, "B"), (1e3, "kB"), (1e6, "MB"), (1e9, "GB"), (1e12, "TB"), (1e15, "PB")];
const RATE: Steps =
    &[(1.0, "bit/s"), (1e3, "kbit/s"), (1e6, "Mbit/s"), (1e9, "Gbit/s"), (1e12, "Tbit/s")];
const MONEY: Steps = &[(1.0, "nUSD"), (1e3, "µUSD"), (1e6, "mUSD"), (1e9, "USD")];
const COUNT: Steps = &[(1.0, ""), (1e6, "M"), (1e9, "G"), (1e12, "T"), (1e15, "P")];
const SHARE: Steps = &[(0.01, "%")];

/// Seconds stay seconds up to this many, because `150 s` compares better than `2.5 min`.
const LONGEST_SECONDS: f64 = 600.0;

/// Units that swept values may be written in: symbol, factor, what they count.
const WRITTEN: &[(&str, f64, Unit)] = &[
    ("ns", 1.0, Unit::Time),
    ("us", 1e3, Unit::Time),
    ("µs", 1e3, Unit::Time),
    ("ms", 1e6, Unit::Time),
    ("s", 1e9, Unit::Time),
    ("min", 6e10, Unit::Time),
    ("h", 3.6e12, Unit::Time),
    ("bit/s", 1.0, Unit::Rate),
    ("kbit/s", 1e3, Unit::Rate),
    ("Mbit/s", 1e6, Unit::Rate),
    ("Gbit/s", 1e9, Unit::Rate),
    ("Tbit/s", 1e12, Unit::Rate),
    ("bps", 1.0, Unit::Rate),
    ("kbps", 1e3, Unit::Rate),
    ("Mbps", 1e6, Unit::Rate),
    ("Gbps", 1e9, Unit::Rate),
    ("B/s", 8.0, Unit::Rate),
    ("kB/s", 8e3, Unit::Rate),
    ("MB/s", 8e6, Unit::Rate),
    ("GB/s", 8e9, Unit::Rate),
    ("B", 1.0, Unit::Bytes),
    ("kB", 1e3, Unit::Bytes),
    ("MB", 1e6, Unit::Bytes),
    ("GB", 1e9, Unit::Bytes),
    ("KiB", 1024.0, Unit::Bytes),
    ("MiB", 1_048_576.0, Unit::Bytes),
    ("GiB", 1_073_741_824.0, Unit::Bytes),
    ("%", 0.01, Unit::Share),
];

impl Unit {
    /// The unit of a registered metric's values.
    #[must_use]
    pub fn of_metric(unit: &str) -> Unit {
        match unit {
            "ns" => Unit::Time,
            "B" => Unit::Bytes,
            "nUSD" => Unit::Money,
            _ => Unit::Count,
        }
    }

    /// The unit as the end of a column's name; empty where there is none.
    #[cfg(feature = "render")]
    pub(crate) fn suffix(self) -> &'static str {
        match self {
            Unit::Time => "ns",
            Unit::Bytes => "bytes",
            Unit::Rate => "bit_per_s",
            Unit::Money => "nano_usd",
            Unit::PerSecond => "per_s",
            Unit::Count | Unit::Share | Unit::Probability => "",
        }
    }

    /// What to divide numbers of up to this size by, and the symbol of the unit then.
    #[cfg(feature = "render")]
    pub(crate) fn scale(self, largest: f64) -> (f64, &'static str) {
        if self == Unit::Probability { (1.0, "") } else { self.step(largest) }
    }

    fn steps(self) -> Steps {
        match self {
            Unit::Time => TIME,
            Unit::Bytes => BYTES,
            Unit::Rate => RATE,
            Unit::Count | Unit::PerSecond | Unit::Probability => COUNT,
            Unit::Share => SHARE,
            Unit::Money => MONEY,
        }
    }

    /// The largest step that keeps the number at or above one: factor and symbol.
    fn step(self, value: f64) -> (f64, &'static str) {
        let steps = self.steps();
        let fits = |(factor, symbol): &&(f64, &str)| {
            let too_long = *symbol == "min" && value < LONGEST_SECONDS * 1e9;
            // 999.5 would be rounded up to 1000 of the smaller unit.
            value >= factor * 0.9995 && !too_long
        };
        steps.iter().rev().find(fits).copied().unwrap_or(steps[0])
    }

    /// A measured figure with its unit, three significant digits: `1.23 MB`, `46.2 ms`, `870 B`.
    /// Counts up to a million are exact: `12,345`.
    #[must_use]
    pub fn show(self, value: u64) -> String {
        if value == 0 || self == Unit::Count && value < 1_000_000 {
            return thousands(value);
        }
        let (factor, symbol) = self.step(value as f64);
        if factor == 1.0 {
            return format!("{value} {symbol}");
        }
        format!("{} {symbol}", significant(value as f64 / factor))
    }

    /// An axis label: as short as the number allows, `10 ms`, `2.5 kB`, `1`.
    #[must_use]
    pub fn tick(self, value: f64) -> String {
        if self == Unit::Probability {
            return probability(value);
        }
        if self == Unit::Count && value < 1_000_000.0 && value.fract() == 0.0 {
            return thousands(value as u64);
        }
        // Minutes and hours have no round tens.
        let value_in = if self == Unit::Time { value.min(1e9) } else { value };
        let (factor, symbol) = self.step(value_in);
        let number = short(value / factor);
        if value == 0.0 || symbol.is_empty() { number } else { format!("{number} {symbol}") }
    }
}

/// Symbols that [`Unit::show`] writes behind numbers, with what they stand for.
#[cfg(feature = "render")]
pub(crate) fn symbols() -> impl Iterator<Item = (&'static str, f64)> {
    let steps = [TIME, BYTES, RATE, MONEY, COUNT, SHARE].into_iter().flatten();
    steps.filter(|(_, symbol)| !symbol.is_empty()).map(|(factor, symbol)| (*symbol, *factor))
}

/// Reads a swept value as a number on an axis: plain numbers are counts, text is a number with a
/// unit. `None` for anything else.
#[must_use]
pub fn quantity(value: &Value) -> Option<(f64, Unit)> {
    match value {
        Value::Number(number) => Some((number.as_f64()?, Unit::Count)),
        Value::String(text) => {
            let text = text.trim();
            let ends = text.find(|c: char| !(c.is_ascii_digit() || matches!(c, '.' | '_')));
            let (number, symbol) = text.split_at(ends.unwrap_or(text.len()));
            let number: f64 = number.replace('_', "").parse().ok()?;
            let symbol = symbol.trim();
            if symbol.is_empty() {
                return Some((number, Unit::Count));
            }
            let (_, factor, unit) = WRITTEN.iter().find(|(written, ..)| *written == symbol)?;
            Some((number * factor, *unit))
        }
        _ => None,
    }
}

/// Three significant digits, trailing zeros kept, so that columns align: `1.20`, `12.0`, `120`.
fn significant(value: f64) -> String {
    let decimals = match value {
        v if v < 9.995 => 2,
        v if v < 99.95 => 1,
        _ => 0,
    };
    format!("{value:.decimals$}")
}

/// Up to three decimals, trailing zeros dropped.
fn short(value: f64) -> String {
    let text = format!("{value:.3}");
    text.trim_end_matches('0').trim_end_matches('.').to_owned()
}

/// A level of confidence: by what it lacks where it is close to one.
///
/// ```
/// use mpclab_reports::units::confidence;
/// assert_eq!((confidence(0.999_999), confidence(0.95)), ("1 - 1e-6".to_owned(), "0.95".to_owned()));
/// ```
#[must_use]
pub fn confidence(value: f64) -> String {
    let lacks = 1.0 - value;
    if value.is_finite() && lacks > 0.0 && lacks < 0.001 {
        return format!("1 - {lacks:.0e}");
    }
    probability(value)
}

/// A probability: three significant digits, `0.25`, `1.23e-5`; a small power of two as such,
/// `2^-40`; a dash for what is no number.
#[must_use]
pub fn probability(value: f64) -> String {
    let decimals = match value {
        v if !v.is_finite() => return "–".to_owned(),
        v if v == 0.0 || v >= 0.1 => 3,
        v if v >= 0.01 => 4,
        v if v >= 0.001 => 5,
        v => {
            let exponent = v.log2().round();
            if exponent.exp2() == v {
                return format!("2^{exponent}");
            }
            let text = format!("{v:.2e}");
            let (mantissa, power) = text.split_once('e').unwrap_or((&text, "0"));
            let mantissa = mantissa.trim_end_matches('0').trim_end_matches('.');
            return format!("{mantissa}e{power}");
        }
    };
    let text = format!("{value:.decimals$}");
    text.trim_end_matches('0').trim_end_matches('.').to_owned()
}

/// An integer in full, with a comma after each three digits: `1,843,200`.
#[must_use]
pub fn thousands(value: u64) -> String {
    let digits = value.to_string();
    let mut text = String::new();
    for (at, digit) in digits.chars().enumerate() {
        if at > 0 && (digits.len() - at).is_multiple_of(3) {
            text.push(',');
        }
        text.push(digit);
    }
    text
}
