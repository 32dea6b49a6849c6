//! What corrupted parties brought in the end.

use mpclab_kernels::Block;
use mpclab_sim::vocabulary::PartyId;

use super::masks::Masks;
use super::party::{HELD, KEYS, MASKED, OBTAINED};
use super::{Made, RECEIVER, SENDER, TransferPlan, masks};
use crate::algebra::bits::Bits;
use crate::functions::Transfers;
use crate::oracle::{Effective, EffectiveInputs, States};

/// The sender's keys and what is corrected, as it taps them.
type Keys = (Vec<[Block; 2]>, Bits);
/// The receiver's keys and its random bits.
type Held = (Vec<Block>, Bits);
/// What messages are masked with, and all of them under their masks.
type Masked = (Masks, Bits);

/// Of a corrupted receiver the digits that it chose in transfers: by which of the sender's keys it
/// has, and by what it corrected. Of a corrupted sender what the receiver heard without the masks of
/// the sender's keys; where the receiver has a key that the sender never had, any message is as good
/// as another, and the one that it obtained is what was sent.
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

/// Of each transfer of one bit the random bit of the receiver, by which of the sender's keys it has;
/// none if that is neither.
fn random_bits((keys, _): &Keys, (held, _): &Held) -> Vec<Option<bool>> {
    let bit = |(keys, held): (&[Block; 2], &Block)| {
        keys.iter().position(|key| key == held).map(|bit| bit == 1)
    };
    keys.iter().zip(held).map(bit).collect()
}

fn of_receiver(plan: &TransferPlan, states: &States<'_>) -> Option<Effective> {
    let (_, keys) = states.tapped::<Keys>(KEYS).next()?;
    let (_, held) = states.of_corrupted::<Held>(HELD).next()?;
    let mut bits = held.1.clone();
    for (at, bit) in random_bits(keys, held).into_iter().enumerate() {
        match (bit, plan.made) {
            (Some(bit), _) => bits.set(at, bit),
            // Of a base transfer it may have keys of its own making, and nothing else then.
            (None, Made::Base(_)) => {}
            (None, Made::Extended(_)) => {
                let why = format!("{RECEIVER} has neither key of transfer {at}");
                return Some(Effective::Undefined(why));
            }
        }
    }
    let (digits, own) = (plan.shape.digits(), bits.xor(&keys.1));
    let number = |at: usize| own.slice(at * digits..(at + 1) * digits).word_at(0) as usize;
    let chosen: Vec<usize> = (0..plan.shape.length).map(number).collect();
    Some(Effective::Input(plan.shape.of_receiver(&chosen)))
}

fn of_sender(plan: &TransferPlan, states: &States<'_>) -> Option<Effective> {
    let Transfers { choices, length, bits } = plan.shape;
    let (_, held) = states.tapped::<Held>(HELD).next()?;
    let (_, keys) = states.of_corrupted::<Keys>(KEYS).next()?;
    let (_, (masks, received)) = states.tapped::<Masked>(MASKED).next()?;
    let (_, (chosen, obtained)) = states.tapped::<(Vec<usize>, Vec<u128>)>(OBTAINED).next()?;
    let known = random_bits(keys, held);
    let corrected: Vec<[Block; 2]> = keys
        .0
        .iter()
        .zip(keys.1.iter())
        .map(|([zero, one], flip)| if flip { [*one, *zero] } else { [*zero, *one] })
        .collect();
    let digits = plan.shape.digits();
    let has_keys =
        |transfer: usize| known.iter().skip(transfer * digits).take(digits).all(Option::is_some);
    let mut messages = vec![0; choices * length];
    for number in 0..choices {
        let own = masks.of_all(number, &corrected);
        for transfer in 0..length {
            let is_own_making = number == chosen[transfer] && !has_keys(transfer);
            messages[transfer * choices + number] = match is_own_making {
                true => obtained[transfer],
                false => masks::read(received, bits, number * length + transfer, own[transfer]),
            };
        }
    }
    Some(Effective::Input(plan.shape.of_sender(&messages)))
}
