//! What the omniscient checker asks a protocol: which inputs a run really used, which outputs a
//! coalition could have reached by another input, and what a theorem says of its checks.

use mpclab_kernels::Block;
use mpclab_sim::vocabulary::{PartyId, PerParty};
use mpclab_sim::wire::{Field, Wire};
use mpclab_sim::{Ctx, Run, Tap};

use crate::attack::Attack;
use crate::program::Inputs;

pub use super::reach::reach;

/// Label of what is opened under a statistical mask.
pub const MASKED: &str = "masked opening";

/// Values that honest parties opened under statistical masks.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct MaskedOpening {
    /// Bits of what is hidden; masks have as many and sigma more.
    pub bits: u32,
    /// What everybody sees.
    pub opened: Vec<u128>,
}

/// Label of the random values that checks rest on.
pub const CHALLENGE: &str = "challenge";

/// Challenges, or coefficients of a random combination, as a check uses them.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Challenge {
    /// Number of values among which each is uniform by the check's theorem; 0 stands for 2^128.
    pub among: u128,
    /// The values; nobody knows any before what is checked is fixed, and each is independent of
    /// all others.
    pub drawn: Vec<u128>,
}

/// Label of what parties keep to themselves.
pub const KEPT: &str = "kept";

/// Something random that a party draws for itself alone, such as a key, an offset or a seed: no
/// coalition without it may ever have it, or know it beforehand.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Kept {
    /// Its kind; two of a party's are as different as chance makes them.
    pub what: &'static str,
    /// Among how many values it is uniform: two to this power.
    pub bits: u32,
    /// As it would stand in a message.
    pub value: Vec<u8>,
}

impl Kept {
    /// Shows the checker what this party keeps.
    pub fn tap<T: Wire>(ctx: &Ctx, what: &'static str, bits: u32, kept: impl FnOnce() -> T) {
        ctx.tap(KEPT, || {
            let mut value = Vec::new();
            kept().encode(&mut value);
            Kept { what, bits, value }
        });
    }
}

/// Label of what parties compute in the clear.
pub const COMPUTED: &str = "computed";

/// Something that a party computes in the clear from what it is told, such as masked bits of wires:
/// it is as much a part of its view as a message, and statistics would not find it there by
/// themselves where a cipher lies between.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Computed {
    /// As it would stand in a message.
    pub body: Vec<u8>,
    /// Where which elements lie.
    pub fields: Vec<Field>,
}

impl Computed {
    /// Shows the checker what this party computes.
    pub fn tap<T: Wire>(ctx: &Ctx, computed: impl FnOnce() -> T) {
        ctx.tap(COMPUTED, || {
            let (value, mut body) = (computed(), Vec::new());
            value.encode(&mut body);
            Computed { fields: T::fields(&value.shape()), body }
        });
    }
}

/// Label of blocks that a party has side by side.
pub const BESIDE: &str = "blocks side by side";

/// Blocks of 16 bytes that a party has of each of several things, received, decrypted and its own
/// together: whoever looks for a key in what it sees adds up those of one.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Beside(pub Vec<Vec<Block>>);

impl Beside {
    /// Shows the checker what this party has side by side of each thing. A tap stops the party's
    /// clock: one for many things costs less than one for each.
    pub fn tap(ctx: &Ctx, blocks: impl FnOnce() -> Vec<Vec<Block>>) {
        ctx.tap(BESIDE, || Beside(blocks()));
    }
}

/// What parties and the set-up hold at the end of a run.
#[derive(Clone, Copy)]
pub struct States<'a> {
    /// Who is corrupted, ascending.
    pub corrupted: &'a [PartyId],
    /// Taps by party; those of corrupted parties are empty.
    pub honest: &'a [Vec<Tap>],
    /// Taps by party of corrupted ones, which run the protocol's code on what they are told: what
    /// they say that they bring is what the functionality would hear. Those of others are empty.
    pub theirs: &'a [Vec<Tap>],
    /// Taps by ideal functionality: the set-up's secrets.
    pub setup: &'a [Vec<Tap>],
}

impl<'a> States<'a> {
    /// At the end of this run.
    #[must_use]
    pub fn of<T>(run: &'a Run<T>) -> Self {
        let Run { corrupted, taps, corrupted_taps, ideal_taps, .. } = run;
        States { corrupted, honest: taps, theirs: corrupted_taps, setup: ideal_taps }
    }

    /// What corrupted parties tapped, as far as they run the protocol's code.
    pub fn of_corrupted<T: 'static>(
        &self,
        label: &'static str,
    ) -> impl Iterator<Item = (PartyId, &'a T)> + use<'a, T> {
        of_label(self.theirs, label)
    }

    /// All values of one type that honest parties tapped under a label, with who did.
    pub fn tapped<T: 'static>(
        &self,
        label: &'static str,
    ) -> impl Iterator<Item = (PartyId, &'a T)> + use<'a, T> {
        of_label(self.honest, label)
    }

    /// The same of the ideal functionalities, by their index.
    pub fn setup<T: 'static>(
        &self,
        label: &'static str,
    ) -> impl Iterator<Item = (PartyId, &'a T)> + use<'a, T> {
        of_label(self.setup, label)
    }
}

fn of_label<'a, T: 'static>(
    taps: &'a [Vec<Tap>],
    label: &'static str,
) -> impl Iterator<Item = (PartyId, &'a T)> + use<'a, T> {
    let labelled = labelled(taps, label).into_iter();
    labelled.filter_map(|(party, tap)| Some((party, tap.value.downcast_ref::<T>()?)))
}

/// What has a label, whatever its type.
fn labelled<'a>(taps: &'a [Vec<Tap>], label: &'static str) -> Vec<(PartyId, &'a Tap)> {
    let all = taps.iter().enumerate().flat_map(|(at, taps)| taps.iter().map(move |t| (at, t)));
    let all = all.filter(|(_, tap)| tap.label == label);
    all.map(|(at, tap)| (PartyId::from(at), tap)).collect()
}

/// What a corrupted input party brought in the end.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Effective {
    /// These values, fixed by honest state and the set-up's secrets.
    Input(Inputs),
    /// Honest state contradicts itself: nothing that the party could have brought fits it.
    Undefined(String),
    /// Honest state does not fix it.
    Unknown,
}

/// Effective inputs of corrupted input parties, by node.
pub type EffectiveInputs = PerParty<Effective>;

/// Whether the corrupted parties could have reached outputs by inputs of their own; of the
/// functionality, whatever the protocol computes in.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Reach {
    /// Yes, within their ranges: it is an input substitution.
    Reachable,
    /// By inputs that the functionality refuses, and no others.
    OutOfRange,
    /// No inputs of theirs within their ranges give these outputs, and none outside are known to.
    Unreachable,
    /// Too many to try.
    Undecided(String),
}

/// What a theorem says: an event has at most this probability.
#[derive(Clone, Debug, PartialEq)]
pub struct SoundnessBound {
    /// The event, for people: a wrong opening passes the batch check.
    pub event: &'static str,
    /// Its probability at most.
    pub probability: f64,
    /// Paper and theorem.
    pub source: &'static str,
}

/// How to measure how often cheating goes unnoticed, where a check is so weak that it can be seen.
///
/// Only the check runs at small parameters: its bound there is what the same theorem says, and a
/// measured frequency above it refutes the theorem or the code.
#[derive(Clone, Debug)]
pub struct SoundnessTrial<P> {
    /// The event, as in [`SoundnessBound::event`] of the bound that it is held against.
    pub event: &'static str,
    /// The best strategies that are known, one at least; one succeeds if an honest party accepts a
    /// wrong output. The checker tries others, too.
    pub strategies: Vec<Attack>,
    /// Function on which the strategies make an output wrong whenever it is not noticed, with its
    /// default parameters and random inputs.
    pub function: &'static str,
    /// What the points differ in.
    pub parameter: &'static str,
    /// Where it is measured.
    pub points: Vec<SoundnessPoint<P>>,
}

/// Parameters at which a soundness error is measured.
#[derive(Clone, Debug)]
pub struct SoundnessPoint<P> {
    /// What distinguishes the point, as a number.
    pub value: f64,
    /// The same for people; may be empty.
    pub label: String,
    /// Parameters of the protocol.
    pub params: P,
    /// Statistical security parameter of the job.
    pub statistical: u32,
}

impl<P> SoundnessTrial<P> {
    /// The same with other parameters.
    ///
    /// # Errors
    /// The first of `change`.
    pub fn try_map<Q, E>(self, change: impl Fn(P) -> Result<Q, E>) -> Result<SoundnessTrial<Q>, E> {
        let SoundnessTrial { event, strategies, function, parameter, points } = self;
        let point = |SoundnessPoint { value, label, params, statistical }: SoundnessPoint<P>| {
            Ok(SoundnessPoint { value, label, params: change(params)?, statistical })
        };
        let points = points.into_iter().map(point).collect::<Result<_, E>>()?;
        Ok(SoundnessTrial { event, strategies, function, parameter, points })
    }
}
