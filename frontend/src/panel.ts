// The right panel with "How was this computed?": opened by a figure, closed by its button or Esc; focus goes back to the figure.
import htmx from "htmx.org";

let asked: HTMLElement | null = null;

export function startPanel(): void {
  const panel = document.getElementById("panel");
  if (!panel) return;

  document.body.addEventListener("click", (event) => {
    const target = event.target as Element;
    if (target.closest("[data-qd-close-panel]")) closePanel();
    const figure = target.closest<HTMLElement>(".qd-why");
    if (figure) {
      asked?.removeAttribute("aria-expanded");
      asked = figure;
    }
  });
  document.body.addEventListener("htmx:afterSwap", (event) => {
    if (event.target !== panel || !panel.firstElementChild) return;
    asked?.setAttribute("aria-expanded", "true");
    keepFigureInView(panel);
    panel.querySelector<HTMLElement>("h2")?.focus({ preventScroll: true });
  });
}

/** True when something was open and is now closed. */
export function closePanel(): boolean {
  const panel = document.getElementById("panel");
  if (!panel?.firstElementChild) return false;
  htmx.swap(panel, "", { swapStyle: "innerHTML", swapDelay: 0, settleDelay: 0 });
  panel.classList.remove("is-left");
  asked?.removeAttribute("aria-expanded");
  asked?.focus();
  asked = null;
  return true;
}

/** As a drawer the panel must not cover the figure it explains: it takes the other side, or the page scrolls. */
function keepFigureInView(panel: HTMLElement): void {
  panel.classList.remove("is-left");
  if (!asked || getComputedStyle(panel).position !== "fixed") return;
  const figure = asked.getBoundingClientRect();
  const drawer = panel.getBoundingClientRect();
  if (drawer.width < innerWidth) panel.classList.toggle("is-left", figure.right > drawer.left - 8);
  else if (figure.bottom > drawer.top - 8) asked.scrollIntoView({ block: "start" });
}
