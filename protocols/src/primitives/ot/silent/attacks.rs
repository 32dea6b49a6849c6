//! Known attacks on silent transfers. They are idle where transfers are not silent.

use mpclab_kernels::Block;
use mpclab_sim::adversary::{Decision, Departing, Pattern};
use mpclab_sim::vocabulary::PartyId;

use super::sets::SETS;
use crate::attack::{Attack, Expected, Plan};
use crate::primitives::ot::attacks::blocks;

/// Scopes in which first iterations get what they start from.
const START: &str = "*/silent";

/// On what iterations start from, and on trees of iterations in scopes that fit a pattern.
pub(crate) fn all(trees: &'static str) -> Vec<Attack> {
    vec![
        Attack::new(
            "silent-inconsistent-start",
            "uses another bit in one column of a row than in the others of what iterations start from: \
             unnoticed only with the right guess of a field of the offset, and then without effect",
            "Keller, Orsini, Scholl, CRYPTO 2015 (iknp_inconsistent_columns)",
            change(|message| {
                // Corrections; what a sender says first there is one block.
                let is_meant = Pattern(START.to_owned()).matches(message.scope)
                    && message.occurrence == 0
                    && blocks(message) > 1;
                is_meant.then(|| flipped(message, &[1]))
            }),
            Expected::NoWrongOutput,
        ),
        Attack::new(
            "silent-wrong-tree",
            "tells other sums of both sides of a level than a tree has",
            "Yang, Weng, Lan, Zhang, Wang, CCS 2020 (selective_failure_OT)",
            change(move |message| {
                let is_meant =
                    Pattern(trees.to_owned()).matches(message.scope) && are_sums(message);
                is_meant.then(|| flipped(message, &[0, 1]))
            }),
            Expected::Caught,
        ),
    ]
}

/// Other bodies of some messages of the coalition to honest parties.
fn change(body: impl Fn(&Departing<'_>) -> Option<Vec<u8>> + Copy + Send + Sync + 'static) -> Plan {
    Plan::adaptive(false, move |setting| {
        let corrupted: Vec<PartyId> = setting.corrupted.clone();
        move |message: &Departing<'_>| {
            let leaves = corrupted.contains(&message.from) && !corrupted.contains(&message.to);
            let body = body(message).filter(|_| leaves)?;
            Some((Decision::Replace(body), "flips a bit of blocks".to_owned()))
        }
    })
}

/// Whether these are sums of both sides of the levels of an iteration's trees.
pub(in crate::primitives::ot) fn are_sums(message: &Departing<'_>) -> bool {
    SETS.iter().any(|set| set.told() == blocks(message))
}

/// The body with the lowest bit of these blocks flipped.
fn flipped(message: &Departing<'_>, blocks: &[usize]) -> Vec<u8> {
    let mut body = message.body.to_vec();
    for block in blocks {
        if let Some(byte) = body.get_mut(block * Block::BYTES) {
            *byte ^= 1;
        }
    }
    body
}
