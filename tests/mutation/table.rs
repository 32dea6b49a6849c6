//! The page with the score: protocols by who noticed, and survivors by name.

use std::collections::BTreeMap;
use std::fmt::Write as _;
use std::fs;
use std::io::Write as _;

use mpclab::protocols::mutants;
use mpclab::reports::battery::Family;

use crate::survivors::{self, Reason};
use crate::trial::{Kill, Trial};

const PAGE: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/docs/mutation-score.md");

/// Families of detectors in the page's order.
const COLUMNS: [(Family, &str); 11] = [
    (Family::Honest, "honest runs"),
    (Family::Known, "known attacks"),
    (Family::Generic, "generic"),
    (Family::SingleFault, "single fault"),
    (Family::Privacy, "privacy"),
    (Family::Composition, "composition"),
    (Family::Network, "network"),
    (Family::Malformed, "malformed"),
    (Family::Search, "search"),
    (Family::Soundness, "soundness"),
    (Family::Thresholds, "thresholds"),
];

/// One line for whoever waits.
pub(crate) fn line(trial: &Trial) -> String {
    let Trial { protocol, mutant, kill, wall_ms, .. } = trial;
    let fate = match kill {
        Some(Kill { guarantee, attack, task, .. }) => {
            format!("killed by {attack} ({guarantee}, {task})")
        }
        None if trial.alive => "SURVIVES".to_owned(),
        None => "DEAD: no step asks for it".to_owned(),
    };
    let wrong = if trial.wrong { ", honest outputs are wrong" } else { "" };
    format!("{protocol:9} {mutant:30} {fate}{wrong} [{:.1} s]", *wall_ms as f64 / 1e3)
}

/// The newest trial of every mutant: a line each, so that a score can be taken in several goes, on
/// several machines.
const KEPT: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/tests/mutation/kept.jsonl");

/// Keeps what came of a mutant.
pub(crate) fn keep(trial: &Trial) {
    let mut file = fs::OpenOptions::new().create(true).append(true).open(KEPT).unwrap();
    writeln!(file, "{}", serde_json::to_string(trial).unwrap()).unwrap();
}

/// The newest trial of every mutant of the corpus that was tried.
pub(crate) fn trials() -> Vec<Trial> {
    let mut newest = BTreeMap::new();
    for line in fs::read_to_string(KEPT).unwrap_or_default().lines() {
        let trial: Trial = serde_json::from_str(line).unwrap();
        newest.insert((trial.protocol.clone(), trial.mutant.clone()), trial);
    }
    let corpus = mutants::corpus().into_iter();
    let names = corpus.flat_map(|(protocol, all)| all.into_iter().map(move |m| (protocol, m.name)));
    names
        .filter_map(|(protocol, name)| newest.remove(&(protocol.to_owned(), name.to_owned())))
        .collect()
}

/// Writes the page from all that is kept; returns the survivors that nobody has explained.
pub(crate) fn write() -> Vec<String> {
    let trials = trials();
    let line = |trial: &Trial| serde_json::to_string(trial).unwrap() + "\n";
    fs::write(KEPT, trials.iter().map(line).collect::<String>()).unwrap();
    fs::write(PAGE, page(&trials)).unwrap();
    let survivors = trials.iter().filter(|trial| trial.kill.is_none());
    let unexplained =
        survivors.filter(|trial| survivors::reason(&trial.protocol, &trial.mutant).is_none());
    unexplained.map(|trial| format!("{}: {}", trial.protocol, trial.mutant)).collect()
}

fn page(trials: &[Trial]) -> String {
    let mut page = String::from(HEAD);
    let killed = trials.iter().filter(|trial| trial.kill.is_some()).count();
    let percent = 100.0 * killed as f64 / trials.len().max(1) as f64;
    writeln!(page, "**{killed} of {} mutants are noticed: {percent:.1} %.**\n", trials.len())
        .unwrap();
    let is_harmless = |trial: &&Trial| {
        let reason = survivors::reason(&trial.protocol, &trial.mutant);
        trial.kill.is_none() && matches!(reason, Some(Reason::Harmless(_)))
    };
    let harmless = trials.iter().filter(is_harmless).count();
    let percent = 100.0 * killed as f64 / (trials.len() - harmless).max(1) as f64;
    writeln!(
        page,
        "Of the others {harmless} do no harm to what is claimed, each for a reason below; of those \
         that do, {percent:.1} % are noticed.\n"
    )
    .unwrap();
    let whole: usize = mutants::corpus().iter().map(|(_, all)| all.len()).sum();
    if trials.len() < whole {
        let untried = whole - trials.len();
        writeln!(page, "Of the corpus of {whole}, {untried} have not been tried yet.\n").unwrap();
    }
    by_family(&mut page, trials);
    by_kind(&mut page, trials);
    survivors(&mut page, trials);
    all(&mut page, trials);
    page
}

fn row(page: &mut String, cells: impl IntoIterator<Item = String>) {
    let cells: Vec<String> = cells.into_iter().collect();
    writeln!(page, "| {} |", cells.join(" | ")).unwrap();
}

fn head(page: &mut String, names: &[&str]) {
    row(page, names.iter().map(|name| (*name).to_owned()));
    row(page, names.iter().map(|_| "---".to_owned()));
}

fn fraction<'a>(trials: impl Iterator<Item = &'a Trial> + Clone) -> String {
    let killed = trials.clone().filter(|trial| trial.kill.is_some()).count();
    format!("{killed}/{}", trials.count())
}

fn by_family(page: &mut String, trials: &[Trial]) {
    page.push_str("## By protocol, and who noticed first\n\n");
    let killers = |family: Family| {
        trials.iter().filter(move |trial| trial.kill.as_ref().is_some_and(|k| k.family == family))
    };
    let columns: Vec<(Family, &str)> =
        COLUMNS.into_iter().filter(|(family, _)| killers(*family).count() > 0).collect();
    let mut names = vec!["protocol", "noticed"];
    names.extend(columns.iter().map(|(_, name)| *name));
    head(page, &names);
    for (protocol, _) in mutants::corpus() {
        let own = trials.iter().filter(|trial| trial.protocol == protocol);
        let mut cells = vec![format!("`{protocol}`"), fraction(own)];
        cells.extend(columns.iter().map(|(family, _)| {
            match killers(*family).filter(|trial| trial.protocol == protocol).count() {
                0 => String::new(),
                some => some.to_string(),
            }
        }));
        row(page, cells);
    }
    page.push('\n');
}

fn by_kind(page: &mut String, trials: &[Trial]) {
    page.push_str("## By kind\n\n");
    head(page, &["kind", "noticed"]);
    let mut kinds: BTreeMap<&str, Vec<&Trial>> = BTreeMap::new();
    trials.iter().for_each(|trial| kinds.entry(&trial.kind).or_default().push(trial));
    for (kind, of) in kinds {
        row(page, [kind.to_owned(), fraction(of.iter().copied())]);
    }
    page.push('\n');
}

fn survivors(page: &mut String, trials: &[Trial]) {
    page.push_str("## Survivors\n\n");
    head(page, &["protocol", "mutant", "what is done", "does harm", "why nobody notices"]);
    for trial in trials.iter().filter(|trial| trial.kill.is_none()) {
        let Trial { protocol, mutant, step, what, .. } = trial;
        let (harm, reason) = match survivors::reason(protocol, mutant) {
            Some(Reason::Harmless(why)) => ("no", why),
            Some(Reason::Unseen(why)) => ("yes", why),
            None => ("unknown", "not explained yet"),
        };
        let done = format!("{step}: {what}");
        let cells = [format!("`{protocol}`"), format!("`{mutant}`"), done];
        row(page, cells.into_iter().chain([harm, reason].map(str::to_owned)));
    }
    page.push('\n');
}

fn all(page: &mut String, trials: &[Trial]) {
    page.push_str("## All of them\n\n");
    head(page, &["protocol", "mutant", "kind", "what is done", "noticed first by"]);
    for trial in trials {
        let Trial { protocol, mutant, kind, step, what, kill, .. } = trial;
        let by = kill.as_ref().map_or_else(String::new, |kill| {
            format!("{}: {} ({})", kill.attack, kill.guarantee, kill.task)
        });
        let (protocol, mutant) = (format!("`{protocol}`"), format!("`{mutant}`"));
        row(page, [protocol, mutant, kind.clone(), format!("{step}: {what}"), by]);
    }
}

const HEAD: &str = "\
# The mutation score

How many flaws does a battery notice? Test builds can do single steps of the protocols wrongly
(`protocols/src/mutants.rs`): leave a step out, check nothing, mask too narrowly, draw again what
was drawn before. Each such mutant goes through the batteries of `mpclab attack` on the smallest
functions that have its step. It counts as noticed if a claimed guarantee of security is violated.
Declared costs do not count, and neither do wrong outputs of honest runs; no mutant here has any.
Parts of a battery run one after the other until one notices, so *who noticed first* says little of
the others.

This page is written by

```sh
cargo test --release --test mutation -- --ignored score
```

";
