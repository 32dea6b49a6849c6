use std::ops::Range;
use std::sync::Arc;

use mpclab_sim::vocabulary::Abort;

use super::{Engine, PackedBits, Shares};

/// What a node of a program holds: shares of numbers, or of packed bits.
pub(super) enum Value<E: Engine> {
    Numbers(E::Shares),
    Bits(E::Bits),
}

/// Shares of all outputs of a program, one after the other.
pub(super) struct Opened<E: Engine> {
    /// Those that are numbers, if there are any.
    pub(super) numbers: Option<E::Shares>,
    /// Those that are packed bits, if there are any.
    pub(super) bits: Option<E::Bits>,
}

impl<E: Engine> Clone for Value<E> {
    fn clone(&self) -> Self {
        match self {
            Value::Numbers(shares) => Value::Numbers(shares.clone()),
            Value::Bits(bits) => Value::Bits(bits.clone()),
        }
    }
}

impl<E: Engine> Value<E> {
    pub(super) fn numbers(&self) -> Result<&E::Shares, Abort> {
        match self {
            Value::Numbers(shares) => Ok(shares),
            Value::Bits(_) => Err(Abort::Bug("packed bits where numbers are due".to_owned())),
        }
    }

    pub(super) fn bits(&self) -> Result<&E::Bits, Abort> {
        match self {
            Value::Bits(bits) => Ok(bits),
            Value::Numbers(_) => Err(Abort::Bug("numbers where packed bits are due".to_owned())),
        }
    }

    pub(super) fn slice(&self, range: Range<usize>) -> Self {
        match self {
            Value::Numbers(shares) => Value::Numbers(shares.slice(range)),
            Value::Bits(bits) => Value::Bits(bits.slice(range)),
        }
    }

    /// One after the other; all are shared alike, and there is one at least.
    pub(super) fn concat(parts: &[Arc<Self>]) -> Result<Self, Abort> {
        let (mut numbers, mut bits) = (Vec::new(), Vec::new());
        for part in parts {
            match &**part {
                Value::Numbers(shares) => numbers.push(shares),
                Value::Bits(shares) => bits.push(shares),
            }
        }
        if !numbers.is_empty() && !bits.is_empty() {
            return Err(Abort::Bug("packed bits beside numbers".to_owned()));
        }
        Ok(match PackedBits::concat(bits) {
            Some(bits) => Value::Bits(bits),
            None => Value::Numbers(Shares::concat(numbers)),
        })
    }
}
