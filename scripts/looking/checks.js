// What a careful person would see at a glance: a page that scrolls sideways, and text that is cut off.
() => {
  const found = [];
  const root = document.documentElement;
  const name = (element) => {
    const label = element.id ? `#${element.id}` : [...element.classList].map((one) => `.${one}`).join("");
    return `${element.tagName.toLowerCase()}${label}`;
  };
  if (root.scrollWidth > root.clientWidth + 1) {
    const wide = [...document.body.querySelectorAll("*")].filter((element) => element.getBoundingClientRect().right > root.clientWidth + 1);
    found.push(["scrolls sideways", `${root.scrollWidth - root.clientWidth} px: ${wide.slice(0, 3).map(name).join(", ")}`]);
  }
  const range = document.createRange();
  const walker = document.createTreeWalker(document.body, NodeFilter.SHOW_TEXT);
  const seen = new Set();
  while (walker.nextNode()) {
    const node = walker.currentNode, element = node.parentElement;
    if (!node.data.trim() || seen.has(element) || !element.checkVisibility({ visibilityProperty: true, opacityProperty: true })) continue;
    if (element.closest(".visually-hidden, .tt-skip, script, style, template, noscript, [inert], option, [aria-hidden=true] canvas")) continue;
    range.selectNodeContents(node);
    const text = range.getBoundingClientRect();
    if (text.width < 2 || text.height < 2) continue;
    for (let box = element; box && box !== root; box = box.parentElement) {
      const style = getComputedStyle(box), frame = box.getBoundingClientRect();
      if (style.position === "fixed" || (style.clip !== "auto" && style.position === "absolute")) break;
      if (["auto", "scroll"].includes(style.overflowX) && text.right > frame.right + 1) break; // can be scrolled to
      const sideways = style.overflowX !== "visible" && (text.right > frame.right + 1.5 || text.left < frame.left - 1.5);
      const below = ["hidden", "clip"].includes(style.overflowY) && text.bottom > frame.bottom + 3 && box !== document.body;
      if (!sideways && !below) continue;
      const shortened = style.textOverflow === "ellipsis" && (element.closest("[title], [aria-label]") || style.whiteSpace === "nowrap");
      if (!shortened || !element.closest("[title], [aria-label]")) {
        seen.add(element);
        found.push(["text is cut off", `${name(element)} in ${name(box)}: "${node.data.trim().slice(0, 40)}"`]);
      }
      break;
    }
  }
  return found;
}
