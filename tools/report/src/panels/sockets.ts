// SPDX-License-Identifier: MIT
// The sockets of every host at the cursor, as ss(8) would list them, and how the last packets before
// it found theirs.
import { countUpTo } from '../columns';
import { Model, NONE } from '../data';
import { h } from '../dom';
import { clockText, durationText } from '../format';
import { Panel } from '../panel';
import { Change, Store } from '../store';
import { Latest } from './latest';
import { countText } from './numbers';
import { packetButton, PlainRow, plainTable } from './plain_table';

const DECISIONS_MAX = 12;
const HEADINGS = ['fd', 'process', 'proto', 'state', 'recv-q', 'send-q', 'local', 'remote', 'rcv_nxt',
  'snd_una', 'cwnd', 'rto', 'timers'];

export class SocketsPanel implements Panel {
  readonly id = 'sockets';
  readonly title = 'Sockets';
  readonly help = 'Every socket at this instant, and which one each packet was given to.';
  readonly place = 'bottom';
  private model!: Model;
  private store!: Store;
  private latest!: Latest;
  private tables!: HTMLElement;
  private decisions!: HTMLElement;
  private drawn = '';

  isWorth(model: Model): boolean {
    return model.tables.sockets.count > 0;
  }
  mount(root: HTMLElement, model: Model, store: Store): void {
    this.model = model;
    this.store = store;
    const { sockets } = model.tables;
    this.latest = new Latest(sockets.time, (row) => sockets.node[row], (row) => String(sockets.row[row]), () => true);
    this.tables = h('div', { class: 'socket-tables' });
    this.decisions = h('div', { class: 'socket-demux' });
    root.tabIndex = 0; // it scrolls and may have nothing else to focus
    root.append(h('div', { class: 'sockets' }, this.tables, this.decisions));
  }

  update(change: Change): void {
    if (!change.time && !change.flow) return;
    const { sockets, demux } = this.model.tables;
    // What is shown changes only when a row does.
    const state = `${countUpTo(sockets.time, this.store.time)}/${countUpTo(demux.time, this.store.time)}`;
    if (state === this.drawn) return;
    this.drawn = state;
    const hosts = this.latest.groupNumbers.map((node) => this.hostTable(node));
    this.tables.replaceChildren(...(hosts.length > 0 ? hosts : [h('p', { class: 'empty' }, 'No host opened a socket in this run.')]));
    this.decisions.replaceChildren(this.demuxTable());
  }

  // Rows of the table of a host at the cursor.
  rowsAt(node: number): number[] {
    const { sockets } = this.model.tables;
    const byPosition = new Map(this.latest.at(node, this.store.time).map(({ row }) => [sockets.row[row], row]));
    const rows: number[] = [];
    // The table ends before the first position that is empty.
    for (let position = 0; ; position++) {
      const row = byPosition.get(position);
      if (row === undefined || sockets.state[row] === '') return rows;
      rows.push(row);
    }
  }

  private hostTable(node: number): HTMLElement {
    const { sockets } = this.model.tables;
    const isNew = new Set(this.latest.at(node, this.store.time).filter((e) => e.isNew).map((e) => e.row));
    const rows = this.rowsAt(node);
    const name = this.model.nodeName(node) + this.origin();
    if (rows.length === 0) return h('p', { class: 'empty' }, `${name} has no sockets yet.`);
    const number = (value: number, text: (value: number) => string): string => (value === NONE ? '–' : text(value));
    return plainTable(name, HEADINGS, rows.map((row): PlainRow => ({
      isNew: isNew.has(row),
      cells: [
        number(sockets.fd[row], String), sockets.process[row], sockets.type[row], sockets.state[row],
        countText(sockets.receiveQueue[row]), countText(sockets.sendQueue[row]), sockets.local[row], sockets.remote[row],
        number(sockets.rcvNxt[row], (v) => `+${v}`), number(sockets.sndUna[row], (v) => `+${v}`),
        number(sockets.cwnd[row], countText), number(sockets.rto[row], durationText), sockets.timers[row],
      ],
    })));
  }

  private origin(): string {
    return this.model.run.isInferred ? ' (inferred from the capture)' : '';
  }

  private demuxTable(): HTMLElement {
    const { demux } = this.model.tables;
    const rows: PlainRow[] = [];
    const end = countUpTo(demux.time, this.store.time);
    for (let row = end - 1; row >= 0 && rows.length < DECISIONS_MAX; row--) {
      const steps = this.model.demuxSteps(row);
      const hit = steps.find((step) => step.outcome === 'hit');
      rows.push({
        isNew: demux.time[row] === this.store.time,
        cells: [
          clockText(demux.time[row]), this.model.nodeName(demux.node[row]),
          packetButton(demux.uid[row], (uid) => this.store.select({ uid })),
          `${demux.remote[row]} → ${demux.local[row]}`, hit ? `✓ ${hit.rule}` : '✗ none',
          demux.outcome[row] + (demux.socket[row] === NONE ? '' : `, socket ${demux.socket[row]}`),
        ],
      });
    }
    if (rows.length === 0) return h('p', { class: 'empty' }, 'No packet has reached a transport layer yet.');
    return plainTable(`Demultiplexing, latest first${this.origin()}`, ['ms', 'host', 'packet', 'from → to', 'rule', 'outcome'], rows);
  }
}
