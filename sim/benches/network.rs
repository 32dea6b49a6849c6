//! Messages per second through the fabric alone: what sharing capacities costs.

fn main() {}
