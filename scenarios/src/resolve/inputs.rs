//! Where inputs come from, and given ones.

use std::collections::BTreeMap;
use std::sync::Arc;

use serde_json::{Value, json};

use super::csv::field_span;
use super::{csv, exactly_one};
use crate::inline::Loader;
use crate::mistake::Mistake;
use crate::number;
use crate::path::KeyPath;
use crate::source::{Place, Source};
use crate::wire::{Alt, InputsWire, RandomWord};

/// Where a function's inputs come from.
#[derive(Clone, Debug)]
pub enum InputSource {
    /// From the function's own generator, by the run's seed.
    Random,
    /// From the scenario or a file.
    Given(Arc<GivenInputs>),
}

/// Inputs as written, decimal text by input party and column.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct GivenInputs {
    /// For each input party, its columns by name; all parties have the same columns.
    pub parties: Vec<BTreeMap<String, Column>>,
    pub(crate) origin: Origin,
}

/// What one input party gives in one column.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Column {
    /// Decimal numbers in plain form, for example `-12.50`; no exponents.
    pub values: Vec<String>,
    /// Whether it was written as a list, or as several rows.
    pub is_list: bool,
    /// Line of each value in its CSV file, from 1.
    pub(crate) lines: Vec<u64>,
    /// Position of the column in its CSV file, from 0.
    pub(crate) index: usize,
}

/// Where given inputs stand.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Origin {
    Yaml,
    Csv { file: usize },
}

impl GivenInputs {
    /// The place of the `index`-th value of an input party's column, for [`Source::error`];
    /// `inputs` is the place of the cell's inputs.
    #[must_use]
    pub fn place(
        &self,
        source: &Source,
        inputs: &Place,
        party: usize,
        column: &str,
        index: usize,
    ) -> Place {
        let found = self.parties.get(party).and_then(|columns| columns.get(column));
        match self.origin {
            Origin::Yaml => {
                let place = inputs.below(&["values", &party.to_string(), column]);
                match found {
                    Some(column) if column.is_list => place.below(&[index.to_string()]),
                    _ => place,
                }
            }
            Origin::Csv { file } => {
                let line = found.and_then(|column| column.lines.get(index)).copied().unwrap_or(1);
                let position = found.map(|column| column.index);
                inputs.in_text(file, field_span(&source.text(file), line, position))
            }
        }
    }

    /// Digits after the point that matter, of the value that has the most of them.
    pub(crate) fn decimals(&self) -> usize {
        let columns = self.parties.iter().flat_map(BTreeMap::values);
        let values = columns.flat_map(|column| &column.values);
        values.map(|value| number::decimals(value)).max().unwrap_or(0)
    }

    /// Input party, column and row, from 0, of the first value that has the most digits after the
    /// point; `None` if none has any.
    #[must_use]
    pub fn finest(&self) -> Option<(usize, &str, usize)> {
        let most = Some(self.decimals()).filter(|most| *most > 0)?;
        self.parties.iter().enumerate().find_map(|(party, columns)| {
            columns.iter().find_map(|(name, column)| {
                let has_most = |value: &String| number::decimals(value) == most;
                Some((party, name.as_str(), column.values.iter().position(has_most)?))
            })
        })
    }

    /// Values in each column of each input party; `None` if columns of one party differ.
    pub(crate) fn lengths(&self) -> Option<Vec<usize>> {
        let of = |columns: &BTreeMap<String, Column>| {
            let mut lengths = columns.values().map(|column| column.values.len());
            let first = lengths.next().unwrap_or(0);
            lengths.all(|length| length == first).then_some(first)
        };
        self.parties.iter().map(of).collect()
    }

    /// The inputs as they would be written under `function.inputs` of a scenario.
    pub(crate) fn written(&self) -> Value {
        let columns = |columns: &BTreeMap<String, Column>| -> Value {
            let entries = columns.iter().map(|(name, column)| {
                let value = match &column.values[..] {
                    [one] if !column.is_list => json!(one),
                    all => json!(all),
                };
                (name.clone(), value)
            });
            Value::Object(entries.collect())
        };
        json!({ "values": self.parties.iter().map(columns).collect::<Vec<_>>() })
    }
}

impl InputSource {
    pub(crate) fn identity(&self) -> Value {
        match self {
            InputSource::Random => json!("random"),
            InputSource::Given(given) => given.written(),
        }
    }
}

/// Gives inputs their meaning for this many input parties.
pub(crate) fn resolve(
    wire: Option<&Alt<RandomWord, InputsWire>>,
    at: &KeyPath,
    input_parties: usize,
    loader: &mut Loader<'_>,
) -> Result<InputSource, Vec<Mistake>> {
    let wire = match wire {
        None | Some(Alt::Short(RandomWord::Random)) => return Ok(InputSource::Random),
        Some(Alt::Long(wire)) => wire,
    };
    let kinds = [("values", wire.values.is_some()), ("csv", wire.csv.is_some())];
    exactly_one(at, &kinds).map_err(|mistake| vec![mistake])?;
    let given = if let Some(reference) = &wire.csv {
        let at = at.key("csv");
        let path = loader.resolve(reference);
        let shown = path.display().to_string();
        let file = match loader.source.position(&shown) {
            Some(file) => file,
            None => {
                let text = loader.files.read(&path, csv::MAX_CSV_BYTES).map_err(|why| {
                    vec![Mistake::new(&at, format!("cannot read the CSV file `{shown}`"), why)]
                })?;
                loader.add(&path, &text)
            }
        };
        csv::read(&loader.source, file, &at, input_parties)?
    } else {
        from_values(wire, &at.key("values"), input_parties)?
    };
    Ok(InputSource::Given(Arc::new(given)))
}

fn from_values(
    wire: &InputsWire,
    at: &KeyPath,
    input_parties: usize,
) -> Result<GivenInputs, Vec<Mistake>> {
    let values = wire.values.as_deref().unwrap_or_default();
    if values.len() > input_parties {
        let message = format!("there are only {input_parties} input parties");
        let at = at.index(input_parties);
        return Err(vec![Mistake::new(&at, message, "this entry belongs to nobody")]);
    }
    for (party, columns) in values.iter().enumerate() {
        if let Some(name) = columns.keys().find(|name| has_brackets(name)) {
            let at = at.index(party).key(name);
            return Err(vec![Mistake::new(&at, NO_BRACKETS, "the name of a column").on_key()]);
        }
    }
    let mut parties = vec![BTreeMap::new(); input_parties];
    for (party, columns) in parties.iter_mut().zip(values) {
        *party = columns
            .iter()
            .map(|(name, numbers)| {
                let values = numbers.texts.clone();
                let column = Column { values, is_list: numbers.is_list, ..Column::default() };
                (name.clone(), column)
            })
            .collect();
    }
    check_parties(&parties, values.len(), at).map_err(|mistake| vec![mistake])?;
    Ok(GivenInputs { parties, origin: Origin::Yaml })
}

/// What is said of the name of such a column.
pub(super) const NO_BRACKETS: &str = "names of columns have no brackets";

/// Whether a column's name has brackets, of which a file may not have many, quoted or not: then
/// `resolved.yaml`, which holds the columns, could not be read.
pub(super) fn has_brackets(name: &str) -> bool {
    name.contains(['[', ']', '{', '}'])
}

/// Checks that every input party has values, and in the same columns as the others; one may be
/// written down as `{}`, which brings nothing.
pub(super) fn check_parties(
    parties: &[BTreeMap<String, Column>],
    written: usize,
    at: &KeyPath,
) -> Result<(), Mistake> {
    let missing: Vec<_> = parties
        .iter()
        .enumerate()
        .filter(|(party, columns)| {
            let is_said = *party < written && columns.is_empty();
            !is_said && columns.values().all(|column| column.values.is_empty())
        })
        .map(|(party, _)| party.to_string())
        .collect();
    if !missing.is_empty() {
        let message = "too few inputs: every input party needs at least one value";
        let label = format!("nothing for input party {}", shorten(&missing));
        return Err(Mistake::new(at, message, label));
    }
    let mut bringing = parties.iter().enumerate().filter(|(_, columns)| !columns.is_empty());
    let Some((leader, first)) = bringing.next() else { return Ok(()) };
    for (party, columns) in bringing {
        if let Some(name) = first.keys().find(|name| !columns.contains_key(*name)) {
            let message = "all input parties need the same columns";
            let label = format!("input party {party} has no `{name}`");
            return Err(Mistake::new(&at.index(party), message, label));
        }
        if let Some(name) = columns.keys().find(|name| !first.contains_key(*name)) {
            let message = "all input parties need the same columns";
            let label = format!("input party {leader} has no `{name}`");
            return Err(Mistake::new(&at.index(party).key(name), message, label).on_key());
        }
    }
    Ok(())
}

fn shorten(missing: &[String]) -> String {
    match missing {
        [first @ .., last] if missing.len() <= 4 && !first.is_empty() => {
            format!("{} and {last}", first.join(", "))
        }
        [first, _, .., last] => format!("{first} to {last}, {} in all", missing.len()),
        _ => missing.concat(),
    }
}
