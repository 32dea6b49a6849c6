//! Where the texts of a plan are read from.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};

use mpclab_files::{Links, ReadError};

/// Where a scenario file and the files that it refers to are looked up.
#[derive(Clone, Copy, Debug)]
pub(crate) enum Files<'a> {
    /// On the disk.
    Disk,
    /// Among these texts, by path; the disk is not touched.
    Memory(&'a BTreeMap<PathBuf, String>),
}

impl Files<'_> {
    /// Reads a text of limited size.
    ///
    /// # Errors
    /// Why not, as the end of a sentence without the path.
    pub(crate) fn read(&self, path: &Path, max_bytes: u64) -> Result<String, String> {
        match self {
            Files::Disk => mpclab_files::read_text(path, max_bytes, Links::Follow).map_err(told),
            Files::Memory(texts) => match texts.get(path) {
                None => Err(told(ReadError::Absent)),
                Some(text) if text.len() as u64 > max_bytes => {
                    Err(told(ReadError::TooLarge(max_bytes)))
                }
                Some(text) => Ok(text.strip_prefix('\u{feff}').unwrap_or(text).to_owned()),
            },
        }
    }

    /// Reads what need not be text.
    ///
    /// # Errors
    /// As [`Files::read`].
    pub(crate) fn read_bytes(&self, path: &Path, max_bytes: u64) -> Result<Vec<u8>, String> {
        match self {
            Files::Disk => mpclab_files::read(path, max_bytes, Links::Follow).map_err(told),
            Files::Memory(_) => self.read(path, max_bytes).map(String::into_bytes),
        }
    }

    /// Whether a mistake in a file that a scenario in `folder` refers to may quote it: one that the
    /// scenario came with. Elsewhere a line of it may be a password that ends up in a log.
    pub(crate) fn may_quote(&self, folder: &Path, path: &Path) -> bool {
        match self {
            Files::Disk => mpclab_files::is_within(folder, path),
            Files::Memory(_) => true,
        }
    }
}

fn told(error: ReadError) -> String {
    error.to_string()
}
