// Comments: names after an @, words that survive a session that ended, and what was opened from a notification is read.
import htmx from "htmx.org";
import { say } from "./announce.ts";

interface Suggested {
  name: string;
  write: string;
  address: string;
  initials: string;
}

export function startTalk(): void {
  document.body.addEventListener("input", (event) => {
    const field = event.target;
    if (!(field instanceof HTMLTextAreaElement)) return;
    if (field.matches("[data-qd-draft]")) keepDraft(field);
    if (field.closest("[data-qd-people]")) void suggest(field);
  });
  document.body.addEventListener("keydown", onKey, true);
  document.body.addEventListener("focusout", (event) => {
    if (event.target instanceof HTMLTextAreaElement) setTimeout(() => closeList(), 150);
  });
  document.body.addEventListener("submit", (event) => {
    const form = event.target as HTMLFormElement;
    for (const field of form.querySelectorAll<HTMLTextAreaElement>("[data-qd-draft]")) sessionStorage.setItem(SENT, draftKey(field));
  });
  htmx.onLoad(() => {
    for (const field of document.querySelectorAll<HTMLTextAreaElement>("[data-qd-draft]")) bringBackDraft(field);
  });
  showTheComment();
  markOpened();
}

// ---- Drafts: kept in this tab until the comment stands on the page ----

const DRAFT = "qd-draft:";
const SENT = "qd-draft-sent";

function draftKey(field: HTMLTextAreaElement): string {
  return DRAFT + new URL(field.form?.action ?? location.href, location.href).pathname;
}

function keepDraft(field: HTMLTextAreaElement): void {
  if (field.value.trim()) sessionStorage.setItem(draftKey(field), field.value);
  else sessionStorage.removeItem(draftKey(field));
}

/** A form that comes back with errors holds the words already; one that comes back empty after a comment was sent is done. */
function bringBackDraft(field: HTMLTextAreaElement): void {
  const key = draftKey(field);
  const refused = field.getAttribute("aria-invalid") === "true" || field.form?.querySelector(".qd-summary") !== null;
  if (sessionStorage.getItem(SENT) === key) {
    sessionStorage.removeItem(SENT);
    if (!refused && document.querySelector("[data-qd-draft]") === field) {
      sessionStorage.removeItem(key);
      return;
    }
  }
  const draft = sessionStorage.getItem(key);
  if (draft && !field.value.trim() && !refused) {
    field.value = draft;
    say(field.form?.dataset.qdDraftSaid ?? "");
  }
}

// ---- Names after an @ ----

let list: HTMLUListElement | null = null;
let current = -1;
let found: Suggested[] = [];
let typing: HTMLTextAreaElement | null = null;
let asked = 0;

/** What stands between an @ and the cursor, if somebody is being named there. */
function beginning(field: HTMLTextAreaElement): { at: number; words: string } | null {
  const before = field.value.slice(0, field.selectionStart);
  const match = /(?:^|[\s(>])@([^\n@]{0,40})$/u.exec(before);
  if (!match || match[1] === undefined) return null;
  const words = match[1];
  return /\s\S*\s\S*\s/u.test(words) || /[,;:!?]/u.test(words) ? null : { at: before.length - words.length, words };
}

async function suggest(field: HTMLTextAreaElement): Promise<void> {
  const start = beginning(field);
  const url = field.closest<HTMLElement>("[data-qd-people]")?.dataset.qdPeople;
  const mine = (asked += 1);
  if (!start || !url) return closeList();
  narrow(field, start.words);
  const address = new URL(url, location.href);
  address.searchParams.set("q", start.words);
  try {
    const answer = await fetch(address, { headers: { Accept: "application/json" } });
    if (!answer.ok || mine !== asked) return;
    const people = ((await answer.json()) as { people: Suggested[] }).people;
    if (mine === asked) open(field, people);
  } catch {
    closeList();
  }
}

/** Who types faster than names come sees, and takes with Enter, only whom the words so far mean. */
function narrow(field: HTMLTextAreaElement, words: string): void {
  if (!list || typing !== field) return;
  const parts = words.toLowerCase().split(/\s+/u).filter(Boolean);
  const still = found.filter(({ name }) => parts.every((part) => ` ${name.toLowerCase()}`.includes(` ${part}`)));
  if (still.length === found.length) return;
  if (still.length) open(field, still);
  else closeList();
}

function open(field: HTMLTextAreaElement, people: Suggested[]): void {
  closeList();
  if (!people.length) return;
  typing = field;
  found = people;
  list = document.createElement("ul");
  list.className = "qd-names";
  list.id = "qd-names";
  list.setAttribute("role", "listbox");
  list.setAttribute("aria-label", field.labels[0]?.textContent ?? "");
  people.forEach((person, index) => list?.append(option(person, index)));
  field.after(list);
  field.setAttribute("role", "combobox");
  field.setAttribute("aria-expanded", "true");
  field.setAttribute("aria-controls", list.id);
  field.setAttribute("aria-autocomplete", "list");
  choose(0);
}

function option(person: Suggested, index: number): HTMLLIElement {
  const item = document.createElement("li");
  item.id = `qd-name-${index}`;
  item.setAttribute("role", "option");
  const avatar = document.createElement("span");
  avatar.className = "qd-avatar";
  avatar.setAttribute("aria-hidden", "true");
  avatar.textContent = person.initials;
  const name = document.createElement("span");
  name.textContent = person.name;
  const address = document.createElement("small");
  address.textContent = person.address;
  item.append(avatar, name, address);
  item.addEventListener("pointerdown", (event) => {
    event.preventDefault();
    take(index);
  });
  return item;
}

function choose(index: number): void {
  if (!list || !typing) return;
  current = (index + found.length) % found.length;
  [...list.children].forEach((item, n) => item.setAttribute("aria-selected", String(n === current)));
  typing.setAttribute("aria-activedescendant", `qd-name-${current}`);
  list.children[current]?.scrollIntoView({ block: "nearest" });
}

function take(index: number): void {
  const person = found[index];
  const field = typing;
  const start = field && beginning(field);
  if (!person || !field || !start) return closeList();
  const after = field.value.slice(field.selectionStart);
  const written = `${person.write}${/^[\s,.;:!?)]/u.test(after) ? "" : " "}`;
  field.value = field.value.slice(0, start.at) + written + after;
  const place = start.at + written.length;
  field.setSelectionRange(place, place);
  keepDraft(field);
  closeList();
  field.focus();
}

function closeList(): void {
  if (!list) return;
  list.remove();
  for (const name of ["role", "aria-expanded", "aria-controls", "aria-autocomplete", "aria-activedescendant"]) typing?.removeAttribute(name);
  list = null;
  typing = null;
  current = -1;
}

function onKey(event: KeyboardEvent): void {
  if (!list || event.target !== typing || event.isComposing) return;
  const act = {
    ArrowDown: () => choose(current + 1),
    ArrowUp: () => choose(current - 1),
    Enter: () => take(current),
    Tab: () => take(current),
    Escape: () => closeList(),
  }[event.key];
  if (!act || event.ctrlKey || event.metaKey || event.altKey || event.shiftKey) return;
  event.preventDefault();
  event.stopPropagation();
  act();
}

// ---- What was opened ----

/** A comment that a link leads to is in focus, so that a reader who does not see where the page stands hears it. */
function showTheComment(): void {
  const there = location.hash.startsWith("#comment-") ? document.getElementById(location.hash.slice(1)) : null;
  there?.focus({ preventScroll: true });
}

/** Somebody came by a notification: it is read now, and the address is plain again. */
function markOpened(): void {
  const address = new URL(location.href);
  const uid = address.searchParams.get("told");
  const token = document.querySelector<HTMLInputElement>("input[name=csrfmiddlewaretoken]")?.value;
  const bell = document.querySelector<HTMLAnchorElement>("a.qd-bell");
  if (!uid || !token || !bell) return;
  address.searchParams.delete("told");
  history.replaceState(history.state, "", address);
  void fetch(bell.href, {
    method: "POST",
    headers: { "Content-Type": "application/x-www-form-urlencoded", "X-CSRFToken": token, "HX-Request": "true" },
    body: new URLSearchParams({ uid }),
  }).then((answer) => {
    if (answer.status === 204) countDown(bell);
  });
}

function countDown(bell: HTMLAnchorElement): void {
  const count = bell.querySelector<HTMLElement>(".qd-bell-count");
  const number = Number(count?.textContent);
  if (!count || !(number > 0)) return;
  count.textContent = String(number - 1);
  if (number === 1) count.remove();
}
