// SPDX-License-Identifier: MIT
// Everything that happened, one event in a row: as many as the run has, in the document only those
// in sight. Follows the cursor; the conversation and the filter chosen hide rows.
import { countUpTo } from '../columns';
import { Model, NONE } from '../data';
import { h } from '../dom';
import { clockText } from '../format';
import { Panel } from '../panel';
import { Change, Store } from '../store';
import { VirtualTable } from './virtual_table';

export class EventsPanel implements Panel {
  readonly id = 'events';
  readonly title = 'Events';
  readonly help = 'Everything that happened, in order.';
  readonly place = 'bottom';
  private model!: Model;
  private store!: Store;
  private table!: VirtualTable;
  private count!: HTMLElement;
  private shown: number[] = []; // rows of EVENTS

  mount(root: HTMLElement, model: Model, store: Store): void {
    this.model = model;
    this.store = store;
    this.table = new VirtualTable({
      label: 'Events',
      columns: [
        { title: 'ms', width: '12ch', isNumber: true }, { title: 'device', width: '14ch' },
        { title: 'layer', width: '12ch' }, { title: 'event', width: '18ch' },
        { title: 'packet', width: '8ch', isNumber: true }, { title: 'what happened', width: 'minmax(30ch, 1fr)' },
      ],
      onSelect: (row) => this.store.setEvent(this.shown[row]),
      onHover: (row) => {
        const uid = row === undefined ? 0 : this.model.events.uid[this.shown[row]];
        this.store.setPreview(uid > 0 ? { uid } : undefined);
      },
    });
    this.count = h('p', { class: 'note', role: 'status' });
    root.append(h('div', { class: 'events' }, this.table.element, this.count));
  }

  update(change: Change): void {
    if (change.flow || change.filter) this.choose();
    if (change.time || change.flow || change.filter) {
      this.table.select(countUpTo(this.shown, this.store.event) - 1);
    }
  }

  private choose(): void {
    const { events } = this.model;
    const { flow, filter } = this.store;
    this.shown = [];
    for (let row = 0; row < events.count; row++) {
      if (flow !== 0 && events.flow[row] !== flow) continue;
      if (filter.text !== '') {
        const packet = this.model.packetOf(events.uid[row]);
        if (packet === NONE || !filter.matches(packet)) continue;
      }
      this.shown.push(row);
    }
    this.count.textContent = this.shown.length === events.count ? `${events.count} events`
      : `${this.shown.length} of ${events.count} events: the others belong to other conversations or do not pass the filter`;
    this.table.show({
      count: this.shown.length,
      cells: (index) => {
        const row = this.shown[index];
        const uid = events.uid[row];
        return [clockText(events.time[row]), events.node[row] === NONE ? '' : this.model.nodeName(events.node[row]),
          events.layer[row], events.kind[row], uid > 0 ? `#${uid}` : '', events.text[row]];
      },
      className: (index) => `layer-${events.layer[this.shown[index]]}`,
    });
  }
}
