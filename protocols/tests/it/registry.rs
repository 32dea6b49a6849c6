//! The protocols of this crate as the tests see them: by name, without their types.
//!
//! Nothing here starts a party through its type, so that no protocol is compiled again into this
//! binary.

use std::any::Any;
use std::ops::RangeInclusive;
use std::panic::resume_unwind;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Arc, LazyLock};

use mpclab_protocols::protocol::{Code, Info, Job, Protocol, ProtocolVisitor, Unsupported};
use mpclab_sim::vocabulary::NamedRole;
use serde_json::Value;

use crate::harness::Subject;

/// Parameters of a protocol, of its own type.
type Params = Box<dyn Any + Send + Sync>;

/// A protocol.
pub(crate) struct Entry {
    pub(crate) name: &'static str,
    pub(crate) info: Info,
    pub(crate) roles: &'static [NamedRole],
    /// What its security rests on, if it is computational.
    pub(crate) assumes: &'static [&'static str],
    pub(crate) code: Box<dyn Code>,
    /// What it says its conformance has to cover, the default first.
    pub(crate) variants: Vec<Value>,
    /// Its default parameters in full.
    pub(crate) default: Value,
    read: fn(&Value) -> Result<Params, String>,
}

/// A protocol with parameters.
#[derive(Clone, Copy)]
pub(crate) struct Variant {
    pub(crate) entry: &'static Entry,
    pub(crate) params: &'static Value,
}

static ENTRIES: LazyLock<Vec<Entry>> = LazyLock::new(|| {
    let mut entries = Entries(Vec::new());
    mpclab_protocols::visit_all(&mut entries);
    entries.0
});

struct Entries(Vec<Entry>);

impl ProtocolVisitor for Entries {
    fn visit<P: Protocol>(&mut self, code: Box<dyn Code>) {
        let default = serde_json::to_value(P::Params::default()).expect("parameters are JSON");
        let variants = code.variants();
        assert_eq!(variants.len(), P::variants().len(), "{}: parameters are JSON", P::NAME);
        let read = read::<P>;
        let (roles, assumes) = (P::ROLES, P::ASSUMES);
        self.0.push(Entry {
            name: P::NAME,
            info: P::INFO,
            roles,
            assumes,
            code,
            variants,
            default,
            read,
        });
    }
}

fn read<P: Protocol>(params: &Value) -> Result<Params, String> {
    let params: P::Params =
        serde_json::from_value(params.clone()).map_err(|error| error.to_string())?;
    Ok(Box::new(params))
}

/// All protocols, in alphabetical order.
pub(crate) fn entries() -> &'static [Entry] {
    &ENTRIES
}

/// A protocol by its type.
pub(crate) fn entry<P: Protocol>() -> &'static Entry {
    entries().iter().find(|entry| entry.name == P::NAME).expect("it is in the registry")
}

/// All protocols with all parameters that they want to be covered.
pub(crate) fn variants() -> Vec<Variant> {
    entries().iter().flat_map(Entry::all).collect()
}

impl Entry {
    /// All parameters that it wants to be covered.
    pub(crate) fn all(&'static self) -> impl Iterator<Item = Variant> {
        self.variants.iter().map(move |params| Variant { entry: self, params })
    }

    /// Binds parameters in JSON to a job.
    ///
    /// # Errors
    /// Why the protocol can't do it.
    pub(crate) fn bind(&self, job: &Arc<Job>, params: &Value) -> Result<Subject, Unsupported> {
        let typed =
            (self.read)(params).unwrap_or_else(|why| panic!("{} {params}: {why}", self.name));
        let bound = self.code.bind(job, &*typed)?;
        let name = match params {
            Value::Object(map) if map.is_empty() => self.name.to_owned(),
            params => format!("{} {params}", self.name),
        };
        Ok(Subject { name, job: Arc::clone(job), bound })
    }

    /// Numbers of computing parties that are tried: those of 2, 3, 4, 5 and 7 that it allows, or
    /// the fewest.
    pub(crate) fn counts(&self) -> Vec<usize> {
        let (least, most) = self.info.parties;
        let mut counts = vec![2, 3, 4, 5, 7];
        counts.retain(|n| (least..=most).contains(n));
        if counts.is_empty() {
            counts.push(least);
        }
        counts
    }

    /// Three parties, or as near to it as is allowed.
    pub(crate) fn typical(&self) -> usize {
        let (least, most) = self.info.parties;
        3.clamp(least, most)
    }

    /// Its numbers of parties within a range; the fewest, if there are none.
    pub(crate) fn counts_in(&self, range: RangeInclusive<usize>) -> Vec<usize> {
        let counts = self.counts();
        let within: Vec<usize> = counts.iter().copied().filter(|n| range.contains(n)).collect();
        if within.is_empty() { counts[..1].to_vec() } else { within }
    }
}

impl Variant {
    /// See [`Entry::bind`].
    pub(crate) fn bind(&self, job: &Arc<Job>) -> Result<Subject, Unsupported> {
        let bound = self.entry.bind(job, self.params);
        if let Err(Unsupported { why, instead, .. }) = &bound {
            let name = self.entry.name;
            assert!(!why.is_empty() && !instead.is_empty(), "{name}: a refusal says what works");
        }
        bound
    }
}

/// Does something with each item on all processors; a failure of one is a failure of the test.
pub(crate) fn each<T: Sync, R: Send>(items: &[T], work: impl Fn(&T) -> R + Sync) -> Vec<R> {
    let next = AtomicUsize::new(0);
    let worker = || {
        let mut done = Vec::new();
        loop {
            let at = next.fetch_add(1, Ordering::Relaxed);
            let Some(item) = items.get(at) else { return done };
            done.push((at, work(item)));
        }
    };
    let threads = std::thread::available_parallelism().map_or(1, usize::from);
    let mut done: Vec<(usize, R)> = std::thread::scope(|scope| {
        let handles: Vec<_> = (0..threads).map(|_| scope.spawn(worker)).collect();
        let joined = handles.into_iter().map(|handle| handle.join());
        joined.flat_map(|done| done.unwrap_or_else(|panic| resume_unwind(panic))).collect()
    });
    done.sort_by_key(|(at, _)| *at);
    done.into_iter().map(|(_, result)| result).collect()
}
