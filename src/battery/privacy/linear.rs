//! The linear distinguisher on views: an affine functional that equals an honest input, or that
//! tells two honest inputs apart, in every run.

use mpclab_sim::RunSeed;
use rand::{Rng, SeedableRng};
use rand_chacha::ChaCha20Rng;

use super::findings::{Outcome, Test};
use super::secrets::Pair;
use super::views::{Domain, Sample, aligned};
use super::{Probe, Unit, equations, openings, own, parts, windows};
use crate::evidence::bits::{self, BitRuns};
use crate::evidence::elimination::PowerOfTwo;
use crate::evidence::linear::{self, Column, Design, Relation, Runs, Search};
use crate::evidence::prime::Prime;
use crate::evidence::{Misfit, linear::REQUIRED_BITS};

/// Name of the test.
pub(super) const NAME: &str = "linear functionals";

/// Different pairs of inputs of a search.
const PAIRS: u32 = 24;
/// Runs of a search at most.
const MOST_RUNS: usize = 4000;
/// Honest values that are searched for.
const TARGETS: usize = 32;

/// Runs of many pairs: which of the two inputs is used is a fair coin, so that given all that the
/// coalition may know, an input that differs has one bit of entropy in each run.
pub(super) struct Tossed<'a> {
    pub(super) samples: Vec<(usize, Sample)>,
    /// Pair and coin of each run.
    pairs: &'a [Pair],
    tosses: Vec<(usize, usize)>,
}

/// Searches the views of a coalition for honest inputs.
pub(super) fn leaks(probe: &Probe<'_>, unit: &Unit, block: u32) -> Vec<Test> {
    let seed = |at| probe.seed(block, unit.number(2), at);
    let pairs: Vec<Pair> =
        (0..PAIRS).filter_map(|at| probe.pair(&unit.coalition, &seed(at))).collect();
    let Some(runs) = runs(probe, unit, &pairs, &seed(0)) else { return Vec::new() };
    let tossed = match toss(probe, unit, block, &pairs, runs, true) {
        Ok(tossed) => tossed,
        Err(why) => return vec![unit.test(NAME, "", 0, Outcome::Undecided(why))],
    };
    let mut tests = tossed.search(unit);
    tests.extend(windows::leaks(&tossed, unit));
    if let Some(sigma) = openings::claimed(probe.target.claims().security) {
        tests.extend(own::tests(&tossed, unit, sigma));
    }
    // The linear distinguisher needs as many runs as a view has columns; correlations need more.
    let mut followed = None;
    for times in parts::LOOKS {
        let more = (times * probe.effort.tossed.max(runs)).min(MOST_RUNS);
        match toss(probe, unit, block, &pairs, more, false) {
            Ok(tossed) => {
                if followed.is_none() {
                    tests.extend(equations::tests(&tossed, unit));
                }
                followed = Some(parts::follow(&tossed));
            }
            Err(_) => break,
        }
        if followed.as_ref().is_none_or(|followed| !followed.is_open()) {
            break;
        }
    }
    tests.extend(followed.map(|followed| followed.into_test(unit)));
    tests
}

/// Runs with a coin each.
fn toss<'a>(
    probe: &Probe<'_>,
    unit: &Unit,
    block: u32,
    pairs: &'a [Pair],
    runs: usize,
    with_windows: bool,
) -> Result<Tossed<'a>, String> {
    let seed = probe.seed(block, unit.number(2), 0);
    let mut rng = ChaCha20Rng::from_seed(seed.purpose("coins"));
    let tosses: Vec<(usize, usize)> =
        (0..runs).map(|at| (at % pairs.len(), (rng.next_u32() & 1) as usize)).collect();
    let inputs: Vec<_> =
        tosses.iter().map(|(pair, coin)| (0, pairs[*pair].inputs[*coin].as_slice())).collect();
    let samples = probe.samples(unit, block, 2, &inputs, with_windows)?;
    let samples = samples.into_iter().enumerate().map(|(run, (_, sample))| (run, sample)).collect();
    Ok(Tossed { samples, pairs, tosses })
}

/// Runs that suffice where honest values differ as often as in these pairs; `None` if there are no
/// pairs.
fn runs(probe: &Probe<'_>, unit: &Unit, pairs: &[Pair], seed: &RunSeed) -> Option<usize> {
    let first = pairs.first()?;
    let sample = probe.sample(unit, *seed, &first.inputs[0], true).ok();
    let columns = sample.iter().flat_map(|sample| sample.columns.iter());
    let width = columns.map(|(domain, all)| match domain {
        // Known values are spread over their bits.
        Domain::Bits => all.len() + 16 * first.known.len(),
        _ => all.len() + first.known.len(),
    });
    let differ = |target: usize| {
        let odd = |pair: &&Pair| (pair.secrets[0][target] ^ pair.secrets[1][target]) & 1 == 1;
        pairs.iter().filter(odd).count()
    };
    let mut differ: Vec<usize> = (0..first.secrets[0].len()).map(differ).collect();
    differ.sort_unstable();
    let usual = differ.get(differ.len() / 2).copied().unwrap_or(0).max(pairs.len() / 8).max(1);
    let own = sample.iter().map(|sample| own::columns(sample).len() + first.known.len());
    let windows = sample.iter().flat_map(|sample| &sample.windows);
    let windows = windows.map(|window| window.values.len() + first.known.len());
    let width = width.chain(own).chain(windows).max().unwrap_or(0);
    let needed = needed(width, 8 * TARGETS);
    Some((needed * 5 / 4 * pairs.len() / usual).min(probe.effort.tossed))
}

impl Tossed<'_> {
    /// Honest values of a run's pair: those that were used, and those that were not.
    pub(super) fn choice(&self, run: usize) -> Option<[&[i128]; 2]> {
        let (pair, coin) = *self.tosses.get(run)?;
        let secrets = &self.pairs.get(pair)?.secrets;
        Some([&secrets[coin], &secrets[1 - coin]])
    }

    /// What the coalition may know of a run.
    pub(super) fn known(&self, run: usize) -> &[i128] {
        let pair = self.tosses.get(run).and_then(|(pair, _)| self.pairs.get(*pair));
        pair.map_or(&[], |pair| &pair.known)
    }

    fn search(&self, unit: &Unit) -> Vec<Test> {
        let runs = aligned(&self.samples);
        let Some((_, first)) = runs.first() else { return Vec::new() };
        let search = |domain: &Domain| {
            let (outcome, note) = match self.relations(*domain, &runs, &view(*domain, &runs)) {
                Ok((found, note)) => (Outcome::Searched(found), note),
                Err(why) => (Outcome::Undecided(why), String::new()),
            };
            let partial = if first.is_partial { "a sample of the view's columns" } else { "" };
            let note = [note.as_str(), partial].into_iter().filter(|part| !part.is_empty());
            let note = note.collect::<Vec<_>>().join("; ");
            let samples = runs.len() as u64;
            Test { note, ..unit.test(NAME, &domain.to_string(), samples, outcome) }
        };
        first.columns.keys().map(search).collect()
    }

    /// What was found over one algebra in some columns of these runs, and what was left out.
    pub(super) fn relations(
        &self,
        domain: Domain,
        runs: &[(usize, &Sample)],
        view: &[Vec<u128>],
    ) -> Result<(Vec<String>, String), String> {
        let pair = |run: usize| &self.pairs[self.tosses[run].0];
        let secret = |run: usize| &pair(run).secrets[self.tosses[run].1];
        let known: Vec<&[i128]> = runs.iter().map(|(run, _)| pair(*run).known.as_slice()).collect();
        let secrets: Vec<&[i128]> = runs.iter().map(|(run, _)| secret(*run).as_slice()).collect();
        let differs = |run: usize, target: usize, bit: Option<u32>| {
            let [a, b] = &pair(run).secrets;
            let change = |domain: Domain| domain.residue(a[target]) ^ domain.residue(b[target]);
            match (domain, bit) {
                (Domain::Prime(_), _) => change(domain) != 0,
                // What is revealed may be the lowest bit alone.
                (Domain::Ring(_), _) => change(domain) & 1 == 1,
                (Domain::Bits, bit) => change(domain) >> bit.unwrap_or(0) & 1 == 1,
            }
        };
        let count = secrets.first().map_or(0, |values| values.len()).min(TARGETS);
        let uncertain =
            |target: usize, bit| runs.iter().filter(|(run, _)| differs(*run, target, bit)).count();
        let found = match domain {
            Domain::Bits => bit_leaks(view, &known, &secrets, count, uncertain),
            Domain::Prime(p) => {
                let ring = Prime::new(p).ok_or_else(|| format!("{p} is no prime"))?;
                let tables = Tables { domain, view, known: &known, secrets: &secrets };
                tables.leaks(ring, count, uncertain)
            }
            Domain::Ring(bits) => {
                let ring =
                    PowerOfTwo::new(bits).ok_or_else(|| format!("no ring of {bits} bits"))?;
                let tables = Tables { domain, view, known: &known, secrets: &secrets };
                tables.leaks(ring, count, uncertain)
            }
        }?;
        let (search, left_out) = found;
        let note = match left_out {
            0 => String::new(),
            some => format!("{some} of {count} honest values vary too little to be searched for"),
        };
        let describe = |relation: &Relation| describe(relation, "an honest input");
        Ok((search.iter().flat_map(|search| &search.relations).map(describe).collect(), note))
    }
}

/// The elements of each run.
fn view(domain: Domain, runs: &[(usize, &Sample)]) -> Vec<Vec<u128>> {
    runs.iter().map(|(_, sample)| sample.column(domain)).collect()
}

/// A search, if there was one, and how many targets were left out of it.
type Found = Result<(Option<Search>, usize), String>;

struct Tables<'a> {
    domain: Domain,
    view: &'a [Vec<u128>],
    known: &'a [&'a [i128]],
    secrets: &'a [&'a [i128]],
}

impl Tables<'_> {
    fn leaks<R: crate::evidence::elimination::LocalRing>(
        &self,
        ring: R,
        count: usize,
        uncertain: impl Fn(usize, Option<u32>) -> usize,
    ) -> Found {
        let runs = self.view.len();
        let residues = |values: &[i128]| -> Vec<u128> {
            values.iter().map(|value| self.domain.residue(*value)).collect()
        };
        let known: Vec<Vec<u128>> = self.known.iter().map(|values| residues(values)).collect();
        let width = 1 + self.view[0].len() + known[0].len();
        let needed = needed(width, count);
        let searched: Vec<usize> =
            (0..count).filter(|target| uncertain(*target, None) >= needed).collect();
        let Some(least) = searched.iter().map(|target| uncertain(*target, None)).min() else {
            return Ok((None, count));
        };
        let target = |values: &&[i128]| {
            searched.iter().map(|target| self.domain.residue(values[*target])).collect()
        };
        let targets: Vec<Vec<u128>> = self.secrets.iter().map(target).collect();
        let entropy_bits = per_run(least, runs, width);
        let tables = Runs { known: &known, view: self.view, targets: &targets };
        let search = linear::leaks(ring, tables, entropy_bits).map_err(|why| why.to_string())?;
        Ok((Some(search), count - searched.len()))
    }
}

/// Runs in which a target has to be uncertain, so that chance gives no relation.
fn needed(width: usize, targets: usize) -> usize {
    width + REQUIRED_BITS as usize + targets.max(1).ilog2() as usize + 2
}

/// Entropy per run that makes the bound of [`linear::leaks`] hold where a target is uncertain, by
/// one bit, in `uncertain` of the runs: of those that are no pivots, at least `uncertain - rank`.
fn per_run(uncertain: usize, runs: usize, width: usize) -> f64 {
    if runs <= width {
        return 0.0;
    }
    uncertain.saturating_sub(width) as f64 / (runs - width) as f64
}

fn bit_leaks(
    view: &[Vec<u128>],
    known: &[&[i128]],
    secrets: &[&[i128]],
    count: usize,
    uncertain: impl Fn(usize, Option<u32>) -> usize,
) -> Found {
    let (known_bytes, secret_bytes) = (bytes_of(known), bytes_of(secrets));
    let packed: Vec<Vec<u8>> = view.iter().map(|bits| pack(bits)).collect();
    let known: Vec<Vec<u8>> = known.iter().map(|values| spread(values, &known_bytes)).collect();
    let width = 8 * (1 + packed[0].len() + known[0].len());
    let secret_bytes = &secret_bytes[..count];
    let needed = needed(width, 8 * secret_bytes.iter().sum::<usize>());
    let place = |target: usize| (0..8 * secret_bytes[target] as u32).map(move |bit| (target, bit));
    let all: Vec<(usize, u32)> = (0..count).flat_map(place).collect();
    let chances: Vec<usize> =
        all.iter().map(|(target, bit)| uncertain(*target, Some(*bit))).collect();
    let Some(least) = chances.iter().copied().filter(|chance| *chance >= needed).min() else {
        return Ok((None, count));
    };
    // Bits that hardly vary become constant, and nobody needs a view to know them.
    let masked = |values: &&[i128]| {
        let mut bytes = spread(&values[..count], secret_bytes);
        for (at, _) in chances.iter().enumerate().filter(|(_, chance)| **chance < needed) {
            bytes[at / 8] &= !(1 << (at % 8));
        }
        bytes
    };
    let targets: Vec<Vec<u8>> = secrets.iter().map(masked).collect();
    let tables = BitRuns { known: &known, view: &packed, targets: &targets };
    let entropy_bits = per_run(least, view.len(), width);
    let search = bits::leaks(tables, entropy_bits).map_err(|why| why.to_string())?;
    let is_left_out =
        |target: &usize| place(*target).all(|(target, bit)| uncertain(target, Some(bit)) < needed);
    Ok((Some(search), (0..count).filter(is_left_out).count()))
}

/// Bytes that each column needs, sign included.
fn bytes_of(rows: &[&[i128]]) -> Vec<usize> {
    let columns = rows.first().map_or(0, |row| row.len());
    let bits = |value: i128| 129 - (value ^ (value >> 127)).leading_zeros() as usize;
    let most = |column: usize| rows.iter().map(|row| bits(row[column])).max().unwrap_or(1);
    (0..columns).map(|column| most(column).div_ceil(8).min(16)).collect()
}

fn spread(values: &[i128], bytes: &[usize]) -> Vec<u8> {
    let low = |(value, bytes): (&i128, &usize)| value.to_le_bytes()[..*bytes].to_vec();
    values.iter().zip(bytes).flat_map(low).collect()
}

pub(super) fn pack(bits: &[u128]) -> Vec<u8> {
    let byte = |bits: &[u128]| bits.iter().rev().fold(0u8, |byte, bit| byte << 1 | (bit & 1) as u8);
    bits.chunks(8).map(byte).collect()
}

/// Searches a functional with one value for each of two inputs, and not the same.
pub(super) fn separates(unit: &Unit, pair: usize, classes: &[Vec<&Sample>; 2]) -> Vec<Test> {
    let samples = (classes[0].len() + classes[1].len()) as u64;
    let found = separating(classes, &format!("which of two inputs it is (pair {pair})"));
    let test = |(domain, outcome): (Domain, Outcome)| {
        unit.test(NAME, &domain.to_string(), samples, outcome)
    };
    found.into_iter().map(test).collect()
}

/// The same by algebra; `target` says in words what a functional gives away.
pub(super) fn separating(classes: &[Vec<&Sample>; 2], target: &str) -> Vec<(Domain, Outcome)> {
    let Some(first) = classes[0].first() else { return Vec::new() };
    let search = |domain: &Domain| {
        let rows = [0, 1].map(|class| -> Vec<Vec<u128>> {
            classes[class].iter().map(|sample| sample.column(*domain)).collect()
        });
        let outcome = match separate(*domain, [&rows[0], &rows[1]]) {
            Ok(search) => {
                let relations = search.relations.iter();
                Outcome::Searched(relations.map(|r| describe(r, target)).collect())
            }
            Err(why) => Outcome::Undecided(why.to_string()),
        };
        (*domain, outcome)
    };
    first.columns.keys().map(search).collect()
}

pub(super) fn separate(domain: Domain, rows: [&[Vec<u128>]; 2]) -> Result<Search, Misfit> {
    let none = Search { runs: 0, rank: 0, log2_false_positive: 0.0, relations: Vec::new() };
    match domain {
        Domain::Prime(p) => {
            Prime::new(p).map_or(Ok(none), |ring| linear::separates(ring, rows, Design::Fixed))
        }
        Domain::Ring(bits) => PowerOfTwo::new(bits)
            .map_or(Ok(none), |ring| linear::separates(ring, rows, Design::Fixed)),
        Domain::Bits => {
            let packed =
                rows.map(|rows| rows.iter().map(|row| pack(row)).collect::<Vec<Vec<u8>>>());
            bits::separates([&packed[0], &packed[1]], Design::Fixed)
        }
    }
}

/// Terms that are written out.
const TERMS: usize = 6;

pub(super) fn describe(relation: &Relation, target: &str) -> String {
    let name = |column: &Column| match column {
        Column::Known(at) => format!("known value {at}"),
        Column::View(at) => format!("element {at} of the view"),
        Column::One => "a constant".to_owned(),
    };
    let mut terms: Vec<String> =
        relation.coefficients.iter().take(TERMS).map(|(column, _)| name(column)).collect();
    if relation.coefficients.len() > TERMS {
        terms.push(format!("{} more", relation.coefficients.len() - TERMS));
    }
    let power = match relation.power {
        0 => String::new(),
        power => format!(" up to {power} high bits"),
    };
    format!("{target} is an affine function of {}{power}", terms.join(", "))
}

/// For each class the samples of the common shape.
pub(super) fn by_class(samples: &[(usize, Sample)]) -> [Vec<&Sample>; 2] {
    let aligned = aligned(samples);
    [0, 1].map(|class| {
        aligned.iter().filter(|(of, _)| *of == class).map(|(_, sample)| *sample).collect()
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_bound_per_run_is_no_more_than_what_is_uncertain() {
        for (uncertain, runs, width) in [(200, 400, 100), (400, 400, 100), (90, 400, 100)] {
            for rank in 0..=width {
                let claimed = per_run(uncertain, runs, width) * (runs - rank) as f64;
                assert!(claimed <= (uncertain as f64 - rank as f64).max(0.0) + 1e-9);
            }
        }
        assert_eq!(per_run(10, 10, 10), 0.0);
    }

    #[test]
    fn numbers_become_as_many_bytes_as_they_need() {
        assert_eq!(bytes_of(&[&[0, 127, -128], &[1, 128, -129]]), [1, 2, 2]);
        assert_eq!(spread(&[-1, 258], &[1, 2]), [255, 2, 1]);
        assert_eq!(pack(&[1, 0, 0, 0, 0, 0, 0, 1, 1]), [0x81, 1]);
    }
}
