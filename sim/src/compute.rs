//! What computing costs in virtual time.

use std::collections::BTreeMap;
use std::sync::Arc;

use crate::handling::{self, Handling};
use crate::metrics::Charged;
use crate::vocabulary::Op;

/// What an op takes on one core: each call, and each unit of it.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Price {
    /// Picoseconds for a call, however many units it has.
    pub call_ps: u64,
    /// Picoseconds for a unit.
    pub unit_ps: u64,
}

impl Price {
    /// Picoseconds for so many calls with so many units in all.
    #[must_use]
    pub fn of(&self, charged: Charged) -> u64 {
        let calls = self.call_ps.saturating_mul(charged.calls);
        calls.saturating_add(self.unit_ps.saturating_mul(charged.units))
    }
}

/// Calibrated prices of primitives on some machine.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Profile {
    /// Name in records.
    pub name: String,
    /// What each op takes, by [`crate::vocabulary::Op::key`].
    pub prices: BTreeMap<String, Price>,
    /// Cores of a party; they share ops that are marked parallel.
    pub cores: u32,
}

/// A clock that counts the CPU time of the calling thread; the kernel itself has none.
pub trait CpuClock: Send + Sync {
    /// CPU time of this thread since some fixed moment, nanoseconds.
    fn thread_ns(&self) -> u64;

    /// What a look at it takes, nanoseconds: by so much two looks differ with nothing between them,
    /// and every segment is shorter than they say.
    fn look_ns(&self) -> u64 {
        0
    }
}

/// How compute enters virtual time.
#[derive(Clone, Default)]
pub enum Compute {
    /// Not at all.
    #[default]
    None,
    /// Charges times prices: deterministic.
    Profile(Arc<Profile>),
    /// The CPU time of each segment between sends, receives, changes of scope or strand, and the
    /// ends of polls: not deterministic, and only meaningful one run at a time. Nothing is sent
    /// over a socket here, so what that takes is not in it.
    Measured(Arc<dyn CpuClock>),
    /// Segments recorded by an earlier measured run, by party, nanoseconds.
    Replay(Arc<Vec<Vec<u64>>>),
}

/// A [`crate::Config::slowdown_permille`] that changes nothing.
pub const AS_FAST: u32 = 1000;

/// One party's compute clock: turns charges and segments into time.
pub(crate) struct Meter {
    compute: Compute,
    party: usize,
    /// Time of this party over that of the profile, thousandths.
    slowdown_permille: u32,
    /// What handling a message takes, looked up once; `None` if the profile lacks it.
    handling: [Option<Price>; handling::OPS.len()],
    /// Below a nanosecond, picoseconds.
    remainder_ps: u64,
    /// Whether a segment goes on: the party is polled, and time is what its segments take.
    counts_segments: bool,
    /// When the party's own code went on last, if it is what runs.
    since_ns: Option<u64>,
    /// What it took in this segment before.
    taken_ns: u64,
    pub(crate) segments_ns: Vec<u64>,
    replayed: usize,
}

impl Meter {
    pub(crate) fn new(compute: Compute, party: usize, slowdown_permille: u32) -> Self {
        let handling = match &compute {
            Compute::Profile(profile) => {
                handling::OPS.map(|op| profile.prices.get(op.key).copied())
            }
            _ => [None; handling::OPS.len()],
        };
        Meter {
            compute,
            party,
            slowdown_permille,
            handling,
            remainder_ps: 0,
            counts_segments: false,
            since_ns: None,
            taken_ns: 0,
            segments_ns: Vec::new(),
            replayed: 0,
        }
    }

    /// Price of a charge; an error if the profile lacks the op.
    pub(crate) fn charge(&mut self, op: Op, charged: Charged) -> Result<Spent, String> {
        let Compute::Profile(profile) = &self.compute else { return Ok(Spent::default()) };
        let price = profile.prices.get(op.key).copied();
        self.price(op, price, charged)
    }

    /// Price of one message's handling; an error if the profile lacks the op.
    pub(crate) fn handle(&mut self, handling: Handling, bytes: u64) -> Result<Spent, String> {
        let Compute::Profile(_) = &self.compute else { return Ok(Spent::default()) };
        let charged = Charged { calls: 1, units: bytes };
        self.price(handling.op(), self.handling[handling as usize], charged)
    }

    fn price(&mut self, op: Op, price: Option<Price>, charged: Charged) -> Result<Spent, String> {
        let Compute::Profile(profile) = &self.compute else { return Ok(Spent::default()) };
        let Some(price) = price else {
            return Err(format!("profile {} has no price for {}", profile.name, op.key));
        };
        let cores = if op.parallel { u64::from(profile.cores.max(1)) } else { 1 };
        let ps = price.of(charged).div_ceil(cores);
        Ok(self.advance(self.slowed(ps)))
    }

    fn slowed(&self, time: u64) -> u64 {
        match self.slowdown_permille {
            AS_FAST => time,
            permille => {
                let slowed = u128::from(time) * u128::from(permille) / u128::from(AS_FAST);
                u64::try_from(slowed).unwrap_or(u64::MAX)
            }
        }
    }

    fn advance(&mut self, ps: u64) -> Spent {
        let sum = self.remainder_ps.saturating_add(ps);
        self.remainder_ps = sum % 1000;
        Spent { clock_ns: sum / 1000, compute_ps: ps }
    }

    /// Whether time is what segments took, so that it matters where one ends.
    pub(crate) fn counts_segments(&self) -> bool {
        self.counts_segments
    }

    pub(crate) fn begin_poll(&mut self) {
        self.counts_segments = matches!(self.compute, Compute::Measured(_) | Compute::Replay(_));
    }

    pub(crate) fn end_poll(&mut self) {
        self.counts_segments = false;
    }

    /// The simulator's turn: what it does is not the party's work.
    pub(crate) fn pause(&mut self) {
        if let (Compute::Measured(clock), Some(since_ns)) = (&self.compute, self.since_ns.take()) {
            let ran_ns = clock.thread_ns().saturating_sub(since_ns);
            self.taken_ns += ran_ns.saturating_sub(clock.look_ns());
        }
    }

    /// The party's code goes on, if it is polled.
    pub(crate) fn resume(&mut self) {
        if let (Compute::Measured(clock), true) = (&self.compute, self.counts_segments) {
            self.since_ns = Some(clock.thread_ns());
        }
    }

    /// Ends a segment: a send, a receive, another scope or strand, or the end of a poll. Outside
    /// of polls there is none.
    pub(crate) fn end_segment(&mut self) -> Spent {
        if !self.counts_segments {
            return Spent::default();
        }
        let ns = match &self.compute {
            Compute::None | Compute::Profile(_) => return Spent::default(),
            Compute::Measured(_) => {
                let spent = std::mem::take(&mut self.taken_ns);
                self.segments_ns.push(spent);
                spent
            }
            Compute::Replay(recorded) => {
                let segments = recorded.get(self.party);
                let spent = segments.and_then(|s| s.get(self.replayed)).copied().unwrap_or(0);
                self.replayed += 1;
                spent
            }
        };
        let ns = self.slowed(ns);
        Spent { clock_ns: ns, compute_ps: ns.saturating_mul(1000) }
    }
}

/// What a charge or a segment took.
#[derive(Clone, Copy, Debug, Default)]
pub(crate) struct Spent {
    pub(crate) clock_ns: u64,
    pub(crate) compute_ps: u64,
}
