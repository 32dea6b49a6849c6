//! Does a coalition that has said nothing yet hear what a coin will be?
//!
//! Whoever speaks last must not know more than who speaks first. A session is run twice with the
//! same draws: once as it should be, and once with a coalition that keeps silent, so that whatever
//! it hears it could have heard before it had to say anything. With the coalition's own draws the
//! same in all runs, no part of that may follow a bit of the coin.

use std::panic::{AssertUnwindSafe, catch_unwind};

use mpclab_protocols::program::Outputs;
use mpclab_reports::battery::Family;
use mpclab_sim::adversary::{Action, Rule, Script, Selector};
use mpclab_sim::vocabulary::{AdversaryKind, Guarantee, PartyId};
use rayon::prelude::*;

use super::findings::{Compared, Outcome, Test};
use super::salted::{self, Salted};
use super::{ALPHA, Probe, independent};
use crate::evidence::agreement::{self, Choice};
use crate::runner::{Against, Subject};

/// Name of the test.
pub(super) const NAME: &str = "coin before the first word";

/// First of the sets of runs.
const SET: u32 = (1 << 8) + 64;
/// Bytes that are looked at, and bits of the coin.
const BYTES: usize = 512;
const BITS: usize = 8;

/// Tests coalitions on one block of seeds; nothing if the task is no coin.
pub(super) fn tests(
    probe: &Probe<'_>,
    block: u32,
    is_tested: impl Fn(&[PartyId]) -> bool,
) -> Vec<Test> {
    if !independent::is_coin(probe) {
        return Vec::new();
    }
    let tried = independent::tried(probe).into_iter().zip(SET..);
    let tried = tried.filter(|(coalition, _)| is_tested(coalition));
    tried.map(|(coalition, set)| of_coalition(probe, block, set, coalition)).collect()
}

fn of_coalition(probe: &Probe<'_>, block: u32, set: u32, coalition: Vec<PartyId>) -> Test {
    let one = |run: u32| heard(probe, (block, set, run), &coalition);
    let runs = 0..probe.effort.fixed as u32;
    let runs: Vec<(Vec<u8>, Vec<bool>)> = runs.into_par_iter().filter_map(one).collect();
    let bytes = runs.iter().map(|(bytes, _)| bytes.len()).min().unwrap_or(0).min(BYTES);
    let bits = runs.iter().map(|(_, bits)| bits.len()).min().unwrap_or(0).min(BITS);
    let column = |at: usize| runs.iter().map(|(bytes, _)| u128::from(bytes[at])).collect();
    let columns: Vec<Vec<u128>> = (0..bytes).map(column).collect();
    let choice = |bit: bool| -> Choice { [bit.into(), (!bit).into()] };
    let coin = |at: usize| runs.iter().map(|(_, bits)| choice(bits[at])).collect();
    let coins: Vec<Vec<Choice>> = (0..bits).map(coin).collect();
    let found = agreement::planes(&columns, &coins);
    let compared = found.map(|found| Compared {
        what: "what is heard first".to_owned(),
        p_value: found.p_value,
        detail: format!(
            "before it says anything the coalition hears bit {} of the output in byte {} in {} of \
             {} runs",
            found.secret,
            found.column,
            found.with.max(found.sides - found.with),
            found.sides
        ),
    });
    let samples = runs.len() as u64;
    let share = agreement::detectable(samples, found.map_or(1, |found| found.tried), ALPHA);
    Test {
        family: Family::Privacy,
        name: NAME.to_owned(),
        guarantee: Guarantee::InputIndependence,
        claimed: probe.target.claims().adversary == AdversaryKind::Malicious,
        coalition,
        algebra: "bytes".to_owned(),
        samples,
        note: format!("sees bits that are known in {:.0} % of runs", 100.0 * share),
        outcome: Outcome::Compared(compared.into_iter().collect()),
    }
}

/// What a silent coalition hears, and the coin if it speaks.
fn heard(
    probe: &Probe<'_>,
    (block, set, run): (u32, u32, u32),
    coalition: &[PartyId],
) -> Option<(Vec<u8>, Vec<bool>)> {
    let session = probe.seed(block, set, 0);
    let [own, others] = [0, 1 + run].map(|run| salted::salt(probe, block, set, run));
    let tape = || Salted::new(others).with(coalition, own);
    let trial = salted::run(probe, session, &[], coalition, tape())?;
    let output: Outputs = independent::honest_output(&trial, probe)?;
    let coin = output.iter().find_map(|(_, column)| column.bits().cloned())?;
    let subject = Subject::new(probe.target.registry, &probe.cell, session).ok()?;
    let subject = Subject { tape: Some(std::sync::Arc::new(tape())), ..subject };
    let mute = |party: &PartyId| Rule {
        on: Selector { from: Some(*party), ..Selector::default() },
        action: Action::Drop,
    };
    let script = Script { rules: coalition.iter().map(mute).collect(), ..Script::default() };
    let against = Against::script(&subject.setting(coalition.to_vec()), script, None);
    let silent = catch_unwind(AssertUnwindSafe(|| subject.run(against))).ok()?;
    let received = silent.run.view.received.iter();
    let mut told: Vec<_> = received.filter(|seen| !coalition.contains(&seen.from)).collect();
    told.sort_by_key(|seen| (seen.scope(), seen.from, seen.to, seen.occurrence));
    let bytes = told.iter().flat_map(|seen| seen.body()).copied().collect();
    Some((bytes, coin.iter().collect()))
}
