use std::collections::BTreeMap;
use std::path::PathBuf;

use clap::{Args, Subcommand};
use mpclab_files::{Folder, Links};
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
    let _folder = Folder::lock(to).map_err(|error| error.to_string())?;
    // Nothing is written before all of it can be.
    let (mut texts, mut names) = (Vec::new(), BTreeMap::new());
    for (scenario, cases) in &scenarios {
        let text = compare::write_baseline(cases).map_err(|error| error.to_string())?;
        let name = compare::baseline_name(scenario);
        // Not every system tells capitals from small letters.
        if let Some(other) = names.insert(mpclab_files::folded(&name), scenario) {
            return Err(format!(
                "the baselines of `{other}` and `{scenario}` would be one file on some systems"
            ));
        }
        texts.push((to.join(name), text));
    }
    for (path, text) in texts {
        let known = mpclab_files::read(&path, text.len() as u64, Links::Refuse);
        let is_new = known.map_or(true, |known| known != text.as_bytes());
        if is_new {
            journal::replace(&path, text.as_bytes()).map_err(|error| error.to_string())?;
        }
        talk::say(&format!("{}: {}", path.display(), if is_new { "written" } else { "unchanged" }));
    }
    Ok(())
}
