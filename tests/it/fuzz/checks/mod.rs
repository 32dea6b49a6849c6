//! What holds whatever bytes come in.
//!
//! Each check takes bytes, makes an input out of them, and panics if something does not hold. The
//! tests beside this module drive them with a few thousand inputs; the folder `fuzz` drives the
//! same functions with coverage-guided ones.

pub(crate) mod changes;
pub(crate) mod record;
pub(crate) mod report;
pub(crate) mod scenario;
mod tree;
pub(crate) mod wire;

/// Takes bytes and panics if something does not hold of them.
pub(crate) type Check = fn(&[u8]);

/// All checks by the name of their fuzz target.
pub(crate) const CHECKS: [(&str, Check); 7] = [
    ("wire", wire::check),
    ("scenario", scenario::check),
    ("changes", changes::check),
    ("overrides", scenario::check_overrides),
    ("csv", scenario::check_csv),
    ("record", record::check),
    ("report", report::check),
];

/// Bytes that are taken off one by one; zeros follow the last.
pub(crate) struct Input<'a>(pub(crate) &'a [u8]);

impl Input<'_> {
    pub(crate) fn byte(&mut self) -> u8 {
        let (first, rest) =
            self.0.split_first().map_or((0, self.0), |(first, rest)| (*first, rest));
        self.0 = rest;
        first
    }

    /// Eight bytes, little-endian.
    pub(crate) fn number(&mut self) -> u64 {
        u64::from_le_bytes(std::array::from_fn(|_| self.byte()))
    }

    /// Up to 63 bytes of text; the first byte says how many.
    pub(crate) fn text(&mut self) -> String {
        let len = usize::from(self.byte() % 64).min(self.0.len());
        let (text, rest) = self.0.split_at(len);
        self.0 = rest;
        String::from_utf8_lossy(text).into_owned()
    }
}
