// SPDX-License-Identifier: MIT
// Starts the report: reads the data in the page, builds the panels, goes where the address says.
import { mirrorAddress, readAddress } from './address';
import { countUpTo } from './columns';
import { Comparison, ComparisonData, Run } from './comparison';
import { Model, NONE } from './data';
import { h } from './dom';
import { watchPrinting } from './frame';
import { loadModel, loadOther } from './load';
import { ComparePanel } from './panels/compare';
import { Shell } from './shell';
import { Store } from './store';

async function start(): Promise<void> {
  const root = document.getElementById('app');
  if (!root) throw new Error('the page has no place for the report');
  watchPrinting();
  const [model, other] = await Promise.all([loadModel(), loadOther()]);
  if (other) {
    new Pair(root, { a: model, b: other.model }, other.comparison);
  } else {
    const store = open(model);
    new Shell(root, model, store);
    mirrorAddress(model, store);
  }
  document.documentElement.dataset.ready = '';
}

// A run at the instant and packet that the address says, or at its first sight.
function open(model: Model): Store {
  const store = new Store(model);
  showFirst(model, store);
  readAddress(model, store);
  return store;
}

// Two runs: the report of either under what differs, at one instant.
class Pair implements Comparison {
  shown: Run = 'a';
  private readonly stores: Readonly<Record<Run, Store>>;
  private readonly places: Readonly<Record<Run, HTMLElement>> = { a: h('div'), b: h('div') };
  private readonly shells: Partial<Record<Run, Shell>> = {};

  constructor(private readonly root: HTMLElement, readonly models: Readonly<Record<Run, Model>>,
              readonly data: ComparisonData) {
    this.stores = { a: open(models.a), b: open(models.b) };
    this.attach();
    mirrorAddress(models.a, this.stores.a);
  }

  show(run: Run, uid: number): void {
    const { time } = this.stores[this.shown];
    this.shells[this.shown]?.pause();
    this.places[this.shown].remove();
    this.shown = run;
    this.stores[run].setTime(time);
    if (uid !== 0) this.stores[run].select({ uid });
    this.attach();
    this.stores[run].announceLayout();
    this.root.querySelector<HTMLElement>('.run-buttons [aria-pressed=true]')?.focus();
  }
  private attach(): void {
    const run = this.shown;
    this.root.append(this.places[run]);
    this.shells[run] ??= new Shell(this.places[run], this.models[run], this.stores[run], [new ComparePanel(this)]);
  }
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
