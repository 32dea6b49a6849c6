//! One way to run a deployment: what it costs, what it misses, what becomes of it under changes and
//! under load.

use std::sync::Arc;

use mpclab_reports::advice::{Choice, Cost, RuledOut, WhatIf, WhatIfOutcome};
use mpclab_reports::record::Record;
use mpclab_sim::vocabulary::{PartyId, RoleClaim};

use super::load::{Loaded, sessions};
use super::measure::{Measured, measure};
use super::{Advisor, JOINERS, NoAdvice, bottleneck, bug, prepared_for_more, ruled_out, what_if};
use crate::registry::Bound;
use crate::runner::{Prepared, PreparedCell};

/// An option while it is looked at.
pub(super) struct Weighed<'a> {
    pub(super) cell: &'a PreparedCell,
    pub(super) measured: Measured,
    pub(super) choice: Choice,
    /// Its runs, changed ones included.
    pub(super) records: Vec<Record>,
}

impl Weighed<'_> {
    /// Whether another set of parameters comes to the same: message by message, and in its claims.
    pub(super) fn is_same(&self, other: &Weighed<'_>) -> bool {
        let digests = |one: &Weighed<'_>| -> Vec<String> {
            one.records.iter().map(|record| record.digests.event.clone()).collect()
        };
        self.choice.protocol == other.choice.protocol
            && self.choice.claims == other.choice.claims
            && self.choice.tolerated == other.choice.tolerated
            && digests(self) == digests(other)
    }
}

impl Advisor<'_> {
    /// Runs an option; whatever does not end well is ruled out.
    pub(super) fn weigh<'a>(
        &self,
        cell: &'a PreparedCell,
        bound: Arc<Bound>,
    ) -> Result<Result<Weighed<'a>, RuledOut>, NoAdvice> {
        let measured = self.measure(self.prepared, cell)?;
        let cost = match self.cost(&measured) {
            Ok(cost) => cost,
            Err(why) => return Ok(Err(ruled_out(cell, vec![why]))),
        };
        let load = self.loaded(&measured).map(|loaded| loaded.report());
        let protocol = &cell.cell.protocol;
        let misses = self.misses(&cost);
        let choice = Choice {
            label: protocol.label.clone(),
            protocol: protocol.name.clone(),
            params: protocol.params.clone(),
            claims: bound.claims,
            unpriced: measured.records.iter().any(|record| record.unpriced_setup),
            tolerated: RoleClaim::whoever(
                &bound.roles,
                bound.claims.threshold.max_corrupted(cell.cell.roles.compute),
            ),
            domain: bound.domain.clone(),
            cost,
            bottleneck: measured.typical().map_or_else(String::new, bottleneck::bottleneck),
            misses,
            what_if: Vec::new(),
            load,
            sizing: Vec::new(),
        };
        let records = measured.records.clone();
        Ok(Ok(Weighed { cell, measured, choice, records }))
    }

    pub(super) fn measure(
        &self,
        prepared: &Prepared,
        cell: &PreparedCell,
    ) -> Result<Measured, NoAdvice> {
        self.goes_on()?;
        let repetitions = self.prepared.plan.repetitions;
        let measured = measure(self.registry, prepared, cell, repetitions);
        bug(&measured.records)?;
        Ok(measured)
    }

    /// What runs cost, alone and under the expected load.
    pub(super) fn cost(&self, measured: &Measured) -> Result<Cost, String> {
        let cost = measured.cost(self.percent)?;
        let loaded_ns = self.loaded(measured).map(|loaded| loaded.expected().late_ns);
        Ok(Cost { loaded_ns, ..cost })
    }

    /// The expected load on what was measured; `None` without a load.
    pub(super) fn loaded<'a>(&'a self, measured: &'a Measured) -> Option<Loaded<'a>> {
        let load = self.deployment.load.as_ref()?;
        let of = (&measured.resources[..], &measured.demands[..]);
        let seed = self.prepared.plan.seed;
        (!measured.demands.is_empty()).then(|| Loaded::new(load, of, seed, self.percent))
    }

    fn misses(&self, cost: &Cost) -> Vec<String> {
        let deadline = self.deployment.required.deadline;
        let missed = deadline.filter(|deadline| cost.decisive_ns() > deadline.within_ns);
        let missed = missed.map(|deadline| {
            let over = cost.decisive_ns() - deadline.within_ns;
            let factor = cost.decisive_ns() as f64 / deadline.within_ns as f64;
            format!("misses the deadline by {:.3} s ({factor:.2} times as long)", over as f64 / 1e9)
        });
        let budget = self.deployment.required.budget_nusd;
        let dear = budget.zip(cost.money_nusd).filter(|(budget, money)| money > budget);
        let dear = dear.map(|(budget, money)| {
            let factor = money as f64 / budget.max(1) as f64;
            format!("costs {factor:.2} times the budget")
        });
        missed.into_iter().chain(dear).collect()
    }

    /// Whether deadline and budget are met; `None` if there are none.
    fn meets(&self, cost: &Cost) -> Option<bool> {
        let required = &self.deployment.required;
        let is_asked = required.deadline.is_some() || required.budget_nusd.is_some();
        is_asked.then(|| self.misses(cost).is_empty())
    }

    /// Runs an option again with one thing changed at a time.
    pub(super) fn ask_what_if(&self, one: &mut Weighed<'_>) -> Result<(), NoAdvice> {
        let doubled = Ok(what_if::doubled_rtt(one.cell));
        self.ask(one, "RTT doubles", doubled)?;
        self.ask_slower(one)?;
        self.ask(one, "link capacity halves", what_if::halved_capacity(one.cell))?;
        self.ask_joined(one)
    }

    fn ask(
        &self,
        one: &mut Weighed<'_>,
        change: &str,
        cell: Result<PreparedCell, String>,
    ) -> Result<(), NoAdvice> {
        let outcome = match cell {
            Ok(cell) => self.outcome(one, change, self.prepared, &cell)?,
            Err(why) => WhatIfOutcome::No(why),
        };
        one.choice.what_if.push(WhatIf { change: change.to_owned(), outcome });
        Ok(())
    }

    fn outcome(
        &self,
        one: &mut Weighed<'_>,
        change: &str,
        prepared: &Prepared,
        cell: &PreparedCell,
    ) -> Result<WhatIfOutcome, NoAdvice> {
        let mut measured = self.measure(prepared, cell)?;
        for record in &mut measured.records {
            record.key.scenario.clone_from(&self.prepared.plan.name);
            record.key.protocol.clone_from(&one.choice.label);
            record.key.sweep.insert("what_if".to_owned(), change.into());
            record.cell = one.choice.what_if.len() as u32 + 1;
            record.protocol_index = one.cell.protocol_index;
        }
        one.records.extend(measured.records.iter().cloned());
        Ok(match self.cost(&measured) {
            Ok(cost) => WhatIfOutcome::Cost { cost, meets: self.meets(&cost) },
            Err(why) => WhatIfOutcome::No(why),
        })
    }

    /// Each computing party in turn; the one that hurts most is told.
    fn ask_slower(&self, one: &mut Weighed<'_>) -> Result<(), NoAdvice> {
        let mut worst: Option<(u64, PartyId, WhatIfOutcome)> = None;
        let change = |party: PartyId| format!("{party} is {} times slower", what_if::SLOWER);
        for party in one.cell.cell.roles.computing() {
            let cell = match what_if::slower(one.cell, party) {
                Ok(cell) => cell,
                Err(why) => {
                    let change = format!("a party is {} times slower", what_if::SLOWER);
                    let outcome = WhatIfOutcome::No(why);
                    one.choice.what_if.push(WhatIf { change, outcome });
                    return Ok(());
                }
            };
            let outcome = self.outcome(one, &change(party), self.prepared, &cell)?;
            let time = match &outcome {
                WhatIfOutcome::Cost { cost, .. } => cost.decisive_ns().max(cost.median_ns),
                WhatIfOutcome::No(_) => u64::MAX,
            };
            if worst.as_ref().is_none_or(|(known, ..)| time > *known) {
                worst = Some((time, party, outcome));
            }
        }
        if let Some((_, party, outcome)) = worst {
            one.choice.what_if.push(WhatIf { change: change(party), outcome });
        }
        Ok(())
    }

    fn ask_joined(&self, one: &mut Weighed<'_>) -> Result<(), NoAdvice> {
        let change = format!("{JOINERS} more parties join");
        let prepared = match prepared_for_more(self, one.cell) {
            Ok(prepared) => prepared,
            Err(mistakes) => {
                let why = mistakes.first().map_or_else(String::new, |m| m.message.clone());
                return self.ask(one, &change, Err(why));
            }
        };
        let Some(cell) = prepared.cells.first() else { return Ok(()) };
        let outcome = match self.shortfalls(cell) {
            Ok(_) => self.outcome(one, &change, &prepared, cell)?,
            Err(why) => WhatIfOutcome::No(why.join("; ")),
        };
        one.choice.what_if.push(WhatIf { change, outcome });
        Ok(())
    }

    /// Holds the model of load against sessions that are really run.
    pub(super) fn check_load(&self, one: &mut Weighed<'_>) {
        let Some(loaded) = self.loaded(&one.measured) else { return };
        let in_flight = self.deployment.load.as_ref().map_or(1, |load| load.in_flight);
        let checks = loaded.checks(|arrivals| {
            sessions::run(self.registry, self.prepared, one.cell, arrivals, in_flight)
        });
        if let Some(load) = &mut one.choice.load {
            load.checks = checks;
        }
    }
}
