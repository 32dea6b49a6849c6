//! Does a coalition get what a party keeps to itself?
//!
//! Keys, offsets and seeds never leave the party that draws them, or nothing that rests on them
//! holds; and they are as hard to guess as they are long. No input shows in a key, so that no
//! comparison of views would see one that leaks. Honest parties tap what they keep. A coalition has
//! it if it stands in what it is sent, also as a sum of what stands near each other, of what all tell
//! in one place, or with something that the coalition keeps itself; and it knows it beforehand if it
//! is the same in other runs, or the same as another of its kind.

use std::collections::{BTreeMap, BTreeSet};

use mpclab_protocols::oracle::Kept;
use mpclab_sim::vocabulary::PartyId;
use mpclab_sim::wire::Algebra;
use rayon::prelude::*;

use super::findings::{Compared, Outcome, Test};
use super::observe::Observation;
use super::sums::{Sum, Told, sums};
use super::{Probe, Unit};

/// Name of the test.
pub(super) const NAME: &str = "what parties keep";

/// Runs, and their set.
const RUNS: u32 = 24;
const SET: u32 = (1 << 8) + 128;
/// Bytes of a block: what is shorter is not looked for in messages.
const BLOCK: usize = 16;
/// Bits of entropy that it has at least: what has fewer might stand there by chance.
const ENTROPY: u32 = 100;
/// Blocks side by side of which all sums are looked at, and values of a coalition's own that are
/// added to them; windows overlap by half.
const WINDOW: usize = 32;
const OWN: usize = 16;
/// Values of 100 bits are looked for in blocks of 128: chance of a sum is less by so much.
const SPARE: f64 = 1.0 / (1u64 << 28) as f64;
/// Blocks of a message of which sums are looked at.
const MOST_BLOCKS: usize = 4096;

/// Who keeps what.
type Kind = (PartyId, &'static str);

/// Judges whether coalitions learn what others keep; nothing if nobody taps anything.
pub(super) fn tests(probe: &Probe<'_>, units: &[&Unit], block: u32) -> Vec<Test> {
    let run = |at: u32| probe.honest(block, SET, at);
    let first = match run(0) {
        Ok(first) if first.kept.is_empty() => return Vec::new(),
        first => first,
    };
    let others: Vec<_> = (1..RUNS).into_par_iter().map(run).collect();
    let runs: Result<Vec<Observation>, String> = std::iter::once(first).chain(others).collect();
    let of = |unit: &Unit| match &runs {
        Ok(runs) => test(unit, runs),
        Err(why) => unit.test(NAME, "bytes", 0, Outcome::Undecided(why.clone())),
    };
    units.iter().copied().map(of).collect()
}

fn test(unit: &Unit, runs: &[Observation]) -> Test {
    let is_own = |party: PartyId| unit.coalition.contains(&party);
    let mut compared = vec![equal(runs, is_own), ones(runs, is_own)];
    let (mut seen, mut places) = (Vec::new(), 0.0);
    for run in runs {
        let (shown, looked) = Sought::of(run, is_own).seen(run, is_own);
        seen.extend(shown);
        places += looked;
    }
    let chance = places * (-f64::from(ENTROPY)).exp2();
    compared.push(Compared {
        what: "in what is sent".to_owned(),
        p_value: if seen.is_empty() { 1.0 } else { chance.min(1.0) },
        detail: format!("{} times: {}", seen.len(), seen.first().map_or("", String::as_str)),
    });
    let note = format!(
        "sees blocks as they are, sums of any two, and all sums of {} side by side, in messages, in their \
         sums, and in what is held together",
        WINDOW / 2
    );
    Test { note, ..unit.test(NAME, "bytes", runs.len() as u64, Outcome::Compared(compared)) }
}

/// Whether what others keep repeats more often than chance makes it.
fn equal(runs: &[Observation], is_own: impl Fn(PartyId) -> bool) -> Compared {
    // Of one run, and of all runs those that stand in the same place.
    let mut groups: BTreeMap<(Kind, usize, usize), Vec<&Kept>> = BTreeMap::new();
    for (at, run) in runs.iter().enumerate() {
        let mut counts: BTreeMap<Kind, usize> = BTreeMap::new();
        for (party, kept) in run.kept.iter().filter(|(party, _)| !is_own(*party)) {
            let kind = (*party, kept.what);
            let count = counts.entry(kind).or_default();
            groups.entry((kind, 0, *count)).or_default().push(kept);
            groups.entry((kind, 1, at)).or_default().push(kept);
            *count += 1;
        }
    }
    let (mut worst, mut detail) = (1.0f64, String::new());
    for (((party, what), _, _), group) in &groups {
        let mut values: BTreeMap<&[u8], u64> = BTreeMap::new();
        group.iter().for_each(|kept| *values.entry(&kept.value).or_default() += 1);
        let pairs = |count: u64| count * count.saturating_sub(1) / 2;
        let (all, same) = (pairs(group.len() as u64), values.values().map(|n| pairs(*n)).sum());
        let bits = group.iter().map(|kept| kept.bits).min().unwrap_or(0);
        let p_value = repeats(all, same, bits) * groups.len() as f64;
        if p_value < worst {
            worst = p_value;
            detail = format!("{what} of {party}: {same} of {all} pairs are equal, of {bits} bits");
        }
    }
    Compared { what: "equal values".to_owned(), p_value: worst.min(1.0), detail }
}

/// Bits of entropy from which on ones are counted: residues modulo a small prime are no fair bits.
const COUNTED: u32 = 32;

/// Whether bits of what others keep are fair coins, where all of them are drawn; by Hoeffding's
/// inequality. Bits of a value beyond its entropy may be whatever they are.
fn ones(runs: &[Observation], is_own: impl Fn(PartyId) -> bool) -> Compared {
    let mut counts: BTreeMap<Kind, (u32, u32, u32)> = BTreeMap::new();
    for (party, kept) in runs.iter().flat_map(|run| &run.kept) {
        let is_whole = kept.bits.div_ceil(8) as usize == kept.value.len();
        if !is_own(*party) && kept.bits >= COUNTED && is_whole {
            let (bits, beyond, ones) = counts.entry((*party, kept.what)).or_default();
            *bits += kept.bits;
            *beyond += 8 * kept.value.len() as u32 - kept.bits;
            *ones += kept.value.iter().map(|byte| byte.count_ones()).sum::<u32>();
        }
    }
    let (mut worst, mut detail) = (1.0f64, String::new());
    for ((party, what), (bits, beyond, ones)) in &counts {
        let apart = (f64::from(*ones) - f64::from(*bits) / 2.0).abs() - f64::from(*beyond);
        let exponent = -2.0 * apart.max(0.0).powi(2) / f64::from(*bits);
        let p_value = 2.0 * exponent.exp() * counts.len() as f64;
        if p_value < worst {
            worst = p_value;
            detail = format!("{what} of {party}: {ones} of {bits} bits are ones");
        }
    }
    Compared { what: "ones".to_owned(), p_value: worst, detail }
}

/// At most how likely it is that of so many pairs of values so many or more are equal, if values
/// are uniform and independent.
fn repeats(all: u64, same: u64, bits: u32) -> f64 {
    let one = (-f64::from(bits)).exp2();
    match same {
        0 => 1.0,
        // All of n values are one.
        _ if same == all => {
            let values = (1.0 + (1.0 + 8.0 * all as f64).sqrt()) / 2.0;
            one.powf(values - 1.0)
        }
        // By Markov's inequality, as pairs share values.
        _ => (all as f64 * one / same as f64).min(1.0),
    }
}

fn block_of(bytes: &[u8]) -> Option<u128> {
    bytes.first_chunk::<BLOCK>().map(|block| u128::from_le_bytes(*block))
}

/// What is looked for in one run: what others keep, by its first block.
struct Sought<'a> {
    others: BTreeMap<u128, (PartyId, &'a Kept)>,
    /// What the coalition keeps itself, and nothing.
    own: BTreeSet<u128>,
}

impl<'a> Sought<'a> {
    fn of(run: &'a Observation, is_own: impl Fn(PartyId) -> bool) -> Self {
        let (own, others): (Vec<_>, Vec<_>) =
            run.kept.iter().partition(|(party, _)| is_own(*party));
        let others = others.into_iter().filter(|(_, kept)| kept.bits >= ENTROPY);
        let of =
            |(party, kept): &'a (PartyId, Kept)| Some((block_of(&kept.value)?, (*party, kept)));
        let own = own.into_iter().filter_map(|(_, kept)| block_of(&kept.value)).take(OWN);
        Sought { others: others.filter_map(of).collect(), own: own.chain([0]).collect() }
    }

    /// What shows in what the coalition is sent or keeps, and how; and in how many places it looked.
    fn seen(&self, run: &Observation, is_own: impl Fn(PartyId) -> bool) -> (Vec<String>, f64) {
        let (mut seen, mut places) = (BTreeMap::new(), self.own.len() as f64);
        let mut groups: Vec<Vec<u128>> = Vec::new();
        let mut note = |block: u128, how: &'static str, is_whole: &dyn Fn(&[u8]) -> bool| {
            if let Some((party, kept)) = self.others.get(&block).filter(|(_, k)| is_whole(&k.value))
            {
                let what = || format!("{} of {party} {how}", kept.what);
                seen.entry((*party, block)).or_insert_with(what);
            }
        };
        self.own.iter().for_each(|own| note(*own, "is what the coalition keeps", &|_| true));
        for message in run.messages.iter().filter(|m| is_own(m.to) && !is_own(m.from)) {
            let body = &message.body[..];
            for (at, window) in body.windows(BLOCK).enumerate() {
                let block = block_of(window).unwrap_or_default();
                note(block, "is sent", &|value| body[at..].starts_with(value));
            }
            let starts = message.fields.iter().map(|field| field.offset).chain([0]);
            for start in starts.collect::<BTreeSet<usize>>() {
                let blocks = body.get(start..).unwrap_or(&[]).as_chunks::<BLOCK>().0;
                let blocks = blocks.iter().take(MOST_BLOCKS);
                groups.push(blocks.map(|block| u128::from_le_bytes(*block)).collect());
            }
            places += body.len() as f64;
        }
        groups.extend(told_by_several(run, &is_own));
        let beside = run.beside.iter().filter(|(party, _)| is_own(*party));
        let of_things = beside.flat_map(|(_, all)| &all.0);
        groups.extend(of_things.map(|of| of.iter().map(|block| block.to_u128()).collect()));
        // Any two, wherever they stand.
        let all: BTreeSet<u128> = groups.iter().flatten().copied().collect();
        for target in self.others.keys() {
            if all.iter().any(|block| all.contains(&(block ^ target))) {
                note(*target, "is a sum of two blocks", &|_| true);
            }
        }
        places += (all.len() as f64).powi(2) * SPARE;
        for blocks in &groups {
            for window in (0..blocks.len()).step_by(WINDOW / 2) {
                let window = blocks[window..].iter().take(WINDOW);
                let basis = basis(window.chain(&self.own).copied());
                for target in self.others.keys() {
                    if reduced(&basis, *target) == 0 {
                        note(*target, "is a sum of blocks near each other", &|_| true);
                    }
                }
                places += (basis.len() as f64).exp2() * SPARE;
            }
        }
        (seen.into_values().collect(), places * self.others.len() as f64)
    }
}

/// Blocks of which each has a highest bit that no other one has, and which have the same sums.
fn basis(blocks: impl Iterator<Item = u128>) -> Vec<u128> {
    let mut basis: Vec<u128> = Vec::new();
    for block in blocks {
        let rest = reduced(&basis, block);
        if rest != 0 {
            let at = basis.partition_point(|other| *other > rest);
            basis.insert(at, rest);
        }
    }
    basis
}

/// What is left of a block; zero of a sum.
fn reduced(basis: &[u128], block: u128) -> u128 {
    basis.iter().fold(block, |rest, one| rest.min(rest ^ one))
}

/// Sums of blocks that stand in one place of several parties' messages, members of a coalition among
/// them, which tell others what they tell all.
fn told_by_several(run: &Observation, is_own: impl Fn(PartyId) -> bool) -> Vec<Vec<u128>> {
    let mut told = BTreeSet::new();
    let heard = run.messages.iter().filter(|message| {
        // Once, whoever else is told.
        (is_own(message.to) || is_own(message.from))
            && message.from != message.to
            && told.insert((message.from, message.scope.as_str(), message.occurrence))
    });
    let heard = heard.map(|message| Told {
        from: message.from,
        scope: &message.scope,
        occurrence: message.occurrence,
        fields: &message.fields,
        body: &message.body,
    });
    let of_blocks = |sum: Sum| -> Vec<u128> {
        let blocks = sum.elements.into_iter().filter(|(algebra, _)| *algebra == Algebra::Bytes);
        blocks.map(|(_, sum)| sum).take(MOST_BLOCKS).collect()
    };
    sums(heard).into_values().filter(|sum| sum.from.len() > 1).map(of_blocks).collect()
}

#[cfg(test)]
mod tests {
    use mpclab_sim::wire::Field;
    use rand::{Rng, SeedableRng};
    use rand_chacha::ChaCha20Rng;

    use super::super::observe::Overheard;
    use super::super::tape::Record;
    use super::*;

    const COALITION: PartyId = PartyId(1);

    fn run(body: Vec<u8>, kept: &[(PartyId, u128)]) -> Observation {
        let message = Overheard {
            at_ns: 0,
            from: PartyId(0),
            to: COALITION,
            scope: String::new(),
            occurrence: 0,
            fields: Vec::<Field>::new(),
            body,
        };
        let kept = kept.iter().map(|(party, value)| {
            (*party, Kept { what: "key", bits: 128, value: value.to_le_bytes().to_vec() })
        });
        Observation {
            messages: vec![message],
            record: Record::default(),
            ends: Vec::new(),
            work: Vec::new(),
            opened: Vec::new(),
            kept: kept.collect(),
            beside: Vec::new(),
            events: 0,
        }
    }

    fn drawn(seed: u64) -> u128 {
        let mut rng = ChaCha20Rng::seed_from_u64(seed);
        u128::from(rng.next_u64()) << 64 | u128::from(rng.next_u64())
    }

    #[test]
    fn what_several_tell_is_added_up() {
        let key = drawn(1);
        let told = |from: u16, block: u128| Overheard {
            from: PartyId(from.into()),
            fields: vec![Field {
                name: "x",
                offset: 0,
                count: 2,
                element_bytes: 16,
                algebra: Algebra::Bytes,
            }],
            ..run([block, drawn(u64::from(from))].map(u128::to_le_bytes).concat(), &[])
                .messages
                .remove(0)
        };
        let shows = |blocks: [u128; 2]| {
            let mut run = run(Vec::new(), &[(PartyId(0), key)]);
            run.messages = vec![told(0, blocks[0]), told(2, blocks[1])];
            let is_own = |of| of == COALITION;
            Sought::of(&run, is_own).seen(&run, is_own).0.concat()
        };
        assert!(shows([drawn(8), drawn(8) ^ key]).contains("is a sum of"));
        assert_eq!(shows([drawn(8), drawn(9)]), "");
    }

    #[test]
    fn keys_are_found_in_messages_in_sums_and_in_what_a_coalition_keeps() {
        let key = 0x1234_5678_9abc_def0_u128 << 50 | 77;
        let shows = |body: Vec<u8>, own: &[u128]| {
            let own = own.iter().map(|value| (COALITION, *value));
            let run = run(body, &own.chain([(PartyId(0), key)]).collect::<Vec<_>>());
            let is_own = |of| of == COALITION;
            Sought::of(&run, is_own).seen(&run, is_own).0.concat()
        };
        let others = [3u128, key ^ 5, 1_000, 7_000].map(u128::to_le_bytes).concat();
        assert_eq!(shows(others.clone(), &[]), "");
        let odd = [&[7][..], &key.to_le_bytes()].concat();
        assert!(shows(odd, &[]).ends_with("is sent"));
        let parts = [9, key ^ 5 ^ 12, 5, 12, 88].map(u128::to_le_bytes).concat();
        assert!(shows(parts, &[]).contains("is a sum of"));
        assert!(shows(Vec::new(), &[key]).ends_with("is what the coalition keeps"));
        assert!(shows(others, &[5]).contains("is a sum of"));
    }

    #[test]
    fn values_that_repeat_are_known_beforehand() {
        let honest = PartyId(0);
        let of = |value: &dyn Fn(u128) -> Vec<u128>| {
            let kept = |at| value(at).into_iter().map(|value| (honest, value)).collect::<Vec<_>>();
            let runs: Vec<_> = (0..24).map(|at| run(Vec::new(), &kept(at))).collect();
            equal(&runs, |party| party == COALITION).p_value
        };
        assert_eq!(of(&|at| vec![at, 100 + at]), 1.0);
        assert!(of(&|_| vec![5]) < 1e-20);
        assert!(of(&|at| vec![at, at]) < 1e-20);
        assert!(of(&|at| vec![at % 2]) < 1e-20);
        let ones_of = |mask: u128| {
            let kept = |at| [(honest, drawn(at) & mask)];
            let runs: Vec<_> = (0..24).map(|at| run(Vec::new(), &kept(at))).collect();
            ones(&runs, |party| party == COALITION).p_value
        };
        assert!(ones_of(u128::MAX) > 0.01);
        assert!(ones_of(u128::MAX / 0xff * 0x77) < 1e-20, "a quarter is zero");
        // Four bits that are always zero, and four that are not.
        assert!(repeats(276, 276, 4) < 1e-20);
        assert!(repeats(276, 20, 4) > 0.5);
    }
}
