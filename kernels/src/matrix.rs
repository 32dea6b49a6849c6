//! Transposition of bit matrices of 128 rows: columns are blocks.
//!
//! Row `r` of `n` bits is `n / 128` blocks in order, and rows follow each other; bit `r` of block
//! `i` of the transposed is bit `i` of row `r`. Calls of a few thousand columns stay in cache.

use crate::level::kernel;
use crate::{Block, Level};

/// Rows of a matrix, and bits of a column.
pub const ROWS: usize = 128;

/// Squares of 128 x 128 bits that are transposed at a time: a cache line of every row.
pub(crate) const SQUARES: usize = 4;

/// The columns of as many squares.
pub(crate) type Tile = [[Block; ROWS]; SQUARES];

/// From 128 rows of `n` bits to `n` columns of 128 bits; fastest for multiples of 512.
///
/// # Panics
/// If there are not as many blocks of either, or not a multiple of 128.
pub fn transpose_rows(rows: &[Block], columns: &mut [Block]) {
    let stride = stride(rows, columns);
    let level = Level::current();
    let (tiles, rest) = columns.as_chunks_mut::<ROWS>().0.as_chunks_mut::<SQUARES>();
    kernel!(level, transpose_rows(rows, stride, tiles));
    if !rest.is_empty() {
        let mut tile = [[[Block::ZERO; ROWS]; SQUARES]];
        let mut padded = [[Block::ZERO; SQUARES]; ROWS];
        for (padded, row) in padded.iter_mut().zip(rows.chunks(stride)) {
            padded[..rest.len()].copy_from_slice(&row[stride - rest.len()..]);
        }
        kernel!(level, transpose_rows(padded.as_flattened(), SQUARES, &mut tile));
        rest.copy_from_slice(&tile[0][..rest.len()]);
    }
}

/// From `n` columns of 128 bits to 128 rows of `n` bits; fastest for multiples of 512.
///
/// # Panics
/// If there are not as many blocks of either, or not a multiple of 128.
pub fn transpose_columns(columns: &[Block], rows: &mut [Block]) {
    let stride = stride(rows, columns);
    let level = Level::current();
    let (tiles, rest) = columns.as_chunks::<ROWS>().0.as_chunks::<SQUARES>();
    kernel!(level, transpose_columns(tiles, rows, stride));
    if !rest.is_empty() {
        let mut tile = [[[Block::ZERO; ROWS]; SQUARES]];
        let mut padded = [[Block::ZERO; SQUARES]; ROWS];
        tile[0][..rest.len()].copy_from_slice(rest);
        kernel!(level, transpose_columns(&tile, padded.as_flattened_mut(), SQUARES));
        for (padded, row) in padded.iter().zip(rows.chunks_mut(stride)) {
            row[stride - rest.len()..].copy_from_slice(&padded[..rest.len()]);
        }
    }
}

/// Blocks of a row.
fn stride(rows: &[Block], columns: &[Block]) -> usize {
    assert_eq!(rows.len(), columns.len(), "a matrix and its transposed have one size");
    assert_eq!(rows.len() % ROWS, 0, "columns are a multiple of 128");
    rows.len() / ROWS
}
