use std::fmt;

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::FunctionError;

/// Values that each input party brings.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(untagged, expecting = "a number of values, or a list with one number for each input party")]
pub enum Lengths {
    /// As many each.
    All(usize),
    /// By input party; one of 0 brings nothing.
    Each(Vec<usize>),
}

impl Lengths {
    /// The number for each input party.
    ///
    /// # Errors
    /// If the list has another length, or nobody brings anything.
    pub(super) fn checked(&self, parties: usize) -> Result<Vec<usize>, FunctionError> {
        let lengths: Vec<usize> = (0..parties).map(|party| self.of(party)).collect();
        let fits = match self {
            Lengths::All(_) => true,
            Lengths::Each(each) => each.len() == parties,
        };
        if fits && lengths.iter().any(|length| *length > 0) {
            return Ok(lengths);
        }
        let allowed = format!("a number from 1, or a list of {parties} numbers that are not all 0");
        Err(FunctionError::Parameter { name: "length", given: self.to_string(), allowed })
    }

    /// The number for one input party.
    pub(super) fn of(&self, party: usize) -> usize {
        match self {
            Lengths::All(length) => *length,
            Lengths::Each(each) => each.get(party).copied().unwrap_or(0),
        }
    }
}

impl From<usize> for Lengths {
    fn from(length: usize) -> Self {
        Lengths::All(length)
    }
}

impl fmt::Display for Lengths {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Lengths::All(length) => write!(f, "{length}"),
            Lengths::Each(each) => write!(f, "{each:?}"),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_list_has_one_number_for_each_party() {
        assert_eq!(Lengths::All(4).checked(2), Ok(vec![4, 4]));
        assert_eq!(Lengths::Each(vec![3, 0]).checked(2), Ok(vec![3, 0]));
        for (lengths, given) in [
            (Lengths::Each(vec![3, 0]), "[3, 0]"),
            (Lengths::Each(vec![0, 0, 0]), "[0, 0, 0]"),
            (Lengths::All(0), "0"),
        ] {
            let error = lengths.checked(3).expect_err("not allowed").to_string();
            let allowed = "a number from 1, or a list of 3 numbers that are not all 0";
            assert_eq!(error, format!("parameter `length` is {given}; allowed: {allowed}"));
        }
    }
}
