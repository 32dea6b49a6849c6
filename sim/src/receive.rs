//! Receives: leaf futures that store their waker and are woken by the kernel.
//!
//! `recv` and `gather` commute, so they may resolve in any poll. What observes the order of
//! arrivals or the clock (`recv_any`, deadlines) resolves only in a poll whose time is the party's
//! clock, after all deliveries of that instant; otherwise it sets a timer at the clock.

use std::future::Future;
use std::marker::PhantomData;
use std::pin::Pin;
use std::sync::Arc;
use std::task::{Context, Poll, Waker};
use std::time::Duration;

use crate::ctx::Ctx;
use crate::mailbox::{Letter, Wait};
use crate::message::Body;
use crate::state::PartyState;
use crate::vocabulary::{Abort, PartyId, PerParty};
use crate::wire::Wire;

/// Why a receive with a deadline has no message of a party.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Missing {
    /// Nothing came before the deadline.
    NotYet,
    /// The sender ended.
    Closed,
    /// What came is no encoding of the expected shape.
    Malformed(String),
}

/// A receive of one message from each of some parties: what all receives here are made of.
struct Awaited {
    ctx: Ctx,
    peers: Vec<PartyId>,
    /// The wait, once a poll found something missing.
    wait: Option<u32>,
    drawn: bool,
    done: bool,
}

/// What is taken from one of the awaited.
enum Taken {
    Letter(Arc<Body>),
    Closed,
    NotYet,
}

impl Awaited {
    fn new(ctx: Ctx, peers: impl IntoIterator<Item = PartyId>) -> Awaited {
        Awaited { ctx, peers: peers.into_iter().collect(), wait: None, drawn: false, done: false }
    }

    /// Draws tickets at the first poll; a patience becomes a deadline from the clock.
    fn draw(&mut self, state: &mut PartyState, enough: Option<u32>, patience_ns: Option<u64>) {
        self.drawn = true;
        let slot = self.ctx.slot();
        state.act(slot);
        let nodes = state.common.nodes();
        let me = state.id;
        if let Some(bad) = self.peers.iter().find(|p| **p == me || p.index() >= nodes) {
            let what = format!("receives from {bad} in {}", state.path(slot));
            state.report_bug(what);
            self.peers.clear();
        }
        let patience_ns = patience_ns.or(state.common.synchrony_ns);
        let deadline_ns = patience_ns.map(|patience| state.clock_ns.saturating_add(patience));
        let wait = Wait { enough, deadline_ns, scope: slot, ..Wait::default() };
        let wait = state.open_wait(wait);
        let mut missing = 0;
        for peer in &self.peers {
            let Some(scope) = state.scopes.get(slot) else { break };
            let channel = scope.channel(peer.0, nodes);
            let served = state.mail.draw_ticket(channel, (slot, peer.0), wait);
            missing += u32::from(!served);
        }
        let closed = self.peers.iter().any(|peer| state.is_closed(*peer));
        let present = self.peers.len() as u32 - missing;
        if let Some(wait) = state.mail.wait(wait) {
            (wait.missing, wait.present, wait.closed) = (missing, present, closed);
        }
        self.wait = Some(wait);
        if let Some(deadline) = deadline_ns {
            let generation = state.mail.generation(wait);
            state.timers.push((deadline, wait, generation));
        }
    }

    /// Whether every ticket has its message or a closed peer.
    fn is_settled(&self, state: &mut PartyState) -> bool {
        let Some((missing, closed)) =
            self.wait.and_then(|w| state.mail.wait(w)).map(|wait| (wait.missing, wait.closed))
        else {
            return true;
        };
        missing == 0 || (closed && self.count(state).1 == 0)
    }

    /// Messages present, and messages that may still come.
    fn count(&self, state: &mut PartyState) -> (usize, usize) {
        let (slot, nodes) = (self.ctx.slot(), state.common.nodes());
        let (mut present, mut open) = (0, 0);
        for peer in &self.peers {
            let Some(scope) = state.scopes.get(slot) else { continue };
            let channel = scope.channel(peer.0, nodes);
            let at = self.wait.and_then(|w| state.mail.position(channel, (slot, peer.0), w));
            if at.is_some_and(|at| at < channel.queued()) {
                present += 1;
            } else if !state.is_closed(*peer) {
                open += 1;
            }
        }
        (present, open)
    }

    fn is_past_deadline(&self, state: &mut PartyState) -> bool {
        let deadline = self.wait.and_then(|w| state.mail.wait(w)).and_then(|w| w.deadline_ns);
        deadline.is_some_and(|deadline| state.clock_ns >= deadline)
    }

    fn sleep(&self, state: &mut PartyState, waker: &Waker) {
        if let Some(wait) = self.wait.and_then(|w| state.mail.wait(w)) {
            wait.waker = Some(waker.clone());
        }
    }

    /// Asks to be polled again when the time has come up to the party's clock.
    fn wait_for_clock(&self, state: &mut PartyState, waker: &Waker) {
        self.sleep(state, waker);
        if let Some(wait) = self.wait {
            let generation = state.mail.generation(wait);
            let clock = state.clock_ns;
            state.timers.push((clock, wait, generation));
        }
    }

    /// Takes what is there; tickets without a message are closed.
    fn finish(&mut self, state: &mut PartyState) -> Vec<(PartyId, Taken)> {
        self.done = true;
        let (slot, nodes) = (self.ctx.slot(), state.common.nodes());
        let mut taken = Vec::with_capacity(self.peers.len());
        let Some(wait) = self.wait else { return taken };
        let (before, mut raised_to) = (state.depth.total, 0);
        for peer in &self.peers {
            let place = (slot, peer.0);
            let Some(scope) = state.scopes.get(slot) else { break };
            let channel = scope.channel(peer.0, nodes);
            let Some(at) = state.mail.position(channel, place, wait) else { continue };
            let letter: Option<Letter> =
                if at < channel.queued() { state.mail.take(channel, at) } else { None };
            let result = match letter {
                Some(letter) => {
                    state.mail.remove_ticket(channel, place, at);
                    if !state.common.is_ideal(peer.0) {
                        raised_to = raised_to.max(letter.depth_total);
                    }
                    state.consume(slot, peer.0, &letter);
                    Taken::Letter(letter.body)
                }
                None => {
                    state.mail.close_ticket(channel, place, at);
                    if state.is_closed(*peer) { Taken::Closed } else { Taken::NotYet }
                }
            };
            taken.push((*peer, result));
        }
        state.raised(slot, before, raised_to);
        state.close_wait(wait);
        taken
    }

    /// Polls to the end of a plain receive: all settled, or the synchrony bound passed.
    fn poll_all(&mut self, cx: &Context<'_>) -> Poll<Vec<(PartyId, Taken)>> {
        self.poll_until(cx, None, None)
    }

    fn poll_until(
        &mut self,
        cx: &Context<'_>,
        enough: Option<u32>,
        patience_ns: Option<u64>,
    ) -> Poll<Vec<(PartyId, Taken)>> {
        let ctx = self.ctx.clone();
        let mut state = ctx.lock();
        let is_first = !self.drawn;
        if is_first {
            self.draw(&mut state, enough, patience_ns);
        }
        if self.is_settled(&mut state) {
            return Poll::Ready(self.finish(&mut state));
        }
        if is_first && self.is_past_deadline(&mut state) {
            // Without patience: the kernel gets its turn, so that it sees who only asks and asks.
            self.wait_for_clock(&mut state, cx.waker());
            return Poll::Pending;
        }
        let has_enough = enough.is_some_and(|enough| self.count(&mut state).0 >= enough as usize);
        if has_enough || self.is_past_deadline(&mut state) {
            if state.now_ns >= state.clock_ns {
                return Poll::Ready(self.finish(&mut state));
            }
            self.wait_for_clock(&mut state, cx.waker());
            return Poll::Pending;
        }
        self.sleep(&mut state, cx.waker());
        Poll::Pending
    }
}

impl Drop for Awaited {
    /// A dropped receive loses nothing: its messages go to the next one.
    fn drop(&mut self) {
        let (Some(wait), false) = (self.wait, self.done) else { return };
        let slot = self.ctx.slot();
        let mut wakers = Vec::new();
        {
            let mut state = self.ctx.lock();
            let state = &mut *state;
            let nodes = state.common.nodes();
            for peer in &self.peers {
                let Some(scope) = state.scopes.get(slot) else { break };
                let channel = scope.channel(peer.0, nodes);
                wakers.extend(state.mail.return_ticket(channel, (slot, peer.0), wait));
                // Its message may be there, and now be anybody's.
                wakers.append(&mut scope.any);
            }
            state.close_wait(wait);
        }
        wakers.into_iter().for_each(Waker::wake);
    }
}

fn decode<M: Wire>(ctx: &Ctx, from: PartyId, body: &Body, shape: &M::Shape) -> Result<M, Abort> {
    M::decode(&body.bytes, shape).map_err(|why| {
        let scope = ctx.path();
        ctx.abort(Abort::Malformed { from, scope, reason: why.0 })
    })
}

fn open<M: Wire>(ctx: &Ctx, from: PartyId, taken: Taken, shape: &M::Shape) -> Result<M, Abort> {
    match taken {
        Taken::Letter(body) => decode(ctx, from, &body, shape),
        Taken::Closed => Err(ctx.abort(Abort::Closed { from, scope: ctx.path() })),
        Taken::NotYet => Err(ctx.abort(Abort::Missing { from, scope: ctx.path() })),
    }
}

fn open_late<M: Wire>(taken: Taken, shape: &M::Shape) -> Result<M, Missing> {
    match taken {
        Taken::Letter(body) => M::decode(&body.bytes, shape).map_err(|m| Missing::Malformed(m.0)),
        Taken::Closed => Err(Missing::Closed),
        Taken::NotYet => Err(Missing::NotYet),
    }
}

/// Future of [`Ctx::recv`].
pub struct Recv<M: Wire> {
    awaited: Awaited,
    shape: M::Shape,
}

impl<M: Wire> Recv<M> {
    pub(crate) fn new(ctx: Ctx, from: PartyId, shape: M::Shape) -> Self {
        Recv { awaited: Awaited::new(ctx, [from]), shape }
    }
}

impl<M: Wire> Unpin for Recv<M> {}

impl<M: Wire> Future for Recv<M> {
    type Output = Result<M, Abort>;
    fn poll(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<Self::Output> {
        let this = &mut *self;
        let taken = std::task::ready!(this.awaited.poll_all(cx));
        Poll::Ready(match taken.into_iter().next() {
            Some((from, taken)) => open(&this.awaited.ctx, from, taken, &this.shape),
            None => Err(Abort::Bug("receives from nobody".to_owned())),
        })
    }
}

/// Future of [`Ctx::gather`].
pub struct Gather<M: Wire> {
    awaited: Awaited,
    shape: M::Shape,
}

impl<M: Wire> Gather<M> {
    pub(crate) fn new(ctx: Ctx, from: impl IntoIterator<Item = PartyId>, shape: M::Shape) -> Self {
        Gather { awaited: Awaited::new(ctx, from), shape }
    }
}

impl<M: Wire> Unpin for Gather<M> {}

impl<M: Wire> Future for Gather<M> {
    type Output = Result<PerParty<M>, Abort>;
    fn poll(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<Self::Output> {
        let this = &mut *self;
        let taken = std::task::ready!(this.awaited.poll_all(cx));
        let (ctx, shape) = (&this.awaited.ctx, &this.shape);
        let opened = taken.into_iter().map(|(from, t)| Ok((from, open(ctx, from, t, shape)?)));
        Poll::Ready(opened.collect())
    }
}

/// Future of [`Ctx::recv_until`].
pub struct RecvUntil<M: Wire> {
    awaited: Awaited,
    shape: M::Shape,
    patience_ns: u64,
}

impl<M: Wire> RecvUntil<M> {
    pub(crate) fn new(ctx: Ctx, from: PartyId, shape: M::Shape, patience: Duration) -> Self {
        RecvUntil { awaited: Awaited::new(ctx, [from]), shape, patience_ns: nanos(patience) }
    }
}

impl<M: Wire> Unpin for RecvUntil<M> {}

impl<M: Wire> Future for RecvUntil<M> {
    type Output = Result<M, Missing>;
    fn poll(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<Self::Output> {
        let this = &mut *self;
        let taken = std::task::ready!(this.awaited.poll_until(cx, None, Some(this.patience_ns)));
        let taken = taken.into_iter().next().map_or(Taken::NotYet, |(_, taken)| taken);
        Poll::Ready(open_late(taken, &this.shape))
    }
}

/// Future of [`Ctx::gather_until`].
pub struct GatherUntil<M: Wire> {
    awaited: Awaited,
    shape: M::Shape,
    at_least: u32,
    patience_ns: u64,
}

impl<M: Wire> GatherUntil<M> {
    pub(crate) fn new(ctx: Ctx, shape: M::Shape, at_least: usize, patience: Duration) -> Self {
        let others: Vec<PartyId> = ctx.others().collect();
        let awaited = Awaited::new(ctx, others);
        let at_least = u32::try_from(at_least).unwrap_or(u32::MAX);
        GatherUntil { awaited, shape, at_least, patience_ns: nanos(patience) }
    }
}

impl<M: Wire> Unpin for GatherUntil<M> {}

impl<M: Wire> Future for GatherUntil<M> {
    type Output = PerParty<Result<M, Missing>>;
    fn poll(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<Self::Output> {
        let this = &mut *self;
        let (enough, patience) = (Some(this.at_least), Some(this.patience_ns));
        let taken = std::task::ready!(this.awaited.poll_until(cx, enough, patience));
        let opened = taken.into_iter().map(|(from, taken)| (from, open_late(taken, &this.shape)));
        Poll::Ready(opened.collect())
    }
}

/// Future of [`Ctx::recv_any`].
pub struct RecvAny<M: Wire> {
    ctx: Ctx,
    shape: M::Shape,
    acted: bool,
    /// Timer and place in the report of a stalled run.
    wait: Option<u32>,
    message: PhantomData<fn() -> M>,
}

impl<M: Wire> RecvAny<M> {
    pub(crate) fn new(ctx: Ctx, shape: M::Shape) -> Self {
        RecvAny { ctx, shape, acted: false, wait: None, message: PhantomData }
    }

    /// The earliest arrival that no other receive lays claim to.
    fn earliest(&self, state: &mut PartyState) -> Option<u32> {
        let scope = state.scopes.get(self.ctx.slot())?;
        let mail = &state.mail;
        let channels = scope.channels().iter().enumerate();
        let first = channels.filter_map(|(at, c)| Some((mail.first_unclaimed(c)?, at as u32)));
        first.min().map(|(_, peer)| peer)
    }
}

impl<M: Wire> Unpin for RecvAny<M> {}

impl<M: Wire> Future for RecvAny<M> {
    type Output = Result<(PartyId, M), Abort>;
    fn poll(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<Self::Output> {
        let this = &mut *self;
        let ctx = this.ctx.clone();
        let slot = ctx.slot();
        let mut guard = ctx.lock();
        let state = &mut *guard;
        if !this.acted {
            this.acted = true;
            state.act(slot);
            this.wait = Some(state.open_wait(Wait { scope: slot, ..Wait::default() }));
        }
        if let Some(scope) = state.scopes.get(slot)
            && !scope.any.iter().any(|waker| waker.will_wake(cx.waker()))
        {
            scope.any.push(cx.waker().clone());
        }
        let Some(peer) = this.earliest(state) else {
            if let Some(closed) = ctx.others().find(|peer| state.is_closed(*peer))
                && ctx.others().all(|peer| state.is_closed(peer))
            {
                let scope = state.path(slot);
                return Poll::Ready(Err(Abort::Closed { from: closed, scope }));
            }
            return Poll::Pending;
        };
        if state.now_ns < state.clock_ns {
            if let Some(wait) = this.wait {
                let timer = (state.clock_ns, wait, state.mail.generation(wait));
                if let Some(wait) = state.mail.wait(wait) {
                    wait.waker = Some(cx.waker().clone());
                }
                state.timers.push(timer);
            }
            return Poll::Pending;
        }
        let nodes = state.common.nodes();
        let Some(scope) = state.scopes.get(slot) else { return Poll::Pending };
        let channel = scope.channel(peer, nodes);
        let position = channel.queued() - channel.unclaimed();
        let Some(letter) = state.mail.take(channel, position) else { return Poll::Pending };
        if !state.common.is_ideal(peer) {
            state.raised(slot, state.depth.total, letter.depth_total);
        }
        state.consume(slot, peer, &letter);
        drop(guard);
        let from = PartyId(peer);
        Poll::Ready(decode(&ctx, from, &letter.body, &this.shape).map(|m| (from, m)))
    }
}

impl<M: Wire> Drop for RecvAny<M> {
    fn drop(&mut self) {
        if let Some(wait) = self.wait {
            self.ctx.lock().close_wait(wait);
        }
    }
}

pub(crate) fn nanos(duration: Duration) -> u64 {
    u64::try_from(duration.as_nanos()).unwrap_or(u64::MAX)
}
