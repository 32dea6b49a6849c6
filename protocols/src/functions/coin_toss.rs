use std::sync::Arc;

use rand::Rng;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::error::{allow, at_least};
use super::{Function, FunctionError, Relation, RelationError, Task};
use crate::program::{Inputs, Outputs};

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

/// All output parties have the same bits, one raw value 0 or 1 each.
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

    fn accepts(&self, _: &[Inputs], outputs: &[Outputs]) -> Result<(), RelationError> {
        for (party, output) in outputs.iter().enumerate() {
            if output.len() != self.bits {
                let (expected, got) = (self.bits, output.len());
                return Err(RelationError::Length { party, expected, got });
            }
            if let Some(element) = output.iter().position(|bit| !matches!(bit, 0 | 1)) {
                let got = output[element];
                return Err(RelationError::Value { party, element, got, allowed: "0 or 1" });
            }
            let first = &outputs[0];
            if let Some(element) = (0..self.bits).find(|&i| first[i] != output[i]) {
                return Err(RelationError::Disagreement { first: 0, second: party, element });
            }
        }
        Ok(())
    }

    /// Hexadecimal, the first bit as the most significant one; the last digit is filled with zeros.
    fn describe(&self, outputs: &[i128]) -> String {
        let digit = |nibble: &[i128]| {
            let value = (0..4).fold(0u8, |value, i| {
                value << 1 | u8::from(nibble.get(i).is_some_and(|&bit| bit == 1))
            });
            format!("{value:x}")
        };
        format!("bits = {}", outputs.chunks(4).map(digit).collect::<String>())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_common_bits_are_accepted() {
        let task = CoinToss::build(&CoinTossParams { bits: 6 }, 3).expect("allowed");
        let Task::Relation(relation) = task else { panic!("coin tossing is a relation") };
        let good = vec![1, 0, 1, 0, 0, 1];
        assert_eq!(relation.accepts(&[], &[good.clone(), good.clone()]), Ok(()));
        assert_eq!(relation.describe(&good), "bits = a4");
        let mut other = good.clone();
        other[4] = 1;
        assert_eq!(
            relation.accepts(&[], &[good.clone(), other]),
            Err(RelationError::Disagreement { first: 0, second: 1, element: 4 })
        );
        assert_eq!(
            relation.accepts(&[], &[good.clone(), good[1..].to_vec()]),
            Err(RelationError::Length { party: 1, expected: 6, got: 5 })
        );
        assert_eq!(
            relation.accepts(&[], &[vec![1, 0, 2, 0, 0, 1]]),
            Err(RelationError::Value { party: 0, element: 2, got: 2, allowed: "0 or 1" })
        );
    }
}
