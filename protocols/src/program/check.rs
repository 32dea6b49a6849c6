use super::Name;
use super::graph::Program;
use super::interpret::Expected;
use crate::value::{Column, Outputs};

/// How an engine's outputs differ from the ideal functionality's.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum Mismatch {
    /// Too few or too many values.
    #[error("{got} output values instead of {expected}")]
    Length {
        /// Values that the functionality yields.
        expected: usize,
        /// Values that came.
        got: usize,
    },
    /// Other columns than the program's.
    #[error("outputs are {got} instead of {expected}")]
    Columns {
        /// Names and lengths of the program's outputs.
        expected: String,
        /// What came.
        got: String,
    },
    /// A wrong value.
    #[error(
        "output `{name}`[{element}]: expected {expected}{}, got {got}",
        if *tolerance == 0 { String::new() } else { format!(" ± {tolerance}") }
    )]
    Value {
        /// The output.
        name: Name,
        /// Position in it.
        element: usize,
        /// Raw value of the functionality.
        expected: i128,
        /// Largest difference that roundings explain.
        tolerance: u128,
        /// Raw value that came.
        got: i128,
    },
}

/// Whether the columns that a party has are those of the program, with values as [`check`] wants
/// them.
///
/// # Errors
/// The first difference.
pub fn check_outputs(
    program: &Program,
    expected: &Expected,
    got: &Outputs,
) -> Result<(), Mismatch> {
    let values = got.values();
    let shape = |outputs: &Outputs| {
        let text = |(name, column): (&str, &Column)| {
            format!("{} {} `{name}`", column.len(), column.kind())
        };
        outputs.iter().map(text).collect::<Vec<_>>().join(", ")
    };
    let columns = program.outputs().iter().map(|output| (&*output.name, output.len));
    let own = got.iter().map(|(name, column)| (name, column.integers().map_or(0, <[i128]>::len)));
    if !columns.eq(own) {
        let expected = shape(&program.to_outputs(&expected.outputs));
        return Err(Mismatch::Columns { expected, got: shape(got) });
    }
    check(program, expected, &values)
}

/// Whether outputs equal the expected ones up to what [`super::Rounding::Either`] may cause for
/// these inputs.
///
/// # Errors
/// The first difference.
pub fn check(program: &Program, expected: &Expected, got: &[i128]) -> Result<(), Mismatch> {
    let needed = expected.outputs.len();
    if got.len() != needed {
        return Err(Mismatch::Length { expected: needed, got: got.len() });
    }
    let names = program
        .outputs()
        .iter()
        .flat_map(|output| (0..output.len).map(move |element| (&output.name, element)));
    let wanted = expected.outputs.iter().zip(&expected.errors);
    for (((name, element), (&expected, &tolerance)), &got) in names.zip(wanted).zip(got) {
        if expected.abs_diff(got) > tolerance {
            let name = name.clone();
            return Err(Mismatch::Value { name, element, expected, tolerance, got });
        }
    }
    Ok(())
}
