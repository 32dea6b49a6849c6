//! What corrupted parties brought in the end.

use mpclab_kernels::Block;
use mpclab_sim::vocabulary::PartyId;

use super::party::{HELD, KEYS, MASKED, OBTAINED, SENT};
use super::{Made, RECEIVER, SENDER, TransferPlan, masks};
use crate::algebra::bits::Bits;
use crate::functions::Transfers;
use crate::oracle::{Effective, EffectiveInputs, States};

/// The sender's keys and what is corrected, as it taps them.
type Keys = (Vec<[Block; 2]>, Bits);
/// The receiver's keys and its random bits.
type Held = (Vec<Block>, Bits);

/// Of a corrupted receiver the digits that it chose in transfers: by which of the sender's keys it
/// has, and by what it corrected. Of a corrupted sender what the receiver obtained: any message is as
/// good as another, so that this is what it sent; of all other numbers what is left of what came
/// without the masks that the sender says it has.
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

/// The receiver's random bits, by which of the sender's keys it has.
///
/// # Errors
/// If it has neither of some transfer: what was extended was no transfer then.
fn random_bits(plan: &TransferPlan, (keys, _): &Keys, held: &Held) -> Result<Bits, String> {
    let (held, chance) = held;
    let mut bits = chance.clone();
    for (at, (keys, held)) in keys.iter().zip(held).enumerate() {
        match (keys.iter().position(|key| key == held), plan.made) {
            (Some(bit), _) => bits.set(at, bit == 1),
            // Of a base transfer each may have keys of its own making, and nothing else then.
            (None, Made::Base(_)) => {}
            (None, Made::Extended(_)) => {
                return Err(format!("{RECEIVER} has neither key of transfer {at}"));
            }
        }
    }
    Ok(bits)
}

fn of_receiver(plan: &TransferPlan, states: &States<'_>) -> Option<Effective> {
    let (_, keys) = states.tapped::<Keys>(KEYS).next()?;
    let (_, held) = states.of_corrupted::<Held>(HELD).next()?;
    let bits = match random_bits(plan, keys, held) {
        Ok(bits) => bits,
        Err(why) => return Some(Effective::Undefined(why)),
    };
    let (digits, own) = (plan.shape.digits(), bits.xor(&keys.1));
    let number = |at: usize| own.slice(at * digits..(at + 1) * digits).word_at(0) as usize;
    let chosen: Vec<usize> = (0..plan.shape.length).map(number).collect();
    Some(Effective::Input(plan.shape.of_receiver(&chosen)))
}

fn of_sender(plan: &TransferPlan, states: &States<'_>) -> Option<Effective> {
    let Transfers { choices, length, bits } = plan.shape;
    let (_, held) = states.tapped::<Held>(HELD).next()?;
    let (_, keys) = states.of_corrupted::<Keys>(KEYS).next()?;
    if let Err(why) = random_bits(plan, keys, held) {
        return Some(Effective::Undefined(why));
    }
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
