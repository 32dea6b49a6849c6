//! The command line and the library from outside.

// A test says by panicking what it did not expect.
#![allow(clippy::unwrap_used)]

/// As the command has it.
#[global_allocator]
static ALLOCATOR: mimalloc::MiMalloc = mimalloc::MiMalloc;

mod advise;
mod attacks;
mod broken;
mod circuits;
mod command_line;
mod conformance;
mod crossover;
mod determinism;
mod evidence;
mod figures;
mod fuzz;
mod gate;
mod hostile;
mod inputs;
mod interrupts;
mod mistakes;
mod outcomes;
mod outputs;
mod pandas;
mod protocols;
mod ranges;
mod readme;
mod report;
mod resume;
mod rooms;
mod schema;
mod sizes;
mod soundness;
mod support;
mod traces;
mod verdicts;
