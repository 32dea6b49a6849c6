//! Inputs and outputs of engines that share single bits among the computing parties by XOR, in one
//! way or another: who owns which input wires of a circuit, and who learns which outputs.

use std::ops::Range;

use mpclab_sim::Ctx;
use mpclab_sim::vocabulary::{Abort, PartyId, Roles};

use super::Opening;
use super::cost::Message;
use crate::algebra::bits::Bits;
use crate::circuit::{Circuit, Word, Words};
use crate::program::{InputDecl, Inputs, Outputs, Program, Sharing};

/// The inputs and outputs of a program's circuit.
pub struct SharedBits {
    roles: Roles,
    words: Words,
    opening: Opening,
    /// Places of the output bits that each output party learns.
    own: Vec<Vec<Range<usize>>>,
    learns: Vec<Vec<bool>>,
}

impl SharedBits {
    /// Of a program among these parties, whose circuit has these words.
    #[must_use]
    pub fn new(program: &Program, roles: &Roles, words: &Words) -> Self {
        let learns = |party: usize| -> Vec<bool> {
            program.outputs().iter().map(|output| output.to.include(party)).collect()
        };
        let learns: Vec<Vec<bool>> = (0..roles.output.len()).map(learns).collect();
        let own = learns.iter().map(|learns| {
            let mut end = 0;
            let places = words.output_bits().map(|bits| {
                let start = end;
                end += bits;
                start..end
            });
            places.zip(learns).filter(|(_, learns)| **learns).map(|(place, _)| place).collect()
        });
        SharedBits {
            roles: roles.clone(),
            words: words.clone(),
            // Programs of these engines keep their outputs in one sharing.
            opening: Opening::new(program, roles, Sharing::Arithmetic),
            own: own.collect(),
            learns,
        }
    }

    // ---- inputs ----

    /// How many parties compute.
    #[must_use]
    pub fn computing(&self) -> usize {
        self.roles.compute
    }

    /// Input nodes that bring something, each with its index among the input parties and the
    /// number of its bits.
    pub fn owners(&self) -> impl Iterator<Item = (PartyId, usize, usize)> {
        let owners = self.roles.input.iter().enumerate();
        let owners = owners.map(|(party, node)| (*node, party, self.words.bits_of(party)));
        owners.filter(|(.., bits)| *bits > 0)
    }

    /// Input nodes that bring something and do not compute, with the number of their bits.
    pub fn clients(&self) -> impl Iterator<Item = (PartyId, usize)> {
        let owners = self.owners().map(|(node, _, bits)| (node, bits));
        owners.filter(|(node, _)| !self.roles.computes(*node))
    }

    /// Bits that a node brings.
    #[must_use]
    pub fn bits_of(&self, node: PartyId) -> usize {
        self.owners().find(|(owner, ..)| *owner == node).map_or(0, |(.., bits)| bits)
    }

    /// Bits that others than this node bring.
    #[must_use]
    pub fn bits_but_of(&self, node: PartyId) -> usize {
        self.owners().filter(|(owner, ..)| *owner != node).map(|(.., bits)| bits).sum()
    }

    /// Random bits, which nobody brings.
    #[must_use]
    pub fn random_bits(&self) -> usize {
        self.words.random_bits()
    }

    /// The node that owns each column of the circuit's input wires, in their order, and where in
    /// its own bits the column stands; random bits come behind them.
    pub fn columns(&self) -> impl Iterator<Item = (PartyId, Range<usize>)> {
        let mut taken = vec![0; self.roles.input.len()];
        self.words.columns().iter().map(move |(decl, word)| {
            let start = taken[decl.party];
            taken[decl.party] += decl.len * word.width as usize;
            (self.roles.input[decl.party], start..taken[decl.party])
        })
    }

    /// The bits of a node's own input; none if it brings nothing.
    ///
    /// # Errors
    /// A bug if a column is missing.
    pub fn encode(&self, node: PartyId, input: &Inputs) -> Result<Bits, Abort> {
        let Some((_, party, _)) = self.owners().find(|(owner, ..)| *owner == node) else {
            return Ok(Bits::default());
        };
        let bits = self.words.encode(party, input);
        bits.ok_or_else(|| Abort::Bug("a column was not handed in".to_owned()))
    }

    /// The input that these bits of a node stand for; what is out of range is read as the lowest
    /// value, as circuits of malicious engines do.
    #[must_use]
    pub fn decode(&self, node: PartyId, bits: &Bits) -> Inputs {
        let own = self.words.columns().iter().zip(self.columns());
        let own = own.filter(|(_, (owner, _))| *owner == node);
        let column = |((decl, word), (_, place)): (&(InputDecl, Word), (PartyId, Range<usize>))| {
            let (bits, width) = (bits.slice(place), word.width as usize);
            let value = |at: usize| {
                let value = word.decode((0..width).map(|bit| bits.get(at * width + bit)));
                if decl.range.contains(value) { value } else { decl.range.lo }
            };
            (decl.name.to_string(), (0..decl.len).map(value).collect::<Vec<i128>>())
        };
        own.map(column).collect()
    }

    /// All outputs on any inputs that the words can hold, in the clear.
    #[must_use]
    pub fn evaluate(
        &self,
        program: &Program,
        circuit: &Circuit,
        inputs: &[Inputs],
    ) -> Option<Outputs> {
        let bits = circuit.evaluate(&self.words.encode_all(inputs)?, 1).ok()?;
        Some(program.to_outputs(&self.words.decode(&bits)))
    }

    // ---- outputs ----

    /// Output bits, whoever learns them.
    #[must_use]
    pub fn output_bits(&self) -> usize {
        self.words.output_bits().sum()
    }

    /// Output nodes that learn the same, with the index of one of them among the output parties.
    fn groups(&self) -> impl Iterator<Item = (&[PartyId], usize)> {
        let index = |node| self.roles.output.binary_search(node).unwrap_or_default();
        let groups = self.opening.groups().iter();
        groups.filter_map(move |group| Some((&group.nodes[..], index(group.nodes.first()?))))
    }

    /// Places of the output bits that a node learns, in their order.
    pub fn places_of(&self, node: PartyId) -> impl Iterator<Item = usize> + '_ {
        let party = self.roles.output.binary_search(&node).ok();
        party.into_iter().flat_map(|party| self.own[party].iter().cloned().flatten())
    }

    /// What a node learns, from the bits at its places; nothing if it is no output node.
    #[must_use]
    pub fn outputs_of(&self, program: &Program, node: PartyId, bits: &Bits) -> Outputs {
        let Ok(party) = self.roles.output.binary_search(&node) else { return Outputs::none() };
        let raw = self.words.decode_some(bits, |output| self.learns[party][output]);
        program.to_outputs_of(party, &raw)
    }

    fn own_bits(&self, party: usize) -> usize {
        self.own[party].iter().map(ExactSizeIterator::len).sum()
    }

    /// Output nodes that learn the same, and the places of what they learn among the output bits.
    pub fn learners(&self) -> impl Iterator<Item = (&[PartyId], &[Range<usize>])> {
        self.groups().map(|(nodes, party)| (nodes, &self.own[party][..]))
    }

    /// Number of output bits that a node learns.
    #[must_use]
    pub fn learned_bits(&self, node: PartyId) -> usize {
        self.roles.output.binary_search(&node).map_or(0, |party| self.own_bits(party))
    }

    /// What a node learns, from the bits of it, one output after the other.
    #[must_use]
    pub fn learned(&self, program: &Program, node: PartyId, bits: &Bits) -> Outputs {
        let Ok(party) = self.roles.output.binary_search(&node) else { return Outputs::none() };
        let raw = self.words.decode_some(bits, |output| self.learns[party][output]);
        program.to_outputs_of(party, &raw)
    }

    /// What each of so many parties that hold shares of the outputs sends to who learns them.
    pub fn messages(&self) -> impl Iterator<Item = Message> {
        self.groups().flat_map(move |(nodes, party)| {
            let bytes = self.own_bits(party).div_ceil(8) as u64;
            nodes.iter().flat_map(move |to| {
                let from = self.roles.computing().filter(move |from| from != to);
                from.map(move |from| Message { from, to: *to, bytes })
            })
        })
    }

    /// Opens the outputs: whoever has shares of them tells them to those who learn them, who add
    /// them up. `told` are those who are told, of those who learn the same.
    ///
    /// # Errors
    /// What receiving messages may fail with.
    pub async fn reveal(
        &self,
        ctx: &Ctx,
        program: &Program,
        shares: Option<&Bits>,
        told: impl Fn(&[PartyId]) -> Vec<PartyId>,
    ) -> Result<Outputs, Abort> {
        let own_share = |party: usize, shares: &Bits| {
            let own = self.own[party].iter().map(|place| shares.slice(place.clone()));
            Bits::concat(&own.collect::<Vec<_>>())
        };
        if let Some(shares) = shares {
            for (nodes, party) in self.groups() {
                ctx.send_to(told(nodes), &own_share(party, shares));
            }
        }
        let party = self.roles.output.binary_search(&ctx.id());
        let Some((party, _)) = party.ok().zip(self.opening.group_of(ctx.id())) else {
            return Ok(Outputs::none());
        };
        let len = self.own_bits(party);
        let mut bits = match shares {
            Some(shares) => own_share(party, shares),
            None => Bits::zeros(len),
        };
        for (_, share) in ctx.gather_from::<Bits>(self.roles.computing(), len).await? {
            bits ^= &share;
        }
        Ok(self.learned(program, ctx.id(), &bits))
    }
}
