//! What a deployment asks for: its own keys to their meaning.

use mpclab_sim::vocabulary::{AbortKind, AdversaryKind, OutputGuarantee};

use super::wire::{
    AbortWord, AdversaryWord, ArrivalsWire, CorruptionWord, DeadlineWire, GuaranteeWire, LoadWire,
    OutputWord, ThreatWire,
};
use super::{Arrivals, Deadline, Load};
use crate::files::Files;
use crate::inline::Loader;
use crate::mistake::Mistake;
use crate::path::KeyPath;
use crate::units;
use crate::wire::{Alt, Loss, Time};
use crate::yaml::MAX_YAML_BYTES;

/// Requests that are worked on at a time unless the file says otherwise.
const IN_FLIGHT: u64 = 16;

/// Requests that are simulated unless the file says otherwise.
const REQUESTS: u64 = 2_000;

/// Percent of requests that have to meet a deadline unless the file says otherwise.
const PERCENTILE: u64 = 95;

/// The adversary, how many computing parties it corrupts, and whether during the run.
pub(super) fn threat(
    wire: &ThreatWire,
    at: &KeyPath,
    computing: usize,
) -> Result<(AdversaryKind, usize, bool), Mistake> {
    let deterrence = wire.deterrence.map(|Loss(ppm)| f64::from(ppm) / 1e6);
    let adversary = match (wire.adversary, deterrence) {
        (AdversaryWord::SemiHonest, None) => AdversaryKind::SemiHonest,
        (AdversaryWord::Malicious, None) => AdversaryKind::Malicious,
        (AdversaryWord::Covert, Some(deterrence)) => AdversaryKind::Covert(deterrence),
        (AdversaryWord::Covert, None) => {
            let message = "a covert adversary needs a `deterrence`";
            let mistake = Mistake::new(&at.key("adversary"), message, "caught how often?");
            return Err(mistake.help("for example deterrence: 50%"));
        }
        (_, Some(_)) => {
            let message = "only a covert adversary has a `deterrence`";
            return Err(Mistake::new(&at.key("deterrence"), message, "not here").on_key());
        }
    };
    let corruptions = usize::try_from(wire.corruptions).unwrap_or(usize::MAX);
    if corruptions >= computing {
        let message = format!("`corruptions` must be less than the {computing} computing parties");
        let label = "nobody would be left to protect";
        return Err(Mistake::new(&at.key("corruptions"), message, label));
    }
    Ok((adversary, corruptions, matches!(wire.corruption, Some(CorruptionWord::Adaptive))))
}

/// What honest parties have to get, and who has to learn of an abort.
pub(super) fn guarantee(wire: Option<&GuaranteeWire>) -> (OutputGuarantee, AbortKind) {
    let output = match wire.and_then(|wire| wire.output) {
        None | Some(OutputWord::Abort) => OutputGuarantee::Abort,
        Some(OutputWord::Identifiable) => OutputGuarantee::IdentifiableAbort,
        Some(OutputWord::Fairness) => OutputGuarantee::Fairness,
        Some(OutputWord::Guaranteed) => OutputGuarantee::Guaranteed,
    };
    let abort = match wire.and_then(|wire| wire.abort) {
        None | Some(AbortWord::Selective) => AbortKind::Selective,
        Some(AbortWord::Unanimous) => AbortKind::Unanimous,
    };
    (output, abort)
}

pub(super) fn deadline(wire: &Alt<Time, DeadlineWire>, at: &KeyPath) -> Result<Deadline, Mistake> {
    let (Time(within_ns), percentile, within_at) = match wire {
        Alt::Short(within) => (*within, None, at.clone()),
        Alt::Long(wire) => (wire.within, wire.percentile, at.key("within")),
    };
    if within_ns == 0 {
        let message = "a deadline must be longer than nothing";
        return Err(Mistake::new(&within_at, message, "no output is there at once"));
    }
    match percentile.unwrap_or(PERCENTILE) {
        percentile @ 1..=100 => Ok(Deadline { within_ns, percentile: percentile as usize }),
        _ => {
            let message = "`percentile` must be 1 to 100";
            Err(Mistake::new(&at.key("percentile"), message, "out of range"))
        }
    }
}

pub(super) fn load(
    wire: &LoadWire,
    at: &KeyPath,
    loader: &mut Loader<'_>,
) -> Result<Load, Mistake> {
    let in_range = |key: &str, given: u64, least: u64, most: u64| {
        if (least..=most).contains(&given) {
            return Ok(given as usize);
        }
        let message = format!("`{key}` must be {least} to {most}");
        Err(Mistake::new(&at.key(key), message, "out of range"))
    };
    let in_flight = in_range("in_flight", wire.in_flight.unwrap_or(IN_FLIGHT), 1, 100_000)?;
    let requests = in_range("requests", wire.requests.unwrap_or(REQUESTS), 100, 1_000_000)?;
    let (arrivals, requests) = match &wire.arrivals {
        ArrivalsWire::Poisson(rate) => (Arrivals::Poisson { per_hour: rate.0 }, requests),
        ArrivalsWire::Constant(rate) => (Arrivals::Constant { per_hour: rate.0 }, requests),
        ArrivalsWire::Trace(name) => {
            let at_ns = trace(name, &at.key("arrivals").key("trace"), loader)?;
            let count = at_ns.len();
            if wire.requests.is_some() {
                let message = "a trace has its own number of requests";
                return Err(Mistake::new(&at.key("requests"), message, "leave it out").on_key());
            }
            (Arrivals::Trace { name: name.clone(), at_ns }, count)
        }
    };
    Ok(Load { arrivals, in_flight, requests })
}

/// The times of a file: a duration on each line, ascending; empty lines and `#` are passed over.
fn trace(name: &str, at: &KeyPath, loader: &mut Loader<'_>) -> Result<Vec<u64>, Mistake> {
    let path = loader.resolve(name);
    let shown = path.display().to_string();
    let files: Files<'_> = loader.files;
    let text = files.read(&path, MAX_YAML_BYTES).map_err(|why| {
        Mistake::new(at, format!("cannot read the trace of arrivals `{shown}`"), why)
    })?;
    let file = loader.add(&path, &text);
    let (mut times, mut begin) = (Vec::new(), 0);
    for line in text.split_inclusive('\n') {
        let given = line.trim();
        let span = begin..begin + line.trim_end().len();
        begin += line.len();
        if given.is_empty() || given.starts_with('#') {
            continue;
        }
        let wrong = |why: String| {
            let message = format!("an arrival must be {}", units::TIME.expected);
            Mistake::in_text(file, span.clone(), message, why)
        };
        let time = units::parse(given, &units::TIME).map_err(&wrong)?;
        if times.last().is_some_and(|last| *last > time) {
            return Err(wrong("earlier than the one before".to_owned()));
        }
        times.push(time);
    }
    match (times.first(), times.last()) {
        (Some(first), Some(last)) if first < last => Ok(times),
        _ => {
            let message = format!("the trace of arrivals `{shown}` is too short");
            Err(Mistake::new(at, message, "two different times are needed for a rate"))
        }
    }
}
