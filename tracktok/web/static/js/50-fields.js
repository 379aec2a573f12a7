// Fields: amounts and dates say what was understood; passwords can be shown; text grows; files can be dropped.
(() => {
  const data = () => document.body.dataset;

  // The same rules as `web/inputs.py`: the text alone decides where it can, the locale where it cannot.
  const CURRENCIES = new Set([
    ...(Intl.supportedValuesOf?.("currency") || []).map((code) => code.toLowerCase()),
    ..."rs r kr kč zł ft lei лв rm rp us nt hk".split(" "),
  ]);
  const GROUPED = /^\d{1,3}(?:[.,']\d{2,3})*[.,']\d{3}$/;
  tt.plainDecimal = (text, decimal = data().decimal) => {
    let said = text.trim().replaceAll("−", "-");
    const words = said.match(/\p{L}+\.?/gu) || [];
    if (
      words.length > 1 ||
      words.some((word) => !CURRENCIES.has(word.replace(".", "").toLowerCase())) ||
      /\d\s*\p{L}+\.?\s*\d/u.test(said)
    )
      return null;
    said = said.replace(/\p{L}+\.?/gu, "").replace(/[^\d.,'\-()]/g, "");
    const bracketed = /^\(.*\)$/.test(said);
    said = said.replace(/^[()]+|[()]+$/g, "");
    const negative = bracketed || said.startsWith("-") || said.endsWith("-");
    said = said.replace(/^-+|-+$/g, "");
    if (!/^[\d.,]/.test(said)) return null;
    const marks = said.match(/[^\d]/g) || [],
      last = marks.at(-1);
    const groups = (mark) => mark === "'" || (mark !== decimal && GROUPED.test(said));
    let whole = said,
      fraction = "";
    if (marks.length && (new Set(marks).size > 1 || (marks.length === 1 && !groups(last)))) {
      const cut = said.lastIndexOf(last);
      [whole, fraction] = [said.slice(0, cut), said.slice(cut + 1)];
      if (last === "'" || (/[.,']/.test(whole) && !GROUPED.test(whole))) return null;
    } else if (marks.length && !GROUPED.test(said)) return null;
    whole = whole.replace(/[.,']/g, "") || "0";
    if (!/^\d+$/.test(whole + fraction)) return null;
    const number = (whole.replace(/^0+/, "") || "0") + (fraction ? `.${fraction}` : "");
    return negative && /[1-9]/.test(number) ? `-${number}` : number;
  };
  tt.writeNumber = (plain, places) => {
    const [first, further] = data().groupSizes.split(",").map(Number);
    let [whole, fraction = ""] = plain.replace("-", "").split(".");
    let tail = whole.slice(-first),
      head = whole.slice(0, -first);
    while (head) {
      tail = head.slice(-further) + data().group + tail;
      head = head.slice(0, -further);
    }
    if (places !== undefined) fraction = fraction.padEnd(places, "0");
    return `${plain.startsWith("-") ? "−" : ""}${tail}${fraction ? data().decimal + fraction : ""}`;
  };
  const places = (code) => {
    try {
      return new Intl.NumberFormat("en", { style: "currency", currency: code }).resolvedOptions().maximumFractionDigits;
    } catch {
      return 2;
    }
  };
  // An address that follows a name ("Acme Mobility" is acme-mobility) until it is written by hand.
  const addressOf = (name) =>
    name
      .normalize("NFKD")
      .replace(/\p{M}/gu, "")
      .toLowerCase()
      .replace(/[^a-z0-9]+/g, "-")
      .slice(0, 40)
      .replace(/^-+|-+$/g, "");
  document.addEventListener("input", (event) => {
    const own = event.target;
    if (own.dataset.addressOf) own.dataset.touched = own.value;
    const other = own.id && document.querySelector(`[data-address-of="${CSS.escape(own.id)}"]`);
    if (other && !other.dataset.touched) other.value = addressOf(own.value);
  });
  const echo = (input) => document.getElementById(`${input.id}-echo`);
  const say = (input, text, bad = false) => {
    const at = echo(input);
    if (at) {
      if (at.textContent !== text) at.textContent = text;
      at.classList.toggle("is-bad", bad);
    }
  };
  const money = (input) => {
    const text = input.value.trim(),
      code = input.closest(".tt-money-input")?.querySelector("[data-money-currency]")?.value || input.dataset.money;
    if (!text) return say(input, "");
    const plain = tt.plainDecimal(text);
    if (plain === null)
      return say(input, `This is not understood. Write an amount such as ${tt.writeNumber("1234.50")}.`, true);
    if ((plain.split(".")[1] || "").replace(/0+$/, "").length > places(code))
      return say(input, `${code} has ${places(code) || "no"} decimal places.`, true);
    const written = tt.writeNumber(plain, places(code));
    say(input, written.replace("−", "-") === text ? "" : `Understood as ${code} ${written}`);
  };
  document.addEventListener("input", (event) => {
    if (event.target.matches("[data-money]")) money(event.target);
  });
  tt.on("change", "[data-money-currency]", (event, select) =>
    money(select.closest(".tt-money-input").querySelector("[data-money]")),
  );

  // Dates
  const MONTHS = ["jan", "feb", "mar", "apr", "may", "jun", "jul", "aug", "sep", "oct", "nov", "dec"];
  const make = (year, month, day) => {
    const date = new Date(Date.UTC(year, month - 1, day));
    return date.getUTCFullYear() === year && date.getUTCMonth() === month - 1 && date.getUTCDate() === day
      ? date
      : null;
  };
  const yearOf = (text, today) =>
    !text ? today.getUTCFullYear() : text.length === 2 ? 2000 + Number(text) : text.length === 4 ? Number(text) : NaN;
  tt.plainDate = (text) => {
    const said = text.trim().toLowerCase(),
      today = new Date(`${data().today}T00:00:00Z`);
    const words = { today: 0, yesterday: -1, tomorrow: 1 };
    if (said in words) return new Date(today.getTime() + words[said] * 86400000);
    const parts = said.split(/[\s/.,-]+/).filter(Boolean);
    if (parts.length !== 2 && parts.length !== 3) return null;
    const named = parts.findIndex((part) => /^\p{L}+$/u.test(part) && MONTHS.includes(part.slice(0, 3)));
    if (named >= 0) {
      const numbers = parts.filter((_, at) => at !== named);
      if (numbers[0].length === 4) numbers.reverse();
      return make(
        yearOf(numbers[1] || "", today),
        MONTHS.indexOf(parts[named].slice(0, 3)) + 1,
        Number(numbers[0].replace(/(st|nd|rd|th)$/, "")),
      );
    }
    if (!parts.every((part) => /^\d+$/.test(part))) return null;
    const format = data().dateFormat.toUpperCase();
    let order =
      parts[0].length === 4 ? "YMD" : [..."DMY"].sort((a, b) => format.indexOf(a) - format.indexOf(b)).join("");
    if (order.startsWith("Y") && parts[0].length !== 4 && parts.length === 3 && parts[2].length === 4) order = "DMY";
    if (parts.length === 2) order = order.replace("Y", "");
    const found = Object.fromEntries([...order].map((letter, at) => [letter, parts[at]]));
    return make(yearOf(found.Y || "", today), Number(found.M), Number(found.D));
  };
  tt.writeDate = (date) => {
    const pad = (number) => String(number).padStart(2, "0"),
      lang = document.documentElement.lang;
    const month = (style) => date.toLocaleDateString(lang, { month: style, timeZone: "UTC" });
    const parts = {
      YYYY: String(date.getUTCFullYear()),
      YY: pad(date.getUTCFullYear() % 100),
      MMMM: month("long"),
      MMM: month("short"),
      MM: pad(date.getUTCMonth() + 1),
      M: String(date.getUTCMonth() + 1),
      DD: pad(date.getUTCDate()),
      D: String(date.getUTCDate()),
    };
    return data().dateFormat.replace(/YYYY|YY|MMMM|MMM|MM|M|DD|D/g, (token) => parts[token]);
  };
  const dated = (input) => {
    const text = input.value.trim();
    if (!text) return say(input, "");
    const date = tt.plainDate(text);
    if (!date)
      return say(
        input,
        text.length > 4
          ? `This is not understood. Write a date such as ${tt.writeDate(new Date(`${data().today}T00:00:00Z`))}.`
          : "",
        true,
      );
    say(
      input,
      date.toLocaleDateString(document.documentElement.lang, {
        weekday: "long",
        day: "numeric",
        month: "long",
        year: "numeric",
        timeZone: "UTC",
      }),
    );
  };
  document.addEventListener("input", (event) => {
    if (event.target.matches("[data-date]")) dated(event.target);
  });
  document.addEventListener("focusout", (event) => {
    if (!event.target.matches?.("[data-date]")) return;
    const date = event.target.value.trim() && tt.plainDate(event.target.value);
    if (date) event.target.value = tt.writeDate(date);
  });
  tt.on("click", "[data-date-open]", (event, button) => {
    const input = document.getElementById(button.dataset.dateOpen),
      native = button.parentElement.querySelector("[data-date-native]");
    native.value = tt.plainDate(input.value)?.toISOString().slice(0, 10) || data().today;
    native.showPicker?.();
  });
  document.addEventListener("change", (event) => {
    if (!event.target.matches("[data-date-native]")) return;
    const input = document.getElementById(event.target.dataset.dateNative);
    input.value = event.target.value ? tt.writeDate(new Date(`${event.target.value}T00:00:00Z`)) : "";
    dated(input);
    input.dispatchEvent(new Event("change", { bubbles: true }));
    event.stopPropagation();
  });
  tt.enhance("[data-date]", (input) => {
    if (input.value && !input.hasAttribute("aria-invalid")) dated(input);
  });

  // Passwords, growing text
  tt.on("click", "[data-reveal]", (event, button) => {
    const input = document.getElementById(button.dataset.reveal),
      shown = input.type === "password";
    input.type = shown ? "text" : "password";
    button.setAttribute("aria-pressed", String(shown));
    button.setAttribute("aria-label", shown ? "Hide the password" : "Show the password");
  });
  const grow = (area) => {
    area.style.height = "auto";
    area.style.height = `${Math.min(area.scrollHeight + 2, 480)}px`;
  };
  document.addEventListener("input", (event) => {
    if (event.target.matches("[data-autogrow]")) grow(event.target);
  });

  tt.enhance("[data-autogrow]", (area) => {
    if (area.value && area.offsetParent) grow(area);
  });

  // Files
  const size = (bytes) =>
    bytes < 1e6 ? `${Math.max(1, Math.round(bytes / 1000))} KB` : `${(bytes / 1e6).toFixed(1)} MB`;
  const listFiles = (input) => {
    const list = document.getElementById(`${input.id}-files`),
      largest = Number(input.closest("[data-drop]").dataset.largest);
    list.replaceChildren(
      ...[...input.files].map((file, at) => {
        const item = Object.assign(document.createElement("li"), { className: "tt-drop-file" });
        if (file.type.startsWith("image/")) {
          const picture = Object.assign(document.createElement("img"), { alt: "", src: URL.createObjectURL(file) });
          picture.addEventListener("load", () => URL.revokeObjectURL(picture.src));
          item.append(picture);
        }
        const bad = file.size > largest;
        item.classList.toggle("is-bad", bad);
        item.append(
          Object.assign(document.createElement("span"), { textContent: file.name, title: file.name }),
          Object.assign(document.createElement("small"), {
            textContent: bad ? `${size(file.size)}: larger than ${size(largest)}` : size(file.size),
          }),
        );
        const remove = Object.assign(document.createElement("button"), { type: "button", className: "tt-icon-button" });
        remove.setAttribute("aria-label", `Remove ${file.name}`);
        remove.append(tt.icon("x"));
        remove.addEventListener("click", () => {
          setFiles(
            input,
            [...input.files].filter((_, other) => other !== at),
          );
          input.focus();
        });
        item.append(remove);
        return item;
      }),
    );
  };
  const setFiles = (input, files) => {
    const all = new DataTransfer();
    (input.multiple ? files : files.slice(-1)).forEach((file) => all.items.add(file));
    input.files = all.files;
    input.dispatchEvent(new Event("change", { bubbles: true }));
  };
  document.addEventListener("change", (event) => {
    if (event.target.matches(".tt-drop-input")) listFiles(event.target);
  });
  for (const [type, over] of [
    ["dragover", true],
    ["dragleave", false],
    ["drop", false],
  ]) {
    document.addEventListener(type, (event) => {
      const box = event.target.closest?.("[data-drop]");
      if (!box) return;
      if (type !== "dragleave") event.preventDefault();
      box.classList.toggle("is-over", over);
      if (type !== "drop" || !event.dataTransfer.files.length) return;
      const input = box.querySelector("input");
      setFiles(input, [...(input.multiple ? input.files : []), ...event.dataTransfer.files]);
    });
  }
  document.addEventListener("paste", (event) => {
    const input = event.target.closest?.("form")?.querySelector(".tt-drop-input");
    if (input && event.clipboardData.files.length) setFiles(input, [...input.files, ...event.clipboardData.files]);
  });
})();
