//! `advise`: what to run for a deployment.

use std::path::{Path, PathBuf};

use mpclab_files::Folder;
use mpclab_reports::advice::{self, Advice};
use mpclab_reports::export::Format;
use mpclab_reports::html::{self, AdviceInput};
use mpclab_reports::{journal, plot};
use rayon::ThreadPoolBuilder;

use super::{AdviseArgs, Exit, figures, run, talk};
use crate::advise::{Finished, NoAdvice, Options, advise as look, options_of};
use crate::registry::Registry;
use crate::runner::{estimate, jobs};

/// Looks for the best way to run a deployment; exit 1 if nothing meets what it requires.
pub(super) fn advise(registry: &Registry, program: &str, arguments: &AdviseArgs) -> Exit {
    if matches!(arguments.format, Format::Csv | Format::Latex) {
        return talk::mistake(
            "advice is written as table, markdown or json; load.csv has the curve",
        );
    }
    let file = &arguments.file;
    let mut overrides = arguments.set.clone();
    overrides.extend(arguments.seed.map(|seed| ("seed".to_owned(), seed.to_string())));
    let deployment = match mpclab_scenarios::deployment(file, &overrides, registry) {
        Ok(deployment) => deployment,
        Err(mistakes) => return talk::diagnostics(&mistakes),
    };
    let admitted = options_of(registry, &deployment).and_then(|prepared| {
        arguments.budget.admit(&prepared, &estimate(&prepared, arguments.jobs))
    });
    if let Err(mistakes) = admitted {
        return talk::diagnostics(&mistakes);
    }
    let default = || talk::default_out(&format!("{}-advice", deployment.name));
    let out = arguments.out.clone().unwrap_or_else(default);
    // Held until all is written.
    let _folder = match Folder::lock(&out) {
        Ok(folder) => folder,
        Err(error) => return talk::mistake(&error.to_string()),
    };
    let options = Options { progress: &talk::say, interrupted: run::interrupted() };
    let threads = jobs(arguments.jobs, u64::MAX);
    let found = match ThreadPoolBuilder::new().num_threads(threads).build() {
        Ok(pool) => pool.install(|| look(registry, &deployment, &options)),
        Err(error) => return talk::mistake(&error.to_string()),
    };
    let finished = match found {
        Ok(finished) => finished,
        Err(NoAdvice::Mistakes(mistakes)) => return talk::diagnostics(&mistakes),
        Err(NoAdvice::Interrupted) => {
            talk::say("interrupted; nothing is written");
            return Exit::Interrupted;
        }
        Err(NoAdvice::Bug(what)) => {
            talk::say(&format!("bug: {what}"));
            return Exit::Bug;
        }
    };
    let command = run::again(program, "advise", &arguments.set, arguments.seed, file);
    if let Err(error) = write(&out, &finished, &command) {
        return talk::mistake(&error);
    }
    let shown = match text(&finished.advice, arguments.format) {
        Ok(text) => talk::print(&text),
        Err(error) => talk::mistake(&error),
    };
    talk::say(&format!("advice: {}", out.join("advice.html").display()));
    match finished.advice.recommended {
        Some(_) => shown,
        None => shown.max(Exit::Failed),
    }
}

fn text(advice: &Advice, format: Format) -> Result<String, String> {
    let text = match format {
        Format::Json => return advice.to_json().map_err(|error| error.to_string()),
        Format::Markdown => advice::markdown(advice),
        _ => advice::terminal(advice, talk::width()),
    };
    text.map_err(|error| error.to_string())
}

fn write(out: &Path, finished: &Finished, command: &str) -> Result<(), String> {
    fn text<E: ToString>(error: E) -> String {
        error.to_string()
    }
    let advice = &finished.advice;
    let write =
        |path: PathBuf, content: &str| journal::replace(&path, content.as_bytes()).map_err(text);
    let resolved_yaml = &finished.resolved;
    let page = html::advice(&AdviceInput { advice, resolved_yaml, command }).map_err(text)?;
    write(out.join("advice.html"), &page)?;
    write(out.join("advice.json"), &advice.to_json().map_err(text)?)?;
    write(out.join("advice.md"), &advice::markdown(advice).map_err(text)?)?;
    write(out.join("resolved.yaml"), resolved_yaml)?;
    if advice.offered.is_some() {
        write(out.join("load.csv"), &advice::curve_csv(advice).map_err(text)?)?;
    }
    let mut records = finished.records.clone();
    journal::write_results(&out.join("results.jsonl"), &mut records).map_err(text)?;
    figures::write(out, |medium| plot::load(advice, medium))
}
