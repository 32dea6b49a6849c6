use std::collections::BTreeSet;
use std::fmt;
use std::path::{Path, PathBuf};
use std::str::FromStr;

use clap::{Args, ValueEnum};
use mpclab_files::{Folder, Links};
use mpclab_reports::compare::{self, Case, Class, Gate, Options};
use mpclab_reports::export::{self, Format};
use mpclab_reports::{journal, plot};

use super::{Exit, figures, talk};

/// Findings told one by one; the rest are counted.
const TOLD: usize = 10;

#[derive(Args)]
pub(super) struct CompareArgs {
    /// What to hold results against: a folder of baselines, a baseline, a folder that `run` wrote,
    /// or a results.jsonl file
    base: PathBuf,
    /// New results: folders that `run` wrote, folders of such, or results.jsonl files
    #[arg(required = true)]
    new: Vec<PathBuf>,
    /// Percent by which virtual time may differ
    #[arg(long, default_value = "1", value_name = "PERCENT", value_parser = percent)]
    band: f64,
    /// Test wall-clock times, too: for a change by more than PERCENT, 5 if it is not given
    #[arg(
        long, value_name = "PERCENT", value_parser = percent,
        num_args = 0..=1, default_missing_value = "5", require_equals = true
    )]
    wall: Option<f64>,
    /// Let pass what can't be compared, or is gone, or differs in its digests alone
    #[arg(long, value_enum, value_delimiter = ',')]
    allow: Vec<Allow>,
    /// Earlier results, the oldest first, for a plot of their history; needs --out
    #[arg(long, num_args = 1.., value_name = "RESULTS", requires = "out")]
    history: Vec<PathBuf>,
    /// Folder for the comparison in every format
    #[arg(long)]
    out: Option<PathBuf>,
    /// Form of the comparison: table, markdown, csv, json, latex or junit; or of the new results:
    /// bencher or benchmark-action
    #[arg(long, default_value_t = Form::Text(Format::Table))]
    format: Form,
}

/// What the gate lets pass if it is asked to.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
enum Allow {
    /// Cases and figures that only the baseline has
    Gone,
    /// Cases and figures whose settings differ
    NotComparable,
    /// Runs whose figures are equal and whose messages are not
    Digest,
}

impl Allow {
    fn class(self) -> Class {
        match self {
            Allow::Gone => Class::Gone,
            Allow::NotComparable => Class::NotComparable,
            Allow::Digest => Class::Digest,
        }
    }
}

/// What the comparison is written in.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Form {
    Text(Format),
    Junit,
    Bencher,
    BenchmarkAction,
}

impl Form {
    const OTHERS: [Form; 3] = [Form::Junit, Form::Bencher, Form::BenchmarkAction];

    fn all() -> impl Iterator<Item = Form> {
        Format::ALL.into_iter().map(Form::Text).chain(Form::OTHERS)
    }

    /// Name of a file in this form.
    fn file(self) -> String {
        match self {
            Form::Text(format) => format!("compare.{}", format.extension()),
            Form::Junit => "junit.xml".to_owned(),
            Form::Bencher => "bencher.json".to_owned(),
            Form::BenchmarkAction => "benchmark-action.json".to_owned(),
        }
    }
}

impl fmt::Display for Form {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Form::Text(format) => format.fmt(f),
            Form::Junit => f.write_str("junit"),
            Form::Bencher => f.write_str("bencher"),
            Form::BenchmarkAction => f.write_str("benchmark-action"),
        }
    }
}

impl FromStr for Form {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, String> {
        let names: Vec<String> = Form::all().map(|form| form.to_string()).collect();
        Form::all()
            .find(|form| form.to_string() == text)
            .ok_or_else(|| format!("one of {}", names.join(", ")))
    }
}

fn percent(text: &str) -> Result<f64, String> {
    let number: Option<f64> = text.trim_end_matches('%').trim().parse().ok();
    let share = number.map(|percent| percent / 100.0).filter(|share| (0.0..=10.0).contains(share));
    share.ok_or_else(|| "a number of percent from 0 to 1000".to_owned())
}

/// Holds new results against a baseline.
pub(super) fn compare(arguments: &CompareArgs) -> Exit {
    match compared(arguments) {
        Ok(exit) => exit,
        Err(error) => talk::mistake(&error),
    }
}

fn compared(arguments: &CompareArgs) -> Result<Exit, String> {
    // Held until all is written.
    let folder = arguments.out.as_deref().map(Folder::lock).transpose();
    let _folder = folder.map_err(|error| error.to_string())?;
    let base = load(std::slice::from_ref(&arguments.base))?;
    let new = load(&arguments.new)?;
    let options = Options {
        band: arguments.band,
        wall: arguments.wall,
        allow: arguments.allow.iter().map(|allow| allow.class()).collect(),
    };
    let gate = Gate::of(&base, &new, options);
    if let Some(out) = &arguments.out {
        write(out, &gate, &new, &arguments.history)?;
    }
    let exit = talk::print(&text(&gate, &new, arguments.format, talk::width())?);
    let reasons = gate.reasons();
    for reason in reasons.iter().take(TOLD) {
        talk::say(reason);
    }
    if reasons.len() > TOLD {
        talk::say(&format!("... and {} more", reasons.len() - TOLD));
    }
    Ok(exit.max(if gate.failures().next().is_some() { Exit::Failed } else { Exit::Ok }))
}

fn text(gate: &Gate, new: &[Case], form: Form, width: usize) -> Result<String, String> {
    let pretty = |value| serde_json::to_string_pretty(&value).map_err(|error| error.to_string());
    let mut text = match form {
        Form::Text(format) => export::gate(gate, format, width).map_err(|e| e.to_string())?,
        Form::Junit => compare::junit(gate).map_err(|error| error.to_string())?,
        Form::Bencher => pretty(compare::bencher(new))?,
        Form::BenchmarkAction => pretty(compare::benchmark_action(new))?,
    };
    if !text.ends_with('\n') {
        text.push('\n');
    }
    Ok(text)
}

fn write(out: &Path, gate: &Gate, new: &[Case], history: &[PathBuf]) -> Result<(), String> {
    let write = |name: String, text: &str| {
        journal::replace(&out.join(name), text.as_bytes()).map_err(|error| error.to_string())
    };
    for form in Form::all() {
        write(form.file(), &text(gate, new, form, 100)?)?;
    }
    if history.is_empty() {
        return Ok(());
    }
    let label = |path: &PathBuf| match path.file_stem() {
        Some(name) if name != "results" => name.to_string_lossy().into_owned(),
        _ => path.display().to_string(),
    };
    let mut results = Vec::new();
    for path in history {
        results.push((label(path), load(std::slice::from_ref(path))?));
    }
    let mut dated: Vec<plot::Dated<'_>> =
        results.iter().map(|(label, cases)| (label.clone(), cases.as_slice())).collect();
    dated.push(("new".to_owned(), new));
    figures::write(out, |medium| plot::history(&dated, medium))
}

/// The cases of results and baselines; it is a mistake if there are none, or one is there twice.
pub(super) fn load(paths: &[PathBuf]) -> Result<Vec<Case>, String> {
    let (mut cases, mut known) = (Vec::new(), BTreeSet::new());
    for path in paths {
        // Named twice, it is read once.
        if !known.insert(mpclab_files::real(path)) {
            continue;
        }
        let before = cases.len();
        read(path, &mut cases, DEEPEST)?;
        if cases.len() == before {
            return Err(format!("{}: there are no results and no baselines in it", path.display()));
        }
    }
    let mut ids: Vec<String> = cases.iter().map(|case: &Case| case.key.id()).collect();
    ids.sort_unstable();
    match ids.windows(2).find(|pair| pair[0] == pair[1]) {
        Some(twice) => Err(format!("{} is there twice, in different results", twice[0])),
        None => Ok(cases),
    }
}

/// Folders in folders that are looked into: links may lead in circles.
const DEEPEST: usize = 16;

/// Largest baseline that is read, bytes.
const MAX_BASELINE_BYTES: u64 = 1 << 30;

fn read(path: &Path, cases: &mut Vec<Case>, deepest: usize) -> Result<(), String> {
    let told = |error: &dyn fmt::Display| format!("{}: {error}", path.display());
    if path.is_dir() {
        let results = path.join("results.jsonl");
        if results.exists() {
            return read(&results, cases, deepest);
        }
        let Some(deepest) = deepest.checked_sub(1) else {
            return Err(told(&"folders lie in each other too deeply"));
        };
        let entries = mpclab_files::entries(path).map_err(|error| told(&error))?;
        let is_read = |entry: &&PathBuf| entry.is_dir() || ends_in(entry, "json");
        // All that are bad are named, not the first.
        let read = entries.iter().filter(is_read).map(|entry| read(entry, cases, deepest));
        let wrong: Vec<String> = read.filter_map(Result::err).collect();
        return if wrong.is_empty() { Ok(()) } else { Err(wrong.join("; ")) };
    }
    if ends_in(path, "jsonl") {
        let records = journal::read_results(path).map_err(|error| error.to_string())?;
        let timings = path.with_file_name("timings.jsonl");
        let timings = match timings.exists() {
            true => journal::read_timings(&timings).map_err(|error| error.to_string())?,
            false => Vec::new(),
        };
        let mut read = compare::cases(&records).map_err(|error| told(&error))?;
        compare::time(&mut read, &records, &timings);
        cases.extend(read);
        return Ok(());
    }
    let text = mpclab_files::read(path, MAX_BASELINE_BYTES, Links::Follow);
    let text = text.map_err(|error| told(&error))?;
    cases.extend(compare::read_baseline(&text).map_err(|error| told(&error))?);
    Ok(())
}

fn ends_in(path: &Path, ending: &str) -> bool {
    path.extension().is_some_and(|found| found == ending)
}
