//! The words that every room of the house shares.
//!
//! Nothing here depends on a cipher, a file format or a clock: these are the types in which
//! protocols state their claims, the kernel states what happened, and reports state what it means.

mod abort;
mod claims;
mod cost;
mod metric;
mod named;
mod op;
mod party;
mod phase;
mod roles;
mod verdict;

pub use abort::Abort;
pub use claims::{
    AbortKind, AdversaryKind, Claims, OutputGuarantee, Security, Setup, Synchrony, Threshold,
};
pub use cost::{DeclaredCost, Figure, PhaseCost};
pub use metric::{Aggregate, METRICS, Metric, MetricName};
pub use named::{NamedRole, Quorum, RoleClaim};
pub use op::Op;
pub use party::{PartyId, PerParty};
pub use phase::Phase;
pub use roles::{Roles, SecurityLevel};
pub use verdict::{Guarantee, Observed, Standing, Verdict};
