//! What a deployment asks for, in words.

use mpclab_reports::advice::{self, Advice, Offered};
use mpclab_scenarios::{Arrivals, ComputeChoice, RankBy};

use super::load::arrivals::mean_gap_ns;
use super::{Advisor, claims};
use crate::runner::MODEL;

impl Advisor<'_> {
    /// Advice without options yet.
    pub(super) fn told(&self) -> Advice {
        let (deployment, plan) = (self.deployment, &self.prepared.plan);
        let first = self.prepared.cells.first();
        let of =
            |text: fn(&crate::runner::PreparedCell) -> String| first.map_or_else(String::new, text);
        let roles = first.map(|cell| &cell.cell.roles);
        let deadline = deployment.required.deadline;
        Advice {
            schema: advice::SCHEMA,
            model: MODEL,
            version: env!("CARGO_PKG_VERSION").to_owned(),
            deployment: deployment.name.clone(),
            about: deployment.about.clone(),
            function: of(|cell| cell.cell.function.name.clone()),
            function_about: of(|cell| cell.about.to_owned()),
            n: roles.map_or(0, |roles| roles.compute as u32),
            nodes: roles.map_or(0, |roles| roles.nodes() as u32),
            network: of(|cell| cell.cell.network_name.clone()),
            profile: of(|cell| match &cell.cell.compute {
                ComputeChoice::None => "none".to_owned(),
                ComputeChoice::Measured => "measured".to_owned(),
                ComputeChoice::Profile(profile) => profile.name.clone(),
            }),
            seed: plan.seed,
            repetitions: plan.repetitions,
            required: self.required(),
            deadline: deadline.map(|deadline| advice::Deadline {
                within_ns: deadline.within_ns,
                percentile: deadline.percentile,
            }),
            budget_nusd: deployment.required.budget_nusd,
            percentile: self.percent,
            rank_by: match deployment.rank_by {
                RankBy::Time => "median time".to_owned(),
                RankBy::Bytes => "payload".to_owned(),
                RankBy::Money => "money".to_owned(),
            },
            offered: self.offered(),
            recommended: None,
            options: Vec::new(),
            unpriced: Vec::new(),
            ruled_out: Vec::new(),
        }
    }

    fn required(&self) -> Vec<(String, String)> {
        let required = &self.deployment.required;
        let mut all = Vec::new();
        let mut say = |name: &str, value: String| all.push((name.to_owned(), value));
        if let Some(cell) = self.prepared.cells.first() {
            let roles = &cell.cell.roles;
            let clients = roles.nodes() - roles.compute;
            let more = if clients == 0 { String::new() } else { format!(", {clients} clients") };
            say("function", format!("{}: {}", cell.cell.function.name, cell.about));
            say("parties", format!("{} computing{more}", roles.compute));
            say("network", cell.cell.network_name.clone());
            let level = cell.cell.security;
            let bits = format!(
                "{} bits computational, {} statistical",
                level.computational, level.statistical
            );
            say("security", bits);
        }
        let when =
            if required.adaptive { "chosen during the run" } else { "chosen before the run" };
        let adversary = required.adversary;
        say("threat", format!("{adversary}, {} corrupted, {when}", required.corruptions));
        let abort = claims::abort(required.abort);
        say("output", format!("{}; abort: {abort}", claims::output(required.output)));
        let setup = if required.accepts_unpriced { "accepted, listed apart" } else { "refused" };
        say("setup without a price", setup.to_owned());
        if let Some(deadline) = required.deadline {
            let within = deadline.within_ns as f64 / 1e9;
            say("deadline", format!("{within} s for {} % of requests", deadline.percentile));
        }
        if let Some(budget) = required.budget_nusd {
            say("budget", format!("{} USD for each request", budget as f64 / 1e9));
        }
        if let Some(offered) = self.offered() {
            let limit = format!("{}, {} in flight", offered.arrivals, offered.in_flight);
            say("load", limit);
        }
        all
    }

    fn offered(&self) -> Option<Offered> {
        let load = self.deployment.load.as_ref()?;
        let rate = |per_hour: u64| match per_hour {
            per_hour if per_hour.is_multiple_of(3_600) => format!("{}/s", per_hour / 3_600),
            per_hour if per_hour.is_multiple_of(60) => format!("{}/min", per_hour / 60),
            per_hour => format!("{per_hour}/h"),
        };
        let arrivals = match &load.arrivals {
            Arrivals::Poisson { per_hour } => format!("Poisson arrivals at {}", rate(*per_hour)),
            Arrivals::Constant { per_hour } => format!("even arrivals at {}", rate(*per_hour)),
            Arrivals::Trace { name, at_ns } => format!("the {} arrivals of {name}", at_ns.len()),
        };
        Some(Offered {
            arrivals,
            per_second: 1e9 / mean_gap_ns(&load.arrivals),
            in_flight: load.in_flight,
            requests: load.requests,
        })
    }
}
