//! From a plan to records: prepare cells, run each, judge what came out, write it down.

mod against;
mod batch;
mod budget;
mod chosen;
mod compiled;
mod cpu;
mod earlier;
mod estimate;
mod fingerprint;
pub(crate) mod function;
mod jobs;
mod judge;
mod made_by;
mod one;
mod prepare;
mod rows;
mod subject;
#[cfg(feature = "cli")]
mod traced;
pub mod verdict;
mod views;

pub use against::{Against, Code, Replace};
pub use batch::{BatchError, BatchOptions, Finished, KEPT, Observer, run};
pub use budget::Budget;
pub use chosen::OTHER_RUN;
pub use cpu::ThreadCpu;
pub use estimate::{Estimate, RunEstimate, estimate, estimate_battery, run_estimate};
pub use fingerprint::fingerprint;
pub use jobs::{MAX_JOBS, jobs};
pub use judge::{Failure, expectations, is_failure, run_name};
pub use one::{run_one, run_seen};
pub use prepare::{Prepared, PreparedCell, prepare};
pub use subject::{Subject, Trial};
#[cfg(feature = "cli")]
pub use traced::{NoTrace, trace_run};
pub use views::write_view;

/// Version of the semantics of kernel, network and pricing: times and digests of two records
/// compare only if theirs are equal.
pub const MODEL: u32 = 3;

/// Runs with at most this many nodes keep what each ordered pair carried.
pub const LINK_MATRIX_NODES: usize = 64;

/// Those runs also tell where their time went, if they have at most so many messages.
pub const TRACED_MESSAGES: usize = 1 << 20;
