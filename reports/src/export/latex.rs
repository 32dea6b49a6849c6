use crate::table::{Align, Block, Cells, ColumnGroup, Row, Sheet};

/// A `table` environment in the style of `booktabs`.
pub(super) fn write(sheet: &Sheet) -> String {
    let mut text = String::from(
        "% \\usepackage{booktabs}\n\\begin{table}\n  \\centering\\footnotesize\\setlength{\\tabcolsep}{3pt}\n",
    );
    text += &format!("  \\caption{{{}}}\n", escape(&sheet.title));
    text += &format!("  \\begin{{tabular}}{{@{{}}{}@{{}}}}\n    \\toprule\n", alignment(sheet));
    text += &heads(sheet);
    let width = sheet.width();
    for block in &sheet.blocks {
        text += "    \\midrule\n";
        if !block.heading.is_empty() {
            text += &spanning(width, "textbf", &block.heading);
        }
        for section in &block.sections {
            if !section.name.is_empty() {
                text += &spanning(width, "emph", &section.name);
            }
            for row in &section.rows {
                text += &format!("    {} \\\\\n", cells(&sheet.groups, row).join(" & "));
            }
        }
    }
    text += "    \\bottomrule\n  \\end{tabular}\n";
    let remarks = sheet.blocks.iter().flat_map(Block::full_remarks);
    let notes = remarks.chain(sheet.notes.iter().cloned());
    let lines: Vec<String> = notes.map(|note| escape(&note)).collect();
    if !lines.is_empty() {
        text += "  \\par\\medskip\n  \\begin{minipage}{\\linewidth}\\footnotesize\n";
        text += &format!("    {}\n", lines.join(" \\\\\n    "));
        text += "  \\end{minipage}\n";
    }
    text + "\\end{table}\n"
}

fn alignment(sheet: &Sheet) -> String {
    let columns = sheet.groups.iter().flat_map(|group| &group.columns);
    columns.map(|column| letter(column.align)).collect()
}

fn letter(align: Align) -> char {
    match align {
        Align::Left => 'l',
        Align::Right => 'r',
    }
}

/// The headings of the groups, a rule under each, and the headings of the columns.
fn heads(sheet: &Sheet) -> String {
    let (mut names, mut rules, mut at) = (Vec::new(), String::new(), 1);
    for group in &sheet.groups {
        let width = group.columns.len();
        if group.name.is_empty() {
            names.extend(std::iter::repeat_n(String::new(), width));
        } else {
            names.push(format!("\\multicolumn{{{width}}}{{c}}{{{}}}", escape(&group.name)));
            rules += &format!("\\cmidrule(lr){{{at}-{}}}", at + width - 1);
        }
        at += width;
    }
    let columns = sheet.groups.iter().flat_map(|group| &group.columns);
    let headers: Vec<String> = columns.map(|column| escape(&column.header)).collect();
    let headers = format!("    {} \\\\\n", headers.join(" & "));
    if rules.is_empty() {
        return headers;
    }
    format!("    {} \\\\\n    {rules}\n{headers}", names.join(" & "))
}

fn spanning(width: usize, command: &str, text: &str) -> String {
    format!("    \\multicolumn{{{width}}}{{@{{}}l}}{{\\{command}{{{}}}}} \\\\\n", escape(text))
}

fn cells(groups: &[ColumnGroup], row: &Row) -> Vec<String> {
    let cell = |(group, cells): (&ColumnGroup, &Cells)| match cells {
        Cells::Each(texts) => texts.iter().map(|text| escape(text)).collect(),
        Cells::Merged(text) => {
            vec![format!("\\multicolumn{{{}}}{{c}}{{{}}}", group.columns.len(), escape(text))]
        }
    };
    groups.iter().zip(row).flat_map(cell).collect()
}

/// Text that LaTeX sets as it is, in any of its usual encodings.
pub(crate) fn escape(text: &str) -> String {
    let mut escaped = String::new();
    for c in text.chars() {
        match c {
            '&' | '%' | '$' | '#' | '_' | '{' | '}' => escaped.extend(['\\', c]),
            '\\' => escaped += "\\textbackslash{}",
            '~' => escaped += "\\textasciitilde{}",
            '^' => escaped += "\\textasciicircum{}",
            '<' | '>' => escaped.extend(['$', c, '$']),
            '|' => escaped += "\\textbar{}",
            '"' => escaped += "''",
            'µ' => escaped += "$\\mu$",
            '–' => escaped += "--",
            '✓' => escaped += "$\\surd$",
            '✗' => escaped += "$\\times$",
            '○' => escaped += "$\\circ$",
            '◇' => escaped += "$\\diamond$",
            '·' => escaped += "$\\cdot$",
            '†' => escaped += "$\\dagger$",
            '…' => escaped += "\\ldots{}",
            c if c.is_control() => escaped.push(' '),
            c => escaped.push(c),
        }
    }
    escaped
}
