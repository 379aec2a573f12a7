// What axe judges a page by, without its words, as numbers: one for each kind of element in its place (with the roles,
// classes and states of all that it is in; of attributes with free values whether they are empty; whether ids are there
// once, and what they name is there; whether a label holds the text; whether it scrolls; what it has inside), and one
// for the order of headings and landmarks. Keeps which element is of which kind for `spare`.
() => {
  const exact = /^(class|role|type|style|tabindex|hidden|disabled|readonly|required|checked|open|inert|lang|dir|scope|contenteditable|autocomplete|method|content|aria-(?!label$|labelledby$|describedby$|controls$|owns$|activedescendant$|errormessage$|details$|value).+)$/;
  const refers = /^(for|list|form|headers|aria-(labelledby|describedby|controls|owns|activedescendant|errormessage|details))$/;
  const telling = /^(href|src|alt|title|placeholder|label|accesskey|usemap|controls|aria-.+)$/;
  const silent = new Set(["SCRIPT", "STYLE", "TEMPLATE", "NOSCRIPT", "LINK", "HEAD"]);
  const landmark = /^(HEADER|NAV|MAIN|ASIDE|FOOTER|H[1-6])$/;
  const owning = /^(UL|OL|DL|TABLE|THEAD|TBODY|TR|SELECT|FIELDSET|DETAILS|FIGURE|LABEL|BUTTON|A|TH|TD)$/; // what is inside matters
  const plain = (text) => text.replace(/\s+/g, " ").trim().toLowerCase();
  const hash = (text, seed) => {
    let a = 0xdeadbeef ^ seed, b = 0x41c6ce57 ^ Math.floor(seed / 4294967296);
    for (let at = 0; at < text.length; at += 1) {
      const code = text.charCodeAt(at);
      a = Math.imul(a ^ code, 2654435761);
      b = Math.imul(b ^ code, 1597334677);
    }
    a = Math.imul(a ^ (a >>> 16), 2246822507) ^ Math.imul(b ^ (b >>> 13), 3266489909);
    b = Math.imul(b ^ (b >>> 16), 2246822507) ^ Math.imul(a ^ (a >>> 13), 3266489909);
    return 4294967296 * (2097151 & b) + (a >>> 0);
  };
  const ids = new Map();
  for (const one of document.querySelectorAll("[id]")) ids.set(one.id, (ids.get(one.id) ?? 0) + 1);
  const kinds = [], order = [];
  const walk = (element, around) => {
    let look = element.tagName, more = "";
    for (const { name, value } of element.attributes) {
      if (exact.test(name)) look += ` ${name}=${value.replace(/\d+/g, "0")}`;
      else if (name === "id") more += ids.get(value) === 1 ? " id" : " ids";
      else if (refers.test(name)) more += ` ${name}:${value.split(/\s+/).map((id) => ids.get(id) ?? 0)}`;
      else if (telling.test(name)) more += ` ${name}${value.trim() ? "" : "-"}`;
    }
    if (element.hasAttribute("aria-label") && !plain(element.ariaLabel).includes(plain(element.textContent))) more += " other words";
    if (element.labels) more += ` ${element.labels.length}${element.value ? "" : "-"}`;
    if (element.scrollWidth > element.clientWidth) more += " wide";
    if (element.scrollHeight > element.clientHeight) more += " high";
    if (landmark.test(element.tagName) && order.at(-1) !== element.tagName) order.push(element.tagName);
    const inside = new Set(), place = hash(look, around);
    for (const child of element.childNodes) {
      if (child.nodeType === Node.TEXT_NODE && child.data.trim()) inside.add("text");
      if (child.nodeType !== Node.ELEMENT_NODE || silent.has(child.tagName)) continue;
      inside.add(owning.test(element.tagName) || element.role ? child.tagName : "element");
      if (element.namespaceURI !== "http://www.w3.org/2000/svg") walk(child, place);
    }
    if (inside.size || !/^(DIV|SPAN|P|SECTION)$/.test(element.tagName) || element.role) kinds.push([element, hash(`${more}|${[...inside].sort()}`, place)]);
  };
  walk(document.documentElement, 0);
  window.ttKinds = kinds;
  const page = `${document.title.trim() ? "titled" : ""} ${document.querySelector("meta[name=viewport]")?.content} ${order}`;
  return [...new Set([hash(page, 1), ...kinds.map((one) => one[1])])];
}
