//! From a plan to records: prepare cells, run each, judge what came out, write it down.

mod against;
mod batch;
mod chosen;
mod compiled;
mod cpu;
mod fingerprint;
pub(crate) mod function;
mod judge;
mod one;
mod prepare;
mod rows;
mod subject;
#[cfg(feature = "cli")]
mod traced;
pub mod verdict;
mod views;

pub use against::{Against, Code, Replace};
pub use batch::{BatchError, BatchOptions, Finished, Observer, run};
pub use chosen::OTHER_RUN;
pub use cpu::ThreadCpu;
pub use fingerprint::fingerprint;
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
