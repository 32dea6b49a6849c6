//! Generic protocols that withstand fewer than half of the parties.

pub mod dn07;
pub mod rep3;
pub mod rep3_ps;
pub mod shamir;
