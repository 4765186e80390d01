// SPDX-License-Identifier: MIT
// What devices know at the cursor: ARP caches, the addresses switches learned, routes.
import { countUpTo } from '../columns';
import { Model, NONE } from '../data';
import { h } from '../dom';
import { Panel } from '../panel';
import { Change, Store } from '../store';
import { Latest } from './latest';
import { PlainRow, plainTable } from './plain_table';

const isKept = (change: string): boolean => change === 'added' || change === 'updated';

interface Kind {
  readonly title: string;
  readonly headings: readonly string[];
  readonly latest: Latest;
  cells(row: number): string[];
}

export class DeviceTables implements Panel {
  readonly id = 'tables';
  readonly title = 'Tables';
  readonly help = 'Who knows which address: ARP caches, switch tables and routes at this instant.';
  readonly place = 'bottom';
  private model!: Model;
  private store!: Store;
  private root!: HTMLElement;
  private kinds: readonly Kind[] = [];
  private drawn = '';

  mount(root: HTMLElement, model: Model, store: Store): void {
    this.model = model;
    this.store = store;
    this.kinds = [this.neighbours(), this.macTables(), this.routes()];
    this.root = h('div', { class: 'device-tables' });
    root.tabIndex = 0; // it scrolls and has nothing else to focus
    root.append(this.root);
  }

  update(change: Change): void {
    if (!change.time) return;
    const { neighbours, macTable, routes } = this.model.tables;
    const state = [neighbours, macTable, routes].map((table) => countUpTo(table.time, this.store.time)).join('/');
    if (state === this.drawn) return;
    this.drawn = state;
    const sections = this.kinds.map((kind) => this.section(kind)).filter((section) => section !== undefined);
    this.root.replaceChildren(...(sections as HTMLElement[]));
    if (this.root.childElementCount === 0) {
      this.root.replaceChildren(h('p', { class: 'empty' }, 'No device has learned anything yet.'));
    }
  }

  private section(kind: Kind): HTMLElement | undefined {
    const tables: HTMLElement[] = [];
    for (const node of kind.latest.groupNumbers) {
      const rows = kind.latest.at(node, this.store.time).map(({ row, isNew }): PlainRow => ({ cells: kind.cells(row), isNew }));
      if (rows.length > 0) tables.push(plainTable(this.model.nodeName(node), kind.headings, rows));
    }
    if (tables.length === 0) return undefined;
    return h('section', {}, h('h2', {}, kind.title), ...tables);
  }

  private port(node: number, port: number): string {
    return port === NONE ? '–' : this.model.nodes[node]?.ports[port]?.name ?? '?';
  }

  private neighbours(): Kind {
    const { neighbours: t } = this.model.tables;
    return {
      title: 'ARP caches',
      headings: ['address', 'MAC', 'state', 'port', 'why', 'waiting'],
      latest: new Latest(t.time, (row) => t.node[row], (row) => `${t.port[row]} ${t.address[row]}`, (row) => t.isKept[row] === 1),
      cells: (row) => [t.address[row], t.state[row] === 'incomplete' ? '–' : t.mac[row], t.state[row],
        this.port(t.node[row], t.port[row]), t.cause[row], String(t.waiting[row])],
    };
  }
  private macTables(): Kind {
    const { macTable: t } = this.model.tables;
    return {
      title: 'Switch tables',
      headings: ['MAC', 'VLAN', 'port'],
      latest: new Latest(t.time, (row) => t.node[row], (row) => `${t.vlan[row]} ${t.mac[row]}`, (row) => isKept(t.change[row])),
      cells: (row) => [t.mac[row], t.vlan[row] > 0 ? String(t.vlan[row]) : '–', this.port(t.node[row], t.port[row])],
    };
  }
  private routes(): Kind {
    const { routes: t } = this.model.tables;
    return {
      title: 'Routes',
      headings: ['destination', 'next hop', 'port', 'metric', 'origin'],
      latest: new Latest(t.time, (row) => t.node[row], (row) => `${t.prefix[row]} ${t.nextHop[row]} ${t.port[row]}`,
        (row) => isKept(t.change[row])),
      cells: (row) => [t.prefix[row], t.nextHop[row] || 'on the link', this.port(t.node[row], t.port[row]),
        String(t.metric[row]), t.origin[row]],
    };
  }
}
