import htmx from "htmx.org";

/** A cell that ends in an ellipsis says the rest to who rests on it. */
function sayTheRest(event: Event): void {
  const cell = (event.target as Element).closest<HTMLElement>(".qd-trunc");
  if (cell && !cell.title && cell.scrollWidth > cell.clientWidth) cell.title = cell.textContent?.trim() ?? "";
}

/** A register that fits its frame lets go of its own scrolling, so that its head can stick below the top bar. */
export function startTables(): void {
  const watched = new ResizeObserver((entries) => {
    for (const { target } of entries) fit(target as HTMLElement);
  });
  document.body.addEventListener("mouseover", sayTheRest);
  htmx.onLoad((node) => {
    const element = node as HTMLElement;
    for (const frame of element.querySelectorAll<HTMLElement>(".qd-scroll")) {
      fit(frame);
      watched.observe(frame);
    }
  });
}

function fit(frame: HTMLElement): void {
  const table = frame.querySelector("table");
  if (!table) return;
  frame.classList.remove("is-fitting");
  const fits = table.scrollWidth <= frame.clientWidth + 1;
  frame.classList.toggle("is-fitting", fits);
  // A frame that scrolls must be reachable by keyboard.
  if (fits) frame.removeAttribute("tabindex");
  else frame.tabIndex = 0;
}
