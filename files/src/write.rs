//! Writing files in folders that others may have filled.

use std::fs::{self, File, OpenOptions};
use std::io::{self, Write};
use std::path::{Path, PathBuf};

/// Replaces a file's contents by rename: a reader sees the old or the new file, never a part. A
/// symbolic link is replaced, not followed.
///
/// # Errors
/// The path, and what the system says.
pub fn replace(path: &Path, contents: &[u8]) -> Result<(), (PathBuf, io::Error)> {
    let mut name = path.file_name().unwrap_or_default().to_owned();
    name.push(".part");
    let part = path.with_file_name(name);
    let written = create(&part).and_then(|mut file| {
        file.write_all(contents)?;
        file.sync_all()
    });
    written.map_err(|error| (part.clone(), error))?;
    fs::rename(&part, path).map_err(|error| (path.to_owned(), error))
}

/// Makes a folder in one that others may have filled; a symbolic link is refused, so that nothing is
/// written elsewhere.
///
/// # Errors
/// The path, and what the system says.
pub fn subfolder(path: &Path) -> Result<(), (PathBuf, io::Error)> {
    let failed = |error| (path.to_owned(), error);
    if fs::symlink_metadata(path).is_ok_and(|about| about.is_symlink()) {
        return Err(failed(io::Error::other("it is a symbolic link, which is not followed here")));
    }
    fs::create_dir_all(path).map_err(failed)
}

/// Makes a new file; what had its name goes, so that nothing is written through a link.
///
/// # Errors
/// What the system says.
pub fn create(path: &Path) -> io::Result<File> {
    match fs::remove_file(path) {
        Err(error) if error.kind() != io::ErrorKind::NotFound => Err(error),
        _ => OpenOptions::new().write(true).create_new(true).open(path),
    }
}

/// Whether a file that the user names can be written, before the work whose result it is to take.
///
/// # Errors
/// Why not, as the end of a sentence without the path.
pub fn check_target(path: &Path) -> Result<(), String> {
    let folder = match path.parent() {
        Some(folder) if !folder.as_os_str().is_empty() => folder,
        _ => Path::new("."),
    };
    if !folder.is_dir() {
        return Err(format!("there is no folder {}", folder.display()));
    }
    match fs::metadata(path) {
        Ok(about) if about.is_dir() => Err("it is a folder".to_owned()),
        // A terminal or `/dev/null` is the user's choice; to open a pipe would wait.
        Ok(about) if !about.is_file() => Ok(()),
        Ok(_) => OpenOptions::new().append(true).open(path).map(drop).map_err(|e| e.to_string()),
        Err(_) => {
            let made = OpenOptions::new().write(true).create_new(true).open(path);
            made.and_then(|_| fs::remove_file(path)).map_err(|error| error.to_string())
        }
    }
}
