//! The two parties.

use mpclab_kernels::Block;
use mpclab_sim::vocabulary::Abort;
use mpclab_sim::{Ctx, work};

use super::masks::{self, MOVED, Masks};
use super::{RECEIVER, SENDER, TransferPlan, prepare};
use crate::algebra::bits::{BIT, Bits, RUN};
use crate::functions::Transfers;
use crate::mutants;
use crate::oracle::Computed;
use crate::primitives::ot::Blocks;
use crate::program::{Inputs, Outputs};

/// Label of the sender's keys, and of what it hears: which take each other's place.
pub(super) const KEYS: &str = "keys";
/// Label of the receiver's keys, and of its random bits.
pub(super) const HELD: &str = "held keys";
/// Label of what the receiver hears: all messages under their masks, and what makes masks of keys.
pub(super) const MASKED: &str = "masked messages";
/// Label of the numbers that the receiver asks for, and of the messages that it then has.
pub(super) const OBTAINED: &str = "obtained";

/// The sender.
pub(super) async fn send(ctx: &Ctx, plan: &TransferPlan, input: &Inputs) -> Result<Outputs, Abort> {
    let Transfers { choices, length, bits } = plan.shape;
    let mut keys = prepare::send(ctx, plan).await?;
    let online = ctx.scope("online");
    // 1. Where the receiver's digit is not its random bit, one key is the other.
    let scope = online.scope("choices");
    let flips = scope.recv::<Bits>(RECEIVER, plan.transfers()).await?;
    repeat(plan, &mut keys);
    scope.tap(KEYS, || (keys.clone(), flips.clone()));
    work::did(BIT, keys.len());
    keys.iter_mut()
        .zip(flips.iter())
        .filter(|(_, flip)| *flip)
        .for_each(|(keys, _)| keys.reverse());
    // 2. All messages, those with number 0 first, under their masks.
    let scope = online.scope("messages");
    let messages = plan.shape.messages(input);
    let messages = messages.ok_or_else(|| Abort::Bug("a column was not handed in".to_owned()))?;
    // From columns, and to where their number is.
    work::did(MOVED, 2 * messages.len());
    let masks = Masks::new(&scope, plan);
    let mut masked = Bits::default();
    masked.reserve(choices * length * bits);
    for number in 0..choices {
        let of_number = (0..length).map(|at| messages[at * choices + number]);
        let mut own = masks.of_all(number, &keys);
        if number == 0 && mutants::is("transfer/first-unmasked") {
            own.fill(Block::ZERO);
        }
        masks::push(&mut masked, bits, of_number, &own);
    }
    if mutants::is("transfer/keys-told") {
        let sums = keys.iter().map(|[zero, one]| *zero ^ *one).collect();
        scope.scope("keys").send(RECEIVER, &Blocks(sums));
    }
    scope.send(RECEIVER, &masked);
    Ok(Outputs::none())
}

/// The receiver.
pub(super) async fn receive(
    ctx: &Ctx,
    plan: &TransferPlan,
    input: &Inputs,
) -> Result<Outputs, Abort> {
    let Transfers { choices, length, bits } = plan.shape;
    let digits = plan.shape.digits();
    let (mut keys, mut chance) = prepare::receive(ctx, plan).await?;
    let online = ctx.scope("online");
    // 1. What its digits differ from its random bits by.
    let scope = online.scope("choices");
    let chosen = plan.shape.choice(input);
    let chosen = chosen.ok_or_else(|| Abort::Bug("a column was not handed in".to_owned()))?;
    repeat(plan, &mut keys);
    if mutants::is("transfer/keys-reused") {
        let mut bits: Vec<bool> = chance.iter().collect();
        repeat(plan, &mut bits);
        chance = bits.into_iter().collect();
    }
    scope.tap(HELD, || (keys.clone(), chance.clone()));
    let mut own = Bits::default();
    work::did_calls(RUN, length, length);
    chosen.iter().for_each(|number| own.push_word(*number as u64, digits));
    scope.send(SENDER, &own.xor(&chance));
    if mutants::is("transfer/chance-told") {
        scope.scope("chance").send(SENDER, &chance);
    }
    // 3. The messages that it has the keys of.
    let scope = online.scope("messages");
    let masks = Masks::new(&scope, plan);
    let masked = scope.recv::<Bits>(SENDER, choices * length * bits).await?;
    scope.tap(MASKED, || (masks, masked.clone()));
    Computed::tap(&scope, || with_own_keys(plan, &masks, &masked, &keys));
    work::did_calls(RUN, length, length * bits.div_ceil(64));
    work::did(MOVED, 2 * length);
    let open = |(at, number): (usize, &usize)| {
        let own = match digits {
            1 => keys[at],
            _ => masks.of(*number, at, keys[at * digits..][..digits].to_vec())[0],
        };
        let is_clear = *number == 0 && mutants::is("transfer/first-unmasked");
        let own = if is_clear { Block::ZERO } else { own };
        // A number that no message has gets none.
        if *number < choices { masks::read(&masked, bits, number * length + at, own) } else { 0 }
    };
    let obtained: Vec<u128> = chosen.iter().enumerate().map(open).collect();
    if mutants::is("transfer/obtained-told") {
        let blocks = obtained.iter().map(|message| Block::from_u128(*message)).collect();
        scope.scope("obtained").send(SENDER, &Blocks(blocks));
    }
    scope.tap(OBTAINED, || (chosen.clone(), obtained.clone()));
    Ok(plan.shape.outputs(&obtained))
}

/// What a curious receiver finds that takes its keys for those of every number.
fn with_own_keys(plan: &TransferPlan, masks: &Masks, masked: &Bits, keys: &[Block]) -> Bits {
    let Transfers { choices, length, bits } = plan.shape;
    let mut opened = Bits::default();
    for number in 0..choices {
        let own = masks.of(number, 0, keys.to_vec());
        let read = |at: usize| masks::read(masked, bits, number * length + at, own[at]);
        masks::push(&mut opened, bits, (0..length).map(read), &vec![Block::ZERO; length]);
    }
    opened
}

/// Keys or bits of the first transfer again and again, as a mutant has them.
fn repeat<T: Copy>(plan: &TransferPlan, of_all: &mut [T]) {
    if mutants::is("transfer/keys-reused") {
        let digits = plan.shape.digits();
        for at in digits..of_all.len() {
            of_all[at] = of_all[at % digits];
        }
    }
}
