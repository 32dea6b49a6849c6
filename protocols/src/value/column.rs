use serde::{Serialize, Serializer};

use crate::algebra::Bits;

/// Values of one kind.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Column {
    /// Integers of up to 128 bits with sign.
    Integers(Vec<i128>),
    /// Wider integers: two's complement, little-endian.
    Wide(Items),
    /// Bits, packed.
    Bits(Bits),
    /// Byte strings of one width, for example digests or keys.
    Bytes(Items),
    /// Byte strings of any length, for example texts.
    Strings(Vec<Vec<u8>>),
    /// Elements of a group or field in their canonical encoding.
    Elements(ElementType, Items),
}

/// A group or field by name.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct ElementType {
    /// What it is called, for example `ristretto255`.
    pub name: &'static str,
    /// Bytes of an element's canonical encoding.
    pub bytes: usize,
}

/// Byte strings of one width, side by side.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Items {
    width: usize,
    data: Vec<u8>,
}

/// Bytes that are no column of a kind.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum ColumnError {
    /// A width of zero: nobody could tell how many there are.
    #[error("items have a width of 0 bytes; allowed: 1 or more")]
    NoWidth,
    /// Bytes are left over.
    #[error("{bytes} bytes are no whole number of items of {width} bytes")]
    Length {
        /// Bytes at hand.
        bytes: usize,
        /// Bytes of an item.
        width: usize,
    },
    /// Items of another width than the type's elements.
    #[error("elements of {name} have {expected} bytes, not {got}")]
    Element {
        /// The type.
        name: &'static str,
        /// Bytes of its elements.
        expected: usize,
        /// Bytes of the items.
        got: usize,
    },
}

impl Items {
    /// Cuts bytes into items of a width.
    ///
    /// # Errors
    /// A width of 0, or bytes that are left over.
    pub fn new(width: usize, data: Vec<u8>) -> Result<Self, ColumnError> {
        match data.len().checked_rem(width) {
            None => Err(ColumnError::NoWidth),
            Some(0) => Ok(Items { width, data }),
            Some(_) => Err(ColumnError::Length { bytes: data.len(), width }),
        }
    }

    /// Bytes of an item.
    #[must_use]
    pub fn width(&self) -> usize {
        self.width
    }

    /// Number of items.
    #[must_use]
    pub fn len(&self) -> usize {
        self.data.len() / self.width
    }

    /// Whether there are none.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.data.is_empty()
    }

    /// One item.
    #[must_use]
    pub fn get(&self, index: usize) -> Option<&[u8]> {
        self.data.chunks_exact(self.width).nth(index)
    }

    /// All items in order.
    pub fn iter(&self) -> impl ExactSizeIterator<Item = &[u8]> + '_ {
        self.data.chunks_exact(self.width)
    }
}

impl Column {
    /// Elements of a group or field from their encodings, which are not looked into.
    ///
    /// # Errors
    /// Items of another width than the type's elements.
    pub fn elements(ty: ElementType, items: Items) -> Result<Self, ColumnError> {
        if items.width != ty.bytes {
            let (expected, got) = (ty.bytes, items.width);
            return Err(ColumnError::Element { name: ty.name, expected, got });
        }
        Ok(Column::Elements(ty, items))
    }

    /// Number of values.
    #[must_use]
    pub fn len(&self) -> usize {
        match self {
            Column::Integers(values) => values.len(),
            Column::Bits(bits) => bits.len(),
            Column::Strings(strings) => strings.len(),
            Column::Wide(items) | Column::Bytes(items) | Column::Elements(_, items) => items.len(),
        }
    }

    /// Whether there are no values.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.len() == 0
    }

    /// What its values are.
    #[must_use]
    pub fn kind(&self) -> &'static str {
        match self {
            Column::Integers(_) => "integers",
            Column::Wide(_) => "wide integers",
            Column::Bits(_) => "bits",
            Column::Bytes(_) => "bytes",
            Column::Strings(_) => "strings",
            Column::Elements(ty, _) => ty.name,
        }
    }

    /// The values, if they are integers of up to 128 bits.
    #[must_use]
    pub fn integers(&self) -> Option<&[i128]> {
        match self {
            Column::Integers(values) => Some(values),
            _ => None,
        }
    }

    /// The values, if they are bits.
    #[must_use]
    pub fn bits(&self) -> Option<&Bits> {
        match self {
            Column::Bits(bits) => Some(bits),
            _ => None,
        }
    }

    /// The values, if they are byte strings of one width.
    #[must_use]
    pub fn bytes(&self) -> Option<&Items> {
        match self {
            Column::Bytes(items) => Some(items),
            _ => None,
        }
    }

    /// Appends bytes that tell different columns apart: kind, number of values, values.
    pub fn digest(&self, out: &mut Vec<u8>) {
        let count = |out: &mut Vec<u8>, number: usize| {
            out.extend_from_slice(&(number as u64).to_le_bytes());
        };
        count(out, self.kind().len());
        out.extend_from_slice(self.kind().as_bytes());
        count(out, self.len());
        match self {
            Column::Integers(values) => write_integers(values, out),
            Column::Bits(bits) => {
                bits.words().iter().for_each(|word| out.extend_from_slice(&word.to_le_bytes()));
            }
            Column::Wide(items) | Column::Bytes(items) | Column::Elements(_, items) => {
                count(out, items.width);
                out.extend_from_slice(&items.data);
            }
            Column::Strings(strings) => strings.iter().for_each(|string| {
                count(out, string.len());
                out.extend_from_slice(string);
            }),
        }
    }
}

/// 16 bytes each, little-endian.
pub(super) fn write_integers(values: &[i128], out: &mut Vec<u8>) {
    values.iter().for_each(|value| out.extend_from_slice(&value.to_le_bytes()));
}

impl From<Vec<i128>> for Column {
    fn from(values: Vec<i128>) -> Self {
        Column::Integers(values)
    }
}

impl From<Bits> for Column {
    fn from(bits: Bits) -> Self {
        Column::Bits(bits)
    }
}

/// Integers are a list of numbers, all else a list of texts.
impl Serialize for Column {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        match self {
            Column::Integers(values) => serializer.collect_seq(values),
            other => serializer.collect_seq((0..other.len()).map(|at| other.value_text(at))),
        }
    }
}
