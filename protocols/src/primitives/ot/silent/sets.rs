//! How many leaves, trees and dimensions: the sizes of LPN.
//!
//! What the cheapest known attack takes, in bits. For random codes by the estimates of the attacks'
//! authors (Liu, Wang, Yang, Yu, "The Hardness of LPN over Any Integer Ring and Field for PCG
//! Applications", EUROCRYPT 2024, with the script that they publish for these and for later
//! attacks): Gauss, information set decoding and statistical decoding of regular noise after one
//! position of each block is taken as the sum of all (LWYY); regular information set decoding
//! (Esser, Santini, CRYPTO 2024); the algebraic attack of Briaud and Øygarden (EUROCRYPT 2023), and
//! its second version (ePrint 2025/1476); the hybrid of guesses and quadratic equations (ePrint
//! 2025/1284). And for the code that is used, dense rows:
//!
//! | set | `n` | `k` | `t` | LWYY | Esser, Santini | algebraic | second version | hybrid | dense rows |
//! |---|---|---|---|---|---|---|---|---|---|
//! | small | 9,216 | 2,816 | 288 | 150 | 147 | 171 | 162 | 149 | 141 |
//! | middle | 649,728 | 65,536 | 1,269 | 218 | 221 | 227 | 218 | 210 | 136 |
//! | large | 10,805,248 | 557,056 | 2,638 | 240 | 244 | 222 | 219 | 218 | 138 |
//!
//! Dense rows: the code is public and has ten terms a row, so some rows share few places. Choose
//! places of the secret, and keep the rows that have all of theirs among these: in the middle set
//! about 43,300 places hold more rows than they are, which is a problem of LPN with a secret that
//! is a third shorter and as little noise as before. Its rows have no error, or few errors, which
//! lists find, with some probability; else others are taken. That sparse codes need a longer secret
//! than random ones is known (cf. ePrint 2017/617); for these sizes the estimate is our own. Of the
//! paper's large set, `k` = 589,760 and 1,319 blocks of 8,192, the attack leaves 87 bits, and of
//! `n` = 649,728, `k` = 40,960 and 1,269 blocks, which withstand all of the others, 85.
//!
//! It is the attack that these sets are chosen by. What it takes: the logarithm of the rows'
//! probability to have as many errors as their decoding allows for, where it is least, and of the
//! work of a try: `20 s^2` for `s` places, by sparse linear algebra, and elements of lists by
//! representations of depth two, one operation each. Only rows that leave an iteration are known,
//! and count. Places are dropped one by one, that with the fewest rows first; what is left is taken
//! to be 2.5 % smaller than that makes it, since exchanges gained up to 2.2 %. No choice of places
//! leaves less than 132, 132 and 134 bits: by their expected number, smaller ones that hold as many
//! rows don't exist.
//!
//! The columns before it come from an evaluation of the formulas on a grid; for three sets that the
//! authors' script had been run on, it agrees to within a bit.

/// The size of an iteration.
///
/// Sets are those of this module: nobody else can make one up.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Set {
    /// Its name in tables.
    pub(crate) name: &'static str,
    /// Trees, each of which has one noisy leaf: `t`.
    pub(crate) trees: usize,
    /// Levels of each tree: a block of noise has two to this power positions.
    pub(crate) depth: usize,
    /// Bits of the secret that the code expands: `k`.
    pub(crate) dimension: usize,
    /// The set whose iteration makes what the first of this one takes, if SoftSpokenOT does not.
    pub(crate) before: Option<&'static Set>,
}

/// The least one: a few thousand transfers.
pub const SMALL: Set = Set { name: "small", trees: 288, depth: 5, dimension: 2_816, before: None };

/// Noise like that of the paper's initial one, with a longer secret: 570,000 transfers.
pub const MIDDLE: Set =
    Set { name: "middle", trees: 1_269, depth: 9, dimension: 65_536, before: None };

/// As many rows as the paper's, with twice the noise: ten million transfers.
pub const LARGE: Set =
    Set { name: "large", trees: 2_638, depth: 12, dimension: 557_056, before: Some(&MIDDLE) };

/// All of them.
pub const SETS: [Set; 3] = [SMALL, MIDDLE, LARGE];

/// Transfers that a check of consistency takes: the bits of a field element.
pub(super) const CHECKED: usize = 128;

/// Bytes of the hash that ends a check.
pub(super) const HASH_BYTES: usize = 32;

impl Set {
    /// Its name in tables.
    #[must_use]
    pub const fn name(&self) -> &'static str {
        self.name
    }

    /// Transfers that an iteration makes: `n`.
    #[must_use]
    pub const fn rows(&self) -> usize {
        self.trees << self.depth
    }

    /// Transfers of which the levels of all trees are told.
    #[must_use]
    pub const fn levels(&self) -> usize {
        self.trees * self.depth
    }

    /// Transfers that an iteration takes.
    #[must_use]
    pub const fn needs(&self, is_malicious: bool) -> usize {
        self.dimension + self.levels() + if is_malicious { CHECKED } else { 0 }
    }

    /// Transfers that are left of an iteration when the next one has what it takes.
    #[must_use]
    pub const fn yields(&self, is_malicious: bool) -> usize {
        self.rows() - self.needs(is_malicious)
    }

    /// Blocks in which the sender tells of all trees.
    pub(super) const fn told(&self) -> usize {
        self.trees * (2 * self.depth + 1)
    }

    /// Payload of an iteration, bytes: of the sender, and of the receiver.
    #[must_use]
    pub const fn bytes(&self, is_malicious: bool) -> [u64; 2] {
        let [sender, receiver] = [16 * self.told(), self.levels().div_ceil(8)];
        let check = if is_malicious { [HASH_BYTES, 2 * 16] } else { [0, 0] };
        [(sender + check[0]) as u64, (receiver + check[1]) as u64]
    }

    /// Messages of an iteration, each of which waits for the one before it; the first is the
    /// receiver's, the last the sender's.
    #[must_use]
    pub const fn moves(is_malicious: bool) -> u64 {
        if is_malicious { 4 } else { 2 }
    }
}
