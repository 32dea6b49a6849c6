//! What parameters have to be is said where they are refused.

use super::*;

#[test]
fn impossible_parameters_are_refused_with_what_is_allowed() {
    let refuse = |error: FunctionError| error.to_string();
    let wide = sum::SumParams { bits: 65, length: 1, decimals: None };
    assert_eq!(
        refuse(Sum::build(&wide, 3).expect_err("too wide")),
        "parameter `bits` is 65; allowed: 2 to 64"
    );
    assert_eq!(
        refuse(SecondPriceAuction::build(&Default::default(), 1).expect_err("alone")),
        "1 input parties; allowed: 2 or more"
    );
    let wide = MillionairesParams { bits: 129, decimals: None };
    assert_eq!(
        refuse(Millionaires::build(&wide, 2).expect_err("too wide")),
        "parameter `bits` is 129; allowed: 1 to 128"
    );
    let wide = MaxParams { bits: 65, decimals: Some(2), ..Default::default() };
    assert_eq!(
        refuse(Max::build(&wide, 2).expect_err("fractions of wide numbers")),
        "parameter `decimals` is 2; allowed: 0, as numbers of more than 64 bits are whole"
    );
    let with = |choices, length| ObliviousTransferParams { choices, length, bits: 8 };
    assert_eq!(
        refuse(ObliviousTransfer::build(&with(1, 1), 2).expect_err("no choice")),
        "parameter `choices` is 1; allowed: 2 to 256"
    );
    assert_eq!(
        refuse(ObliviousTransfer::build(&with(256, 65_537), 2).expect_err("too long")),
        "parameter `length` is 65537; allowed: 1 to 65536"
    );
    let empty = sum::SumParams { bits: 8, length: 0, decimals: None };
    assert_eq!(
        refuse(Sum::build(&empty, 3).expect_err("empty")),
        "these parameters and parties do not fit: input: a vector of 0 elements; allowed are 1 to \
         16777216"
    );
    let many = histogram::HistogramParams { bins: 65536, length: 1000.into() };
    assert!(matches!(Histogram::build(&many, 5), Err(FunctionError::Program(_))));
    let steep = linear_regression::LinearRegressionParams {
        bits: 24,
        rows: 10_000,
        output_frac: 30,
        precision: 40,
        ..Default::default()
    };
    assert!(matches!(LinearRegression::build(&steep, 100), Err(FunctionError::Program(_))));
    let alone = linear_regression::LinearRegressionParams { rows: 1, ..Default::default() };
    assert_eq!(
        refuse(LinearRegression::build(&alone, 1).expect_err("one point")),
        "parameter `rows` is 1; allowed: 2 points or more in all"
    );
}
