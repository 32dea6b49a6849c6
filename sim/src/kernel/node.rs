use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex};
use std::task::{Context, Poll, Wake, Waker};

use super::PartyFuture;
use crate::ctx::lock;
use crate::state::PartyState;
use crate::vocabulary::Abort;

/// Set when a leaf future of the party was woken; the kernel polls it in the same instant.
#[derive(Default)]
struct Flag(AtomicBool);

impl Wake for Flag {
    fn wake(self: Arc<Self>) {
        self.0.store(true, Ordering::Relaxed);
    }
    fn wake_by_ref(self: &Arc<Self>) {
        self.0.store(true, Ordering::Relaxed);
    }
}

pub(super) enum Code<T> {
    Party(PartyFuture<T>),
    Ideal(PartyFuture<()>),
}

/// Where a node stands.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Life {
    Running,
    /// Its code ended, at a clock that virtual time has not reached.
    Ending,
    Ended,
    Crashed,
}

/// Cancels what an earlier life stamped at or after a time.
#[derive(Clone, Copy, Debug)]
pub(super) struct Cancel {
    pub(super) from_ns: u64,
    pub(super) below_seq: u64,
}

pub(super) struct Node<T> {
    pub(super) state: Arc<Mutex<PartyState>>,
    pub(super) code: Option<Code<T>>,
    flag: Arc<Flag>,
    waker: Waker,
    pub(super) life: Life,
    /// Whether peers are told that nothing more comes.
    pub(super) has_closed: bool,
    /// Counts restarts, to tell a finish of an earlier life.
    pub(super) lives: u32,
    pub(super) is_queued: bool,
    /// Messages, closes and timers so far: the last part of event keys.
    pub(super) seq: u64,
    pub(super) timer_seq: u64,
    pub(super) paused_until_ns: Option<u64>,
    pub(super) cancel: Option<Cancel>,
    pub(super) result: Option<Result<T, Abort>>,
    pub(super) end_ns: u64,
    polls: (u64, u32),
}

impl<T> Node<T> {
    pub(super) fn new(state: Arc<Mutex<PartyState>>) -> Self {
        let flag = Arc::new(Flag::default());
        Node {
            state,
            code: None,
            waker: Waker::from(Arc::clone(&flag)),
            flag,
            life: Life::Running,
            has_closed: false,
            lives: 0,
            is_queued: false,
            seq: 0,
            timer_seq: 0,
            paused_until_ns: None,
            cancel: None,
            result: None,
            end_ns: 0,
            polls: (0, 0),
        }
    }

    pub(super) fn take_woken(&self) -> bool {
        self.flag.0.swap(false, Ordering::Relaxed)
    }

    pub(super) fn next_seq(&mut self) -> u64 {
        self.seq += 1;
        self.seq
    }

    /// Counts polls in one instant.
    pub(super) fn count_poll(&mut self, now_ns: u64) -> u32 {
        let count = if self.polls.0 == now_ns { self.polls.1 + 1 } else { 1 };
        self.polls = (now_ns, count);
        count
    }

    /// Polls the code at this time; `Some` when it ended.
    pub(super) fn poll(&mut self, now_ns: u64) -> Option<Option<Result<T, Abort>>> {
        {
            let mut state = lock(&self.state);
            state.now_ns = now_ns;
            state.clock_ns = state.clock_ns.max(now_ns);
            state.begin_poll();
        }
        let mut cx = Context::from_waker(&self.waker);
        let polled = match self.code.as_mut()? {
            Code::Party(code) => code.as_mut().poll(&mut cx).map(Some),
            Code::Ideal(code) => code.as_mut().poll(&mut cx).map(|_| None),
        };
        {
            let mut state = lock(&self.state);
            state.end_poll();
        }
        match polled {
            Poll::Pending => None,
            Poll::Ready(result) => {
                self.code = None;
                Some(result)
            }
        }
    }
}
