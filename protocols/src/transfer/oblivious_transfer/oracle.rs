//! What corrupted parties brought in the end.

use mpclab_kernels::Block;
use mpclab_sim::vocabulary::PartyId;

use super::party::{HELD, KEYS, MASKED, OBTAINED, SENT};
use super::{Made, RECEIVER, SENDER, TransferPlan, masks};
use crate::algebra::bits::Bits;
use crate::functions::Transfers;
use crate::oracle::{Effective, EffectiveInputs, States};

/// Of a corrupted receiver the digits that it chose in transfers: by which of the sender's keys it
/// has, and by what it corrected. Of a corrupted sender what the
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
    let (_, (keys, flips)) = states.tapped::<(Vec<[Block; 2]>, Bits)>(KEYS).next()?;
    let (_, (held, chance)) = states.of_corrupted::<(Vec<Block>, Bits)>(HELD).next()?;
    let mut own = flips.clone();
    for (at, (keys, held)) in keys.iter().zip(held).enumerate() {
        let bit = match (keys.iter().position(|key| key == held), plan.made) {
            (Some(bit), _) => bit == 1,
            // With another key than those of a base transfer it has none of the messages.
            (None, Made::Base(_)) => chance.get(at),
            // Extension has no such transfer: what it used was no single bit.
            (None, Made::Extended(_)) => {
                let why = format!("{RECEIVER} has neither key of transfer {at}");
                return Some(Effective::Undefined(why));
            }
        };
        own.set(at, flips.get(at) ^ bit);
    }
    let digits = plan.shape.digits();
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
