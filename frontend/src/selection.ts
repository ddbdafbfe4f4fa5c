// Rows selected for a change at once. The bar at the foot shows itself by CSS; this counts, selects ranges and all.
import htmx from "htmx.org";
import { say } from "./announce.ts";

let last: HTMLInputElement | null = null;

export function startSelection(): void {
  document.addEventListener("click", (event) => {
    const target = event.target as HTMLElement;
    if (target.matches("tbody input.qd-select[form]")) range(target as HTMLInputElement, event.shiftKey);
    if (target.closest("[data-qd-clear-selection]")) clear();
    if (target.closest("[data-qd-all-that-match]")) all();
  });
  document.addEventListener("change", (event) => {
    const target = event.target as HTMLInputElement;
    if (target.matches("[data-qd-pick-all]")) for (const box of boxes()) box.checked = target.checked;
    if (target.matches("input.qd-select")) recount();
  });
  htmx.onLoad(() => recount());
  addEventListener("pageshow", () => recount());
}

function boxes(): HTMLInputElement[] {
  return [...document.querySelectorAll<HTMLInputElement>("tbody input.qd-select[form]")];
}

/** With Shift every row between the last one and this one becomes as this one is. */
function range(box: HTMLInputElement, shift: boolean): void {
  const found = boxes();
  const from = last && shift ? found.indexOf(last) : -1;
  const to = found.indexOf(box);
  if (from >= 0) for (const each of found.slice(Math.min(from, to), Math.max(from, to) + 1)) each.checked = box.checked;
  last = box;
  recount();
}

function bar(): HTMLElement | null {
  return document.querySelector("[data-qd-bulk]");
}

function everything(): HTMLInputElement | null {
  return document.querySelector("input[data-qd-everything]");
}

function recount(): void {
  const shown = bar();
  if (!shown) return;
  const found = boxes();
  const picked = found.filter((box) => box.checked).length;
  const whole = found.length > 0 && picked === found.length;
  const head = document.querySelector<HTMLInputElement>("[data-qd-pick-all]");
  if (head) {
    head.checked = whole;
    head.indeterminate = picked > 0 && !whole;
  }
  const matching = everything();
  if (matching && !whole) matching.value = "";
  const step = shown.querySelector<HTMLElement>("[data-qd-all-that-match]");
  if (step) step.hidden = !whole || matching?.value === "1";
  const words = shown.querySelector<HTMLElement>("[data-qd-count]");
  if (words) words.textContent = matching?.value === "1" ? (words.dataset.all ?? "") : (words.dataset.some ?? "").replace("%", String(picked));
}

function clear(): void {
  for (const box of boxes()) box.checked = false;
  last = null;
  recount();
}

function all(): void {
  const matching = everything();
  if (!matching) return;
  matching.value = "1";
  recount();
  const words = bar()?.querySelector("[data-qd-count]")?.textContent;
  if (words) say(words);
}
