use std::collections::BTreeSet;
use std::path::{Path, PathBuf};
use std::sync::OnceLock;
use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};

use indicatif::{ProgressBar, ProgressStyle};
use mpclab_reports::record::{Outcome, Record};

use super::report::{Source, write_report};
use super::{Exit, RunArgs, report, talk, tally, trace};
use crate::registry::Registry;
use crate::runner::{
    self, BatchOptions, Finished, Observer, Prepared, expectations, is_failure, prepare, run_name,
};

/// Failures told one by one; the rest are counted.
const TOLD: usize = 10;

/// Runs scenario files one after the other.
pub(super) fn run(registry: &Registry, program: &str, arguments: &RunArgs) -> Exit {
    let mut exit = Exit::Ok;
    let mut all = Vec::new();
    // Everything is read before anything runs.
    for file in &arguments.files {
        match load(registry, &arguments.set, arguments.seed, file) {
            Ok(mut prepared) => {
                // So that a report of the results alone can tell how to get them again.
                let command = report::command_line(&again(
                    program,
                    "run",
                    &arguments.set,
                    arguments.seed,
                    file,
                ));
                prepared.plan.resolved.insert_str(0, &command);
                all.push(prepared);
            }
            Err(failed) => exit = exit.max(failed),
        }
    }
    if exit != Exit::Ok {
        return exit;
    }
    if let Err(exit) = separate_folders(arguments.out.as_deref(), all.iter()) {
        return exit;
    }
    // Nothing is made before it is known what all of it takes.
    for prepared in &all {
        let estimate = runner::estimate(prepared, arguments.jobs);
        match arguments.budget.admit(prepared, &estimate) {
            Ok(()) => estimate.told().into_iter().for_each(|told| talk::say(&told)),
            Err(mistakes) => exit = exit.max(talk::diagnostics(&mistakes)),
        }
    }
    if exit != Exit::Ok {
        return exit;
    }
    if let Err(exit) = all.iter().try_for_each(|prepared| check_outputs(arguments, prepared)) {
        return exit;
    }
    for prepared in &all {
        exit = exit.max(run_file(registry, arguments, prepared));
        if exit == Exit::Interrupted {
            break;
        }
    }
    exit
}

fn out_of(arguments: &RunArgs, prepared: &Prepared) -> PathBuf {
    arguments.out.clone().unwrap_or_else(|| talk::default_out(&prepared.plan.name))
}

/// Whether everything that comes out can be written, before anything runs.
fn check_outputs(arguments: &RunArgs, prepared: &Prepared) -> Result<(), Exit> {
    let out = out_of(arguments, prepared);
    talk::check_folder(&out)?;
    if let Some(folder) = &arguments.views {
        talk::check_folder(folder)?;
    }
    trace::check(prepared, &arguments.trace, &out)
}

/// Whether no two scenarios write to one folder.
pub(super) fn separate_folders<'a>(
    out: Option<&Path>,
    all: impl ExactSizeIterator<Item = &'a Prepared>,
) -> Result<(), Exit> {
    if out.is_some() && all.len() > 1 {
        let why = "--out takes the results of one scenario; run them one by one";
        return Err(talk::mistake(why));
    }
    let mut names = BTreeSet::new();
    for prepared in all {
        let name = &prepared.plan.name;
        if !names.insert(mpclab_files::folded(&mpclab_files::component(name))) {
            return Err(talk::mistake(&format!(
                "two scenarios are called `{name}`, and both would write to mpclab-out/{name}; run \
                 them one by one with --out"
            )));
        }
    }
    Ok(())
}

/// Reads a scenario with these changes.
pub(super) fn load(
    registry: &Registry,
    set: &[(String, String)],
    seed: Option<u64>,
    file: &Path,
) -> Result<Prepared, Exit> {
    let mut overrides = set.to_vec();
    overrides.extend(seed.map(|seed| ("seed".to_owned(), seed.to_string())));
    mpclab_scenarios::plan(file, &overrides, registry)
        .and_then(|plan| prepare(plan, registry))
        .map_err(|mistakes| talk::diagnostics(&mistakes))
}

fn run_file(registry: &Registry, arguments: &RunArgs, prepared: &Prepared) -> Exit {
    let plan = &prepared.plan;
    let options = BatchOptions {
        out: out_of(arguments, prepared),
        jobs: arguments.jobs,
        fresh: arguments.fresh,
        interrupted: interrupted(),
    };
    if prepared.is_measured() {
        talk::built_in_haste();
    }
    let progress = Progress::default();
    let finished = runner::run(registry, prepared, &options, &progress);
    progress.bar.get().inspect(|bar| bar.finish_and_clear());
    let finished = match finished {
        Ok(finished) => finished,
        Err(error) => return talk::mistake(&error.to_string()),
    };
    if finished.stale > 0 {
        talk::say(&format!(
            "{} runs in {} came from another build of this program: they are made again",
            finished.stale,
            options.out.display()
        ));
    }
    let mut exit = show(arguments, &finished);
    say_outputs(&finished.records);
    if let Some(folder) = &arguments.views
        && let Err(error) = write_views(registry, prepared, &finished.records, folder)
    {
        return talk::mistake(&format!("{}: {error}", folder.display()));
    }
    exit = exit.max(trace::write(registry, prepared, &finished.records, &arguments.trace));
    exit = exit.max(judge(prepared, &finished));
    if finished.interrupted {
        let (done, out) = (finished.records.len(), options.out.display());
        let then = match finished.kept_old {
            true => format!("{out} holds what it held before"),
            false if arguments.fresh => format!("run again without --fresh to go on from {out}"),
            false => format!("run again to go on from {out}"),
        };
        talk::say(&format!("interrupted after {done} runs; {then}"));
        return exit.max(Exit::Interrupted);
    }
    let sources = [Source::of(&plan.name, plan.resolved.clone())];
    match write_report(&options.out, &finished.records, &sources, &[]) {
        Ok(()) => {
            let resumed = match finished.resumed {
                0 => String::new(),
                resumed => format!(" ({resumed} runs were there before)"),
            };
            talk::say(&format!("report: {}{resumed}", options.out.join("report.html").display()));
            let verdicts = finished.records.iter().flat_map(|record| &record.verdicts);
            let verdicts = verdicts.map(|verdict| (verdict.standing(), &verdict.observed));
            talk::say(&tally::tally("verdicts", verdicts));
            exit
        }
        Err(error) => exit.max(talk::mistake(&error)),
    }
}

/// A file for each run that an adversary stood against.
fn write_views(
    registry: &Registry,
    prepared: &Prepared,
    records: &[Record],
    folder: &Path,
) -> std::io::Result<()> {
    for record in records.iter().filter(|record| !record.corrupted.is_empty()) {
        let Some(cell) = prepared.cell_of(record) else { continue };
        let (point, protocol, repetition) = (record.cell, record.protocol_index, record.repetition);
        let name = format!("{point}-{protocol}-{repetition}.jsonl");
        let mut file = std::io::BufWriter::new(mpclab_files::create(&folder.join(name))?);
        runner::write_view(registry, prepared, cell, repetition, &mut file)?;
        std::io::Write::flush(&mut file)?;
    }
    Ok(())
}

fn show(arguments: &RunArgs, finished: &Finished) -> Exit {
    match report::tables(&finished.records, arguments.format) {
        Ok(text) => talk::print(&text),
        Err(error) => talk::mistake(&error),
    }
}

/// Says what came out, in the first repetition.
fn say_outputs(records: &[Record]) {
    let outputs = mpclab_reports::table::outputs(records);
    if outputs.is_empty() {
        return;
    }
    talk::say("outputs of the first repetition:");
    outputs.iter().take(TOLD).for_each(|line| talk::say(&format!("  {line}")));
    if outputs.len() > TOLD {
        let more = outputs.len() - TOLD;
        talk::say(&format!("  ... and {more} more, all in results.jsonl"));
    }
}

/// Says which checks failed.
fn judge(prepared: &Prepared, finished: &Finished) -> Exit {
    let plan = &prepared.plan;
    let mut exit = Exit::Ok;
    let mut told = 0;
    let mut is_told = || {
        told += 1;
        told <= TOLD
    };
    for record in &finished.records {
        let cell = prepared.cell_of(record);
        if !cell.is_some_and(|prepared| is_failure(&prepared.cell, record)) {
            continue;
        }
        exit = exit.max(if matches!(record.outcome, Outcome::Bug(_)) {
            Exit::Bug
        } else {
            Exit::Failed
        });
        if is_told() {
            talk::say(&format!("FAILED {}: {}", run_name(record), why(record)));
        }
    }
    for failure in expectations(prepared, &finished.records) {
        exit = exit.max(Exit::Failed);
        let expectation = &plan.expect[failure.expectation];
        let what = plan.source.error(&expectation.place, "an expectation is not met", failure.what);
        if is_told() {
            talk::diagnostic(&what);
        }
    }
    if told > TOLD {
        talk::say(&format!("... and {} more failures", told - TOLD));
    }
    exit
}

fn why(record: &Record) -> String {
    if record.outcome != Outcome::Ok {
        return format!("{}: {}", record.outcome.status(), record.outcome.reason());
    }
    let violated = record
        .verdicts
        .iter()
        .filter(|verdict| verdict.standing() == mpclab_sim::vocabulary::Standing::Violated);
    let texts: Vec<String> = violated
        .map(|verdict| format!("{} violated: {}", verdict.guarantee, verdict.evidence))
        .collect();
    texts.join("; ")
}

/// The command that makes these results again.
pub(super) fn again(
    program: &str,
    verb: &str,
    set: &[(String, String)],
    seed: Option<u64>,
    file: &Path,
) -> String {
    let file = file.display().to_string();
    // What starts with a hyphen is a file here, not an option.
    let file = if file.starts_with('-') { format!("./{file}") } else { file };
    let mut words = vec![program.to_owned(), verb.to_owned(), file];
    for (key, value) in set {
        words.extend(["--set".to_owned(), format!("{key}={value}")]);
    }
    words.extend(seed.into_iter().flat_map(|seed| ["--seed".to_owned(), seed.to_string()]));
    words.iter().map(|word| mpclab_files::quoted(word)).collect::<Vec<_>>().join(" ")
}

/// Runs of the batch that are under way.
static UNDER_WAY: AtomicUsize = AtomicUsize::new(0);

/// Set by the first Ctrl-C; the second ends the process at once.
pub(super) fn interrupted() -> &'static AtomicBool {
    static INTERRUPTED: AtomicBool = AtomicBool::new(false);
    static HANDLER: OnceLock<()> = OnceLock::new();
    HANDLER.get_or_init(|| {
        // Without a handler Ctrl-C ends the process, and the journal still holds what was done.
        let _ = ctrlc::set_handler(|| {
            if INTERRUPTED.swap(true, Ordering::Relaxed) {
                std::process::exit(Exit::Interrupted as i32);
            }
            talk::say(&finishing(UNDER_WAY.load(Ordering::Relaxed)));
        });
    });
    &INTERRUPTED
}

/// What the first Ctrl-C is answered with.
fn finishing(under_way: usize) -> String {
    let what = match under_way {
        0 => "what is under way".to_owned(),
        1 => "the run that is under way".to_owned(),
        runs => format!("the {runs} runs that are under way"),
    };
    format!("interrupted: finishing {what}; Ctrl-C again stops at once")
}

/// A bar on a terminal, silent otherwise.
#[derive(Default)]
struct Progress {
    bar: OnceLock<ProgressBar>,
}

impl Observer for Progress {
    fn begins(&self, runs: usize, done: usize) {
        let bar = ProgressBar::new(runs as u64).with_position(done as u64);
        let style = ProgressStyle::with_template("{bar:30} {pos}/{len} runs {elapsed} {msg}");
        if let Ok(style) = style {
            bar.set_style(style);
        }
        let _ = self.bar.set(bar);
    }

    fn starts(&self) {
        UNDER_WAY.fetch_add(1, Ordering::Relaxed);
    }

    fn ended(&self, record: &Record) {
        UNDER_WAY.fetch_sub(1, Ordering::Relaxed);
        if let Some(bar) = self.bar.get() {
            bar.set_message(record.key.protocol.clone());
            bar.inc(1);
        }
    }
}
