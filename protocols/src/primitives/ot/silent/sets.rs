//! How many leaves, trees and dimensions: the sizes of LPN.
//!
//! What the cheapest known attack takes, in bits, by the estimates of their authors (Liu, Wang, Yang,
//! Yu, "The Hardness of LPN over Any Integer Ring and Field for PCG Applications", EUROCRYPT 2024,
//! with the script that they publish for these and for later attacks): Gauss, information set
//! decoding and statistical decoding of regular noise after one position of each block is taken as
//! the sum of all (LWYY); regular information set decoding (Esser, Santini, CRYPTO 2024); the
//! algebraic attack of Briaud and Øygarden (EUROCRYPT 2023), and its second version (ePrint
//! 2025/1476); the hybrid of guesses and quadratic equations (ePrint 2025/1284).
//!
//! | set | `n` | `k` | `t` | LWYY | Esser, Santini | algebraic | second version | hybrid |
//! |---|---|---|---|---|---|---|---|---|
//! | small | 9,216 | 2,688 | 288 | 142 | 139 | 161 | 153 | 142 |
//! | middle | 649,728 | 40,960 | 1,269 | 145 | 149 | 152 | 143 | 136 |
//! | large | 10,805,248 | 589,760 | 1,319 | 151 | 156 | 164 | 155 | 149 |
//!
//! The large set is that of the paper. Its initial one, `n` = 609,728, `k` = 36,288, `t` = 1,269, is
//! left with 126 bits by the hybrid attack, and with 122 where blocks have 512 positions, as trees want
//! them: so the middle one has a greater `k`.
//! The small one is not the paper's. The two algebraic columns of the middle and the large set come
//! from an evaluation of the published formulas on a grid, within a bit of the script where that
//! ends; the others from the script. All attacks are those on random codes: what a code of ten terms
//! a row adds is not known to be anything for these sizes, and not estimated.

/// The size of an iteration.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Set {
    /// Its name in tables.
    pub name: &'static str,
    /// Trees, each of which has one noisy leaf: `t`.
    pub trees: usize,
    /// Levels of each tree: a block of noise has two to this power positions.
    pub depth: usize,
    /// Bits of the secret that the code expands: `k`.
    pub dimension: usize,
    /// The set whose iteration makes what the first of this one takes, if SoftSpokenOT does not.
    pub before: Option<&'static Set>,
}

/// The least one: a few thousand transfers.
pub const SMALL: Set = Set { name: "small", trees: 288, depth: 5, dimension: 2_688, before: None };

/// About the paper's initial one: 600,000 transfers.
pub const MIDDLE: Set =
    Set { name: "middle", trees: 1_269, depth: 9, dimension: 40_960, before: None };

/// The paper's: ten million transfers.
pub const LARGE: Set =
    Set { name: "large", trees: 1_319, depth: 13, dimension: 589_760, before: Some(&MIDDLE) };

/// All of them.
pub const SETS: [Set; 3] = [SMALL, MIDDLE, LARGE];

/// Transfers that a check of consistency takes: the bits of a field element.
pub(super) const CHECKED: usize = 128;

/// Bytes of the hash that ends a check.
pub(super) const HASH_BYTES: usize = 32;

impl Set {
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
