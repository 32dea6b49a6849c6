//! Runs of one session with other draws, of all parties or of some.
//!
//! Whoever knows a session's name, its parties and its inputs can run the protocol's own code on
//! draws of its own choice. All draws follow from salts here, bytes too, so a run can be made again,
//! or made again with other draws of one party alone.

use std::collections::BTreeMap;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::Arc;

use mpclab_protocols::program::Inputs;
use mpclab_sim::vocabulary::PartyId;
use mpclab_sim::{End, RunSeed, Stream, Tape};
use rand::SeedableRng;
use rand_chacha::ChaCha20Rng;

use super::Probe;
use super::tape::below;
use crate::runner::{Against, Subject, Trial};

/// A coalition in one session, which is run with several draws.
pub(super) struct Session<'a> {
    pub(super) probe: &'a Probe<'a>,
    pub(super) coalition: Vec<PartyId>,
    pub(super) session: RunSeed,
    pub(super) inputs: Vec<Inputs>,
    /// Block, and set of its draws.
    pub(super) at: (u32, u32),
}

/// Sessions of the first of the largest coalitions, in sets from one on, of those that are tested.
pub(super) fn sessions<'a>(
    probe: &'a Probe<'_>,
    block: u32,
    (first_set, most): (u32, usize),
    is_tested: impl Fn(&[PartyId]) -> bool,
) -> Vec<Session<'a>> {
    let tried = probe.target.coalitions().largest().tried.into_iter().take(most);
    let tried = tried.zip(first_set..).filter(|(coalition, _)| is_tested(coalition));
    let session = |(coalition, set): (Vec<PartyId>, u32)| {
        let session = probe.seed(block, set, 0);
        let inputs = probe.random_inputs(&session);
        Session { probe, coalition, session, inputs, at: (block, set) }
    };
    tried.map(session).collect()
}

/// What a party's draws follow from.
pub(super) type Salt = [u8; 32];

/// A tape on which each party's draws follow from its salt.
#[derive(Clone)]
pub(super) struct Salted {
    of: BTreeMap<PartyId, Salt>,
    others: Salt,
}

impl Salted {
    /// All have one salt, and draw apart from each other.
    pub(super) fn new(salt: Salt) -> Self {
        Salted { of: BTreeMap::new(), others: salt }
    }

    /// The same with another salt of these.
    pub(super) fn with(mut self, parties: &[PartyId], salt: Salt) -> Self {
        self.of.extend(parties.iter().map(|party| (*party, salt)));
        self
    }

    /// What a stream's draws follow from.
    pub(super) fn seed(&self, stream: &Stream) -> [u8; 32] {
        let Stream::Party { party, scope, call } = stream else {
            // A random function is known by its name, whoever evaluates it.
            let Stream::Function(name) = stream else { return self.others };
            return *name;
        };
        let mut hasher = blake3::Hasher::new_keyed(self.of.get(party).unwrap_or(&self.others));
        hasher.update(&party.0.to_le_bytes());
        hasher.update(&scope.to_le_bytes());
        hasher.update(&call.to_le_bytes());
        *hasher.finalize().as_bytes()
    }
}

impl Tape for Salted {
    fn draw(&self, stream: &Stream, position: u64, values: u128) -> u128 {
        draw(&self.seed(stream), position, values)
    }

    fn reseed(&self, stream: &Stream) -> Option<[u8; 32]> {
        Some(self.seed(stream))
    }
}

/// The draw at a position of the stream that follows from a seed.
pub(super) fn draw(seed: &[u8; 32], position: u64, values: u128) -> u128 {
    let seed = blake3::keyed_hash(seed, &position.to_le_bytes());
    below(values, &mut ChaCha20Rng::from_seed(*seed.as_bytes()))
}

/// The salt of a run's number in a set.
pub(super) fn salt(probe: &Probe<'_>, block: u32, set: u32, run: u32) -> Salt {
    probe.seed(block, set, run).purpose("salt")
}

/// Runs a session with these draws while a coalition looks on; `None` if it panics or meets a limit.
pub(super) fn run(
    probe: &Probe<'_>,
    session: RunSeed,
    inputs: &[Inputs],
    coalition: &[PartyId],
    salted: Salted,
) -> Option<Trial> {
    let subject = subject(probe, session, inputs, salted)?;
    let against = Against::semi_honest(&subject.setting(coalition.to_vec()));
    run_against(&subject, against)
}

/// A session with these draws, to be run.
pub(super) fn subject<'a>(
    probe: &'a Probe<'_>,
    session: RunSeed,
    inputs: &[Inputs],
    tape: impl Tape + 'static,
) -> Option<Subject<'a>> {
    let subject = Subject::new(probe.target.registry, &probe.cell, session).ok()?;
    let tape: Option<Arc<dyn Tape>> = Some(Arc::new(tape));
    Some(Subject { inputs: inputs.to_vec(), tape, ..subject })
}

/// Runs it; `None` if it panics or meets a limit.
pub(super) fn run_against(subject: &Subject<'_>, against: Against) -> Option<Trial> {
    let trial = catch_unwind(AssertUnwindSafe(|| subject.run(against))).ok()?;
    (!matches!(trial.run.end, End::Bug(_) | End::Limit(_))).then_some(trial)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn stream(party: u32) -> Stream {
        Stream::Party { party: PartyId(party), scope: 3, call: 1 }
    }

    #[test]
    fn a_salt_changes_its_own_partys_draws_alone() {
        let all = Salted::new([1; 32]);
        let one = all.clone().with(&[PartyId(1)], [2; 32]);
        let draws = |salted: &Salted, party| {
            let draw = |at| salted.draw(&stream(party), at, 0);
            ([draw(0), draw(1)], salted.reseed(&stream(party)))
        };
        assert_eq!(draws(&all, 0), draws(&one, 0));
        assert_ne!(draws(&all, 1), draws(&one, 1));
        assert_ne!(draws(&all, 0), draws(&all, 1));
        let ([first, second], _) = draws(&all, 0);
        assert_ne!(first, second);
        let function = Stream::Function([7; 32]);
        assert_eq!(all.draw(&function, 0, 0), one.draw(&function, 0, 0));
    }
}
