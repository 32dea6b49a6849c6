//! The function of a cell, whether the registry knows it by name or the user wrote it.

use mpclab_protocols::circuit::{Counts, bristol};
use mpclab_protocols::functions::{self, InputPair, Task};
use mpclab_protocols::program::{Inputs, circuit_program};
use mpclab_scenarios::{Cell, Diagnostic, FunctionSource, Plan};
use mpclab_sim::PartyRng;

use super::PreparedCell;
use super::prepare::function_mistake;
use crate::registry::Registry;
use crate::script::{self, Parties};

/// What a cell computes, and that in one line.
///
/// # Errors
/// The user's mistake: a parameter, a number of parties, or a place in the script.
pub(super) fn build(
    registry: &Registry,
    plan: &Plan,
    cell: &Cell,
) -> Result<(Task, String), Box<Diagnostic>> {
    let function = &cell.function;
    let parties = cell.roles.input.len();
    match &function.source {
        FunctionSource::Named => match registry.build(&function.name, &function.params, parties) {
            Some(Ok((task, about))) => Ok((task, about.to_owned())),
            Some(Err(error)) => Err(function_mistake(plan, cell, &error).into()),
            None => Err(plan.source.error(&cell.at.function, "unknown function", "here").into()),
        },
        FunctionSource::Program { path, text } => {
            let parties = Parties { input: parties, output: cell.roles.output.len() };
            let program = script::build(text, &function.params, parties).map_err(|failure| {
                let mistake = match &failure.param {
                    None => failure.diagnostic(path, text),
                    Some(name) => {
                        let place = cell.at.function_params.below(&[name]);
                        let message =
                            format!("parameter `{name}` does not fit `{}`", function.name);
                        plan.source.error(&place, message, &failure.label)
                    }
                };
                Box::new(mistake)
            })?;
            Ok((Task::Program(program.into()), script::about(text)))
        }
        FunctionSource::Circuit { path, bytes } => {
            let mistake = |message: String, why: String| {
                Box::new(plan.source.error(&cell.at.function, message, why))
            };
            let circuit = bristol::read(&bytes[..])
                .map_err(|why| mistake(format!("`{path}` holds no circuit"), why.to_string()))?;
            let program = circuit_program(&circuit, parties)
                .map_err(|why| mistake(format!("`{path}` can't be set up"), why.to_string()))?;
            let Counts { gates, ands, and_depth, .. } = circuit.counts();
            let about = format!("a circuit of {gates} gates: {ands} AND at depth {and_depth}");
            Ok((Task::Program(program.into()), about))
        }
    }
}

/// Random inputs of one input party; of a user's own function uniform over the declared ranges.
pub(crate) fn generate(
    registry: &Registry,
    prepared: &PreparedCell,
    party: usize,
    rng: &mut PartyRng,
) -> Inputs {
    let (function, parties) = (&prepared.cell.function, prepared.cell.roles.input.len());
    match function.source {
        FunctionSource::Named => {
            registry.generate(&function.name, &function.params, party, parties, rng)
        }
        _ => functions::uniform_inputs(&prepared.task, party, rng),
    }
}

/// What the function tells the adversary beyond its outputs; a user's own tells nothing.
pub(crate) fn leakage(
    registry: &Registry,
    prepared: &PreparedCell,
    inputs: &[Inputs],
) -> Vec<i128> {
    let function = &prepared.cell.function;
    match function.source {
        FunctionSource::Named => registry.leakage(&function.name, &function.params, inputs),
        _ => Vec::new(),
    }
}

/// Inputs that a coalition can't tell apart, see
/// [`mpclab_protocols::functions::Function::equal_view_inputs`].
pub(crate) fn equal_view_inputs(
    registry: &Registry,
    prepared: &PreparedCell,
    corrupted: &[usize],
    outputs_seen: bool,
    rng: &mut PartyRng,
) -> Option<InputPair> {
    let (function, parties) = (&prepared.cell.function, prepared.cell.roles.input.len());
    match function.source {
        FunctionSource::Named => registry.equal_view_inputs(
            &function.name,
            &function.params,
            parties,
            corrupted,
            outputs_seen,
            rng,
        ),
        _ => functions::equal_view_inputs(&prepared.task, parties, corrupted, outputs_seen, rng),
    }
}
