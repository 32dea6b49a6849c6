//! A processor-sharing server, simulated by virtual time.
//!
//! The server gives each active flow the same rate. Instead of counting down every job on every
//! change, it counts the service that *one* flow has got so far, and a job is done when that count
//! reaches the job's finish tag: a change costs O(log flows), not O(flows).
//!
//! All arithmetic is on integers. Service is counted in grains of 1/4096 byte, because then a grain
//! is exactly 1 953 125 bit/s x ns of work; what a division leaves over is carried along, so
//! that a busy server loses no work to rounding, however often it is disturbed.

use std::cmp::Reverse;
use std::collections::BinaryHeap;
use std::collections::binary_heap::PeekMut;

/// Grains per byte.
const GRAINS: u64 = 4096;
/// Work per grain; work is measured in bit/s x ns.
const WORK_PER_GRAIN: u64 = 1_953_125;
/// Work per byte.
const WORK_PER_BYTE: u128 = 8_000_000_000;
/// No event is asked for.
const NEVER: u64 = u64::MAX;

/// One active flow and the job at its head. Ordered by what it is, not by when it came.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
struct Job {
    /// Service at which the job is done, grains.
    tag: u64,
    /// The flow's other end: unique within the server.
    peer: u32,
    flow: u32,
}

/// A capacity that is shared equally among the flows that have bytes queued at it.
#[derive(Debug)]
pub(super) struct Server {
    bps: u64,
    jobs: BinaryHeap<Reverse<Job>>,
    /// What each flow that stayed active since the server was last idle has got, grains.
    service: u64,
    /// Work done but not yet counted in `service`.
    rest: u64,
    /// Work that could have been done while idle.
    spare: u128,
    updated_ns: u64,
    asked_ns: u64,
    generation: u64,
}

impl Server {
    /// A server of `bps` bit/s, at least 1.
    pub(super) fn new(bps: u64) -> Self {
        Server {
            bps: bps.max(1),
            jobs: BinaryHeap::new(),
            service: 0,
            rest: 0,
            spare: 0,
            updated_ns: 0,
            asked_ns: NEVER,
            generation: 0,
        }
    }

    /// What all flows share, bit/s.
    pub(super) fn bps(&self) -> u64 {
        self.bps
    }

    /// How many flows share it now.
    pub(super) fn active(&self) -> u32 {
        self.jobs.len() as u32
    }

    /// Lets time pass.
    fn advance(&mut self, now_ns: u64) {
        debug_assert!(now_ns >= self.updated_ns, "time runs forward");
        let elapsed_ns = now_ns.saturating_sub(self.updated_ns);
        self.updated_ns = now_ns;
        if self.jobs.is_empty() {
            let work = u128::from(elapsed_ns) * u128::from(self.bps);
            self.spare = self.spare.saturating_add(work);
            return;
        }
        let per_grain = self.jobs.len() as u64 * WORK_PER_GRAIN;
        let narrow = elapsed_ns.checked_mul(self.bps).and_then(|w| w.checked_add(self.rest));
        let (grains, rest) = match narrow {
            Some(work) => (work / per_grain, work % per_grain),
            None => {
                let work = u128::from(elapsed_ns) * u128::from(self.bps) + u128::from(self.rest);
                let grains = u64::try_from(work / u128::from(per_grain)).unwrap_or(u64::MAX);
                (grains, (work % u128::from(per_grain)) as u64)
            }
        };
        self.service = self.service.saturating_add(grains);
        self.rest = rest;
    }

    /// Bytes arrive that flowed in during the last `window_ns`: serves what it can of them from
    /// capacity that was idle meanwhile, and returns the grains that are left.
    ///
    /// A transfer comes in chunks, but its bytes are a stream: what passed while the chunk was
    /// still flowing in need not be served again after its last byte. Older idle time is void.
    pub(super) fn pass(&mut self, now_ns: u64, window_ns: u64, bytes: u64) -> u64 {
        self.advance(now_ns);
        let wanted = u128::from(bytes) * WORK_PER_BYTE;
        self.spare = self.spare.min(u128::from(window_ns) * u128::from(self.bps));
        let left = wanted.saturating_sub(self.spare);
        self.spare -= wanted - left;
        u64::try_from(left.div_ceil(u128::from(WORK_PER_GRAIN))).unwrap_or(u64::MAX)
    }

    /// A flow becomes active with a job of this many grains.
    pub(super) fn join(&mut self, now_ns: u64, flow: u32, peer: u32, grains: u64) {
        self.advance(now_ns);
        self.spare = 0;
        let tag = self.service.saturating_add(grains);
        self.jobs.push(Reverse(Job { tag, peer, flow }));
    }

    /// The event that was asked for comes up. Returns false if a newer one has replaced it.
    pub(super) fn wake(&mut self, now_ns: u64, generation: u64) -> bool {
        if generation != self.generation {
            return false;
        }
        self.asked_ns = NEVER;
        self.advance(now_ns);
        true
    }

    /// The flow whose job is done, if any; it stays first until [`Server::proceed`].
    pub(super) fn done(&self) -> Option<u32> {
        self.jobs.peek().filter(|job| job.0.tag <= self.service).map(|job| job.0.flow)
    }

    /// The flow that is done goes on with its next job, or becomes inactive.
    pub(super) fn proceed(&mut self, next_grains: Option<u64>) {
        let Some(mut first) = self.jobs.peek_mut() else { return };
        match next_grains {
            Some(grains) => first.0.tag = first.0.tag.saturating_add(grains),
            None => {
                PeekMut::pop(first);
                self.settle();
            }
        }
    }

    /// Takes all flows off.
    pub(super) fn clear(&mut self, now_ns: u64) {
        self.advance(now_ns);
        self.jobs.clear();
        self.settle();
    }

    /// Counts afresh if the server is idle, so that the count never comes near its end.
    fn settle(&mut self) {
        if self.jobs.is_empty() {
            self.service = 0;
            self.rest = 0;
        }
    }

    /// When to wake the server and with which generation, unless an event that is early enough is
    /// on its way: waking too early is harmless, and cheaper than a new event for each arrival.
    pub(super) fn ask(&mut self) -> Option<(u64, u64)> {
        let tag = self.jobs.peek()?.0.tag;
        let at_ns = self.updated_ns.saturating_add(self.time_until(tag));
        if at_ns >= self.asked_ns {
            return None;
        }
        self.asked_ns = at_ns;
        self.generation += 1;
        Some((at_ns, self.generation))
    }

    fn time_until(&self, tag: u64) -> u64 {
        let grains = tag.saturating_sub(self.service);
        let per_grain = self.jobs.len() as u64 * WORK_PER_GRAIN;
        match grains.checked_mul(per_grain) {
            Some(work) => work.saturating_sub(self.rest).div_ceil(self.bps),
            None => {
                let work = u128::from(grains) * u128::from(per_grain) - u128::from(self.rest);
                u64::try_from(work.div_ceil(u128::from(self.bps))).unwrap_or(NEVER)
            }
        }
    }
}

/// A job's size, grains.
pub(super) fn grains(bytes: u64) -> u64 {
    bytes.saturating_mul(GRAINS)
}

/// Time to serialise this many bytes at this rate, nanoseconds, rounded up.
pub(super) fn serialise_ns(bytes: u64, bps: u64) -> u64 {
    let work = u128::from(bytes) * WORK_PER_BYTE;
    u64::try_from(work.div_ceil(u128::from(bps.max(1)))).unwrap_or(u64::MAX)
}

/// Bytes that pass in this time at this rate, rounded down.
pub(super) fn bytes_in(time_ns: u64, bps: u64) -> u64 {
    let work = u128::from(time_ns) * u128::from(bps);
    u64::try_from(work / WORK_PER_BYTE).unwrap_or(u64::MAX)
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Runs the server to its end, and returns when each flow was done.
    fn drain(server: &mut Server, flows: usize) -> Vec<u64> {
        let mut done_ns = vec![0; flows];
        while let Some((at_ns, generation)) = server.ask() {
            assert!(server.wake(at_ns, generation));
            while let Some(flow) = server.done() {
                done_ns[flow as usize] = at_ns;
                server.proceed(None);
            }
        }
        done_ns
    }

    #[test]
    fn no_work_is_lost_to_rounding_however_often_the_server_is_disturbed() {
        // A rate that divides nothing, and a zero-sized disturbance every 7 ns.
        let mut server = Server::new(999_999_937);
        server.join(0, 0, 0, grains(1_000_000));
        for now_ns in (7..7_000_000).step_by(7) {
            server.join(now_ns, 1, 1, 0);
            while server.done().is_some() {
                server.proceed(None);
            }
        }
        let exact_ns = serialise_ns(1_000_000, 999_999_937);
        assert_eq!(drain(&mut server, 2)[0], exact_ns);
    }

    #[test]
    fn active_flows_share_equally() {
        let mut server = Server::new(8_000_000_000);
        server.join(0, 0, 0, grains(100));
        server.join(0, 1, 1, grains(300));
        server.join(100, 2, 2, grains(50));
        // 1 B/ns: until 100 two have 50 each; until 250 three have 50 more each; flow 1 is alone
        // with its last 200.
        assert_eq!(drain(&mut server, 3), [250, 450, 250]);
    }

    #[test]
    fn an_earlier_event_replaces_the_one_asked_for_and_a_later_one_does_not() {
        let mut server = Server::new(8_000_000_000);
        server.join(0, 0, 0, grains(100));
        assert_eq!(server.ask(), Some((100, 1)));
        server.join(0, 1, 1, grains(100));
        assert_eq!(server.ask(), None, "200 ns comes after 100 ns");
        server.join(0, 2, 2, grains(10));
        assert_eq!(server.ask(), Some((30, 2)));
        assert!(!server.wake(100, 1), "stale");
        assert!(server.wake(30, 2));
        assert_eq!(server.done(), Some(2));
    }

    #[test]
    fn only_idle_time_within_the_window_serves_what_flowed_in() {
        let mut server = Server::new(8_000_000_000);
        assert_eq!(server.pass(1_000_000, 60, 100), grains(40));
        server.join(1_000_000, 0, 0, grains(40));
        assert_eq!(drain(&mut server, 1), [1_000_040]);
        // Idle for 50 ns since, whatever the window says; two chunks cannot both have them.
        assert_eq!(server.pass(1_000_090, 500, 30), 0);
        assert_eq!(server.pass(1_000_090, 500, 30), grains(10));
    }

    #[test]
    fn ties_are_broken_by_the_other_end() {
        let mut server = Server::new(1000);
        server.join(0, 5, 9, grains(1));
        server.join(0, 6, 2, grains(1));
        let Some((at_ns, generation)) = server.ask() else { panic!("nothing to do") };
        server.wake(at_ns, generation);
        server.wake(2 * at_ns, generation);
        assert_eq!(server.done(), Some(6), "peer 2 before peer 9");
    }
}
