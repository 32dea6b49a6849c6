use std::collections::BTreeMap;
use std::ops::Index;

use serde::Serialize;

use super::Column;

/// What one party brings: columns by name. A party may bring none.
#[derive(Clone, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Serialize)]
#[serde(transparent)]
pub struct Inputs {
    columns: BTreeMap<String, Column>,
}

impl Inputs {
    /// Nothing.
    #[must_use]
    pub fn new() -> Self {
        Inputs::default()
    }

    /// Adds a column, or replaces the one of that name.
    pub fn insert(&mut self, name: impl Into<String>, column: impl Into<Column>) {
        self.columns.insert(name.into(), column.into());
    }

    /// Takes a column away.
    pub fn remove(&mut self, name: &str) -> Option<Column> {
        self.columns.remove(name)
    }

    /// A column.
    #[must_use]
    pub fn get(&self, name: &str) -> Option<&Column> {
        self.columns.get(name)
    }

    /// A column, if it is one of integers.
    #[must_use]
    pub fn integers(&self, name: &str) -> Option<&[i128]> {
        self.get(name)?.integers()
    }

    /// The same, to change it.
    pub fn integers_mut(&mut self, name: &str) -> Option<&mut Vec<i128>> {
        self.columns.get_mut(name).and_then(integers_of)
    }

    /// All columns by name.
    pub fn iter(&self) -> impl Iterator<Item = (&str, &Column)> + '_ {
        self.columns.iter().map(|(name, column)| (name.as_str(), column))
    }

    /// All integers, column after column in the order of names; other kinds are left out.
    pub fn all_integers(&self) -> impl Iterator<Item = &i128> + '_ {
        self.columns.values().filter_map(Column::integers).flatten()
    }

    /// The same, to change them.
    pub fn all_integers_mut(&mut self) -> impl Iterator<Item = &mut i128> + '_ {
        self.columns.values_mut().filter_map(integers_of).flatten()
    }

    /// Number of columns.
    #[must_use]
    pub fn len(&self) -> usize {
        self.columns.len()
    }

    /// Whether the party brings nothing.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.columns.is_empty()
    }
}

fn integers_of(column: &mut Column) -> Option<&mut Vec<i128>> {
    match column {
        Column::Integers(values) => Some(values),
        _ => None,
    }
}

impl<S: Into<String>, C: Into<Column>, const N: usize> From<[(S, C); N]> for Inputs {
    fn from(columns: [(S, C); N]) -> Self {
        columns.into_iter().collect()
    }
}

impl<S: Into<String>, C: Into<Column>> FromIterator<(S, C)> for Inputs {
    fn from_iter<I: IntoIterator<Item = (S, C)>>(columns: I) -> Self {
        let mut inputs = Inputs::default();
        columns.into_iter().for_each(|(name, column)| inputs.insert(name, column));
        inputs
    }
}

/// Integers of a column.
///
/// # Panics
/// If there are none of that name: for those who know what a task brings. Others take
/// [`Inputs::integers`].
impl Index<&str> for Inputs {
    type Output = [i128];

    fn index(&self, name: &str) -> &[i128] {
        self.columns[name].integers().unwrap_or_default()
    }
}
