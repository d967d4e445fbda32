// Runs in the page that is looked at. Returns complaints, one sentence each.

/** What axe finds, every rule on, contrast and the size of targets too. */
async function axeComplaints() {
  await settled();
  const found = await axe.run(document, {
    resultTypes: ["violations", "passes"],
    rules: { "target-size": { enabled: true } },
  });
  const contrast = found.passes.concat(found.violations).find(({ id }) => id === "color-contrast");
  const complaints = found.violations.flatMap(({ id, nodes }) =>
    nodes.map(({ target, failureSummary }) => `${id}: ${target.join(" ")}: ${oneLine(failureSummary)}`),
  );
  // Without it nothing was measured, whatever else was.
  if (!contrast?.nodes.length) complaints.push("color-contrast: was not measured anywhere");
  return complaints;
}

/**
 * What a screen reader is given, a line for each thing, by axe's own reckoning of roles and names.
 * Of neighbours that are the same but for what is masked, such as the rows of a log, one is told.
 */
async function outline() {
  await settled();
  await quiet();
  // What a screen asks for when it opens comes in its own time.
  let before = "";
  for (;;) {
    const lines = taken();
    if (lines.join() === before) return lines;
    before = lines.join();
    await new Promise((resolve) => setTimeout(resolve, 500));
  }
}

function taken() {
  const root = axe.setup(document.documentElement);
  try {
    return linesOf(root, 0);
  } finally {
    axe.teardown();
  }
}

/** Waits until nothing is being fetched: what stands there then stays. */
async function quiet() {
  const late = Date.now() + 15_000;
  while (document.querySelector('[aria-busy="true"], [data-testid="status-sync"]')) {
    if (Date.now() > late) throw new Error("the page is still busy");
    await new Promise((resolve) => setTimeout(resolve, 20));
  }
}

/** Roles whose content is their name and nothing else. */
const WHOLE = new Set(
  "button link option radio checkbox switch img textbox searchbox combobox listbox spinbutton progressbar heading".split(" "),
);
/** Roles that are named by what is in them, which follows below. */
const NAMED_BY_CONTENT = new Set(
  "row cell gridcell rowheader columnheader listitem term definition paragraph time table rowgroup".split(" "),
);

function linesOf(node, depth) {
  const indent = "  ".repeat(depth);
  if (node.props.nodeType === Node.TEXT_NODE) {
    const words = masked(oneLine(node.props.nodeValue));
    const lang = node.parent?.attr("lang");
    return words === "" ? [] : [`${indent}"${words}"${lang ? ` lang=${lang}` : ""}`];
  }
  if (!axe.commons.dom.isVisibleToScreenReaders(node)) return [];
  const role = axe.commons.aria.getRole(node, { noPresentational: true });
  // One that is a live region and nothing else is told, too.
  const told = node.props.nodeName === "html" ? null : (role ?? (node.attr("aria-live") && "region that speaks"));
  const lines = [];
  if (told) {
    const name = NAMED_BY_CONTENT.has(told) ? "" : masked(oneLine(axe.commons.text.accessibleTextVirtual(node)));
    lines.push([`${indent}${told}`, name && `"${name}"`, ...statesOf(node)].filter(Boolean).join(" "));
    if (WHOLE.has(told)) return lines;
  }
  let before = "";
  for (const child of node.children) {
    const inner = linesOf(child, told ? depth + 1 : depth);
    if (inner.length === 0 || inner.join() === before) continue;
    before = inner.join();
    lines.push(...inner);
  }
  return lines;
}

function statesOf(node) {
  const { actualNode } = node;
  const told = ["pressed", "expanded", "current", "invalid", "selected", "live", "level"].flatMap((state) => {
    const value = node.attr(`aria-${state}`);
    return value === null ? [] : [`${state}=${value}`];
  });
  const level = /^h([1-6])$/.exec(node.props.nodeName)?.[1];
  if (level) told.push(`level=${level}`);
  for (const state of ["checked", "disabled", "required"]) {
    if (actualNode[state] === true || node.attr(`aria-${state}`) === "true") told.push(state);
  }
  if (node.attr("lang")) told.push(`lang=${node.attr("lang")}`);
  return told;
}

/** What is another at each run, and what stands for it. In this order. */
const CHANGING = [
  [/\S*\/(?:tmp|root|home)\/\S*/g, "<path>"],
  [/https?:\/\/\S+/g, "<address>"],
  [/whsec_\S+|[A-Za-z0-9_-]{20,}/g, "<secret>"],
  [/desk-[0-9a-f]{6,}/g, "<desk>"],
  [/[\p{L}\d]+\*+[\p{L}\d]*/gu, "<masked>"],
  [/刚刚更新的数据|\d+ (?:分钟|小时)前的数据/g, "<age>"],
  [/刚刚|\d+ (?:分钟|小时)前/g, "<ago>"],
  [/记录已全部上报|\d+ 条记录待上报/g, "<outbox>"],
  [/已上报|待上报/g, "<upload>"],
  [/ · 用时 \d+ 毫秒/g, ""],
  // A median of nobody, as of an hour that has just begun.
  [/^–$|[\d.]+ 秒/g, "<seconds>"],
  // Not the names of keys.
  [/(?<!F)\d+(?:[.,:]\d+)*/g, "#"],
];

const masked = (words) => CHANGING.reduce((told, [seen, stands]) => told.replace(seen, stands), words);

/** Which text has no room: beyond the page, or beyond the box that it stands in. */
async function roomComplaints() {
  await settled();
  const complaints = [];
  const page = document.scrollingElement;
  // Without anything that sticks out it is WebKit's, which has just had to add a scrollbar.
  const out = [...document.querySelectorAll("body *")].filter((each) => each.getBoundingClientRect().right > innerWidth + 1);
  if (page.scrollWidth > innerWidth + 1 && out.length > 0)
    complaints.push(`the page is ${page.scrollWidth} wide, of ${innerWidth}: ${out.map(nameOf).join(", ")}`);
  const texts = document.createTreeWalker(document.body, NodeFilter.SHOW_TEXT);
  while (texts.nextNode()) {
    const text = texts.currentNode;
    const words = oneLine(text.data);
    if (words === "" || !isSeen(text.parentElement)) continue;
    const range = document.createRange();
    range.selectNodeContents(text);
    const beyond = boxWithoutRoom(text.parentElement, range.getBoundingClientRect());
    if (beyond) complaints.push(`"${words.slice(0, 40)}" runs out of ${nameOf(beyond)}`);
  }
  return complaints;
}

/** Whether eyes see it: not an answer of a closed chooser, a drawing, or what screen readers alone read. */
function isSeen(element) {
  if (!element.checkVisibility() || element.closest("svg, option")) return false;
  for (let each = element; each; each = each.parentElement) {
    if (getComputedStyle(each).clipPath === "inset(50%)") return false;
  }
  return true;
}

/** The nearest box that the text leaves or is cut by; text that can be scrolled to has room. */
function boxWithoutRoom(start, text) {
  for (let box = start; box && box !== document.documentElement; box = box.parentElement) {
    const style = getComputedStyle(box);
    if (style.display === "inline" || style.display === "contents") continue;
    if (/auto|scroll/.test(style.overflowX)) return null;
    const edge = box.getBoundingClientRect();
    if (edge.width === 0) continue;
    if (text.right > edge.right + 1 || text.left < edge.left - 1) return box;
    const cut = style.overflowY === "hidden" || style.overflowY === "clip";
    if (cut && style.webkitLineClamp === "none" && text.bottom > edge.bottom + 1) return box;
  }
  return null;
}

const oneLine = (text) => text.replace(/\s+/g, " ").trim();
const nameOf = ({ localName, dataset, classList }) =>
  localName + (dataset.testid ? `[${dataset.testid}]` : classList.length ? `.${classList[0]}` : "");

/** Colours and places that still move are not what people read. */
async function settled() {
  await document.fonts.ready;
  const moving = document.getAnimations().filter((each) => each.effect.getComputedTiming().endTime < 5_000);
  await Promise.all(moving.map((each) => each.finished.catch(() => null)));
  await new Promise((resolve) => requestAnimationFrame(() => setTimeout(resolve)));
}
