// SPDX-License-Identifier: MIT
// A report read outside of a browser: the model in an HTML file that `strata run --report` wrote.
import { readFileSync } from 'node:fs';
import { gunzipSync } from 'node:zlib';
import { Document, Model } from '../../tools/report/src/data';

function block(html: string, id: string): Buffer {
  const found = new RegExp(`id="${id}">([^<]*)<`).exec(html);
  if (!found) throw new Error(`the report has no ${id}`);
  return gunzipSync(Buffer.from(found[1], 'base64'));
}

export function readReport(path: string): Model {
  const html = readFileSync(path, 'utf8');
  const document = JSON.parse(block(html, 'strata-document').toString('utf8')) as Document;
  return new Model(document, new Uint8Array(block(html, 'strata-octets')));
}
