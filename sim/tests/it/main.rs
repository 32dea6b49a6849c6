//! The kernel's rules, each with a test that fails when the rule is broken.

mod adversary;
mod clocks;
mod compute;
mod digests;
mod faults;
mod helpers;
mod lookahead;
mod order;
mod phases;
mod receives;
mod rounds;
mod scope_figures;
mod scopes;
mod seam;
mod stalls;
mod traces;
mod wires;
