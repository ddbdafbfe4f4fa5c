import htmx from "htmx.org";

/** A register that fits its frame lets go of its own scrolling, so that its head can stick below the top bar. */
export function startTables(): void {
  const watched = new ResizeObserver((entries) => {
    for (const { target } of entries) fit(target as HTMLElement);
  });
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
