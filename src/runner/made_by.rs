//! Which code made the runs of a folder: they are taken over only by the same code.
//!
//! What runs give follows from scenario, seed and code. The first two stand in each record; the
//! code is the executable, whoever built it (a program with protocols of its own is another one),
//! and stands beside the results, which are the same bytes for equal code of any build.

use std::io::Read;
use std::path::Path;
use std::sync::OnceLock;

use mpclab_files::Links;
use mpclab_reports::journal::{self, JournalError};
use serde::{Deserialize, Serialize};

/// Name of the file in a folder of results.
const FILE: &str = "made_by.json";

/// Larger files are none of ours.
const MAX_BYTES: u64 = 4096;

/// Hashes of the executables that made the runs of a folder.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct MadeBy {
    /// Those in the finished results.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(super) results: Option<String>,
    /// Those in the journal.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(super) journal: Option<String>,
}

impl MadeBy {
    /// What a folder says; nothing if it does not, or not in this form: its runs are then made
    /// again.
    pub(super) fn read(folder: &Path) -> Self {
        let text = mpclab_files::read(&folder.join(FILE), MAX_BYTES, Links::Refuse);
        text.ok().and_then(|text| serde_json::from_slice(&text).ok()).unwrap_or_default()
    }

    /// Says so in a folder.
    ///
    /// # Errors
    /// [`JournalError::Io`] if the file cannot be written.
    pub(super) fn write(&self, folder: &Path) -> Result<(), JournalError> {
        let path = folder.join(FILE);
        let text = serde_json::to_string(self)
            .map_err(|error| JournalError::Io { path: path.clone(), source: error.into() })?;
        journal::replace(&path, (text + "\n").as_bytes())
    }
}

/// Hash, in hex, of the executable that is running; `None` where it cannot be read, and then
/// nothing counts as made by it.
pub(super) fn this_code() -> Option<String> {
    static CODE: OnceLock<Option<String>> = OnceLock::new();
    CODE.get_or_init(|| {
        // On Linux also after another build has taken its place.
        let open = |path: &Path| mpclab_files::open(path, u64::MAX, Links::Follow).ok();
        let running = open(Path::new("/proc/self/exe"));
        let mut file = running.or_else(|| open(&std::env::current_exe().ok()?))?;
        let mut hasher = blake3::Hasher::new_derive_key("mpclab 2026 executable");
        let mut block = vec![0; 1 << 20];
        loop {
            match file.read(&mut block).ok()? {
                0 => break,
                read => hasher.update(&block[..read]),
            };
        }
        Some(hasher.finalize().to_hex()[..32].to_owned())
    })
    .clone()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn code_is_the_running_executable() {
        let own = std::fs::read(std::env::current_exe().unwrap()).unwrap();
        let mut hasher = blake3::Hasher::new_derive_key("mpclab 2026 executable");
        hasher.update(&own);
        assert_eq!(this_code(), Some(hasher.finalize().to_hex()[..32].to_owned()));
    }

    #[test]
    fn what_is_no_answer_is_none() {
        let folder = tempfile::tempdir().unwrap();
        assert_eq!(MadeBy::read(folder.path()), MadeBy::default());
        let made = MadeBy { results: Some("a".to_owned()), journal: None };
        made.write(folder.path()).unwrap();
        assert_eq!(MadeBy::read(folder.path()), made);
        for text in ["", "{\"results\":1}", "{\"results\":\"a\",\"else\":2}"] {
            std::fs::write(folder.path().join(FILE), text).unwrap();
            assert_eq!(MadeBy::read(folder.path()), MadeBy::default(), "{text}");
        }
    }
}
