use serde_json::Value;

use super::ExportError;
use crate::table::Frame;

/// A header and one line for each row; an empty field is a figure that does not exist. Text that a
/// spreadsheet would compute starts with an apostrophe.
pub(super) fn write(frame: &Frame) -> Result<String, ExportError> {
    let mut writer = csv::Writer::from_writer(Vec::new());
    writer.write_record(frame.columns.iter().map(|name| mpclab_files::cell(name)))?;
    for row in &frame.rows {
        writer.write_record(row.iter().map(field))?;
    }
    let bytes = writer.into_inner().map_err(|error| csv::Error::from(error.into_error()))?;
    Ok(String::from_utf8_lossy(&bytes).into_owned())
}

fn field(value: &Value) -> String {
    match value {
        Value::Null => String::new(),
        Value::String(text) => mpclab_files::cell(text),
        other => other.to_string(),
    }
}
