//! Parts of vectors, and vectors of parts.

use std::ops::Range;

use mpclab_protocols::program::NodeId;
use rhai::{Array, Dynamic, INT};

use super::interface::length;
use super::state::{Outcome, Secret, State, refuse};

impl State {
    pub(super) fn length(&mut self, a: Secret) -> Outcome<INT> {
        Ok(self.len(a.0)? as INT)
    }

    /// A position, counted from the end if it is negative.
    fn position(&self, a: NodeId, at: INT) -> Outcome<u32> {
        let len = self.len(a)?;
        let from_start = if at < 0 { at.saturating_add(len as INT) } else { at };
        match usize::try_from(from_start) {
            Ok(found) if found < len => Ok(found as u32),
            _ => refuse(format!("there is no element {at} among {len}, counted from 0")),
        }
    }

    pub(super) fn at(&mut self, a: Secret, at: INT) -> Outcome<Secret> {
        let at = self.position(a.0, at)?;
        let made = self.builder.gather(a.0, vec![at]);
        self.made(made)
    }

    pub(super) fn slice(&mut self, a: Secret, range: Range<INT>) -> Outcome<Secret> {
        let len = self.len(a.0)?;
        let end = usize::try_from(range.end).ok().filter(|end| *end <= len);
        let (Ok(start), Some(end)) = (usize::try_from(range.start), end) else {
            return refuse(format!(
                "there is no part {}..{} of {len} elements",
                range.start, range.end
            ));
        };
        if start >= end {
            return refuse("a part without elements");
        }
        self.need_room(end - start)?;
        let made = self.builder.gather(a.0, (start as u32..end as u32).collect());
        self.made(made)
    }

    pub(super) fn gather(&mut self, a: Dynamic, positions: Array) -> Outcome<Secret> {
        let a = self.node_of(a)?;
        let mut indices = Vec::with_capacity(positions.len());
        for at in positions {
            let Ok(at) = at.as_int() else { return refuse("positions are integers") };
            indices.push(self.position(a, at)?);
        }
        let made = self.builder.gather(a, indices);
        self.made(made)
    }

    /// One after the other; lists in the list are joined, too.
    pub(super) fn concat(&mut self, parts: Array) -> Outcome<Secret> {
        let mut flat = Array::new();
        for part in parts {
            if part.is_array() {
                flat.extend(part.into_array().unwrap_or_default());
            } else {
                flat.push(part);
            }
        }
        self.node_of(Dynamic::from_array(flat)).map(Secret)
    }

    pub(super) fn repeat(&mut self, a: Secret, times: INT) -> Outcome<Secret> {
        let times = length(times)?;
        self.need_room(self.len(a.0)?.saturating_mul(times))?;
        self.repeated(a.0, times).map(Secret)
    }

    pub(super) fn reverse(&mut self, a: Secret) -> Outcome<Secret> {
        let len = self.len(a.0)? as u32;
        self.need_room(len as usize)?;
        let made = self.builder.gather(a.0, (0..len).rev().collect());
        self.made(made)
    }

    /// A list of vectors of one element each.
    pub(super) fn split(&mut self, a: Secret) -> Outcome<Array> {
        let len = self.len(a.0)?;
        if len > super::engine::MAX_LIST {
            return refuse(format!("{len} elements are too many for a list"));
        }
        (0..len as INT).map(|at| Ok(Dynamic::from(self.at(a, at)?))).collect()
    }
}
