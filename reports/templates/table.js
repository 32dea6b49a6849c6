
// Tables that are sorted, filtered and shown page by page. What is there as HTML comes first, the
// rest of the rows is in the data of the page.
const DATA = JSON.parse(document.getElementById("data").textContent);
const PAGE = 50;
const CONTROLS_FROM = 8;
const GOOD = new Set(["ok", "agrees", "held"]);
const BAD = new Set([
  "wrong", "aborted", "stalled", "limit", "error", "bug", "differs", "VIOLATED",
]);
const COLLATOR = new Intl.Collator("en", { numeric: true });

function make(tag, className, text) {
  const element = document.createElement(tag);
  if (className) {
    element.className = className;
  }
  if (text !== undefined) {
    element.textContent = text;
  }
  return element;
}

function button(text, onClick) {
  const element = make("button", "", text);
  element.type = "button";
  element.addEventListener("click", onClick);
  return element;
}

// What a figure is worth: its number in base units; nothing for a dash or words.
function worth(text) {
  const found = /^(-?\d[\d,]*(?:\.\d+)?(?:e-?\d+)?)(?:\/\d+)?(?: ([^\s\d]+))?/.exec(text ?? "");
  if (!found) {
    return undefined;
  }
  return Number(found[1].replaceAll(",", "")) * (DATA.units[found[2]] ?? 1);
}

function unpack(column) {
  return Array.isArray(column) ? column : column.rows.map((at) => column.texts[at]);
}

function rowsInPage(table) {
  const rows = [];
  let block = "";
  let section = "";
  for (const body of table.tBodies) {
    for (const tr of body.rows) {
      if (tr.classList.contains("point")) {
        block = tr.textContent;
        section = "";
      } else if (tr.classList.contains("section")) {
        section = tr.textContent;
      } else {
        const texts = [];
        for (const cell of tr.cells) {
          texts.push(cell.textContent, ...Array(cell.colSpan - 1).fill(null));
        }
        rows.push({ block, section, series: tr.dataset.series ?? null, texts, tr });
      }
    }
  }
  return rows;
}

function rowsInData(packed) {
  if (!packed) {
    return [];
  }
  const [block, section, series] = [packed.block, packed.section, packed.series].map(unpack);
  const columns = packed.columns.map(unpack);
  return block.map((_, at) => ({
    block: block[at],
    section: section[at],
    series: series[at],
    texts: columns.map((column) => column[at]),
    tr: null,
  }));
}

class Table {
  constructor(table, decorate) {
    this.table = table;
    this.id = table.dataset.table;
    this.decorate = decorate;
    this.rows = [...rowsInPage(table), ...rowsInData(DATA.tables[this.id])];
    const groups = new Map();
    this.rows.forEach((row, at) => {
      const name = JSON.stringify([row.block, row.section]);
      if (!groups.has(name)) {
        groups.set(name, groups.size);
      }
      row.group = groups.get(name);
      row.at = at;
      if (row.tr) {
        this.decorate(row);
      }
    });
    this.heads = [...table.tHead.rows[table.tHead.rows.length - 1].cells];
    this.words = [];
    this.only = new Map();
    this.sorted = { column: -1, descending: false };
    this.page = 0;
    this.addSorting();
    this.addControls();
    this.update();
  }

  addSorting() {
    const groups = [];
    if (this.table.tHead.rows.length > 1) {
      for (const head of this.table.tHead.rows[0].cells) {
        groups.push(...Array(head.colSpan).fill(head.textContent));
      }
    }
    this.heads.forEach((head, at) => {
      const name = head.textContent;
      const sorter = button(name, () => this.sort(at));
      sorter.className = "sort";
      sorter.setAttribute("aria-label", `sort by ${groups[at] ?? ""} ${name}`.replace("  ", " "));
      head.replaceChildren(sorter);
    });
  }

  addControls() {
    const controls = make("div", "controls");
    const label = make("label", "", "Filter ");
    this.search = make("input");
    this.search.type = "search";
    this.search.placeholder = "words, all of which a row has";
    this.search.addEventListener("input", () => {
      this.words = this.search.value.toLowerCase().split(/\s+/).filter(Boolean);
      this.page = 0;
      this.update();
    });
    label.append(this.search);
    this.chips = make("span", "chips");
    this.status = make("span", "status");
    this.status.setAttribute("role", "status");
    this.back = button("Previous", () => this.turn(-1));
    this.on = button("Next", () => this.turn(1));
    this.turns = make("span", "turns");
    this.turns.append(this.back, this.on);
    controls.append(label, this.chips, this.status, this.turns);
    controls.hidden = this.rows.length < CONTROLS_FROM;
    const wide = this.table.closest(".wide");
    wide.before(controls);
    const next = wide.nextElementSibling;
    if (next && next.classList.contains("static")) {
      next.remove();
    }
    for (const control of [this.search, this.back, this.on]) {
      const title = this.table.caption.textContent;
      const what =
        control === this.search ? "filter" : `${control.textContent.toLowerCase()} rows of`;
      control.setAttribute("aria-label", `${what} ${title}`);
    }
  }

  // Rises, falls, and comes back to the order that it began with.
  sort(column) {
    const same = this.sorted.column === column;
    if (same && this.sorted.descending) {
      this.sorted = { column: -1, descending: false };
    } else {
      this.sorted = { column, descending: same };
    }
    this.page = 0;
    this.update();
  }

  turn(by) {
    this.page += by;
    this.update();
    this.table.closest(".wide").scrollTop = 0;
  }

  // Shows only rows with these texts in these columns.
  narrow(only) {
    this.only = new Map(only);
    this.page = 0;
    this.update();
  }

  column(name) {
    return this.heads.findIndex((head) => head.textContent === name);
  }

  matches(row) {
    for (const [column, value] of this.only) {
      if (row.texts[column] !== value) {
        return false;
      }
    }
    if (this.words.length === 0) {
      return true;
    }
    row.hay ??= [row.block, row.section, ...row.texts].join(" ").toLowerCase();
    return this.words.every((word) => row.hay.includes(word));
  }

  // Rows are sorted among those that may be compared with them.
  ordered(rows) {
    const { column, descending } = this.sorted;
    if (column < 0) {
      return rows;
    }
    const figures = this.heads[column].classList.contains("figure");
    const keyed = rows.map((row) => {
      const text = row.texts[column];
      return { row, key: figures ? worth(text) : text || undefined };
    });
    const sign = descending ? -1 : 1;
    const compare = (a, b) => {
      if (a.row.group !== b.row.group) {
        return a.row.group - b.row.group;
      }
      if (a.key === undefined || b.key === undefined) {
        return (a.key === undefined) - (b.key === undefined) || a.row.at - b.row.at;
      }
      const by = figures ? a.key - b.key : COLLATOR.compare(a.key, b.key);
      return sign * by || a.row.at - b.row.at;
    };
    return keyed.sort(compare).map(({ row }) => row);
  }

  element(row) {
    if (row.tr) {
      return row.tr;
    }
    const tr = make("tr");
    if (row.series !== null) {
      tr.dataset.series = row.series;
    }
    row.texts.forEach((text, at) => {
      if (text === null) {
        const merged = tr.lastElementChild;
        merged.colSpan += 1;
        merged.className = "merged first";
        return;
      }
      const cell = make(at === 0 ? "th" : "td", this.heads[at].className, text);
      if (at === 0) {
        cell.scope = "row";
      }
      if ("marked" in this.heads[at].dataset) {
        cell.classList.toggle("good", GOOD.has(text));
        cell.classList.toggle("bad", BAD.has(text));
      }
      tr.append(cell);
    });
    this.decorate({ ...row, tr });
    return tr;
  }

  heading(className, text) {
    const tr = make("tr", className);
    const cell = make("th", "", text);
    cell.colSpan = this.heads.length;
    cell.scope = "rowgroup";
    tr.append(cell);
    return tr;
  }

  update() {
    const rows = this.ordered(this.rows.filter((row) => this.matches(row)));
    const pages = Math.max(1, Math.ceil(rows.length / PAGE));
    this.page = Math.min(Math.max(this.page, 0), pages - 1);
    const start = this.page * PAGE;
    const body = make("tbody");
    let [block, section] = ["", ""];
    for (const row of rows.slice(start, start + PAGE)) {
      if (row.block !== block) {
        [block, section] = [row.block, ""];
        body.append(this.heading("point", block));
      }
      if (row.section !== section) {
        section = row.section;
        body.append(this.heading("section", section));
      }
      body.append(this.element(row));
    }
    for (const old of [...this.table.tBodies]) {
      old.remove();
    }
    this.table.append(body);
    this.tell(rows.length, start, pages);
  }

  tell(count, start, pages) {
    this.heads.forEach((head, at) => {
      if (at === this.sorted.column) {
        head.setAttribute("aria-sort", this.sorted.descending ? "descending" : "ascending");
      } else {
        head.removeAttribute("aria-sort");
      }
    });
    const all = this.rows.length;
    const number = (value) => value.toLocaleString("en");
    const of = count === all ? `${number(all)} rows` : `${number(count)} of ${number(all)} rows`;
    const end = Math.min(start + PAGE, count);
    this.status.textContent = pages > 1 ? `${number(start + 1)} to ${number(end)} of ${of}` : of;
    this.turns.hidden = pages < 2;
    this.back.disabled = this.page === 0;
    this.on.disabled = this.page === pages - 1;
    this.chips.replaceChildren();
    for (const [column, value] of this.only) {
      const name = this.heads[column].textContent;
      const chip = button(`${name}: ${value} ×`, () => {
        this.only.delete(column);
        this.update();
        this.search.focus();
      });
      chip.setAttribute("aria-label", `no longer only ${name} ${value}`);
      this.chips.append(chip);
    }
  }
}
