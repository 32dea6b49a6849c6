//! The handle that party code holds.

use std::any::Any;
use std::future::Future;
use std::ops::{Deref, DerefMut, Range};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use crate::adversary::Draws;
use crate::grow::{CausalDepth, TryJoinGrowing};
use crate::handling::Handling;
use crate::join::{Join, JoinAll, TryJoin, TryJoinAll};
use crate::ledger::Secret;
use crate::message::{Body, Layout};
use crate::metrics::Charged;
use crate::promise::Promise;
use crate::receive::{Gather, GatherUntil, Recv, RecvAny, RecvUntil};
use crate::scope::ScopeName;
use crate::seed::{PartyRng, Randomness};
use crate::sleep::Sleep;
use crate::state::{PartyState, Tap};
use crate::vocabulary::{Abort, Op, PartyId};
use crate::wire::Wire;
use crate::work;

/// One party's view of the run, in one scope: cheap to clone, and all that protocol code sees.
///
/// Sends are queued at once and never block; receives are futures. A handle is bound to a scope:
/// its channels, its metrics row and its randomness. Dropping the last handle frees the scope.
#[derive(Clone)]
pub struct Ctx {
    scope: Arc<ScopeGuard>,
}

struct ScopeGuard {
    state: Arc<Mutex<PartyState>>,
    slot: u32,
    id: PartyId,
    n: usize,
}

impl Drop for ScopeGuard {
    fn drop(&mut self) {
        let mut state = lock(&self.state);
        if self.slot != 0 {
            state.close_scope(self.slot);
        }
    }
}

/// A party's state, locked: never contended, and kept only within one call. As long as it is, the
/// simulator works, and where compute is measured the party's clock stands still.
pub(crate) struct Locked<'a>(MutexGuard<'a, PartyState>);

pub(crate) fn lock(state: &Mutex<PartyState>) -> Locked<'_> {
    let mut state = state.lock().unwrap_or_else(PoisonError::into_inner);
    state.meter.pause();
    Locked(state)
}

impl Deref for Locked<'_> {
    type Target = PartyState;
    fn deref(&self) -> &PartyState {
        &self.0
    }
}

impl DerefMut for Locked<'_> {
    fn deref_mut(&mut self) -> &mut PartyState {
        &mut self.0
    }
}

impl Drop for Locked<'_> {
    fn drop(&mut self) {
        self.0.meter.resume();
    }
}

impl Ctx {
    pub(crate) fn root(state: &Arc<Mutex<PartyState>>) -> Ctx {
        let (id, n) = {
            let state = lock(state);
            (state.id, state.common.n)
        };
        Ctx { scope: Arc::new(ScopeGuard { state: Arc::clone(state), slot: 0, id, n }) }
    }

    pub(crate) fn lock(&self) -> Locked<'_> {
        lock(&self.scope.state)
    }

    pub(crate) fn slot(&self) -> u32 {
        self.scope.slot
    }

    /// This party.
    #[must_use]
    pub fn id(&self) -> PartyId {
        self.scope.id
    }

    /// Number of parties: computing parties and clients, ideal functionalities excluded.
    #[must_use]
    pub fn n(&self) -> usize {
        self.scope.n
    }

    /// All parties but this one, in order of id.
    pub fn others(&self) -> impl DoubleEndedIterator<Item = PartyId> + Clone + use<> {
        let id = self.id();
        PartyId::all(self.n()).filter(move |party| *party != id)
    }

    /// Opens the sub-scope of this name: channels, metrics row and randomness of its own.
    ///
    /// A path is opened once in a party's life; a second time is a bug that ends the run. The
    /// scope stays on the caller's strand: using two scopes one after the other adds up rounds.
    #[must_use]
    pub fn scope(&self, name: impl Into<ScopeName>) -> Ctx {
        let slot = self.lock().open(self.slot(), name.into());
        let state = Arc::clone(&self.scope.state);
        Ctx { scope: Arc::new(ScopeGuard { state, slot, id: self.id(), n: self.n() }) }
    }

    /// Opens a scope in which a run of its own takes place beside others, with phases of its own;
    /// whoever aborts in it may still speak in the others.
    #[must_use]
    pub fn session(&self, index: usize) -> Ctx {
        let slot = self.lock().open_path(self.slot(), |above| above.session(index));
        let state = Arc::clone(&self.scope.state);
        Ctx { scope: Arc::new(ScopeGuard { state, slot, id: self.id(), n: self.n() }) }
    }

    /// Runs two strands side by side: their rounds count in parallel.
    pub fn join<'a, A, B>(&self, a: A, b: B) -> Join<'a, A::Output, B::Output>
    where
        A: Future + Send + 'a,
        B: Future + Send + 'a,
    {
        Join::new(self.clone(), a, b)
    }

    /// Runs any number of strands side by side.
    pub fn join_all<'a, F>(&self, strands: impl IntoIterator<Item = F>) -> JoinAll<'a, F::Output>
    where
        F: Future + Send + 'a,
    {
        JoinAll::new(self.clone(), strands)
    }

    /// Runs two strands side by side until one fails: the other is dropped then, so that a party
    /// that aborts sends nothing more.
    pub fn try_join<'a, A, B, T, U, E>(&self, a: A, b: B) -> TryJoin<'a, T, U, E>
    where
        A: Future<Output = Result<T, E>> + Send + 'a,
        B: Future<Output = Result<U, E>> + Send + 'a,
    {
        TryJoin::new(self.clone(), a, b)
    }

    /// Runs any number of strands side by side until one fails: the others are dropped then.
    pub fn try_join_all<'a, F, T, E>(
        &self,
        strands: impl IntoIterator<Item = F>,
    ) -> TryJoinAll<'a, T, E>
    where
        F: Future<Output = Result<T, E>> + Send + 'a,
    {
        TryJoinAll::new(self.clone(), strands)
    }

    /// Runs strands side by side that are opened as others end, until none is left or one fails:
    /// the others are dropped then.
    ///
    /// Strands have an index, each another one; those that can go on at the same instant do so in
    /// its order. `grow` is told which strand ended and says which are opened. They start at the
    /// causal depth that this call starts at: what they read from other strands raises them, by
    /// [`Ctx::raise_to`].
    pub fn try_join_growing<'a, F, E, G>(
        &self,
        first: Vec<(usize, F)>,
        grow: G,
    ) -> TryJoinGrowing<'a, E>
    where
        F: Future<Output = Result<(), E>> + Send + 'a,
        G: FnMut(usize) -> Vec<(usize, F)> + Send + 'a,
    {
        TryJoinGrowing::new(self.clone(), first, grow)
    }

    /// The causal depth of this strand: that of whatever it computed so far.
    #[must_use]
    pub fn causal_depth(&self) -> CausalDepth {
        CausalDepth(self.lock().depth)
    }

    /// Goes on at least at this depth, because a value of this depth is used from here on.
    pub fn raise_to(&self, depth: &CausalDepth) {
        self.lock().depth.merge(&depth.0);
    }

    /// A value that one strand hands to others; see [`Promise`].
    #[must_use]
    pub fn promise<T: Clone + Send>(&self) -> Promise<T> {
        Promise::new(self.clone())
    }

    /// Sends to one party: queued at once, stamped with this party's clock.
    ///
    /// Sending to oneself, or to nobody, is a bug that ends the run.
    pub fn send<M: Wire>(&self, to: PartyId, message: &M) {
        self.send_each(std::iter::once(to), message);
    }

    /// Sends the same message to all other parties, encoded once.
    ///
    /// These are point-to-point sends, not a broadcast channel: a corrupted sender may equivocate.
    pub fn broadcast<M: Wire>(&self, message: &M) {
        self.send_each(self.others(), message);
    }

    /// Sends the same message to several parties, encoded once; this party itself is left out.
    pub fn send_to<M: Wire>(&self, to: impl IntoIterator<Item = PartyId>, message: &M) {
        let id = self.id();
        self.send_each(to.into_iter().filter(|party| *party != id), message);
    }

    fn send_each<M: Wire>(&self, to: impl Iterator<Item = PartyId>, message: &M) {
        let mut bytes = Vec::with_capacity(M::len(&message.shape()));
        message.encode(&mut bytes);
        let mut state = self.lock();
        state.act(self.slot());
        state.handle(self.slot(), Handling::Encode, bytes.len());
        let layout = state.common.describes.then(|| {
            let fields = M::fields(&message.shape());
            Box::new(Layout { scope: state.path(self.slot()), label: M::NAME, fields })
        });
        let body = Body::new(bytes, layout);
        for party in to {
            state.send(self.slot(), party, &body);
        }
    }

    /// Receives the next message of one party in this scope.
    ///
    /// Resolves to [`crate::vocabulary::Abort`]: `Malformed` if the bytes are no `M` of this
    /// shape, `Closed` if the sender ended, `Missing` if the run has a synchrony bound and it
    /// passed.
    pub fn recv<M: Wire>(&self, from: PartyId, shape: M::Shape) -> Recv<M> {
        Recv::new(self.clone(), from, shape)
    }

    /// Receives one message from each other party; equal to receiving from each in any order.
    pub fn gather<M: Wire>(&self, shape: M::Shape) -> Gather<M> {
        Gather::new(self.clone(), self.others(), shape)
    }

    /// Receives one message from each of these parties; this party itself is left out.
    pub fn gather_from<M: Wire>(
        &self,
        from: impl IntoIterator<Item = PartyId>,
        shape: M::Shape,
    ) -> Gather<M> {
        let id = self.id();
        Gather::new(self.clone(), from.into_iter().filter(move |party| *party != id), shape)
    }

    /// Receives from one party, or gives up this long after this party's clock at the call.
    ///
    /// What comes later is discarded and counted as late.
    pub fn recv_until<M: Wire>(
        &self,
        from: PartyId,
        shape: M::Shape,
        patience: Duration,
    ) -> RecvUntil<M> {
        RecvUntil::new(self.clone(), from, shape, patience)
    }

    /// Receives from whoever is first, by order of arrival.
    pub fn recv_any<M: Wire>(&self, shape: M::Shape) -> RecvAny<M> {
        RecvAny::new(self.clone(), shape)
    }

    /// Receives from the others until `at_least` have come or this long has passed since this
    /// party's clock at the call; what comes later is discarded and counted as late.
    pub fn gather_until<M: Wire>(
        &self,
        shape: M::Shape,
        at_least: usize,
        patience: Duration,
    ) -> GatherUntil<M> {
        GatherUntil::new(self.clone(), shape, at_least, patience)
    }

    /// Waits, by this party's clock.
    pub fn sleep(&self, duration: Duration) -> Sleep {
        Sleep::new(self.clone(), duration)
    }

    /// The node of a declared ideal functionality; what is exchanged with it is metered apart.
    ///
    /// An undeclared name is a bug that ends the run.
    #[must_use]
    pub fn ideal(&self, name: &str) -> PartyId {
        let mut state = self.lock();
        let at = state.common.ideals.iter().position(|ideal| *ideal == name);
        if at.is_none() {
            state.report_bug(format!("asks for the undeclared ideal functionality `{name}`"));
        }
        PartyId::from(state.common.n + at.unwrap_or(0))
    }

    /// Charges modelled compute to this party's clock, one call of so many units; what it sends
    /// later departs later.
    ///
    /// Primitives count themselves, by [`crate::work::did`]: this is for work that is in none of
    /// them. It belongs before the work, which is then measured in this scope too.
    pub fn charge(&self, op: Op, units: u64) {
        let mut state = self.lock();
        state.touch(self.slot());
        let phase = state.phase_of(self.slot());
        state.enter(phase);
        state.charge(self.slot(), op, Charged { calls: 1, units });
    }

    /// A new generator: another stream at each call, the same in every run of this seed.
    #[must_use]
    pub fn rng(&self) -> PartyRng {
        let (common, id, epoch, place) = {
            let mut state = self.lock();
            let place = state.scopes.get(self.slot()).map(|scope| {
                scope.rng_calls += 1;
                (scope.id, scope.rng_calls)
            });
            (Arc::clone(&state.common), state.id, state.epoch, place)
        };
        // The lock is not held: a generator is set up by the party, in its own time.
        let key = &common.party_key;
        let Some((scope, call)) = place else {
            return PartyRng::new(key, id, epoch, u64::MAX, 0);
        };
        let rng = match common.randomness.get(&id) {
            None => PartyRng::new(key, id, epoch, scope, call),
            Some(Randomness::Repeated) => PartyRng::new(key, id, epoch, 0, 0),
            Some(Randomness::Zero) => PartyRng::zero(),
        };
        let rng = match &common.tape {
            Some(tape) => rng.on_tape(Arc::clone(tape), id, scope, call),
            None => rng,
        };
        if common.corrupted.contains(&id) {
            let mut state = self.lock();
            let scope = state.path(self.slot());
            state.draws.push(Draws { party: id, scope, call, seed: rng.seed() });
        }
        rng
    }

    /// A random function that all who know its name evaluate alike, in a run whose randomness
    /// comes from a [`crate::Tape`]; `None` in all others, where a pseudorandom function of the
    /// `key` does it. The tape learns whose key it is.
    #[must_use]
    pub fn random_function(&self, name: [u8; 32], key: &[u8; 32]) -> Option<PartyRng> {
        let tape = self.lock().common.tape.clone()?;
        tape.holds(self.id(), &name, key);
        Some(PartyRng::function(tape, name))
    }

    /// Shows the omniscient checker what this party holds; a corrupted party's taps are kept apart.
    ///
    /// `value` is asked for where somebody checks.
    pub fn tap<T: Any + Send + Sync>(&self, label: &'static str, value: impl FnOnce() -> T) {
        let mut state = self.lock();
        if !state.common.keeps_taps {
            return;
        }
        let scope = state.path(self.slot());
        let value = work::apart(|| Arc::new(value()));
        state.taps.push(Tap { scope, label, value });
    }

    /// Uses up correlated randomness: these units of what a party has of a `kind` (triples, masks,
    /// nonces) under a name, which are so many bytes of its share. Using a unit twice breaks an
    /// invariant that every run is held against.
    pub fn consume(&self, kind: &'static str, name: &str, units: Range<u64>, bytes: u64) {
        let count = units.end.saturating_sub(units.start);
        let mut state = self.lock();
        if !state.ledger.consume(kind, name, units.start, count) {
            let what = format!("uses {kind} twice in {}", state.path(self.slot()));
            state.breach(what);
        }
        let consumed = state.metrics.consumed.entry(kind).or_default();
        consumed.units = consumed.units.saturating_add(count);
        consumed.bytes = consumed.bytes.saturating_add(bytes);
    }

    /// Public name of this run, or of the session that this scope lies in: the same for all
    /// parties, another one for each seed and session. It belongs into every hash, commitment,
    /// signature and pseudorandom function.
    #[must_use]
    pub fn run_id(&self) -> [u8; 32] {
        let mut state = self.lock();
        let run_id = state.common.run_id;
        match state.session_of(self.slot()) {
            0 => run_id,
            session => *blake3::keyed_hash(&run_id, &session.to_le_bytes()).as_bytes(),
        }
    }

    /// Id of the session that this scope lies in; 0 outside of sessions.
    #[must_use]
    pub fn session_id(&self) -> u64 {
        let mut state = self.lock();
        state.session_of(self.slot())
    }

    /// A failed check that names nobody: this party's run is over, and it sends nothing more.
    #[must_use]
    pub fn check_failed(&self, step: impl Into<String>) -> Abort {
        self.abort(Abort::CheckFailed { step: step.into() })
    }

    /// Cheaters caught, ascending: this party's run is over, and it sends nothing more.
    #[must_use]
    pub fn cheating(&self, culprits: Vec<PartyId>, step: impl Into<String>) -> Abort {
        self.abort(Abort::Cheating { culprits, step: step.into() })
    }

    /// Notes that this party has to stop; what it sends from now on in this session, outside a
    /// scope called `abort`, breaks an invariant.
    pub(crate) fn abort(&self, abort: Abort) -> Abort {
        let mut state = self.lock();
        let session = state.session_of(self.slot());
        state.aborting.insert(session);
        abort
    }

    /// A secret that has to be erased by the time a party aborts: it counts as alive until the
    /// guard drops.
    #[must_use]
    pub fn secret(&self, kind: &'static str) -> Secret {
        Secret::new(self.clone(), kind)
    }

    /// This party's clock, nanoseconds since the start of the run.
    #[must_use]
    pub fn clock_ns(&self) -> u64 {
        let mut state = self.lock();
        state.end_segment();
        state.clock_ns
    }

    /// Path of this scope, for error texts.
    #[must_use]
    pub fn path(&self) -> String {
        self.lock().path(self.slot())
    }
}
