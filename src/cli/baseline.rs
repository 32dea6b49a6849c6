use std::collections::BTreeMap;
use std::fs;
use std::path::PathBuf;

use clap::{Args, Subcommand};
use mpclab_reports::compare::{self, Case};
use mpclab_reports::journal;

use super::{Exit, talk};

#[derive(Subcommand)]
pub(super) enum BaselineVerb {
    /// Write the baselines of results, one file for each scenario
    Update(UpdateArgs),
}

#[derive(Args)]
pub(super) struct UpdateArgs {
    /// Folders that `run` wrote, or results.jsonl files
    #[arg(required = true)]
    results: Vec<PathBuf>,
    /// Folder for the baselines
    #[arg(long, value_name = "FOLDER")]
    to: PathBuf,
}

/// Writes what `compare` holds new results against.
pub(super) fn baseline(verb: &BaselineVerb) -> Exit {
    let BaselineVerb::Update(arguments) = verb;
    match update(arguments) {
        Ok(()) => Exit::Ok,
        Err(error) => talk::mistake(&error),
    }
}

fn update(arguments: &UpdateArgs) -> Result<(), String> {
    let mut scenarios: BTreeMap<String, Vec<Case>> = BTreeMap::new();
    for case in super::compare::load(&arguments.results)? {
        scenarios.entry(case.key.scenario.clone()).or_default().push(case);
    }
    let to = &arguments.to;
    fs::create_dir_all(to).map_err(|error| format!("{}: {error}", to.display()))?;
    // Nothing is written before all of it can be.
    let mut texts = Vec::new();
    for (scenario, cases) in &scenarios {
        let text = compare::write_baseline(cases).map_err(|error| error.to_string())?;
        texts.push((to.join(compare::baseline_name(scenario)), text));
    }
    for (path, text) in texts {
        let is_new = fs::read(&path).map_or(true, |known| known != text.as_bytes());
        if is_new {
            journal::replace(&path, text.as_bytes()).map_err(|error| error.to_string())?;
        }
        talk::say(&format!("{}: {}", path.display(), if is_new { "written" } else { "unchanged" }));
    }
    Ok(())
}
