//! Columns as text for people.

use std::fmt;

use super::{Column, Items};

/// Values of a column that are shown before it is cut short.
const SHOWN: usize = 8;

impl Column {
    /// One value as text: decimal, hexadecimal, or a string if it is one; empty beyond the end.
    #[must_use]
    pub fn value_text(&self, at: usize) -> String {
        let item = |items: &Items| items.get(at).map(hex).unwrap_or_default();
        match self {
            Column::Integers(values) => values.get(at).map(i128::to_string).unwrap_or_default(),
            Column::Bits(bits) if at < bits.len() => u8::from(bits.get(at)).to_string(),
            Column::Bits(_) => String::new(),
            Column::Bytes(items) | Column::Elements(_, items) => item(items),
            Column::Wide(items) => items.get(at).map(signed_hex).unwrap_or_default(),
            Column::Strings(strings) => strings.get(at).map_or_else(String::new, |string| {
                match std::str::from_utf8(string) {
                    Ok(text) => format!("{text:?}"),
                    Err(_) => hex(string),
                }
            }),
        }
    }

    /// BLAKE3 of [`Column::digest`], hexadecimal.
    #[must_use]
    pub fn digest_text(&self) -> String {
        let mut bytes = Vec::new();
        self.digest(&mut bytes);
        blake3::hash(&bytes).to_hex().to_string()
    }
}

fn hex(bytes: &[u8]) -> String {
    bytes.iter().map(|byte| format!("{byte:02x}")).collect()
}

/// A little-endian integer in two's complement, for example `-0x1f`.
fn signed_hex(bytes: &[u8]) -> String {
    let is_negative = bytes.last().is_some_and(|top| top >> 7 == 1);
    let mut magnitude = bytes.to_vec();
    if is_negative {
        let mut carry = true;
        for byte in &mut magnitude {
            (*byte, carry) = (!*byte).overflowing_add(u8::from(carry));
        }
    }
    magnitude.reverse();
    let digits = hex(&magnitude);
    let digits = digits.trim_start_matches('0');
    let sign = if is_negative { "-" } else { "" };
    format!("{sign}0x{}", if digits.is_empty() { "0" } else { digits })
}

/// The value of a single one; of many the first few, their number and a digest of all.
impl fmt::Display for Column {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let shown: Vec<String> = (0..self.len().min(SHOWN)).map(|at| self.value_text(at)).collect();
        match self.len() {
            1 => f.write_str(&shown[0]),
            len if len <= SHOWN => write!(f, "[{}]", shown.join(", ")),
            len => {
                let digest = self.digest_text();
                write!(f, "[{}, ... {len} {}, blake3 {digest}]", shown.join(", "), self.kind())
            }
        }
    }
}

/// A text of at most `most` characters as it is; of a longer one so much, its length, and the
/// digest that stands for all of it.
#[must_use]
pub fn shorten(text: String, most: usize, digest: impl FnOnce() -> String) -> String {
    match text.char_indices().nth(most) {
        None => text,
        Some((end, _)) => {
            let len = text.chars().count();
            format!("{}... ({len} characters, blake3 {})", &text[..end], digest())
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::algebra::Bits;
    use crate::value::{ColumnError, ElementType};

    #[test]
    fn every_kind_has_a_text() {
        let items = |width, data: &[u8]| Items::new(width, data.to_vec()).expect("whole items");
        let point = ElementType { name: "ristretto255", bytes: 2 };
        let bits: Bits = [true, false, true].into_iter().collect();
        let cases = [
            (Column::from(vec![-3]), "-3"),
            (Column::from(vec![1, -2]), "[1, -2]"),
            (Column::from(Vec::new()), "[]"),
            (Column::from(bits), "[1, 0, 1]"),
            (Column::Bytes(items(2, &[0, 1, 0xfe, 0xff])), "[0001, feff]"),
            (Column::Wide(items(2, &[0x1f, 0, 0xe1, 0xff, 0, 0])), "[0x1f, -0x1f, 0x0]"),
            (Column::Strings(vec![b"ann".to_vec(), vec![0xff]]), "[\"ann\", ff]"),
            (Column::elements(point, items(2, &[7, 8])).expect("right width"), "0708"),
        ];
        for (column, text) in cases {
            assert_eq!(column.to_string(), text);
        }
        let many = Column::from((0..1000).collect::<Vec<i128>>()).to_string();
        let digest = Column::from((0..1000).collect::<Vec<i128>>()).digest_text();
        let expected = format!("[0, 1, 2, 3, 4, 5, 6, 7, ... 1000 integers, blake3 {digest}]");
        assert_eq!(many, expected);
    }

    #[test]
    fn bytes_that_do_not_fit_are_refused() {
        assert_eq!(Items::new(0, vec![1]), Err(ColumnError::NoWidth));
        assert_eq!(Items::new(2, vec![1]), Err(ColumnError::Length { bytes: 1, width: 2 }));
        let items = Items::new(2, vec![1, 2]).expect("one item");
        let ty = ElementType { name: "p256", bytes: 33 };
        let error = Column::elements(ty, items).expect_err("another width");
        assert_eq!(error.to_string(), "elements of p256 have 33 bytes, not 2");
    }

    #[test]
    fn long_texts_are_cut_at_characters() {
        let short = |text: &str| shorten(text.to_owned(), 3, || "d1".to_owned());
        assert_eq!(short("äöü"), "äöü");
        assert_eq!(short("äöüß"), "äöü... (4 characters, blake3 d1)");
    }
}
