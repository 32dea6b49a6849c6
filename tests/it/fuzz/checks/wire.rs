//! Message types: decoding takes the canonical encodings and nothing else.

use std::fmt::Debug;

use mpclab::protocols::algebra::{Bits, M61, P128, Toy, Z64, Z128};
use mpclab::protocols::primitives::group::Encoded;
use mpclab::protocols::primitives::ot::Blocks;
use mpclab::sim::wire::{Algebra, Element, Field, Wire};

use super::Input;

/// Checks one message type.
type One = fn(&mut Input<'_>);

/// Message types, in the order that the first byte counts them.
pub(crate) const TYPES: [(&str, One); 21] = [
    ("bytes", one::<Vec<u8>>),
    ("m61", one::<Vec<M61>>),
    ("p128", one::<Vec<P128>>),
    ("z64", one::<Vec<Z64>>),
    ("z128", one::<Vec<Z128>>),
    ("bits", one::<Bits>),
    ("no bytes", one::<[u8; 0]>),
    ("a byte", one::<[u8; 1]>),
    ("a hash", one::<[u8; 32]>),
    ("elements of two kinds", one::<(Vec<M61>, Vec<P128>)>),
    ("bits and a hash", one::<(Bits, [u8; 32])>),
    ("a coin's opening", one::<((Bits, [u8; 32]), [u8; 32])>),
    ("shares and their tags", one::<(Vec<Z64>, (Vec<Z128>, Vec<M61>))>),
    ("bytes twice", one::<(Vec<u8>, Vec<u8>)>),
    ("a toy field of one byte", one::<Vec<Toy<7>>>),
    ("a toy field of two bytes", one::<Vec<Toy<1019>>>),
    ("points", one::<Vec<Encoded>>),
    ("blocks", one::<Blocks>),
    ("a hash of bits and digests", one::<(Bits, Vec<u8>)>),
    ("tables in three halves", one::<(Vec<u8>, Bits)>),
    ("an opening of outputs", one::<(([u8; 4], [u8; 32]), Bits)>),
];

/// Bodies are made to fit their shape up to this many bytes.
const FITTED_BYTES: usize = 4096;

/// Bytes that a message about a malformed body may take.
const MESSAGE_BYTES: usize = 200;

/// First byte: the type. Then its shape, and how it is tampered with; the rest is the body.
pub(crate) fn check(data: &[u8]) {
    let mut input = Input(data);
    let kind = usize::from(input.byte()) % TYPES.len();
    TYPES[kind].1(&mut input);
}

/// A shape that can be made out of bytes.
pub(crate) trait Draw {
    fn draw(input: &mut Input<'_>) -> Self;
}

impl Draw for () {
    fn draw(_: &mut Input<'_>) {}
}

impl Draw for usize {
    /// Mostly small; else around each power of two, or as large as can be.
    fn draw(input: &mut Input<'_>) -> usize {
        match input.byte() {
            small @ 0..200 => usize::from(small),
            exponent @ 200..255 => {
                let near = isize::from(i8::from_le_bytes([input.byte()]));
                (1usize << (exponent - 192)).wrapping_add_signed(near)
            }
            255 => usize::MAX - usize::from(input.byte()),
        }
    }
}

impl<A: Draw, B: Draw> Draw for (A, B) {
    fn draw(input: &mut Input<'_>) -> (A, B) {
        (A::draw(input), B::draw(input))
    }
}

/// Checks one message type with what the input makes of its shape and body.
pub(crate) fn one<M>(input: &mut Input<'_>)
where
    M: Wire,
    M::Shape: Draw + PartialEq + Debug,
{
    let shape = M::Shape::draw(input);
    let (fill, index, value) = (input.byte(), input.number() as usize, input.number());
    let mut body = input.0.to_vec();
    let len = M::len(&shape);
    // Most random bodies have a wrong size, which is seen at once and tells little.
    if !fill.is_multiple_of(4) && len <= FITTED_BYTES {
        body.resize(len, fill);
    }
    let fields = M::fields(&shape);
    lie_inside(&fields, len);
    decodes_if_canonical::<M>(&body, &shape, &fields);
    for field in &fields {
        for index in [index % field.count.max(1), index, field.count, usize::MAX] {
            let value = u128::from(value) | u128::from(value) << 64;
            let tampered = mutates(field, &body, index, value);
            decodes_if_canonical::<M>(&tampered, &shape, &fields);
        }
    }
}

/// Fields follow each other without gaps and end where the encoding does.
fn lie_inside(fields: &[Field], len: usize) {
    let mut end = 0;
    for field in fields {
        assert_eq!(field.offset, end, "{field:?} starts where the one before ends");
        end = field.offset.saturating_add(field.bytes());
    }
    assert_eq!(end, len, "the fields take all of the encoding");
}

/// A body decodes if and only if it has the shape's size and canonical elements, and what was
/// decoded encodes to the same bytes.
fn decodes_if_canonical<M>(body: &[u8], shape: &M::Shape, fields: &[Field])
where
    M: Wire,
    M::Shape: PartialEq + Debug,
{
    // Of encodings of points one in sixteen is one; the group's library alone can tell.
    let is_point = |bytes: &[u8]| M::NAME != Encoded::NAME || Encoded::take(bytes).is_some();
    let are_points = body.chunks(Encoded::BYTES).all(is_point);
    let expected = body.len() == M::len(shape)
        && are_points
        && fields.iter().all(|field| is_canonical(field, body));
    match M::decode(body, shape) {
        Ok(message) => {
            assert!(expected, "{} of shape {shape:?} takes what it must not", M::NAME);
            assert_eq!(&message.shape(), shape);
            let mut encoded = Vec::new();
            message.encode(&mut encoded);
            assert_eq!(encoded, body, "another encoding of the same message");
        }
        Err(why) => {
            assert!(!expected, "{} of shape {shape:?} refuses its encoding: {why}", M::NAME);
            assert!(!why.0.is_empty() && why.0.len() <= MESSAGE_BYTES, "{why}");
        }
    }
}

/// Whether the elements that a field shows are canonical; the body has the right size.
fn is_canonical(field: &Field, body: &[u8]) -> bool {
    let run = &body[field.offset..field.offset + field.bytes()];
    match field.algebra {
        Algebra::Bytes => true,
        Algebra::Bits => match field.count % 8 {
            0 => true,
            used => run.last().is_none_or(|last| last >> used == 0),
        },
        Algebra::Prime(p) => run.chunks(field.element_bytes).all(|bytes| low(bytes) < p),
        Algebra::Ring { bits } => {
            assert_eq!(bits as usize, 8 * field.element_bytes, "no ring has spare bits so far");
            true
        }
    }
}

/// The first bytes as a number.
fn low(bytes: &[u8]) -> u128 {
    let mut low = [0; 16];
    let width = bytes.len().min(16);
    low[..width].copy_from_slice(&bytes[..width]);
    u128::from_le_bytes(low)
}

/// Sets an element, which changes that element and nothing else; returns the new body.
fn mutates(field: &Field, body: &[u8], index: usize, value: u128) -> Vec<u8> {
    let mut after = body.to_vec();
    let mut shown = None;
    let done = field.mutate(&mut after, index, |old| {
        shown = Some(old);
        value
    });
    let fits = field.offset.checked_add(field.bytes()).is_some_and(|end| end <= body.len());
    assert_eq!(done, index < field.count && fits, "{field:?}, element {index}");
    assert_eq!(shown.is_some(), done, "the change is asked for if there is something to change");
    if !done {
        assert_eq!(after, body);
        return after;
    }
    let is_bits = field.algebra == Algebra::Bits;
    let (start, width) = match is_bits {
        true => (field.offset + index / 8, 1),
        false => (field.offset + index * field.element_bytes, field.element_bytes.min(16)),
    };
    let element = start..start + width;
    assert_eq!(after[..start], body[..start]);
    assert_eq!(after[element.end..], body[element.end..]);
    let (old, new) = (low(&body[element.clone()]), low(&after[element]));
    if is_bits {
        let bit = 1 << (index % 8);
        assert_eq!(shown, Some(u128::from(old & bit != 0)));
        assert_eq!((new & !bit, new & bit != 0), (old & !bit, value & 1 == 1));
    } else {
        let kept = u128::MAX.checked_shr(128 - 8 * width as u32).unwrap_or(0);
        assert_eq!((shown, new), (Some(old), value & kept));
    }
    after
}
