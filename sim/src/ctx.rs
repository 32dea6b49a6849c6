//! The handle that party code holds.

use std::any::Any;
use std::future::Future;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use crate::join::{Join, JoinAll};
use crate::message::Body;
use crate::promise::Promise;
use crate::receive::{Gather, GatherUntil, Recv, RecvAny, RecvUntil, Sleep};
use crate::scope::ScopeName;
use crate::seed::PartyRng;
use crate::state::{PartyState, Tap};
use crate::vocabulary::{Op, PartyId};
use crate::wire::Wire;

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

/// Locks a party's state: never contended, and kept only within one call.
pub(crate) fn lock(state: &Mutex<PartyState>) -> MutexGuard<'_, PartyState> {
    state.lock().unwrap_or_else(PoisonError::into_inner)
}

impl Ctx {
    pub(crate) fn root(state: &Arc<Mutex<PartyState>>) -> Ctx {
        let (id, n) = {
            let state = lock(state);
            (state.id, state.common.n)
        };
        Ctx { scope: Arc::new(ScopeGuard { state: Arc::clone(state), slot: 0, id, n }) }
    }

    pub(crate) fn lock(&self) -> MutexGuard<'_, PartyState> {
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

    /// Runs two strands side by side: their rounds count in parallel.
    pub fn join<A: Future, B: Future>(&self, a: A, b: B) -> Join<A, B> {
        Join::new(self.clone(), a, b)
    }

    /// Runs any number of strands side by side.
    pub fn join_all<F: Future>(&self, strands: impl IntoIterator<Item = F>) -> JoinAll<F> {
        JoinAll::new(self.clone(), strands)
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
        let body = Body::new(bytes);
        let mut state = self.lock();
        state.act(self.slot());
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

    /// Charges modelled compute to this party's clock; what it sends later departs later.
    pub fn charge(&self, op: Op, times: u64) {
        let mut state = self.lock();
        let phase = state.phase_of(self.slot());
        state.enter(phase);
        let charged = state.metrics.ops.entry(op.key).or_default();
        *charged = charged.saturating_add(times);
        match state.meter.charge(op, times) {
            Ok(spent) => state.spend(self.slot(), spent),
            Err(why) => state.report_bug(why),
        }
    }

    /// A new generator: another stream at each call, the same in every run of this seed.
    #[must_use]
    pub fn rng(&self) -> PartyRng {
        let mut state = self.lock();
        let (key, id, epoch) = (state.common.party_key, state.id, state.epoch);
        let Some(scope) = state.scopes.get(self.slot()) else {
            return PartyRng::new(&key, id, epoch, u64::MAX, 0);
        };
        scope.rng_calls += 1;
        PartyRng::new(&key, id, epoch, scope.id, scope.rng_calls)
    }

    /// Shows the omniscient checker what this party holds; a corrupted party's taps are ignored.
    pub fn tap<T: Any + Send + Sync>(&self, label: &'static str, value: T) {
        let mut state = self.lock();
        let scope = state.path(self.slot());
        state.taps.push(Tap { scope, label, value: Arc::new(value) });
    }

    /// This party's clock, nanoseconds since the start of the run.
    #[must_use]
    pub fn clock_ns(&self) -> u64 {
        self.lock().clock_ns
    }

    /// Path of this scope, for error texts.
    #[must_use]
    pub fn path(&self) -> String {
        self.lock().path(self.slot())
    }
}
