//! Input independence: do corrupted inputs follow honest ones when a coalition copies what it sees?
//!
//! A coin has no inputs: its bits have to be fair instead, whatever a coalition draws or copies, and
//! in one session as in many.
//! What is copied is also said under the copier's own name ([`copier`]).

use std::collections::{BTreeMap, BTreeSet};
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::Arc;

use mpclab_protocols::algebra::Bits;
use mpclab_protocols::attack::Attack;
use mpclab_protocols::functions::Task;
use mpclab_protocols::oracle::Effective;
use mpclab_protocols::program::{Inputs, Outputs, Range};
use mpclab_reports::battery::Family;
use mpclab_sim::adversary::{Action, OtherRun, Pattern, Rule, Script, Selector};
use mpclab_sim::vocabulary::{AdversaryKind, Guarantee, PartyId};
use mpclab_sim::{Randomness, Run, RunSeed, Tape};
use rand::{Rng, RngExt};
use rayon::prelude::*;

use super::Probe;
use super::findings::{Compared, Outcome, Test};
use super::observe::Overheard;
use super::salted::{self, Salted};
use crate::battery::copier::{self, Copying};
use crate::evidence::contingency::independence;
use crate::evidence::interval;
use crate::runner::verdict::effective;
use crate::runner::{Against, Subject, Trial};

/// Names of the tests.
const COPIED: &str = "copied inputs";
const KNOWN: &str = "inputs under known attacks";
const COIN: &str = "coin under copying";
const CHOSEN: &str = "coin under chosen randomness";
pub(super) const NAMED: &str = "copied under an own name";

/// Coalitions that copy.
const COALITIONS: usize = 3;
/// Inputs are from so many values.
const VALUES: i128 = 2;
/// Values of each input party that are looked at, and bits of an output.
const COLUMNS: usize = 2;
const BITS: usize = 32;
/// Bits of an output that are added up in pairs.
const ADDED: usize = 8;
/// Scopes in which a coalition copies.
const SCOPES: usize = 6;
/// Runs with an output that a test needs.
pub(super) const LEAST_RUNS: usize = 20;
/// Runs of a party that copies under its own name; after the first of them it is given up if no
/// honest party has an output.
const NAMED_RUNS: u32 = 48;
const LOOKS: u32 = 6;
/// Sets of runs from here on are for these tests.
const SETS: u32 = 1 << 10;

/// What a coalition does.
#[derive(Clone)]
enum Deed {
    /// It repeats what it receives, in scopes of this path or in all.
    Copies(Option<String>),
    /// It carries out a known attack.
    Attacks(Attack),
    /// It follows the protocol with draws of its own choice, or with those that it ought to make.
    Draws(Option<Randomness>),
    /// It follows the protocol in one session, with the same draws each time.
    Fixes,
    /// One of it says what an honest party says; of a coin in one session, with the same own draws.
    Repeats(Copying),
}

impl Deed {
    fn name(&self) -> String {
        match self {
            Deed::Copies(None) => "copying".to_owned(),
            Deed::Copies(Some(scope)) => format!("copying in {scope}"),
            Deed::Attacks(attack) => attack.name.to_owned(),
            Deed::Draws(None) => "nobody deviates".to_owned(),
            Deed::Draws(Some(Randomness::Zero)) => "all draws are zero".to_owned(),
            Deed::Draws(Some(Randomness::Repeated)) => "all draws are the same".to_owned(),
            Deed::Fixes => "the same draws in one session".to_owned(),
            Deed::Repeats(copying) => copying.name.clone(),
        }
    }

    fn runs(&self, probe: &Probe<'_>) -> u32 {
        let fixed = probe.effort.fixed as u32;
        if matches!(self, Deed::Repeats(_)) { fixed.min(NAMED_RUNS) } else { fixed }
    }
}

/// What one run shows.
pub(super) struct Seen {
    pub(super) given: Vec<Inputs>,
    pub(super) brought: Vec<(PartyId, Effective)>,
    pub(super) output: Option<Outputs>,
}

/// Tests coalitions on one block of seeds.
pub(super) fn tests(
    probe: &Probe<'_>,
    block: u32,
    is_tested: impl Fn(&[PartyId]) -> bool,
) -> Vec<Test> {
    let attacks = probe.target.registry.attacks(&probe.cell.cell.protocol.name);
    let mut tests = Vec::new();
    let tried = tried(probe).into_iter().enumerate();
    for (at, coalition) in tried.filter(|(_, coalition)| is_tested(coalition)) {
        // Room for as many attacks as anybody knows.
        let set = SETS + 64 * at as u32;
        let scopes = scopes(probe, &coalition).into_iter().map(Some);
        let copies = std::iter::once(None).chain(scopes).map(Deed::Copies);
        let known = attacks.iter().cloned().map(Deed::Attacks);
        let copies = (COPIED, (set..set + 8).zip(copies).collect::<Vec<_>>());
        let known = (KNOWN, (set + 16..set + 48).zip(known).collect());
        let is_claimed = probe.target.claims().adversary == AdversaryKind::Malicious;
        // Where nothing is claimed, one way is enough to show why.
        let most = if is_claimed { usize::MAX } else { 1 };
        let repeats = copier::all(probe.target, &coalition).into_iter().take(most);
        let repeats = repeats.map(Deed::Repeats);
        let repeats = (NAMED, (set + 48..set + 64).zip(repeats).collect());
        let draws = [None, Some(Randomness::Zero), Some(Randomness::Repeated)].map(Deed::Draws);
        let draws = draws.into_iter().chain([Deed::Fixes]).filter(|_| is_coin(probe));
        let chosen = (CHOSEN, (set + 8..set + 16).zip(draws).collect());
        for (name, deeds) in [copies, known, chosen, repeats] {
            if !deeds.is_empty() {
                tests.push(of_coalition(probe, block, name, &coalition, &deeds));
            }
        }
    }
    tests
}

/// A few coalitions, the first and the last among them: protocols give tasks to these parties.
pub(super) fn tried(probe: &Probe<'_>) -> Vec<Vec<PartyId>> {
    let mut tried = probe.target.coalitions().largest().tried;
    if tried.len() > COALITIONS {
        let last = tried.pop();
        tried.truncate(COALITIONS - 1);
        tried.extend(last);
    }
    tried
}

/// Whether the task is a common coin.
pub(super) fn is_coin(probe: &Probe<'_>) -> bool {
    matches!(probe.cell.task, Task::Relation(_)) && probe.cell.task.inputs().is_empty()
}

/// The first scopes in which a coalition speaks to others.
fn scopes(probe: &Probe<'_>, coalition: &[PartyId]) -> Vec<String> {
    let seed = probe.seed(0, SETS, 0);
    let run = probe.observe(seed, &small_inputs(probe, &seed));
    let mut messages = run.map(|run| run.messages).unwrap_or_default();
    messages.sort_by_key(|message| message.at_ns);
    let mut scopes: Vec<String> = Vec::new();
    let leaves = |message: &&Overheard| {
        coalition.contains(&message.from) && !coalition.contains(&message.to)
    };
    for message in messages.iter().filter(leaves) {
        if scopes.len() < SCOPES && !scopes.contains(&message.scope) {
            scopes.push(message.scope.clone());
        }
    }
    scopes
}

fn of_coalition(
    probe: &Probe<'_>,
    block: u32,
    name: &str,
    coalition: &[PartyId],
    deeds: &[(u32, Deed)],
) -> Test {
    let mut outcomes = Vec::new();
    let (mut samples, mut undecided) = (0, None);
    let mut stopped = 0;
    let is_relation = matches!(probe.cell.task, Task::Relation(_));
    let other_run = probe.target.other_run(coalition);
    for (set, deed) in deeds {
        let run = |at| run(probe, (block, *set, at), coalition, deed, &other_run);
        let some = |range: std::ops::Range<u32>| -> Vec<Seen> {
            range.into_par_iter().map(run).collect::<Vec<_>>().into_iter().flatten().collect()
        };
        let mut runs = some(0..LOOKS);
        let is_over = matches!(deed, Deed::Repeats(_)) && runs.iter().all(|r| r.output.is_none());
        if !is_over {
            runs.extend(some(LOOKS..deed.runs(probe)));
        }
        samples += runs.len() as u64;
        stopped += runs.iter().filter(|run| run.output.is_none()).count();
        let compared = match is_relation {
            true => coin(probe, deed, &runs),
            // Whoever fails unless two inputs are equal chooses among outputs, not among inputs.
            false if is_chosen(deed, &runs) => Ok(Vec::new()),
            false => contingency(probe, &deed.name(), coalition, &runs),
        };
        match compared {
            Ok(all) => outcomes.extend(all),
            Err(why) => undecided = Some(why),
        }
    }
    let note = match stopped {
        0 if is_relation => fewest(probe.effort.fixed as u64),
        0 => String::new(),
        some => format!("without an output in {some} of {samples} runs"),
    };
    let outcome = match undecided {
        Some(why) if outcomes.is_empty() => Outcome::Undecided(why),
        _ => Outcome::Compared(outcomes),
    };
    Test {
        family: Family::Privacy,
        name: if is_relation && name == COPIED { COIN.to_owned() } else { name.to_owned() },
        guarantee: Guarantee::InputIndependence,
        claimed: probe.target.claims().adversary == AdversaryKind::Malicious,
        coalition: coalition.to_vec(),
        algebra: "extracted inputs".to_owned(),
        samples,
        note,
        outcome,
    }
}

/// Whether those runs have an output in which a field that was copied fits the rest.
fn is_chosen(deed: &Deed, runs: &[Seen]) -> bool {
    matches!(deed, Deed::Repeats(_)) && runs.iter().any(|run| run.output.is_none())
}

/// One run with small random inputs; `None` if it panics.
fn run(
    probe: &Probe<'_>,
    (block, set, at): (u32, u32, u32),
    coalition: &[PartyId],
    deed: &Deed,
    other_run: &Arc<OtherRun>,
) -> Option<Seen> {
    let fixes = match deed {
        Deed::Fixes => true,
        Deed::Repeats(_) => is_coin(probe),
        _ => false,
    };
    let seed = probe.seed(block, set, if fixes { 0 } else { at });
    let subject = Subject::new(probe.target.registry, &probe.cell, seed).ok()?;
    let given = small_inputs(probe, &seed);
    let salted = || {
        let [own, others] = [0, 1 + at].map(|run| salted::salt(probe, block, set, run));
        Arc::new(Salted::new(others).with(coalition, own)) as Arc<dyn Tape>
    };
    let subject = Subject { inputs: given.clone(), tape: fixes.then(salted), ..subject };
    let setting = subject.setting(coalition.to_vec());
    let against = match deed {
        Deed::Copies(scope) => {
            let on = Selector { scope: scope.clone().map(Pattern), ..Selector::default() };
            let rules = vec![Rule { on, action: Action::Echo }];
            let script = Script { rules, is_rushing: true, ..Script::default() };
            Against::script(&setting, script, None)
        }
        Deed::Repeats(copying) => Against::attack(&setting, &copying.attack, None),
        Deed::Attacks(attack) => Against::attack(&setting, attack, Some(Arc::clone(other_run))),
        Deed::Draws(Some(randomness)) => {
            Against::semi_honest(&setting).with_randomness(*randomness)
        }
        Deed::Draws(None) | Deed::Fixes => Against::semi_honest(&setting),
    };
    let trial = catch_unwind(AssertUnwindSafe(|| subject.run(against))).ok()?;
    let brought = effective(&subject.facts(&trial));
    let output = honest_output(&trial, probe);
    Some(Seen { given, brought, output })
}

pub(super) fn honest_output(trial: &Trial, probe: &Probe<'_>) -> Option<Outputs> {
    let run: &Run<Outputs> = &trial.run;
    let roles = &probe.cell.cell.roles;
    let honest = |party: &PartyId| !run.corrupted.contains(party) && roles.learns_output(*party);
    run.outputs().find(|(party, _)| honest(party)).map(|(_, output)| output.clone())
}

pub(super) fn small_inputs(probe: &Probe<'_>, seed: &RunSeed) -> Vec<Inputs> {
    let mut rng = seed.rng("small input", PartyId(0));
    let mut inputs = vec![Inputs::new(); probe.cell.cell.roles.input.len()];
    for decl in probe.cell.task.inputs() {
        let column: Vec<i128> = (0..decl.len).map(|_| small(decl.range, &mut rng)).collect();
        if let Some(inputs) = inputs.get_mut(decl.party) {
            inputs.insert(decl.name.to_string(), column);
        }
    }
    inputs
}

/// One of the few values next to zero.
fn small(range: Range, rng: &mut impl Rng) -> i128 {
    let low = lowest(range);
    low + rng.random_range(0..VALUES.min(range.hi - low + 1))
}

/// The lowest of them.
pub(super) fn lowest(range: Range) -> i128 {
    range.lo.max(0).min(range.hi - (VALUES - 1)).max(range.lo)
}

pub(super) type Compares = Result<Vec<Compared>, String>;

/// Extracted against honest inputs, in the runs in which they count: an honest party has an output.
pub(super) fn contingency(
    probe: &Probe<'_>,
    deed: &str,
    coalition: &[PartyId],
    runs: &[Seen],
) -> Compares {
    let roles = &probe.cell.cell.roles;
    if !roles.input.iter().any(|party| coalition.contains(party)) {
        return Err("no corrupted party brings an input".to_owned());
    }
    let counted: Vec<&Seen> = runs.iter().filter(|run| run.output.is_some()).collect();
    if counted.len() < LEAST_RUNS {
        // Nobody uses the coalition's inputs, whatever they are.
        return Ok(Vec::new());
    }
    // By corrupted party and column, and honest party and column: what was seen together.
    let mut tables: BTreeMap<[usize; 4], Vec<(i128, i128)>> = BTreeMap::new();
    for run in counted {
        for (party, effective) in &run.brought {
            let (Effective::Input(brought), Some(input)) = (effective, roles.input_index(*party))
            else {
                continue;
            };
            for (honest, given) in run.given.iter().enumerate() {
                if coalition.contains(&roles.input[honest]) {
                    continue;
                }
                for (i, x) in brought.all_integers().take(COLUMNS).enumerate() {
                    for (j, y) in given.all_integers().take(COLUMNS).enumerate() {
                        tables.entry([input, i, honest, j]).or_default().push((*x, *y));
                    }
                }
            }
        }
    }
    if tables.is_empty() {
        return Err("nothing that honest parties hold fixes a corrupted input".to_owned());
    }
    let compare = |([input, i, honest, j], pairs): ([usize; 4], Vec<(i128, i128)>)| {
        let (party, other) = (roles.input[input], roles.input[honest]);
        let what = format!("{deed}: input {i} of {party} and input {j} of {other}");
        Compared { what, p_value: independence(&coarse(&pairs)).p_value, detail: String::new() }
    };
    Ok(tables.into_iter().map(compare).collect())
}

/// Values as they are if they are few, and else modulo the number of values of an input.
fn coarse(pairs: &[(i128, i128)]) -> Vec<(u128, u128)> {
    let values: BTreeSet<i128> = pairs.iter().map(|(x, _)| *x).collect();
    let is_few = values.len() <= 1 + VALUES as usize;
    let cut = |x: i128| if is_few { x } else { x.rem_euclid(VALUES) };
    pairs.iter().map(|(x, y)| (cut(*x).cast_unsigned(), y.cast_unsigned())).collect()
}

/// Whether the bits of a common coin are fair.
fn coin(probe: &Probe<'_>, deed: &Deed, runs: &[Seen]) -> Compares {
    let outputs: Vec<&Outputs> = runs.iter().filter_map(|run| run.output.as_ref()).collect();
    let bits = |output: &&Outputs| output.iter().find_map(|(_, column)| column.bits().cloned());
    let coins: Vec<Bits> = outputs.iter().filter_map(bits).collect();
    if !is_coin(probe) || coins.len() != outputs.len() {
        return Err("the task has no extractable inputs, and is no coin".to_owned());
    }
    // Whoever may abort may abort on a coin that it dislikes (Cleve, STOC 1986): among the runs
    // that are left, a bias is no more than that.
    if outputs.len() < LEAST_RUNS || outputs.len() < runs.len() {
        return Ok(Vec::new());
    }
    let width = coins.iter().map(Bits::len).min().unwrap_or(0).min(BITS);
    let bias = |what: String, is_one: &dyn Fn(&Bits) -> bool| {
        let ones = coins.iter().filter(|coin| is_one(coin)).count() as u64;
        let all = coins.len() as u64;
        let what = format!("{}: {what}", deed.name());
        Compared {
            p_value: unfair(ones, all),
            detail: format!("{what} is 1 in {ones} of {all} outputs"),
            what,
        }
    };
    let one = |at: usize| bias(format!("bit {at}"), &|coin| coin.get(at));
    let sum = |[a, b]: [usize; 2]| {
        bias(format!("the sum of bits {a} and {b}"), &|coin| coin.get(a) != coin.get(b))
    };
    let added = width.min(ADDED);
    let pairs = (0..added).flat_map(|b| (0..b).map(move |a| [a, b]));
    Ok((0..width).map(one).chain(pairs.map(sum)).collect())
}

/// Probability that so many of fair bits are ones, or more or fewer.
fn unfair(ones: u64, all: u64) -> f64 {
    let tail = interval::soundness(ones.max(all - ones), all, 0.5, super::ALPHA).p_value;
    (2.0 * tail).min(1.0)
}

/// The least bias that so many runs show.
pub(super) fn fewest(runs: u64) -> String {
    let shows = (runs.div_ceil(2)..=runs).find(|ones| unfair(*ones, runs) < super::ALPHA);
    let percent = shows.map_or(100, |ones| (100 * ones).div_ceil(runs.max(1)));
    format!("sees bits that are alike in {percent} % of runs or more")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn small_values_are_in_range() {
        let mut rng = RunSeed::new(1, 0).rng("test", PartyId(0));
        for (lo, hi) in [(0, 1), (-8, 7), (-3, -1), (5, 100), (2, 2)] {
            let range = Range { lo, hi };
            let seen: BTreeSet<i128> = (0..200).map(|_| small(range, &mut rng)).collect();
            assert!(seen.iter().all(|value| range.contains(*value)), "{lo}..{hi}: {seen:?}");
            assert_eq!(seen.len() as i128, (hi - lo + 1).min(VALUES));
        }
    }
}
