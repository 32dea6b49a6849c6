//! Folders that one process writes to at a time.

use std::fmt;
use std::fs::{self, File, OpenOptions, TryLockError};
use std::io::{self, Read, Seek, Write};
use std::path::{Path, PathBuf};

use crate::text::one_line;

/// The file that is locked. Who holds it removes it; a process that was killed leaves it, unlocked.
const LOCK: &str = ".mpclab-lock";

/// Bytes of what the holder says of itself that are read.
const MAX_TOLD: u64 = 400;

/// A folder that this process alone writes to, until it is dropped.
///
/// The system holds the lock, so a process that was killed leaves none behind.
#[derive(Debug)]
pub struct Folder {
    path: PathBuf,
    lock: File,
}

/// Why a folder cannot be written to.
#[derive(Debug)]
pub enum FolderError {
    /// The system does not let it.
    Io(PathBuf, io::Error),
    /// Another process writes to it.
    Held(PathBuf, String),
}

impl fmt::Display for FolderError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            FolderError::Io(path, error) => write!(f, "{}: {error}", path.display()),
            FolderError::Held(path, by) => write!(
                f,
                "{} is being written to by {by}; wait for it, or give another folder with --out",
                path.display()
            ),
        }
    }
}

impl std::error::Error for FolderError {}

impl Folder {
    /// Makes the folder if there is none, and locks it.
    ///
    /// # Errors
    /// [`FolderError`] says who holds it, or why it cannot be written to.
    pub fn lock(path: &Path) -> Result<Self, FolderError> {
        let failed = |error| FolderError::Io(path.to_owned(), error);
        fs::create_dir_all(path).map_err(failed)?;
        let file = path.join(LOCK);
        let in_file = |error| FolderError::Io(file.clone(), error);
        let mut lock = loop {
            let mut lock = open(&file).map_err(in_file)?;
            match lock.try_lock() {
                Ok(()) => {}
                Err(TryLockError::WouldBlock) => {
                    return Err(FolderError::Held(path.to_owned(), told(&mut lock)));
                }
                // File systems without locks: no worse than before there were any.
                Err(TryLockError::Error(error)) if error.kind() == io::ErrorKind::Unsupported => {}
                Err(TryLockError::Error(error)) => return Err(in_file(error)),
            }
            // The one before may have removed it between the two steps.
            if is_still(&file, &lock) {
                break lock;
            }
        };
        let words: Vec<String> =
            std::env::args_os().skip(1).map(|word| word.to_string_lossy().into_owned()).collect();
        let told = format!("process {}: {}\n", std::process::id(), one_line(&words.join(" ")));
        lock.set_len(0).map_err(in_file)?;
        lock.write_all(told.as_bytes()).map_err(in_file)?;
        Ok(Folder { path: path.to_owned(), lock })
    }

    /// Where it is.
    #[must_use]
    pub fn path(&self) -> &Path {
        &self.path
    }
}

impl Drop for Folder {
    fn drop(&mut self) {
        // Whatever comes of it, the lock goes with the file that is open.
        let file = self.path.join(LOCK);
        let _ = self.lock.set_len(0);
        if cfg!(unix) && is_still(&file, &self.lock) {
            let _ = fs::remove_file(file);
        }
    }
}

fn open(file: &Path) -> io::Result<File> {
    // Nothing is written through a link, or into a pipe, that came with the folder.
    if fs::symlink_metadata(file).is_ok_and(|about| !about.is_file()) {
        return Err(io::Error::other("it is no regular file, so the folder cannot be locked"));
    }
    OpenOptions::new().read(true).write(true).create(true).truncate(false).open(file)
}

/// Whether a path still leads to an open file.
#[cfg(unix)]
fn is_still(path: &Path, file: &File) -> bool {
    use std::os::unix::fs::MetadataExt;
    let of = |about: fs::Metadata| (about.dev(), about.ino());
    match (fs::symlink_metadata(path), file.metadata()) {
        (Ok(path), Ok(file)) => of(path) == of(file),
        _ => false,
    }
}

/// Elsewhere nobody removes it.
#[cfg(not(unix))]
fn is_still(_: &Path, _: &File) -> bool {
    true
}

fn told(lock: &mut File) -> String {
    let mut bytes = Vec::new();
    let read = lock.rewind().and_then(|()| lock.take(MAX_TOLD).read_to_end(&mut bytes));
    let text = String::from_utf8_lossy(&bytes);
    match (read, text.trim()) {
        (Err(_), _) | (_, "") => "another process".to_owned(),
        (Ok(_), text) => one_line(text),
    }
}
