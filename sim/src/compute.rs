//! What computing costs in virtual time.

use std::collections::BTreeMap;
use std::sync::Arc;

use crate::vocabulary::Op;

/// Calibrated prices of primitives on some machine.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Profile {
    /// Name in records.
    pub name: String,
    /// Picoseconds of one core for one unit of each op, by [`crate::vocabulary::Op::key`].
    pub price_ps: BTreeMap<String, u64>,
    /// Cores of a party; they share ops that are marked parallel.
    pub cores: u32,
}

/// A clock that counts the CPU time of the calling thread; the kernel itself has none.
pub trait CpuClock: Send + Sync {
    /// CPU time of this thread since some fixed moment, nanoseconds.
    fn thread_ns(&self) -> u64;
}

/// How compute enters virtual time.
#[derive(Clone, Default)]
pub enum Compute {
    /// Not at all.
    #[default]
    None,
    /// Charges times prices: deterministic.
    Profile(Arc<Profile>),
    /// The CPU time of each segment between sends, receives and the ends of polls: not
    /// deterministic, and only meaningful one run at a time.
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
    /// Below a nanosecond, picoseconds.
    remainder_ps: u64,
    segment_start_ns: u64,
    pub(crate) segments_ns: Vec<u64>,
    replayed: usize,
}

impl Meter {
    pub(crate) fn new(compute: Compute, party: usize, slowdown_permille: u32) -> Self {
        Meter {
            compute,
            party,
            slowdown_permille,
            remainder_ps: 0,
            segment_start_ns: 0,
            segments_ns: Vec::new(),
            replayed: 0,
        }
    }

    /// Price of `times` units; an error if the profile lacks the op.
    pub(crate) fn charge(&mut self, op: Op, times: u64) -> Result<Spent, String> {
        let Compute::Profile(profile) = &self.compute else { return Ok(Spent::default()) };
        let Some(price) = profile.price_ps.get(op.key) else {
            return Err(format!("profile {} has no price for {}", profile.name, op.key));
        };
        let cores = if op.parallel { u64::from(profile.cores.max(1)) } else { 1 };
        let ps = price.saturating_mul(times).div_ceil(cores);
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

    pub(crate) fn begin_poll(&mut self) {
        if let Compute::Measured(clock) = &self.compute {
            self.segment_start_ns = clock.thread_ns();
        }
    }

    /// Ends a segment: a send, a receive or the end of a poll.
    pub(crate) fn end_segment(&mut self) -> Spent {
        let ns = match &self.compute {
            Compute::None | Compute::Profile(_) => return Spent::default(),
            Compute::Measured(clock) => {
                let now = clock.thread_ns();
                let spent = now.saturating_sub(self.segment_start_ns);
                self.segment_start_ns = now;
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
