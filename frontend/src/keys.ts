// Keyboard, as the dialog behind "?" lists it. Single letters never fire in fields and can be switched off.
import { closePanel } from "./panel.ts";

const OFF = "qd_single_keys_off";

export function startKeys(): void {
  let waitingForPlace = 0;

  document.addEventListener("keydown", (event) => {
    if (event.defaultPrevented || event.isComposing) return;
    if (event.key === "Escape") return closeInnermost(event);
    if (event.key === "Enter" && (event.ctrlKey || event.metaKey)) return submitForm(event);
    if (event.ctrlKey || event.metaKey || event.altKey || inField(event.target) || document.querySelector("dialog[open]")) return;
    if (event.key.length !== 1 || localStorage.getItem(OFF)) return rowByArrow(event);

    const key = event.key.toLowerCase();
    if (Date.now() - waitingForPlace < 1500) {
      waitingForPlace = 0;
      const place = document.querySelector<HTMLElement>(`[data-qd-go="${CSS.escape(key)}"]`);
      if (place) return act(event, () => place.click());
    }
    if (key === "g") waitingForPlace = Date.now();
    else if (key === "?") act(event, openKeys);
    else if (key === "j") moveRow(event, 1);
    else if (key === "k") moveRow(event, -1);
    else if (key === "h") document.activeElement?.matches(".qd-why") && act(event, () => (document.activeElement as HTMLElement).click());
    else if (key === "v" && !event.shiftKey) return;
    else {
      const target = visible(`[data-qd-key="${CSS.escape(key)}"]`);
      if (target) act(event, () => use(target));
    }
  });

  document.body.addEventListener("click", (event) => {
    const target = event.target as Element;
    const opener = target.closest<HTMLElement>("[data-qd-dialog]");
    const dialog = opener && (document.getElementById(opener.dataset.qdDialog ?? "") as HTMLDialogElement | null);
    // A link leads to a page that asks the same, where no dialog opens.
    if (dialog) act(event, () => dialog.showModal());
    if (target.closest("[data-qd-close-dialog]")) target.closest("dialog")?.close();
    if (target instanceof HTMLDialogElement) target.close();
  });

  const switches = document.querySelectorAll<HTMLInputElement>("input[data-qd-single-keys]");
  for (const box of switches) {
    box.checked = !localStorage.getItem(OFF);
    box.addEventListener("change", () => (box.checked ? localStorage.removeItem(OFF) : localStorage.setItem(OFF, "1")));
  }
}

function inField(target: EventTarget | null): boolean {
  return target instanceof Element && target.closest("input, textarea, select, [contenteditable]") !== null;
}

function act(event: Event, deed: () => void): void {
  event.preventDefault();
  deed();
}

function visible(selector: string): HTMLElement | null {
  return [...document.querySelectorAll<HTMLElement>(selector)].find((element) => element.getClientRects().length > 0) ?? null;
}

function use(target: HTMLElement): void {
  if (target.matches("input, select, textarea")) target.focus();
  else target.click();
}

function openKeys(): void {
  (document.getElementById("qd-keys") as HTMLDialogElement | null)?.showModal();
}

function closeInnermost(event: KeyboardEvent): void {
  if (document.querySelector("dialog[open]")) return; // the browser closes it
  const popover = document.querySelector<HTMLDetailsElement>("details.qd-pop[open], details.qd-who[open]");
  if (popover) {
    popover.open = false;
    popover.querySelector("summary")?.focus();
    return event.preventDefault();
  }
  const leave = (event.target as Element).closest(".qd-editor, form[data-qd-escape]")?.querySelector<HTMLElement>("[data-qd-cancel]");
  if (leave) return act(event, () => leave.click());
  if (closePanel()) return event.preventDefault();
  const clear = visible("[data-qd-clear-selection]");
  if (clear) return act(event, () => clear.click());
  if (event.target instanceof HTMLElement && inField(event.target)) event.target.blur();
}

function submitForm(event: KeyboardEvent): void {
  const form = (event.target as Element).closest("form");
  if (form) act(event, () => form.requestSubmit());
}

function rowByArrow(event: KeyboardEvent): void {
  if (!document.activeElement?.closest("[data-qd-rows]")) return;
  if (event.key === "ArrowDown") moveRow(event, 1);
  else if (event.key === "ArrowUp") moveRow(event, -1);
}

/** Rows are reached through the link that names them, so Enter opens and the browser shows where it leads. */
function moveRow(event: Event, step: number): void {
  const list = document.activeElement?.closest("[data-qd-rows]") ?? visible("[data-qd-rows]");
  if (!list) return;
  const names = [...list.querySelectorAll<HTMLElement>("a.qd-name")].filter((name) => name.getClientRects().length > 0);
  const row = document.activeElement?.closest("tr, .qd-work");
  const here = names.findIndex((name) => name === document.activeElement || row?.contains(name));
  const next = names[Math.min(names.length - 1, Math.max(0, here === -1 && step < 0 ? 0 : here + step))];
  if (next) act(event, () => next.focus());
}
