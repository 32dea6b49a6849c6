//! Transfers of messages of which the receiver obtains those that it chooses, as functions of their
//! own. What other protocols make of transfers is in [`crate::primitives::ot`].

pub mod oblivious_transfer;
