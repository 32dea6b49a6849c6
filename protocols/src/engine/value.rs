use std::ops::Range;

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
    pub(super) fn concat<'a>(
        parts: impl IntoIterator<Item = &'a Self, IntoIter: Clone>,
    ) -> Result<Self, Abort> {
        let parts = parts.into_iter();
        let bits = parts.clone().map(Value::bits).collect::<Result<Vec<_>, Abort>>();
        if let Some(bits) = bits.ok().and_then(PackedBits::concat) {
            return Ok(Value::Bits(bits));
        }
        let numbers = parts.map(Value::numbers).collect::<Result<Vec<_>, Abort>>()?;
        Ok(Value::Numbers(Shares::concat(numbers)))
    }
}
