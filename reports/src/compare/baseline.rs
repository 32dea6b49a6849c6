//! Baselines: what the gate holds of a scenario, as text that differs where figures do.

use std::collections::BTreeMap;
use std::io;

use mpclab_sim::vocabulary::Claims;
use serde::{Deserialize, Serialize};
use serde_json::Value;
use serde_json::ser::{Formatter, PrettyFormatter};

use super::Case;
use crate::record::{Key, SCHEMA, big};

/// Why a baseline cannot be written or read.
#[derive(Debug, thiserror::Error)]
pub enum BaselineError {
    /// Times of this machine are no baseline for another.
    #[error(
        "{0} measures its compute, which differs from run to run; a baseline needs a profile, or \
         `compute: none`"
    )]
    Measured(String),
    /// The text is no baseline.
    #[error("not a baseline: {0}")]
    Form(#[from] serde_json::Error),
    /// A baseline of another version.
    #[error("schema {0}, but this version reads schema {SCHEMA}")]
    Schema(u32),
    /// A figure has too many or too few values.
    #[error("{figure} of {case} has {found} values for {expected} repetitions")]
    Values {
        /// Which case.
        case: String,
        /// Which figure.
        figure: String,
        /// Values that it has.
        found: usize,
        /// Repetitions that there are.
        expected: usize,
    },
}

/// One scenario.
#[derive(Serialize, Deserialize)]
struct File {
    baseline: u32,
    cases: Vec<Entry>,
}

/// One protocol at one sweep point.
#[derive(Serialize, Deserialize)]
struct Entry {
    key: Key,
    model: u32,
    #[serde(with = "big::number")]
    seed: u64,
    repetitions: Vec<u32>,
    profile: String,
    #[serde(default, with = "big::nested")]
    claims: Option<Claims>,
    unpriced_setup: bool,
    corrupted: bool,
    fingerprint: String,
    parts: BTreeMap<String, String>,
    /// A value that all repetitions share, or a list of theirs.
    figures: BTreeMap<String, Value>,
}

/// Name of the file that holds a scenario's baseline, whatever the scenario is called.
#[must_use]
pub fn baseline_name(scenario: &str) -> String {
    format!("{}.json", mpclab_files::component(scenario))
}

/// The baseline of a scenario's cases as text: sorted, one figure in each line, without versions
/// and wall-clock times.
///
/// # Errors
/// [`BaselineError::Measured`] if compute was measured.
pub fn write_baseline(cases: &[Case]) -> Result<String, BaselineError> {
    let mut cases: Vec<&Case> = cases.iter().collect();
    cases.sort_by_key(|case| case.key.id());
    if let Some(measured) = cases.iter().find(|case| case.profile == "measured") {
        return Err(BaselineError::Measured(measured.key.id()));
    }
    let file = File { baseline: SCHEMA, cases: cases.into_iter().map(entry).collect() };
    let mut bytes = Vec::new();
    let mut to = serde_json::Serializer::with_formatter(&mut bytes, Lines::default());
    file.serialize(&mut to)?;
    Ok(String::from_utf8_lossy(&bytes).into_owned() + "\n")
}

fn entry(case: &Case) -> Entry {
    let series = |(name, values): (&String, &Vec<Value>)| {
        let values: Vec<Value> = values.iter().map(crate::record::lifted).collect();
        let is_shared = values.iter().all(|value| *value == values[0]);
        let shown = if is_shared { values[0].clone() } else { Value::Array(values) };
        (name.clone(), shown)
    };
    Entry {
        key: case.key.clone(),
        model: case.model,
        seed: case.seed,
        repetitions: case.repetitions.clone(),
        profile: case.profile.clone(),
        claims: case.claims,
        unpriced_setup: case.unpriced_setup,
        corrupted: case.corrupted,
        fingerprint: case.fingerprint.clone(),
        parts: case.parts.clone(),
        figures: case.figures.iter().map(series).collect(),
    }
}

/// Reads a baseline.
///
/// # Errors
/// [`BaselineError`] says what is wrong with it.
pub fn read_baseline(text: &[u8]) -> Result<Vec<Case>, BaselineError> {
    #[derive(Deserialize)]
    struct Head {
        baseline: u32,
    }
    let head: Head = serde_json::from_slice(text)?;
    if head.baseline != SCHEMA {
        return Err(BaselineError::Schema(head.baseline));
    }
    let file: File = serde_json::from_slice(text)?;
    file.cases.into_iter().map(case).collect()
}

fn case(entry: Entry) -> Result<Case, BaselineError> {
    let expected = entry.repetitions.len();
    let mut figures = BTreeMap::new();
    for (figure, value) in entry.figures {
        let values = match value {
            Value::Array(values) => values,
            shared => vec![shared; expected],
        };
        if values.len() != expected {
            let (case, found) = (entry.key.id(), values.len());
            return Err(BaselineError::Values { case, figure, found, expected });
        }
        let is_word = is_word(&figure);
        let values = values.into_iter().map(|value| if is_word { value } else { lowered(value) });
        figures.insert(figure, values.collect());
    }
    Ok(Case {
        key: entry.key,
        model: entry.model,
        seed: entry.seed,
        fingerprint: entry.fingerprint,
        parts: entry.parts,
        profile: entry.profile,
        claims: entry.claims,
        unpriced_setup: entry.unpriced_setup,
        corrupted: entry.corrupted,
        repetitions: entry.repetitions,
        figures,
        wall_ns: Vec::new(),
    })
}

/// Whether a figure's values are words, not numbers.
pub(super) fn is_word(figure: &str) -> bool {
    figure == "outcome" || figure.starts_with("verdict.") || figure.starts_with("digest.")
}

/// Integers above 2^53 are strings.
fn lowered(value: Value) -> Value {
    value.as_str().and_then(|text| text.parse::<u64>().ok()).map_or(value.clone(), Value::from)
}

/// Objects over many lines, lists on one: a value of several repetitions stays one line.
#[derive(Default)]
struct Lines {
    pretty: PrettyFormatter<'static>,
    /// For each open list, whether it is written on one line.
    flat: Vec<bool>,
}

impl Lines {
    /// The list of cases is the only one that objects stand in.
    fn is_flat(&self) -> bool {
        self.flat.last() == Some(&true)
    }
}

impl Formatter for Lines {
    fn begin_array<W: ?Sized + io::Write>(&mut self, to: &mut W) -> io::Result<()> {
        let is_flat = !self.flat.is_empty();
        self.flat.push(is_flat);
        if is_flat { to.write_all(b"[") } else { self.pretty.begin_array(to) }
    }

    fn end_array<W: ?Sized + io::Write>(&mut self, to: &mut W) -> io::Result<()> {
        let is_flat = self.is_flat();
        self.flat.pop();
        if is_flat { to.write_all(b"]") } else { self.pretty.end_array(to) }
    }

    fn begin_array_value<W: ?Sized + io::Write>(
        &mut self,
        to: &mut W,
        first: bool,
    ) -> io::Result<()> {
        match (self.is_flat(), first) {
            (true, true) => Ok(()),
            (true, false) => to.write_all(b", "),
            (false, _) => self.pretty.begin_array_value(to, first),
        }
    }

    fn end_array_value<W: ?Sized + io::Write>(&mut self, to: &mut W) -> io::Result<()> {
        if self.is_flat() { Ok(()) } else { self.pretty.end_array_value(to) }
    }

    fn begin_object<W: ?Sized + io::Write>(&mut self, to: &mut W) -> io::Result<()> {
        self.pretty.begin_object(to)
    }

    fn end_object<W: ?Sized + io::Write>(&mut self, to: &mut W) -> io::Result<()> {
        self.pretty.end_object(to)
    }

    fn begin_object_key<W: ?Sized + io::Write>(
        &mut self,
        to: &mut W,
        first: bool,
    ) -> io::Result<()> {
        self.pretty.begin_object_key(to, first)
    }

    fn begin_object_value<W: ?Sized + io::Write>(&mut self, to: &mut W) -> io::Result<()> {
        self.pretty.begin_object_value(to)
    }

    fn end_object_value<W: ?Sized + io::Write>(&mut self, to: &mut W) -> io::Result<()> {
        self.pretty.end_object_value(to)
    }
}
