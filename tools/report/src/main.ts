// SPDX-License-Identifier: MIT
// Starts the report: reads the data in the page, builds the panels, goes where the address says.
import { mirrorAddress, readAddress } from './address';
import { loadModel } from './load';
import { Shell } from './shell';
import { Store } from './store';

async function start(): Promise<void> {
  const root = document.getElementById('app');
  if (!root) throw new Error('the page has no place for the report');
  const model = await loadModel();
  const store = new Store(model);
  // A frame on its way is a better first sight than an empty network.
  if (model.hops.count > 0) store.setTime((model.hops.sent[0] + model.hops.due[0]) / 2);
  readAddress(model, store);
  new Shell(root, model, store);
  mirrorAddress(model, store);
  document.documentElement.dataset.ready = '';
}

start().catch((error: unknown) => {
  const note = document.createElement('p');
  note.className = 'notice';
  note.setAttribute('role', 'alert');
  note.textContent = `This report cannot be shown: ${error instanceof Error ? error.message : String(error)}.`;
  document.getElementById('app')?.append(note);
});
