//! Advice as a document: the same parts become a page, Markdown, or text on a terminal.

use super::{Advice, Choice, Cost, LoadCheck, LoadPoint, RuledOut, Sizing, WhatIf, WhatIfOutcome};
use crate::conventions;
use crate::units::{Unit, thousands};

/// A part of a document.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Part {
    /// A heading.
    Heading(String),
    /// A paragraph.
    Text(String),
    /// A table: headings, rows, and what to know when reading it.
    Table {
        /// Headings.
        headers: Vec<&'static str>,
        /// Rows with as many cells.
        rows: Vec<Vec<String>>,
        /// Sentences below it.
        notes: Vec<String>,
    },
}

/// The whole document.
#[must_use]
pub fn document(advice: &Advice) -> Vec<Part> {
    let mut parts = vec![Part::Text(verdict(advice))];
    if !advice.options.is_empty() {
        parts.push(Part::Heading("Options".to_owned()));
        parts.push(options(advice, &advice.options));
    }
    if !advice.unpriced.is_empty() {
        parts.push(Part::Heading("Apart: setups without a price".to_owned()));
        parts.push(options(advice, &advice.unpriced));
    }
    if !advice.options.is_empty() || !advice.unpriced.is_empty() {
        parts.push(Part::Heading("Head-room and bottlenecks".to_owned()));
        parts.push(room(advice));
    }
    what_ifs(advice, &mut parts);
    load(advice, &mut parts);
    if let Some(best) = advice.best() {
        sizing(best, &mut parts);
    }
    if !advice.ruled_out.is_empty() {
        parts.push(Part::Heading("Ruled out".to_owned()));
        parts.push(ruled_out(advice));
    }
    parts.push(Part::Heading("Required".to_owned()));
    let rows = advice.required.iter().map(|(name, value)| vec![name.clone(), value.clone()]);
    let headers = vec!["requirement", "value"];
    parts.push(Part::Table { headers, rows: rows.collect(), notes: Vec::new() });
    parts
}

/// The recommendation in a few sentences.
fn verdict(advice: &Advice) -> String {
    let Some(best) = advice.best() else {
        let none = match (advice.options.first(), advice.unpriced.first()) {
            (None, None) => "no protocol meets the threat and the guarantees".to_owned(),
            (Some(first), _) | (None, Some(first)) => format!(
                "nothing meets all requirements; nearest is {}, {}",
                first.label,
                first.misses.join(", ")
            ),
        };
        return format!("Recommended: none. {}.", capital(&none));
    };
    let cost = &best.cost;
    let mut text = format!(
        "Recommended: {}. {} at the median, {} at the {}th percentile",
        best.label,
        time(cost.median_ns),
        time(cost.late_ns),
        advice.percentile
    );
    if let (Some(loaded), Some(offered)) = (cost.loaded_ns, &advice.offered) {
        text += &format!(" ({} under {})", time(loaded), offered.arrivals);
    }
    text += &format!(", {} in {} rounds", Unit::Bytes.show(cost.bytes), cost.rounds);
    if let Some(money) = cost.money_nusd {
        text += &format!(", {} for each run", Unit::Money.show(money));
    }
    text.push('.');
    if let Some(deadline) = advice.deadline {
        let left = deadline.within_ns.saturating_sub(cost.decisive_ns());
        text += &format!(
            " Head-room {} of {} ({}).",
            time(left),
            time(deadline.within_ns),
            percent(left as f64 / deadline.within_ns.max(1) as f64)
        );
    }
    if let Some((budget, money)) = advice.budget_nusd.zip(cost.money_nusd) {
        let left = budget.saturating_sub(money);
        text += &format!(
            " Left of the budget: {} ({}).",
            Unit::Money.show(left),
            percent(left as f64 / budget.max(1) as f64)
        );
    }
    text += &format!(" Bottleneck: {}.", best.bottleneck);
    if advice.unpriced.iter().any(|choice| choice.label == best.label) {
        text += " Its setup has no price: what that costs is not in these figures.";
    } else if let Some(apart) = faster_apart(advice, best) {
        text += &format!(" {apart} is not ranked: its setup has no price.");
    }
    text
}

/// A protocol without a price whose figures look better.
fn faster_apart<'a>(advice: &'a Advice, best: &Choice) -> Option<&'a str> {
    let apart = advice.unpriced.first()?;
    (apart.cost.median_ns < best.cost.median_ns).then_some(apart.label.as_str())
}

fn options(advice: &Advice, choices: &[Choice]) -> Part {
    let with_load = advice.offered.is_some();
    let mut headers = vec!["#", "protocol", "withstands", "median", "late"];
    headers.extend(with_load.then_some("loaded"));
    headers.extend(["bytes", "rounds", "money"]);
    let row = |(at, choice): (usize, &Choice)| {
        let cost = &choice.cost;
        let withstands = format!("{} {}", choice.tolerated, adversary(choice));
        let mut row = vec![(at + 1).to_string(), choice.label.clone(), withstands];
        row.extend([time(cost.median_ns), time(cost.late_ns)]);
        if with_load {
            row.push(cost.loaded_ns.map_or_else(dash, time));
        }
        row.extend([Unit::Bytes.show(cost.bytes), thousands(cost.rounds), money(cost)]);
        row
    };
    let mut notes = vec![
        format!(
            "ranked by {}; late: the {}th percentile over {} runs (nearest rank); {}",
            advice.rank_by,
            advice.percentile,
            advice.repetitions,
            conventions::TIME
        ),
        conventions::BYTES.to_owned(),
        conventions::ROUNDS.to_owned(),
        "withstands: corrupted computing parties, chosen before the run".to_owned(),
    ];
    if choices.iter().any(|choice| choice.cost.money_nusd.is_some()) {
        notes.push(conventions::MONEY.to_owned());
    }
    if with_load {
        notes.push(
            "loaded: the same percentile of the time from arrival to the last output under the \
             expected load, by the model of load"
                .to_owned(),
        );
    }
    Part::Table { headers, rows: choices.iter().enumerate().map(row).collect(), notes }
}

/// What each option leaves of what is allowed, and where its time goes.
fn room(advice: &Advice) -> Part {
    let row = |choice: &Choice| {
        let cost = &choice.cost;
        let used = |used: u64, of: u64| percent(1.0 - used as f64 / of.max(1) as f64);
        let deadline = advice.deadline.map(|d| used(cost.decisive_ns(), d.within_ns));
        let budget = advice.budget_nusd.zip(cost.money_nusd).map(|(of, money)| used(money, of));
        let misses = match &choice.misses[..] {
            [] => "meets all".to_owned(),
            misses => misses.join("; "),
        };
        let rooms = [deadline, budget].map(|room| room.unwrap_or_else(dash));
        let [deadline, budget] = rooms;
        vec![choice.label.clone(), misses, deadline, budget, choice.bottleneck.clone()]
    };
    let rows = advice.options.iter().chain(&advice.unpriced).map(row).collect();
    let headers = vec!["protocol", "required", "deadline", "budget", "bottleneck"];
    let notes = vec![
        "deadline, budget: head-room, as a share of what is allowed; negative where it is missed"
            .to_owned(),
    ];
    Part::Table { headers, rows, notes }
}

fn money(cost: &Cost) -> String {
    cost.money_nusd.map_or_else(|| "not priced".to_owned(), |nusd| Unit::Money.show(nusd))
}

fn adversary(choice: &Choice) -> &'static str {
    match choice.claims.adversary {
        mpclab_sim::vocabulary::AdversaryKind::SemiHonest => "semi-honest",
        mpclab_sim::vocabulary::AdversaryKind::Covert(_) => "covert",
        mpclab_sim::vocabulary::AdversaryKind::Malicious => "malicious",
    }
}

fn what_ifs(advice: &Advice, parts: &mut Vec<Part>) {
    let choices = advice.options.iter().chain(&advice.unpriced);
    let rows: Vec<Vec<String>> = choices
        .flat_map(|choice| choice.what_if.iter().map(move |what| what_if(choice, what)))
        .collect();
    if !rows.is_empty() {
        parts.push(Part::Heading("What if".to_owned()));
        let headers = vec!["protocol", "change", "median", "factor", "late", "money", "required"];
        let notes =
            vec!["each is run again with this one change; factor: of the median".to_owned()];
        parts.push(Part::Table { headers, rows, notes });
    }
}

fn what_if(choice: &Choice, what: &WhatIf) -> Vec<String> {
    let name = [choice.label.clone(), what.change.clone()];
    let cells = match &what.outcome {
        WhatIfOutcome::Cost { cost, meets } => [
            time(cost.median_ns),
            format!("{:.2}", cost.median_ns as f64 / choice.cost.median_ns.max(1) as f64),
            time(cost.decisive_ns()),
            money(cost),
            match meets {
                None => dash(),
                Some(true) => "met".to_owned(),
                Some(false) => "missed".to_owned(),
            },
        ],
        WhatIfOutcome::No(why) => [why.clone(), dash(), dash(), dash(), dash()],
    };
    name.into_iter().chain(cells).collect()
}

fn load(advice: &Advice, parts: &mut Vec<Part>) {
    let Some(offered) = &advice.offered else { return };
    let choices = advice.options.iter().chain(&advice.unpriced);
    let loaded: Vec<_> =
        choices.filter_map(|choice| Some((choice, choice.load.as_ref()?))).collect();
    if loaded.is_empty() {
        return;
    }
    parts.push(Part::Heading("Load".to_owned()));
    parts.push(Part::Text(format!(
        "Load: {} ({} per second); {} are worked on at a time; {} are simulated at each \
         load, the first tenth is left out.",
        offered.arrivals,
        rate(offered.per_second),
        offered.in_flight,
        thousands(offered.requests as u64)
    )));
    let rows = loaded.iter().map(|(choice, load)| {
        let used = load.expected.offered_per_second / load.saturation_per_second;
        vec![
            choice.label.clone(),
            format!("{}/s", rate(load.saturation_per_second)),
            load.bottleneck.clone(),
            percent(used),
            time(load.expected.median_ns),
            time(load.expected.p95_ns),
            time(load.expected.p99_ns),
        ]
    });
    let headers = vec!["protocol", "saturation", "because of", "used", "median", "95th", "99th"];
    let notes = vec!["median, 95th, 99th: under the expected load, by the model".to_owned()];
    parts.push(Part::Table { headers, rows: rows.collect(), notes });
    if let Some((best, load)) = advice.best().and_then(|best| Some((best, best.load.as_ref()?))) {
        parts.push(Part::Text(format!("{} at rising loads:", best.label)));
        let rows = load.curve.iter().map(|point| curve_row(point, load.saturation_per_second));
        let headers = vec!["offered", "of saturation", "done", "median", "95th", "99th"];
        parts.push(Part::Table { headers, rows: rows.collect(), notes: Vec::new() });
        parts.push(Part::Text("The model against all sessions really run:".to_owned()));
        let rows = load.checks.iter().map(check_row).collect();
        let headers = vec!["of saturation", "sessions", "median", "model", "95th", "model"];
        parts.push(Part::Table { headers, rows, notes: Vec::new() });
    }
}

fn curve_row(point: &LoadPoint, saturation: f64) -> Vec<String> {
    vec![
        format!("{}/s", rate(point.offered_per_second)),
        percent(point.offered_per_second / saturation),
        format!("{}/s", rate(point.done_per_second)),
        time(point.median_ns),
        time(point.p95_ns),
        time(point.p99_ns),
    ]
}

fn check_row(check: &LoadCheck) -> Vec<String> {
    let mut row = vec![percent(check.utilisation), check.sessions.to_string()];
    match (&check.measured, check.errors()) {
        (Ok(measured), Some((median, p95))) => row.extend([
            time(measured.median_ns),
            format!("{} ({:+.1} %)", time(check.model.median_ns), 100.0 * median),
            time(measured.p95_ns),
            format!("{} ({:+.1} %)", time(check.model.p95_ns), 100.0 * p95),
        ]),
        (measured, _) => {
            let why = measured.as_ref().err().cloned().unwrap_or_default();
            let (median, p95) = (time(check.model.median_ns), time(check.model.p95_ns));
            row.extend([why, median, dash(), p95]);
        }
    }
    row
}

fn sizing(best: &Choice, parts: &mut Vec<Part>) {
    for Sizing { what, smallest, tried, note } in &best.sizing {
        parts.push(Part::Heading(format!("Smallest {what}")));
        let note = capital(note);
        parts.push(Part::Text(match smallest {
            Some(smallest) => format!("{smallest} will do for {}. {note}.", best.label),
            None => format!("None that was tried will do for {}. {note}.", best.label),
        }));
        let rows = tried.iter().map(|one| {
            let meets = if one.meets { "met" } else { "missed" };
            vec![one.size.clone(), one.late_ns.map_or_else(dash, time), meets.to_owned()]
        });
        let headers = vec!["tried", "late", "deadline"];
        parts.push(Part::Table { headers, rows: rows.collect(), notes: Vec::new() });
    }
}

/// A row for each protocol and kind of reason, with how many sets of parameters share it.
fn ruled_out(advice: &Advice) -> Part {
    // Reasons of one kind differ in their figures.
    let kind = |out: &RuledOut| -> (String, String) {
        let why = out.why.join("; ");
        let words: String = why.chars().take_while(|c| !c.is_ascii_digit()).collect();
        (out.protocol.clone(), words)
    };
    let mut rows: Vec<(&RuledOut, usize)> = Vec::new();
    for out in &advice.ruled_out {
        match rows.iter_mut().find(|(first, _)| kind(first) == kind(out)) {
            Some((_, more)) => *more += 1,
            None => rows.push((out, 0)),
        }
    }
    let row = |(out, more): &(&RuledOut, usize)| {
        let more = if *more == 0 { String::new() } else { format!(" and {more} more") };
        vec![format!("{}{more}", out.label), out.why.join("; ")]
    };
    let rows = rows.iter().map(row).collect();
    let notes = vec![
        "more: the same protocol with other parameters and the same kind of reason; advice.json \
         has each"
            .to_owned(),
    ];
    Part::Table { headers: vec!["protocol", "why"], rows, notes }
}

fn time(ns: u64) -> String {
    Unit::Time.show(ns)
}

fn dash() -> String {
    "–".to_owned()
}

/// Three significant digits, no unit.
pub(super) fn rate(value: f64) -> String {
    match value {
        v if v >= 99.95 => format!("{v:.0}"),
        v if v >= 9.995 => format!("{v:.1}"),
        v if v >= 0.9995 => format!("{v:.2}"),
        v => format!("{v:.4}"),
    }
}

fn percent(share: f64) -> String {
    format!("{:.0} %", 100.0 * share)
}

fn capital(text: &str) -> String {
    let mut chars = text.chars();
    chars.next().map_or_else(String::new, |first| first.to_uppercase().chain(chars).collect())
}
