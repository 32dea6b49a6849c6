use mpclab_sim::Output;
use serde::{Serialize, Serializer};

use super::Column;
use super::column::write_integers;
use crate::program::Name;

/// What one party learns: its own named columns, in the order of their declaration.
#[derive(Clone, Debug, Default, PartialEq, Eq, PartialOrd, Ord)]
pub struct Outputs {
    columns: Vec<(Name, Column)>,
}

impl Outputs {
    /// What a party has that learns nothing.
    #[must_use]
    pub fn none() -> Self {
        Outputs::default()
    }

    /// A single column.
    pub fn of(name: impl Into<Name>, column: impl Into<Column>) -> Self {
        Outputs { columns: vec![(name.into(), column.into())] }
    }

    /// A column more.
    #[must_use]
    pub fn with(mut self, name: impl Into<Name>, column: impl Into<Column>) -> Self {
        self.columns.push((name.into(), column.into()));
        self
    }

    /// A column.
    #[must_use]
    pub fn get(&self, name: &str) -> Option<&Column> {
        self.columns.iter().find(|(other, _)| &**other == name).map(|(_, column)| column)
    }

    /// A column, if it is one of integers.
    #[must_use]
    pub fn integers(&self, name: &str) -> Option<&[i128]> {
        self.get(name)?.integers()
    }

    /// All integers, column after column; columns of other kinds are left out.
    #[must_use]
    pub fn values(&self) -> Vec<i128> {
        let columns = self.columns.iter().filter_map(|(_, column)| column.integers());
        columns.flatten().copied().collect()
    }

    /// Names and columns in order.
    pub fn iter(&self) -> impl Iterator<Item = (&str, &Column)> + '_ {
        self.columns.iter().map(|(name, column)| (&**name, column))
    }

    /// Whether the party learns nothing.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.columns.is_empty()
    }

    /// BLAKE3 of the bytes that enter a run's digests, hexadecimal.
    #[must_use]
    pub fn digest_text(&self) -> String {
        let mut bytes = Vec::new();
        self.digest(&mut bytes);
        blake3::hash(&bytes).to_hex().to_string()
    }
}

impl<S: Into<Name>, C: Into<Column>> FromIterator<(S, C)> for Outputs {
    fn from_iter<I: IntoIterator<Item = (S, C)>>(columns: I) -> Self {
        let columns = columns.into_iter().map(|(name, column)| (name.into(), column.into()));
        Outputs { columns: columns.collect() }
    }
}

/// Integers enter as they are, 16 bytes each: where there is nothing else, the task says how they
/// are to be cut. All else comes with name, kind and length.
impl Output for Outputs {
    fn digest(&self, out: &mut Vec<u8>) {
        let integers: Option<Vec<&[i128]>> =
            self.columns.iter().map(|(_, column)| column.integers()).collect();
        match integers {
            Some(all) => all.into_iter().for_each(|values| write_integers(values, out)),
            None => self.columns.iter().for_each(|(name, column)| {
                out.extend_from_slice(&(name.len() as u64).to_le_bytes());
                out.extend_from_slice(name.as_bytes());
                column.digest(out);
            }),
        }
    }
}

/// Columns by name, in order.
impl Serialize for Outputs {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_map(self.iter())
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::value::Items;

    fn digest(outputs: &Outputs) -> Vec<u8> {
        let mut bytes = Vec::new();
        outputs.digest(&mut bytes);
        bytes
    }

    #[test]
    fn integers_enter_digests_as_they_are() {
        let outputs = Outputs::of("a", vec![1, -2]).with("b", vec![3]);
        let mut flat = Vec::new();
        vec![1i128, -2, 3].digest(&mut flat);
        assert_eq!(digest(&outputs), flat);
        assert_eq!(outputs.values(), [1, -2, 3]);
        assert_eq!(outputs.integers("b"), Some(&[3][..]));
        assert!(Outputs::none().is_empty() && digest(&Outputs::none()).is_empty());
    }

    #[test]
    fn other_kinds_enter_digests_with_kind_name_and_length() {
        let bytes = |width| Items::new(width, vec![1, 2]).expect("whole items");
        let different = [
            Outputs::of("a", Column::Bytes(bytes(1))),
            Outputs::of("a", Column::Bytes(bytes(2))),
            Outputs::of("b", Column::Bytes(bytes(2))),
            Outputs::of("a", Column::Wide(bytes(2))),
            Outputs::of("a", Column::Strings(vec![vec![1, 2]])),
            Outputs::of("a", Column::Strings(vec![vec![1], vec![2]])),
            Outputs::of("a", Column::Bytes(bytes(2))).with("b", vec![1]),
        ];
        for (at, one) in different.iter().enumerate() {
            assert!(different[..at].iter().all(|other| digest(other) != digest(one)), "{at}");
        }
    }
}
