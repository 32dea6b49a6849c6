//! Functions so small that all their inputs can be tried, in fields that scenarios do not use.

use std::sync::Arc;

use mpclab_protocols::functions::Task;
use mpclab_protocols::program::{Builder, Decoding, Inputs, Program, ProgramError, Type};
use mpclab_protocols::program::{NodeId, interpret};
use mpclab_scenarios::{Catalogue, ComputeChoice, FunctionSource, Kind};
use mpclab_sim::network::Network;
use mpclab_sim::vocabulary::{PartyId, Roles, Security};
use serde_json::Value;

use super::Probe;
use crate::battery::coalition::Coalitions;
use crate::runner::{PreparedCell, Subject};

/// What the first two of the parties compute on a bit of each; everybody learns the result.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Tiny {
    /// x y
    Product,
    /// x - y
    Difference,
    /// x y (x xor y), which is always zero: all that is inside is hidden.
    Nested,
    /// x y + y (1 - x), which is y: two products in one batch, and x is hidden.
    Beside,
    /// The same with bits.
    BitsBeside,
    /// (x y) (y (1 - x)) with bits, which is always zero: two products in one batch, of which all
    /// is hidden.
    Crossed,
}

impl Tiny {
    /// Name for people.
    pub(super) fn name(self) -> &'static str {
        match self {
            Tiny::Product => "product of two bits",
            Tiny::Difference => "difference of two bits",
            Tiny::Nested => "product of a product of two bits",
            Tiny::Beside => "two products side by side",
            Tiny::BitsBeside => "two products of bits side by side",
            Tiny::Crossed => "product of two products side by side",
        }
    }

    fn program(self) -> Result<Program, ProgramError> {
        let mut builder = Builder::new();
        let bits: [Result<NodeId, ProgramError>; 2] =
            [0, 1].map(|party| builder.input("bit", party, 1, Type::Bit));
        let [x, y] = bits;
        let result = match self {
            Tiny::Product => builder.mul(x?, y?)?,
            Tiny::Difference => builder.sub(x?, y?)?,
            Tiny::Nested => {
                let (x, y) = (x?, y?);
                let (product, sum) = (builder.and(x, y)?, builder.xor(x, y)?);
                builder.and(product, sum)?
            }
            Tiny::Beside => {
                let (x, y) = (x?, y?);
                let not = builder.sub_from(1, x)?;
                let products = [[x, y], [y, not]].map(Vec::from);
                let [left, right] = products.map(|factors| builder.concat(factors));
                let products = builder.mul(left?, right?)?;
                builder.sum(products, 1)?
            }
            Tiny::BitsBeside | Tiny::Crossed => {
                let (x, y) = (x?, y?);
                let not = builder.not(x)?;
                let factors = [[x, y], [y, not]].map(Vec::from);
                let [left, right] = factors.map(|factors| builder.concat(factors));
                let products = builder.and(left?, right?)?;
                let [first, other] = [0, 1].map(|at| builder.gather(products, vec![at]));
                match self {
                    Tiny::Crossed => builder.and(first?, other?)?,
                    _ => builder.xor(first?, other?)?,
                }
            }
        };
        builder.output("result", result, Decoding::Integer)?;
        builder.finish()
    }
}

/// What protocols call the parameter that names their field.
const KEYS: [&str; 2] = ["field", "domain"];

/// A protocol on a tiny function.
pub(super) struct Variant {
    pub(super) tiny: Tiny,
    pub(super) cell: PreparedCell,
    /// Whom the claims cover.
    coalitions: Coalitions,
    pub(super) security: Security,
    /// What it computes in.
    pub(super) domain: String,
}

impl Probe<'_> {
    /// The protocol on a tiny function among so many parties, over a field of this name; as the
    /// scenario has it without one.
    ///
    /// # Errors
    /// Why the protocol can't run it.
    pub(super) fn variant(
        &self,
        tiny: Tiny,
        n: usize,
        field: Option<&str>,
    ) -> Result<Variant, String> {
        let registry = self.target.registry;
        let mut cell = self.cell.clone();
        let everybody: Vec<PartyId> = PartyId::all(n).collect();
        let input = everybody.iter().copied().take(2).collect();
        cell.cell.roles = Roles { compute: n, input, output: everybody };
        cell.cell.network = Arc::new(Network::constant(n, 1_000_000));
        cell.cell.compute = ComputeChoice::None;
        cell.cell.synchrony_ns = None;
        cell.cell.function.name = tiny.name().to_owned();
        cell.cell.function.source = FunctionSource::Named;
        cell.cell.function.params = Value::Null;
        cell.task = Task::Program(Arc::new(tiny.program().map_err(|why| why.to_string())?));
        cell.given = Some(vec![Inputs::new(); 2]);
        let protocol = &mut cell.cell.protocol;
        if let Some(field) = field {
            let mut with = KEYS.iter().filter_map(|key| {
                let mut params = protocol.params.clone();
                params.as_object_mut()?.insert((*key).to_owned(), Value::from(field));
                registry.params(Kind::Protocol, &protocol.name, &params).ok()
            });
            let params = with.next().ok_or("none of its parameters is a field of this name")?;
            protocol.params = params;
        }
        let seed = self.seed(0, 0, 0);
        let bound = Subject::new(registry, &cell, seed).map_err(|why| why.why)?.bound;
        let coalitions = Coalitions::new(&bound.claims, &bound.roles, &cell.cell.roles, seed);
        let (security, domain) = (bound.claims.security, bound.domain.clone());
        Ok(Variant { tiny, cell, coalitions, security, domain })
    }
}

/// Coalitions with the choices of both bits that each can't tell apart in the ideal world.
pub(super) struct Hidden {
    pub(super) coalition: Vec<PartyId>,
    pub(super) claimed: bool,
    /// By what the coalition knows: two or more choices each.
    pub(super) classes: Vec<Vec<[i128; 2]>>,
}

impl Variant {
    pub(super) fn n(&self) -> usize {
        self.cell.cell.roles.compute
    }

    /// Size of the largest coalitions that the claims cover.
    pub(super) fn threshold(&self) -> usize {
        self.coalitions.size()
    }

    pub(super) fn is_perfect(&self) -> bool {
        self.security == Security::Perfect
    }

    /// What parties bring.
    pub(super) fn inputs(bits: [i128; 2]) -> Vec<Inputs> {
        bits.map(|bit| Inputs::from([("bit".to_owned(), vec![bit])])).to_vec()
    }

    /// Maximal coalitions, and those of one node more, from which something is hidden.
    pub(super) fn hidden(&self) -> Vec<Hidden> {
        let within = self.coalitions.largest().tried.into_iter().map(|nodes| (nodes, true));
        let larger = self.coalitions.beyond().flatten().map(|nodes| (nodes, false));
        let hidden = within.chain(larger).map(|(coalition, claimed)| Hidden {
            classes: self.classes(&coalition),
            coalition,
            claimed,
        });
        hidden.filter(|hidden| !hidden.classes.is_empty()).collect()
    }

    fn classes(&self, coalition: &[PartyId]) -> Vec<Vec<[i128; 2]>> {
        let Task::Program(program) = &self.cell.task else { return Vec::new() };
        let mut classes: Vec<(Vec<i128>, Vec<[i128; 2]>)> = Vec::new();
        for bits in [[0, 0], [0, 1], [1, 0], [1, 1]] {
            let Ok(result) = interpret(program, &Variant::inputs(bits)) else { continue };
            let own = [0, 1].into_iter().filter(|at| coalition.contains(&PartyId(*at as u32)));
            let known: Vec<i128> = own.map(|at| bits[at]).chain(result.outputs).collect();
            match classes.iter_mut().find(|(other, _)| *other == known) {
                Some((_, class)) => class.push(bits),
                None => classes.push((known, vec![bits])),
            }
        }
        classes.into_iter().map(|(_, class)| class).filter(|class| class.len() > 1).collect()
    }
}
