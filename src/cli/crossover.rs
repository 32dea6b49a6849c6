use std::path::PathBuf;

use mpclab_reports::export::{Format, Listing};
use mpclab_reports::units::Unit;
use mpclab_sim::vocabulary::MetricName;
use serde_json::json;

use super::{Exit, key_value, talk};
use crate::crossover::{
    Answer, Crossing, Failure, Order, Question, Range, Report, crossover as find, value, written,
};
use crate::registry::Registry;

/// Finer than this, an interval would be narrower than the figures are exact.
const FINEST_PERMILLE: u32 = 1;

#[derive(clap::Args)]
pub(super) struct CrossoverArgs {
    /// Scenario file
    file: PathBuf,
    /// The key path whose value varies, for example network.rtt, network.uplink or parties
    #[arg(long, value_name = "KEY")]
    over: String,
    /// Its smallest value, for example 1ms
    #[arg(long, value_name = "VALUE", value_parser = value)]
    from: (u64, Unit),
    /// Its largest value, for example 200ms
    #[arg(long, value_name = "VALUE", value_parser = value)]
    to: (u64, Unit),
    /// What is compared; less is better
    #[arg(long, default_value = "total.time_ns", value_parser = metric)]
    metric: MetricName,
    /// Two protocols, whatever they claim [default: all that claim the same]
    #[arg(long, value_name = "A,B", value_parser = pair)]
    between: Option<(String, String)>,
    /// Steps of the coarse grid, a power of two
    #[arg(long, default_value_t = 8, value_parser = clap::value_parser!(u32).range(1..=1024))]
    steps: u32,
    /// How far the ends of an interval may be apart, in percent of the lower one
    #[arg(long, default_value_t = 2.0)]
    tolerance: f64,
    /// Replace a value: a key path and a value in YAML
    #[arg(long = "set", value_name = "KEY=VALUE", value_parser = key_value)]
    set: Vec<(String, String)>,
    /// Replace the scenario's seed
    #[arg(long)]
    seed: Option<u64>,
    /// Form of the answer: table, markdown, csv or json
    #[arg(long, default_value_t = Format::Table)]
    format: Format,
}

fn metric(text: &str) -> Result<MetricName, String> {
    text.parse()
}

fn pair(text: &str) -> Result<(String, String), String> {
    match text.split_once(',') {
        Some((a, b)) if !a.is_empty() && !b.is_empty() && a != b => Ok((a.into(), b.into())),
        _ => Err("two labels of protocols, for example shamir,rep3".to_owned()),
    }
}

/// Looks for the values at which the order of protocols changes.
pub(super) fn crossover(registry: &Registry, arguments: &CrossoverArgs) -> Exit {
    let ((from, unit), (to, other)) = (arguments.from, arguments.to);
    if unit != other || from >= to {
        return talk::mistake("--from must be less than --to, in the same kind of unit");
    }
    let permille = (arguments.tolerance * 10.0).round();
    if !(f64::from(FINEST_PERMILLE)..=1000.0).contains(&permille) {
        return talk::mistake("--tolerance is 0.1 to 100 percent");
    }
    if !arguments.steps.is_power_of_two() {
        return talk::mistake("--steps is a power of two");
    }
    if arguments.format == Format::Latex {
        return talk::mistake("crossovers are written as table, markdown, csv or json");
    }
    let mut set = arguments.set.clone();
    set.extend(arguments.seed.map(|seed| ("seed".to_owned(), seed.to_string())));
    let question = Question {
        file: arguments.file.clone(),
        set,
        over: arguments.over.clone(),
        unit,
        range: Range {
            from,
            to,
            halvings: arguments.steps.ilog2(),
            tolerance_permille: permille as u32,
        },
        metric: arguments.metric,
        between: arguments.between.clone(),
    };
    match find(registry, &question) {
        Ok(report) => show(&question, &report, arguments.format),
        Err(Failure::Mistakes(mistakes)) => talk::diagnostics(&mistakes),
        Err(Failure::Question(why)) => talk::mistake(&why),
    }
}

fn show(question: &Question, report: &Report, format: Format) -> Exit {
    for left_out in &report.left_out {
        talk::say(&format!("left out: {left_out}; --between looks at them all the same"));
    }
    for answer in &report.answers {
        for caveat in &answer.caveats {
            talk::say(&format!("{} and {}: {caveat}", answer.pair.0, answer.pair.1));
        }
    }
    let text = match format {
        Format::Json => serde_json::to_string_pretty(&as_json(question, report))
            .map(|text| text + "\n")
            .map_err(|error| error.to_string()),
        _ => {
            let rows = report.answers.iter().flat_map(|answer| rows(question, answer));
            let headers =
                ["first", "second", "crossover at", "from", "to", "lower below", "lower above"];
            let listing = Listing::new(&headers, rows);
            listing.write(format, talk::width()).map_err(|error| error.to_string())
        }
    };
    let steps = 1u64 << question.range.halvings;
    talk::say(&format!(
        "{} simulated runs; grid of {steps} steps from {} to {}, then bisection; two crossovers \
         within one step cancel out and are not seen",
        report.runs,
        written(question.range.from, question.unit),
        written(question.range.to, question.unit)
    ));
    match text {
        Ok(text) => talk::print(&text),
        Err(error) => talk::mistake(&error),
    }
}

/// One row for each crossover, or one that says that there is none.
fn rows(question: &Question, answer: &Answer) -> Vec<Vec<String>> {
    let (first, second) = &answer.pair;
    let named = |order| match order {
        Order::First => first.clone(),
        Order::Second => second.clone(),
        Order::Undecided => "undecided".to_owned(),
    };
    let row = |at: String, low: u64, high: u64, below: Order, above: Order| {
        let ends = [low, high].map(|end| written(end, question.unit));
        let [low, high] = ends;
        vec![first.clone(), second.clone(), at, low, high, named(below), named(above)]
    };
    if answer.found.crossings.is_empty() {
        let orders = || answer.found.grid.iter().map(|(_, order)| *order);
        let decided = orders().find(|order| *order != Order::Undecided);
        let order = decided.unwrap_or(Order::Undecided);
        let none = "none in range".to_owned();
        return vec![row(none, question.range.from, question.range.to, order, order)];
    }
    let crossing = |crossing: &Crossing| {
        let middle = ((crossing.low as f64) * (crossing.high as f64)).sqrt();
        let at = question.unit.show(middle.round() as u64);
        row(format!("about {at}"), crossing.low, crossing.high, crossing.below, above(crossing))
    };
    answer.found.crossings.iter().map(crossing).collect()
}

fn above(crossing: &Crossing) -> Order {
    match crossing.below {
        Order::First => Order::Second,
        Order::Second => Order::First,
        Order::Undecided => Order::Undecided,
    }
}

fn as_json(question: &Question, report: &Report) -> serde_json::Value {
    let unit = written(1, question.unit);
    let unit = unit.trim_start_matches('1');
    let answers = report.answers.iter().map(|answer| {
        let (first, second) = &answer.pair;
        let name = |order: Order| match order {
            Order::First => json!(first),
            Order::Second => json!(second),
            Order::Undecided => json!(null),
        };
        let crossings = answer.found.crossings.iter().map(|crossing| {
            json!({
                "low": crossing.low,
                "high": crossing.high,
                "lower_below": name(crossing.below),
                "lower_above": name(above(crossing)),
                "undecided_between": crossing.has_undecided,
            })
        });
        let grid = answer.found.grid.iter();
        let grid = grid.map(|(value, order)| json!({ "value": value, "lower": name(*order) }));
        json!({
            "first": first,
            "second": second,
            "caveats": answer.caveats,
            "crossings": crossings.collect::<Vec<_>>(),
            "grid": grid.collect::<Vec<_>>(),
        })
    });
    json!({
        "over": question.over,
        "unit": unit,
        "from": question.range.from,
        "to": question.range.to,
        "tolerance_permille": question.range.tolerance_permille,
        "metric": question.metric.to_string(),
        "pairs": answers.collect::<Vec<_>>(),
        "left_out": report.left_out,
        "runs": report.runs,
    })
}
