//! Coins that nobody controls.

pub mod coin_toss;
