//! The crate from outside: records in, tables, plots and pages out.

// A test says by panicking what it did not expect.
#![allow(clippy::unwrap_used)]

mod batteries;
mod battery_fixture;
mod compare;
mod data;
mod figures;
#[allow(dead_code)]
mod fixture;
mod kinds;
mod page;
mod plots;
mod ranking;
mod records;
mod statistics;
mod tables;
