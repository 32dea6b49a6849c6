//! A known attack on OT extension, for every protocol that starts from it.

use mpclab_kernels::Block;
use mpclab_sim::adversary::{Decision, Departing, Pattern};
use mpclab_sim::vocabulary::PartyId;
use mpclab_sim::wire::Wire;
use rand::Rng;

use super::Blocks;
use super::silent;
use crate::attack::{Attack, Expected, Plan, Setting};

/// Another bit in half of all rows than in the others, in each block of the corrections that a
/// receiver sends in scopes that fit a pattern; what answers the check stays as it is. Unnoticed
/// with the right guess of half of the sender's offset alone.
pub(crate) fn inconsistent_choices(scopes: &'static str) -> Attack {
    Attack::new(
        "inconsistent-choices",
        "uses another bit in half of the rows of OT extension than in the others, which would tell it \
         of the offset, and then of all that is masked",
        "Keller, Orsini, Scholl, CRYPTO 2015 (iknp_inconsistent_columns)",
        Plan::adaptive(false, move |setting: &Setting| {
            let corrupted: Vec<PartyId> = setting.corrupted.clone();
            let mut rng = setting.seed.rng("attack", PartyId(0));
            move |message: &Departing<'_>| {
                let leaves = corrupted.contains(&message.from) && !corrupted.contains(&message.to);
                let is_meant = leaves && Pattern(scopes.to_owned()).matches(message.scope);
                if !is_meant || !are_corrections(message) {
                    return None;
                }
                let mut body = message.body.to_vec();
                let firsts = body.iter_mut().step_by(Block::BYTES);
                firsts.for_each(|byte| *byte ^= (rng.next_u32() & 1) as u8);
                Some((Decision::Replace(body), "flips a bit of half of all blocks".to_owned()))
            }
        }),
        Expected::Caught,
    )
}

/// What a receiver says first; a sender says one block first, or sums of trees.
fn are_corrections(message: &Departing<'_>) -> bool {
    message.occurrence == 0 && blocks(message) > 1 && !silent::attacks::are_sums(message)
}

/// How many blocks a message has, if it has nothing else.
pub(super) fn blocks(message: &Departing<'_>) -> usize {
    if message.label == Blocks::NAME { message.body.len() / Block::BYTES } else { 0 }
}
