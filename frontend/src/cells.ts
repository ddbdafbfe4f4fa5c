// Edit in place: a click or Enter opens the editor, which the server makes; Enter saves, Esc leaves, Tab goes on.
import htmx from "htmx.org";
import { say } from "./announce.ts";

const OFF = "qd_single_keys_off";
const WIDE = matchMedia("(min-width: 768px)");

/** The cells that editors stand for, by row and column, so that leaving asks nobody. */
const former = new Map<string, HTMLElement>();
let saving: { key: string; column: string; step: number; picked: boolean } | null = null;

export function startCells(): void {
  document.addEventListener("click", (event) => {
    const target = event.target as Element;
    const left = target.closest("[data-qd-cancel]")?.closest<HTMLElement>("td.qd-editor");
    if (left) return leave(left);
    const cell = target.closest<HTMLElement>("td.qd-editable");
    if (cell && !target.closest("a, button, input, label, .qd-editor-hint") && !getSelection()?.toString()) open(cell);
  });
  document.addEventListener("keydown", onKey, true);
  document.addEventListener("submit", early, true);
  document.body.addEventListener("htmx:beforeRequest", (event) => {
    const { elt } = (event as CustomEvent<{ elt: Element }>).detail;
    const editor = elt.closest<HTMLElement>("td.qd-editor");
    const row = editor?.closest("tr");
    if (!editor || !row) return;
    const picked = row.querySelector<HTMLInputElement>("input.qd-select")?.checked ?? false;
    saving = { key: row.dataset.key ?? "", column: editor.dataset.edit ?? "", step: Number(editor.dataset.step ?? 0), picked };
  });
  document.body.addEventListener("htmx:beforeSwap", refused);
  document.body.addEventListener("htmx:afterSettle", goOn);
}

/** Enter a moment before htmx has taken the new form up would send it the plain way, to an address that is no page. */
function early(event: Event): void {
  const form = event.target as HTMLFormElement;
  if (!form.closest("td.qd-editor") || "htmx-internal-data" in form) return;
  event.preventDefault();
  event.stopPropagation();
  htmx.process(form);
  setTimeout(() => form.requestSubmit());
}

function id(cell: HTMLElement): string {
  return `${cell.closest("tr")?.dataset.key} ${cell.dataset.edit}`;
}

function open(cell: HTMLElement): void {
  const table = cell.closest<HTMLElement>("[data-edit-url]");
  const key = cell.closest("tr")?.dataset.key;
  if (!table || !key || !WIDE.matches) return;
  former.set(id(cell), cell);
  const columns = encodeURIComponent(table.dataset.columns ?? "");
  const url = `${table.dataset.editUrl}${encodeURIComponent(key)}/${cell.dataset.edit}/?columns=${columns}`;
  void htmx.ajax("get", url, { source: cell, target: cell, swap: "outerHTML" });
}

function leave(editor: HTMLElement): void {
  const cell = former.get(id(editor));
  if (!cell) return;
  cell.classList.remove("qd-saved");
  editor.replaceWith(cell);
  cell.focus();
}

/** What somebody may not change says so in the cell; the row stays whole. */
function refused(event: Event): void {
  const { detail } = event as CustomEvent<{ xhr: XMLHttpRequest; elt: Element; shouldSwap: boolean }>;
  const cell = detail.elt.closest<HTMLElement>("td.qd-editable, td.qd-editor");
  if (!cell || ![403, 404].includes(detail.xhr.status)) return;
  detail.shouldSwap = false;
  saving = null;
  const answer = new DOMParser().parseFromString(detail.xhr.responseText, "text/html");
  const words = (answer.querySelector("[role=alert]") ?? answer.querySelector("main, body"))?.textContent?.trim() ?? "";
  const note = document.createElement("div");
  note.className = "qd-editor-hint";
  note.textContent = words;
  cell.classList.add("qd-refused");
  cell.append(note);
  say(words);
  cell.addEventListener("focusout", () => note.remove(), { once: true });
}

/** After a save the row is new: focus returns to the cell, or the next one opens. */
function goOn(): void {
  const field = document.activeElement;
  // Not what somebody typed already, who was faster than this.
  const untouched = field instanceof HTMLInputElement && field.type === "text" && field.value === field.defaultValue;
  if (untouched && field.closest("td.qd-editor")) field.select();
  if (!saving) return;
  const { key, column, step, picked } = saving;
  const row = document.querySelector<HTMLElement>(`tr[data-key="${CSS.escape(key)}"]`);
  const cell = row?.querySelector<HTMLElement>(`td[data-edit="${CSS.escape(column)}"]`);
  saving = null;
  if (!row || !cell || cell.matches(".qd-editor")) return;
  const box = row.querySelector<HTMLInputElement>("input.qd-select");
  if (box && picked) box.checked = true;
  const next = step ? neighbour(cell, step) : null;
  if (next) open(next);
  else cell.focus();
}

function neighbour(cell: HTMLElement, step: number): HTMLElement | null {
  const cells = [...(cell.closest("table")?.querySelectorAll<HTMLElement>("td[data-edit]") ?? [])];
  const found = cells[cells.indexOf(cell) + step] ?? null;
  return found?.matches(".qd-editable") ? found : null;
}

function onKey(event: KeyboardEvent): void {
  const target = event.target as HTMLElement;
  const editor = target.closest?.<HTMLElement>("td.qd-editor");
  if (editor) return inEditor(event, target, editor);
  const row = target.closest?.<HTMLElement>("[data-qd-rows] > tbody > tr");
  if (!row || event.ctrlKey || event.metaKey || event.altKey || event.defaultPrevented) return;
  const box = row.querySelector<HTMLInputElement>("input.qd-select");
  const cell = target.matches("td.qd-editable") ? target : null;
  if (target.matches("input, textarea, select") && target !== box) return;
  const letter = localStorage.getItem(OFF) ? "" : event.key;
  if (event.key === "Enter" && cell) act(event, () => open(cell));
  else if (event.key === " " && box && target !== box && !target.matches("button, summary")) act(event, () => box.click());
  else if (event.key === "ArrowRight" || event.key === "ArrowLeft") across(event, row, target, event.key === "ArrowRight" ? 1 : -1);
  else if (cell && (event.key === "ArrowDown" || letter === "j")) act(event, () => along(row, cell, 1));
  else if (cell && (event.key === "ArrowUp" || letter === "k")) act(event, () => along(row, cell, -1));
}

function act(event: Event, deed: () => void): void {
  event.preventDefault();
  event.stopPropagation();
  deed();
}

function inEditor(event: KeyboardEvent, target: HTMLElement, editor: HTMLElement): void {
  const form = editor.querySelector("form");
  if (!form || editor.querySelector("[data-qd-late]")) return;
  if (event.key === "Enter" && target instanceof HTMLSelectElement) act(event, () => form.requestSubmit());
  if (event.key !== "Tab") return;
  const fields = [...form.querySelectorAll<HTMLElement>("input:not([type=hidden]), select, textarea")];
  const step = event.shiftKey ? -1 : 1;
  if (fields[fields.indexOf(target) + step]) return;
  act(event, () => onTo(editor, form, step));
}

/** To the next cell: what was typed is saved first, what was not touched is left as it is. */
function onTo(editor: HTMLElement, form: HTMLFormElement, step: number): void {
  if (changed(form)) {
    editor.dataset.step = String(step);
    form.requestSubmit();
    return;
  }
  const cell = former.get(id(editor));
  leave(editor);
  const next = cell ? neighbour(cell, step) : null;
  if (next) open(next);
}

function changed(form: HTMLFormElement): boolean {
  return [...form.elements].some((field) => {
    if (field instanceof HTMLSelectElement) return [...field.options].some((option) => option.selected !== option.defaultSelected);
    return field instanceof HTMLInputElement && field.type !== "hidden" && field.value !== field.defaultValue;
  });
}

/** From the name along the cells of the row that can be edited, and back. */
function across(event: Event, row: HTMLElement, target: HTMLElement, step: number): void {
  const stops = [...row.querySelectorAll<HTMLElement>("input.qd-select, a.qd-name, td.qd-editable")];
  const here = stops.indexOf(target.closest<HTMLElement>("input.qd-select, a.qd-name, td.qd-editable") as HTMLElement);
  const next = stops[here + step];
  if (here >= 0 && next && next.getClientRects().length) act(event, () => next.focus());
}

function along(row: HTMLElement, cell: HTMLElement, step: number): void {
  let other = step > 0 ? row.nextElementSibling : row.previousElementSibling;
  while (other) {
    const found = other.querySelector<HTMLElement>(`td.qd-editable[data-edit="${CSS.escape(cell.dataset.edit ?? "")}"]`);
    if (found) return found.focus();
    other = step > 0 ? other.nextElementSibling : other.previousElementSibling;
  }
}
