//! What transfers cost: the set-up, and batches one after the other.

use mpclab_kernels::Block;

use super::silent::{SETS, Set};
use super::{Choices, Extension, KAPPA, Width, check, trees};

/// What a batch takes.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Batch {
    /// Payload, bytes: of the transfers' sender, and of their receiver.
    pub bytes: [u64; 2],
    /// Rounds until both ends have the batch; the first message is the receiver's.
    pub rounds: u64,
    /// Rounds until the receiver can begin another one.
    pub waits: u64,
    /// Iterations of silent extension.
    pub iterations: u64,
}

/// Batches of a pair, one after the other.
#[derive(Clone, Copy, Debug)]
pub struct Bill {
    extension: Extension,
    ready: usize,
}

impl Bill {
    /// What the next batch takes.
    pub fn batch(&mut self, count: usize, choices: Choices) -> Batch {
        if count == 0 {
            return Batch::default();
        }
        let Extension { is_malicious, silent, .. } = self.extension;
        let Some(set) = silent else { return self.extension.soft_spoken(count, choices) };
        let lacks = count.saturating_sub(self.ready);
        let iterations = lacks.div_ceil(set.yields(is_malicious));
        self.ready += iterations * set.yields(is_malicious);
        self.ready -= count;
        let iterations = iterations as u64;
        let mut bytes = set.bytes(is_malicious).map(|bytes| iterations * bytes);
        let waits = iterations * Set::moves(is_malicious);
        let mut rounds = waits;
        if choices == Choices::Chosen {
            bytes[1] += count.div_ceil(8) as u64;
            rounds += 1;
        }
        Batch { bytes, rounds, waits, iterations }
    }

    /// Transfers that are made and not asked for: what is left of the last iteration. What the next
    /// one would take is not among them.
    #[must_use]
    pub const fn left(&self) -> usize {
        self.ready
    }
}

impl Extension {
    /// The same where a pair is known to need so many transfers in all: silent extension takes the
    /// size whose iterations cost the fewest bytes, set-up included.
    ///
    /// It never becomes SoftSpokenOT, though that is cheaper for few transfers: a scenario gets what
    /// it asks for.
    #[must_use]
    pub fn for_demand(self, transfers: usize) -> Self {
        let bytes = |of: &Extension| -> u64 {
            let batch = of.bill().batch(transfers, Choices::Random).bytes;
            of.set_up_bytes().iter().chain(&batch).sum()
        };
        let sizes = SETS.map(|set| Extension { silent: Some(set), ..self });
        let best = sizes.into_iter().min_by_key(bytes);
        if self.silent.is_some() { best.unwrap_or(self) } else { self }
    }

    /// Payload of the set-up, bytes: of the transfers' sender, and of their receiver.
    #[must_use]
    pub fn set_up_bytes(self) -> [u64; 2] {
        // Base transfers go the other way.
        let [base_sender, base_receiver] = self.base.bytes(KAPPA);
        let trees = trees::bytes(self.width.bits(), self.is_malicious);
        let mut bytes = [base_receiver, base_sender + trees];
        let mut add = |more: [u64; 2]| bytes = [bytes[0] + more[0], bytes[1] + more[1]];
        if let Some(set) = self.silent {
            let first = set.before.copied().unwrap_or(set);
            add(self.soft_spoken(first.needs(self.is_malicious), Choices::Random).bytes);
            if set.before.is_some() {
                add(first.bytes(self.is_malicious));
            }
        }
        bytes
    }

    /// Rounds of the set-up: base transfers, then what trees are made of, then what silent extension
    /// starts from.
    #[must_use]
    pub fn set_up_rounds(self) -> u64 {
        // The receiver's last word waits for the sender's first.
        let has_trees = self.width != Width::One;
        let rounds = self.base.rounds();
        let Some(set) = self.silent else { return rounds + u64::from(has_trees) };
        // Nor do its first words to extend wait for more.
        let start = self.soft_spoken(1, Choices::Random);
        match set.before {
            None => rounds + start.rounds,
            Some(_) => rounds + start.waits + Set::moves(self.is_malicious),
        }
    }

    /// The cost of batches after the set-up.
    #[must_use]
    pub fn bill(self) -> Bill {
        let before = |set: Set| Some(set.before?.rows() - set.needs(self.is_malicious));
        Bill { extension: self, ready: self.silent.and_then(before).unwrap_or(0) }
    }

    /// Payload of the first batch, bytes: of the sender, and of the receiver. Where transfers are not
    /// extended silently, of any batch.
    #[must_use]
    pub fn batch_bytes(self, count: usize, choices: Choices) -> [u64; 2] {
        self.bill().batch(count, choices).bytes
    }

    /// What a reader of figures has to know of the batches of a pair, beside how its transfers are
    /// made.
    #[must_use]
    pub fn notes(self, batches: impl IntoIterator<Item = (usize, Choices)>) -> Option<String> {
        let set = self.silent?;
        let mut bill = self.bill();
        let batches = batches.into_iter().map(|(count, choices)| bill.batch(count, choices));
        let iterations: u64 = batches.map(|batch| batch.iterations).sum();
        let (name, left) = (set.name, bill.left());
        let Set { trees, dimension, .. } = set;
        Some(format!(
            "silent transfers of a pair: iterations of the {name} set (n = {}, k = {dimension}, t = \
             {trees}), {iterations} of them, of which {left} transfers are left over",
            set.rows()
        ))
    }

    /// Memory that both ends of a pair hold whatever the payload, bytes: rows of an iteration, and
    /// what they keep for the next one.
    #[must_use]
    pub fn held_bytes(self) -> u64 {
        let blocks = |set: Set| 2 * (set.rows() + set.needs(self.is_malicious));
        self.silent.map_or(0, |set| (Block::BYTES * blocks(set)) as u64)
    }

    /// What a batch of SoftSpokenOT takes.
    fn soft_spoken(self, count: usize, choices: Choices) -> Batch {
        let blocks = self.blocks(count) as u64;
        let rows = self.corrections(choices) as u64;
        let (seed, answer) = if self.is_malicious { (1, check::ANSWER as u64) } else { (0, 0) };
        let bytes = [16 * seed, 16 * (blocks * rows + answer)];
        let waits = if self.is_malicious { 2 } else { 0 };
        Batch { bytes, rounds: waits + 1, waits, iterations: 0 }
    }

    /// Blocks of a row, that of the check among them.
    pub(super) const fn blocks(self, count: usize) -> usize {
        count.div_ceil(KAPPA) + self.is_malicious as usize
    }

    pub(super) const fn corrections(self, choices: Choices) -> usize {
        self.width.fields() - matches!(choices, Choices::Random) as usize
    }
}
