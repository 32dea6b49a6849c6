//! Known attacks on the protocol.

use mpclab_protocols::attack::Attack;
use mpclab_reports::battery::Family;
use mpclab_sim::vocabulary::PartyId;

use super::Target;
use super::case::{Case, Deed};

/// Seeds that each attack is tried with.
const SEEDS: u32 = 5;

/// Each attack that the protocol names, by each of the largest coalitions and by each party alone,
/// with several seeds.
pub(super) fn cases(target: &Target<'_>, coalitions: &[Vec<PartyId>]) -> Vec<Case> {
    let attacks = target.registry.attacks(&target.cell.cell.protocol.name);
    let mut coalitions = coalitions.to_vec();
    // Whatever tells honest parties different things needs several of them.
    coalitions.extend(target.coalitions().alone());
    let nodes = target.coalitions().nodes().count();
    let mut cases = Vec::new();
    for attack in attacks {
        // A coalition may have members that are no nodes of the protocol.
        let corrupted = |coalition: &[PartyId]| {
            target.coalitions().nodes().filter(|node| coalition.contains(node)).count()
        };
        let suits = |coalition: &&Vec<PartyId>| nodes - corrupted(coalition) >= attack.honest;
        for coalition in coalitions.iter().filter(suits) {
            let case = |repetition| case(&attack, coalition, repetition);
            cases.extend((0..SEEDS).map(case));
        }
    }
    cases
}

fn case(attack: &Attack, coalition: &[PartyId], repetition: u32) -> Case {
    Case {
        family: Family::Known,
        attack: attack.name.to_owned(),
        coalition: coalition.to_vec(),
        repetition,
        deed: Deed::Known(attack.clone()),
    }
}
