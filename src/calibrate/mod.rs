//! What this machine takes for every op: the prices of a compute profile.
//!
//! Each op is timed by the CPU time of one thread, in calls of several sizes; a line through them
//! is its price for a call and for a unit. All ops are timed once per round, so that what disturbs
//! the machine for a while disturbs all of them, and not one. Rounds go on until the medians stand.

mod fit;
mod frames;

use std::collections::BTreeMap;
use std::io;

use mpclab_protocols::{algebra, garbled, primitives};
use mpclab_sim::compute::{CpuClock, Price};
use mpclab_sim::handling;
use mpclab_sim::vocabulary::Op;

use crate::runner::ThreadCpu;

/// Units of a call: from what stays in a cache to what does not.
const SIZES: [usize; 4] = [1, 64, 16_384, 262_144];

/// A call that takes longer is not timed, once there are two sizes: transfers of many megabytes,
/// points by the thousand.
const LONGEST_PS: f64 = 3e10;

/// Rounds that every op has.
const ROUNDS: usize = 9;

/// Rounds that an op has at most, unless somebody says otherwise.
pub const MOST_ROUNDS: usize = 45;

/// How far a median may be off, over itself: beyond it an op gets another round.
pub const SPREAD: f64 = 0.05;

/// How far the medians of both halves of the rounds may be apart, over the smaller one, before the
/// machine counts as noisy.
const DRIFT: f64 = 0.15;

/// Every op that a profile has to price: those of the kernel, then those of primitives, and what
/// single protocols do in a way of their own.
pub fn ops() -> impl Iterator<Item = Op> {
    handling::OPS.into_iter().chain(algebra::ops()).chain(primitives::ops()).chain(garbled::ops())
}

/// What an op was found to take.
#[derive(Clone, Debug)]
pub struct Calibrated {
    /// Which.
    pub op: Op,
    /// Its price.
    pub price: Price,
    /// How far the medians behind it may be off, over themselves: at one size, the worst.
    pub spread: f64,
    /// How far its line is off what was timed, over that: at one size, the worst.
    pub misfit: f64,
    /// How far the first half of the rounds was from the second, over the smaller one.
    pub drift: f64,
    /// How often it was timed at each size.
    pub rounds: usize,
}

impl Calibrated {
    /// Whether its rounds ended at their limit, not because their median stood.
    #[must_use]
    pub fn is_unsettled(&self) -> bool {
        self.spread > SPREAD
    }

    /// Whether both halves of the rounds disagree.
    #[must_use]
    pub fn drifted(&self) -> bool {
        self.drift > DRIFT
    }
}

/// Ops that are timed by turns.
pub struct Bench {
    subjects: Vec<Vec<Timed>>,
}

impl Bench {
    /// All ops; about so many milliseconds go to each in the least rounds.
    ///
    /// # Errors
    /// If the machine has no sockets to send frames through.
    pub fn new(millis: u64) -> io::Result<Bench> {
        let sample_ns = (millis * 1_000_000 / (ROUNDS * SIZES.len()) as u64).max(10_000);
        let subjects = ops().map(|op| of_sizes(op, sample_ns));
        Ok(Bench { subjects: subjects.collect::<io::Result<_>>()? })
    }

    /// Times these ops once at each of their sizes.
    ///
    /// # Errors
    /// As for [`Bench::new`].
    pub fn round(&mut self, these: impl Fn(&Op) -> bool) -> io::Result<()> {
        let these = self.subjects.iter_mut().filter(|of_op| these(&of_op[0].op));
        these.flatten().try_for_each(Timed::sample)
    }

    /// Another round of all, of those that do not stand after the first ones; whether there were
    /// any.
    fn settle(&mut self, round: usize) -> io::Result<bool> {
        let stands = |of_op: &[Timed]| {
            round >= ROUNDS && of_op.iter().all(|timed| fit::spread(&timed.samples) <= SPREAD)
        };
        let mut rest = self.subjects.iter_mut().filter(|of_op| !stands(of_op)).peekable();
        let any = rest.peek().is_some();
        rest.flatten().try_for_each(Timed::sample)?;
        Ok(any)
    }

    /// Forgets what was timed.
    pub fn forget(&mut self) {
        self.subjects.iter_mut().flatten().for_each(|timed| timed.samples.clear());
    }

    /// What those that were timed take.
    #[must_use]
    pub fn prices(&self) -> BTreeMap<String, Price> {
        let timed = self.subjects.iter().filter(|of_op| !of_op[0].samples.is_empty());
        timed.map(|of_op| (of_op[0].op.key.to_owned(), calibrated(of_op).price)).collect()
    }
}

/// Times all ops; about so many milliseconds go to each in nine rounds, of which there are so many at
/// most where the machine is noisy.
///
/// # Errors
/// If the machine has no sockets to send frames through.
pub fn calibrate(millis: u64, most_rounds: usize) -> io::Result<Vec<Calibrated>> {
    let mut bench = Bench::new(millis)?;
    for round in 0..most_rounds {
        if !bench.settle(round)? {
            break;
        }
    }
    Ok(bench.subjects.iter().map(|of_op| calibrated(of_op)).collect())
}

/// An op at as many sizes as are affordable.
fn of_sizes(op: Op, sample_ns: u64) -> io::Result<Vec<Timed>> {
    let mut sizes: Vec<Timed> = Vec::new();
    for units in SIZES {
        if let [_, .., last] = &mut sizes[..] {
            last.sample()?;
            let call_ps = last.samples.pop().unwrap_or(0.0);
            if call_ps / last.units as f64 * units as f64 > LONGEST_PS {
                break;
            }
        }
        sizes.push(Timed::new(op, units, sample_ns)?);
    }
    Ok(sizes)
}

fn calibrated(of_op: &[Timed]) -> Calibrated {
    let worst = |of: fn(&[f64]) -> f64| of_op.iter().map(|t| of(&t.samples)).fold(0.0, f64::max);
    let points: Vec<(f64, f64)> =
        of_op.iter().map(|t| (t.units as f64, fit::median(&t.samples))).collect();
    let (call, unit) = fit::line(&points);
    let misfit = points.iter().map(|(units, ps)| ((call + unit * units) / ps - 1.0).abs());
    Calibrated {
        op: of_op[0].op,
        price: Price { call_ps: call.round() as u64, unit_ps: (unit.round() as u64).max(1) },
        spread: worst(fit::spread),
        misfit: misfit.fold(0.0, f64::max),
        drift: worst(fit::drift),
        rounds: of_op.iter().map(|t| t.samples.len()).max().unwrap_or(0),
    }
}

/// One op at one size.
struct Timed {
    op: Op,
    units: usize,
    calls: u64,
    /// Picoseconds of a call.
    samples: Vec<f64>,
}

impl Timed {
    fn new(op: Op, units: usize, sample_ns: u64) -> io::Result<Self> {
        let mut timed = Timed { op, units, calls: 1, samples: Vec::new() };
        // Doubled until what a sample counts takes long enough for the clock, and not by chance.
        while timed.calls < 1 << 30 {
            let mut least_ns = u64::MAX;
            for _ in 0..3 {
                least_ns = least_ns.min(timed.calls_ns()?);
            }
            if least_ns >= sample_ns {
                break;
            }
            timed.calls *= 2;
        }
        Ok(timed)
    }

    /// CPU time of so many calls and what they need around them.
    fn time_ns(&self, calls: u64) -> io::Result<u64> {
        let start_ns = ThreadCpu.thread_ns();
        match self.op.work {
            Some(work) => work(calls, self.units),
            None => return frames::time_ns(self.op, calls, self.units),
        }
        Ok(ThreadCpu.thread_ns() - start_ns)
    }

    /// Twice the calls less once: what they need around them drops out.
    fn calls_ns(&self) -> io::Result<u64> {
        let once_ns = self.time_ns(self.calls)?;
        Ok(self.time_ns(2 * self.calls)?.saturating_sub(once_ns))
    }

    fn sample(&mut self) -> io::Result<()> {
        let ns = self.calls_ns()? as f64;
        self.samples.push((ns * 1000.0 / self.calls as f64).max(1.0));
        Ok(())
    }
}
