//! Bytes are real encodings: what a message costs is what its type encodes to.
//!
//! Both sides know the shape of a message, so vectors carry no length; a wrong size is
//! [`Malformed`] and never allocates more than the bytes that are present.

use std::fmt;

/// Why bytes are no encoding of the expected shape.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Malformed(pub String);

impl fmt::Display for Malformed {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

/// The algebra an element of a message lives in, so that tampering can compute in it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Algebra {
    /// Opaque bytes: hashes, keys, commitments.
    Bytes,
    /// Packed bits, least significant first within a byte.
    Bits,
    /// Integers modulo a prime, little-endian, canonical.
    Prime(u128),
    /// Integers modulo 2^bits, little-endian.
    Ring {
        /// Width of the ring.
        bits: u32,
    },
}

/// A run of equal elements inside an encoding.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Field {
    /// Name within the message.
    pub name: &'static str,
    /// First byte of the run.
    pub offset: usize,
    /// Number of elements.
    pub count: usize,
    /// Bytes per element; 0 for [`Algebra::Bits`], where eight share a byte.
    pub element_bytes: usize,
    /// What the elements are.
    pub algebra: Algebra,
}

impl Field {
    /// Bytes that the run takes; `usize::MAX` if no memory could hold them.
    #[must_use]
    pub fn bytes(&self) -> usize {
        match self.algebra {
            Algebra::Bits => self.count.div_ceil(8),
            _ => self.count.saturating_mul(self.element_bytes),
        }
    }

    /// Replaces one element of the run by `change` of it, in place; bits are 0 or 1.
    ///
    /// Values wider than 128 bits are shown to `change` by their low 16 bytes, and keep the rest.
    /// The result is written modulo the element's width, not reduced: a mutation may be
    /// non-canonical on purpose. Returns whether the element exists.
    pub fn mutate(&self, body: &mut [u8], index: usize, change: impl FnOnce(u128) -> u128) -> bool {
        if index >= self.count || self.offset.saturating_add(self.bytes()) > body.len() {
            return false;
        }
        if self.algebra == Algebra::Bits {
            let byte = &mut body[self.offset + index / 8];
            let old = (*byte >> (index % 8)) & 1;
            let new = (change(u128::from(old)) & 1) as u8;
            *byte = (*byte & !(1 << (index % 8))) | (new << (index % 8));
            return true;
        }
        let start = self.offset + index * self.element_bytes;
        let width = self.element_bytes.min(16);
        let mut low = [0u8; 16];
        low[..width].copy_from_slice(&body[start..start + width]);
        let new = change(u128::from_le_bytes(low)).to_le_bytes();
        body[start..start + width].copy_from_slice(&new[..width]);
        true
    }
}

/// A message type.
pub trait Wire: Sized + Send + 'static {
    /// What the receiver knows of the message beforehand.
    type Shape: Clone + Send + Sync + 'static;
    /// Name in traces and tampering rules.
    const NAME: &'static str;

    /// The shape of this value.
    fn shape(&self) -> Self::Shape;
    /// Length of the encoding of this shape, bytes.
    fn len(shape: &Self::Shape) -> usize;
    /// Appends the encoding.
    fn encode(&self, out: &mut Vec<u8>);
    /// Reads an encoding of exactly this shape.
    ///
    /// # Errors
    /// [`Malformed`] if the size is wrong or an element is not canonical.
    fn decode(bytes: &[u8], shape: &Self::Shape) -> Result<Self, Malformed>;
    /// Where which elements lie.
    fn fields(shape: &Self::Shape) -> Vec<Field>;
}

/// A fixed-size element of vectors.
pub trait Element: Copy + Send + Sync + 'static {
    /// Size of an encoding, bytes.
    const BYTES: usize;
    /// What it is.
    const ALGEBRA: Algebra;
    /// Name in traces.
    const NAME: &'static str;

    /// Appends the encoding.
    fn put(self, out: &mut Vec<u8>);
    /// Reads an encoding of exactly [`Element::BYTES`] bytes; `None` if it is not canonical.
    fn take(bytes: &[u8]) -> Option<Self>;

    /// Appends the encodings of many; overridden where they can be copied at once.
    fn put_all(elements: &[Self], out: &mut Vec<u8>) {
        elements.iter().for_each(|element| element.put(out));
    }

    /// Reads as many as the bytes hold; an error is the index of one that is not canonical.
    ///
    /// # Errors
    /// The index of the first element that is not canonical.
    fn take_all(bytes: &[u8]) -> Result<Vec<Self>, usize> {
        // Collecting results would not know the length, and copy what it has while it grows.
        let mut elements = Vec::with_capacity(bytes.len() / Self::BYTES);
        for (index, chunk) in bytes.chunks_exact(Self::BYTES).enumerate() {
            elements.push(Self::take(chunk).ok_or(index)?);
        }
        Ok(elements)
    }
}

/// Checks the size of a body against that of its shape.
///
/// # Errors
/// [`Malformed`] if they differ.
pub fn expect_len(bytes: &[u8], expected: usize) -> Result<(), Malformed> {
    if bytes.len() == expected {
        Ok(())
    } else {
        Err(Malformed(format!("{} bytes instead of {expected}", bytes.len())))
    }
}

impl<E: Element> Wire for Vec<E> {
    type Shape = usize;
    const NAME: &'static str = E::NAME;

    fn shape(&self) -> usize {
        Vec::len(self)
    }
    fn len(shape: &usize) -> usize {
        shape.saturating_mul(E::BYTES)
    }
    fn encode(&self, out: &mut Vec<u8>) {
        E::put_all(self, out);
    }
    fn decode(bytes: &[u8], shape: &usize) -> Result<Self, Malformed> {
        expect_len(bytes, <Self as Wire>::len(shape))?;
        E::take_all(bytes).map_err(|index| Malformed(format!("element {index} is not canonical")))
    }
    fn fields(shape: &usize) -> Vec<Field> {
        vec![Field {
            name: "elements",
            offset: 0,
            count: *shape,
            element_bytes: E::BYTES,
            algebra: E::ALGEBRA,
        }]
    }
}

impl Element for u8 {
    const BYTES: usize = 1;
    const ALGEBRA: Algebra = Algebra::Bytes;
    const NAME: &'static str = "bytes";
    fn put(self, out: &mut Vec<u8>) {
        out.push(self);
    }
    fn take(bytes: &[u8]) -> Option<Self> {
        bytes.first().copied()
    }
    fn put_all(elements: &[Self], out: &mut Vec<u8>) {
        out.extend_from_slice(elements);
    }
    fn take_all(bytes: &[u8]) -> Result<Vec<Self>, usize> {
        Ok(bytes.to_vec())
    }
}

impl<const N: usize> Wire for [u8; N] {
    type Shape = ();
    const NAME: &'static str = "block";

    fn shape(&self) {}
    fn len((): &()) -> usize {
        N
    }
    fn encode(&self, out: &mut Vec<u8>) {
        out.extend_from_slice(self);
    }
    fn decode(bytes: &[u8], (): &()) -> Result<Self, Malformed> {
        expect_len(bytes, N)?;
        bytes.try_into().map_err(|_| Malformed("wrong length".to_owned()))
    }
    fn fields((): &()) -> Vec<Field> {
        vec![Field {
            name: "block",
            offset: 0,
            count: 1,
            element_bytes: N,
            algebra: Algebra::Bytes,
        }]
    }
}

impl<A: Wire, B: Wire> Wire for (A, B) {
    type Shape = (A::Shape, B::Shape);
    const NAME: &'static str = "pair";

    fn shape(&self) -> Self::Shape {
        (self.0.shape(), self.1.shape())
    }
    fn len(shape: &Self::Shape) -> usize {
        A::len(&shape.0).saturating_add(B::len(&shape.1))
    }
    fn encode(&self, out: &mut Vec<u8>) {
        self.0.encode(out);
        self.1.encode(out);
    }
    fn decode(bytes: &[u8], shape: &Self::Shape) -> Result<Self, Malformed> {
        expect_len(bytes, Self::len(shape))?;
        let (first, second) = bytes.split_at(A::len(&shape.0));
        Ok((A::decode(first, &shape.0)?, B::decode(second, &shape.1)?))
    }
    fn fields(shape: &Self::Shape) -> Vec<Field> {
        let at = A::len(&shape.0);
        let mut fields = A::fields(&shape.0);
        fields.extend(B::fields(&shape.1).into_iter().map(|mut field| {
            field.offset = field.offset.saturating_add(at);
            field
        }));
        fields
    }
}
