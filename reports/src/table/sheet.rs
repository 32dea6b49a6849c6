use crate::distinct::alike;

/// A table for readers.
///
/// Rows are grouped twice: by block (a sweep point) and by section (what is claimed, or which
/// protocol). Columns are grouped under common headings. Each [`Row`] has one [`Cells`] for each
/// column group.
#[derive(Clone, Debug, PartialEq)]
pub struct Sheet {
    /// What the table shows.
    pub title: String,
    /// What sections are, for formats that print them as a column.
    pub section_header: String,
    /// The columns; the first group identifies a row and is repeated where a table is split.
    pub groups: Vec<ColumnGroup>,
    /// The rows.
    pub blocks: Vec<Block>,
    /// Printed below: conventions, statistics, assumptions.
    pub notes: Vec<String>,
}

/// Columns under a common heading.
#[derive(Clone, Debug, PartialEq)]
pub struct ColumnGroup {
    /// The heading; may be empty.
    pub name: String,
    /// The columns.
    pub columns: Vec<Column>,
}

/// One column.
#[derive(Clone, Debug, PartialEq)]
pub struct Column {
    /// Its heading.
    pub header: String,
    /// Where its cells stand.
    pub align: Align,
}

/// Where the text of a cell stands.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Align {
    /// Names.
    Left,
    /// Figures.
    Right,
}

/// Rows of one sweep point.
#[derive(Clone, Debug, PartialEq)]
pub struct Block {
    /// The sweep point; empty if nothing is swept.
    pub heading: String,
    /// Its rows.
    pub sections: Vec<Section>,
    /// What has to be said about single rows: why runs failed.
    pub remarks: Vec<String>,
}

/// Rows that may be compared with each other.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Section {
    /// What they have in common.
    pub name: String,
    /// The rows.
    pub rows: Vec<Row>,
}

/// One row: cells for each column group.
pub type Row = Vec<Cells>;

/// The cells of one row under one column group.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Cells {
    /// One text for each column.
    Each(Vec<String>),
    /// One text across all columns, for example `not priced`.
    Merged(String),
}

impl ColumnGroup {
    pub(crate) fn new(name: &str, columns: &[(&str, Align)]) -> Self {
        let column = |(header, align): &(&str, Align)| Column {
            header: (*header).to_owned(),
            align: *align,
        };
        ColumnGroup { name: name.to_owned(), columns: columns.iter().map(column).collect() }
    }

    /// The heading of a column where groups cannot be shown: `online bytes`.
    #[must_use]
    pub fn full_header(&self, column: &Column) -> String {
        format!("{} {}", self.name, column.header).trim().to_owned()
    }
}

impl Cells {
    /// The text of each of `columns` cells; a merged text stands in the first and a dash in the
    /// others.
    #[must_use]
    pub fn texts(&self, columns: usize) -> Vec<String> {
        match self {
            Cells::Each(texts) => texts.clone(),
            Cells::Merged(text) => {
                let rest = std::iter::repeat_n("–".to_owned(), columns.saturating_sub(1));
                std::iter::once(text.clone()).chain(rest).collect()
            }
        }
    }
}

impl Block {
    /// The remarks, each with the sweep point that it holds for.
    pub fn full_remarks(&self) -> impl Iterator<Item = String> {
        let heading = &self.heading;
        self.remarks.iter().map(move |remark| match heading.as_str() {
            "" => remark.clone(),
            heading => format!("{heading}: {remark}"),
        })
    }
}

impl Sheet {
    /// Number of columns, over all groups.
    #[must_use]
    pub fn width(&self) -> usize {
        self.groups.iter().map(|group| group.columns.len()).sum()
    }

    /// Leaves column groups without columns out: formats have no place for them.
    pub(super) fn drop_empty_groups(&mut self) {
        let kept: Vec<bool> = self.groups.iter().map(|group| !group.columns.is_empty()).collect();
        let is_kept = |at: &mut usize| {
            *at += 1;
            kept.get(*at - 1).copied().unwrap_or(true)
        };
        let mut at = 0;
        self.groups.retain(|_| is_kept(&mut at));
        let sections = self.blocks.iter_mut().flat_map(|block| &mut block.sections);
        for row in sections.flat_map(|section| &mut section.rows) {
            let mut at = 0;
            row.retain(|_| is_kept(&mut at));
        }
    }

    /// Joins blocks whose rows are equal, so that figures which do not depend on the swept keys are
    /// shown once. `name` names blocks by their indices; `None` stands for all.
    pub(super) fn join_equal_blocks(&mut self, name: impl Fn(&[usize]) -> Option<String>) {
        let rows = |block: &Block| (block.sections.clone(), block.remarks.clone());
        let joined = alike(&self.blocks.iter().map(rows).collect::<Vec<_>>());
        let block = |members: Vec<usize>| {
            let block = self.blocks[members[0]].clone();
            match members.as_slice() {
                [_] => block,
                all => {
                    let heading = name(all).unwrap_or_else(|| "at every sweep point".to_owned());
                    Block { heading, ..block }
                }
            }
        };
        self.blocks = joined.into_iter().map(block).collect();
    }
}
