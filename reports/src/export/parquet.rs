//! Results as Parquet: the tables of [`super::results`], with a type for each column.

use std::sync::Arc;

use parquet::basic::{LogicalType, Repetition, Type as Physical};
use parquet::column::writer::ColumnWriter;
use parquet::data_type::ByteArray;
use parquet::errors::ParquetError;
use parquet::file::properties::WriterProperties;
use parquet::file::writer::SerializedFileWriter;
use parquet::schema::types::{Type, TypePtr};
use serde_json::Value;

use super::ExportError;
use crate::record::{Record, label};
use crate::table::Frame;

/// [`super::results`] as Parquet: name of the table and its bytes. Integers are unsigned, 64 bits
/// wide; every column may be empty.
///
/// # Errors
/// [`ExportError`] if a value has no form there.
pub fn results_parquet(records: &[Record]) -> Result<Vec<(&'static str, Vec<u8>)>, ExportError> {
    let write = |(name, frame): super::NamedFrame| {
        Ok((name, write(&frame).map_err(|error| ExportError::Parquet(error.to_string()))?))
    };
    super::results(records).into_iter().map(write).collect()
}

fn write(frame: &Frame) -> Result<Vec<u8>, ParquetError> {
    let columns: Vec<Vec<&Value>> = (0..frame.columns.len())
        .map(|at| frame.rows.iter().map(|row| &row[at]).collect())
        .collect();
    let fields = frame.columns.iter().zip(&columns);
    let fields: Result<Vec<TypePtr>, ParquetError> =
        fields.map(|(name, values)| field(name, values).map(Arc::new)).collect();
    let schema = Type::group_type_builder("schema").with_fields(fields?).build()?;
    let properties = Arc::new(WriterProperties::builder().build());
    let mut bytes = Vec::new();
    let mut writer = SerializedFileWriter::new(&mut bytes, Arc::new(schema), properties)?;
    let mut rows = writer.next_row_group()?;
    for values in &columns {
        if let Some(mut column) = rows.next_column()? {
            fill(column.untyped(), values)?;
            column.close()?;
        }
    }
    rows.close()?;
    writer.close()?;
    Ok(bytes)
}

/// The narrowest type that all values have; text if there is none.
fn field(name: &str, values: &[&Value]) -> Result<Type, ParquetError> {
    let is_all = |of: fn(&Value) -> bool| values.iter().all(|value| value.is_null() || of(value));
    let (physical, logical) = if values.iter().all(|value| value.is_null()) {
        (Physical::BYTE_ARRAY, Some(LogicalType::String))
    } else if is_all(Value::is_boolean) {
        (Physical::BOOLEAN, None)
    } else if is_all(Value::is_u64) {
        (Physical::INT64, Some(LogicalType::integer(64, false)))
    } else if is_all(Value::is_number) {
        (Physical::DOUBLE, None)
    } else {
        (Physical::BYTE_ARRAY, Some(LogicalType::String))
    };
    Type::primitive_type_builder(name, physical)
        .with_repetition(Repetition::OPTIONAL)
        .with_logical_type(logical)
        .build()
}

fn fill(column: &mut ColumnWriter<'_>, values: &[&Value]) -> Result<(), ParquetError> {
    let levels: Vec<i16> = values.iter().map(|value| i16::from(!value.is_null())).collect();
    let present = values.iter().filter(|value| !value.is_null());
    match column {
        ColumnWriter::BoolColumnWriter(writer) => {
            let values: Vec<bool> = present.filter_map(|value| value.as_bool()).collect();
            writer.write_batch(&values, Some(&levels), None)?;
        }
        ColumnWriter::Int64ColumnWriter(writer) => {
            // Unsigned integers keep their bits.
            let values: Vec<i64> =
                present.filter_map(|value| value.as_u64()).map(u64::cast_signed).collect();
            writer.write_batch(&values, Some(&levels), None)?;
        }
        ColumnWriter::DoubleColumnWriter(writer) => {
            let values: Vec<f64> = present.filter_map(|value| value.as_f64()).collect();
            writer.write_batch(&values, Some(&levels), None)?;
        }
        ColumnWriter::ByteArrayColumnWriter(writer) => {
            let values: Vec<ByteArray> =
                present.map(|value| ByteArray::from(label(value).into_bytes())).collect();
            writer.write_batch(&values, Some(&levels), None)?;
        }
        _ => return Err(ParquetError::General("a column of an unexpected type".to_owned())),
    }
    Ok(())
}
