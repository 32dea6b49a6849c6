use std::fmt;

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

/// A node of a run: computing parties first, then clients, then ideal functionalities.
///
/// Ids count from 0 everywhere; Shamir's evaluation point of party `i` is `i + 1`.
#[derive(
    Clone,
    Copy,
    Debug,
    Default,
    PartialEq,
    Eq,
    PartialOrd,
    Ord,
    Hash,
    Serialize,
    Deserialize,
    JsonSchema,
)]
#[serde(transparent)]
pub struct PartyId(pub u32);

impl PartyId {
    /// The id as an index into a per-party slice.
    #[must_use]
    pub fn index(self) -> usize {
        self.0 as usize
    }

    /// All ids below `n`, in order.
    pub fn all(n: usize) -> impl DoubleEndedIterator<Item = PartyId> + ExactSizeIterator + Clone {
        (0..n as u32).map(PartyId)
    }
}

impl From<usize> for PartyId {
    fn from(index: usize) -> Self {
        PartyId(index as u32)
    }
}

impl fmt::Display for PartyId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "party {}", self.0)
    }
}

/// One value for each of some parties, in ascending order of their ids.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct PerParty<T>(Vec<(PartyId, T)>);

impl<T> PerParty<T> {
    /// Collects entries that are already in ascending order of distinct ids.
    ///
    /// # Panics
    /// In debug builds, if they are not.
    #[must_use]
    pub fn from_sorted(entries: Vec<(PartyId, T)>) -> Self {
        debug_assert!(entries.windows(2).all(|w| w[0].0 < w[1].0), "ids ascend");
        PerParty(entries)
    }

    /// The value of one party.
    #[must_use]
    pub fn get(&self, party: PartyId) -> Option<&T> {
        self.0.binary_search_by_key(&party, |entry| entry.0).ok().map(|at| &self.0[at].1)
    }

    /// Takes the value of one party out.
    pub fn remove(&mut self, party: PartyId) -> Option<T> {
        let at = self.0.binary_search_by_key(&party, |entry| entry.0).ok()?;
        Some(self.0.remove(at).1)
    }

    /// Adds or replaces the value of one party.
    pub fn insert(&mut self, party: PartyId, value: T) {
        match self.0.binary_search_by_key(&party, |entry| entry.0) {
            Ok(at) => self.0[at].1 = value,
            Err(at) => self.0.insert(at, (party, value)),
        }
    }

    /// Entries in ascending order of ids.
    pub fn iter(&self) -> impl ExactSizeIterator<Item = (PartyId, &T)> {
        self.0.iter().map(|(party, value)| (*party, value))
    }

    /// The values alone, in ascending order of ids.
    pub fn values(&self) -> impl ExactSizeIterator<Item = &T> {
        self.0.iter().map(|(_, value)| value)
    }

    /// How many parties have a value.
    #[must_use]
    pub fn len(&self) -> usize {
        self.0.len()
    }

    /// Whether no party has a value.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.0.is_empty()
    }
}

impl<T> Default for PerParty<T> {
    fn default() -> Self {
        PerParty(Vec::new())
    }
}

impl<T> IntoIterator for PerParty<T> {
    type Item = (PartyId, T);
    type IntoIter = std::vec::IntoIter<(PartyId, T)>;
    fn into_iter(self) -> Self::IntoIter {
        self.0.into_iter()
    }
}

impl<T> FromIterator<(PartyId, T)> for PerParty<T> {
    fn from_iter<I: IntoIterator<Item = (PartyId, T)>>(iter: I) -> Self {
        let mut all = PerParty::default();
        // Mostly in order already: a sort would be compiled for each type, for nothing.
        iter.into_iter().for_each(|(party, value)| all.insert(party, value));
        all
    }
}
