// The palette: one field for things that are found, pages and acts. Opened by /, Ctrl+K or the field on top.
import htmx from "htmx.org";

// What of a page itself can be chosen: where it leads, and acts that end nothing.
const HERE = ".qd-head .qd-actions a, .qd-head .qd-watch button, .qd-tabs a:not([aria-current]), .qd-asof a";
const MOST_HERE = 10;
const NONE = -2;

export function startPalette(): void {
  const dialog = document.getElementById("qd-palette") as HTMLDialogElement | null;
  const field = dialog?.querySelector<HTMLInputElement>("[role=combobox]");
  const list = dialog?.querySelector<HTMLElement>("[role=listbox]");
  if (!dialog || !field || !list) return;

  const arrow = dialog.querySelector<HTMLTemplateElement>("template[data-arrow]")?.content.firstElementChild;
  const page = new Map<Element, HTMLElement>();
  let options: HTMLElement[] = [];
  let current = NONE;
  let asked = "";
  // The list belongs to words that were typed before: Enter then searches and opens nothing that was not meant.
  let late = true;

  const part = (name: string) => dialog.querySelector<HTMLElement>(`[${name}]`);
  const show = (name: string, visible: boolean): void => {
    const found = part(name);
    if (found) found.hidden = !visible;
  };

  const choose = (index: number): void => {
    current = index === NONE || !options.length ? NONE : (index + options.length) % options.length;
    options.forEach((option, n) => option.setAttribute("aria-selected", String(n === current)));
    const option = options[current];
    if (!option) return field.removeAttribute("aria-activedescendant");
    field.setAttribute("aria-activedescendant", option.id);
    option.scrollIntoView({ block: "nearest" });
  };

  const forget = (): void => {
    late = true;
    current = NONE;
    for (const option of options) option.setAttribute("aria-selected", "false");
    field.removeAttribute("aria-activedescendant");
  };

  const open = (): void => {
    if (dialog.open || document.querySelector("dialog[open]")) return;
    field.value = "";
    list.replaceChildren();
    options = [];
    list.hidden = true;
    show("data-none", false);
    show("data-failed", false);
    forget();
    dialog.showModal();
    field.focus();
    htmx.trigger(field, "qd:ask", {});
  };

  const settle = (): void => {
    page.clear();
    fillHere(list.querySelector<HTMLElement>("[data-here]"), field.value, page, arrow);
    options = [...list.querySelectorAll<HTMLElement>("[role=option]")];
    options.forEach((option, n) => (option.id = `qd-option-${n}`));
    late = field.value !== asked;
    list.hidden = options.length === 0;
    list.scrollTop = 0;
    field.setAttribute("aria-expanded", String(options.length > 0));
    show("data-none", options.length === 0);
    show("data-failed", false);
    const said = part("data-said");
    const { none, one, many } = dialog.dataset;
    if (said) said.textContent = (options.length === 0 ? none : options.length === 1 ? one : many?.replace("%n", String(options.length))) ?? "";
    // Without words nothing is chosen yet, so that Enter in an empty field does nothing.
    if (!late) choose(field.value.trim() ? 0 : NONE);
  };

  const use = (option: HTMLElement, event: MouseEvent): void => {
    if (option instanceof HTMLAnchorElement && !page.has(option) && (event.ctrlKey || event.metaKey || event.shiftKey)) return;
    dialog.close();
    const pressed = page.get(option) ?? document.getElementById(option.dataset.qdPress ?? "");
    if (!pressed) return;
    event.preventDefault();
    event.stopPropagation();
    if (pressed instanceof HTMLDialogElement) return pressed.showModal();
    pressed.focus();
    pressed.click();
  };

  for (const opener of document.querySelectorAll<HTMLElement>("[data-qd-palette]")) {
    // The field beneath is for pages without script.
    for (const other of opener.parentElement?.querySelectorAll("input") ?? []) other.hidden = true;
    opener.hidden = false;
    opener.addEventListener("click", open);
  }
  document.addEventListener("keydown", (event) => {
    if (event.key.toLowerCase() !== "k" || !(event.ctrlKey || event.metaKey) || event.altKey || event.shiftKey || event.isComposing) return;
    event.preventDefault();
    if (dialog.open) dialog.close();
    else open();
  });
  field.addEventListener("input", forget);
  field.addEventListener("keydown", (event) => {
    if (event.isComposing || event.ctrlKey || event.metaKey || event.altKey || event.shiftKey) return;
    if (event.key === "ArrowDown" || event.key === "ArrowUp") {
      event.preventDefault();
      if (!late) choose(event.key === "ArrowDown" ? Math.max(current, -1) + 1 : Math.max(current, 0) - 1);
    } else if (event.key === "Enter") {
      const option = late ? undefined : options[current];
      if (option) option.click();
      if (option || !field.value.trim()) event.preventDefault();
    }
  });
  list.addEventListener("click", (event) => {
    const option = (event.target as Element).closest<HTMLElement>("[role=option]");
    if (option) use(option, event);
  });
  list.addEventListener("pointermove", (event) => {
    const index = options.indexOf((event.target as Element).closest<HTMLElement>("[role=option]") as HTMLElement);
    if (index >= 0 && index !== current && !late) choose(index);
  });
  // A press on an option leaves the focus in the field.
  list.addEventListener("pointerdown", (event) => event.preventDefault());
  field.addEventListener("htmx:beforeRequest", () => (asked = field.value));
  list.addEventListener("htmx:afterSwap", settle);
  for (const name of ["htmx:responseError", "htmx:sendError", "htmx:timeout"]) {
    dialog.addEventListener(name, (event) => {
      event.stopPropagation();
      list.hidden = true;
      options = [];
      forget();
      field.setAttribute("aria-expanded", "false");
      show("data-none", false);
      show("data-failed", true);
      const said = part("data-said");
      if (said) said.textContent = part("data-failed")?.textContent ?? "";
    });
  }
}

/** What the page behind offers, as far as it fits the words. */
function fillHere(group: HTMLElement | null, typed: string, page: Map<Element, HTMLElement>, arrow: Element | null | undefined): void {
  if (!group) return;
  const terms = wordsOf(typed).map((word) => fold(word));
  for (const part of document.querySelectorAll<HTMLElement>(HERE)) {
    const label = nameOf(part);
    const words = wordsOf(label).map((word) => fold(word));
    if (!label || !part.getClientRects().length || !terms.every((term) => words.some((word) => word.startsWith(term)))) continue;
    const option = document.createElement("button");
    option.type = "button";
    option.tabIndex = -1;
    option.setAttribute("role", "option");
    option.setAttribute("aria-selected", "false");
    const name = document.createElement("span");
    name.className = "qd-palette-name";
    name.append(...marked(label, terms));
    option.append((part.querySelector("svg.qd-icon") ?? arrow)?.cloneNode(true) ?? "", name);
    group.append(option);
    page.set(option, part);
    if (page.size === MOST_HERE) break;
  }
  group.hidden = page.size === 0;
}

/** What a link or button is called, without the number beside it. */
function nameOf(part: HTMLElement): string {
  const copy = part.cloneNode(true) as HTMLElement;
  for (const count of copy.querySelectorAll(".qd-count, kbd")) count.remove();
  return copy.textContent?.replaceAll(/\s+/g, " ").trim() ?? "";
}

function wordsOf(text: string): string[] {
  return text.match(/[\p{L}\p{N}]+/gu) ?? [];
}

/** As the server compares words: without case and accents. */
function fold(word: string): string {
  return word.normalize("NFKD").replaceAll(/[\u0300-\u036f]/g, "").toLowerCase().replaceAll("ß", "ss").replaceAll("æ", "ae").replaceAll("ø", "o");
}

function marked(label: string, terms: string[]): (Node | string)[] {
  return label.split(/([\p{L}\p{N}]+)/u).flatMap((piece) => {
    const length = Math.max(0, ...terms.filter((term) => fold(piece).startsWith(term)).map((term) => term.length));
    if (!length) return [piece];
    const mark = document.createElement("mark");
    mark.textContent = piece.slice(0, length);
    return [mark, piece.slice(length)];
  });
}
