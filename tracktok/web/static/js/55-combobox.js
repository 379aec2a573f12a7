// A <select data-combobox> becomes a field that searches, by the ARIA pattern of an editable combobox with a list.
// The select stays and is what is sent. <input data-tags> becomes the same with free words.
(() => {
  const MOST = 100;
  let count = 0;
  const create = (tag, attributes = {}, ...children) => {
    const element = document.createElement(tag);
    for (const [name, value] of Object.entries(attributes))
      if (value !== null && value !== undefined) element.setAttribute(name, value);
    element.append(...children);
    return element;
  };
  const highlighted = (text, query) => {
    const at = query ? text.toLowerCase().indexOf(query.toLowerCase()) : -1;
    return at < 0
      ? [text]
      : [text.slice(0, at), create("mark", {}, text.slice(at, at + query.length)), text.slice(at + query.length)];
  };

  // `source` answers what may be chosen, what is chosen, and takes a choice.
  const build = (original, source) => {
    const id = `combo-${++count}`,
      many = source.multiple;
    const input = create("input", {
      class: "tt-combo-input",
      type: "text",
      role: "combobox",
      id: `${id}-input`,
      "aria-expanded": "false",
      "aria-autocomplete": "list",
      "aria-controls": `${id}-list`,
      autocomplete: "off",
      spellcheck: "false",
      placeholder: source.placeholder,
      "aria-describedby": original.getAttribute("aria-describedby"),
      "aria-invalid": original.getAttribute("aria-invalid"),
      "aria-required": original.required ? "true" : null,
    });
    const list = create("ul", { class: "tt-combo-list", id: `${id}-list`, role: "listbox", hidden: "" });
    if (many) list.setAttribute("aria-multiselectable", "true");
    const open = create(
      "button",
      { class: "tt-combo-open", type: "button", tabindex: "-1", "aria-hidden": "true" },
      tt.icon("chevron"),
    );
    const box = create("div", { class: "tt-combo" }, input, source.hasList ? open : "", list);
    const label = original.labels?.[0];
    if (label) {
      label.htmlFor = input.id;
      label.id ||= `${id}-label`;
      list.setAttribute("aria-labelledby", label.id);
    }
    original.hidden = true;
    original.after(box);
    original.ttInput = input;
    let shown = [],
      active = -1,
      waiting = 0;

    const chips = () => {
      box.querySelectorAll(".tt-combo-chip").forEach((chip) => chip.remove());
      if (many)
        source.chosen().forEach(({ value, label: text }) => {
          const remove = create("button", { type: "button", "aria-label": `Remove ${text}` }, tt.icon("x"));
          remove.addEventListener("click", () => {
            source.drop(value);
            chips();
            changed();
            input.focus();
          });
          input.before(create("span", { class: "tt-combo-chip" }, text, remove));
        });
      input.placeholder = many && source.chosen().length ? "" : source.placeholder;
    };
    const rest = () => {
      if (!many) {
        const now = source.chosen()[0];
        input.value = now && now.value ? now.label : "";
      } else input.value = "";
    };
    const changed = () => original.dispatchEvent(new Event("change", { bubbles: true }));
    const close = () => {
      list.hidden = true;
      input.setAttribute("aria-expanded", "false");
      input.removeAttribute("aria-activedescendant");
      active = -1;
    };
    const mark = (at) => {
      active = at;
      [...list.children].forEach((item, other) => item.classList.toggle("is-active", other === at));
      const item = list.children[at];
      if (item?.id) {
        input.setAttribute("aria-activedescendant", item.id);
        item.scrollIntoView({ block: "nearest" });
      } else input.removeAttribute("aria-activedescendant");
    };
    const draw = (query, found) => {
      const chosen = new Set(source.chosen().map((one) => one.value));
      shown = found.slice(0, MOST);
      const word = query.trim();
      if (source.create && word && !found.some((one) => one.label.toLowerCase() === word.toLowerCase()))
        shown.push({ value: word, label: word, made: true });
      list.replaceChildren(
        ...shown.map((one, at) =>
          create(
            "li",
            {
              class: "tt-combo-option",
              role: "option",
              id: `${id}-${at}`,
              "aria-selected": String(chosen.has(one.value)),
            },
            create("span", {}, ...(one.made ? [`Add “${one.label}”`] : highlighted(one.label, word))),
            ...(one.note ? [create("small", {}, one.note)] : []),
          ),
        ),
      );
      if (!shown.length) {
        if (!source.hasList) return close();
        list.replaceChildren(create("li", { class: "tt-combo-none", role: "presentation" }, "Nothing matches"));
      }
      list.hidden = false;
      input.setAttribute("aria-expanded", "true");
      list.classList.toggle(
        "is-above",
        box.getBoundingClientRect().bottom + 280 > innerHeight && box.getBoundingClientRect().top > 300,
      );
      mark(word && shown.length ? 0 : -1);
    };
    const search = async (query) => {
      const turn = ++waiting;
      const found = await source.find(query.trim());
      if (turn === waiting && document.activeElement === input) draw(query, found);
    };
    const choose = (one) => {
      if (!one) return;
      if (many && source.chosen().some((other) => other.value === one.value)) source.drop(one.value);
      else source.pick(one);
      chips();
      changed();
      rest();
      close();
    };
    input.addEventListener("focus", () => {
      if (!many) input.select();
    });
    input.addEventListener("input", () => {
      if (source.words && /[,;\n]/.test(input.value)) {
        input.value
          .split(/[,;\n]/)
          .map((word) => word.trim())
          .filter(Boolean)
          .forEach((word) => source.pick({ value: word, label: word }));
        chips();
        changed();
        input.value = "";
        return close();
      }
      search(input.value);
    });
    input.addEventListener("click", () => {
      if (list.hidden) search(many || !source.chosen()[0]?.value ? input.value : "");
    });
    input.addEventListener("keydown", (event) => {
      const last = shown.length - 1;
      if (event.key === "ArrowDown" || event.key === "ArrowUp") {
        event.preventDefault();
        if (list.hidden) return void search("");
        mark(event.key === "ArrowDown" ? (active >= last ? 0 : active + 1) : active <= 0 ? last : active - 1);
      } else if (event.key === "Enter") {
        if (event.ctrlKey || event.metaKey) return;
        if (!list.hidden && active >= 0) {
          event.preventDefault();
          choose(shown[active]);
        } else if (source.words && input.value.trim()) {
          event.preventDefault();
          choose({ value: input.value.trim(), label: input.value.trim() });
        }
      } else if (event.key === "Escape" && !list.hidden) {
        event.preventDefault();
        event.stopPropagation();
        rest();
        close();
      } else if (event.key === "Backspace" && many && !input.value) {
        const now = source.chosen();
        if (now.length) {
          source.drop(now.at(-1).value);
          chips();
          changed();
        }
      }
    });
    input.addEventListener("blur", () =>
      setTimeout(() => {
        if (box.contains(document.activeElement)) return;
        if (source.words && input.value.trim()) {
          source.pick({ value: input.value.trim(), label: input.value.trim() });
          chips();
          changed();
        } else if (!many && !input.value.trim() && source.chosen()[0]?.value && source.clear?.()) changed();
        rest();
        close();
      }, 100),
    );
    list.addEventListener("mousedown", (event) => event.preventDefault());
    list.addEventListener("click", (event) => {
      const at = [...list.children].indexOf(event.target.closest("li"));
      choose(shown[at]);
    });
    box.addEventListener("mousedown", (event) => {
      if (event.target === box || event.target.closest(".tt-combo-open")) {
        event.preventDefault();
        input.focus();
        if (list.hidden) search("");
        else close();
      }
    });
    original.ttRefresh = () => {
      chips();
      rest();
    };
    original.ttRefresh();
  };

  const fromSelect = (select) => {
    const options = () =>
      [...select.options]
        .filter((option) => option.value !== "")
        .map((option) => ({ value: option.value, label: option.textContent.trim(), note: option.dataset.note || "" }));
    const url = select.dataset.searchUrl;
    return {
      multiple: select.multiple,
      create: "create" in select.dataset,
      hasList: true,
      placeholder:
        [...select.options].find((option) => option.value === "")?.textContent.trim() || select.dataset.placeholder,
      chosen: () =>
        [...select.selectedOptions].map((option) => ({ value: option.value, label: option.textContent.trim() })),
      async find(query) {
        if (url && (query || ("searchAll" in select.dataset && !options().length))) {
          const answer = await fetch(`${url}${url.includes("?") ? "&" : "?"}q=${encodeURIComponent(query)}`, {
            headers: { Accept: "application/json" },
          }).catch(() => null);
          return answer?.ok ? answer.json() : [];
        }
        const words = query.toLowerCase().split(/\s+/);
        return options().filter((one) =>
          words.every((word) => `${one.label} ${one.note}`.toLowerCase().includes(word)),
        );
      },
      pick({ value, label }) {
        let option = [...select.options].find((other) => other.value === value);
        if (!option) {
          option = new Option(label, value);
          select.add(option);
        }
        if (!select.multiple) select.value = value;
        else option.selected = true;
      },
      drop(value) {
        [...select.options].forEach((option) => {
          if (option.value === value) option.selected = false;
        });
      },
      clear() {
        const none = [...select.options].find((option) => option.value === "");
        if (!none) return false;
        select.value = "";
        return true;
      },
    };
  };
  const fromWords = (input) => {
    const words = () =>
      input.value
        .split(",")
        .map((word) => word.trim())
        .filter(Boolean);
    const known = [...(input.list?.options || [])].map((option) => option.value);
    return {
      multiple: true,
      create: true,
      words: true,
      hasList: false,
      placeholder: input.placeholder || "Add a tag",
      chosen: () => words().map((word) => ({ value: word, label: word })),
      find: async (query) =>
        known
          .filter((word) => word.toLowerCase().includes(query.toLowerCase()) && !words().includes(word))
          .map((word) => ({ value: word, label: word })),
      pick({ value }) {
        if (!words().some((word) => word.toLowerCase() === value.toLowerCase()))
          input.value = [...words(), value].join(", ");
      },
      drop(value) {
        input.value = words()
          .filter((word) => word !== value)
          .join(", ");
      },
    };
  };
  tt.enhance("select[data-combobox]", (select) => build(select, fromSelect(select)));
  tt.enhance("input[data-tags]", (input) => build(input, fromWords(input)));
})();
