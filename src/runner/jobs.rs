/// Runs at a time at most: far more than any machine has cores.
pub const MAX_JOBS: usize = 1024;

/// How many of so many runs are made at a time: as many as there are cores unless `asked`, never
/// more than there are runs.
#[must_use]
pub fn jobs(asked: Option<usize>, runs: u64) -> usize {
    let cores = || std::thread::available_parallelism().map_or(1, std::num::NonZero::get);
    let wanted = asked.filter(|jobs| *jobs > 0).unwrap_or_else(cores);
    let most = usize::try_from(runs).unwrap_or(usize::MAX).clamp(1, MAX_JOBS);
    wanted.min(most)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn jobs_are_no_more_than_runs_and_a_ceiling() {
        assert_eq!(jobs(Some(1_000_000_000), 3), 3);
        assert_eq!(jobs(Some(1_000_000_000), u64::MAX), MAX_JOBS);
        assert_eq!(jobs(Some(2), 3), 2);
        assert_eq!(jobs(Some(5), 0), 1);
        assert!((1..=MAX_JOBS).contains(&jobs(None, u64::MAX)));
        assert_eq!(jobs(Some(0), u64::MAX), jobs(None, u64::MAX), "0 leaves it open");
    }
}
