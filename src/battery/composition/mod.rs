//! Two sessions at once: what happens in one must not help, or harm, in the other.
//!
//! Each session has a name, inputs, randomness and scopes of its own; both run the protocol's own
//! code on strands of the same parties, and are judged apart.

mod crossing;
mod pair;

use mpclab_reports::battery::Family;
use mpclab_sim::adversary::{
    Act, Action, Adversary, ElementChange, ElementChoice, Pattern, Rule, Script, Scripted, Selector,
};
use mpclab_sim::vocabulary::{Guarantee, Observed, PartyId, Phase, Verdict};
use mpclab_sim::{End, PartyEnd, RunSeed};
use rand::seq::SliceRandom;

use super::case::{Case, Deed, Tried, break_invariants};
use super::{Target, sweep};
use crate::runner::Against;
use crate::runner::verdict::{Substitution, Threat};
use crossing::Crosser;
pub use crossing::Crossing;
pub(crate) use pair::session;
use pair::{Both, Pair, SESSIONS, acts};

/// What happens to two sessions.
#[derive(Clone, Debug)]
pub enum Together {
    /// Nothing.
    Alone,
    /// Rules at the outboxes, in scopes below `session[0]` and `session[1]`.
    Script(Script),
    /// Messages go from one to the other: into these of the second.
    Cross(Crossing, Selector),
    /// Rules in the first session alone; the second is the one that is judged.
    Fault(Script),
}

const CROSSINGS: [(&str, Crossing); 3] = [
    ("replay across sessions", Crossing::Replay),
    ("echo across sessions", Crossing::Echo),
    ("sessions swapped", Crossing::Swap),
];

/// Seeds that each attack is tried with.
const SEEDS: u32 = 4;
/// Faults in one session that are tried with each coalition.
const FAULTS: usize = 40;

/// Two sessions without an attack, and with each attack by each coalition.
pub(super) fn cases(target: &Target<'_>, coalitions: &[Vec<PartyId>]) -> Vec<Case> {
    let mut cases = Vec::new();
    let mut add = |attack: &str, coalition: &[PartyId], repetition, together| {
        cases.push(Case {
            family: Family::Composition,
            attack: attack.to_owned(),
            coalition: coalition.to_vec(),
            repetition,
            deed: Deed::Together(together),
        });
    };
    let Some(honest) = target.recorded(0, &[]) else { return Vec::new() };
    // So late that the other session is over, whatever it waits for.
    let late_ns = 4 * (honest.run.times.total_ns + 1) + target.cell.cell.synchrony_ns.unwrap_or(0);
    for repetition in 0..SEEDS {
        add("two sessions at once", &[], repetition, Together::Alone);
        for coalition in coalitions {
            let mut add = |attack: &str, together| add(attack, coalition, repetition, together);
            let rushing = Script { is_rushing: true, ..Script::default() };
            add("two sessions, rushing", Together::Script(rushing));
            for (attack, crossing) in CROSSINGS {
                add(attack, Together::Cross(crossing, Selector::default()));
            }
            for script in stalled(late_ns) {
                add("one session stalled", Together::Script(script));
            }
        }
    }
    for coalition in coalitions {
        for (on, _) in sweep::messages(target, coalition) {
            let on = in_session(1, on);
            for repetition in 0..SEEDS {
                for (attack, crossing) in &CROSSINGS[..2] {
                    add(attack, coalition, repetition, Together::Cross(*crossing, on.clone()));
                }
            }
        }
        for script in faults(target, coalition) {
            add("fault in another session", coalition, 0, Together::Fault(script));
        }
    }
    cases
}

/// One session waits until the other is over, which ends well or in an abort.
fn stalled(late_ns: u64) -> Vec<Script> {
    let in_session = |at: usize, action| {
        let everything = Selector { scope: Some(Pattern("*".to_owned())), ..Selector::default() };
        Rule { on: in_session(at, everything), action }
    };
    let mut scripts = Vec::new();
    for at in SESSIONS {
        let wait = in_session(at, Action::Delay(late_ns));
        let change = ElementChange::Add(1);
        let wrong = Action::Tamper { field: None, element: ElementChoice::All, change };
        let fail = in_session(1 - at, wrong);
        for rules in [vec![wait.clone()], vec![wait, fail]] {
            scripts.push(Script { rules, ..Script::default() });
        }
    }
    scripts
}

/// Single faults in the first session, as the sweep has them; a party that stops is no fault of one
/// session.
fn faults(target: &Target<'_>, coalition: &[PartyId]) -> Vec<Script> {
    let mut scripts = Vec::new();
    for (on, elements) in sweep::messages(target, coalition) {
        let on = in_session(0, on);
        for (_, action) in sweep::mutations(elements) {
            if matches!(action, Action::Stop(_) | Action::ReplayOtherRun) {
                continue;
            }
            let rules = vec![Rule { on: on.clone(), action }];
            scripts.push(Script { rules, ..Script::default() });
        }
    }
    let mut rng = RunSeed::new(target.prepared.plan.seed, 0).rng("sessions", PartyId(0));
    scripts.shuffle(&mut rng);
    scripts.truncate(FAULTS);
    scripts
}

/// The same messages, in one of the sessions.
fn in_session(at: usize, on: Selector) -> Selector {
    let scope = on.scope.map(|path| Pattern(format!("session[{at}]/{path}")));
    Selector { scope, ..on }
}

impl Together {
    fn adversary(&self, case: &Case, seed: &RunSeed) -> Option<Box<dyn Adversary>> {
        let corrupted = case.coalition.clone();
        match self {
            Together::Alone => None,
            Together::Script(script) | Together::Fault(script) => {
                Some(Box::new(Scripted::new(corrupted, script.clone(), seed)))
            }
            Together::Cross(crossing, on) => {
                Some(Box::new(Crosser::new(corrupted, *crossing, on.clone())))
            }
        }
    }

    /// What the adversary may do in the sessions that are judged.
    fn threat(&self) -> Option<Threat> {
        let is_malicious = match self {
            Together::Alone => return None,
            Together::Script(script) => !script.rules.is_empty(),
            Together::Cross(..) => true,
            // Where it is judged, it follows the protocol.
            Together::Fault(_) => false,
        };
        Some(Threat { is_malicious, ..Threat::default() })
    }

    fn judged(&self) -> &'static [usize] {
        match self {
            Together::Fault(_) => &[1],
            _ => &[0, 1],
        }
    }
}

/// Runs a case with two sessions and judges each.
pub(super) fn attempt(target: &Target<'_>, case: &Case, together: &Together) -> Tried {
    let pair = match Pair::new(target, case.repetition) {
        Ok(pair) => pair,
        Err(why) => return Tried::broken(why.to_string()),
    };
    let both = pair.run(together.adversary(case, &pair.subjects[0].seed));
    let mut verdicts: Vec<Verdict> = Vec::new();
    let mut substitution = Substitution::None;
    for at in together.judged() {
        let (judged, substituted) = pair.judge(&both, *at, together.threat());
        if substituted == Substitution::Input {
            substitution = substituted;
        }
        // What it cost is asked of both together.
        let judged = judged.into_iter().filter(|v| v.guarantee != Guarantee::DeclaredCost);
        judged.for_each(|verdict| add(&mut verdicts, *at, verdict));
    }
    match together {
        Together::Alone => verdicts.push(cost(&pair, &both)),
        Together::Fault(_) => isolate(&mut verdicts, &both),
        _ => {}
    }
    if let End::Bug(what) = &both.run.end {
        break_invariants(&mut verdicts, what.clone());
    }
    let first: Option<&Act> = SESSIONS.iter().find_map(|at| acts(&both.run, *at).next());
    let is_attack = !matches!(together, Together::Alone);
    Tried {
        verdicts,
        is_without_effect: is_attack && first.is_none() && is_deviating(together),
        substitution,
        act: first.cloned(),
        expectation: None,
    }
}

/// Whether the coalition was to do something.
fn is_deviating(together: &Together) -> bool {
    match together {
        Together::Script(script) | Together::Fault(script) => !script.rules.is_empty(),
        Together::Cross(..) => true,
        Together::Alone => false,
    }
}

/// One verdict for each guarantee: the worse of those on the sessions.
fn add(verdicts: &mut Vec<Verdict>, session: usize, verdict: Verdict) {
    let rank = |observed: &Observed| match observed {
        Observed::Broken => 2,
        Observed::Inconclusive => 1,
        Observed::Held | Observed::NotRefuted { .. } => 0,
    };
    let evidence = format!("session {session}: {}", verdict.evidence);
    let verdict = Verdict { evidence, ..verdict };
    match verdicts.iter_mut().find(|known| known.guarantee == verdict.guarantee) {
        Some(known) if rank(&known.observed) >= rank(&verdict.observed) => {}
        Some(known) => *known = verdict,
        None => verdicts.push(verdict),
    }
}

/// In a session that nobody attacks, all honest parties get their output.
fn isolate(verdicts: &mut Vec<Verdict>, both: &Both) {
    let run = &both.sessions[1];
    let ends = run.parties.iter().enumerate().map(|(at, (end, _))| (PartyId::from(at), end));
    let mut honest = ends.filter(|(party, _)| !run.corrupted.contains(party));
    let without = honest.find(|(_, end)| !matches!(end, PartyEnd::Output(_)));
    let (observed, evidence) = match without {
        Some((party, PartyEnd::Abort(abort))) => {
            (Observed::Broken, format!("{party} aborts in a session that nobody attacks: {abort}"))
        }
        Some((party, _)) => {
            (Observed::Broken, format!("{party} never ends a session that nobody attacks"))
        }
        None => (Observed::Held, String::new()),
    };
    verdicts.retain(|verdict| verdict.guarantee != Guarantee::Delivery);
    let guarantee = Guarantee::Delivery;
    verdicts.push(Verdict { guarantee, claimed: true, observed, evidence });
}

/// Two sessions send what each sends alone, in the rounds of the longer one.
fn cost(pair: &Pair<'_>, both: &Both) -> Verdict {
    let alone = pair.subjects.each_ref().map(|subject| subject.run(Against::default()).run);
    let mut wrong = Vec::new();
    for phase in Phase::ALL {
        let bytes: u64 = alone.iter().map(|run| run.metrics.phase(phase).sent_bytes).sum();
        let together = both.run.metrics.phase(phase).sent_bytes;
        if bytes != together {
            wrong.push(format!("{phase}.bytes: {bytes} one by one, {together} together"));
        }
    }
    let rounds = alone.iter().map(|run| run.rounds.total).max().unwrap_or(0);
    if rounds != both.run.rounds.total {
        wrong.push(format!("{rounds} rounds alone, {} together", both.run.rounds.total));
    }
    let observed = if wrong.is_empty() { Observed::Held } else { Observed::Broken };
    let guarantee = Guarantee::DeclaredCost;
    Verdict { guarantee, claimed: true, observed, evidence: wrong.join("; ") }
}
