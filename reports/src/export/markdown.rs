use crate::table::{Align, Row, Sheet};

/// One table for each block, the sections as a column.
pub(super) fn write(sheet: &Sheet) -> String {
    let mut text = format!("### {}\n", escape(&sheet.title));
    for block in &sheet.blocks {
        if !block.heading.is_empty() {
            text += &format!("\n**{}**\n", escape(&block.heading));
        }
        text += &format!("\n{}\n{}\n", line(&headers(sheet)), line(&rules(sheet)));
        for section in &block.sections {
            for row in &section.rows {
                text += &line(&cells(sheet, &section.name, row));
                text.push('\n');
            }
        }
        for remark in &block.remarks {
            text += &format!("\n- {}", escape(remark));
        }
        if !block.remarks.is_empty() {
            text.push('\n');
        }
    }
    if !sheet.notes.is_empty() {
        text.push('\n');
    }
    for note in &sheet.notes {
        text += &format!("- {}\n", escape(note));
    }
    text
}

/// The section stands behind the columns that identify a row.
fn with_section(mut columns: Vec<String>, sheet: &Sheet, section: String) -> Vec<String> {
    let identity = sheet.groups.first().map_or(0, |group| group.columns.len());
    columns.insert(identity.min(columns.len()), section);
    columns
}

fn headers(sheet: &Sheet) -> Vec<String> {
    let columns = sheet
        .groups
        .iter()
        .flat_map(|group| group.columns.iter().map(|column| escape(&group.full_header(column))));
    with_section(columns.collect(), sheet, escape(&sheet.section_header))
}

fn rules(sheet: &Sheet) -> Vec<String> {
    let columns = sheet.groups.iter().flat_map(|group| &group.columns);
    let rule = |align: Align| match align {
        Align::Left => "---".to_owned(),
        Align::Right => "---:".to_owned(),
    };
    with_section(columns.map(|column| rule(column.align)).collect(), sheet, rule(Align::Left))
}

fn cells(sheet: &Sheet, section: &str, row: &Row) -> Vec<String> {
    let texts = sheet.groups.iter().zip(row);
    let texts = texts.flat_map(|(group, cells)| cells.texts(group.columns.len()));
    with_section(texts.map(|text| escape(&text)).collect(), sheet, escape(section))
}

fn line(cells: &[String]) -> String {
    format!("| {} |", cells.join(" | "))
}

/// Text that Markdown shows as it is, on one line.
fn escape(text: &str) -> String {
    let mut escaped = String::new();
    for c in text.chars() {
        match c {
            '\\' | '|' | '*' | '_' | '`' | '[' | ']' | '~' => escaped.extend(['\\', c]),
            '<' => escaped += "&lt;",
            '>' => escaped += "&gt;",
            '&' => escaped += "&amp;",
            c if c.is_control() => escaped.push(' '),
            c => escaped.push(c),
        }
    }
    escaped
}
