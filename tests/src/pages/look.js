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

/** Which text has no room: beyond the page, or beyond the box that it stands in. */
async function roomComplaints() {
  await settled();
  const complaints = [];
  const page = document.scrollingElement;
  if (page.scrollWidth > innerWidth + 1) complaints.push(`the page is ${page.scrollWidth} wide, of ${innerWidth}`);
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
