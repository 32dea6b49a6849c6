use super::ExportError;
use crate::table::Frame;

/// An object with `notes` and `rows`; a null is a figure that does not exist.
pub(super) fn write(frame: &Frame) -> Result<String, ExportError> {
    Ok(serde_json::to_string_pretty(frame)? + "\n")
}
