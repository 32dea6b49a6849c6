//! Protocols that garble circuits: rounds do not grow with the depth of what is computed.

pub mod wrk;
pub mod yao;
