//! What corrupted parties brought in the end.

use mpclab_kernels::Block;
use mpclab_sim::vocabulary::PartyId;

use super::party::{FLIPS, MASKED, OBTAINED, SENT};
use super::prepare::CHANCE;
use super::{SENDER, TransferPlan, masks};
use crate::algebra::bits::Bits;
use crate::functions::Transfers;
use crate::oracle::{Effective, EffectiveInputs, States};

/// Of a corrupted receiver the digits that it chose in transfers. Of a corrupted sender what the
/// receiver obtained: any message is as good as another, so that this is what it sent; of all other
/// numbers what is left of what came without the masks that the sender says it has.
pub(super) fn effective_inputs(plan: &TransferPlan, states: &States<'_>) -> EffectiveInputs {
    let effective = |party: &PartyId| {
        let found = match *party == SENDER {
            true => of_sender(plan, states),
            false => of_receiver(plan, states),
        };
        (*party, found.unwrap_or(Effective::Unknown))
    };
    states.corrupted.iter().map(effective).collect()
}

fn of_receiver(plan: &TransferPlan, states: &States<'_>) -> Option<Effective> {
    let (_, flips) = states.tapped::<Bits>(FLIPS).next()?;
    let (_, chance) = states.of_corrupted::<Bits>(CHANCE).next()?;
    let (digits, own) = (plan.shape.digits(), flips.xor(chance));
    let number = |at: usize| own.slice(at * digits..(at + 1) * digits).word_at(0) as usize;
    let chosen: Vec<usize> = (0..plan.shape.length).map(number).collect();
    Some(Effective::Input(plan.shape.of_receiver(&chosen)))
}

fn of_sender(plan: &TransferPlan, states: &States<'_>) -> Option<Effective> {
    let Transfers { choices, length, bits } = plan.shape;
    let (_, received) = states.tapped::<Bits>(MASKED).next()?;
    let (_, (chosen, obtained)) = states.tapped::<(Vec<usize>, Vec<u128>)>(OBTAINED).next()?;
    let (_, [clear, sent]) = states.of_corrupted::<[Bits; 2]>(SENT).next()?;
    if clear.len() != received.len() || sent.len() != received.len() {
        return None;
    }
    let clear = clear.xor(&sent.xor(received));
    let message = |at: usize| {
        let (transfer, number) = (at / choices, at % choices);
        match number == chosen[transfer] {
            true => obtained[transfer],
            false => masks::read(&clear, bits, number * length + transfer, Block::ZERO),
        }
    };
    let messages: Vec<u128> = (0..choices * length).map(message).collect();
    Some(Effective::Input(plan.shape.of_sender(&messages)))
}
