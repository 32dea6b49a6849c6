//! What is known after the runs: records, statistics, tables, plots and the HTML report.
//!
//! Everything here is a pure function of [`record::Record`]s or of a [`battery::Battery`]: no
//! clock, no randomness, and no file is touched outside [`journal`]. Figures of runs that were not
//! correct never enter a statistic; what was not priced is never shown as zero.

pub mod advice;
pub mod battery;
#[cfg(feature = "render")]
pub mod compare;
#[cfg(feature = "render")]
pub mod conventions;
#[cfg(feature = "render")]
mod distinct;
#[cfg(feature = "render")]
pub mod explain;
#[cfg(feature = "render")]
pub mod export;
#[cfg(feature = "render")]
pub mod html;
pub mod journal;
#[cfg(feature = "render")]
pub mod plot;
#[cfg(feature = "render")]
pub mod ranking;
pub mod record;
pub mod stats;
#[cfg(feature = "render")]
pub mod table;
#[cfg(feature = "render")]
pub mod trace;
pub mod units;
