use serde::ser::SerializeMap;
use serde::{Serialize, Serializer};
use serde_json::Value;

use crate::record::lifted;

/// A table for programs: flat rows, raw integers, units in the column names.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Frame {
    /// Names of the columns, each with its unit where it has one.
    pub columns: Vec<String>,
    /// One value for each column; null where there is none.
    pub rows: Vec<Vec<Value>>,
    /// What the figures mean.
    pub notes: Vec<String>,
}

impl Frame {
    /// Adds a row of (column, value) pairs; columns that were not seen before are added.
    pub(crate) fn push(&mut self, row: Vec<(String, Value)>) {
        let mut values = vec![Value::Null; self.columns.len()];
        for (column, value) in row {
            let known = self.columns.iter().position(|name| *name == column);
            let at = known.unwrap_or_else(|| {
                self.columns.push(column);
                values.push(Value::Null);
                self.columns.len() - 1
            });
            values[at] = value;
        }
        // Rows are as long as each other, so only a new column makes the earlier ones longer.
        if self.rows.last().is_some_and(|last| last.len() < values.len()) {
            self.rows.iter_mut().for_each(|known| known.resize(values.len(), Value::Null));
        }
        self.rows.push(values);
    }
}

/// One row as a JSON object in the order of the columns; integers above 2^53 as strings.
struct Object<'a>(&'a [String], &'a [Value]);

impl Serialize for Object<'_> {
    fn serialize<S: Serializer>(&self, to: S) -> Result<S::Ok, S::Error> {
        to.collect_map(self.0.iter().zip(self.1.iter().map(lifted)))
    }
}

impl Serialize for Frame {
    /// An object with `notes` and `rows`, each row an object.
    fn serialize<S: Serializer>(&self, to: S) -> Result<S::Ok, S::Error> {
        let rows: Vec<_> = self.rows.iter().map(|row| Object(&self.columns, row)).collect();
        let mut map = to.serialize_map(Some(2))?;
        map.serialize_entry("notes", &self.notes)?;
        map.serialize_entry("rows", &rows)?;
        map.end()
    }
}
