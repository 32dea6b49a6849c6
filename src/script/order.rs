//! Comparisons, extremes, sorting.

use mpclab_protocols::program::{NodeId, ProgramError, sort_layers};
use rhai::{Array, Dynamic, Map};

use super::state::{Outcome, Secret, State, refuse};

impl State {
    pub(super) fn less(&mut self, a: Dynamic, b: Dynamic) -> Outcome<Secret> {
        let (a, b) = self.aligned(a, b)?;
        let made = self.builder.less(a, b);
        self.made(made)
    }

    pub(super) fn greater(&mut self, a: Dynamic, b: Dynamic) -> Outcome<Secret> {
        self.less(b, a)
    }

    pub(super) fn at_most(&mut self, a: Dynamic, b: Dynamic) -> Outcome<Secret> {
        let greater = self.greater(a, b)?;
        self.not(greater)
    }

    pub(super) fn at_least(&mut self, a: Dynamic, b: Dynamic) -> Outcome<Secret> {
        let less = self.less(a, b)?;
        self.not(less)
    }

    pub(super) fn equal(&mut self, a: Dynamic, b: Dynamic) -> Outcome<Secret> {
        let (a, b) = self.aligned(a, b)?;
        let made = self.builder.equal(a, b);
        self.made(made)
    }

    pub(super) fn unequal(&mut self, a: Dynamic, b: Dynamic) -> Outcome<Secret> {
        let equal = self.equal(a, b)?;
        self.not(equal)
    }

    pub(super) fn larger(&mut self, a: Dynamic, b: Dynamic) -> Outcome<Secret> {
        let (a, b) = self.aligned(a, b)?;
        let made = self.builder.max(a, b);
        self.made(made)
    }

    pub(super) fn smaller(&mut self, a: Dynamic, b: Dynamic) -> Outcome<Secret> {
        let (a, b) = self.aligned(a, b)?;
        let made = self.builder.min(a, b);
        self.made(made)
    }

    pub(super) fn maximum(&mut self, a: Dynamic) -> Outcome<Secret> {
        let a = self.with_room(a, 16)?;
        let made = self.builder.maximum(a);
        self.made(made)
    }

    pub(super) fn minimum(&mut self, a: Dynamic) -> Outcome<Secret> {
        let a = self.with_room(a, 16)?;
        let made = self.builder.minimum(a);
        self.made(made)
    }

    /// Position of the first largest element.
    pub(super) fn argmax(&mut self, a: Dynamic) -> Outcome<Secret> {
        let a = self.with_room(a, 32)?;
        let labels = (0..self.len(a)? as i128).collect();
        let made = self.builder.argmax(a, labels);
        self.made(made.map(|(_, label)| label))
    }

    /// The largest, where it is, and the largest of the others.
    pub(super) fn top_two(&mut self, a: Dynamic) -> Outcome<Map> {
        let a = self.with_room(a, 64)?;
        let labels = (0..self.len(a)? as i128).collect();
        let made = self.builder.top_two(a, labels);
        let top = made.map_err(|error: ProgramError| error.to_string())?;
        let mut map = Map::new();
        for (name, id) in [("max", top.maximum), ("index", top.label), ("second", top.second)] {
            map.insert(name.into(), Dynamic::from(self.made(Ok(id))?));
        }
        Ok(map)
    }

    pub(super) fn sort(&mut self, a: Dynamic) -> Outcome<Secret> {
        let a = self.with_room_to_sort(a, 1)?;
        let made = self.builder.sort(a);
        self.made(made)
    }

    /// Keys in ascending order, then the others in the same order.
    pub(super) fn sort_with(&mut self, keys: Dynamic, carried: Array) -> Outcome<Array> {
        let keys = self.with_room_to_sort(keys, 1 + carried.len())?;
        let carried: Outcome<Vec<NodeId>> =
            carried.into_iter().map(|value| self.node_of(value)).collect();
        let made = self.builder.sort_with(keys, carried?);
        let (keys, carried) = made.map_err(|error| error.to_string())?;
        let all = [keys].into_iter().chain(carried);
        all.map(|id| Ok(Dynamic::from(self.made(Ok(id))?))).collect()
    }

    fn with_room(&mut self, a: Dynamic, times: usize) -> Outcome<NodeId> {
        let a = self.node_of(a)?;
        self.need_room(self.len(a)?.saturating_mul(times))?;
        Ok(a)
    }

    fn with_room_to_sort(&mut self, a: Dynamic, columns: usize) -> Outcome<NodeId> {
        let a = self.node_of(a)?;
        let len = self.len(a)?;
        let each = sort_layers(len).saturating_mul(8).saturating_mul(columns);
        if self.need_room(len.saturating_mul(each)).is_err() {
            return refuse(format!("{len} values are too many to sort"));
        }
        Ok(a)
    }
}
