//! Model against reality, one command for each part of the model.

use std::env;
use std::path::PathBuf;
use std::process::Command;

use clap::{Args, Subcommand};
use mpclab_reports::export::{Format, Listing};

use super::{Exit, talk};
use crate::calibrate::Bench;
use crate::modelled::{self, Choice, Held, Prices};
use crate::registry::Registry;

/// What is held against reality.
#[derive(Subcommand)]
pub(super) enum ValidateVerb {
    /// Hold modelled compute against the CPU time of the same code, for every protocol
    Compute(ComputeArgs),
}

#[derive(Args)]
pub(super) struct ComputeArgs {
    /// A profile of this machine [default: prices are timed between the measured runs]
    #[arg(long, value_name = "FILE")]
    profile: Option<PathBuf>,
    /// A protocol; may be given several times [default: all of them]
    #[arg(long = "protocol", value_name = "NAME")]
    protocols: Vec<String>,
    /// Measured runs, of which the median counts
    #[arg(long, default_value_t = 5)]
    runs: usize,
    /// Every scope, not only phases and totals
    #[arg(long)]
    scopes: bool,
    /// Form of the table: table, markdown, csv or json
    #[arg(long, default_value_t = Format::Table)]
    format: Format,
}

/// Says how long the allocator waits until it gives memory back; never, if less than zero.
const PURGE_DELAY: &str = "MIMALLOC_PURGE_DELAY";

pub(super) fn validate(registry: &Registry, verb: &ValidateVerb) -> Exit {
    let ValidateVerb::Compute(arguments) = verb;
    if env::var_os(PURGE_DELAY).is_none() {
        return keeping_memory();
    }
    if arguments.format == Format::Latex {
        return talk::mistake("the table is written as table, markdown, csv or json");
    }
    talk::built_in_haste();
    let prices = match &arguments.profile {
        Some(file) => match modelled::profile_of(registry, file) {
            Ok(profile) => Prices::Of(profile),
            Err(mistakes) => return talk::diagnostics(&mistakes),
        },
        None => match Bench::new(super::CALIBRATION_MILLIS / 4) {
            Ok(bench) => Prices::Beside(bench),
            Err(error) => return talk::mistake(&format!("sockets of this machine: {error}")),
        },
    };
    let choice = Choice {
        protocols: arguments.protocols.clone(),
        runs: arguments.runs.max(1),
        by_scope: arguments.scopes,
    };
    match modelled::hold(registry, prices, &choice) {
        Ok(held) => table(&held, arguments.format),
        Err(mistakes) => talk::diagnostics(&mistakes),
    }
}

/// The same command in a process that gives no memory back. Pages that a run asks for anew are
/// cleared in its time, by the operating system and, on a virtual machine, by its host as well: that
/// took longer than all the rest where vectors are long, and other times nothing.
fn keeping_memory() -> Exit {
    let again = env::current_exe().and_then(|program| {
        Command::new(program).args(env::args_os().skip(1)).env(PURGE_DELAY, "-1").status()
    });
    match again {
        Ok(status) => match status.code() {
            Some(0) => Exit::Ok,
            Some(2) => Exit::Mistake,
            Some(_) => Exit::Bug,
            None => Exit::Interrupted,
        },
        Err(error) => talk::mistake(&format!("this program can't be started again: {error}")),
    }
}

fn table(held: &[Held], format: Format) -> Exit {
    let row = |of: &Held| {
        let ms = |ps: u64| format!("{:.3}", ps as f64 / 1e9);
        vec![
            of.protocol.clone(),
            of.function.clone(),
            of.part.clone(),
            ms(of.modelled_ps),
            ms(of.measured_ps),
            format!("{:.2}", of.ratio()),
        ]
    };
    let headers = ["protocol", "function", "part", "modelled ms", "measured ms", "ratio"];
    match Listing::new(&headers, held.iter().map(row)).write(format, talk::width()) {
        Ok(text) => talk::print(&text),
        Err(error) => talk::mistake(&error.to_string()),
    }
}
