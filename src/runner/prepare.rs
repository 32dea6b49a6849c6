use std::collections::BTreeMap;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::Arc;

use mpclab_protocols::functions::{FunctionError, InputProblem, Task, parse_inputs};
use mpclab_protocols::program::Inputs;
use mpclab_protocols::protocol::Job;
use mpclab_reports::record::Record;
use mpclab_scenarios::{
    Cell, ComputeChoice, Diagnostic, GivenInputs, InputSource, Plan, Unsupported,
};
use mpclab_sim::handling;

use super::chosen;
use super::compiled::Compiled;
use super::earlier::Earlier;
use super::fingerprint::{self, fingerprint};
use super::function;
use crate::registry::{Bound, Registry};

/// A plan whose cells can run.
pub struct Prepared {
    /// The plan.
    pub plan: Plan,
    /// Its cells, in its order.
    pub cells: Vec<PreparedCell>,
}

/// A cell whose function is built and whose inputs are read.
#[derive(Clone)]
pub struct PreparedCell {
    /// The cell.
    pub cell: Cell,
    /// Which sweep point it belongs to, from 0.
    pub point: u32,
    /// Which of the scenario's protocols it runs, from 0.
    pub protocol_index: u32,
    /// What is computed.
    pub task: Task,
    /// What it computes, one line.
    pub about: String,
    /// The protocol, compiled for what is computed; none if that fails.
    pub(crate) compiled: Option<Compiled>,
    /// Given inputs by input party; drawn from the run's seed if there are none.
    pub given: Option<Vec<Inputs>>,
    /// Why the protocol can't run it, if the scenario goes on without.
    pub unsupported: Option<String>,
    /// Hash of everything that can affect its results.
    pub fingerprint: String,
    /// Hashes of the parts of that, by name.
    pub parts: BTreeMap<String, String>,
}

impl Prepared {
    /// The cell that a record of this plan comes from.
    #[must_use]
    pub fn cell_of(&self, record: &Record) -> Option<&PreparedCell> {
        let place = (record.cell, record.protocol_index);
        let at = self.cells.binary_search_by_key(&place, |cell| (cell.point, cell.protocol_index));
        at.ok().map(|at| &self.cells[at])
    }

    /// Whether this machine's own speed enters some run.
    #[must_use]
    pub fn is_measured(&self) -> bool {
        self.cells.iter().any(|cell| cell.cell.compute == ComputeChoice::Measured)
    }
}

impl PreparedCell {
    /// The job of its runs.
    #[must_use]
    pub fn job(&self) -> Arc<Job> {
        Arc::new(Job {
            function: self.cell.function.name.clone(),
            task: self.task.clone(),
            roles: self.cell.roles.clone(),
            security: self.cell.security,
        })
    }

    /// The same, with its protocol compiled for its job, if that can be done.
    #[must_use]
    pub(crate) fn compile(self, registry: &Registry) -> Self {
        let compiled = Compiled::new(registry, &self.cell.protocol, &self.job()).ok();
        PreparedCell { compiled, ..self }
    }

    /// The protocol, compiled for the job; anew if the cell is no longer what it was compiled for.
    ///
    /// # Errors
    /// Why the protocol can't do it, and what would work.
    pub fn bound(
        &self,
        registry: &Registry,
        job: &Arc<Job>,
    ) -> Result<Arc<Bound>, mpclab_protocols::protocol::Unsupported> {
        let protocol = &self.cell.protocol;
        match &self.compiled {
            Some(compiled) if compiled.fits(protocol, job) => Ok(Arc::clone(&compiled.bound)),
            _ => Compiled::new(registry, protocol, job).map(|compiled| compiled.bound),
        }
    }
}

/// Builds functions, reads inputs and asks protocols, before anything runs.
///
/// # Errors
/// The user's mistakes, each with its place.
pub fn prepare(plan: Plan, registry: &Registry) -> Result<Prepared, Vec<Diagnostic>> {
    let mut cells: Vec<PreparedCell> = Vec::with_capacity(plan.cells.len());
    let mut mistakes: Vec<Diagnostic> = Vec::new();
    let mut earlier = Earlier::default();
    let mut point = 0;
    let mut before: Option<&Cell> = None;
    for cell in &plan.cells {
        // Protocols vary fastest, so cells of one sweep point follow each other.
        point += u32::from(before.is_some_and(|before| before.sweep != cell.sweep));
        before = Some(cell);
        match prepare_cell(&plan, cell, registry, &mut earlier) {
            Ok(prepared) => cells.push(PreparedCell { point, ..prepared }),
            Err(_) if mistakes.len() == MAX_MISTAKES => break,
            // Many cells make one mistake: it is told once.
            Err(mistake) if !mistakes.contains(&*mistake) => mistakes.push(*mistake),
            Err(_) => {}
        }
    }
    if mistakes.is_empty() { Ok(Prepared { plan, cells }) } else { Err(mistakes) }
}

/// Mistakes that are reported at once.
const MAX_MISTAKES: usize = 20;

/// A user's mistake with its place; boxed, because it carries the text that it stands in.
type Mistake = Box<Diagnostic>;

/// Prepares a cell; what it has in common with `earlier` ones is shared.
fn prepare_cell(
    plan: &Plan,
    cell: &Cell,
    registry: &Registry,
    earlier: &mut Earlier,
) -> Result<PreparedCell, Mistake> {
    let source = &plan.source;
    if let Err(bad) = cell.network.validate() {
        let message = format!("this network can't be: {bad}");
        return Err(source.error(&cell.at.network, message, "here").into());
    }
    let (task, about) = earlier.task(cell, || function::build(registry, plan, cell))?;
    let given = match &cell.function.inputs {
        InputSource::Random => None,
        InputSource::Given(given) => Some(read_inputs(plan, cell, &task, given)?),
    };
    let prepared = PreparedCell {
        cell: cell.clone(),
        point: 0,
        protocol_index: cell.protocol_index as u32,
        task,
        about,
        compiled: None,
        given,
        unsupported: None,
        fingerprint: fingerprint(cell),
        parts: fingerprint::parts(cell),
    };
    let job = prepared.job();
    let compile = AssertUnwindSafe(|| earlier.compiled(registry, &cell.protocol, &job));
    // A protocol that panics here panics again in its runs, whose records say so.
    let Ok(compiled) = catch_unwind(compile) else { return Ok(prepared) };
    let compiled = match compiled {
        Ok(compiled) => compiled,
        Err(why) if plan.unsupported == Unsupported::Skip => {
            return Ok(PreparedCell { unsupported: Some(why.to_string()), ..prepared });
        }
        Err(why) => {
            let name = &cell.protocol.name;
            let message = format!("`{name}` can't run `{}` here", cell.function.name);
            // What the file leaves out is shown at the nearest text above it.
            let place = match why.param {
                Some(param) => cell.at.protocol_params.below(&[param]),
                None => cell.at.protocol.clone(),
            };
            return Err(source
                .error(&place, message, why.why)
                .with_help(format!("would work: {}", why.instead))
                .with_help("`unsupported: skip` makes it a row with this reason")
                .into());
        }
    };
    check_prices(plan, cell, &compiled.bound)?;
    chosen::check(source, cell, &compiled.bound)?;
    let cell = priced(prepared.cell, &compiled.bound);
    let (fingerprint, parts) = (fingerprint(&cell), fingerprint::parts(&cell));
    Ok(PreparedCell { cell, fingerprint, parts, compiled: Some(compiled), ..prepared })
}

pub(super) fn function_mistake(plan: &Plan, cell: &Cell, error: &FunctionError) -> Diagnostic {
    let name = &cell.function.name;
    let message = format!("`{name}` can't be set up");
    match error {
        FunctionError::Parameter { name: "decimals", given, allowed }
            if let (true, InputSource::Given(inputs)) =
                (cell.function.decimals_of_inputs, &cell.function.inputs)
                && let Some((party, column, row)) = inputs.finest() =>
        {
            let place = inputs.place(&plan.source, &cell.at.inputs, party, column, row);
            let message = format!("inputs of party {party}: column `{column}`");
            let label = format!("has {given} decimals; allowed: {allowed}");
            plan.source.error(&place, message, label).with_help(params_here(cell))
        }
        FunctionError::Parameter { name, given, allowed } => {
            let place = cell.at.function_params.below(&[name]);
            let label = format!("is {given}; allowed: {allowed}");
            plan.source.error(&place, format!("{message}: `{name}` is out of range"), label)
        }
        FunctionError::Parties { .. } => {
            plan.source.error(&cell.at.parties, message, error.to_string())
        }
        FunctionError::Program(_) => {
            plan.source.error(&cell.at.function, message, error.to_string())
        }
    }
}

fn read_inputs(
    plan: &Plan,
    cell: &Cell,
    task: &Task,
    given: &GivenInputs,
) -> Result<Vec<Inputs>, Mistake> {
    let mut inputs = Vec::with_capacity(given.parties.len());
    for (party, columns) in given.parties.iter().enumerate() {
        let decls = task.inputs_of(party);
        let texts: BTreeMap<String, Vec<String>> =
            columns.iter().map(|(name, column)| (name.clone(), column.values.clone())).collect();
        let parsed = parse_inputs(&decls, &texts).map_err(|error| {
            let row = error.row.unwrap_or(1) - 1;
            let place = given.place(&plan.source, &cell.at.inputs, party, &error.column, row);
            let message = format!("inputs of party {party}: column `{}`", error.column);
            let mistake = plan.source.error(&place, message, error.problem.to_string());
            Mistake::new(match error.problem {
                InputProblem::Range { .. } => mistake.with_help(params_here(cell)),
                _ => mistake,
            })
        })?;
        inputs.push(parsed);
    }
    Ok(inputs)
}

/// The parameters that a function's ranges follow from, also those that the file leaves out.
fn params_here(cell: &Cell) -> String {
    let params = cell.function.params.as_object().into_iter().flatten();
    let params: Vec<String> = params.map(|(key, value)| format!("{key}: {value}")).collect();
    format!("the parameters of `{}` here: {}", cell.function.name, params.join(", "))
}

/// The cell with prices of what its protocol and the kernel charge alone: a price that another
/// protocol brings to a profile is no change of this cell. A protocol that announces nothing may
/// charge anything.
fn priced(mut cell: Cell, bound: &Bound) -> Cell {
    // The kernel's are always there.
    if bound.ops.iter().all(|op| handling::OPS.contains(op)) {
        return cell;
    }
    if let ComputeChoice::Profile(profile) = &mut cell.compute {
        let charged = |key: &String| bound.ops.iter().any(|op| op.key == key);
        profile.prices.retain(|key, _| charged(key));
    }
    cell
}

/// An op without a price would silently be free.
fn check_prices(plan: &Plan, cell: &Cell, bound: &Bound) -> Result<(), Mistake> {
    let ComputeChoice::Profile(profile) = &cell.compute else { return Ok(()) };
    let missing: Vec<&str> =
        bound.ops.iter().map(|op| op.key).filter(|op| !profile.prices.contains_key(*op)).collect();
    if missing.is_empty() {
        return Ok(());
    }
    let message = format!("profile `{}` has no price for {}", profile.name, missing.join(", "));
    let label = format!("`{}` charges it", cell.protocol.name);
    Err(plan
        .source
        .error(&cell.at.compute, message, label)
        .with_help("`mpclab calibrate` measures every primitive of this machine into a profile")
        .with_help("`compute: none` prices nothing")
        .into())
}
