use std::sync::Arc;

use rand::{Rng, RngExt};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::error::{allow, at_least};
use super::numbers::Numbers;
use super::pairs::{Coalition, InputPair};
use super::sample::{column, uniform};
use super::{Function, FunctionError, Task};
use crate::program::{
    Builder, Decoding, Inputs, MAX_LEN, NodeId, Outputs, ProgramError, Range, Recipients, Type,
    Wide,
};

/// Of several messages one party obtains those that it chooses.
pub struct ObliviousTransfer;

/// Parameters of [`ObliviousTransfer`].
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(default, deny_unknown_fields)]
pub struct ObliviousTransferParams {
    /// Messages of a transfer, of which one is chosen: 2 to 256.
    pub choices: usize,
    /// Transfers: from 1 to as many as have 2^24 messages in all.
    pub length: usize,
    /// Width of a message, bits: 1 to 128. Above 64 a message is two columns, its lower and its
    /// upper half.
    pub bits: u32,
}

impl Default for ObliviousTransferParams {
    fn default() -> Self {
        ObliviousTransferParams { choices: 2, length: 100, bits: 128 }
    }
}

impl Function for ObliviousTransfer {
    const NAME: &'static str = "oblivious_transfer";
    const ABOUT: &'static str = "of several messages one party obtains those that it chooses";
    const IDEAL: &'static str = "Input party 0, the sender, brings `message`, for each of `length` \
        transfers `choices` messages of `bits` bits without sign, one transfer after the other. \
        Input party 1, the receiver, brings `choice`, for each transfer a number from 0 to \
        choices - 1; further input parties bring nothing. Output party 1 alone learns `chosen`, the \
        messages of these numbers. A value outside its range is refused, or taken for one inside.";
    type Params = ObliviousTransferParams;

    fn build(params: &ObliviousTransferParams, parties: usize) -> Result<Task, FunctionError> {
        let ObliviousTransferParams { choices, length, bits } = *params;
        let numbers = Numbers::checked(bits, false, None)?;
        allow("choices", choices, 2..=256)?;
        allow("length", length, 1..=MAX_LEN / choices)?;
        at_least(2, parties)?;
        let mut builder = Builder::new();
        let messages = numbers.input(&mut builder, MESSAGE, SENDER, choices * length)?;
        let range = Range { lo: 0, hi: choices as i128 - 1 };
        let ty = if choices == 2 { Type::Bit } else { Type::of(range, 0) };
        let choice = builder.input_in(CHOICE, RECEIVER, length, ty, range)?;
        let mut tree = Tree { builder, messages, choice, choices, length };
        let chosen = tree.one_of(0, choices)?;
        let mut builder = tree.builder;
        for (name, limb) in numbers.names(CHOSEN).into_iter().zip(chosen.limbs()) {
            let to = Recipients::These(vec![RECEIVER]);
            builder.output_to(name, *limb, Decoding::Integer, to)?;
        }
        Ok(Task::Program(Arc::new(builder.finish()?)))
    }

    fn generate(
        params: &ObliviousTransferParams,
        party: usize,
        _: usize,
        rng: &mut dyn Rng,
    ) -> Inputs {
        let ObliviousTransferParams { choices, length, bits } = *params;
        let numbers = Numbers::of(bits, false, None);
        let range = Range { lo: 0, hi: choices as i128 - 1 };
        match party {
            SENDER => {
                let values = (0..choices * length).map(|_| uniform(rng, numbers.range()));
                numbers.columns(MESSAGE, values.collect())
            }
            RECEIVER => column(CHOICE, (0..length).map(|_| uniform(rng, range)).collect()),
            _ => Inputs::new(),
        }
    }

    /// An honest sender's messages are others but for the chosen ones; an honest receiver chooses
    /// others, of which the sender has the same messages.
    fn equal_view_inputs(
        params: &ObliviousTransferParams,
        parties: usize,
        corrupted: &[usize],
        outputs_seen: bool,
        rng: &mut dyn Rng,
    ) -> Option<InputPair> {
        let coalition = Coalition::<Self>::new(params, parties, corrupted);
        if !outputs_seen {
            return coalition.search(false, rng);
        }
        let ObliviousTransferParams { choices, length, bits } = *params;
        let numbers = Numbers::of(bits, false, None);
        let [of_sender, of_receiver] = [SENDER, RECEIVER].map(|party| coalition.is_honest(party));
        coalition.construct(rng, |rng| {
            let drawn = coalition.draw(rng);
            let mut first = numbers.values(MESSAGE, &drawn[SENDER]);
            let chosen = drawn[RECEIVER].integers(CHOICE).unwrap_or_default().to_vec();
            let mut second = match of_sender {
                true => first.iter().map(|_| uniform(rng, numbers.range())).collect(),
                false => first.clone(),
            };
            let mut others = chosen.clone();
            for at in 0..length {
                if of_receiver {
                    others[at] = rng.random_range(0..choices as i128);
                }
                let place = |choice: i128| at * choices + choice as usize;
                match of_sender {
                    true => second[place(others[at])] = first[place(chosen[at])],
                    false => {
                        first[place(others[at])] = first[place(chosen[at])];
                        second[place(others[at])] = first[place(chosen[at])];
                    }
                }
            }
            let all = |messages: Vec<i128>, choice: Vec<i128>| {
                let mut inputs = vec![Inputs::new(); parties];
                inputs[SENDER] = numbers.columns(MESSAGE, messages);
                inputs[RECEIVER] = column(CHOICE, choice);
                inputs
            };
            Some([all(first, chosen), all(second, others)])
        })
    }
}

/// Index of the party that brings messages.
const SENDER: usize = 0;
/// Index of the party that chooses, and learns.
const RECEIVER: usize = 1;

const MESSAGE: &str = "message";
const CHOICE: &str = "choice";
const CHOSEN: &str = "chosen";

/// A search for the chosen message: by which half it is in, of that half, and so on.
struct Tree {
    builder: Builder,
    messages: Wide,
    choice: NodeId,
    choices: usize,
    length: usize,
}

impl Tree {
    /// The chosen message of each transfer, of those numbered from `start` to before `end`.
    fn one_of(&mut self, start: usize, end: usize) -> Result<Wide, ProgramError> {
        if end - start == 1 {
            let places: Vec<u32> =
                (0..self.length).map(|at| (at * self.choices + start) as u32).collect();
            return self.builder.gather_wide(&self.messages, &places);
        }
        let middle = start + (end - start) / 2;
        let (lower, upper) = (self.one_of(start, middle)?, self.one_of(middle, end)?);
        if self.choices == 2 {
            return self.builder.select_wide(self.choice, &upper, &lower);
        }
        let from = self.builder.constant(vec![middle as i128; self.length], 0)?;
        let is_lower = self.builder.less(self.choice, from)?;
        self.builder.select_wide(is_lower, &lower, &upper)
    }
}

/// How many transfers of what a task asks for, and how messages and choices stand in columns.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Transfers {
    /// Messages of a transfer.
    pub(crate) choices: usize,
    /// Transfers.
    pub(crate) length: usize,
    /// Width of a message, bits.
    pub(crate) bits: usize,
}

impl Transfers {
    /// Of a task that [`ObliviousTransfer`] has built.
    pub(crate) fn of(task: &Task) -> Option<Self> {
        let (messages, choice) = (task.inputs_of(SENDER), task.inputs_of(RECEIVER));
        let (length, all) = (choice.first()?.len, messages.first()?.len);
        let bits = |range: Range| (u128::BITS - range.width().leading_zeros()) as usize;
        let bits = messages.iter().map(|decl| bits(decl.range)).sum();
        Some(Transfers { choices: all / length, length, bits })
    }

    /// Bits of the number of a message.
    pub(crate) fn digits(self) -> usize {
        self.choices.next_power_of_two().ilog2() as usize
    }

    fn numbers(self) -> Numbers {
        Numbers::of(self.bits as u32, false, None)
    }

    /// All messages that a sender brings, one transfer after the other; none if a column lacks some.
    pub(crate) fn messages(self, inputs: &Inputs) -> Option<Vec<u128>> {
        let numbers = self.numbers().numbers(MESSAGE, inputs);
        (numbers.len() == self.choices * self.length).then_some(numbers)
    }

    /// What a receiver brings: the number of a message for each transfer, of as many bits as
    /// [`Transfers::digits`] says.
    pub(crate) fn choice(self, inputs: &Inputs) -> Option<Vec<usize>> {
        let values = inputs.integers(CHOICE).filter(|values| values.len() == self.length)?;
        let most = (1u128 << self.digits()) - 1;
        Some(values.iter().map(|value| (value.cast_unsigned() & most) as usize).collect())
    }

    /// What a sender brings with these messages.
    pub(crate) fn of_sender(self, messages: &[u128]) -> Inputs {
        self.numbers().columns_of(MESSAGE, messages)
    }

    /// What a receiver brings with these choices; one that no message has is read as the lowest.
    pub(crate) fn of_receiver(self, choice: &[usize]) -> Inputs {
        let known = |choice: &usize| if *choice < self.choices { *choice as i128 } else { 0 };
        column(CHOICE, choice.iter().map(known).collect())
    }

    /// What the receiver learns.
    pub(crate) fn outputs(self, chosen: &[u128]) -> Outputs {
        let numbers = self.numbers();
        let mut columns = numbers.columns_of(CHOSEN, chosen);
        let names = numbers.names(CHOSEN).into_iter();
        names.fold(Outputs::none(), |outputs, name| match columns.remove(&name) {
            Some(column) => outputs.with(name, column),
            None => outputs,
        })
    }
}
