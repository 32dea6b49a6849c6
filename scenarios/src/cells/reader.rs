//! Parts of a scenario file, read one by one, with all mistakes at once.

use serde::de::DeserializeOwned;
use serde_yaml::Value;

use crate::form;
use crate::mistake::Mistake;
use crate::path::{KeyPath, kind_of};

/// Mistakes of a combination while it is read.
pub(super) struct Reader<'a> {
    pub(super) tree: &'a Value,
    pub(super) mistakes: Vec<Mistake>,
}

impl Reader<'_> {
    /// Reads a part; `None` if it is absent or wrong.
    pub(super) fn part<T: DeserializeOwned>(&mut self, key: &str) -> Option<T> {
        let value = self.tree.get(key).filter(|value| !value.is_null())?;
        self.keep(form::read(value, &KeyPath::root().key(key)))
    }

    /// Reads a list, entry by entry; `None` if it is absent or an entry is wrong.
    pub(super) fn list<T: DeserializeOwned>(&mut self, key: &str) -> Option<Vec<T>> {
        let at = KeyPath::root().key(key);
        match self.tree.get(key)? {
            Value::Sequence(list) => {
                let read = |(index, value)| self.keep(form::read(value, &at.index(index)));
                let all: Vec<Option<T>> = list.iter().enumerate().map(read).collect();
                all.into_iter().collect()
            }
            Value::Null => None,
            other => {
                let label = format!("found {}", kind_of(other));
                let message = format!("`{key}` must be a list");
                self.mistakes.push(Mistake::new(&at, message, label));
                None
            }
        }
    }

    pub(super) fn keep<T>(&mut self, result: Result<T, Mistake>) -> Option<T> {
        result.map_err(|mistake| self.mistakes.push(mistake)).ok()
    }

    pub(super) fn keep_all<T>(&mut self, result: Result<T, Vec<Mistake>>) -> Option<T> {
        result.map_err(|mistakes| self.mistakes.extend(mistakes)).ok()
    }
}
