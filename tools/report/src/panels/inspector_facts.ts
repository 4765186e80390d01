// SPDX-License-Identifier: MIT
// What the simulator knows of a packet and no capture shows: the fields `strata.*` of the filter
// language, what the medium did to it and how that was decided, how the receiver was found.
import { Model, NONE } from '../data';
import { h } from '../dom';
import { durationText } from '../format';
import { FIELDS } from '../filter/fields';
import { PacketFields } from '../filter/packet_fields';
import { Panel } from '../panel';
import { Change, Store } from '../store';
import { Focus, isSameFocus } from './focus';

export class FactsView implements Panel {
  readonly id = 'inspector-facts';
  readonly title = 'Facts';
  readonly help = 'What no capture shows: state of the sender, decisions of the medium, the receiving socket.';
  readonly place = 'middle';
  private model!: Model;
  private fields!: PacketFields;
  private root!: HTMLElement;
  private shown: Focus | undefined;
  private readonly decisions = new Map<number, number[]>(); // uid to rows of DEMUX

  constructor(private readonly focus: () => Focus) {}

  mount(root: HTMLElement, model: Model, _store: Store): void {
    this.model = model;
    this.fields = new PacketFields(model);
    this.root = root;
    root.tabIndex = 0; // it scrolls and has nothing else to focus
    model.tables.demux.uid.forEach((uid, row) => {
      const rows = this.decisions.get(uid);
      if (rows) rows.push(row);
      else this.decisions.set(uid, [row]);
    });
  }

  update(_change: Change): void {
    const focus = this.focus();
    if (this.shown && isSameFocus(focus, this.shown)) return;
    this.shown = focus;
    if (focus.packet === NONE) {
      this.root.replaceChildren(h('p', { class: 'empty' }, 'No packet is selected.'));
      return;
    }
    const medium = this.mediumFacts(focus.hop);
    const parts: HTMLElement[] = [this.fieldList(focus)];
    if (medium.length > 0) {
      parts.push(h('h2', {}, 'On this link'), h('ul', { class: 'plain' }, ...medium.map((fact) => h('li', {}, fact))));
    }
    this.root.replaceChildren(...parts, ...this.demuxTables(focus.uid));
  }

  private fieldList(focus: Focus): HTMLElement {
    const fields = this.fields.of(focus.packet, focus.hop);
    const known = FIELDS.filter((field) => field.name.startsWith('strata.') && fields(field.name).length > 0);
    return h('dl', { class: 'facts' }, ...known.flatMap((field) => [
      h('dt', { title: field.meaning }, field.name), h('dd', {}, fields(field.name).join(', ')),
    ]));
  }

  private mediumFacts(hop: number): string[] {
    if (hop === NONE) return [];
    const { hops } = this.model;
    const { flips } = this.model.tables;
    const facts: string[] = [];
    if (hops.queued[hop] !== NONE) facts.push(`It waited ${durationText(hops.sent[hop] - hops.queued[hop])}; with it ${hops.depth[hop]} in the queue.`);
    const bits = flips.bit.filter((_, row) => flips.hop[row] === hop);
    if (bits.length > 0) {
      const places = bits.slice(0, 12).map((bit) => `bit ${bit & 7} of byte ${bit >> 3}`).join(', ');
      facts.push(`The medium flipped ${bits.length} of its bits: ${places}${bits.length > 12 ? ', ...' : ''}.`);
    }
    if (hops.cutTo[hop] !== NONE) facts.push(`The medium delivered only the first ${hops.cutTo[hop]} of its ${hops.length[hop]} bytes.`);
    if (hops.extra[hop] > 0) {
      facts.push(`The medium delivered it ${durationText(hops.extra[hop])} late${hops.isReordered[hop] ? ', to be overtaken' : ''}.`);
    }
    if (hops.isMarked[hop]) facts.push('The queue marked it "congestion experienced".');
    if (hops.reason[hop] !== '') facts.push(`It ends here: ${this.model.dropWords(hops.reason[hop])}.`);
    if (hops.decision[hop] !== '') facts.push(`Decided by ${hops.decision[hop]}.`);
    if (hops.error[hop] !== '') facts.push(`It was received with an error: ${hops.error[hop]}.`);
    return facts;
  }

  // Every rule of the demultiplexer it went through, at every receiver.
  private demuxTables(uid: number): HTMLElement[] {
    const { demux } = this.model.tables;
    const tables: HTMLElement[] = [];
    for (const row of this.decisions.get(uid) ?? []) {
      const steps = this.model.demuxSteps(row);
      tables.push(h('h2', {}, `Demultiplexing at ${this.model.nodeName(demux.node[row])}: ${demux.outcome[row]}${demux.socket[row] === NONE ? '' : `, socket ${demux.socket[row]}`}`),
        h('table', {},
          h('thead', {}, h('tr', {}, ...['rule', 'looked for', 'found'].map((t) => h('th', { scope: 'col' }, t)))),
          h('tbody', {}, ...steps.map((step) => h('tr', { class: `demux-${step.outcome.replace(' ', '-')}` },
            h('th', { scope: 'row' }, step.rule), h('td', {}, step.candidate),
            h('td', {}, step.outcome === 'hit' ? '✓ hit' : step.outcome))))));
    }
    return tables;
  }
}
