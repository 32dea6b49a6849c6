use super::graph::Program;
use super::interpret::Expected;
use super::{Name, OutputDecl};
use crate::value::Outputs;

/// How an engine's outputs differ from the ideal functionality's.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum Mismatch {
    /// Too few or too many values, or columns.
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

/// Whether the columns that an output party has are those that the program has for it, with values
/// as [`check`] wants them.
///
/// # Errors
/// The first difference.
pub fn check_outputs(
    program: &Program,
    expected: &Expected,
    party: usize,
    got: &Outputs,
) -> Result<(), Mismatch> {
    let own = || program.outputs().iter().filter(|output| output.to.include(party));
    let columns = got.iter().map(|(name, column)| (name, column.kind(), column.len()));
    if !columns.eq(own().map(|output| (&*output.name, "integers", output.len))) {
        let text = |name: &str, kind: &str, len: usize| format!("{len} {kind} `{name}`");
        let expected: Vec<String> =
            own().map(|output| text(&output.name, "integers", output.len)).collect();
        let got: Vec<String> =
            got.iter().map(|(name, column)| text(name, column.kind(), column.len())).collect();
        return Err(Mismatch::Columns { expected: expected.join(", "), got: got.join(", ") });
    }
    let elements = program.elements_of(party);
    elements.into_iter().zip(own()).try_for_each(|(range, output)| {
        let got = got.integers(&output.name).unwrap_or_default();
        compare(output, &expected.outputs[range.clone()], &expected.errors[range], got)
    })
}

/// Whether columns are those of some of the program's outputs, whoever learns them, with values as
/// [`check`] wants them.
///
/// # Errors
/// The first difference.
pub fn check_known(program: &Program, expected: &Expected, got: &Outputs) -> Result<(), Mismatch> {
    let mut known = 0;
    let mut start = 0;
    for output in program.outputs() {
        let range = start..start + output.len;
        start = range.end;
        let Some(values) = got.integers(&output.name) else { continue };
        known += 1;
        if values.len() != output.len {
            return Err(Mismatch::Length { expected: output.len, got: values.len() });
        }
        let errors = &expected.errors[range.clone()];
        compare(output, &expected.outputs[range], errors, values)?;
    }
    match got.iter().count() {
        columns if columns == known => Ok(()),
        columns => Err(Mismatch::Length { expected: known, got: columns }),
    }
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
    let mut start = 0;
    program.outputs().iter().try_for_each(|output| {
        let range = start..start + output.len;
        start = range.end;
        let errors = &expected.errors[range.clone()];
        compare(output, &expected.outputs[range.clone()], errors, &got[range])
    })
}

/// The values of one output.
fn compare(
    output: &OutputDecl,
    expected: &[i128],
    errors: &[u128],
    got: &[i128],
) -> Result<(), Mismatch> {
    let all = expected.iter().zip(errors).zip(got).enumerate();
    for (element, ((&expected, &tolerance), &got)) in all {
        if expected.abs_diff(got) > tolerance {
            let name = output.name.clone();
            return Err(Mismatch::Value { name, element, expected, tolerance, got });
        }
    }
    Ok(())
}
