//! `attack`: batteries of attacks against a scenario's protocols, as a grid of claims and attacks.

use std::collections::BTreeSet;
use std::path::{Path, PathBuf};

use mpclab_files::Folder;
use mpclab_reports::battery::{Family, Timing, junit};
use mpclab_reports::export;
use mpclab_reports::html::{self, BatteryInput};
use mpclab_reports::{journal, plot};
use mpclab_sim::vocabulary::Standing;
use rayon::ThreadPoolBuilder;

use super::{AttackArgs, Exit, figures, run, strict, talk, tally};
use crate::battery::{self, Finished, Options};
use crate::registry::Registry;
use crate::runner::{Budget, Prepared, estimate_battery, jobs};

/// Families of attacks on the command line.
#[derive(Clone, Copy, Debug, PartialEq, Eq, clap::ValueEnum)]
pub(super) enum FamilyWord {
    /// Nobody attacks
    Honest,
    /// Every outgoing message with every mutation
    SingleFault,
    /// Attacks that are known on the protocol
    Known,
    /// Attacks that make sense against any protocol
    Generic,
    /// Several faults at once
    Search,
    /// Bytes that are no encoding
    Malformed,
    /// Coalitions larger than claimed
    Thresholds,
    /// Faults of the network and of honest machines
    Network,
    /// Several sessions at once
    Composition,
    /// What a coalition's view tells
    Privacy,
    /// How often cheating goes unnoticed
    Soundness,
}

impl FamilyWord {
    fn family(self) -> Family {
        match self {
            FamilyWord::Honest => Family::Honest,
            FamilyWord::SingleFault => Family::SingleFault,
            FamilyWord::Known => Family::Known,
            FamilyWord::Generic => Family::Generic,
            FamilyWord::Search => Family::Search,
            FamilyWord::Malformed => Family::Malformed,
            FamilyWord::Thresholds => Family::Thresholds,
            FamilyWord::Network => Family::Network,
            FamilyWord::Composition => Family::Composition,
            FamilyWord::Privacy => Family::Privacy,
            FamilyWord::Soundness => Family::Soundness,
        }
    }
}

/// Runs the battery of each file.
pub(super) fn attack(registry: &Registry, program: &str, arguments: &AttackArgs) -> Exit {
    let mut all = Vec::new();
    // Everything is read before anything runs.
    for file in &arguments.files {
        match run::load(registry, &arguments.set, arguments.seed, file) {
            Ok(prepared) => all.push((file, prepared)),
            Err(exit) => return exit,
        }
    }
    if let Err(exit) = run::separate_folders(arguments.out.as_deref(), all.iter().map(|(_, p)| p)) {
        return exit;
    }
    for (_, prepared) in &all {
        // How many runs a battery makes shows while it makes them: only memory is estimated.
        let budget = Budget { time_ns: None, ..arguments.budget };
        let needed = estimate_battery(prepared, jobs(arguments.jobs, u64::MAX));
        if let Err(mistakes) = budget.admit(prepared, &needed) {
            return talk::diagnostics(&mistakes);
        }
    }
    let mut outs = all.iter().map(|(_, prepared)| out_of(arguments, prepared));
    if let Err(exit) = outs.try_for_each(|out| talk::check_folder(&out)) {
        return exit;
    }
    let mut exit = Exit::Ok;
    for (file, prepared) in &all {
        exit = exit.max(attack_file(registry, program, arguments, file, prepared));
        if exit == Exit::Interrupted {
            break;
        }
    }
    exit
}

fn out_of(arguments: &AttackArgs, prepared: &Prepared) -> PathBuf {
    let name = || talk::default_out(&format!("{}-attack", prepared.plan.name));
    arguments.out.clone().unwrap_or_else(name)
}

fn attack_file(
    registry: &Registry,
    program: &str,
    arguments: &AttackArgs,
    file: &Path,
    prepared: &Prepared,
) -> Exit {
    let out = out_of(arguments, prepared);
    // Held until all is written.
    let _folder = match Folder::lock(&out) {
        Ok(folder) => folder,
        Err(error) => return talk::mistake(&error.to_string()),
    };
    let families: Vec<Family> = arguments.only.iter().map(|word| word.family()).collect();
    let options = Options {
        sweep_cases: arguments.cases,
        search_cases: arguments.search,
        families: &families,
        interrupted: run::interrupted(),
        until_violated: false,
    };
    let progress = |protocol: &str, cases: usize| talk::say(&format!("{protocol}: {cases} runs"));
    let threads = jobs(arguments.jobs, u64::MAX);
    let finished = match ThreadPoolBuilder::new().num_threads(threads).build() {
        Ok(pool) => pool.install(|| battery::run(registry, prepared, &options, &progress)),
        Err(error) => return talk::mistake(&error.to_string()),
    };
    let command = run::again(program, "attack", &arguments.set, arguments.seed, file);
    if let Err(error) = write(&out, prepared, &finished, &command) {
        return talk::mistake(&error);
    }
    let shown = match export::battery(&finished.battery, arguments.format, talk::width()) {
        Ok(text) => talk::print(&(text.trim_end().to_owned() + "\n")),
        Err(error) => talk::mistake(&error.to_string()),
    };
    talk::say(&timings(&finished.timings));
    talk::say(&format!("report: {}", out.join("battery.html").display()));
    let mut exit = shown.max(judge(&finished));
    if arguments.strict {
        let strict = strict::judge(&finished.battery, &prepared.plan);
        strict.lines.iter().for_each(|line| talk::say(line));
        exit = exit.max(if strict.is_failed { Exit::Failed } else { Exit::Ok });
    }
    let cells = finished.battery.rows.iter().flat_map(|row| &row.cells);
    let cells = cells.map(|cell| (cell.verdict.standing(), cell.verdict.observed()));
    talk::say(&tally::tally("cells", cells));
    if finished.interrupted {
        talk::say("interrupted; the grid shows what was tried until then");
        return exit.max(Exit::Interrupted);
    }
    exit
}

/// Says which claims are violated.
fn judge(finished: &Finished) -> Exit {
    let mut exit = Exit::Ok;
    for (row, cell) in finished.battery.cells(Standing::Violated) {
        let evidence = cell.evidence.first().map_or_else(String::new, ToString::to_string);
        let (protocol, attack, guarantee) = (&row.protocol, &cell.attack, cell.guarantee);
        talk::say(&format!("VIOLATED {protocol}: {guarantee} under `{attack}`: {evidence}"));
        exit = Exit::Failed;
    }
    exit
}

fn timings(timings: &[Timing]) -> String {
    let text =
        |timing: &Timing| format!("{} {:.1} s", timing.protocol, timing.wall_ns as f64 / 1e9);
    timings.iter().map(text).collect::<Vec<_>>().join(", ")
}

fn write(
    out: &Path,
    prepared: &Prepared,
    finished: &Finished,
    command: &str,
) -> Result<(), String> {
    fn text<E: ToString>(error: E) -> String {
        error.to_string()
    }
    let battery = &finished.battery;
    let write =
        |path: PathBuf, content: &str| journal::replace(&path, content.as_bytes()).map_err(text);
    let resolved_yaml = &prepared.plan.resolved;
    let page = html::battery(&BatteryInput { battery, resolved_yaml, command }).map_err(text)?;
    write(out.join("battery.html"), &page)?;
    write(out.join("battery.json"), &battery.to_json().map_err(text)?)?;
    write(out.join("junit.xml"), &junit(battery).map_err(text)?)?;
    write(out.join("resolved.yaml"), resolved_yaml)?;
    let timings = serde_json::to_string_pretty(&finished.timings).map_err(text)?;
    write(out.join("timings.json"), &timings)?;
    let folder = out.join("reproductions");
    let mut used = BTreeSet::new();
    for reproduction in &finished.reproductions {
        mpclab_files::subfolder(&folder).map_err(|(at, why)| format!("{}: {why}", at.display()))?;
        let name = unused(&reproduction.name, &mut used);
        write(folder.join(format!("{name}.yaml")), &reproduction.yaml)?;
    }
    figures::write(out, |medium| plot::soundness(battery, medium))
}

/// A name as a file that no other has, on systems too that do not tell capitals from small letters.
fn unused(name: &str, used: &mut BTreeSet<String>) -> String {
    let first = mpclab_files::component(name);
    let mut name = first.clone();
    for count in 2.. {
        if used.insert(mpclab_files::folded(&name)) {
            break;
        }
        name = format!("{first}-{count}");
    }
    name
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn no_reproduction_overwrites_another() {
        let mut used = BTreeSet::new();
        let names = ["a-b", "A-b", "a-b", "../c"].map(|name| unused(name, &mut used));
        assert_eq!(names, ["a-b", "A-b-2", "a-b-3", "%2E.%2Fc"]);
    }
}
