//! mpclab: what a secure multi-party computation protocol costs, whether it computes the right
//! thing, and whether its claims hold, before anyone deploys it.
//!
//! Every party runs its real code over a deterministic simulated network ([`sim`]); protocols and
//! functions live in [`protocols`], scenario files in [`scenarios`], records and reports in
//! [`reports`], the statistics behind verdicts in [`evidence`]. This crate is where they meet: the [`mod@registry`], the [`runner`], and, with the
//! default feature `cli`, the command line.
//!
//! To add a protocol from a crate of your own, depend on `mpclab` alone, implement [`Protocol`],
//! and end `main` with `mpclab::cli::main(mpclab::registry().with::<Mine>())`. A protocol for any
//! program over shares in a prime field implements [`engine::field::FieldEngine`] instead.

#![cfg_attr(test, allow(clippy::unwrap_used))]

/// As the command has it, for the tests of batteries.
#[cfg(test)]
#[global_allocator]
static ALLOCATOR: mimalloc::MiMalloc = mimalloc::MiMalloc;

pub mod advise;
pub mod battery;
pub mod calibrate;
#[cfg(feature = "cli")]
pub mod cli;
#[cfg(feature = "cli")]
pub mod crossover;
pub mod modelled;
pub mod registry;
pub mod runner;
pub mod script;

pub use mpclab_evidence as evidence;
pub use mpclab_protocols as protocols;
pub use mpclab_reports as reports;
pub use mpclab_scenarios as scenarios;
pub use mpclab_sim as sim;

/// What the inputs of a function are drawn with: [`rand::Rng`] for `Function::generate`.
pub use rand;

/// Generic engines: what a protocol by its operations alone is made of.
pub use mpclab_protocols::engine;

/// For the derives of a protocol's parameters: `#[serde(crate = "mpclab::serde")]`.
pub use serde;

/// For the derives of a protocol's parameters: `#[schemars(crate = "mpclab::schemars")]`.
pub use schemars;

pub use mpclab_protocols::functions::Function;
pub use mpclab_protocols::protocol::{Info, Job, Protocol, Unsupported};
pub use mpclab_sim::Ctx;
pub use registry::{Registry, registry};

/// What the code of a protocol usually needs.
pub mod prelude {
    pub use std::sync::Arc;

    pub use mpclab_protocols::engine;
    pub use mpclab_protocols::functions::{Agreement, Relation, RelationError, Task};
    pub use mpclab_protocols::protocol::check_parties;
    pub use mpclab_protocols::value::{Column, ElementType, Inputs, Items, Outputs};
    pub use mpclab_sim::vocabulary::{
        Abort, AbortKind, AdversaryKind, Claims, DeclaredCost, Figure, NamedRole, Op,
        OutputGuarantee, PartyId, PerParty, Phase, PhaseCost, Quorum, RoleClaim, Roles, Security,
        Setup, Synchrony, Threshold,
    };

    pub use crate::{Ctx, Info, Job, Protocol, Unsupported};
}
