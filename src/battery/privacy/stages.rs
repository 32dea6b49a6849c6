//! The tests of one protocol in stages, so that who asks for the first violation alone need not
//! wait for all of them.

use mpclab_sim::vocabulary::{Guarantee, PartyId};

use super::findings::{Suspect, Test, Tested};
use super::{
    Family, Probe, Unit, active, adaptive, algebra, challenges, chosen, early, enumerate, guesses,
    independent, kept, late, openings, redrawn, repeated, roundings, seeds,
};

/// Tests that are made together.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Stage {
    /// Whether a coalition gets what others keep to themselves.
    Kept,
    /// Statistics of what honest runs show.
    Views,
    /// Coalitions that compute, masked openings and roundings.
    Computing,
    /// Statistics of what coalitions see while they attack.
    UnderAttack,
    /// Enumeration and linear algebra.
    Exact,
    /// Linear algebra while a coalition attacks.
    ExactUnderAttack,
}

impl Stage {
    /// As tables name them.
    pub(super) const ALL: [Self; 6] = [
        Self::Views,
        Self::Kept,
        Self::Computing,
        Self::UnderAttack,
        Self::Exact,
        Self::ExactUnderAttack,
    ];

    /// What takes least comes first.
    pub(super) const QUICKEST_FIRST: [Self; 6] = [
        Self::Kept,
        Self::Exact,
        Self::Views,
        Self::Computing,
        Self::UnderAttack,
        Self::ExactUnderAttack,
    ];
}

/// Whose tests are made: all, or those of suspects.
#[derive(Clone, Copy)]
struct Chosen<'a>(Option<&'a [Suspect]>);

impl Chosen<'_> {
    fn has(self, family: Family, guarantee: Guarantee, coalition: &[PartyId]) -> bool {
        let whose = (family, guarantee, coalition.to_vec());
        self.0.is_none_or(|suspects| suspects.contains(&whose))
    }

    /// Of coalitions within the claims.
    fn within(self, guarantee: Guarantee) -> impl Fn(&[PartyId]) -> bool + Copy {
        move |coalition| self.has(Family::Privacy, guarantee, coalition)
    }
}

impl Probe<'_> {
    /// Some stages on one block of seeds, all of their tests or, of the statistical ones, those of
    /// suspects.
    pub(super) fn stages(
        &self,
        stages: &[Stage],
        units: &[Unit],
        block: u32,
        suspects: Option<&[Suspect]>,
        is_over: &dyn Fn() -> bool,
    ) -> Tested {
        let chosen = Chosen(suspects);
        let made = stages.iter().take_while(|_| !is_over());
        let tests = made.flat_map(|stage| match stage {
            Stage::Views => {
                let chosen =
                    |unit: &&Unit| chosen.has(unit.family, Guarantee::Privacy, &unit.coalition);
                let units = units.iter().filter(chosen).take_while(|_| !is_over());
                units.flat_map(|unit| self.views(unit, block)).collect()
            }
            Stage::Kept => {
                let is_tested = |unit: &&Unit| {
                    !unit.coalition.is_empty()
                        && chosen.has(unit.family, Guarantee::Privacy, &unit.coalition)
                };
                let units: Vec<&Unit> = units.iter().filter(is_tested).collect();
                if units.is_empty() {
                    return Vec::new();
                }
                let mut tests = kept::tests(self, &units, block);
                tests.extend(repeated::tests(self, &units, block));
                tests
            }
            Stage::Computing => self.computing(block, chosen),
            Stage::UnderAttack => {
                let private = chosen.within(Guarantee::Privacy);
                let fair = chosen.within(Guarantee::Fairness);
                let mut tests = active::tests(self, block, private, is_over);
                tests.extend(active::fairness::tests(self, block, fair, is_over));
                tests
            }
            // A decision holds for all seeds.
            Stage::Exact | Stage::ExactUnderAttack if suspects.is_some() => Vec::new(),
            Stage::Exact => [enumerate::tests(self), algebra::tests(self)].concat(),
            Stage::ExactUnderAttack => active::exact::tests(self),
        });
        Tested { seeds: seeds(block), tests: tests.collect() }
    }

    fn computing(&self, block: u32, chosen: Chosen<'_>) -> Vec<Test> {
        let private = chosen.within(Guarantee::Privacy);
        let independent = chosen.within(Guarantee::InputIndependence);
        let sound = chosen.within(Guarantee::Soundness);
        let mut tests = independent::tests(self, block, independent);
        tests.extend(adaptive::tests(self, block, independent));
        let sigma = openings::claimed(self.target.claims().security);
        if let (Some(sigma), true) = (sigma, private(&[])) {
            tests.extend(openings::tests(self, block, sigma));
        }
        if private(&roundings::observers(self)) {
            tests.extend(roundings::tests(self, block));
        }
        tests.extend(challenges::tests(self, block, sound));
        tests.extend(chosen::tests(self, block, sound));
        tests.extend(redrawn::tests(self, block, sound));
        tests.extend(late::tests(self, block, sound));
        tests.extend(guesses::tests(self, block, |guarantee, coalition| {
            chosen.has(Family::Privacy, guarantee, coalition)
        }));
        tests.extend(early::tests(self, block, independent));
        tests
    }
}
