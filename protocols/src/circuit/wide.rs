use super::{Circuit, Gate, Interactive, Layered, WalkError};

/// A walk through the layers of a small circuit for many instances side by side: each wire is a
/// vector of its own, which goes with its last reader.
///
/// For each layer: [`WideWalk::local`], then the products of [`WideWalk::operands`] by whatever
/// protocol, then [`WideWalk::place`]; after [`Layered::depth`] of these, `local` once more, and
/// [`WideWalk::outputs`]. Unlike [`super::Walk`] it suits shares over a field, too, if no XOR of the
/// circuit meets two ones: then XOR is a sum.
#[derive(Debug)]
pub struct WideWalk<'a, S> {
    layered: &'a Layered,
    layer: usize,
    wires: Vec<Option<S>>,
    /// How often each wire will still be read.
    reads: Vec<u32>,
}

impl<'a, S: Clone> WideWalk<'a, S> {
    /// Stands before the first layer; a vector for each input wire.
    ///
    /// # Errors
    /// If there are more or fewer inputs, XORs are interactive, or the circuit has public bits.
    pub fn new(layered: &'a Layered, inputs: Vec<S>) -> Result<Self, WalkError> {
        let circuit = layered.circuit();
        let (expected, found) = (circuit.input_wires() as usize, inputs.len());
        if found != expected {
            return Err(WalkError::Inputs { expected, found });
        }
        if layered.interactive() != Interactive::And {
            return Err(WalkError::Layering);
        }
        let reads = reads(circuit)?;
        let used = |(input, reads): (S, &u32)| (*reads > 0).then_some(input);
        let wires = inputs.into_iter().zip(&reads).map(used).collect();
        Ok(WideWalk { layered, layer: 0, wires, reads })
    }

    /// Computes the local gates of this layer.
    pub fn local(&mut self, xor: impl Fn(&S, &S) -> S, not: impl Fn(&S) -> S) {
        for gate in self.layered.gates(self.layered.layer(self.layer).local) {
            let of = |wire: u32| self.wires[wire as usize].as_ref();
            let result = match *gate {
                Gate::Xor(left, right) => of(left).zip(of(right)).map(|(a, b)| xor(a, b)),
                Gate::Not(operand) => of(operand).map(&not),
                Gate::And(..) | Gate::Const(_) => None,
            };
            self.wires.push(result);
            self.read(*gate);
        }
    }

    /// Drops what this gate was the last to read.
    fn read(&mut self, gate: Gate) {
        for wire in gate.operands().map(|wire| wire as usize) {
            self.reads[wire] -= 1;
            if self.reads[wire] == 0 {
                self.wires[wire] = None;
            }
        }
    }

    /// The left and the right operands of this layer's batch, gate by gate.
    #[must_use]
    pub fn operands(&self) -> [Vec<&S>; 2] {
        let gates = self.layered.gates(self.layered.layer(self.layer).batch);
        let side = |which: usize| {
            let wires = gates.iter().filter_map(|gate| gate.operands().nth(which));
            wires.filter_map(|wire| self.wires[wire as usize].as_ref()).collect()
        };
        [side(0), side(1)]
    }

    /// Takes the products of this layer's operands, gate by gate, and goes on to the next layer.
    ///
    /// # Errors
    /// If there are more or fewer of them.
    pub fn place(&mut self, products: Vec<S>) -> Result<(), WalkError> {
        let gates = self.layered.gates(self.layered.layer(self.layer).batch);
        if products.len() != gates.len() {
            return Err(WalkError::Products { expected: gates.len(), found: products.len() });
        }
        self.wires.extend(products.into_iter().map(Some));
        gates.iter().for_each(|gate| self.read(*gate));
        self.layer += 1;
        Ok(())
    }

    /// The layer that comes next, from 0.
    #[must_use]
    pub fn layer(&self) -> usize {
        self.layer
    }

    /// Whether all batches are placed.
    #[must_use]
    pub fn is_last(&self) -> bool {
        self.layer >= self.layered.depth()
    }

    /// The outputs, all words in order.
    #[must_use]
    pub fn outputs(&self) -> Vec<S> {
        let wires = self.layered.circuit().output_wires();
        wires.filter_map(|wire| self.wires[wire as usize].clone()).collect()
    }
}

/// How often each wire is read.
fn reads(circuit: &Circuit) -> Result<Vec<u32>, WalkError> {
    if circuit.gates().iter().any(|gate| matches!(gate, Gate::Const(_))) {
        return Err(WalkError::Constant);
    }
    let mut reads = vec![0; circuit.wires() as usize];
    let operands = circuit.gates().iter().flat_map(|gate| gate.operands());
    operands.chain(circuit.output_wires()).for_each(|wire| reads[wire as usize] += 1);
    Ok(reads)
}
