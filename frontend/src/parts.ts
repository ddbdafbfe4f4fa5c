// Alpine parts. Templates may only name properties and methods: the content security policy forbids evaluated expressions.

interface Magic {
  $el: HTMLElement;
  $root: HTMLElement;
}

/** Names the type of `this` inside a part: the part itself and what Alpine adds. */
function part<T extends object>(definition: T & ThisType<T & Magic>): T {
  return definition;
}

const YEAR = 60 * 60 * 24 * 365;

export function cookie(name: string): string {
  return document.cookie.split("; ").find((pair) => pair.startsWith(`${name}=`))?.slice(name.length + 1) ?? "";
}

const POPOVERS = "details.qd-pop, details.qd-who";

/** <details class="qd-pop">: one open at a time; a click elsewhere, or focus that moves on, closes it. */
export function popovers(): void {
  const closeOthers = (target: EventTarget | null): void => {
    for (const open of document.querySelectorAll<HTMLDetailsElement>("details.qd-pop[open], details.qd-who[open]")) {
      if (!(target instanceof Node && open.contains(target))) open.open = false;
    }
  };
  document.addEventListener("click", (event) => closeOthers(event.target));
  document.addEventListener("focusin", (event) => {
    // A press on a label's words moves focus to what surrounds the popover, <main>, before the click arrives.
    if (event.target instanceof Node && event.target.contains(document.querySelector(`:is(${POPOVERS})[open]`))) return;
    closeOthers(event.target);
  });
  document.addEventListener(
    "toggle",
    (event) => {
      const details = event.target as HTMLDetailsElement;
      if (details.open && details.matches(POPOVERS)) details.querySelector<HTMLElement>("[data-qd-first]")?.focus();
    },
    true,
  );
}

const systemDark = matchMedia("(prefers-color-scheme: dark)");

/** Light, dark or as the system; kept in the cookie qd_theme so that the server draws the page right from the start. */
export function themeSwitch() {
  return part({
    choice: cookie("qd_theme") || "auto",
    isLight() {
      return String(this.choice === "light");
    },
    isDark() {
      return String(this.choice === "dark");
    },
    isAuto() {
      return String(this.choice === "auto");
    },
    init() {
      document.addEventListener("qd:theme", () => {
        this.choice = cookie("qd_theme") || "auto";
      });
      systemDark.addEventListener("change", () => {
        if (this.choice === "auto") showTheme("auto");
      });
    },
    light() {
      chooseTheme("light");
    },
    dark() {
      chooseTheme("dark");
    },
    auto() {
      chooseTheme("auto");
    },
    flip() {
      chooseTheme(document.documentElement.dataset.bsTheme === "dark" ? "light" : "dark");
    },
  });
}

/** Paper is light whatever the screen is. */
export function printLight(): void {
  let before: string | undefined;
  addEventListener("beforeprint", () => {
    before = document.documentElement.dataset.bsTheme;
    if (before === "dark") setTheme("light");
  });
  addEventListener("afterprint", () => {
    if (before === "dark") setTheme(before);
  });
}

function chooseTheme(choice: string): void {
  const secure = location.protocol === "https:" ? "; Secure" : "";
  document.cookie = `qd_theme=${choice}; Path=/; Max-Age=${YEAR}; SameSite=Lax${secure}`;
  showTheme(choice);
}

function showTheme(choice: string): void {
  setTheme(choice === "auto" ? (systemDark.matches ? "dark" : "light") : choice);
}

function setTheme(theme: string): void {
  document.documentElement.dataset.bsTheme = theme;
  document.dispatchEvent(new CustomEvent("qd:theme"));
}

/** The chosen columns go into the address, so a link shows a colleague the same table. Order of boxes = order of columns. */
export function columnChooser() {
  const boxes = (root: HTMLElement) => [...root.querySelectorAll<HTMLInputElement>("input[type=checkbox][name=columns]")];
  return part({
    show() {
      const chosen = boxes(this.$root).filter((box) => box.checked).map((box) => box.value);
      const address = new URL(location.href);
      address.searchParams.delete("columns");
      address.searchParams.delete("page");
      if (chosen.length) address.searchParams.set("columns", chosen.join(","));
      location.assign(address);
    },
    reset() {
      const address = new URL(location.href);
      address.searchParams.delete("columns");
      location.assign(address);
    },
    up(event: Event) {
      const row = (event.currentTarget as Element).closest("li");
      row?.previousElementSibling?.before(row);
      (event.currentTarget as HTMLElement).focus();
    },
    down(event: Event) {
      const row = (event.currentTarget as Element).closest("li");
      row?.nextElementSibling?.after(row);
      (event.currentTarget as HTMLElement).focus();
    },
  });
}

/** Rows picked for a bulk act: x-data="selection" on the form around table and bar, class qd-select on the boxes. */
export function bulkSelection() {
  const rows = (root: HTMLElement) => [...root.querySelectorAll<HTMLInputElement>("tbody input.qd-select")];
  return part({
    count: 0,
    some() {
      return this.count > 0;
    },
    init() {
      this.recount();
      this.$root.addEventListener("htmx:afterSettle", () => this.recount());
    },
    recount() {
      const all = rows(this.$root);
      this.count = all.filter((box) => box.checked).length;
      const head = this.$root.querySelector<HTMLInputElement>("thead input.qd-select");
      if (head) {
        head.checked = all.length > 0 && this.count === all.length;
        head.indeterminate = this.count > 0 && this.count < all.length;
      }
    },
    toggleAll(event: Event) {
      const { checked } = event.currentTarget as HTMLInputElement;
      for (const box of rows(this.$root)) box.checked = checked;
      this.recount();
    },
    clear() {
      for (const box of rows(this.$root)) box.checked = false;
      this.recount();
    },
  });
}

/** <button data-qd-toggle="id" aria-expanded="false">: shows and hides, for instance a chart's table. */
export function toggles(): void {
  document.body.addEventListener("click", (event) => {
    const button = (event.target as Element).closest<HTMLElement>("[data-qd-toggle]");
    const part = button && document.getElementById(button.dataset.qdToggle ?? "");
    if (!button || !part) return;
    part.hidden = !part.hidden;
    button.setAttribute("aria-expanded", String(!part.hidden));
  });
}

/** Money fields are grouped when left, as the reader writes numbers; what is no number stays as typed. */
export function moneyFields(): void {
  document.body.addEventListener("focusout", (event) => {
    const field = event.target as HTMLInputElement;
    if (!field.matches("input[data-qd-money]")) return;
    const digits = Number(field.dataset.qdMoney || 2);
    const parts = new Intl.NumberFormat(document.documentElement.lang).formatToParts(1234.5);
    const group = parts.find((part) => part.type === "group")?.value ?? ",";
    const point = parts.find((part) => part.type === "decimal")?.value ?? ".";
    const plain = field.value.trim().replaceAll(group, "").replaceAll(/[\s\u00a0\u202f]/g, "").replace(point, ".").replace("−", "-");
    if (plain === "" || !/^-?\d+(\.\d+)?$/.test(plain)) return;
    const decimals = Math.min(digits, plain.split(".")[1]?.length ?? 0);
    field.value = new Intl.NumberFormat(document.documentElement.lang, { minimumFractionDigits: decimals, maximumFractionDigits: digits }).format(Number(plain));
  });
}
