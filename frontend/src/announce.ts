import htmx from "htmx.org";

/** Says data-qd-say of whatever was swapped in: a live region must already be there when its text changes. */
export function startAnnouncing(): void {
  htmx.onLoad((node) => {
    const element = node as HTMLElement;
    const words = [element, ...element.querySelectorAll("[data-qd-say]")].flatMap((node) => node.getAttribute("data-qd-say") ?? []);
    if (element !== document.body && words.length) say(words.join(" "));
  });
}

export function say(words: string): void {
  const region = document.getElementById("qd-live");
  if (!region) return;
  region.textContent = "";
  requestAnimationFrame(() => {
    region.textContent = words;
  });
}
