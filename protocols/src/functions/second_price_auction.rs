use std::cmp::Ordering;
use std::sync::Arc;

use rand::Rng;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::decimals::Scale;
use super::error::at_least;
use super::numbers::Numbers;
use super::pairs::{Coalition, InputPair, first_largest};
use super::sample::{bell, uniform};
use super::{Function, FunctionError, Task};
use crate::program::{Builder, Decoding, Inputs, ProgramError, Range, Wide};

/// Sealed bids; the highest bidder wins and pays the second-highest bid (Vickrey).
pub struct SecondPriceAuction;

/// Parameters of [`SecondPriceAuction`].
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(default, deny_unknown_fields)]
pub struct SecondPriceAuctionParams {
    /// Width of a bid, bits without sign: 1 to 128. Above 64 it is shared as two halves. What is
    /// compared are differences, one bit wider.
    pub bits: u32,
    /// Decimals of a value, at most 18, none above 64 bits; as many as given inputs have if it is
    /// left out.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub decimals: Option<u32>,
}

impl Default for SecondPriceAuctionParams {
    fn default() -> Self {
        SecondPriceAuctionParams { bits: 32, decimals: None }
    }
}

impl Function for SecondPriceAuction {
    const NAME: &'static str = "second_price_auction";
    const ABOUT: &'static str = "sealed bids: who wins, and the second-highest bid as the price";
    const IDEAL: &'static str = "Each input party brings one `bid` from 0 to 2^bits - 1. Everyone \
        learns `winner`, the index of the input party with the highest bid, of equals the lowest \
        index, and `price`, the highest of the other bids (the winning bid itself if it was bid \
        twice). With `decimals` a bid has so many of them. A bid outside its range is refused.";
    type Params = SecondPriceAuctionParams;

    fn build(params: &SecondPriceAuctionParams, parties: usize) -> Result<Task, FunctionError> {
        let numbers = Numbers::checked(params.bits, false, params.decimals)?;
        at_least(2, parties)?;
        let mut builder = Builder::new();
        let bids: Result<Vec<Wide>, ProgramError> =
            (0..parties).map(|party| numbers.input(&mut builder, "bid", party, 1)).collect();
        let bids = builder.concat_wide(&bids?)?;
        let top = builder.top_two_wide(&bids, (0..parties as i128).collect())?;
        builder.output("winner", top.label, Decoding::Integer)?;
        numbers.output(&mut builder, "price", &top.second)?;
        Ok(Task::Program(Arc::new(builder.finish()?)))
    }

    /// Bids of a few hundred to some tens of thousands, as far as the width allows; wide ones come
    /// from all of their range.
    fn generate(
        params: &SecondPriceAuctionParams,
        _: usize,
        _: usize,
        rng: &mut dyn Rng,
    ) -> Inputs {
        let numbers = Numbers::of(params.bits, false, params.decimals);
        if params.bits > 64 {
            return numbers.columns("bid", vec![bell(rng, numbers.range())]);
        }
        let whole = Range::unsigned(params.bits).hi.min(50_000);
        let most = whole * Scale::of(params.decimals).unit();
        numbers.columns("bid", vec![bell(rng, Range { lo: most / 100, hi: most })])
    }

    /// Winner and price stay; an honest winner bids anything above the price, honest losers
    /// anything up to it, but for the one who sets it.
    fn equal_view_inputs(
        params: &SecondPriceAuctionParams,
        parties: usize,
        corrupted: &[usize],
        outputs_seen: bool,
        rng: &mut dyn Rng,
    ) -> Option<InputPair> {
        let coalition = Coalition::<Self>::new(params, parties, corrupted);
        if !outputs_seen {
            return coalition.search(false, rng);
        }
        let numbers = Numbers::of(params.bits, false, params.decimals);
        let Range { lo: least, hi: most } = numbers.range();
        coalition.construct(rng, |rng| {
            let first = coalition.values(numbers, "bid", rng);
            let (highest, winner) = first_largest(&first)?;
            let mut others = first.clone();
            others[winner.0].clear();
            let (price, setter) = first_largest(&others)?;
            let mut second = first.clone();
            for cell in coalition.honest_cells(&first).into_iter().filter(|cell| *cell != setter) {
                let range = match cell.cmp(&winner) {
                    // A tie that the lower index decides; it stays one.
                    Ordering::Equal if highest == price => Range::point(highest),
                    Ordering::Equal => Range { lo: price + 1, hi: most },
                    Ordering::Less if highest == price => Range { lo: least, hi: price - 1 },
                    _ => Range { lo: least, hi: price },
                };
                second[cell.0][cell.1] = uniform(rng, range);
            }
            Some(Coalition::<Self>::pair_of(numbers, "bid", [first, second]))
        })
    }
}
