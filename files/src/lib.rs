//! What stands between mpclab and files that others wrote: bounded reading, names that become paths,
//! folders that one process writes to, text that a terminal or a shell would obey.
//!
//! Scenarios, results and baselines come from pull requests and colleagues. Whatever reads a file,
//! makes a path of a name, or shows text out of a file does it with what is here.

#![cfg_attr(test, allow(clippy::unwrap_used))]

mod folder;
mod name;
mod read;
#[cfg(test)]
mod tests;
mod text;
mod write;

pub use folder::{Folder, FolderError};
pub use name::{component, folded};
pub use read::{
    Line, Lines, Links, MAX_LINE_BYTES, ReadError, entries, is_within, lines, open, read,
    read_text, real, system,
};
pub use text::{cell, one_line, quoted, visible};
pub use write::{check_target, create, replace, subfolder};

/// A checksum of bytes, 16 hexadecimal digits: against bad luck, it holds off nobody who means harm.
#[must_use]
pub fn checksum(bytes: &[u8]) -> String {
    blake3::hash(bytes).to_hex()[..16].to_owned()
}
