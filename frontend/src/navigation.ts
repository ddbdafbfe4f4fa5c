/** On a phone the navigation is a drawer: More opens it, Esc, the veil and a choice close it. */
export function startNavigation(): void {
  const side = document.getElementById("qd-navigation");
  const veil = document.getElementById("qd-veil");
  const rest = document.getElementById("qd-page");
  const more = document.querySelector<HTMLButtonElement>("[data-qd-more]");
  if (!side || !veil || !rest || !more) return;

  const show = (open: boolean): void => {
    side.classList.toggle("is-open", open);
    veil.classList.toggle("is-open", open);
    rest.inert = open;
    more.setAttribute("aria-expanded", String(open));
    if (open) side.querySelector<HTMLElement>("a[href]")?.focus();
    else more.focus();
  };
  more.addEventListener("click", () => show(!side.classList.contains("is-open")));
  veil.addEventListener("click", () => show(false));
  side.addEventListener("keydown", (event) => {
    if (event.key === "Escape" && side.classList.contains("is-open")) show(false);
  });
  matchMedia("(min-width: 768px)").addEventListener("change", (wide) => {
    if (wide.matches && side.classList.contains("is-open")) show(false);
  });
}
