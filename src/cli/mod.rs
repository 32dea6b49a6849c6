//! The command line: one file per verb.
//!
//! Data goes to stdout, talk to stderr. Exit codes: 0 all checks hold, 1 a check failed, 2 the
//! user's mistake or I/O, 3 a bug, 130 interrupted; of several the highest.

mod advise;
mod attack;
mod baseline;
mod calibrate;
mod check;
mod circuit;
mod compare;
mod crossover;
mod figures;
mod list;
mod report;
mod run;
mod strict;
mod talk;
mod tally;
mod trace;
mod validate;

use std::ffi::OsString;
use std::io::Write;
use std::path::{Path, PathBuf};
use std::process::ExitCode;

use clap::{Args, CommandFactory, Parser, Subcommand};
use mpclab_reports::export::Format;

use crate::registry::Registry;
use crate::runner::Budget;

/// Simulate, verify and price secure multi-party computation protocols before deploying them.
#[derive(Parser)]
#[command(name = "mpclab", version, arg_required_else_help = true)]
struct Cli {
    #[command(subcommand)]
    verb: Verb,
}

#[derive(Subcommand)]
enum Verb {
    /// Run scenario files, print the comparison and write results and a report
    Run(RunArgs),
    /// Attack the protocols of scenario files: a grid of claims and attacks
    Attack(AttackArgs),
    /// Recommend what to run for a deployment file: ranked, loaded, with what was ruled out and why
    Advise(AdviseArgs),
    /// Check scenario files without running them
    Check(CheckArgs),
    /// Write a standard circuit, or the circuit of a scenario's function, in Bristol Fashion
    Circuit(circuit::CircuitArgs),
    /// List what scenario files may name
    List(ListArgs),
    /// Write the HTML report, plots and tables of results
    Report(ReportArgs),
    /// Find the values of a key at which the order of protocols changes
    Crossover(crossover::CrossoverArgs),
    /// Hold results against a baseline: the regression gate
    Compare(compare::CompareArgs),
    /// Keep baselines that `compare` holds results against
    Baseline {
        #[command(subcommand)]
        verb: baseline::BaselineVerb,
    },
    /// Measure this machine's primitives into a compute profile
    Calibrate(CalibrateArgs),
    /// Hold the model against reality
    Validate {
        #[command(subcommand)]
        verb: validate::ValidateVerb,
    },
    /// Print the JSON Schema of scenario files, or of what `run` writes
    Schema {
        /// Of what
        #[arg(value_enum, default_value_t = SchemaOf::Scenarios)]
        of: SchemaOf,
    },
    /// Print a completion script for a shell
    Completions {
        /// Which shell
        shell: clap_complete::Shell,
    },
}

/// What a JSON Schema describes.
#[derive(Clone, Copy, Debug, PartialEq, Eq, clap::ValueEnum)]
enum SchemaOf {
    /// Scenario files
    Scenarios,
    /// Deployment files, for `advise`
    Deployments,
    /// Lines of results.jsonl
    Records,
    /// Lines of timings.jsonl
    Timings,
}

#[derive(Args)]
struct RunArgs {
    /// Scenario files
    #[arg(required = true)]
    files: Vec<PathBuf>,
    /// Replace a value: a key path and a value in YAML, for example network.rtt=20ms
    #[arg(long = "set", value_name = "KEY=VALUE", value_parser = key_value)]
    set: Vec<(String, String)>,
    /// Replace the scenario's seed
    #[arg(long)]
    seed: Option<u64>,
    /// Runs at a time, 1024 at most; results do not depend on it
    #[arg(long)]
    jobs: Option<usize>,
    /// What the runs may take: memory=8GiB,time=2h, or one of both [default: the memory that there
    /// is, and any time]
    #[arg(long, value_name = "BUDGET", default_value = "", hide_default_value = true, value_parser = budget)]
    budget: Budget,
    /// Folder for results [default: mpclab-out/<scenario>]
    #[arg(long)]
    out: Option<PathBuf>,
    /// Replace results that the folder holds instead of going on with them
    #[arg(long)]
    fresh: bool,
    /// Write what corrupted parties saw, as JSON Lines: a file for each run under an adversary
    #[arg(long, value_name = "FOLDER")]
    views: Option<PathBuf>,
    #[command(flatten)]
    trace: trace::TraceArgs,
    /// Form of the table: table, markdown, csv, json or latex
    #[arg(long, default_value_t = Format::Table)]
    format: Format,
}

#[derive(Args)]
struct AttackArgs {
    /// Scenario files
    #[arg(required = true)]
    files: Vec<PathBuf>,
    /// Replace a value: a key path and a value in YAML, for example parties=3
    #[arg(long = "set", value_name = "KEY=VALUE", value_parser = key_value)]
    set: Vec<(String, String)>,
    /// Replace the scenario's seed
    #[arg(long)]
    seed: Option<u64>,
    /// Runs at a time, 1024 at most; results do not depend on it
    #[arg(long)]
    jobs: Option<usize>,
    /// What the runs may take: memory=8GiB,time=2h, or one of both [default: the memory that there
    /// is, and any time]
    #[arg(long, value_name = "BUDGET", default_value = "", hide_default_value = true, value_parser = budget)]
    budget: Budget,
    /// Folder for results [default: mpclab-out/<scenario>-attack]
    #[arg(long)]
    out: Option<PathBuf>,
    /// Single faults per protocol at most; more are sampled
    #[arg(long, default_value_t = 20_000)]
    cases: usize,
    /// Cases of the search for several faults at once, per protocol
    #[arg(long, default_value_t = 2_000)]
    search: usize,
    /// Only these families of attacks
    #[arg(long, value_enum, value_delimiter = ',')]
    only: Vec<attack::FamilyWord>,
    /// Fail where a claim stays undecided and the scenario does not say why; list claims that no
    /// test looked at
    #[arg(long)]
    strict: bool,
    /// Form of the grid: table, markdown, csv, json or latex
    #[arg(long, default_value_t = Format::Table)]
    format: Format,
}

#[derive(Args)]
struct AdviseArgs {
    /// A deployment file
    file: PathBuf,
    /// Replace a value: a key path and a value in YAML, for example deadline=500ms
    #[arg(long = "set", value_name = "KEY=VALUE", value_parser = key_value)]
    set: Vec<(String, String)>,
    /// Replace the deployment's seed
    #[arg(long)]
    seed: Option<u64>,
    /// Runs at a time, 1024 at most; the advice does not depend on it
    #[arg(long)]
    jobs: Option<usize>,
    /// What the runs may take: memory=8GiB,time=2h, or one of both [default: the memory that there
    /// is, and any time]
    #[arg(long, value_name = "BUDGET", default_value = "", hide_default_value = true, value_parser = budget)]
    budget: Budget,
    /// Folder for the advice [default: mpclab-out/<deployment>-advice]
    #[arg(long)]
    out: Option<PathBuf>,
    /// Form of the advice: table, markdown or json
    #[arg(long, default_value_t = Format::Table)]
    format: Format,
}

#[derive(Args)]
struct CheckArgs {
    /// Scenario and deployment files, or folders of them
    #[arg(required = true)]
    paths: Vec<PathBuf>,
    /// Runs at a time that memory is estimated for, as `run` has it
    #[arg(long)]
    jobs: Option<usize>,
    /// What the runs may take: memory=8GiB,time=2h, or one of both [default: the memory that there
    /// is, and any time]
    #[arg(long, value_name = "BUDGET", default_value = "", hide_default_value = true, value_parser = budget)]
    budget: Budget,
}

#[derive(Args)]
struct ListArgs {
    /// What to list
    what: list::What,
    /// Form of the list: table, markdown, csv or json
    #[arg(long, default_value_t = Format::Table)]
    format: Format,
}

#[derive(Args)]
struct ReportArgs {
    /// Folders that `run` wrote, results.jsonl files, and logs that `run --trace` wrote
    #[arg(required = true)]
    results: Vec<PathBuf>,
    /// Folder for the report [default: the folder of the first results]
    #[arg(long)]
    out: Option<PathBuf>,
    /// Form of the table on stdout: table, markdown, csv, json or latex
    #[arg(long, default_value_t = Format::Table)]
    format: Format,
}

/// Time of a calibration for each primitive.
const CALIBRATION_MILLIS: u64 = 200;

#[derive(Args)]
struct CalibrateArgs {
    /// File for the profile [default: stdout]
    #[arg(long)]
    out: Option<PathBuf>,
    /// Milliseconds to spend on each primitive in nine rounds
    #[arg(long, default_value_t = CALIBRATION_MILLIS)]
    millis: u64,
    /// Rounds at most: beyond nine for what is noisy, with fewer nothing is settled
    #[arg(long, default_value_t = crate::calibrate::MOST_ROUNDS)]
    rounds: usize,
}

fn key_value(text: &str) -> Result<(String, String), String> {
    match text.split_once('=') {
        Some((key, value)) if !key.is_empty() => Ok((key.to_owned(), value.to_owned())),
        _ => Err("a key path, an equals sign and a value, for example network.rtt=20ms".to_owned()),
    }
}

fn budget(text: &str) -> Result<Budget, String> {
    if text.is_empty() { Ok(Budget::default()) } else { text.parse() }
}

/// How a verb ended, worst last; the values are exit codes.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Exit {
    /// All checks hold.
    Ok = 0,
    /// A check failed.
    Failed = 1,
    /// The user's mistake, or a file that can't be read or written.
    Mistake = 2,
    /// A bug in mpclab or in a protocol's code.
    Bug = 3,
    /// Interrupted, after what was done had been written.
    Interrupted = 130,
}

/// Runs the command line of this process with these protocols and functions.
#[must_use]
pub fn main(registry: Registry) -> ExitCode {
    ExitCode::from(run(&registry, std::env::args_os()) as u8)
}

/// Runs a command line with these protocols and functions; the first argument is the program's
/// name.
#[must_use]
pub fn run<T: Into<OsString>>(registry: &Registry, arguments: impl IntoIterator<Item = T>) -> Exit {
    let arguments: Vec<OsString> = arguments.into_iter().map(Into::into).collect();
    let program = arguments.first().and_then(|path| Path::new(path).file_name()?.to_str());
    let program = program.and_then(|name| name.strip_suffix(std::env::consts::EXE_SUFFIX));
    let program = program.unwrap_or("mpclab");
    let cli = match Cli::try_parse_from(&arguments) {
        Ok(cli) => cli,
        Err(error) => {
            // Help and version are no mistakes; clap knows which stream is meant.
            let is_mistake = error.use_stderr();
            let _ = error.print();
            return if is_mistake { Exit::Mistake } else { Exit::Ok };
        }
    };
    match cli.verb {
        Verb::Run(arguments) => run::run(registry, program, &arguments),
        Verb::Attack(arguments) => attack::attack(registry, program, &arguments),
        Verb::Advise(arguments) => advise::advise(registry, program, &arguments),
        Verb::Check(arguments) => check::check(registry, &arguments),
        Verb::Circuit(arguments) => circuit::circuit(registry, &arguments),
        Verb::List(arguments) => list::list(registry, &arguments),
        Verb::Report(arguments) => report::report(&arguments),
        Verb::Crossover(arguments) => crossover::crossover(registry, &arguments),
        Verb::Calibrate(arguments) => calibrate::calibrate(&arguments),
        Verb::Validate { verb } => validate::validate(registry, &verb),
        Verb::Compare(arguments) => compare::compare(&arguments),
        Verb::Baseline { verb } => baseline::baseline(&verb),
        Verb::Schema { of } => {
            let schema = match of {
                SchemaOf::Scenarios => mpclab_scenarios::schema(&registry.param_schemas()),
                SchemaOf::Deployments => {
                    mpclab_scenarios::deployment_schema(&registry.param_schemas())
                }
                SchemaOf::Records => mpclab_reports::record::schema(),
                SchemaOf::Timings => mpclab_reports::record::timings_schema(),
            };
            match serde_json::to_string_pretty(&schema) {
                Ok(text) => talk::print(&format!("{text}\n")),
                Err(error) => talk::mistake(&error.to_string()),
            }
        }
        Verb::Completions { shell } => {
            let mut script = Vec::new();
            clap_complete::generate(shell, &mut Cli::command(), program, &mut script);
            talk::print(&String::from_utf8_lossy(&script))
        }
    }
}

/// Writes to stdout; a reader that went away (as `head` does) is no mistake.
fn to_stdout(text: &str) -> std::io::Result<()> {
    let mut stdout = std::io::stdout().lock();
    stdout.write_all(text.as_bytes()).and_then(|()| stdout.flush())
}
