// SPDX-License-Identifier: MIT
// Starts the report: reads the data in the page, builds the panels, goes where the address says.
import { mirrorAddress, readAddress } from './address';
import { countUpTo } from './columns';
import { Model, NONE } from './data';
import { loadModel } from './load';
import { Shell } from './shell';
import { Store } from './store';

async function start(): Promise<void> {
  const root = document.getElementById('app');
  if (!root) throw new Error('the page has no place for the report');
  const model = await loadModel();
  const store = new Store(model);
  showFirst(model, store);
  readAddress(model, store);
  new Shell(root, model, store);
  mirrorAddress(model, store);
  document.documentElement.dataset.ready = '';
}

// What is seen when the address asks for nothing: a packet worth opening, on its first link. That is
// the first TCP segment with data, else the first datagram of a conversation, else the first frame.
function showFirst(model: Model, store: Store): void {
  const { packets, hops } = model;
  const find = (isWorth: (packet: number) => boolean): number => {
    for (let packet = 0; packet < packets.count; packet++) {
      if (isWorth(packet) && model.hopsOf(packet).length > 0) return packet;
    }
    return NONE;
  };
  let packet = find((row) => packets.kind[row] === 'data');
  if (packet === NONE) packet = find((row) => packets.flow[row] !== 0);
  if (packet === NONE) packet = find(() => true);
  if (packet === NONE) return;
  const [hop] = model.hopsOf(packet);
  // Half-way, or just before the next thing happens: the sentence about the cursor is about this packet.
  const { events } = model;
  let next = countUpTo(events.time, hops.sent[hop]);
  while (next < events.count && events.uid[next] === packets.uid[packet]) next++;
  const before = next < events.count ? events.time[next] - 1 : Infinity;
  store.setTime(Math.min((hops.sent[hop] + Math.max(hops.due[hop], hops.out[hop])) / 2, before));
  store.select({ uid: packets.uid[packet], hop });
}

start().catch((error: unknown) => {
  const note = document.createElement('p');
  note.className = 'notice';
  note.setAttribute('role', 'alert');
  note.textContent = `This report cannot be shown: ${error instanceof Error ? error.message : String(error)}.`;
  document.getElementById('app')?.append(note);
});
