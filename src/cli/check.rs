use std::collections::{BTreeMap, BTreeSet};
use std::path::{Path, PathBuf};
use std::sync::Arc;

use mpclab_files::{Links, ReadError, one_line};
use mpclab_protocols::circuit::{Optimise, lower};
use mpclab_protocols::functions::Task;
use mpclab_protocols::program::{Program, Recipients, Type};
use mpclab_scenarios::{Diagnostic, FunctionSource, MAX_PROGRAM_BYTES, MAX_YAML_BYTES};

use super::{CheckArgs, Exit, talk};
use crate::advise::options_of;
use crate::registry::Registry;
use crate::runner::{Prepared, estimate, prepare};
use crate::script;

/// Validates files without running them.
pub(super) fn check(registry: &Registry, arguments: &CheckArgs) -> Exit {
    let mut exit = Exit::Ok;
    let mut files = Vec::new();
    let mut known = BTreeSet::new();
    for path in &arguments.paths {
        for why in collect(path, &mut known, &mut files) {
            exit = exit.max(talk::mistake(&why));
        }
    }
    for file in &files {
        exit = exit.max(match checked(registry, file, arguments) {
            Ok(what) => {
                let shown = one_line(&file.display().to_string());
                talk::print(&format!("{shown}: ok, {what}"))
            }
            Err(mistakes) => talk::diagnostics(&mistakes),
        });
    }
    if files.is_empty() && exit == Exit::Ok {
        return talk::mistake("no scenario file there");
    }
    exit
}

/// What a file holds.
fn checked(
    registry: &Registry,
    file: &Path,
    arguments: &CheckArgs,
) -> Result<String, Vec<Diagnostic>> {
    if file.extension().is_some_and(|ending| ending == "rhai") {
        return checked_program(file);
    }
    // Deployments say against whom, scenarios by whom.
    let text = mpclab_files::read_text(file, MAX_YAML_BYTES, Links::Follow);
    let is_deployment = text.is_ok_and(|text| names(&text, "threat:"));
    if is_deployment {
        let deployment = mpclab_scenarios::deployment(file, &[], registry)?;
        let prepared = options_of(registry, &deployment)?;
        let needs = admitted(arguments, &prepared)?;
        return Ok(format!("a deployment, {} options\n{needs}", prepared.cells.len()));
    }
    let plan = mpclab_scenarios::plan(file, &[], registry)?;
    let prepared = prepare(plan, registry)?;
    let takes = admitted(arguments, &prepared)?;
    let cells = prepared.cells.len();
    let runs = cells as u64 * u64::from(prepared.plan.repetitions);
    let mut needs: Vec<(String, String)> = Vec::new();
    let mut known = BTreeSet::new();
    let mut before: Option<&Arc<Program>> = None;
    for cell in &prepared.cells {
        let own = !matches!(cell.cell.function.source, FunctionSource::Named);
        if let (Task::Program(program), true) = (&cell.task, own) {
            // Cells of one function share its program.
            if before.replace(program).is_some_and(|before| Arc::ptr_eq(before, program)) {
                continue;
            }
            let name = format!("{} among {}", cell.cell.function.name, cell.cell.roles.input.len());
            let file = match cell.cell.function.source {
                FunctionSource::Circuit { .. } => format!("    in its file {}\n", cell.about),
                _ => String::new(),
            };
            let need = (name, needed(program) + file.as_str());
            if known.insert(need.clone()) {
                needs.push(need);
            }
        }
    }
    let needs: String = needs.iter().map(|(name, need)| format!("  {name}:\n{need}")).collect();
    Ok(format!("{cells} cells, {runs} runs\n{takes}{needs}"))
}

/// What the runs will take, if that is much.
///
/// # Errors
/// That it is more than the budget, as `run` says it.
fn admitted(arguments: &CheckArgs, prepared: &Prepared) -> Result<String, Vec<Diagnostic>> {
    let estimate = estimate(prepared, arguments.jobs);
    arguments.budget.admit(prepared, &estimate)?;
    Ok(estimate.told().map_or_else(String::new, |told| format!("  {told}\n")))
}

/// Input parties of a program that is checked without a scenario.
const PARTIES: usize = 3;

/// What a program needs with the defaults of its parameters.
fn checked_program(file: &Path) -> Result<String, Vec<Diagnostic>> {
    let shown = file.display().to_string();
    let unread = |why: String| vec![Diagnostic::without_place(format!("`{shown}`: {why}"))];
    let text = mpclab_files::read_text(file, MAX_PROGRAM_BYTES, Links::Follow);
    let text = text.map_err(|error| unread(error.to_string()))?;
    let program = script::build(&text, &serde_json::Value::Null, PARTIES)
        .map_err(|failure| vec![failure.diagnostic(&shown, &text)])?;
    let about = script::about(&text);
    Ok(format!("a program among {PARTIES} input parties: {about}\n{}", needed(&program)))
}

/// What a program takes, and what it costs whatever the protocol.
fn needed(program: &Program) -> String {
    // Parties that bring the same stand in one line.
    let mut columns: BTreeMap<String, Vec<usize>> = BTreeMap::new();
    for decl in program.inputs() {
        let of = if decl.len == 1 { String::new() } else { format!("{} x ", decl.len) };
        let what = match decl.ty {
            Type::Word => format!("a number of {} bits without sign", decl.len),
            // The highest half speaks for the whole number.
            Type::Limb { at: 0, .. } => continue,
            Type::Limb { at, bits, signed } => {
                let sign = if signed { "with" } else { "without" };
                format!("{of}a number of {} bits {sign} sign, shared as two halves", at + bits)
            }
            ty => format!("{of}{ty}, raw values {}", decl.range),
        };
        let what = format!("{}: {what}", decl.column());
        columns.entry(what).or_default().push(decl.party);
    }
    let inputs = columns.iter().map(|(what, parties)| {
        let parties = match parties[..] {
            [one] => format!("party {one}"),
            [first, .., last] if last - first + 1 == parties.len() => {
                format!("parties {first} to {last}")
            }
            _ => format!("parties {parties:?}"),
        };
        format!("    input {what} ({parties})\n")
    });
    let mut text: String = inputs.collect();
    for output in program.outputs() {
        let of = if output.len == 1 { String::new() } else { format!(": {} values", output.len) };
        let to = match &output.to {
            Recipients::All => String::new(),
            Recipients::These(parties) => format!(" (to output parties {parties:?} alone)"),
        };
        text += &format!("    output {}{of}{to}\n", output.name);
    }
    let s = program.statistics();
    let products = s.multiplications + s.dot_terms;
    text += &format!(
        "    {products} products, {} comparisons, {} equality tests, {} truncations\n    depth {} \
         ({} products), widest value {} bits\n",
        s.comparisons, s.equalities, s.truncations, s.depth_interactive, s.depth_mul, s.max_bits
    );
    let ands = |optimise| {
        let counts = lower(program, optimise).map(|lowered| lowered.circuit.counts());
        counts.map(|counts| format!("{} ANDs at depth {}", counts.ands, counts.and_depth))
    };
    if let (Ok(size), Ok(depth)) = (ands(Optimise::Size), ands(Optimise::Depth)) {
        text += &format!("    as `mpclab circuit` writes it: {size} by size, {depth} by depth\n");
    }
    for bound in program.error_bounds() {
        text += &format!("    {bound}\n");
    }
    text
}

/// Whether a text has a key at its top.
fn names(text: &str, key: &str) -> bool {
    text.lines().any(|line| line.starts_with(key))
}

/// A file, or all scenario and deployment files of a folder and below: YAML that names a function.
/// What is named twice, or led to by links, is there once. Gives what cannot be read, and goes on.
fn collect(path: &Path, known: &mut BTreeSet<PathBuf>, files: &mut Vec<PathBuf>) -> Vec<String> {
    if !known.insert(mpclab_files::real(path)) {
        return Vec::new();
    }
    if !path.is_dir() {
        files.push(path.to_owned());
        return Vec::new();
    }
    let told = |path: &Path, why: &ReadError| format!("{}: {why}", path.display());
    let entries = match mpclab_files::entries(path) {
        Ok(entries) => entries,
        Err(why) => return vec![told(path, &why)],
    };
    let mut wrong = Vec::new();
    for entry in entries {
        if entry.is_dir() {
            wrong.extend(collect(&entry, known, files));
        } else if entry.extension().is_some_and(|ending| ending == "yaml") {
            match mpclab_files::read_text(&entry, MAX_YAML_BYTES, Links::Follow) {
                Ok(text) if names(&text, "function:") => {
                    if known.insert(mpclab_files::real(&entry)) {
                        files.push(entry);
                    }
                }
                Ok(_) => {}
                Err(why) => wrong.push(told(&entry, &why)),
            }
        }
    }
    wrong
}
