//! Where the time of a run went, in a sentence.

use std::collections::BTreeMap;

use mpclab_sim::trace::Cause;

use crate::record::PathRow;
use crate::units::{Unit, thousands};

/// Time on a critical path by cause, in the order of [`Cause::ALL`]; causes without time are left
/// out.
#[must_use]
pub fn causes(path: &[PathRow]) -> Vec<(Cause, u64)> {
    let sum = |cause: Cause| total(path.iter().filter(|row| row.cause == cause));
    let all = Cause::ALL.into_iter().map(|cause| (cause, sum(cause)));
    all.filter(|(_, time_ns)| *time_ns > 0).collect()
}

/// A share in whole percent; what is there is never 0 %, and only all is 100 %.
#[must_use]
pub fn percent(part: u64, whole: u64) -> String {
    if part == 0 || whole == 0 {
        return "0 %".to_owned();
    }
    let share = (100.0 * part as f64 / whole as f64).round();
    match share as u64 {
        0 => "under 1 %".to_owned(),
        100.. if part < whole => "over 99 %".to_owned(),
        share => format!("{share} %"),
    }
}

/// What takes the most time of a critical path, where, and what it would help to change, for
/// example: `71 % of 1.90 s is propagation on the 46 rounds of online/compare; halving the
/// round-trip time saves at most 0.68 s`. `None` if no time went by.
///
/// The saving is an upper limit: with less of one thing, another path may become the critical one.
#[must_use]
pub fn sentence(path: &[PathRow]) -> Option<String> {
    let whole = total(path.iter());
    let mut places: BTreeMap<(Cause, &str), Vec<&PathRow>> = BTreeMap::new();
    for row in path.iter().filter(|row| row.time_ns > 0) {
        places.entry((row.cause, row.scope.as_str())).or_default().push(row);
    }
    let time = |rows: &Vec<&PathRow>| total(rows.iter().copied());
    // Of equals the first in the order of causes and names.
    let longest = places.iter().rev().max_by_key(|(_, rows)| time(rows));
    let ((cause, scope), rows) = longest?;
    let place = if scope.is_empty() { "outside all scopes".to_owned() } else { in_scope(scope) };
    let of_cause = total(path.iter().filter(|row| row.cause == *cause));
    let share = percent(time(rows), whole);
    let (what, advice) = words(*cause, &place, rows, of_cause);
    Some(format!("{share} of {} is {what}; {advice}", Unit::Time.show(whole)))
}

fn in_scope(scope: &str) -> String {
    format!("of {scope}")
}

/// What goes on, and what would help.
fn words(cause: Cause, place: &str, rows: &[&PathRow], of_cause: u64) -> (String, String) {
    let whole = Unit::Time.show(of_cause);
    let half = Unit::Time.show(of_cause / 2);
    let who = only(rows.iter().map(|row| row.party.to_string()));
    let who = who.unwrap_or_else(|| "the parties".to_owned());
    match cause {
        Cause::Compute => (
            format!("compute {place} by {who}"),
            format!("machines twice as fast save at most {half}"),
        ),
        Cause::Propagation => {
            let rounds = rows.iter().fold(0u64, |sum, row| sum.saturating_add(row.stretches));
            let noun = if rounds == 1 { "round" } else { "rounds" };
            (
                format!("propagation on the {} {noun} {place}", thousands(rounds)),
                format!("halving the round-trip time saves at most {half}"),
            )
        }
        Cause::Serialisation => (
            format!("serialisation of the messages {place} from {who}"),
            format!("doubling the capacity saves at most {half}"),
        ),
        Cause::Queueing => (
            format!("queueing of the messages {place} from {who}"),
            format!("without other traffic in their way at most {whole} are saved"),
        ),
        Cause::StartUp => (
            format!("the start-up of connections for the messages {place}"),
            format!("connections that are warm save at most {whole}"),
        ),
        Cause::Waiting => (
            format!("waiting of {who} for deadlines {place}"),
            format!("shorter deadlines save at most {whole}"),
        ),
        Cause::Down => {
            (format!("{who} being down {place}"), format!("without it at most {whole} are saved"))
        }
        Cause::Held => (
            format!("messages {place} that the adversary held back"),
            format!("without it at most {whole} are saved"),
        ),
    }
}

/// The value that all have in common.
fn only(mut values: impl Iterator<Item = String>) -> Option<String> {
    let first = values.next()?;
    values.all(|value| value == first).then_some(first)
}

fn total<'a>(rows: impl Iterator<Item = &'a PathRow>) -> u64 {
    rows.fold(0, |sum, row| sum.saturating_add(row.time_ns))
}
