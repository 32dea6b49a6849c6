//! Scenario files for mpclab: YAML in, a validated and resolved [`Plan`] of [`Cell`]s out.
//!
//! [`plan`] reads a file in steps: text to a tree (limited in size, depth and aliases; duplicate
//! keys refused), short forms and references to their long form, overrides, the grid of a sweep,
//! wire types (what keys there are), domain types (what they mean). A mistake carries its key path
//! through all of them; [`Source`] finds it again in the text and [`Diagnostic`] shows it with
//! file, line, column, what is allowed and what was probably meant.
//!
//! What protocols and functions there are, and what parameters they take, comes through
//! [`Catalogue`].
#![deny(clippy::disallowed_methods, clippy::disallowed_types)]
#![cfg_attr(test, allow(clippy::unwrap_used))]

mod adversary;
mod attacks;
mod catalogue;
mod cells;
mod deployment;
mod diagnostic;
mod files;
mod form;
mod inline;
mod mistake;
mod number;
mod path;
mod plan;
mod planner;
mod presets;
mod prices;
mod reproduction;
mod resolve;
mod resolved;
mod schema;
mod size;
mod source;
mod sweep;
mod units;
mod wire;
mod written;
mod yaml;

pub use adversary::{AdversaryChoice, Corrupt, CorruptionKind, Strategy, adversary_yaml};
pub use catalogue::{Catalogue, Kind, ParamError, read_params};
pub use deployment::{
    Arrivals, Candidate, Deadline, Deployment, Load, RankBy, Required, deployment,
};
pub use diagnostic::{Diagnostic, Location};
pub use plan::{
    At, Bounds, Cell, ComputeChoice, Expectation, Expected, FunctionChoice, FunctionSource, Limits,
    Plan, ProtocolChoice, Undecided, Unsupported,
};
pub use planner::{plan, plan_texts};
pub use presets::{NETWORKS, PRICES, PROFILES, Preset};
pub use prices::{Bill, EgressPrice, MachinePrice, PairKind, Prices, Rate, Tariff, Usage};
pub use reproduction::reproduction;
pub use resolve::csv::MAX_CSV_BYTES;
pub use resolve::function::{MAX_CIRCUIT_BYTES, MAX_PROGRAM_BYTES};
pub use resolve::inputs::{Column, GivenInputs, InputSource};
pub use schema::{ParamSchemas, deployment_schema, schema};
pub use source::{Place, Source};
pub use yaml::{MAX_YAML_BYTES, about};
