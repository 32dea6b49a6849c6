use std::sync::Arc;

use rand::Rng;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::error::{allow, at_least};
use super::{Function, FunctionError, Relation, RelationError, Task};
use crate::algebra::Bits;
use crate::value::{Column, Inputs, Outputs};

/// Common random bits.
pub struct CoinToss;

/// Parameters of [`CoinToss`].
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(default, deny_unknown_fields)]
pub struct CoinTossParams {
    /// Bits that are tossed: 1 to 65536.
    pub bits: usize,
}

impl Default for CoinTossParams {
    fn default() -> Self {
        CoinTossParams { bits: 128 }
    }
}

impl Function for CoinToss {
    const NAME: &'static str = "coin_toss";
    const ABOUT: &'static str = "random bits that nobody controls and all agree on";
    const IDEAL: &'static str = "Nobody brings anything. Everyone learns the same `bits` bits, \
        drawn uniformly.";
    type Params = CoinTossParams;

    fn build(params: &CoinTossParams, parties: usize) -> Result<Task, FunctionError> {
        allow("bits", params.bits, 1..=65536)?;
        at_least(1, parties)?;
        Ok(Task::Relation(Arc::new(CommonBits { bits: params.bits })))
    }

    fn generate(_: &CoinTossParams, _: usize, _: usize, _: &mut dyn Rng) -> Inputs {
        Inputs::new()
    }
}

/// All output parties have the same column of bits.
#[derive(Debug)]
struct CommonBits {
    bits: usize,
}

impl Relation for CommonBits {
    fn name(&self) -> &'static str {
        CoinToss::NAME
    }

    fn output_len(&self) -> usize {
        self.bits
    }

    fn accepts(&self, _: &[Inputs], outputs: &[Option<Outputs>]) -> Result<(), RelationError> {
        let mut first: Option<(usize, &Bits)> = None;
        for (party, output) in outputs.iter().enumerate() {
            let Some(output) = output else { continue };
            let coin = output.get(BITS).and_then(Column::bits);
            let coin = coin.ok_or(RelationError::Column { party, name: BITS, kind: "bits" })?;
            if coin.len() != self.bits {
                let (expected, got) = (self.bits, coin.len());
                return Err(RelationError::Length { party, expected, got });
            }
            let (first, other) = *first.get_or_insert((party, coin));
            if let Some(element) = (0..self.bits).find(|&i| other.get(i) != coin.get(i)) {
                return Err(RelationError::Disagreement { first, second: party, element });
            }
        }
        Ok(())
    }

    /// Hexadecimal, the first bit as the most significant one; the last digit is filled with zeros.
    fn describe(&self, outputs: &Outputs) -> String {
        let none = Bits::default();
        let bits = outputs.get(BITS).and_then(Column::bits).unwrap_or(&none);
        let digit = |at: usize| {
            let bit = |at: usize| at < bits.len() && bits.get(at);
            let value = (at..at + 4).fold(0u8, |value, at| value << 1 | u8::from(bit(at)));
            format!("{value:x}")
        };
        format!("{BITS} = {}", (0..bits.len()).step_by(4).map(digit).collect::<String>())
    }
}

/// The column that everyone learns.
const BITS: &str = "bits";

#[cfg(test)]
mod tests {
    use super::*;

    fn coin(bits: &[u8]) -> Option<Outputs> {
        Some(Outputs::of(BITS, bits.iter().map(|bit| *bit == 1).collect::<Bits>()))
    }

    #[test]
    fn only_common_bits_are_accepted() {
        let task = CoinToss::build(&CoinTossParams { bits: 6 }, 3).expect("allowed");
        let Task::Relation(relation) = task else { panic!("coin tossing is a relation") };
        let good = coin(&[1, 0, 1, 0, 0, 1]);
        assert_eq!(relation.accepts(&[], &[good.clone(), good.clone()]), Ok(()));
        assert_eq!(relation.accepts(&[], &[None, good.clone()]), Ok(()));
        assert_eq!(good.as_ref().map(|good| relation.describe(good)).as_deref(), Some("bits = a4"));
        assert_eq!(
            relation.accepts(&[], &[good.clone(), coin(&[1, 0, 1, 0, 1, 1])]),
            Err(RelationError::Disagreement { first: 0, second: 1, element: 4 })
        );
        assert_eq!(
            relation.accepts(&[], &[good.clone(), coin(&[0, 1, 0, 0, 1])]),
            Err(RelationError::Length { party: 1, expected: 6, got: 5 })
        );
        assert_eq!(
            relation.accepts(&[], &[Some(Outputs::of(BITS, vec![1, 0, 2, 0, 0, 1]))]),
            Err(RelationError::Column { party: 0, name: "bits", kind: "bits" })
        );
    }
}
