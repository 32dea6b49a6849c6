//! Invariants of honest code: correlated randomness is used at most once, and secrets that could
//! be misused later are gone when a party aborts.

use std::collections::BTreeMap;

use crate::ctx::Ctx;

/// What one party has used up, and which secrets it holds.
#[derive(Default)]
pub(crate) struct Ledger {
    /// By kind and name: used units as disjoint ranges, start to end.
    used: BTreeMap<(&'static str, u64), BTreeMap<u64, u64>>,
    alive: BTreeMap<&'static str, u32>,
}

impl Ledger {
    /// Whether these units are fresh; they are used now.
    pub(crate) fn consume(
        &mut self,
        kind: &'static str,
        name: u64,
        first: u64,
        count: u64,
    ) -> bool {
        if count == 0 {
            return true;
        }
        let end = first.saturating_add(count);
        let ranges = self.used.entry((kind, name)).or_default();
        let before = ranges.range(..end).next_back().map(|(start, end)| (*start, *end));
        match before {
            Some((_, before)) if before > first => false,
            // Units are mostly used in order: one range grows.
            Some((start, before)) if before == first => {
                ranges.insert(start, end);
                true
            }
            _ => {
                ranges.insert(first, end);
                true
            }
        }
    }

    /// Secrets that are alive, by kind.
    pub(crate) fn alive(&self) -> impl Iterator<Item = &'static str> + '_ {
        self.alive.iter().filter(|(_, count)| **count > 0).map(|(kind, _)| *kind)
    }
}

/// A secret that has to be erased by the time its party aborts; see [`Ctx::secret`].
pub struct Secret {
    ctx: Ctx,
    kind: &'static str,
}

impl Secret {
    pub(crate) fn new(ctx: Ctx, kind: &'static str) -> Self {
        *ctx.lock().ledger.alive.entry(kind).or_default() += 1;
        Secret { ctx, kind }
    }
}

impl Drop for Secret {
    fn drop(&mut self) {
        if let Some(count) = self.ctx.lock().ledger.alive.get_mut(self.kind) {
            *count = count.saturating_sub(1);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_unit_is_used_once() {
        let mut ledger = Ledger::default();
        assert!(ledger.consume("triple", 1, 0, 3) && ledger.consume("triple", 1, 3, 2));
        assert!(ledger.consume("triple", 2, 0, 3) && ledger.consume("mask", 1, 0, 3));
        assert!(!ledger.consume("triple", 1, 4, 1) && !ledger.consume("triple", 1, 0, 1));
        assert!(ledger.consume("triple", 1, 10, 5));
        assert!(!ledger.consume("triple", 1, 8, 3) && !ledger.consume("triple", 1, 2, 20));
        assert!(ledger.consume("triple", 1, 8, 2) && ledger.consume("triple", 1, 9, 0));
    }
}
