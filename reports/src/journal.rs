//! Records on disk: the journal that a run appends to, and the sorted results that it ends with.
//!
//! The only module of this crate that touches files.

use std::fs::{self, File, OpenOptions};
use std::io::{self, Write};
use std::path::{Path, PathBuf};

use serde::Serialize;

use crate::record::{self, ParseError, Record, Timing};

/// Why records could not be read or written.
#[derive(Debug, thiserror::Error)]
pub enum JournalError {
    /// The file could not be read or written.
    #[error("{}: {source}", path.display())]
    Io {
        /// The file.
        path: PathBuf,
        /// What the system says.
        source: io::Error,
    },
    /// A line is not a record.
    #[error("{}:{line}: {source}", path.display())]
    Line {
        /// The file.
        path: PathBuf,
        /// Number of the line, from 1.
        line: usize,
        /// What is wrong with it.
        source: ParseError,
    },
}

/// A file of JSON Lines that survives a crash up to its last complete line.
#[derive(Debug)]
pub struct Journal {
    file: File,
    path: PathBuf,
}

/// What a journal held when it was opened.
#[derive(Debug, Default, PartialEq)]
pub struct Recovered {
    /// The complete records, in the order of the file.
    pub records: Vec<Record>,
    /// Bytes of a torn last line; 0 if the journal ended properly.
    pub torn_bytes: u64,
}

impl Journal {
    /// Opens an empty journal; one that exists is emptied.
    ///
    /// # Errors
    /// [`JournalError::Io`] if the file cannot be created.
    pub fn create(path: &Path) -> Result<Self, JournalError> {
        let file = File::create(path).map_err(|source| io_error(path, source))?;
        Ok(Journal { file, path: path.to_owned() })
    }

    /// Opens a journal to go on with it: returns what it holds and cuts a torn last line off.
    /// A journal that does not exist is created.
    ///
    /// # Errors
    /// [`JournalError`] if the file cannot be opened, or another line than the last is damaged.
    pub fn resume(path: &Path) -> Result<(Self, Recovered), JournalError> {
        let recovered = match fs::metadata(path) {
            Err(error) if error.kind() == io::ErrorKind::NotFound => Recovered::default(),
            _ => recover(path)?,
        };
        let io = |source| io_error(path, source);
        let mut file = OpenOptions::new().append(true).create(true).open(path).map_err(io)?;
        let length = file.metadata().map_err(io)?.len();
        file.set_len(length.saturating_sub(recovered.torn_bytes)).map_err(io)?;
        let unterminated = recovered.torn_bytes == 0 && length > 0 && !read(path)?.ends_with(b"\n");
        if unterminated {
            file.write_all(b"\n").map_err(io)?;
        }
        Ok((Journal { file, path: path.to_owned() }, recovered))
    }

    /// Opens a file to append to, without looking at what it holds; made if it does not exist.
    ///
    /// # Errors
    /// [`JournalError::Io`] if it cannot be opened.
    pub fn append_to(path: &Path) -> Result<Self, JournalError> {
        let file = OpenOptions::new().append(true).create(true).open(path);
        Ok(Journal { file: file.map_err(|source| io_error(path, source))?, path: path.to_owned() })
    }

    /// Appends one line and waits until it is on the disk.
    ///
    /// # Errors
    /// [`JournalError::Io`] if it cannot be written.
    pub fn append<T: Serialize>(&mut self, line: &T) -> Result<(), JournalError> {
        let io = |source| io_error(&self.path, source);
        let mut text = serde_json::to_string(line).map_err(|error| io(error.into()))?;
        text.push('\n');
        self.file.write_all(text.as_bytes()).map_err(io)?;
        self.file.sync_data().map_err(io)
    }
}

/// Reads a journal, tolerant of a last line that a crash cut off.
///
/// # Errors
/// [`JournalError`] if the file cannot be read, another line than the last is damaged, or a line
/// is complete but no record of this version.
pub fn recover(path: &Path) -> Result<Recovered, JournalError> {
    let text = read(path)?;
    let mut recovered = Recovered::default();
    let mut lines = lines(&text).peekable();
    while let Some((number, line)) = lines.next() {
        match Record::parse(line) {
            Ok(record) => recovered.records.push(record),
            // Only the last line can be cut off: each one is on the disk before the next starts.
            Err(ParseError::Syntax(_)) if lines.peek().is_none() => {
                recovered.torn_bytes = line.len() as u64;
            }
            Err(source) => {
                return Err(JournalError::Line { path: path.to_owned(), line: number, source });
            }
        }
    }
    Ok(recovered)
}

/// Reads a finished file of results.
///
/// # Errors
/// [`JournalError`] if the file cannot be read, or any line is not a record.
pub fn read_results(path: &Path) -> Result<Vec<Record>, JournalError> {
    let text = read(path)?;
    let record = |(line, text): (usize, &[u8])| {
        let error = |source| JournalError::Line { path: path.to_owned(), line, source };
        Record::parse(text).map_err(error)
    };
    lines(&text).map(record).collect()
}

/// Reads the wall-clock figures of runs.
///
/// # Errors
/// [`JournalError`] if the file cannot be read, or any line has no such figures.
pub fn read_timings(path: &Path) -> Result<Vec<Timing>, JournalError> {
    let text = read(path)?;
    let timing = |(line, text): (usize, &[u8])| {
        serde_json::from_slice(text).map_err(|error| {
            let source = ParseError::Form(error);
            JournalError::Line { path: path.to_owned(), line, source }
        })
    };
    lines(&text).map(timing).collect()
}

/// Writes the records sorted ([`record::sort`]), by rename, so that the file is never half there.
///
/// # Errors
/// [`JournalError::Io`] if it cannot be written.
pub fn write_results(path: &Path, records: &mut Vec<Record>) -> Result<(), JournalError> {
    record::sort(records);
    let mut text = String::new();
    for record in records.iter() {
        text += &record.to_line().map_err(|error| io_error(path, error.into()))?;
        text.push('\n');
    }
    replace(path, text.as_bytes())
}

/// Replaces a file's contents by rename: a reader sees the old or the new file, never a part.
///
/// # Errors
/// [`JournalError::Io`] if it cannot be written.
pub fn replace(path: &Path, contents: &[u8]) -> Result<(), JournalError> {
    let mut name = path.file_name().unwrap_or_default().to_owned();
    name.push(".part");
    let part = path.with_file_name(name);
    let written = File::create(&part).and_then(|mut file| {
        file.write_all(contents)?;
        file.sync_all()
    });
    written.map_err(|source| io_error(&part, source))?;
    fs::rename(&part, path).map_err(|source| io_error(path, source))
}

/// The lines of a file with their numbers, ends included, blank ones left out.
fn lines(text: &[u8]) -> impl Iterator<Item = (usize, &[u8])> {
    let lines = text.split_inclusive(|byte| *byte == b'\n').enumerate();
    lines.map(|(at, line)| (at + 1, line)).filter(|(_, line)| !line.trim_ascii().is_empty())
}

fn read(path: &Path) -> Result<Vec<u8>, JournalError> {
    fs::read(path).map_err(|source| io_error(path, source))
}

fn io_error(path: &Path, source: io::Error) -> JournalError {
    JournalError::Io { path: path.to_owned(), source }
}
