//! Do parts of a view follow parts of an honest input? All bits of all elements and bytes, residues
//! modulo small primes, whole values, XORs of bits of neighbouring elements.
//!
//! Runs are those of the linear distinguisher: a coin chose one of two inputs in each. Where the
//! answer is suspicious but not sure, more runs are made, and the looks are paid for.

use std::fmt;

use super::findings::{Compared, Outcome, Test};
use super::linear::Tossed;
use super::views::{Domain, Sample, aligned};
use super::{ALPHA, Unit};
use crate::evidence::agreement::{self, Agreement, Choice};
use crate::evidence::xors;

/// Name of the test.
pub(super) const NAME: &str = "parts of inputs";

/// Honest values that are looked for, and bits of each.
const TARGETS: usize = 8;
const BITS: u32 = 16;
/// Columns of one algebra.
const COLUMNS: usize = 240;
const BYTES: usize = 1024;
const PRIMES: [u8; 6] = [2, 3, 5, 7, 11, 13];
/// How often as many runs are made, at most: one, two and four times as many.
pub(super) const LOOKS: [usize; 3] = [1, 2, 4];
/// A p-value that asks for more runs.
const SUSPICIOUS: f64 = 0.5;

/// What was found in some runs.
pub(super) struct Followed {
    compared: Vec<Compared>,
    runs: u64,
    tried: u64,
}

impl Followed {
    /// Whether more runs would tell more.
    pub(super) fn is_open(&self) -> bool {
        let least = self.compared.iter().map(|one| one.p_value).fold(1.0, f64::min);
        least < SUSPICIOUS && least > ALPHA * ALPHA
    }

    pub(super) fn into_test(self, unit: &Unit) -> Test {
        let share = agreement::detectable(self.runs, self.tried, ALPHA);
        let note = format!(
            "{} parts of views; sees what follows an input in {:.0} % of runs",
            self.tried,
            100.0 * share
        );
        let outcome = Outcome::Compared(self.compared);
        Test { note, ..unit.test(NAME, "all", self.runs, outcome) }
    }
}

/// Looks at all parts of the views.
pub(super) fn follow(tossed: &Tossed<'_>) -> Followed {
    let runs = aligned(&tossed.samples);
    let mut followed = Followed { compared: Vec::new(), runs: runs.len() as u64, tried: 0 };
    let Some((first, sample)) = runs.first() else { return followed };
    let targets = tossed.choice(*first).map_or(0, |[used, _]| used.len()).min(TARGETS);
    for (part, columns) in parts(&runs, sample) {
        let secrets = |cut: &dyn Fn(i128) -> u128| -> Vec<Vec<Choice>> {
            let secret = |target: usize| {
                let choice = |(run, _): &(usize, &Sample)| {
                    let [used, other] = tossed.choice(*run)?;
                    Some([cut(*used.get(target)?), cut(*other.get(target)?)])
                };
                runs.iter().map(|run| choice(run).unwrap_or_default()).collect()
            };
            (0..targets).map(secret).collect()
        };
        let low = |value: i128| value.cast_unsigned() & ((1 << BITS) - 1);
        let primes: &[u8] = if part.is_large() { &PRIMES } else { &[] };
        let found = [
            ("bits", agreement::planes(&columns, &secrets(&low))),
            ("residues", agreement::residues(&columns, &secrets(&|v| part.whole(v)), primes)),
        ];
        for (what, found) in found {
            followed.tried += found.map_or(0, |found| found.tried);
            let what = format!("{what} of {part}");
            followed.compared.extend(found.map(|found| compared(what, &found)));
        }
        let (bits, group) = part.grouped();
        // The bits of a negative number modulo a prime are not those of the number.
        let whole = secrets(&|value| part.whole(value));
        if let Some(found) = xors::follow(&columns, bits, group, &whole) {
            let (secret, bit) = found.secret;
            let what = format!("XORs of {part}");
            let detail = format!(
                "{what}: one of bits of columns {} to {} of the view is bit {bit} of honest value \
                 {secret} in all of {} runs",
                found.column,
                found.column + group - 1,
                found.runs
            );
            let p_value = (found.p_value * LOOKS.len() as f64).min(1.0);
            followed.compared.push(Compared { what, p_value, detail });
        }
    }
    followed
}

/// What columns hold.
#[derive(Clone, Copy, Debug)]
enum Part {
    Elements(Domain),
    /// Sums of what parties tell each other in one place.
    Sums(Domain),
    Opened,
    Bytes,
}

impl Part {
    fn is_large(self) -> bool {
        match self {
            Part::Elements(of) | Part::Sums(of) => match of {
                Domain::Prime(p) => p > 1 << 16,
                Domain::Ring(bits) => bits > 16,
                Domain::Bits => false,
            },
            Part::Bytes => false,
            Part::Opened => true,
        }
    }

    /// Bits of a column, and neighbours whose bits are added up together.
    fn grouped(self) -> (u32, usize) {
        match self {
            Part::Elements(of) | Part::Sums(of) => match of {
                Domain::Prime(p) => with_next(128 - p.leading_zeros()),
                Domain::Ring(bits) => with_next(bits),
                // The linear distinguisher takes them all together.
                Domain::Bits => (1, 64),
            },
            Part::Opened => (128, 1),
            Part::Bytes => (8, 32),
        }
    }

    /// An honest value as a column would have it.
    fn whole(self, value: i128) -> u128 {
        match self {
            Part::Elements(Domain::Ring(bits)) | Part::Sums(Domain::Ring(bits)) if bits < 128 => {
                value.cast_unsigned() & ((1 << bits) - 1)
            }
            Part::Elements(domain) | Part::Sums(domain) => domain.residue(value),
            Part::Opened => value.unsigned_abs(),
            Part::Bytes => value.cast_unsigned() & 0xff,
        }
    }
}

impl fmt::Display for Part {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Part::Elements(domain) => write!(f, "elements over {domain}"),
            Part::Sums(domain) => write!(f, "sums over {domain}"),
            Part::Opened => f.write_str("masked openings"),
            Part::Bytes => f.write_str("bytes"),
        }
    }
}

/// Bits of an element, which stands beside the next if both are short.
fn with_next(bits: u32) -> (u32, usize) {
    (bits, if bits <= 64 { 2 } else { 1 })
}

/// The columns of all views, by what they hold.
fn parts(runs: &[(usize, &Sample)], first: &Sample) -> Vec<(Part, Vec<Vec<u128>>)> {
    let elements = first.columns.keys().map(|domain| {
        let columns = transposed(runs, COLUMNS, |sample| sample.column(*domain));
        (Part::Elements(*domain), columns)
    });
    let sums = first.sums.keys().map(|domain| {
        let of = |sample: &Sample| sample.sums.get(domain).cloned().unwrap_or_default();
        (Part::Sums(*domain), transposed(runs, COLUMNS, of))
    });
    let mut parts: Vec<_> = elements.chain(sums).collect();
    let opened = |sample: &Sample| sample.opened.iter().map(|opened| opened.value).collect();
    parts.push((Part::Opened, transposed(runs, COLUMNS, opened)));
    let bytes = |sample: &Sample| sample.bytes.iter().map(|byte| u128::from(*byte)).collect();
    parts.push((Part::Bytes, transposed(runs, BYTES, bytes)));
    parts.retain(|(_, columns)| !columns.is_empty());
    parts
}

fn compared(what: String, found: &Agreement) -> Compared {
    let Agreement { secret, column, part, of_secret, with, sides, .. } = found;
    let detail = format!(
        "{what}: column {column} of the view ({part}) follows honest value {secret} ({of_secret}) in \
         {with} of {sides} runs"
    );
    // As many looks as there may be.
    Compared { what, p_value: (found.p_value * LOOKS.len() as f64).min(1.0), detail }
}

/// By column, at most so many.
fn transposed(
    runs: &[(usize, &Sample)],
    most: usize,
    of: impl Fn(&Sample) -> Vec<u128>,
) -> Vec<Vec<u128>> {
    let rows: Vec<Vec<u128>> = runs.iter().map(|(_, sample)| of(sample)).collect();
    let width = rows.iter().map(Vec::len).min().unwrap_or(0).min(most);
    (0..width).map(|at| rows.iter().map(|row| row[at]).collect()).collect()
}
