//! Reading files that others wrote: regular ones, of limited size.

use std::fmt;
use std::fs::{self, File, Metadata};
use std::io::{self, BufRead, BufReader, Read};
use std::path::{Path, PathBuf};

/// Longest line of a file that is read line by line, bytes.
pub const MAX_LINE_BYTES: u64 = 64 << 20;

/// Whether a symbolic link is followed.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Links {
    /// It is: the user named the file.
    Follow,
    /// It is refused: mpclab writes this file itself, and never a link.
    Refuse,
}

/// Why a file was not read; the end of a sentence without the path.
#[derive(Debug)]
pub enum ReadError {
    /// There is none.
    Absent,
    /// It is a folder, a pipe, a device or a socket.
    NoFile(&'static str),
    /// It is a symbolic link where none may be.
    Link,
    /// It is larger than is read.
    TooLarge(u64),
    /// A line is longer than is read.
    LongLine(usize),
    /// It is no text.
    NoText,
    /// The system does not let it be read.
    Io(io::Error),
}

impl fmt::Display for ReadError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            ReadError::Absent => f.write_str("there is no such file"),
            ReadError::NoFile(what) => write!(f, "it is {what}; only regular files are read"),
            ReadError::Link => f.write_str("it is a symbolic link, which is not followed here"),
            ReadError::TooLarge(most) => write!(f, "it is larger than {most} bytes"),
            ReadError::LongLine(line) => {
                write!(f, "line {line} is longer than {MAX_LINE_BYTES} bytes")
            }
            ReadError::NoText => f.write_str("it is no UTF-8 text"),
            ReadError::Io(error) if error.kind() == io::ErrorKind::PermissionDenied => {
                f.write_str("permission denied")
            }
            ReadError::Io(error) => error.fmt(f),
        }
    }
}

impl std::error::Error for ReadError {}

impl From<io::Error> for ReadError {
    fn from(error: io::Error) -> Self {
        match error.kind() {
            io::ErrorKind::NotFound => ReadError::Absent,
            _ => ReadError::Io(error),
        }
    }
}

/// Opens a regular file of at most this many bytes.
///
/// What is no file is told before it is opened: opening a pipe would wait for its writer.
///
/// # Errors
/// [`ReadError`] says why not.
pub fn open(path: &Path, max_bytes: u64, links: Links) -> Result<File, ReadError> {
    if links == Links::Refuse && fs::symlink_metadata(path)?.is_symlink() {
        return Err(ReadError::Link);
    }
    let regular = |about: Metadata| match about.len() {
        _ if !about.is_file() => Err(ReadError::NoFile(kind(&about))),
        len if len > max_bytes => Err(ReadError::TooLarge(max_bytes)),
        _ => Ok(()),
    };
    regular(fs::metadata(path)?)?;
    let file = File::open(path)?;
    // It may have been exchanged meanwhile.
    regular(file.metadata()?)?;
    Ok(file)
}

fn kind(about: &Metadata) -> &'static str {
    if about.is_dir() { "a folder" } else { "a pipe, a device or a socket" }
}

/// Reads a file of at most this many bytes.
///
/// # Errors
/// [`ReadError`] says why not.
pub fn read(path: &Path, max_bytes: u64, links: Links) -> Result<Vec<u8>, ReadError> {
    let mut bytes = Vec::new();
    // The file may grow while it is read.
    open(path, max_bytes, links)?.take(max_bytes + 1).read_to_end(&mut bytes)?;
    if bytes.len() as u64 > max_bytes {
        return Err(ReadError::TooLarge(max_bytes));
    }
    Ok(bytes)
}

/// Reads a text of at most this many bytes, without a byte order mark.
///
/// # Errors
/// As [`read`]; and if it is no UTF-8.
pub fn read_text(path: &Path, max_bytes: u64, links: Links) -> Result<String, ReadError> {
    let text = String::from_utf8(read(path, max_bytes, links)?).map_err(|_| ReadError::NoText)?;
    match text.strip_prefix('\u{feff}') {
        Some(rest) => Ok(rest.to_owned()),
        None => Ok(text),
    }
}

/// What the system tells of itself in a small file of its own; nothing where there is none.
#[must_use]
pub fn system(path: &str) -> Option<String> {
    const MAX_BYTES: u64 = 1 << 16;
    read_text(Path::new(path), MAX_BYTES, Links::Follow).ok()
}

/// A line of a file, with its end if it has one, and its number, from 1.
pub type Line = (usize, Vec<u8>);

/// The lines of a file, one by one: only one is in memory at a time.
#[derive(Debug)]
pub struct Lines {
    input: io::Take<BufReader<File>>,
    max_bytes: u64,
    number: usize,
}

/// The lines of a file of at most this many bytes.
///
/// # Errors
/// As [`read`].
pub fn lines(path: &Path, max_bytes: u64, links: Links) -> Result<Lines, ReadError> {
    let input = BufReader::new(open(path, max_bytes, links)?).take(max_bytes + 1);
    Ok(Lines { input, max_bytes, number: 0 })
}

impl Iterator for Lines {
    type Item = Result<Line, ReadError>;

    fn next(&mut self) -> Option<Self::Item> {
        let mut line = Vec::new();
        self.number += 1;
        let read = (&mut self.input).take(MAX_LINE_BYTES + 1).read_until(b'\n', &mut line);
        match read {
            Err(error) => Some(Err(error.into())),
            Ok(0) => None,
            Ok(_) if line.len() as u64 > MAX_LINE_BYTES => {
                Some(Err(ReadError::LongLine(self.number)))
            }
            Ok(_) if self.input.limit() == 0 => Some(Err(ReadError::TooLarge(self.max_bytes))),
            Ok(_) => Some(Ok((self.number, line))),
        }
    }
}

/// What a folder holds, sorted.
///
/// # Errors
/// [`ReadError`] says why not.
pub fn entries(folder: &Path) -> Result<Vec<PathBuf>, ReadError> {
    let entry = |entry: io::Result<fs::DirEntry>| Ok(entry?.path());
    let mut entries: Vec<PathBuf> = fs::read_dir(folder)?.map(entry).collect::<io::Result<_>>()?;
    entries.sort();
    Ok(entries)
}

/// A path that names the same file as another one does if they are equal.
#[must_use]
pub fn real(path: &Path) -> PathBuf {
    fs::canonicalize(path).unwrap_or_else(|_| path.to_owned())
}

/// Whether a file is in a folder or below, links followed, and nothing on the way is hidden.
#[must_use]
pub fn is_within(folder: &Path, file: &Path) -> bool {
    let folder = if folder.as_os_str().is_empty() { Path::new(".") } else { folder };
    let (Ok(folder), Ok(file)) = (fs::canonicalize(folder), fs::canonicalize(file)) else {
        return false;
    };
    file.strip_prefix(folder).is_ok_and(|rest| !crate::text::has_hidden(rest))
}
