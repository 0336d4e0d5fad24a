/* What is written is sealed: AES-GCM under a key that the server gives only to the candidate who is signed in.

   Browsers offer encryption on https and on localhost only. Over plain http the shelf is written as it is (losing answers is
   worse than that somebody reads them on this device), and there is no emergency file. */

import { config, one } from "./sitting-page.js";

const BOX = "zhikao-answers/2"; // the format of the emergency file
const bytes = (text) => Uint8Array.from(atob(text), (letter) => letter.charCodeAt(0));
const text = (buffer) => btoa(Array.from(buffer, (byte) => String.fromCharCode(byte)).join(""));

const key = globalThis.crypto?.subtle?.importKey("raw", bytes(config.shelfKey), "AES-GCM", false, ["encrypt", "decrypt"]);
export const canSeal = Boolean(key);
const boundTo = (purpose) => new TextEncoder().encode(`${purpose}:${config.attempt}`);

export async function sealed(value, purpose) {
  const iv = crypto.getRandomValues(new Uint8Array(12));
  const said = new TextEncoder().encode(JSON.stringify(value));
  return { iv, data: await crypto.subtle.encrypt({ name: "AES-GCM", iv, additionalData: boundTo(purpose) }, await key, said) };
}

export async function opened({ iv, data }, purpose) {
  return JSON.parse(new TextDecoder().decode(await crypto.subtle.decrypt({ name: "AES-GCM", iv, additionalData: boundTo(purpose) }, await key, data)));
}

/* Offer the emergency answer file: only this house can read it, and nobody can make one without the key of this attempt. */
export async function download(content, madeAt) {
  const { iv, data } = await sealed({ attempt: config.attempt, made_at: madeAt, ...content }, BOX);
  const { session } = one("#sitting").dataset;
  const file = { format: BOX, attempt: config.attempt, ...(session ? { session } : {}), box: text([...iv, ...new Uint8Array(data)]) };
  const link = document.createElement("a");
  link.href = URL.createObjectURL(new Blob([JSON.stringify(file)], { type: "application/octet-stream" }));
  link.download = `应急答卷-${config.attempt}.zkda`;
  link.click();
  setTimeout(() => URL.revokeObjectURL(link.href), 60_000);
}
