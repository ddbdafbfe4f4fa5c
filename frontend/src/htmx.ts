import htmx from "htmx.org";

declare global {
  interface Window {
    htmx: typeof htmx;
  }
}

/** Refusals (403), conflicts (409) and forms with errors (422) are answers to show, so they swap like a success. */
export function startHtmx(): void {
  const script = document.currentScript as HTMLScriptElement | null;
  Object.assign(htmx.config, {
    inlineScriptNonce: script?.nonce ?? "",
    includeIndicatorStyles: false,
    allowEval: false,
    selfRequestsOnly: true,
    scrollBehavior: "instant",
    historyRestoreAsHxRequest: false,
    timeout: 30_000,
    responseHandling: [
      { code: "204", swap: false },
      { code: "[23]..", swap: true },
      { code: "(403|404|409|422)", swap: true, error: false },
      { code: "[45]..", swap: false, error: true },
    ],
  });
  window.htmx = htmx;

  // What went wrong on the way is said where the act was: nothing typed is lost, because nothing was swapped.
  for (const name of ["htmx:responseError", "htmx:sendError", "htmx:timeout"]) {
    document.body.addEventListener(name, () => showFailure());
  }
  document.body.addEventListener("htmx:beforeRequest", () => hideFailure());
}

function showFailure(): void {
  const box = document.getElementById("qd-failure");
  if (box) box.hidden = false;
}

function hideFailure(): void {
  const box = document.getElementById("qd-failure");
  if (box) box.hidden = true;
}
