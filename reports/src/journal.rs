//! Records on disk: the journal that a run appends to, and the sorted results that it ends with.
//!
//! The only module of this crate that touches files.

use std::collections::BTreeMap;
use std::fs::{self, File, OpenOptions};
use std::io::{self, Write};
use std::path::{Path, PathBuf};

use mpclab_files::{Links, ReadError};

use crate::record::{self, ParseError, Record, Timing};

/// Largest file of results that is read, bytes.
const MAX_BYTES: u64 = 16 << 30;

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
    /// The file is none that is read.
    #[error("{}: {source}", path.display())]
    Read {
        /// The file.
        path: PathBuf,
        /// Why not.
        source: ReadError,
    },
    /// Two lines are of one run and say different things.
    #[error(
        "{}:{second}: this is {what}, and so is line {first}, with different contents; one of them \
         is damaged or comes from elsewhere", path.display()
    )]
    Twice {
        /// The file.
        path: PathBuf,
        /// Which run.
        what: String,
        /// Number of the first of the lines, from 1.
        first: usize,
        /// Number of the other.
        second: usize,
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

/// A line of such a file, which carries the checksum of its text.
pub trait Entry: Sized + PartialEq {
    /// The line, without its end.
    ///
    /// # Errors
    /// None in practice: every field has a JSON form.
    fn to_line(&self) -> serde_json::Result<String>;

    /// Reads a line.
    ///
    /// # Errors
    /// [`ParseError`] says what is wrong with it.
    fn parse(line: &[u8]) -> Result<Self, ParseError>;

    /// The run that it is of, in words; two lines of one run have to be equal. `None`: they need
    /// not.
    fn run(&self) -> Option<String>;
}

impl Entry for Record {
    fn to_line(&self) -> serde_json::Result<String> {
        Record::to_line(self)
    }

    fn parse(line: &[u8]) -> Result<Self, ParseError> {
        Record::parse(line)
    }

    fn run(&self) -> Option<String> {
        Some(self.run_id())
    }
}

impl Entry for Timing {
    fn to_line(&self) -> serde_json::Result<String> {
        record::sealed(self)
    }

    fn parse(line: &[u8]) -> Result<Self, ParseError> {
        record::opened(line)
    }

    /// A run that was made again took another time.
    fn run(&self) -> Option<String> {
        None
    }
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
    /// Opens an empty journal; one that exists is replaced.
    ///
    /// # Errors
    /// [`JournalError::Io`] if the file cannot be created.
    pub fn create(path: &Path) -> Result<Self, JournalError> {
        let file = mpclab_files::create(path).map_err(|source| io_error(path, source))?;
        Ok(Journal { file, path: path.to_owned() })
    }

    /// Opens a journal to go on with it: returns what it holds and cuts a torn last line off.
    /// A journal that does not exist is created.
    ///
    /// # Errors
    /// [`JournalError`] if the file cannot be opened, or another line than the last is damaged.
    pub fn resume(path: &Path) -> Result<(Self, Recovered), JournalError> {
        let (journal, Whole { records, torn_bytes, .. }) = Journal::go_on(path)?;
        Ok((journal, Recovered { records, torn_bytes }))
    }

    /// Opens a file of wall-clock figures to go on with it, as [`Journal::resume`] does a journal.
    ///
    /// # Errors
    /// As [`Journal::resume`].
    pub fn resume_timings(path: &Path) -> Result<Self, JournalError> {
        Ok(Journal::go_on::<Timing>(path)?.0)
    }

    fn go_on<T: Entry>(path: &Path) -> Result<(Self, Whole<T>), JournalError> {
        let absent = fs::symlink_metadata(path).is_err_and(|e| e.kind() == io::ErrorKind::NotFound);
        if absent {
            return Ok((Journal::create(path)?, Whole::empty()));
        }
        let found: Whole<T> = whole(path)?;
        let io = |source| io_error(path, source);
        let mut file = OpenOptions::new().append(true).open(path).map_err(io)?;
        let length = file.metadata().map_err(io)?.len();
        file.set_len(length.saturating_sub(found.torn_bytes)).map_err(io)?;
        if !found.is_ended && found.torn_bytes == 0 {
            file.write_all(b"\n").map_err(io)?;
        }
        Ok((Journal { file, path: path.to_owned() }, found))
    }

    /// Appends one line and waits until it is on the disk.
    ///
    /// # Errors
    /// [`JournalError::Io`] if it cannot be written.
    pub fn append(&mut self, line: &impl Entry) -> Result<(), JournalError> {
        let io = |source| io_error(&self.path, source);
        let mut text = line.to_line().map_err(|error| io(error.into()))?;
        text.push('\n');
        self.file.write_all(text.as_bytes()).map_err(io)?;
        self.file.sync_data().map_err(io)
    }
}

/// Reads a journal, tolerant of a last line that a crash cut off.
///
/// # Errors
/// [`JournalError`] if the file cannot be read, another line than the last is damaged, a line is
/// complete but no record of this version, or two are of one run and differ.
pub fn recover(path: &Path) -> Result<Recovered, JournalError> {
    let Whole { records, torn_bytes, .. } = whole(path)?;
    Ok(Recovered { records, torn_bytes })
}

/// The complete lines of a file, bytes of a torn last one, and whether its last one has an end.
struct Whole<T> {
    records: Vec<T>,
    torn_bytes: u64,
    is_ended: bool,
}

impl<T> Whole<T> {
    fn empty() -> Self {
        Whole { records: Vec::new(), torn_bytes: 0, is_ended: true }
    }
}

fn whole<T: Entry>(path: &Path) -> Result<Whole<T>, JournalError> {
    let mut found = Whole::empty();
    let mut runs = Runs::default();
    let mut lines = lines(path)?.peekable();
    while let Some(line) = lines.next() {
        let (number, line) = line?;
        found.is_ended = line.ends_with(b"\n");
        match T::parse(&line) {
            Ok(record) => {
                runs.see(path, number, &record, &found.records)?;
                found.records.push(record);
            }
            // Only the last line can be cut off: each one is on the disk before the next starts.
            Err(ParseError::Syntax(_)) if lines.peek().is_none() => {
                found.torn_bytes = line.len() as u64;
            }
            Err(source) => {
                return Err(JournalError::Line { path: path.to_owned(), line: number, source });
            }
        }
    }
    Ok(found)
}

/// Which runs a file has had: position among its records, and number of the line.
#[derive(Default)]
struct Runs(BTreeMap<String, (usize, usize)>);

impl Runs {
    fn see<T: Entry>(
        &mut self,
        path: &Path,
        second: usize,
        record: &T,
        before: &[T],
    ) -> Result<(), JournalError> {
        let Some(what) = record.run() else { return Ok(()) };
        match self.0.get(&what) {
            Some((at, first)) if before[*at] != *record => {
                Err(JournalError::Twice { path: path.to_owned(), what, first: *first, second })
            }
            Some(_) => Ok(()),
            None => {
                self.0.insert(what, (before.len(), second));
                Ok(())
            }
        }
    }
}

/// Reads a finished file of results.
///
/// # Errors
/// [`JournalError`] if the file cannot be read, any line is not a record, or two are of one run and
/// differ.
pub fn read_results(path: &Path) -> Result<Vec<Record>, JournalError> {
    finished(path)
}

/// Reads the wall-clock figures of runs; a last line that a crash cut off is passed over.
///
/// # Errors
/// [`JournalError`] if the file cannot be read, or any other line has no such figures.
pub fn read_timings(path: &Path) -> Result<Vec<Timing>, JournalError> {
    Ok(whole(path)?.records)
}

fn finished<T: Entry>(path: &Path) -> Result<Vec<T>, JournalError> {
    let (mut records, mut runs) = (Vec::new(), Runs::default());
    for line in lines(path)? {
        let (line, text) = line?;
        let error = |source| JournalError::Line { path: path.to_owned(), line, source };
        let record = T::parse(&text).map_err(error)?;
        runs.see(path, line, &record, &records)?;
        records.push(record);
    }
    Ok(records)
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
    mpclab_files::replace(path, contents).map_err(|(path, source)| io_error(&path, source))
}

/// The lines of a file with their numbers, ends included, blank ones left out.
fn lines(
    path: &Path,
) -> Result<impl Iterator<Item = Result<mpclab_files::Line, JournalError>>, JournalError> {
    let read = |source| JournalError::Read { path: path.to_owned(), source };
    let lines = mpclab_files::lines(path, MAX_BYTES, Links::Refuse).map_err(read)?;
    let is_blank = |line: &Result<mpclab_files::Line, ReadError>| {
        line.as_ref().is_ok_and(|(_, text)| text.trim_ascii().is_empty())
    };
    Ok(lines.filter(move |line| !is_blank(line)).map(move |line| line.map_err(read)))
}

fn io_error(path: &Path, source: io::Error) -> JournalError {
    JournalError::Io { path: path.to_owned(), source }
}
