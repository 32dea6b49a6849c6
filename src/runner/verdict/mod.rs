//! Verdicts: guarantee by guarantee, whether it was claimed for this run, and what was observed.

mod correctness;
mod ends;

use std::collections::BTreeSet;

use mpclab_protocols::functions::Agreement;
use mpclab_protocols::program::{Inputs, Outputs};
use mpclab_sim::faults::{Fault, FaultKind};
use mpclab_sim::vocabulary::{
    AdversaryKind, Claims, DeclaredCost, Guarantee, Observed, OutputGuarantee, PartyId, Phase,
    RoleClaim, Synchrony, Verdict,
};
use mpclab_sim::{PartyEnd, Run};

use super::PreparedCell;
use crate::registry::Bound;

pub use correctness::{Substitution, effective};

/// What the adversary of a run may do.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Threat {
    /// Whether corrupted parties deviate from the protocol.
    pub is_malicious: bool,
    /// Whether it breaks the network's own promise: drops, repeats or forges honest messages.
    pub breaks_network: bool,
}

/// A run with everything that its verdicts rest on.
#[derive(Clone, Copy)]
pub struct Facts<'a> {
    /// The cell that was run.
    pub cell: &'a PreparedCell,
    /// The protocol, bound to the run's job.
    pub bound: &'a Bound,
    /// What came out.
    pub run: &'a Run<Outputs>,
    /// What was handed to the code of each input party.
    pub inputs: &'a [Inputs],
    /// Who was against it; `None` if nobody.
    pub threat: Option<Threat>,
    /// Scheduled faults of the run.
    pub faults: &'a [Fault],
    /// Whether all that crashed parties had to say was read by those who stayed.
    pub is_unmissed: bool,
}

/// What a check saw, and what it rests on.
type Seen = (Observed, String);

impl<'a> Facts<'a> {
    /// The verdicts on one run, in order of the guarantees, and whether right outputs are right for
    /// another input of the coalition.
    #[must_use]
    pub fn judge(&self) -> (Vec<Verdict>, Substitution) {
        let claims = &self.bound.claims;
        let within = self.is_within(claims);
        let mut verdicts = Vec::new();
        let mut say = |guarantee, claimed, (observed, evidence): Seen| {
            verdicts.push(Verdict { guarantee, claimed, observed, evidence });
        };
        let (correctness, substitution) = self.correctness();
        let safe = within || self.is_only_crashed(claims);
        say(Guarantee::Correctness, safe, correctness);
        say(Guarantee::Agreement, safe, self.agreement());
        if self.threat.is_some() {
            let unanimous = claims.abort == mpclab_sim::vocabulary::AbortKind::Unanimous;
            say(Guarantee::AbortKind, within, self.abort_kind(unanimous));
            let identifies = claims.output == OutputGuarantee::IdentifiableAbort;
            if let Some(seen) = self.identification() {
                say(Guarantee::Identification, within && identifies, seen);
            }
            let fair = claims.output >= OutputGuarantee::Fairness;
            say(Guarantee::Fairness, within && fair, self.fairness());
            let delivers = claims.output == OutputGuarantee::Guaranteed;
            // Where everybody has to speak in time, whoever does not can be named.
            let is_timed = matches!(claims.network, Synchrony::Synchronous { .. });
            let lives = claims.network == Synchrony::Asynchronous || (identifies && is_timed);
            say(Guarantee::Delivery, within && (fair || lives), self.delivery(delivers));
        }
        if self.threat.is_none() && !self.taken().is_empty() {
            // Where a role may lose members, or nobody misses the lost, the others get their output.
            say(Guarantee::Delivery, within || (safe && self.is_unmissed), self.survival());
        }
        say(Guarantee::Invariants, true, self.invariants());
        if let (Some(declared), true) = (&self.bound.declared, self.is_undisturbed()) {
            say(Guarantee::DeclaredCost, true, declared_cost(declared, self.run));
        }
        (verdicts, substitution)
    }

    /// Whether the run's adversary and faults are ones that the claims speak of.
    fn is_within(&self, claims: &Claims) -> bool {
        let covers = match self.bound.roles.is_empty() {
            true => self.covers_alike(claims),
            false => self.covers_by_role(claims),
        };
        if !covers {
            return false;
        }
        let Some(threat) = self.threat else { return self.run.corrupted.is_empty() };
        let withstands = !threat.is_malicious || claims.adversary == AdversaryKind::Malicious;
        withstands && !threat.breaks_network
    }

    /// Where all computing parties are alike: only who promises the output whatever happens makes
    /// up for parties that a fault takes away, and for no more of these and of corrupted ones than
    /// its threshold.
    fn covers_alike(&self, claims: &Claims) -> bool {
        let keeps = keeps_outputs(self.faults, self.cell.cell.synchrony_ns);
        if !keeps && claims.output != OutputGuarantee::Guaranteed {
            return false;
        }
        let roles = &self.cell.cell.roles;
        let tolerated = claims.threshold.max_corrupted(roles.compute);
        let mut lost = self.taken();
        lost.extend(&self.run.corrupted);
        lost.iter().filter(|party| roles.computes(**party)).count() <= tolerated
    }

    /// Where nodes have named roles, each has its own limits; who deviates may also be silent.
    fn covers_by_role(&self, claims: &Claims) -> bool {
        let roles = &self.bound.roles;
        let members: u32 = roles.iter().map(|role| role.members).sum();
        let corrupted: BTreeSet<PartyId> = self.run.corrupted.iter().copied().collect();
        let mut gone = self.taken();
        if self.cell.cell.synchrony_ns.is_some() {
            // Whoever pauses misses the bound.
            gone.extend(self.faults.iter().map(|fault| fault.party));
        }
        if self.threat.is_some_and(|threat| threat.is_malicious) {
            gone.extend(&corrupted);
        }
        let in_all = claims.threshold.max_corrupted(members as usize);
        RoleClaim::cover(roles, in_all, &corrupted, &gone)
    }

    /// Whether nothing but crashes and pauses befalls a run that does not rest on time: whoever
    /// crashed has said less, and nothing else, so an output may be lost and never wrong.
    fn is_only_crashed(&self, claims: &Claims) -> bool {
        let forgets = |fault: &Fault| matches!(fault.kind, FaultKind::Restart { .. });
        let is_timed = matches!(claims.network, Synchrony::Synchronous { .. });
        let is_alike = self.bound.roles.is_empty();
        let is_honest = self.threat.is_none() && self.run.corrupted.is_empty();
        is_alike && is_honest && !is_timed && !self.faults.iter().any(forgets)
    }

    /// Nodes that a fault takes away.
    fn taken(&self) -> BTreeSet<PartyId> {
        let is_taken = |fault: &&Fault| !matches!(fault.kind, FaultKind::Pause { .. });
        self.faults.iter().filter(is_taken).map(|fault| fault.party).collect()
    }

    fn is_undisturbed(&self) -> bool {
        self.faults.is_empty() && self.threat.is_none() && self.run.is_complete()
    }

    fn is_honest(&self, party: PartyId) -> bool {
        !self.run.corrupted.contains(&party)
    }

    /// Ends of the honest parties that no scheduled fault took away.
    fn honest_ends(&self) -> impl Iterator<Item = (PartyId, &'a PartyEnd<Outputs>)> {
        let ends = self.run.parties.iter().enumerate();
        let ends = ends.map(|(at, (end, _))| (PartyId::from(at), end));
        ends.filter(|(party, end)| self.is_honest(*party) && !matches!(end, PartyEnd::Crashed))
    }

    /// Honest parties that end with an output that they should have.
    pub(super) fn honest_outputs(&self) -> impl Iterator<Item = (PartyId, &'a Outputs)> {
        let roles = &self.cell.cell.roles;
        self.run
            .outputs()
            .filter(|(party, _)| roles.learns_output(*party) && self.is_honest(*party))
    }

    fn agreement(&self) -> Seen {
        let outputs: Vec<(PartyId, &Outputs)> = self.honest_outputs().collect();
        if outputs.is_empty() {
            let why = "no honest party has an output".to_owned();
            return (self.of_no_output(), why);
        }
        let agreement = self.cell.task.agreement();
        match agreement.conflict(&outputs) {
            Some((first, other, place)) => {
                (Observed::Broken, format!("{first} and {other} differ{place}"))
            }
            None if agreement == Agreement::None => {
                (Observed::Held, "every party has its own output".to_owned())
            }
            None => (Observed::Held, String::new()),
        }
    }

    /// What no output at all says of outputs: an adversary or a crash that stops everybody has made
    /// nothing wrong.
    fn of_no_output(&self) -> Observed {
        match self.threat.is_some() || !self.taken().is_empty() {
            true => Observed::Held,
            false => Observed::Inconclusive,
        }
    }

    fn invariants(&self) -> Seen {
        match self.run.breaches.first() {
            Some((party, what)) => (Observed::Broken, format!("{party} {what}")),
            None => (Observed::Held, String::new()),
        }
    }
}

/// Whether every party can still reach its output under these faults: a pause is no more than a
/// slow network, unless the network promises to be fast.
pub(super) fn keeps_outputs(faults: &[Fault], synchrony_ns: Option<u64>) -> bool {
    let pauses = |fault: &Fault| matches!(fault.kind, FaultKind::Pause { .. });
    faults.iter().all(pauses) && (faults.is_empty() || synchrony_ns.is_none())
}

/// Measured bytes and rounds of every phase against the declared ones.
fn declared_cost(declared: &DeclaredCost, run: &Run<Outputs>) -> Seen {
    let mut wrong = Vec::new();
    for phase in Phase::ALL {
        let cost = declared.phase(phase);
        let bytes = run.metrics.phase(phase).sent_bytes;
        let rounds = u64::from(run.rounds.phase[phase.index()]);
        for (what, figure, measured) in
            [("bytes", cost.bytes, bytes), ("rounds", cost.rounds, rounds)]
        {
            if !figure.admits(measured) {
                wrong.push(format!("{phase}.{what}: declared {figure}, measured {measured}"));
            }
        }
    }
    if wrong.is_empty() {
        return (Observed::Held, declared.source.clone());
    }
    (Observed::Broken, wrong.join("; "))
}
