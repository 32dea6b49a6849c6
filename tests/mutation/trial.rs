//! One mutant against batteries: who notices it first.

use std::sync::atomic::AtomicBool;
use std::time::Instant;

use mpclab::Registry;
use mpclab::battery::{self, Options};
use mpclab::protocols::mutants::{self, Kind, Mutant};
use mpclab::reports::battery::{Battery, Family, GridCell};
use mpclab::sim::vocabulary::{Guarantee, Standing};
use serde::{Deserialize, Serialize};

use crate::tasks::{self, Task};

/// How much of a battery is run.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Effort {
    pub(crate) sweep_cases: usize,
    pub(crate) search_cases: usize,
}

/// All families, with a sample of long sweeps.
pub(crate) const WHOLE: Effort = Effort { sweep_cases: 1_000, search_cases: 200 };

/// Tasks on which a mutant is tried at most: the first that have its step.
const TASKS: usize = 4;

/// Who noticed a mutant.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub(crate) struct Kill {
    pub(crate) family: Family,
    pub(crate) guarantee: Guarantee,
    pub(crate) attack: String,
    pub(crate) task: String,
}

/// What came of one mutant of one protocol.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub(crate) struct Trial {
    pub(crate) protocol: String,
    pub(crate) mutant: String,
    pub(crate) kind: String,
    pub(crate) step: String,
    pub(crate) what: String,
    /// Whether any run of any task did the step wrongly.
    pub(crate) alive: bool,
    /// Whether outputs are wrong when nobody attacks; then wrong outputs are no detection.
    pub(crate) wrong: bool,
    pub(crate) kill: Option<Kill>,
    pub(crate) wall_ms: u64,
}

/// Parts of a battery in the order in which they are run, until one of them notices.
fn stages(kind: Kind) -> Vec<Vec<Family>> {
    use Family::{
        Composition, Generic, Known, Malformed, Network, Privacy, Search, SingleFault, Soundness,
    };
    let attacks = vec![vec![Known, Generic], vec![SingleFault]];
    let rest = vec![vec![Composition, Network, Malformed], vec![Search], vec![Soundness]];
    let views = vec![vec![Privacy]];
    let order = match kind {
        Kind::Narrow | Kind::Unmasked | Kind::Reused | Kind::Overheard => [views, attacks, rest],
        Kind::Dropped | Kind::Unchecked | Kind::Order | Kind::Challenge | Kind::Unbound => {
            [attacks, views, rest]
        }
    };
    order.concat()
}

/// Runs some families of one task's battery.
pub(crate) fn battery(
    registry: &Registry,
    (protocol, task, seed): (&str, &Task, u64),
    families: &[Family],
    effort: Effort,
) -> Battery {
    let prepared = task.prepared(registry, protocol, seed);
    let interrupted = AtomicBool::new(false);
    let Effort { sweep_cases, search_cases } = effort;
    let options = Options {
        sweep_cases,
        search_cases,
        families,
        interrupted: &interrupted,
        until_violated: true,
    };
    battery::run(registry, &prepared, &options, &|_, _| {}).battery
}

/// Violated guarantees of security. Costs are none, and neither is what an honest run outputs.
pub(crate) fn violations(battery: &Battery, wrong: bool) -> impl Iterator<Item = &GridCell> {
    let is_of_outputs = |guarantee| {
        matches!(guarantee, Guarantee::Correctness | Guarantee::Agreement | Guarantee::Delivery)
    };
    let cells = battery.cells(Standing::Violated).map(|(_, cell)| cell);
    cells.filter(move |cell| {
        cell.guarantee != Guarantee::DeclaredCost
            && !((wrong || cell.family == Family::Honest) && is_of_outputs(cell.guarantee))
    })
}

/// Whether a violation is about the flaw: that nobody reads what is told to too many is none.
fn counts(kind: Kind, cell: &GridCell) -> bool {
    kind != Kind::Overheard || cell.family != Family::Malformed
}

/// The tasks in which a step is done wrongly, and whether honest outputs are wrong in one.
pub(crate) fn reached(registry: &Registry, protocol: &str, mutant: &Mutant) -> (Vec<Task>, bool) {
    let (mut tasks, mut wrong) = (Vec::new(), false);
    let effort = Effort { sweep_cases: 0, search_cases: 0 };
    // What is told too early is harmful only where much comes after it.
    let most = if mutant.kind == Kind::Order { usize::MAX } else { TASKS };
    for task in tasks::of(protocol) {
        if tasks.len() == most {
            break;
        }
        let run = || battery(registry, (protocol, &task, 1), &[Family::Honest], effort);
        let (honest, is_reached) = mutants::with(Some(mutant.name), run);
        if is_reached {
            // What is used twice shows in an honest run; all else that breaks there is a mistake.
            let reuses = matches!(mutant.kind, Kind::Reused | Kind::Unbound);
            wrong |= honest.cells(Standing::Violated).any(|(_, cell)| match cell.guarantee {
                Guarantee::Correctness | Guarantee::Agreement => true,
                Guarantee::Invariants => !reuses,
                _ => false,
            });
            tasks.push(task);
        }
    }
    // A step that honest runs never take, such as one after a failed check, may be taken under
    // attack.
    if tasks.is_empty() {
        let families = &[Family::Known, Family::Generic, Family::SingleFault];
        let effort = Effort { sweep_cases: 300, search_cases: 0 };
        let is_reached = |task: &Task| {
            let run = || battery(registry, (protocol, task, 1), families, effort);
            mutants::with(Some(mutant.name), run).1
        };
        tasks = tasks::of(protocol).into_iter().filter(is_reached).take(most).collect();
    }
    (tasks, wrong)
}

/// Tries one mutant on every task that it changes, until something notices: first whoever did
/// before.
pub(crate) fn trial(
    registry: &Registry,
    protocol: &str,
    mutant: &Mutant,
    effort: Effort,
    before: Option<&Kill>,
) -> Trial {
    let started = Instant::now();
    let (tasks, wrong) = reached(registry, protocol, mutant);
    let noticed = |task: &Task, families: &[Family]| {
        let run = || battery(registry, (protocol, task, 1), families, effort);
        let (battery, _) = mutants::with(Some(mutant.name), run);
        let mut noticed = violations(&battery, wrong).filter(|cell| counts(mutant.kind, cell));
        noticed.next().map(|cell| Kill {
            family: cell.family,
            guarantee: cell.guarantee,
            attack: cell.attack.clone(),
            task: task.name.to_owned(),
        })
    };
    let again = before.and_then(|kill| {
        let task = tasks.iter().find(|task| task.name == kill.task)?;
        noticed(task, &[kill.family])
    });
    let all = || {
        let stages = std::iter::once(vec![Family::Honest]).chain(stages(mutant.kind));
        let each =
            stages.flat_map(|families| tasks.iter().map(move |task| (task, families.clone())));
        each.into_iter().find_map(|(task, families)| noticed(task, &families))
    };
    let kill = again.or_else(all);
    Trial {
        protocol: protocol.to_owned(),
        mutant: mutant.name.to_owned(),
        kind: mutant.kind.to_string(),
        step: mutant.step.to_owned(),
        what: mutant.what.to_owned(),
        alive: !tasks.is_empty(),
        wrong,
        kill,
        wall_ms: started.elapsed().as_millis() as u64,
    }
}
