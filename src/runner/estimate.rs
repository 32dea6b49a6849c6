//! What runs will take, told before they are made: from declared costs, sizes of programs and
//! numbers of nodes, with constants that were measured (`docs/limits.md` has the table).

use mpclab_protocols::functions::Task;
use mpclab_sim::vocabulary::Figure;

use super::batch::jobs_of;
use super::{LINK_MATRIX_NODES, Prepared, PreparedCell, TRACED_MESSAGES};

/// Memory of the process before anything is planned, bytes.
const BASE_BYTES: u64 = 24_000_000;
/// Memory of a planned cell, bytes.
const CELL_BYTES: u64 = 16_000;
/// Memory of a run's record and of what a report makes of it, bytes.
const RECORD_BYTES: u64 = 40_000;
/// Memory of what a network keeps of an ordered pair of nodes, bytes.
const LINK_BYTES: u64 = 24;
/// Memory of a value that a party brings, with what checks make of it, bytes.
const INPUT_BYTES: u64 = 64;
/// Memory of a value that a party learns, bytes.
const OUTPUT_BYTES: u64 = 32;
/// Memory of an element that a party holds, bytes.
const ELEMENT_BYTES: u64 = 16;
/// Memory of a message that is under way, beside its payload, bytes.
const MESSAGE_BYTES: u64 = 500;
/// Memory of a message that was delivered, where runs are traced, bytes.
const TRACED_BYTES: u64 = 500;
/// Memory of a node of a program at a party, bytes.
const NODE_BYTES: u64 = 100;

/// Time of a byte of payload, nanoseconds.
const BYTE_NS: u64 = 10;
/// Time of a byte that ideal functionalities hand out, nanoseconds.
const HELD_NS: u64 = 2;
/// Time of a message, nanoseconds: where runs are traced, and where not.
const MESSAGE_NS: (u64, u64) = (8_000, 3_000);
/// Time of a value that is brought or learned, at each party, nanoseconds.
const VALUE_NS: u64 = 55;
/// Time of a byte of a plan, nanoseconds.
const PLAN_NS: u64 = 15;

/// What one run of a cell will take.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct RunEstimate {
    /// Memory at its peak, bytes.
    pub memory_bytes: u64,
    /// Time of one core, nanoseconds.
    pub cpu_ns: u64,
    /// Payload over all nodes, bytes: as declared, or by the number of inputs.
    pub payload_bytes: u64,
    /// Messages at most.
    pub messages: u64,
    /// Values that all input parties bring and all output parties learn.
    pub values: u64,
}

/// What all runs of a plan will take.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Estimate {
    /// How many there are.
    pub runs: u64,
    /// How many are made at a time.
    pub jobs: usize,
    /// Memory at the peak, bytes.
    pub memory_bytes: u64,
    /// Time with all jobs busy, nanoseconds.
    pub time_ns: u64,
    /// The cell whose runs take most memory.
    pub largest: Option<usize>,
    /// What one of its runs takes.
    pub run: RunEstimate,
}

/// What all runs of a plan will take, as many at a time as are asked for.
#[must_use]
pub fn estimate(prepared: &Prepared, jobs: Option<usize>) -> Estimate {
    let repetitions = u64::from(prepared.plan.repetitions);
    let runs = repetitions.saturating_mul(prepared.cells.len() as u64);
    let jobs = jobs_of(prepared, jobs, runs);
    let of_cell: Vec<RunEstimate> = prepared.cells.iter().map(run_estimate).collect();
    // The largest runs come together at worst.
    let mut order: Vec<usize> = (0..of_cell.len()).collect();
    order.sort_by_key(|at| std::cmp::Reverse(of_cell[*at].memory_bytes));
    let (mut memory_bytes, mut left) = (BASE_BYTES, jobs as u64);
    for at in &order {
        let together = left.min(repetitions);
        memory_bytes = sum([memory_bytes, together.saturating_mul(of_cell[*at].memory_bytes)]);
        left -= together;
    }
    let kept: u64 = sum(prepared.cells.iter().map(|cell| kept(cell, repetitions)));
    let cpu_ns = sum(of_cell.iter().map(|run| run.cpu_ns.saturating_mul(repetitions)));
    let largest = order.first().copied();
    Estimate {
        runs,
        jobs,
        memory_bytes: sum([memory_bytes, kept, networks(prepared)]),
        time_ns: cpu_ns / jobs.max(1) as u64,
        largest,
        run: largest.map_or_else(RunEstimate::default, |at| of_cell[at]),
    }
}

/// What a battery of attacks will take: each of its cases is a run, so many at a time. How many
/// there are shows while they are made.
#[must_use]
pub fn estimate_battery(prepared: &Prepared, jobs: usize) -> Estimate {
    let one = estimate(prepared, Some(1));
    let more = (jobs.max(1) as u64 - 1).saturating_mul(one.run.memory_bytes);
    Estimate { jobs, memory_bytes: sum([one.memory_bytes, more]), ..one }
}

fn sum(parts: impl IntoIterator<Item = u64>) -> u64 {
    parts.into_iter().fold(0, u64::saturating_add)
}

/// Memory that a cell and the records of its runs take until the end, bytes.
fn kept(cell: &PreparedCell, repetitions: u64) -> u64 {
    let nodes = cell.cell.roles.nodes() as u64;
    let links = if nodes > LINK_MATRIX_NODES as u64 { 0 } else { nodes * nodes };
    let record = RECORD_BYTES + 64 * links + 512 * nodes;
    sum([CELL_BYTES, record.saturating_mul(repetitions)])
}

/// Memory of all networks, bytes; cells in a row share theirs where it is the same.
fn networks(prepared: &Prepared) -> u64 {
    let all = prepared.cells.iter().map(|cell| &cell.cell.network);
    let mut before = None;
    sum(all.map(|network| {
        let is_known = before.replace(network).is_some_and(|b| std::sync::Arc::ptr_eq(b, network));
        let nodes = network.nodes() as u64;
        if is_known { 0 } else { LINK_BYTES.saturating_mul(nodes * nodes) }
    }))
}

/// What one run of a cell will take; nothing where the cell is skipped.
#[must_use]
pub fn run_estimate(cell: &PreparedCell) -> RunEstimate {
    let Some(compiled) = cell.compiled.as_ref().filter(|_| cell.unsupported.is_none()) else {
        return RunEstimate::default();
    };
    let (bound, roles) = (&compiled.bound, &cell.cell.roles);
    let (n, nodes) = (roles.compute as u64, roles.nodes() as u64);
    let inputs = sum(cell.task.inputs().iter().map(|input| input.len as u64));
    let outputs = (cell.task.output_len() as u64).saturating_mul(roles.output.len() as u64);
    let (mut payload, mut messages, mut together) = (0u64, 0u64, 0u64);
    // Nobody sends itself anything, and who only brings inputs sends to those who compute.
    let pairs = nodes.saturating_mul(n.max(1));
    match &bound.declared {
        Some(declared) => {
            for phase in &declared.phases {
                let (bytes, rounds) = (value(phase.bytes), value(phase.rounds));
                payload = payload.saturating_add(bytes);
                // A message has a byte at least.
                messages = sum([messages, pairs.saturating_mul(rounds).min(bytes)]);
                together = together.max(pairs.min(bytes));
            }
        }
        None => {
            // At least each input is shared, and each output opened.
            payload = sum([inputs, outputs]).saturating_mul(2 * ELEMENT_BYTES * n);
            (messages, together) = (pairs, pairs);
        }
    }
    let values = sum([inputs, outputs]);
    // What is shared and opened is held as elements; the rest is correlated randomness and masked
    // values. What goes to all others is sent to each and held once; percentages are those of
    // three parties.
    let others = n.max(2) - 1;
    let shared = values.saturating_mul(ELEMENT_BYTES).saturating_mul(others);
    let work = payload.saturating_sub(shared).saturating_mul(2) / others;
    let (elements, program_nodes) = match &cell.task {
        Task::Program(program) => (program.peak_elements(), program.nodes().len() as u64),
        Task::Relation(_) => (0, 0),
    };
    let traced = if nodes > LINK_MATRIX_NODES as u64 { 0 } else { TRACED_MESSAGES as u64 };
    let memory_bytes = sum([
        inputs.saturating_mul(INPUT_BYTES),
        outputs.saturating_mul(OUTPUT_BYTES),
        elements.saturating_mul(ELEMENT_BYTES).saturating_mul(n),
        work.saturating_mul(bound.held_percent) / 100,
        bound.held_bytes,
        bound.plan_bytes,
        together.saturating_mul(MESSAGE_BYTES),
        messages.min(traced).saturating_mul(TRACED_BYTES),
        program_nodes.saturating_mul(NODE_BYTES).saturating_mul(n + 1),
    ]);
    let cpu_ns = sum([
        work.saturating_mul(BYTE_NS),
        bound.held_bytes.saturating_mul(HELD_NS),
        messages.saturating_mul(if traced > 0 { MESSAGE_NS.0 } else { MESSAGE_NS.1 }),
        values.saturating_mul(VALUE_NS).saturating_mul(n),
        bound.plan_bytes.saturating_mul(PLAN_NS),
    ]);
    RunEstimate { memory_bytes, cpu_ns, payload_bytes: payload, messages, values }
}

fn value(figure: Figure) -> u64 {
    match figure {
        Figure::Exact(value) | Figure::AtMost(value) => value,
    }
}
