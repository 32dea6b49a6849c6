//! All runs of a plan: in parallel, journalled, resumable.

use std::collections::{BTreeMap, BTreeSet};
use std::fs;
use std::path::{Path, PathBuf};
use std::sync::Mutex;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::Instant;

use mpclab_files::{Folder, FolderError};
use mpclab_reports::journal::{self, Journal, JournalError};
use mpclab_reports::record::{Record, Timing};
use rayon::prelude::*;

use super::made_by::{MadeBy, this_code};
use super::one::{key, profile_name};
use super::{MODEL, Prepared, PreparedCell, jobs, run_one};
use crate::registry::Registry;

/// How runs are made.
pub struct BatchOptions<'a> {
    /// Folder for results.
    pub out: PathBuf,
    /// Runs at a time, see [`jobs()`]; measured compute forces one.
    pub jobs: Option<usize>,
    /// Replace what the folder holds, once all is done again.
    pub fresh: bool,
    /// Set from outside to stop after the runs under way.
    pub interrupted: &'a AtomicBool,
}

/// Told of each run that ends, from several threads.
pub trait Observer: Sync {
    /// There are so many runs, and so many of them were already done.
    fn begins(&self, runs: usize, done: usize);
    /// One more is under way.
    fn starts(&self);
    /// One more has ended.
    fn ended(&self, record: &Record);
}

/// Why a batch could not be run.
#[derive(Debug, thiserror::Error)]
pub enum BatchError {
    /// A file could not be read or written.
    #[error(transparent)]
    Journal(#[from] JournalError),
    /// The folder cannot be written to, or another process writes to it.
    #[error(transparent)]
    Folder(#[from] FolderError),
    /// Two records are of one run and differ.
    #[error(
        "{} holds {what} twice, with different contents; give another folder with --out, or \
         --fresh to replace them", out.display()
    )]
    Twice {
        /// The folder.
        out: PathBuf,
        /// Which run.
        what: String,
    },
    /// A file could not be removed or renamed.
    #[error("{}: {source}", path.display())]
    Io {
        /// Which.
        path: PathBuf,
        /// Why.
        source: std::io::Error,
    },
    /// The folder holds results of another scenario, seed, model or version.
    #[error(
        "{} holds results that do not belong to this run: {why}; give another folder with --out, \
         or --fresh to replace them", out.display()
    )]
    Foreign {
        /// The folder.
        out: PathBuf,
        /// What differs.
        why: String,
    },
    /// The threads could not be started.
    #[error("cannot start {jobs} threads: {why}")]
    Threads {
        /// How many were asked for.
        jobs: usize,
        /// Why.
        why: String,
    },
}

/// The folder's open files: records, and wall-clock figures.
struct Batch {
    paths: Paths,
    /// Given up once a line could not be written: nothing may follow a torn one.
    journals: Mutex<Option<(Journal, Journal)>>,
}

/// A folder that is ready to go on with.
struct Opened {
    batch: Batch,
    /// The runs that are taken over.
    records: Vec<Record>,
    /// How many are not, because other code made them.
    stale: usize,
}

/// Records of a batch.
pub struct Finished {
    /// All records, sorted; fewer than planned if the batch was interrupted.
    pub records: Vec<Record>,
    /// Whether it was.
    pub interrupted: bool,
    /// How many had been there before.
    pub resumed: usize,
    /// How many had been there, made by other code than this, and were made again.
    pub stale: usize,
    /// Whether the folder still holds what it held before: `--fresh` was interrupted.
    pub kept_old: bool,
    /// Where the results are: no other process writes there while this is held.
    pub folder: Folder,
}

const JOURNAL: &str = "journal.jsonl";
const RESULTS: &str = "results.jsonl";
const TIMINGS: &str = "timings.jsonl";
const RESOLVED: &str = "resolved.yaml";

/// Files that `run` writes records to: nothing else may have their names.
pub const KEPT: [&str; 3] = [JOURNAL, RESULTS, TIMINGS];

/// What new runs are written to beside results that stay until all of them are done.
const BESIDE: &str = ".fresh";

/// Where lines are appended.
struct Paths {
    journal: PathBuf,
    timings: PathBuf,
}

/// Makes all runs of a plan that the folder does not hold yet, and writes `results.jsonl`,
/// `timings.jsonl` and `resolved.yaml`.
///
/// # Errors
/// [`BatchError`]; runs that ended before stay in the folder's journal.
pub fn run(
    registry: &Registry,
    prepared: &Prepared,
    options: &BatchOptions<'_>,
    observer: &dyn Observer,
) -> Result<Finished, BatchError> {
    let out = &options.out;
    let folder = Folder::lock(out)?;
    let cells = cells_by_key(prepared);
    let Opened { batch, mut records, stale } = Batch::open(prepared, &cells, options)?;
    let resumed = records.len();
    let run_of = |record: &Record| Some((*cells.get(&record.key.id())?, record.repetition));
    let done: BTreeSet<(usize, u32)> = records.iter().filter_map(run_of).collect();
    let todo: Vec<(usize, u32)> = (0..prepared.cells.len())
        .flat_map(|cell| (0..prepared.plan.repetitions).map(move |repetition| (cell, repetition)))
        .filter(|run| !done.contains(run))
        .collect();
    observer.begins(resumed + todo.len(), resumed);
    let jobs = jobs_of(prepared, options.jobs, todo.len() as u64);
    let pool = rayon::ThreadPoolBuilder::new()
        .num_threads(jobs)
        .build()
        .map_err(|error| BatchError::Threads { jobs, why: error.to_string() })?;
    let ran: Result<Vec<Option<Record>>, BatchError> = pool.install(|| {
        todo.par_iter()
            .map(|(cell, repetition)| {
                if options.interrupted.load(Ordering::Relaxed) {
                    return Ok(None);
                }
                observer.starts();
                let record = batch.run(registry, prepared, *cell, *repetition)?;
                record.iter().for_each(|record| observer.ended(record));
                Ok(record)
            })
            .collect()
    });
    records.extend(ran?.into_iter().flatten());
    let interrupted = options.interrupted.load(Ordering::Relaxed);
    let is_old = [RESULTS, JOURNAL].iter().any(|name| out.join(name).exists());
    let kept_old = interrupted && options.fresh && is_old;
    if !kept_old {
        journal::replace(&out.join(RESOLVED), prepared.plan.resolved.as_bytes())?;
    }
    if interrupted {
        mpclab_reports::record::sort(&mut records);
    } else {
        batch.finish(out, &mut records)?;
    }
    if interrupted && options.fresh && !kept_old {
        // Nothing old is worth keeping, so the next run goes on from here.
        MadeBy { results: None, journal: this_code() }.write(out)?;
        rename(&batch.paths.timings, &out.join(TIMINGS))?;
        rename(&batch.paths.journal, &out.join(JOURNAL))?;
    }
    Ok(Finished { records, interrupted, resumed, stale, kept_old, folder })
}

/// How many of so many runs of a plan are made at a time.
pub(super) fn jobs_of(prepared: &Prepared, asked: Option<usize>, runs: u64) -> usize {
    if prepared.is_measured() { 1 } else { jobs(asked, runs) }
}

/// Positions of the cells by [`mpclab_reports::record::Key::id`].
fn cells_by_key(prepared: &Prepared) -> BTreeMap<String, usize> {
    let id = |cell: &PreparedCell| key(&prepared.plan, &cell.cell).id();
    prepared.cells.iter().enumerate().map(|(at, cell)| (id(cell), at)).collect()
}

impl Batch {
    /// Opens the folder: what it holds is taken over if it belongs to this plan and was made by
    /// this code.
    fn open(
        prepared: &Prepared,
        cells: &BTreeMap<String, usize>,
        options: &BatchOptions<'_>,
    ) -> Result<Opened, BatchError> {
        let path = |name: &str| options.out.join(name);
        if options.fresh {
            let beside = |name: &str| path(&format!("{name}{BESIDE}"));
            let paths = Paths { journal: beside(JOURNAL), timings: beside(TIMINGS) };
            let journals = (Journal::create(&paths.journal)?, Journal::create(&paths.timings)?);
            let batch = Batch { paths, journals: Mutex::new(Some(journals)) };
            return Ok(Opened { batch, records: Vec::new(), stale: 0 });
        }
        // Nothing is touched before it is known that the folder belongs to this plan.
        let (code, made_by) = (this_code(), MadeBy::read(&options.out));
        let mut begun = Vec::new();
        if path(JOURNAL).exists() {
            begun = journal::recover(&path(JOURNAL))?.records;
        }
        let mut ended = Vec::new();
        if path(RESULTS).exists() {
            ended = journal::read_results(&path(RESULTS))?;
        }
        for record in begun.iter_mut().chain(&mut ended) {
            take_over(prepared, cells, record)
                .map_err(|why| BatchError::Foreign { out: options.out.clone(), why })?;
        }
        let (mut records, mut stale) = (Vec::new(), Vec::new());
        let is_own = |maker: &Option<String>| code.is_some() && *maker == code;
        for (found, maker) in [(begun, &made_by.journal), (ended, &made_by.results)] {
            if is_own(maker) { records.extend(found) } else { stale.extend(found) }
        }
        // A crash between results and the end of the journal leaves records in both.
        mpclab_reports::record::sort(&mut records);
        if let Some(record) = mpclab_reports::record::contradiction(&records) {
            let what = format!("{}, repetition {},", record.key.id(), record.repetition);
            return Err(BatchError::Twice { out: options.out.clone(), what });
        }
        mpclab_reports::record::sort(&mut stale);
        let paths = Paths { journal: path(JOURNAL), timings: path(TIMINGS) };
        // Damage in either is told before the other is touched.
        if paths.timings.exists() {
            journal::read_timings(&paths.timings)?;
        }
        if !is_own(&made_by.journal) {
            remove(&paths.journal)?;
        }
        if records.is_empty() {
            remove(&paths.timings)?;
        }
        MadeBy { journal: code, results: made_by.results }.write(&options.out)?;
        let (journal, _) = Journal::resume(&paths.journal)?;
        let timings = Journal::resume_timings(&paths.timings)?;
        let batch = Batch { paths, journals: Mutex::new(Some((journal, timings))) };
        Ok(Opened { batch, records, stale: stale.len() })
    }

    /// Puts the results where they belong. New ones take the place of old ones in one step; the
    /// journal of old ones goes before, so that nothing of both is ever read together.
    fn finish(&self, out: &Path, records: &mut Vec<Record>) -> Result<(), BatchError> {
        if self.paths.journal != out.join(JOURNAL) {
            remove(&out.join(JOURNAL))?;
        }
        journal::write_results(&out.join(RESULTS), records)?;
        MadeBy { results: this_code(), journal: None }.write(out)?;
        if self.paths.timings != out.join(TIMINGS) {
            rename(&self.paths.timings, &out.join(TIMINGS))?;
        }
        remove(&self.paths.journal)
    }

    /// Makes one run and writes it down; `None` if another could not be written before.
    fn run(
        &self,
        registry: &Registry,
        prepared: &Prepared,
        cell: usize,
        repetition: u32,
    ) -> Result<Option<Record>, BatchError> {
        let start = Instant::now();
        let record = run_one(registry, prepared, &prepared.cells[cell], repetition, None);
        let wall_ns = u64::try_from(start.elapsed().as_nanos()).unwrap_or(u64::MAX);
        let timing = Timing {
            cell: record.cell,
            protocol: record.key.protocol.clone(),
            repetition,
            wall_ns,
            peak_bytes: peak_bytes(),
        };
        let mut journals = self.journals.lock().unwrap_or_else(std::sync::PoisonError::into_inner);
        let Some((records, timings)) = journals.as_mut() else { return Ok(None) };
        if let Err(error) = records.append(&record).and_then(|()| timings.append(&timing)) {
            *journals = None;
            return Err(error.into());
        }
        Ok(Some(record))
    }
}

fn rename(from: &Path, to: &Path) -> Result<(), BatchError> {
    fs::rename(from, to).map_err(|source| BatchError::Io { path: to.to_owned(), source })
}

fn remove(path: &Path) -> Result<(), BatchError> {
    match fs::remove_file(path) {
        Err(source) if source.kind() != std::io::ErrorKind::NotFound => {
            Err(BatchError::Io { path: path.to_owned(), source })
        }
        _ => Ok(()),
    }
}

/// An old record may be taken over only if a new run would give the same; an error says what
/// differs.
fn take_over(
    prepared: &Prepared,
    cells: &BTreeMap<String, usize>,
    record: &mut Record,
) -> Result<(), String> {
    let plan = &prepared.plan;
    let id = record.key.id();
    let cell = cells.get(&id).filter(|_| record.repetition < plan.repetitions);
    let Some(cell) = cell.map(|at| &prepared.cells[*at]) else {
        return Err(format!("{}, repetition {}, is not part of it", id, record.repetition));
    };
    if cell.fingerprint != record.fingerprint {
        return Err(format!("what {id} runs has changed"));
    }
    if record.seed != plan.seed {
        return Err(format!("its seed is {}", record.seed));
    }
    if record.model != MODEL {
        return Err(format!("it comes from model {}, this is {MODEL}", record.model));
    }
    if record.version != env!("CARGO_PKG_VERSION") {
        return Err(format!("it comes from version {}", record.version));
    }
    // Protocols and swept values may have been added since, which moves the others.
    (record.cell, record.protocol_index) = (cell.point, cell.protocol_index);
    // Names are no part of a fingerprint; what bears them may have another one now.
    record.network.clone_from(&cell.cell.network_name);
    record.parts.clone_from(&cell.parts);
    profile_name(&cell.cell.compute).clone_into(&mut record.profile);
    record.prices = cell.cell.prices.as_ref().map(|tariff| tariff.origin.clone());
    Ok(())
}

/// Peak memory of this process so far, bytes, where the system tells.
fn peak_bytes() -> Option<u64> {
    let status = mpclab_files::system("/proc/self/status")?;
    let line = status.lines().find_map(|line| line.strip_prefix("VmHWM:"))?;
    let kib: u64 = line.trim().strip_suffix("kB")?.trim().parse().ok()?;
    Some(kib * 1024)
}
