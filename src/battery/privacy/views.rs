//! What one run shows a coalition, or an observer of the network, as numbers in columns.

use std::collections::{BTreeMap, BTreeSet};
use std::fmt;

use mpclab_sim::Stream;
use mpclab_sim::vocabulary::PartyId;
use mpclab_sim::wire::{Algebra, Field};
use rand::SeedableRng;
use rand::seq::index;
use rand_chacha::ChaCha20Rng;

use super::columns::{self, Stratum};
use super::observe::{Observation, Opened, Overheard};
use super::own::Own;
use super::sums::{Told, sums};
use super::tape::{Draw, Holder, Key};
use crate::evidence::shape;

/// Columns of one algebra that tests look at; of more, a sample.
pub(super) const MOST_COLUMNS: usize = 240;

/// Where linear functionals of a view live.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum Domain {
    /// Integers modulo a prime.
    Prime(u128),
    /// Integers modulo a power of two.
    Ring(u32),
    /// Bits.
    Bits,
}

impl Domain {
    fn of(algebra: Algebra) -> Option<Self> {
        match algebra {
            Algebra::Bytes => None,
            Algebra::Bits => Some(Domain::Bits),
            Algebra::Prime(p) => Some(Domain::Prime(p)),
            Algebra::Ring { bits } => (1..=128).contains(&bits).then_some(Domain::Ring(bits)),
        }
    }

    /// Whether a draw from so many values is an element: an integer below the modulus.
    fn holds(self, values: u128) -> bool {
        match self {
            Domain::Prime(p) => values != 0 && values <= p,
            Domain::Ring(bits) => {
                values.is_power_of_two() && values.ilog2() <= bits || values == 0 && bits == 128
            }
            Domain::Bits => values == 2,
        }
    }

    /// The residue of an integer.
    pub(super) fn residue(self, value: i128) -> u128 {
        match self {
            Domain::Prime(p) => {
                let rest = value.unsigned_abs() % p;
                if value < 0 && rest != 0 { p - rest } else { rest }
            }
            // Two's complement; whoever uses it cuts it to its width.
            Domain::Ring(_) | Domain::Bits => value.cast_unsigned(),
        }
    }
}

impl fmt::Display for Domain {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Domain::Prime(p) if *p < 1 << 32 => write!(f, "F_p, p = {p}"),
            Domain::Prime(p) => write!(f, "F_p, p of {} bits", 128 - p.leading_zeros()),
            Domain::Ring(bits) => write!(f, "Z_2^{bits}"),
            Domain::Bits => f.write_str("bits"),
        }
    }
}

/// One run in columns.
#[derive(Clone)]
pub(super) struct Sample {
    /// Hash of the shape: equal for runs whose columns mean the same.
    pub(super) signature: [u8; 32],
    /// Elements that were sent, received and drawn.
    pub(super) columns: BTreeMap<Domain, Vec<u128>>,
    /// What a member and others tell each other in one place, added up.
    pub(super) sums: BTreeMap<Domain, Vec<u128>>,
    /// First bytes of what is no element: hashes, keys, commitments.
    pub(super) opaque: Vec<u128>,
    /// What computing parties open under masks.
    pub(super) opened: Vec<Opened>,
    /// What members drew, as it may mask what is opened.
    pub(super) own: Own,
    /// All bytes of that which was received, as far as tests look.
    pub(super) bytes: Vec<u8>,
    /// Messages, and bytes of payload.
    pub(super) sizes: [u64; 2],
    /// When messages departed and parties ended, nanoseconds.
    pub(super) times_ns: Vec<u64>,
    /// Units of computing that others declare.
    pub(super) work: u64,
    pub(super) is_aborted: bool,
    /// Whether there are more columns than tests look at.
    pub(super) is_partial: bool,
    /// Smaller choices of columns, if they were asked for.
    pub(super) windows: Vec<Window>,
}

/// Columns that stand near each other, beyond those that all tests look at.
#[derive(Clone)]
pub(super) struct Window {
    /// Where relations are searched for.
    pub(super) domain: Domain,
    /// Whether bits stand among them, as numbers.
    pub(super) is_mixed: bool,
    pub(super) values: Vec<u128>,
}

impl Sample {
    /// The view of a coalition; of the network, with no elements, if nobody is in it.
    pub(super) fn of(observation: &Observation, coalition: &[PartyId], seed: u64) -> Self {
        Sample::with(observation, coalition, seed, false)
    }

    /// The same, with windows if they are asked for.
    pub(super) fn with(
        observation: &Observation,
        coalition: &[PartyId],
        seed: u64,
        with_windows: bool,
    ) -> Self {
        let is_network = coalition.is_empty();
        let seen = |message: &&Overheard| is_network || message.concerns(coalition);
        let messages: Vec<&Overheard> = observation.messages.iter().filter(seen).collect();
        let draws = drawn(observation, coalition);
        let (columns, opaque) = elements(&messages, &draws, is_network);
        let chosen = |(domain, all): (&Domain, &Columns)| {
            (*domain, all.values(&columns::chosen(&all.strata, MOST_COLUMNS, seed)))
        };
        let ends = observation.ends.iter().enumerate();
        let of_view =
            |(at, _): &(usize, &(bool, u64))| is_network || coalition.contains(&PartyId::from(*at));
        let departures = messages.iter().map(|message| message.at_ns);
        let times_ns: Vec<u64> =
            departures.chain(ends.filter(of_view).map(|(_, end)| end.1)).collect();
        let work = observation.work.iter().enumerate();
        let work = work.filter(|(at, _)| !coalition.contains(&PartyId::from(*at)));
        let work = work.map(|(_, units)| *units);
        let is_field = |values| columns.keys().any(|domain| *domain == Domain::Prime(values));
        let own = match observation.opened.is_empty() {
            true => Own::default(),
            false => Own::of(&draws, is_field),
        };
        let is_partial = columns.values().any(|all| all.values.len() > MOST_COLUMNS);
        let payload: u64 = messages.iter().map(|message| message.body.len() as u64).sum();
        Sample {
            signature: signature(&messages, &draws),
            columns: columns.iter().map(chosen).collect(),
            sums: opened(&messages, coalition, seed),
            opaque: some(opaque, seed),
            opened: some(observation.opened.clone(), seed),
            own,
            bytes: bytes(&messages, coalition),
            sizes: [messages.len() as u64, payload],
            times_ns: some(times_ns, seed),
            work: work.sum(),
            is_aborted: observation.is_aborted(),
            is_partial,
            windows: if with_windows { windows(&columns) } else { Vec::new() },
        }
    }

    /// Elements of one algebra.
    pub(super) fn column(&self, domain: Domain) -> Vec<u128> {
        self.columns.get(&domain).cloned().unwrap_or_default()
    }
}

/// What the network carried for a coalition, or for anybody.
pub(super) fn transcript(observation: &Observation, coalition: &[PartyId]) -> Vec<shape::Envelope> {
    let seen = |m: &&Overheard| coalition.is_empty() || m.concerns(coalition);
    let describe = |m: &Overheard| shape::Envelope {
        scope: m.scope.clone(),
        from: m.from.0,
        to: m.to.0,
        bytes: m.body.len() as u64,
    };
    observation.messages.iter().filter(seen).map(describe).collect()
}

/// The values of all columns, or of as many as tests look at: the same ones for equal seeds.
fn some<T: Copy>(all: Vec<T>, seed: u64) -> Vec<T> {
    if all.len() <= MOST_COLUMNS {
        return all;
    }
    let mut rng = ChaCha20Rng::seed_from_u64(seed);
    let mut chosen = index::sample(&mut rng, all.len(), MOST_COLUMNS).into_vec();
    chosen.sort_unstable();
    chosen.into_iter().map(|at| all[at]).collect()
}

/// What the members drew, and what the random functions give that they can evaluate: those that
/// they evaluate in the protocol, and all whose key they read or send somewhere, or everybody
/// knows. A key that is made of several messages, by a hash or an XOR, is not found.
///
/// Names differ from run to run, but the order in which a party comes to know them does not.
pub(super) fn drawn(observation: &Observation, coalition: &[PartyId]) -> Vec<(Draw, u128)> {
    let record = &observation.record;
    let is_own =
        |draw: &Draw| matches!(draw.0, Stream::Party { party, .. } if coalition.contains(&party));
    let own = record.draws.iter().filter(|(draw, _)| is_own(draw));
    let mut drawn: Vec<(Draw, u128)> = own.map(|(draw, value)| (*draw, *value)).collect();
    let keys = known_keys(observation, coalition);
    let others: BTreeSet<PartyId> = record.holders.iter().map(|holder| holder.party).collect();
    let others = others.iter().filter(|party| !coalition.contains(party));
    let mut known = BTreeSet::new();
    for party in coalition.iter().chain(others) {
        let is_member = coalition.contains(party);
        for Holder { name, key, .. } in record.holders.iter().filter(|one| one.party == *party) {
            if !(is_member || keys.contains(key)) || !known.insert(*name) {
                continue;
            }
            let stream = Stream::Function(*name);
            let of_function =
                record.draws.range((stream, 0, 0)..).take_while(|(draw, _)| draw.0 == stream);
            drawn.extend(of_function.map(|(draw, value)| (*draw, *value)));
        }
    }
    drawn
}

/// All elements of one algebra.
#[derive(Default)]
struct Columns {
    values: Vec<u128>,
    strata: Vec<Stratum>,
}

impl Columns {
    fn extend(&mut self, scope: Option<usize>, values: impl Iterator<Item = u128>) {
        let before = self.values.len();
        self.values.extend(values);
        self.strata.push(Stratum { scope, count: self.values.len() - before });
    }

    fn values(&self, places: &[usize]) -> Vec<u128> {
        places.iter().map(|at| self.values[*at]).collect()
    }
}
/// Keys of others' random functions that a coalition knows.
fn known_keys(observation: &Observation, coalition: &[PartyId]) -> BTreeSet<Key> {
    let record = &observation.record;
    let keys: BTreeSet<Key> = record.holders.iter().map(|holder| holder.key).collect();
    let seen = || observation.messages.iter().filter(|message| message.concerns(coalition));
    let is_known = |key: &Key| {
        let has = |message: &Overheard| message.body.windows(key.len()).any(|bytes| bytes == key);
        record.public.contains(key) || seen().any(has)
    };
    keys.into_iter().filter(is_known).collect()
}

fn elements(
    messages: &[&Overheard],
    draws: &[(Draw, u128)],
    is_network: bool,
) -> (BTreeMap<Domain, Columns>, Vec<u128>) {
    let (mut columns, mut opaque) = (BTreeMap::<Domain, Columns>::new(), Vec::new());
    if is_network {
        return (columns, opaque);
    }
    let (mut scope, mut name) = (0, messages.first().map(|message| message.scope.as_str()));
    for message in messages {
        // Messages are sorted by scope.
        if name != Some(message.scope.as_str()) {
            (scope, name) = (scope + 1, Some(message.scope.as_str()));
        }
        for field in &message.fields {
            let values = (0..field.count).filter_map(|at| element(field, &message.body, at));
            match Domain::of(field.algebra) {
                Some(domain) => columns.entry(domain).or_default().extend(Some(scope), values),
                None => opaque.extend(values.take(1).map(|value| value & 0xff)),
            }
        }
    }
    for (domain, columns) in &mut columns {
        for of_stream in draws.chunk_by(|((a, ..), _), ((b, ..), _)| a == b) {
            let fits = of_stream.iter().filter(|((_, _, values), _)| domain.holds(*values));
            columns.extend(None, fits.map(|(_, value)| *value));
        }
    }
    (columns, opaque)
}

/// What a coalition sees opened under additive shares, as far as tests look. What a member tells
/// several is taken as it tells the first of them.
fn opened(
    messages: &[&Overheard],
    coalition: &[PartyId],
    seed: u64,
) -> BTreeMap<Domain, Vec<u128>> {
    let Some(member) = coalition.first() else { return BTreeMap::new() };
    let mut places = BTreeSet::new();
    let told = messages.iter().copied().filter(|message| {
        let place = (message.scope.as_str(), message.occurrence);
        message.to == *member || message.from == *member && places.insert(place)
    });
    let told = told.map(|message| Told {
        from: message.from,
        scope: &message.scope,
        occurrence: message.occurrence,
        fields: &message.fields,
        body: &message.body,
    });
    let mut by_domain: BTreeMap<Domain, Vec<u128>> = BTreeMap::new();
    for sum in sums(told).into_values().filter(|sum| sum.from.len() > 1) {
        for (algebra, value) in sum.elements {
            let domain = Domain::of(algebra);
            domain.into_iter().for_each(|of| by_domain.entry(of).or_default().push(value));
        }
    }
    by_domain.into_iter().map(|(domain, all)| (domain, some(all, seed))).collect()
}

/// Windows of those algebras that are not seen whole, and of bits beside numbers.
fn windows(columns: &BTreeMap<Domain, Columns>) -> Vec<Window> {
    let mut windows = Vec::new();
    for (domain, all) in columns {
        if all.values.len() > MOST_COLUMNS {
            let choices = columns::windows(&all.strata).into_iter();
            windows.extend(choices.map(|places| Window {
                domain: *domain,
                is_mixed: false,
                values: all.values(&places),
            }));
        }
        let Some(bits) = columns.get(&Domain::Bits).filter(|_| *domain != Domain::Bits) else {
            continue;
        };
        let (beside, choices) = columns::mixed(&all.strata, &bits.strata);
        let beside = all.values(&beside);
        windows.extend(choices.into_iter().map(|places| Window {
            domain: *domain,
            is_mixed: true,
            values: beside.iter().copied().chain(bits.values(&places)).collect(),
        }));
    }
    windows
}

/// An element of a run of equal ones; of more than 16 bytes the low 16.
pub(super) fn element(field: &Field, body: &[u8], at: usize) -> Option<u128> {
    if field.algebra == Algebra::Bits {
        let byte = body.get(field.offset + at / 8)?;
        return Some(u128::from(byte >> (at % 8) & 1));
    }
    let start = field.offset + at * field.element_bytes;
    let bytes = body.get(start..start + field.element_bytes.min(16))?;
    Some(bytes.iter().rev().fold(0, |value, byte| value << 8 | u128::from(*byte)))
}

/// Bytes that a test looks at.
const MOST_BYTES: usize = 1024;

/// Bytes of opaque fields that others sent to a coalition.
fn bytes(messages: &[&Overheard], coalition: &[PartyId]) -> Vec<u8> {
    let received = messages.iter().filter(|message| coalition.contains(&message.to));
    let from_others = received.filter(|message| !coalition.contains(&message.from));
    let of = |message: &&&Overheard| {
        let opaque = message.fields.iter().filter(|field| Domain::of(field.algebra).is_none());
        let range = |field: &Field| field.offset..field.offset.saturating_add(field.bytes());
        let bytes = opaque.filter_map(|field| message.body.get(range(field)));
        bytes.flatten().copied().collect::<Vec<u8>>()
    };
    from_others.flat_map(|message| of(&message)).take(MOST_BYTES).collect()
}

fn signature(messages: &[&Overheard], draws: &[(Draw, u128)]) -> [u8; 32] {
    let mut hasher = blake3::Hasher::new();
    for message in messages {
        hasher.update(message.scope.as_bytes());
        for part in [
            u64::from(message.from.0),
            u64::from(message.to.0),
            u64::from(message.occurrence),
            message.body.len() as u64,
            message.fields.iter().map(|field| field.count as u64).sum(),
        ] {
            hasher.update(&part.to_le_bytes());
        }
    }
    for ((_, position, values), _) in draws {
        hasher.update(&position.to_le_bytes());
        hasher.update(&values.to_le_bytes());
    }
    *hasher.finalize().as_bytes()
}

/// The samples of the most frequent shape, in their order, with the class of each.
pub(super) fn aligned(samples: &[(usize, Sample)]) -> Vec<(usize, &Sample)> {
    let mut counts: BTreeMap<[u8; 32], usize> = BTreeMap::new();
    samples.iter().for_each(|(_, sample)| *counts.entry(sample.signature).or_default() += 1);
    let Some((shape, _)) = counts.into_iter().max_by_key(|(_, count)| *count) else {
        return Vec::new();
    };
    let same = samples.iter().filter(|(_, sample)| sample.signature == shape);
    same.map(|(class, sample)| (*class, sample)).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn residues_of_negative_numbers_wrap() {
        assert_eq!(Domain::Prime(7).residue(-1), 6);
        assert_eq!(Domain::Prime(7).residue(-14), 0);
        assert_eq!(Domain::Prime(7).residue(15), 1);
        assert_eq!(Domain::Ring(64).residue(-1), u128::MAX);
    }

    #[test]
    fn draws_are_elements_where_they_fit() {
        assert!(Domain::Prime(7).holds(7) && Domain::Prime(7).holds(2));
        assert!(!Domain::Prime(7).holds(8) && !Domain::Prime(7).holds(0));
        assert!(Domain::Ring(64).holds(1 << 64) && !Domain::Ring(64).holds(1 << 65));
        assert!(Domain::Ring(128).holds(0) && !Domain::Ring(64).holds(0));
        assert!(!Domain::Ring(64).holds(3) && Domain::Bits.holds(2) && !Domain::Bits.holds(4));
    }

    #[test]
    fn elements_are_read_little_endian_and_bits_in_order() {
        let field = |algebra, element_bytes| Field {
            name: "x",
            offset: 1,
            count: 2,
            element_bytes,
            algebra,
        };
        let body = [9, 1, 2, 0, 1];
        let of = |field: &Field| [0, 1].map(|at| element(field, &body, at));
        assert_eq!(of(&field(Algebra::Prime(1 << 16), 2)), [Some(0x201), Some(0x100)]);
        assert_eq!(of(&field(Algebra::Bits, 0)), [Some(1), Some(0)]);
        assert_eq!(element(&field(Algebra::Prime(7), 8), &body, 0), None, "cut off");
    }

    #[test]
    fn a_sample_of_columns_is_the_same_each_time() {
        let all: Vec<u64> = (0..1000).collect();
        let chosen = some(all.clone(), 5);
        assert!(chosen.len() == MOST_COLUMNS && chosen.is_sorted());
        assert_eq!(chosen, some(all.clone(), 5));
        assert_ne!(chosen, some(all, 6));
        assert_eq!(some(vec![3, 1, 2], 5), [3, 1, 2]);
    }
}
