//! Scopes: a channel namespace, a metrics path and a randomness domain in one handle.

use std::collections::{BTreeMap, BTreeSet};
use std::fmt;
use std::sync::Arc;
use std::task::Waker;

use crate::mailbox::Channel;
use crate::metrics::Rows;
use crate::vocabulary::Phase;

/// The name of a scope under its parent: a static name and an optional index.
///
/// Metrics fold the index: `("mul", 3)` is counted in the row of `mul`.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct ScopeName {
    name: &'static str,
    index: Option<u64>,
}

impl From<&'static str> for ScopeName {
    fn from(name: &'static str) -> Self {
        ScopeName { name, index: None }
    }
}

impl From<(&'static str, usize)> for ScopeName {
    fn from((name, index): (&'static str, usize)) -> Self {
        ScopeName { name, index: Some(index as u64) }
    }
}

/// A path from the root; ids are derived from it, so all parties agree on them.
#[derive(Debug)]
pub(crate) struct Path {
    parent: Option<Arc<Path>>,
    name: ScopeName,
    pub(crate) id: u64,
    pub(crate) phase: Phase,
    /// Id of the session's scope that it lies in; 0 outside of sessions.
    pub(crate) session: u64,
}

impl Path {
    pub(crate) fn root() -> Arc<Path> {
        let name = ScopeName { name: "", index: None };
        Arc::new(Path { parent: None, name, id: 0, phase: Phase::Online, session: 0 })
    }

    pub(crate) fn child(self: &Arc<Path>, name: ScopeName) -> Arc<Path> {
        Arc::new(self.child_of(name))
    }

    /// The root of a session: its children are phases, as those of the root are.
    pub(crate) fn session(self: &Arc<Path>, index: usize) -> Arc<Path> {
        let path = self.child_of(("session", index).into());
        Arc::new(Path { session: path.id, ..path })
    }

    fn child_of(self: &Arc<Path>, name: ScopeName) -> Path {
        let mut bytes = Vec::with_capacity(name.name.len() + 17);
        bytes.extend_from_slice(&self.id.to_le_bytes());
        bytes.extend_from_slice(name.name.as_bytes());
        if let Some(index) = name.index {
            bytes.push(0xff); // no UTF-8 name holds this byte
            bytes.extend_from_slice(&index.to_le_bytes());
        }
        let is_phase = self.id == self.session;
        let phase = if is_phase { Phase::of(name.name) } else { self.phase };
        let id = xxhash_rust::xxh3::xxh3_64(&bytes);
        Path { parent: Some(Arc::clone(self)), name, id, phase, session: self.session }
    }

    pub(crate) fn static_name(&self) -> &'static str {
        self.name.name
    }

    pub(crate) fn index(&self) -> Option<u64> {
        self.name.index
    }

    /// The path without indices, as metrics name it; empty for the root.
    pub(crate) fn folded(&self) -> String {
        let above = self.parent.as_ref().map_or_else(String::new, |parent| parent.folded());
        match above.is_empty() {
            true => self.name.name.to_owned(),
            false => format!("{above}/{}", self.name.name),
        }
    }

    fn same(&self, other: &Path) -> bool {
        self.name == other.name
            && match (&self.parent, &other.parent) {
                (None, None) => true,
                (Some(mine), Some(theirs)) => Arc::ptr_eq(mine, theirs) || mine.same(theirs),
                _ => false,
            }
    }
}

impl fmt::Display for Path {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Some(parent) = &self.parent else { return f.write_str("/") };
        if parent.parent.is_some() {
            write!(f, "{parent}/")?;
        }
        f.write_str(self.name.name)?;
        self.name.index.map_or(Ok(()), |index| write!(f, "[{index}]"))
    }
}

/// A scope of one party.
pub(crate) struct Scope {
    /// `None` while messages for it came before the party opened it.
    pub(crate) path: Option<Arc<Path>>,
    pub(crate) id: u64,
    /// Rows in the party's metrics.
    pub(crate) rows: Rows,
    /// By peer, as far as the highest peer that spoke or is awaited.
    channels: Vec<Channel>,
    /// Waits that take a message from anybody, with the time from which they may look.
    pub(crate) any: Vec<Waker>,
    pub(crate) rng_calls: u64,
}

impl Scope {
    pub(crate) fn channel(&mut self, peer: u32, peers: usize) -> &mut Channel {
        let at = peer as usize;
        if at >= self.channels.len() {
            // Grown to all peers at once where many speak, by one where one does.
            let len = if self.channels.is_empty() { at + 1 } else { peers.max(at + 1) };
            self.channels.resize_with(len, || Channel::EMPTY);
        }
        &mut self.channels[at]
    }

    pub(crate) fn channels(&mut self) -> &mut [Channel] {
        &mut self.channels
    }
}

/// The scopes of one party, reached by slot; slots are used again when the last handle drops.
#[derive(Default)]
pub(crate) struct Scopes {
    slots: Vec<Option<Scope>>,
    free: Vec<u32>,
    by_id: BTreeMap<u64, u32>,
    /// The slot that was last asked for.
    recent: u32,
    opened: BTreeSet<u64>,
}

impl Scopes {
    pub(crate) fn get(&mut self, slot: u32) -> Option<&mut Scope> {
        self.slots.get_mut(slot as usize).and_then(Option::as_mut)
    }

    pub(crate) fn path(&self, slot: u32) -> String {
        let scope = self.slots.get(slot as usize).and_then(Option::as_ref);
        scope.and_then(|scope| scope.path.as_ref()).map_or_else(String::new, |p| p.to_string())
    }

    /// Opens a scope under this path.
    ///
    /// # Errors
    /// A sentence, if the path was opened before (its channels and randomness would be used
    /// twice) or its id collides with another's.
    pub(crate) fn open(&mut self, path: Arc<Path>, rows: Rows) -> Result<u32, String> {
        if !self.opened.insert(path.id) {
            let holder =
                self.by_id.get(&path.id).and_then(|slot| self.slots[*slot as usize].as_ref());
            let collides = holder
                .and_then(|scope| scope.path.as_ref())
                .is_some_and(|other| !other.same(&path));
            let how = if collides { "collides with another scope's id" } else { "is opened twice" };
            return Err(format!("scope {path} {how}"));
        }
        let id = path.id;
        let slot = self.slot_of(id);
        if let Some(scope) = self.get(slot) {
            scope.path = Some(path);
            scope.rows = rows;
        }
        Ok(slot)
    }

    /// The slot of an id, opened or not.
    pub(crate) fn slot_of(&mut self, id: u64) -> u32 {
        // Messages of one scope come in runs.
        if self.get(self.recent).is_some_and(|scope| scope.id == id) {
            return self.recent;
        }
        if let Some(slot) = self.by_id.get(&id) {
            self.recent = *slot;
            return *slot;
        }
        let scope = Scope {
            path: None,
            id,
            rows: Rows::ROOT,
            channels: Vec::new(),
            any: Vec::new(),
            rng_calls: 0,
        };
        let slot = match self.free.pop() {
            Some(slot) => {
                self.slots[slot as usize] = Some(scope);
                slot
            }
            None => {
                self.slots.push(Some(scope));
                (self.slots.len() - 1) as u32
            }
        };
        self.by_id.insert(id, slot);
        slot
    }

    pub(crate) fn free(&mut self, slot: u32) -> Option<Scope> {
        let scope = self.slots.get_mut(slot as usize)?.take()?;
        self.by_id.remove(&scope.id);
        self.free.push(slot);
        Some(scope)
    }

    /// The closest scope around a scope that is open; the root if there is none.
    pub(crate) fn above(&mut self, slot: u32) -> u32 {
        let path = self.get(slot).and_then(|scope| scope.path.clone());
        let mut around = path.and_then(|path| path.parent.clone());
        while let Some(path) = around {
            if let Some(slot) = self.by_id.get(&path.id) {
                return *slot;
            }
            around = path.parent.clone();
        }
        0
    }

    pub(crate) fn slots(&self) -> std::ops::Range<u32> {
        0..self.slots.len() as u32
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn ids_depend_on_the_whole_path() {
        let root = Path::root();
        let online = root.child("online".into());
        let a = online.child(("mul", 1).into());
        let b = online.child(("mul", 2).into());
        let c = root.child("offline".into()).child(("mul", 1).into());
        assert!(a.id != b.id && a.id != c.id && b.id != c.id);
        assert_eq!(a.id, Path::root().child("online".into()).child(("mul", 1).into()).id);
        assert_eq!(a.to_string(), "online/mul[1]");
        assert_eq!((a.phase, c.phase), (Phase::Online, Phase::Offline));
    }

    #[test]
    fn a_session_has_phases_and_a_name_of_its_own() {
        let root = Path::root();
        let sessions = [0, 1].map(|at| root.session(at));
        let offline = sessions[1].child("offline".into());
        assert_eq!(
            (offline.phase, offline.child("mul".into()).phase),
            (Phase::Offline, Phase::Offline)
        );
        assert_eq!(offline.to_string(), "session[1]/offline");
        assert!(offline.session == sessions[1].id && sessions[0].id != sessions[1].id);
        assert_eq!(root.child("online".into()).session, 0);
    }

    #[test]
    fn a_path_opens_once_even_after_it_was_freed() {
        let mut scopes = Scopes::default();
        let path = Path::root().child("online".into());
        let slot = scopes.open(path.clone(), Rows::ROOT).expect("opens");
        assert!(scopes.open(path.clone(), Rows::ROOT).expect_err("live").contains("opened twice"));
        assert!(scopes.free(slot).is_some());
        assert!(scopes.open(path, Rows::ROOT).is_err());
    }
}
