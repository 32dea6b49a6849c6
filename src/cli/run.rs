use std::path::PathBuf;
use std::sync::OnceLock;
use std::sync::atomic::{AtomicBool, Ordering};

use indicatif::{ProgressBar, ProgressStyle};
use mpclab_reports::record::{Outcome, Record};

use super::report::{Sources, write_report};
use super::{Exit, RunArgs, report, talk};
use crate::registry::Registry;
use crate::runner::{
    self, BatchError, BatchOptions, Finished, Observer, Prepared, expectations, is_failure, prepare,
};

/// Failures told one by one; the rest are counted.
const TOLD: usize = 10;

/// Runs scenario files one after the other.
pub(super) fn run(registry: &Registry, arguments: &RunArgs) -> Exit {
    let mut exit = Exit::Ok;
    let mut all = Vec::new();
    // Everything is read before anything runs.
    for file in &arguments.files {
        match load(registry, arguments, file) {
            Ok(prepared) => all.push((file, prepared)),
            Err(failed) => exit = exit.max(failed),
        }
    }
    if exit != Exit::Ok {
        return exit;
    }
    if arguments.out.is_some() && all.len() > 1 {
        return talk::mistake("--out takes the results of one scenario; run them one by one");
    }
    for (file, prepared) in &all {
        exit = exit.max(run_file(registry, arguments, file, prepared));
        if exit == Exit::Interrupted {
            break;
        }
    }
    exit
}

fn load(registry: &Registry, arguments: &RunArgs, file: &PathBuf) -> Result<Prepared, Exit> {
    let mut overrides = arguments.set.clone();
    overrides.extend(arguments.seed.map(|seed| ("seed".to_owned(), seed.to_string())));
    mpclab_scenarios::plan(file, &overrides, registry)
        .and_then(|plan| prepare(plan, registry))
        .map_err(|mistakes| talk::diagnostics(&mistakes))
}

fn run_file(registry: &Registry, arguments: &RunArgs, file: &PathBuf, prepared: &Prepared) -> Exit {
    let plan = &prepared.plan;
    let default = || PathBuf::from("mpclab-out").join(&plan.name);
    let options = BatchOptions {
        out: arguments.out.clone().unwrap_or_else(default),
        jobs: arguments.jobs.unwrap_or_else(|| {
            std::thread::available_parallelism().map_or(1, std::num::NonZero::get)
        }),
        fresh: arguments.fresh,
        interrupted: interrupted(),
    };
    let progress = Progress::default();
    let finished = runner::run(registry, prepared, &options, &progress);
    progress.bar.get().inspect(|bar| bar.finish_and_clear());
    let finished = match finished {
        Ok(finished) => finished,
        Err(error) => return talk::mistake(&explain(&error)),
    };
    let mut exit = show(arguments, &finished);
    exit = exit.max(judge(prepared, &finished));
    if finished.interrupted {
        let (done, out) = (finished.records.len(), options.out.display());
        talk::say(&format!("interrupted after {done} runs; run again to go on from {out}"));
        return exit.max(Exit::Interrupted);
    }
    let command = command(arguments, file);
    let sources = Sources {
        title: &plan.name,
        about: &plan.about,
        resolved: &plan.resolved,
        command: &command,
    };
    match write_report(&options.out, &finished.records, &sources) {
        Ok(()) => {
            let resumed = match finished.resumed {
                0 => String::new(),
                resumed => format!(" ({resumed} runs were there before)"),
            };
            talk::say(&format!("report: {}{resumed}", options.out.join("report.html").display()));
            exit
        }
        Err(error) => exit.max(talk::mistake(&error)),
    }
}

fn explain(error: &BatchError) -> String {
    error.to_string()
}

fn show(arguments: &RunArgs, finished: &Finished) -> Exit {
    match report::tables(&finished.records, arguments.format) {
        Ok(text) => talk::print(&text),
        Err(error) => talk::mistake(&error),
    }
}

/// Says which checks failed.
fn judge(prepared: &Prepared, finished: &Finished) -> Exit {
    let plan = &prepared.plan;
    let mut exit = Exit::Ok;
    let mut told = 0;
    let mut tell = |what: String| {
        told += 1;
        if told <= TOLD {
            talk::say(&what);
        }
    };
    for record in &finished.records {
        let cell = plan.cells.iter().find(|cell| belongs(cell, record));
        if !cell.is_some_and(|cell| is_failure(cell, record)) {
            continue;
        }
        exit = exit.max(if matches!(record.outcome, Outcome::Bug(_)) {
            Exit::Bug
        } else {
            Exit::Failed
        });
        tell(format!(
            "FAILED {}, repetition {}: {}",
            record.key.id(),
            record.repetition,
            why(record)
        ));
    }
    for failure in expectations(plan, &finished.records) {
        exit = exit.max(Exit::Failed);
        let expectation = &plan.expect[failure.expectation];
        let what = plan.source.error(&expectation.place, "an expectation is not met", failure.what);
        tell(what.render(true));
    }
    if told > TOLD {
        talk::say(&format!("... and {} more failures", told - TOLD));
    }
    exit
}

fn belongs(cell: &mpclab_scenarios::Cell, record: &Record) -> bool {
    cell.protocol.label == record.key.protocol
        && cell.sweep.len() == record.key.sweep.len()
        && cell.sweep.iter().all(|(key, value)| record.key.sweep.get(key) == Some(value))
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
fn command(arguments: &RunArgs, file: &PathBuf) -> String {
    let mut words = vec!["mpclab run".to_owned(), file.display().to_string()];
    words.extend(arguments.set.iter().map(|(key, value)| format!("--set '{key}={value}'")));
    words.extend(arguments.seed.map(|seed| format!("--seed {seed}")));
    words.join(" ")
}

/// Set by the first Ctrl-C; the second ends the process at once.
fn interrupted() -> &'static AtomicBool {
    static INTERRUPTED: AtomicBool = AtomicBool::new(false);
    static HANDLER: OnceLock<()> = OnceLock::new();
    HANDLER.get_or_init(|| {
        // Without a handler Ctrl-C ends the process, and the journal still holds what was done.
        let _ = ctrlc::set_handler(|| {
            if INTERRUPTED.swap(true, Ordering::Relaxed) {
                std::process::exit(Exit::Interrupted as i32);
            }
        });
    });
    &INTERRUPTED
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

    fn ended(&self, record: &Record) {
        if let Some(bar) = self.bar.get() {
            bar.set_message(record.key.protocol.clone());
            bar.inc(1);
        }
    }
}
