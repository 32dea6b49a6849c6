//! The total order of events, and the queue that keeps it.
//!
//! An event's key comes from its content alone (`time, kind, sender, sender_seq`), so the order in
//! which the kernel happens to push events moves no result.

use std::cmp::Ordering;
use std::collections::BinaryHeap;

/// What an event is; at equal times the smaller kind goes first.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) enum Kind {
    Fault,
    Departure,
    Server,
    Delivery,
    Finish,
    Timer,
}

const SENDER_BITS: u32 = 24;
const SEQ_BITS: u32 = 36;
const SENDER_MASK: u64 = (1 << SENDER_BITS) - 1;
const SEQ_MASK: u64 = (1 << SEQ_BITS) - 1;

/// Position of an event in the total order.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) struct Key {
    pub(crate) time_ns: u64,
    order: u64,
}

impl Key {
    pub(crate) fn new(time_ns: u64, kind: Kind, sender: u32, seq: u64) -> Self {
        debug_assert!(u64::from(sender) <= SENDER_MASK && seq <= SEQ_MASK);
        let sender = u64::from(sender) & SENDER_MASK;
        let order = ((kind as u64) << (SENDER_BITS + SEQ_BITS)) | (sender << SEQ_BITS);
        Key { time_ns, order: order | (seq & SEQ_MASK) }
    }

    /// The last part of the key.
    pub(crate) fn seq(self) -> u64 {
        self.order & SEQ_MASK
    }

    pub(crate) fn is_before_finish(self) -> bool {
        self.order >> (SENDER_BITS + SEQ_BITS) < Kind::Finish as u64
    }

    pub(crate) fn is_timer(self) -> bool {
        self.order >> (SENDER_BITS + SEQ_BITS) == Kind::Timer as u64
    }
}

/// Permutes the order among different senders at equal times and kinds: a schedule fuzzer.
///
/// A sender's own order stays, so flows stay in order.
#[derive(Clone, Copy, Debug, Default)]
pub(crate) struct TieSalt(Option<u64>);

impl TieSalt {
    pub(crate) fn new(salt: Option<u64>) -> Self {
        // Hashed, because the products of small salts and small ids would keep the ids' order.
        TieSalt(salt.map(|salt| xxhash_rust::xxh3::xxh3_64(&salt.to_le_bytes())))
    }

    pub(crate) fn sender(self, sender: u32) -> u32 {
        match self.0 {
            None => sender,
            Some(salt) => {
                // An odd factor and an xor are bijections of the 24-bit ids.
                let mixed = u64::from(sender).wrapping_mul((salt << 1) | 1) ^ (salt >> 32);
                (mixed & SENDER_MASK) as u32
            }
        }
    }
}

struct Entry<E> {
    key: Key,
    event: E,
}

impl<E> PartialEq for Entry<E> {
    fn eq(&self, other: &Self) -> bool {
        self.key == other.key
    }
}
impl<E> Eq for Entry<E> {}
impl<E> PartialOrd for Entry<E> {
    fn partial_cmp(&self, other: &Self) -> Option<Ordering> {
        Some(self.cmp(other))
    }
}
impl<E> Ord for Entry<E> {
    // Reversed: the standard heap pops its largest, and a sorted vector pops its last.
    fn cmp(&self, other: &Self) -> Ordering {
        other.key.cmp(&self.key)
    }
}

const BUCKETS: usize = 1024;
/// Fewer far events than this are sorted at once: they fit the cache anyway.
const SMALL: usize = 512;
/// Far events lie in blocks of this many, so that they need no room to grow and give their memory
/// back while they move into the buckets.
const BLOCK: usize = 1024;

/// A calendar queue: `front` is sorted, `near` is a small heap for what is pushed into the time
/// that `front` covers, the buckets cover equal spans after it, `far` the rest.
///
/// A million pending events in one binary heap cost a cache miss per level; here each event is
/// written once into a bucket and sorted among some hundred neighbours.
pub(crate) struct EventQueue<E> {
    front: Vec<Entry<E>>,
    near: BinaryHeap<Entry<E>>,
    /// `front` and `near` hold everything before this time.
    near_end: u64,
    buckets: Vec<Vec<Entry<E>>>,
    next_bucket: usize,
    width: u64,
    far: Vec<Vec<Entry<E>>>,
    len: usize,
}

impl<E> EventQueue<E> {
    pub(crate) fn new() -> Self {
        EventQueue {
            front: Vec::new(),
            near: BinaryHeap::new(),
            near_end: 0,
            buckets: (0..BUCKETS).map(|_| Vec::new()).collect(),
            next_bucket: BUCKETS,
            width: 1,
            far: Vec::new(),
            len: 0,
        }
    }

    pub(crate) fn push(&mut self, key: Key, event: E) {
        self.len += 1;
        let entry = Entry { key, event };
        if key.time_ns < self.near_end {
            self.near.push(entry);
            return;
        }
        let ahead = (key.time_ns - self.near_end) / self.width;
        match usize::try_from(ahead).ok().and_then(|a| a.checked_add(self.next_bucket)) {
            Some(bucket) if bucket < BUCKETS => self.buckets[bucket].push(entry),
            _ => match self.far.last_mut() {
                Some(block) if block.len() < BLOCK => block.push(entry),
                _ => {
                    let mut block = Vec::with_capacity(BLOCK);
                    block.push(entry);
                    self.far.push(block);
                }
            },
        }
    }

    /// The key of the next event.
    pub(crate) fn peek(&mut self) -> Option<Key> {
        while self.front.is_empty() && self.near.is_empty() {
            if self.len == 0 {
                return None;
            }
            self.advance();
        }
        let front = self.front.last().map(|entry| entry.key);
        let near = self.near.peek().map(|entry| entry.key);
        match (front, near) {
            (Some(front), Some(near)) => Some(front.min(near)),
            (front, near) => front.or(near),
        }
    }

    /// Takes the next event out.
    pub(crate) fn pop(&mut self) -> Option<(Key, E)> {
        let next = self.peek()?;
        self.len -= 1;
        let from_front = self.front.last().is_some_and(|entry| entry.key == next);
        let entry = if from_front { self.front.pop() } else { self.near.pop() };
        entry.map(|entry| (entry.key, entry.event))
    }

    /// Makes the next bucket the front, refilling the buckets from `far` when they are used up.
    fn advance(&mut self) {
        if self.next_bucket == BUCKETS {
            self.refill();
            return;
        }
        self.near_end = self.near_end.saturating_add(self.width);
        let bucket = std::mem::take(&mut self.buckets[self.next_bucket]);
        self.next_bucket += 1;
        if !bucket.is_empty() {
            self.front = bucket;
            self.front.sort_unstable();
        }
    }

    fn refill(&mut self) {
        let far = std::mem::take(&mut self.far);
        let times = far.iter().flatten().map(|entry| entry.key.time_ns);
        let (first, last, count) = times.fold((u64::MAX, 0, 0), |(first, last, count), time| {
            (first.min(time), last.max(time), count + 1)
        });
        if count < SMALL || first == last {
            self.near_end = last.saturating_add(1);
            self.front.extend(far.into_iter().flatten());
            self.front.sort_unstable();
            return;
        }
        // A few late timers must not stretch the buckets: nine tenths of a sample set the width.
        let sample = far.iter().flatten().step_by(count / SMALL);
        let mut sample: Vec<u64> = sample.map(|entry| entry.key.time_ns).collect();
        sample.sort_unstable();
        let span = sample[sample.len() * 9 / 10] - first;
        self.width = (span / BUCKETS as u64).max(1);
        self.near_end = first;
        self.next_bucket = 0;
        self.len -= count;
        for block in far {
            for entry in block {
                self.push(entry.key, entry.event);
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn kinds_order_events_of_one_instant() {
        let mut queue = EventQueue::new();
        let kinds = [Kind::Timer, Kind::Delivery, Kind::Fault, Kind::Finish, Kind::Departure];
        for kind in kinds {
            queue.push(Key::new(5, kind, 0, 0), kind);
        }
        let popped: Vec<Kind> = std::iter::from_fn(|| queue.pop()).map(|(_, kind)| kind).collect();
        let order =
            [Kind::Fault, Kind::Departure, Kind::Delivery, Kind::Finish, Kind::Timer].to_vec();
        assert_eq!(popped, order);
    }

    #[test]
    fn salts_permute_senders() {
        for salt in [0, 1, 2, 3, 0xdead_beef_1234_5678] {
            let salt = TieSalt::new(Some(salt));
            let mut seen: Vec<u32> = (0..1000).map(|sender| salt.sender(sender)).collect();
            assert!(!seen[..8].is_sorted(), "{salt:?} leaves few senders in their order");
            seen.sort_unstable();
            seen.dedup();
            assert_eq!(seen.len(), 1000);
        }
    }

    proptest! {
        /// Pushing while popping, as the kernel does, pops in key order.
        #[test]
        fn pops_in_key_order(
            batches in prop::collection::vec(prop::collection::vec((0u64..1 << 40, 0u32..50), 0..1500), 1..5)
        ) {
            let mut queue = EventQueue::new();
            let mut reference = BinaryHeap::new();
            let (mut now, mut seq) = (0, 0);
            for batch in batches {
                for (ahead, sender) in batch {
                    let ahead = if ahead % 3 == 0 { ahead } else { ahead % 5000 };
                    let key = Key::new(now + ahead, Kind::Delivery, sender, seq);
                    seq += 1;
                    queue.push(key, seq);
                    reference.push(Entry { key, event: seq });
                }
                for _ in 0..reference.len() / 2 {
                    let expected = reference.pop().map(|entry| (entry.key, entry.event));
                    let got = queue.pop();
                    prop_assert_eq!(&got, &expected);
                    now = got.map_or(now, |(key, _)| key.time_ns);
                }
            }
            while let Some(entry) = reference.pop() {
                prop_assert_eq!(queue.pop(), Some((entry.key, entry.event)));
            }
            prop_assert!(queue.pop().is_none() && queue.len == 0);
        }
    }
}
