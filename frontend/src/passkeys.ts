// Passkeys: a form with data-qd-passkey is sent once the device has made (create) or used (get) one.

interface Descriptor {
  type: "public-key";
  id: string;
  transports?: AuthenticatorTransport[];
}

/** What the server asks for; bytes are written as base64url. */
interface Asked {
  challenge: string;
  user?: { id: string; name: string; displayName: string };
  excludeCredentials?: Descriptor[];
  allowCredentials?: Descriptor[];
}

const READY = "qdReady";

export function startPasskeys(): void {
  // Before htmx, which would send a form that has no answer yet.
  document.addEventListener("submit", onSubmit, true);
}

function onSubmit(event: SubmitEvent): void {
  const form = event.target;
  if (!(form instanceof HTMLFormElement) || !form.dataset.qdPasskey || form.dataset[READY]) return;
  event.preventDefault();
  event.stopImmediatePropagation();
  void answer(form);
}

async function answer(form: HTMLFormElement): Promise<void> {
  const problem = form.querySelector<HTMLElement>("[data-qd-passkey-problem]");
  const button = form.querySelector<HTMLButtonElement>("button:not([type=button])");
  if (problem) problem.hidden = true;
  if (button) button.disabled = true;
  try {
    const asked = await askedBy(form);
    const made = form.dataset.qdPasskey === "create" ? await create(asked) : await get(asked);
    if (!(made instanceof PublicKeyCredential)) throw new Error("no passkey");
    fieldOf(form).value = JSON.stringify(written(made));
  } catch {
    // Whoever closes the browser's question, or has no passkey here, stays where they are.
    if (problem) problem.hidden = false;
    return;
  } finally {
    if (button) button.disabled = false;
  }
  form.dataset[READY] = "yes";
  try {
    form.requestSubmit();
  } finally {
    delete form.dataset[READY];
  }
}

/** The question lies in the page, or is fetched where it would be too old by the time somebody presses the button. */
async function askedBy(form: HTMLFormElement): Promise<Asked> {
  const address = form.dataset.qdAsks;
  if (address) {
    const answered = await fetch(address, { headers: { Accept: "application/json" } });
    if (!answered.ok) throw new Error(`${answered.status}`);
    return ((await answered.json()) as { publicKey: Asked }).publicKey;
  }
  const kept = form.querySelector('script[type="application/json"]')?.textContent ?? "";
  return (JSON.parse(kept) as { publicKey: Asked }).publicKey;
}

function create(asked: Asked): Promise<Credential | null> {
  const { user } = asked;
  if (!user) throw new Error("nobody to make it for");
  const publicKey = {
    ...asked,
    challenge: bytes(asked.challenge),
    user: { ...user, id: bytes(user.id) },
    excludeCredentials: described(asked.excludeCredentials),
  };
  return navigator.credentials.create({ publicKey: publicKey as unknown as PublicKeyCredentialCreationOptions });
}

function get(asked: Asked): Promise<Credential | null> {
  const publicKey = { ...asked, challenge: bytes(asked.challenge), allowCredentials: described(asked.allowCredentials) };
  return navigator.credentials.get({ publicKey: publicKey as unknown as PublicKeyCredentialRequestOptions });
}

function described(list: Descriptor[] = []): PublicKeyCredentialDescriptor[] {
  return list.map((each) => ({ ...each, id: bytes(each.id) }));
}

function written(made: PublicKeyCredential): Record<string, unknown> {
  const { response } = made;
  const said: Record<string, string> = { clientDataJSON: text(response.clientDataJSON) };
  if (response instanceof AuthenticatorAttestationResponse) said.attestationObject = text(response.attestationObject);
  if (response instanceof AuthenticatorAssertionResponse) {
    said.authenticatorData = text(response.authenticatorData);
    said.signature = text(response.signature);
    if (response.userHandle) said.userHandle = text(response.userHandle);
  }
  return { id: made.id, rawId: text(made.rawId), type: made.type, response: said, clientExtensionResults: {} };
}

function fieldOf(form: HTMLFormElement): HTMLInputElement {
  const there = form.querySelector<HTMLInputElement>("[data-qd-answer], input[name=passkey]");
  if (there) return there;
  const made = document.createElement("input");
  made.type = "hidden";
  made.name = "passkey";
  form.append(made);
  return made;
}

function bytes(base64url: string): ArrayBuffer {
  const plain = atob(base64url.replaceAll("-", "+").replaceAll("_", "/"));
  return Uint8Array.from(plain, (each) => each.charCodeAt(0)).buffer;
}

function text(buffer: ArrayBuffer): string {
  const plain = String.fromCharCode(...new Uint8Array(buffer));
  return btoa(plain).replaceAll("+", "-").replaceAll("/", "_").replaceAll("=", "");
}
