use tabled::builder::Builder;
use tabled::settings::object::{Cell, Columns, Object, Rows};
use tabled::settings::style::HorizontalLine;
use tabled::settings::{Alignment, Padding, Span, Style};

use crate::table::{Align, Block, Cells, ColumnGroup, Row, Sheet};

/// Stands before the name of a row, so that the sections stand out.
const INDENT: &str = "  ";

/// Aligned text in `width` columns: what does not fit beside goes into a further table below, with
/// the first column group repeated.
pub(super) fn write(sheet: &Sheet, width: usize) -> String {
    let mut text = wrap(&sheet.title, width, "");
    for block in &sheet.blocks {
        text.push('\n');
        if !block.heading.is_empty() {
            text += &wrap(&block.heading, width, "  ");
        }
        let tables = split(sheet, block, width);
        let tables: Vec<_> = tables.iter().map(|shown| table(sheet, block, shown, width)).collect();
        text += &(tables.join("\n\n") + "\n");
        for remark in &block.remarks {
            text += &wrap(&format!("! {remark}"), width, "  ");
        }
    }
    if !sheet.notes.is_empty() {
        text.push('\n');
    }
    for note in &sheet.notes {
        text += &wrap(note, width, "  ");
    }
    text
}

/// Indices of column groups for each table: as many beside each other as fit.
fn split(sheet: &Sheet, block: &Block, width: usize) -> Vec<Vec<usize>> {
    let mut tables: Vec<Vec<usize>> = Vec::new();
    for group in 1..sheet.groups.len() {
        if let Some(last) = tables.last_mut() {
            last.push(group);
            if columns_of(&table(sheet, block, last, width)) <= width {
                continue;
            }
            last.pop();
        }
        tables.push(vec![0, group]);
    }
    tables
}

/// Whether all columns fit beside each other.
pub(super) fn fits(sheet: &Sheet, width: usize) -> bool {
    let all: Vec<usize> = (0..sheet.groups.len()).collect();
    sheet.blocks.iter().all(|block| columns_of(&table(sheet, block, &all, width)) <= width)
}

fn columns_of(table: &str) -> usize {
    table.lines().map(|line| line.chars().count()).max().unwrap_or(0)
}

/// The named column groups beside each other; names of sections are cut to `width` characters.
fn table(sheet: &Sheet, block: &Block, shown: &[usize], width: usize) -> String {
    let groups: Vec<&ColumnGroup> = shown.iter().map(|at| &sheet.groups[*at]).collect();
    let columns: usize = groups.iter().map(|group| group.columns.len()).sum();
    let mut builder = Builder::default();
    let mut spans: Vec<(usize, usize, usize)> = Vec::new();
    let named = groups.iter().any(|group| !group.name.is_empty());
    if named {
        let merged = |group: &&ColumnGroup| Cells::Merged(group.name.clone());
        push(&mut builder, &mut spans, &groups, &groups.iter().map(merged).collect());
    }
    let headers = |group: &&ColumnGroup| {
        Cells::Each(group.columns.iter().map(|column| column.header.clone()).collect())
    };
    push(&mut builder, &mut spans, &groups, &groups.iter().map(headers).collect());
    let heads = builder.count_records();
    let mut section_rows = Vec::new();
    for section in &block.sections {
        section_rows.push(builder.count_records());
        spans.push((builder.count_records(), 0, columns));
        let padding = std::iter::repeat_n(String::new(), columns - 1);
        builder.push_record(std::iter::once(cut(&clean(&section.name), width)).chain(padding));
        for row in &section.rows {
            let mut row: Row = shown.iter().map(|at| row[*at].clone()).collect();
            if let Some(Cells::Each(identity)) = row.first_mut() {
                identity[0].insert_str(0, INDENT);
            }
            push(&mut builder, &mut spans, &groups, &row);
        }
    }
    let mut table = builder.build();
    table.with(Style::empty().horizontals([(heads, HorizontalLine::new('─'))]));
    let mut at = 0;
    for group in &groups {
        for (index, column) in group.columns.iter().enumerate() {
            // A wider gap sets the groups apart.
            let gap = if at == 0 { 0 } else { 1 + usize::from(index == 0) };
            table.modify(Columns::one(at), Padding::new(gap, 0, 0, 0));
            let alignment = match column.align {
                Align::Left => Alignment::left(),
                Align::Right => Alignment::right(),
            };
            table.modify(Columns::one(at), alignment);
            at += 1;
        }
    }
    for (row, column, width) in spans {
        table.modify(Cell::new(row, column), Span::column(width as isize));
        let centred = !section_rows.contains(&row);
        let alignment = if centred { Alignment::center() } else { Alignment::left() };
        table.modify(Cell::new(row, column), alignment);
    }
    for row in section_rows {
        table.modify(Rows::one(row).intersect(Columns::first()), Alignment::left());
    }
    let lines = table.to_string();
    lines.lines().map(str::trim_end).collect::<Vec<_>>().join("\n")
}

/// Adds a row, and where it merges cells a span (row, column, width).
fn push(
    builder: &mut Builder,
    spans: &mut Vec<(usize, usize, usize)>,
    groups: &[&ColumnGroup],
    row: &Row,
) {
    let (mut texts, number) = (Vec::new(), builder.count_records());
    for (group, cells) in groups.iter().zip(row) {
        let width = group.columns.len();
        match cells {
            Cells::Each(cells) => texts.extend(cells.iter().map(|text| clean(text))),
            Cells::Merged(text) => {
                spans.push((number, texts.len(), width));
                texts.push(clean(text));
                texts.extend(std::iter::repeat_n(String::new(), width - 1));
            }
        }
    }
    builder.push_record(texts);
}

/// The text, or its beginning and an ellipsis.
fn cut(text: &str, longest: usize) -> String {
    if text.chars().count() <= longest {
        return text.to_owned();
    }
    text.chars().take(longest.saturating_sub(1)).chain(['…']).collect()
}

/// Text in lines of at most `width` characters, broken at spaces; further lines are indented.
pub(super) fn wrap(text: &str, width: usize, indent: &str) -> String {
    wrap_from("", text, width, indent)
}

/// The same of a text below a name: indented, its further lines once more.
pub(super) fn wrap_after(text: &str, width: usize) -> String {
    wrap_from(INDENT, text, width, "    ")
}

fn wrap_from(first: &str, text: &str, width: usize, indent: &str) -> String {
    let (mut wrapped, mut line) = (String::new(), first.to_owned());
    for word in clean(text).split_whitespace() {
        let length = line.chars().count() + 1 + word.chars().count();
        if !line.trim().is_empty() && length > width {
            wrapped += &format!("{line}\n");
            line = indent.to_owned();
        } else if !line.trim().is_empty() {
            line.push(' ');
        }
        line += word;
    }
    wrapped + &line + "\n"
}

/// Text without control characters, which could move the cursor or change colours.
fn clean(text: &str) -> String {
    text.chars().map(|c| if c.is_control() { ' ' } else { c }).collect()
}
