//! Where the texts of a plan are read from.

use std::collections::BTreeMap;
use std::fs::File;
use std::io::{self, Read};
use std::path::{Path, PathBuf};

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
            Files::Disk => {
                let text = String::from_utf8(read_bytes(path, max_bytes)?);
                Ok(without_mark(&text.map_err(|_| "it is no UTF-8 text".to_owned())?))
            }
            Files::Memory(texts) => match texts.get(path) {
                None => Err(ABSENT.to_owned()),
                Some(text) if text.len() as u64 > max_bytes => Err(too_large(max_bytes)),
                Some(text) => Ok(without_mark(text)),
            },
        }
    }

    /// Reads what need not be text.
    ///
    /// # Errors
    /// As [`Files::read`].
    pub(crate) fn read_bytes(&self, path: &Path, max_bytes: u64) -> Result<Vec<u8>, String> {
        match self {
            Files::Disk => read_bytes(path, max_bytes),
            Files::Memory(_) => self.read(path, max_bytes).map(String::into_bytes),
        }
    }
}

const ABSENT: &str = "there is no such file";

fn too_large(max_bytes: u64) -> String {
    format!("it is larger than {max_bytes} bytes")
}

/// The text without a byte order mark.
fn without_mark(text: &str) -> String {
    text.strip_prefix('\u{feff}').unwrap_or(text).to_owned()
}

fn read_bytes(path: &Path, max_bytes: u64) -> Result<Vec<u8>, String> {
    let explain = |error: io::Error| match error.kind() {
        io::ErrorKind::NotFound => ABSENT.to_owned(),
        io::ErrorKind::PermissionDenied => "permission denied".to_owned(),
        kind => kind.to_string(),
    };
    let about = std::fs::metadata(path).map_err(explain)?;
    if !about.is_file() {
        return Err("it is no file".to_owned());
    }
    if about.len() > max_bytes {
        return Err(too_large(max_bytes));
    }
    let mut bytes = Vec::new();
    // The file may grow while it is read.
    let mut limited = File::open(path).map_err(explain)?.take(max_bytes + 1);
    limited.read_to_end(&mut bytes).map_err(explain)?;
    if bytes.len() as u64 > max_bytes {
        return Err(too_large(max_bytes));
    }
    Ok(bytes)
}
