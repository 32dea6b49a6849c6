//! How honest parties ended: abort kind, identification, fairness, delivery.

use mpclab_sim::PartyEnd;
use mpclab_sim::vocabulary::{Abort, Observed, PartyId};

use super::{Facts, Seen};
use crate::runner::judge::crashed;

impl Facts<'_> {
    /// Either all honest parties abort or none; a selective abort allows both.
    pub(super) fn abort_kind(&self, unanimous: bool) -> Seen {
        let (mut aborted, mut others) = (Vec::new(), Vec::new());
        for (party, end) in self.honest_ends() {
            match end {
                PartyEnd::Abort(_) => aborted.push(party),
                _ => others.push(party),
            }
        }
        let mixed = !aborted.is_empty() && !others.is_empty();
        if !mixed {
            let how = if aborted.is_empty() { "nobody aborts" } else { "all honest parties abort" };
            return (Observed::Held, how.to_owned());
        }
        let how = format!("{} aborts and {} does not", aborted[0], others[0]);
        (if unanimous { Observed::Broken } else { Observed::Held }, how)
    }

    /// All honest parties that abort name the same corrupted parties; `None` if nobody aborts.
    ///
    /// Whom a party merely suspects (a closed channel, a malformed or missing message) is its own
    /// affair: it is no evidence for a third party.
    pub(super) fn identification(&self) -> Option<Seen> {
        let mut named: Option<&[PartyId]> = None;
        let mut is_aborted = false;
        let mut wrong = None;
        for (party, end) in self.honest_ends() {
            let PartyEnd::Abort(abort) = end else { continue };
            is_aborted = true;
            let Abort::Cheating { culprits, .. } = abort else {
                wrong.get_or_insert_with(|| format!("{party} names nobody: {abort}"));
                continue;
            };
            if culprits.is_empty() {
                wrong.get_or_insert_with(|| format!("{party} names nobody: {abort}"));
            }
            if let Some(blamed) = culprits.iter().find(|culprit| self.is_honest(**culprit)) {
                return Some((Observed::Broken, format!("{party} blames honest {blamed}")));
            }
            match named {
                Some(others) if others != culprits.as_slice() => {
                    wrong.get_or_insert_with(|| format!("{party} names others: {abort}"));
                }
                _ => named = Some(culprits),
            }
        }
        is_aborted.then(|| match (wrong, named) {
            (Some(wrong), _) => (Observed::Broken, wrong),
            (None, Some(_)) => (Observed::Held, "all name the same corrupted parties".to_owned()),
            (None, None) => (Observed::Broken, "nobody is named".to_owned()),
        })
    }

    /// The coalition learned the output if the honest code of one of its parties, run to the end,
    /// has the right one.
    pub(super) fn fairness(&self) -> Seen {
        let roles = &self.cell.cell.roles;
        let without = self.honest_ends().find(|(party, end)| {
            roles.learns_output(*party) && !matches!(end, PartyEnd::Output(_))
        });
        let Some((without, _)) = without else {
            return (Observed::Held, "all honest parties have their output".to_owned());
        };
        let mut learned = self.run.outputs().filter(|(party, output)| {
            !self.is_honest(*party) && roles.learns_output(*party) && self.is_right(*party, output)
        });
        match learned.next() {
            Some((who, _)) => {
                (Observed::Broken, format!("{who} has the output, {without} has none"))
            }
            None => (Observed::Held, "the coalition has no output either".to_owned()),
        }
    }

    /// Honest parties end; with their output if that is promised.
    pub(super) fn delivery(&self, delivers: bool) -> Seen {
        let pending = self.honest_ends().find(|(_, end)| match end {
            PartyEnd::Unfinished => true,
            PartyEnd::Abort(_) => delivers,
            PartyEnd::Output(_) | PartyEnd::Crashed => false,
        });
        match pending {
            Some((party, PartyEnd::Abort(abort))) => {
                (Observed::Broken, format!("{party} aborts: {abort}"))
            }
            Some((party, _)) => (Observed::Broken, format!("{party} never ends")),
            None => (Observed::Held, String::new()),
        }
    }

    /// Honest output parties that no fault took away have their output.
    pub(super) fn survival(&self) -> Seen {
        let roles = &self.cell.cell.roles;
        let mut living = 0;
        for (party, end) in self.honest_ends().filter(|(party, _)| roles.learns_output(*party)) {
            match end {
                PartyEnd::Output(_) => living += 1,
                PartyEnd::Abort(abort) => {
                    return (Observed::Broken, format!("{party} aborts: {abort}"));
                }
                _ => return (Observed::Broken, format!("{party} never ends")),
            }
        }
        if living == 0 {
            return (Observed::Inconclusive, "no output party is left".to_owned());
        }
        let gone = crashed(self.run);
        if gone.is_empty() {
            return (Observed::Held, String::new());
        }
        let gone: Vec<String> = gone.iter().map(ToString::to_string).collect();
        let missed = if self.is_unmissed { "nobody misses it" } else { "not all of it was read" };
        let left = match living {
            1 => "the output party that is left has its output".to_owned(),
            _ => format!("all {living} output parties that are left have their output"),
        };
        (Observed::Held, format!("{} crashed, {missed}: {left}", gone.join(", ")))
    }
}
