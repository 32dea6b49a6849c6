use std::sync::OnceLock;

use mpclab_sim::compute::CpuClock;

/// Looks of which the cost of one is the mean, and how often that is taken.
const LOOKS: u64 = 200;
const TIMES: usize = 25;

/// CPU time of the calling thread, from the operating system.
#[derive(Clone, Copy, Debug, Default)]
pub struct ThreadCpu;

impl CpuClock for ThreadCpu {
    fn thread_ns(&self) -> u64 {
        u64::try_from(cpu_time::ThreadTime::now().as_duration().as_nanos()).unwrap_or(u64::MAX)
    }

    /// Measured once in a process; the least of several means, which nothing disturbed.
    fn look_ns(&self) -> u64 {
        static LOOK: OnceLock<u64> = OnceLock::new();
        *LOOK.get_or_init(|| {
            let mean = |_| {
                let start_ns = self.thread_ns();
                let end_ns = (0..LOOKS).fold(start_ns, |_, _| self.thread_ns());
                (end_ns - start_ns) / LOOKS
            };
            (0..TIMES).map(mean).min().unwrap_or(0)
        })
    }
}
