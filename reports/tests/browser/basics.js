(() => {
  const wrong = [];
  const all = (selector) => [...document.querySelectorAll(selector)];
  const ids = all("[id]").map((element) => element.id);
  ids.filter((id, at) => ids.indexOf(id) !== at).forEach((id) => wrong.push(`id ${id} twice`));
  all('a[href^="#"]').filter((a) => !document.getElementById(a.hash.slice(1)))
    .forEach((a) => wrong.push(`${a.hash} leads nowhere`));
  all("table").filter((table) => !table.caption?.textContent.trim())
    .forEach((table) => wrong.push(`a table without caption: ${table.dataset.table}`));
  all("th").filter((th) => !th.scope).forEach((th) => wrong.push(`no scope: ${th.textContent}`));
  all("th").filter((th) => !th.textContent.trim()).forEach(() => wrong.push("an empty heading"));
  all("button, a, summary").filter((e) => !(e.ariaLabel ?? e.textContent).trim())
    .forEach((e) => wrong.push(`no name: ${e.outerHTML}`));
  all("input").filter((e) => !e.labels.length && !e.ariaLabel).forEach(() => wrong.push("input"));
  all("svg, [role=img]").filter((e) => !e.closest("figure")?.ariaLabel && !e.ariaLabel)
    .forEach((e) => wrong.push("a picture without a name"));
  const levels = all("h1, h2, h3, h4").map((h) => Number(h.tagName[1]));
  levels.forEach((level, at) => {
    if (level > (levels[at - 1] ?? 0) + 1) wrong.push(`heading ${level} skips a level`);
  });
  if (!document.documentElement.lang || !document.title) wrong.push("no language or title");
  const parts = (colour) => colour.match(/[\d.]+/g).map(Number);
  const light = (colour) => {
    const [r, g, b] = parts(colour).map((v) => v / 255)
      .map((v) => (v <= 0.03928 ? v / 12.92 : ((v + 0.055) / 1.055) ** 2.4));
    return 0.2126 * r + 0.7152 * g + 0.0722 * b;
  };
  const behind = (element) => {
    for (let at = element; at; at = at.parentElement) {
      const colour = getComputedStyle(at).backgroundColor;
      if ((parts(colour)[3] ?? 1) > 0) return colour;
    }
    return "rgb(255, 255, 255)";
  };
  const pairs = new Map();
  for (const element of all("body *:not(svg *)")) {
    const own = [...element.childNodes].some((node) => node.nodeType === 3 && node.data.trim());
    if (own && element.checkVisibility() && !element.disabled) {
      pairs.set(`${getComputedStyle(element).color} on ${behind(element)}`, element);
    }
  }
  for (const [pair, element] of pairs) {
    const [a, b] = pair.split(" on ").map(light).sort((x, y) => y - x);
    const contrast = (a + 0.05) / (b + 0.05);
    if (contrast < 4.5) wrong.push(`${pair}: ${contrast.toFixed(2)}: ${element.className}`);
  }
  return wrong;
})()
