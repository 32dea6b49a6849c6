//! What the builder refuses.

use super::*;

#[test]
fn overflow_is_refused_with_node_and_ranges() {
    let mut builder = Builder::new();
    let v = builder.input("v", 0, 2, int(64)).expect("valid");
    let error = builder.mul(v, v).expect_err("128 bits");
    let range = Range::signed(64);
    assert_eq!(
        error,
        ProgramError::Overflow { node: NodeId(1), operation: "mul", operands: vec![range, range] }
    );
    assert!(error.to_string().starts_with("node 1 (mul): operands in -9223372036854775808..="));
    let wide = builder.scale(v, 1 << 62).expect("126 bits");
    let wider = builder.scale(wide, 2).expect("127 bits");
    assert!(matches!(builder.add(wider, wide), Err(ProgramError::Overflow { .. })));
    assert!(matches!(builder.sum(wider, 1), Err(ProgramError::Overflow { .. })));
    assert!(matches!(builder.less(wider, wide), Err(ProgramError::Overflow { .. })));
    assert!(matches!(builder.dot(wide, v, 1), Err(ProgramError::Overflow { .. })));
}

#[test]
fn mistakes_of_the_author_are_refused() {
    let mut builder = Builder::new();
    let v = builder.input("v", 0, 4, int(8)).expect("valid");
    let f = builder.input("f", 0, 4, Type::Fixed { bits: 8, frac: 4 }).expect("valid");
    let short = builder.gather(v, vec![0]).expect("valid");
    assert!(matches!(builder.add(v, short), Err(ProgramError::Length { .. })));
    assert!(matches!(builder.add(v, f), Err(ProgramError::Types { .. })));
    assert!(matches!(builder.concat(vec![v, f]), Err(ProgramError::Types { .. })));
    assert!(matches!(builder.sum(v, 3), Err(ProgramError::Length { .. })));
    assert!(matches!(builder.sum(v, 0), Err(ProgramError::Length { .. })));
    assert!(matches!(builder.gather(v, vec![4]), Err(ProgramError::Length { .. })));
    assert!(matches!(builder.gather(v, vec![]), Err(ProgramError::Size { .. })));
    assert!(matches!(builder.select(v, v, v), Err(ProgramError::Types { .. })));
    assert!(matches!(builder.truncate(f, 5, Rounding::Floor), Err(ProgramError::Shift { .. })));
    assert!(matches!(builder.truncate(v, 0, Rounding::Floor), Err(ProgramError::Shift { .. })));
    assert!(matches!(builder.truncate(v, 8, Rounding::Floor), Err(ProgramError::Shift { .. })));
    assert_eq!(builder.input("v", 0, 1, int(8)), Err(ProgramError::Duplicate("v".into())));
    assert!(matches!(
        builder.input_in("w", 0, 1, int(8), Range { lo: 0, hi: 128 }),
        Err(ProgramError::Width { name, .. }) if &*name == "w"
    ));
    assert_eq!(builder.node(NodeId(99)), Err(ProgramError::UnknownNode(NodeId(99))));
    assert_eq!(builder.finish(), Err(ProgramError::NoOutput));
}

#[test]
fn random_bits_stay_secret() {
    let mut builder = Builder::new();
    let v = builder.input("v", 0, 3, Type::Bit).expect("valid");
    let random = builder.random_bits(3).expect("valid");
    let masked = builder.xor(v, random).expect("valid");
    builder.keep(masked).expect("valid");
    builder.output("v", v, Decoding::Integer).expect("valid");
    let program = builder.clone().finish().expect("no output depends on them");
    assert_eq!(program.kept().len(), 1);
    builder.output("masked", masked, Decoding::Integer).expect("valid");
    let refused = builder.finish().expect_err("its output is not a function of the inputs");
    assert!(refused.to_string().contains("`masked` depends on random bits"), "{refused}");
}

#[test]
fn unsound_divisions_are_refused() {
    let mut builder = Builder::new();
    let v = builder.input("v", 0, 1, int(8)).expect("valid");
    let rounding = Rounding::Either;
    let division = Division { frac: 8, precision: 16, max_quotient: 1 << 10, rounding };
    assert!(matches!(builder.divide(v, v, division), Err(ProgramError::Divisor { .. })));
    let bad = Division { precision: 70, ..division };
    assert!(matches!(builder.divide(v, v, bad), Err(ProgramError::Precision { .. })));
}
