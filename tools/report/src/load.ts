// SPDX-License-Identifier: MIT
// Reads the data blocks of the page: gzip in base64, so that nothing in them can end a script
// element, and a report of a long run stays small. No request leaves the page.
import { Document, Model } from './data';

function fromBase64(text: string): Uint8Array {
  const characters = atob(text.trim());
  const bytes = new Uint8Array(characters.length);
  for (let i = 0; i < characters.length; i++) bytes[i] = characters.charCodeAt(i);
  return bytes;
}

function inflate(id: string): Response {
  const block = document.getElementById(id);
  if (!block) throw new Error(`the page has no ${id}: the file is not complete`);
  const compressed = new Blob([fromBase64(block.textContent ?? '')]);
  block.remove();
  return new Response(compressed.stream().pipeThrough(new DecompressionStream('gzip')));
}

// Rejects with a sentence for people.
export async function loadModel(): Promise<Model> {
  if (!('DecompressionStream' in window)) {
    throw new Error('this browser is too old: Chromium 80, Firefox 113 or Safari 16.4 can read it');
  }
  const [text, octets] = await Promise.all([
    inflate('strata-document').text(),
    inflate('strata-octets').arrayBuffer(),
  ]);
  return new Model(JSON.parse(text) as Document, new Uint8Array(octets));
}
