//! MPC protocols, the functions they compute, and the rules that judge their results.
//!
//! A [`protocol::Protocol`] is straight-line `async` code for one party over an
//! [`mpclab_sim::Ctx`]. Generic protocols are engines that run any [`program::Program`]; dedicated
//! ones realise one task. This crate knows no file format and no report.

#![deny(clippy::disallowed_methods, clippy::disallowed_types)]

pub mod algebra;
pub mod circuit;
pub mod coin;
pub mod dishonest_majority;
pub mod engine;
pub mod functions;
pub mod garbled;
pub mod honest_majority;
pub mod judge;
pub mod mutants;
pub mod primitives;
pub mod program;
pub mod protocol;
pub mod transfer;
pub mod value;

pub use coin::coin_toss;
pub use dishonest_majority::{additive, gmw, semi, spdz, tinyot};
pub use garbled::{bmr, wrk, yao, yao_covert, yao_cut_and_choose};
pub use honest_majority::{dn07, rep3, rep3_ps, shamir};
pub use judge::{attack, oracle};
pub use transfer::oblivious_transfer;

pub use engine::field::{DotTriples, FieldName, OpeningName};
pub use engine::{InputCheck, Plan};

use protocol::{Code, ProtocolVisitor, code};

/// The protocols of this crate: one line each, in alphabetical order.
macro_rules! protocols {
    ($($protocol:ty;)*) => {
        /// Their code, compiled here and nowhere else.
        fn compiled() -> Vec<Box<dyn Code>> {
            vec![$(code::<$protocol>()),*]
        }

        /// Shows a visitor all protocols of this crate, in alphabetical order.
        pub fn visit_all(visitor: &mut impl ProtocolVisitor) {
            let mut compiled = compiled().into_iter();
            $(if let Some(code) = compiled.next() {
                visitor.visit::<$protocol>(code);
            })*
        }
    };
}

protocols! {
    additive::Additive;
    bmr::Bmr;
    coin_toss::CoinToss;
    dn07::Dn07;
    gmw::Gmw;
    oblivious_transfer::ObliviousTransfer;
    rep3::Rep3;
    rep3_ps::Rep3Ps;
    semi::Semi;
    shamir::Shamir;
    spdz::Spdz;
    tinyot::TinyOt;
    wrk::Wrk;
    yao::Yao;
    yao_covert::YaoCovert;
    yao_cut_and_choose::YaoCutAndChoose;
}
