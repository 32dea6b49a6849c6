//! What it takes to send and to receive a message, charged by the kernel for every protocol.
//!
//! Two parts are kept apart. Encoding and decoding run in this process, so `measured` compute sees
//! them. Sending and receiving are what an operating system takes to move a frame through a
//! socket: nothing here has one, so only a profile knows their price.

use crate::vocabulary::Op;

/// Encoding a message: its buffer and its payload, once however many receive it.
pub const ENCODE: Op = op("wire.encode");
/// Decoding a message: checks and a copy of its payload.
pub const DECODE: Op = op("wire.decode");
/// Writing a frame to a socket, for each receiver; units are bytes of header and payload.
pub const SEND: Op = op("net.send");
/// Reading a frame from a socket; units are bytes of header and payload.
pub const RECEIVE: Op = op("net.receive");

/// Every priced operation of the kernel: encoding, decoding, sending, receiving.
pub const OPS: [Op; 4] = [ENCODE, DECODE, SEND, RECEIVE];

const fn op(key: &'static str) -> Op {
    Op { key, unit: "byte", parallel: false, work: None }
}

/// A step of handling a message.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Handling {
    Encode,
    Decode,
    Send,
    Receive,
}

impl Handling {
    pub(crate) fn op(self) -> Op {
        OPS[self as usize]
    }
}
