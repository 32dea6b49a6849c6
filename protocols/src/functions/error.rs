use std::fmt::Display;
use std::ops::RangeInclusive;

use crate::program::ProgramError;

/// Why a function can't be set up as asked for.
#[derive(Clone, Debug, PartialEq, thiserror::Error)]
pub enum FunctionError {
    /// A parameter is not allowed.
    #[error("parameter `{name}` is {given}; allowed: {allowed}")]
    Parameter {
        /// The parameter.
        name: &'static str,
        /// Its value.
        given: String,
        /// What is allowed.
        allowed: String,
    },
    /// Too few or too many input parties.
    #[error("{given} input parties; allowed: {allowed}")]
    Parties {
        /// How many there are.
        given: usize,
        /// What is allowed.
        allowed: String,
    },
    /// The parameters ask for more than a program can hold.
    #[error("these parameters and parties do not fit: {0}")]
    Program(#[from] ProgramError),
}

/// Refuses a parameter outside its range.
pub(super) fn allow<T: PartialOrd + Display>(
    name: &'static str,
    given: T,
    allowed: RangeInclusive<T>,
) -> Result<(), FunctionError> {
    if allowed.contains(&given) {
        return Ok(());
    }
    let allowed = format!("{} to {}", allowed.start(), allowed.end());
    Err(FunctionError::Parameter { name, given: given.to_string(), allowed })
}

/// Refuses too few input parties.
pub(super) fn at_least(needed: usize, given: usize) -> Result<(), FunctionError> {
    if given >= needed {
        return Ok(());
    }
    Err(FunctionError::Parties { given, allowed: format!("{needed} or more") })
}
