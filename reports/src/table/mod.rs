//! Tables: the comparison, figures by scope, and the two shapes that exporters print.
//!
//! A [`Sheet`] is a table for readers: units, headings, notes. A [`Frame`] is the same for
//! programs: one flat row after the other, raw integers, units in the column names.

mod comparison;
mod frame;
mod ranking;
mod scopes;
mod sheet;
mod words;

pub use comparison::Comparison;
pub(crate) use comparison::is_unpriced;
pub use frame::Frame;
pub use ranking::{ranking_frame, ranking_sheets};
pub use scopes::ScopeTable;
pub use words::outputs;
pub use sheet::{Align, Block, Cells, Column, ColumnGroup, Row, Section, Sheet};
pub(crate) use words::{adversary, by_role, protocols_by_text, section};
