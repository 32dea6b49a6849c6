use mpclab_sim::compute::CpuClock;

/// CPU time of the calling thread, from the operating system.
#[derive(Clone, Copy, Debug, Default)]
pub struct ThreadCpu;

impl CpuClock for ThreadCpu {
    fn thread_ns(&self) -> u64 {
        u64::try_from(cpu_time::ThreadTime::now().as_duration().as_nanos()).unwrap_or(u64::MAX)
    }
}
