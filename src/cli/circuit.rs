//! Writing circuits in Bristol Fashion.

use std::fs::File;
use std::io::{self, BufWriter, ErrorKind, Write};
use std::path::{Path, PathBuf};

use clap::Args;
use mpclab_protocols::circuit::{
    Circuit, Counts, Optimise, STANDARD, Whole, bristol, lower, whole,
};
use mpclab_protocols::functions::Task;

use super::{Exit, talk};
use crate::registry::Registry;
use crate::runner::prepare;

/// What `mpclab circuit` is told.
#[derive(Args)]
pub(super) struct CircuitArgs {
    /// A circuit of `mpclab list circuits`, or a scenario file whose function is written as one
    what: String,
    /// What is saved: AND gates or AND depth
    #[arg(long, value_enum, default_value_t = Saves::Size)]
    optimise: Saves,
    /// File for the circuit [default: stdout]
    #[arg(long)]
    out: Option<PathBuf>,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, clap::ValueEnum)]
enum Saves {
    /// AND gates
    Size,
    /// AND depth
    Depth,
}

/// Writes a circuit, and says what it costs.
pub(super) fn circuit(registry: &Registry, arguments: &CircuitArgs) -> Exit {
    if let Some(Err(exit)) = arguments.out.as_deref().map(talk::check_target) {
        return exit;
    }
    let optimise = match arguments.optimise {
        Saves::Size => Optimise::Size,
        Saves::Depth => Optimise::Depth,
    };
    let standard = STANDARD.iter().find(|known| known.name == arguments.what);
    let built = match standard {
        Some(standard) => match standard.build(optimise) {
            Ok(circuit) => Ok(of_standard(circuit)),
            Err(why) => Err(talk::mistake(&why.to_string())),
        },
        None => of_scenario(registry, Path::new(&arguments.what), optimise),
    };
    let Whole { circuit, inputs, outputs } = match built {
        Ok(whole) => whole,
        Err(exit) => return exit,
    };
    let written = match &arguments.out {
        None => write(&circuit, io::stdout().lock()),
        Some(path) => File::create(path).and_then(|file| write(&circuit, file)),
    };
    match written {
        Err(error) if error.kind() != ErrorKind::BrokenPipe => {
            let shown = arguments.out.as_ref().map(|path| path.display().to_string());
            return talk::mistake(&format!("{}: {error}", shown.as_deref().unwrap_or("stdout")));
        }
        _ => {}
    }
    let Counts { gates, ands, xors, and_depth, .. } = circuit.counts();
    talk::say(&format!("{gates} gates: {ands} AND, {xors} XOR; AND depth {and_depth}"));
    for (what, words) in [("input", inputs), ("output", outputs)] {
        for (at, word) in words.iter().enumerate() {
            talk::say(&format!("{what} word {at}: {word}"));
        }
    }
    Exit::Ok
}

fn write(circuit: &Circuit, out: impl Write) -> io::Result<()> {
    let mut out = BufWriter::new(out);
    bristol::write(circuit, &mut out)?;
    out.flush()
}

/// A circuit of the library, whose words are bits.
fn of_standard(circuit: Circuit) -> Whole {
    let told = |name: &str, width: usize| format!("`{name}`: {width} bits");
    let inputs = circuit.inputs().iter().map(|word| told(&word.name, word.width as usize));
    let inputs = inputs.collect();
    let outputs = circuit.outputs().iter().map(|word| told(&word.name, word.wires.len()));
    let outputs = outputs.collect();
    Whole { circuit, inputs, outputs }
}

/// The function of a scenario's first cell.
fn of_scenario(registry: &Registry, file: &Path, optimise: Optimise) -> Result<Whole, Exit> {
    if !file.exists() {
        let names: Vec<&str> = STANDARD.iter().map(|known| known.name).collect();
        let (file, names) = (file.display(), names.join(", "));
        return Err(talk::mistake(&format!("`{file}` is no file, and none of {names}")));
    }
    let mistakes = |mistakes: Vec<_>| talk::diagnostics(&mistakes);
    let plan = mpclab_scenarios::plan(file, &[], registry).map_err(mistakes)?;
    let prepared = prepare(plan, registry).map_err(mistakes)?;
    let cell = prepared.cells.first();
    let cell = cell.ok_or_else(|| talk::mistake("the scenario has no cells"))?;
    let Task::Program(program) = &cell.task else {
        let name = &cell.cell.function.name;
        return Err(talk::mistake(&format!("`{name}` is no program, so it has no circuit")));
    };
    lower(program, optimise)
        .and_then(|lowered| whole(program, &lowered))
        .map_err(|why| talk::mistake(&why.to_string()))
}
