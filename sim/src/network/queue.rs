//! First-in-first-out lists of messages and chunks, all in one pool: a million of them in flight
//! cost no allocation each.

/// No entry.
pub(super) const NONE: u32 = u32::MAX;

/// A message that has not left its sender, or a chunk that has.
#[derive(Clone, Copy, Debug)]
pub(super) struct Entry {
    /// Size.
    pub(super) bytes: u64,
    /// Of a message: bytes that have left its sender.
    pub(super) left: u64,
    /// Of a message: its propagation. Of a chunk: how long it took to flow in; once it has passed
    /// the downlink, when it did.
    pub(super) time_ns: u64,
    /// Which transfer ends with it; [`NONE`] for a chunk that is not the last of its message. Of a
    /// chunk that has passed the downlink: how many flows shared it then.
    pub(super) transfer: u32,
    next: u32,
}

/// Where all entries live.
#[derive(Debug)]
pub(super) struct Pool {
    entries: Vec<Entry>,
    /// First entry that is free to be used again.
    free: u32,
}

/// Ends of a list in a [`Pool`].
#[derive(Clone, Copy, Debug)]
pub(super) struct Queue {
    pub(super) head: u32,
    tail: u32,
}

impl Pool {
    pub(super) fn new() -> Self {
        Pool { entries: Vec::new(), free: NONE }
    }

    pub(super) fn get(&self, at: u32) -> &Entry {
        &self.entries[at as usize]
    }

    pub(super) fn get_mut(&mut self, at: u32) -> &mut Entry {
        &mut self.entries[at as usize]
    }

    /// The entry behind this one in its queue.
    pub(super) fn next(&self, at: u32) -> u32 {
        self.entries[at as usize].next
    }

    fn add(&mut self, bytes: u64, time_ns: u64, transfer: u32) -> u32 {
        let entry = Entry { bytes, left: 0, time_ns, transfer, next: NONE };
        if self.free == NONE {
            self.entries.push(entry);
            return (self.entries.len() - 1) as u32;
        }
        let at = self.free;
        self.free = self.entries[at as usize].next;
        self.entries[at as usize] = entry;
        at
    }
}

impl Queue {
    pub(super) const EMPTY: Queue = Queue { head: NONE, tail: NONE };

    /// Appends an entry and returns where it is.
    pub(super) fn push(&mut self, pool: &mut Pool, bytes: u64, time_ns: u64, transfer: u32) -> u32 {
        let at = pool.add(bytes, time_ns, transfer);
        if self.head == NONE {
            self.head = at;
        } else {
            pool.entries[self.tail as usize].next = at;
        }
        self.tail = at;
        at
    }

    /// Takes the first entry off.
    pub(super) fn pop(&mut self, pool: &mut Pool) -> Option<Entry> {
        if self.head == NONE {
            return None;
        }
        let at = self.head;
        let entry = pool.entries[at as usize];
        self.head = entry.next;
        pool.entries[at as usize].next = pool.free;
        pool.free = at;
        Some(entry)
    }
}
