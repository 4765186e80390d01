// SPDX-License-Identifier: MIT
// Reads the data blocks of the page: gzip in base64, so that nothing in them can end a script
// element, and a report of a long run stays small. No request leaves the page.
import { ComparisonData } from './comparison';
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

// The second run of a page that compares two, and what differs; undefined: there is one run only.
export async function loadOther(): Promise<{ model: Model; comparison: ComparisonData } | undefined> {
  if (!document.getElementById('strata-comparison')) return undefined;
  const [model, text] = await Promise.all([loadModel('-b'), inflate('strata-comparison').text()]);
  return { model, comparison: JSON.parse(text) as ComparisonData };
}

// Rejects with a sentence for people. `run`: '' or, of the second run, '-b'.
export async function loadModel(run: '' | '-b' = ''): Promise<Model> {
  if (!('DecompressionStream' in window)) {
    throw new Error('this browser is too old: Chromium 80, Firefox 113 or Safari 16.4 can read it');
  }
  const [text, octets] = await Promise.all([
    inflate(`strata-document${run}`).text(),
    inflate(`strata-octets${run}`).arrayBuffer(),
  ]);
  return new Model(JSON.parse(text) as Document, new Uint8Array(octets));
}
