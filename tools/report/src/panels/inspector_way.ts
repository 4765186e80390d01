// SPDX-License-Identifier: MIT
// The way of a packet: every link it crossed with its times, what each device did with it, and which
// fields came out different from how they went in.
import { Model, NONE } from '../data';
import { h } from '../dom';
import { clockText, durationText } from '../format';
import { Panel } from '../panel';
import { Change, Store } from '../store';
import { titleOf } from './boxes_view';
import { Focus } from './focus';
import { changesBetween, FieldChange } from './hop_diff';
import { octetsText } from './numbers';

export class WayView implements Panel {
  readonly id = 'inspector-way';
  readonly title = 'Way';
  readonly help = 'Link by link: times, and what each device changed.';
  readonly place = 'middle';
  private model!: Model;
  private store!: Store;
  private root!: HTMLElement;
  private shown = 0; // uid
  private readonly eventsOf = new Map<number, number[]>(); // uid to rows of EVENTS

  constructor(private readonly focus: () => Focus) {}

  mount(root: HTMLElement, model: Model, store: Store): void {
    this.model = model;
    this.store = store;
    model.events.uid.forEach((uid, row) => {
      const rows = this.eventsOf.get(uid);
      if (rows) rows.push(row);
      else this.eventsOf.set(uid, [row]);
    });
    this.root = h('ol', { class: 'way' });
    root.append(this.root);
  }

  update(_change: Change): void {
    const { uid, packet } = this.focus();
    if (uid === this.shown && this.root.childElementCount > 0) return;
    this.shown = uid;
    if (packet === NONE) {
      this.root.replaceChildren();
      return;
    }
    const hops = this.model.hopsOf(packet);
    const steps: HTMLElement[] = [this.deviceStep(this.model.packets.from[packet], uid, [])];
    for (const hop of hops) {
      steps.push(this.linkStep(hop));
      const { to } = this.model.hops;
      const next = this.hopFrom(hops, hop);
      if (this.model.hops.received[hop] !== NONE) {
        steps.push(this.deviceStep(to[hop], uid, next === NONE ? [] : this.changes(hop, next), next));
      }
    }
    this.root.replaceChildren(...steps);
  }

  // The hop on which the device at the end of `hop` sent the packet on; NONE: it did not.
  private hopFrom(all: readonly number[], hop: number): number {
    const { from, to, sent, received } = this.model.hops;
    return all.find((next) => from[next] === to[hop] && sent[next] >= received[hop]) ?? NONE;
  }

  private changes(hop: number, next: number): FieldChange[] {
    const { image, receivedImage } = this.model.hops;
    if (receivedImage[hop] === NONE || image[next] === NONE || receivedImage[hop] === image[next]) return [];
    return changesBetween(this.model.layers(receivedImage[hop]), this.model.layers(image[next]));
  }

  private linkStep(hop: number): HTMLElement {
    const { hops, links } = this.model;
    const link = links[hops.link[hop]];
    const facts: [string, string][] = [];
    if (hops.queued[hop] !== NONE) {
      facts.push(['waited in the queue', durationText(hops.sent[hop] - hops.queued[hop])]);
    }
    facts.push(['first bit out', `${clockText(hops.sent[hop])} ms`]);
    facts.push([`transmission of ${octetsText(hops.length[hop])}`, durationText(hops.out[hop] - hops.sent[hop])]);
    facts.push(['propagation', durationText(link.delay)]);
    if (hops.extra[hop] > 0) facts.push([hops.isReordered[hop] ? 'held back' : 'jitter', durationText(hops.extra[hop])]);
    facts.push(hops.received[hop] === NONE
      ? ['lost', `✗ ${this.model.dropWords(hops.reason[hop]) || 'it was still under way'}${hops.decision[hop] ? ` (${hops.decision[hop]})` : ''}`]
      : ['last bit in', `${clockText(hops.received[hop])} ms${hops.error[hop] ? `, ✗ ${hops.error[hop]}` : ''}`]);
    const button = h('button', { type: 'button', class: 'link-button' }, link.name);
    button.addEventListener('click', () => this.store.select({ uid: this.shown, hop }));
    return h('li', { class: 'way-link' },
      h('div', { class: 'way-title' }, button,
        ` ${this.model.interfaceName(hops.from[hop], hops.fromPort[hop])} → ${this.model.interfaceName(hops.to[hop], hops.toPort[hop])}`),
      h('dl', { class: 'facts' }, ...facts.flatMap(([name, value]) => [h('dt', {}, name), h('dd', {}, value)])));
  }

  private deviceStep(node: number, uid: number, changes: readonly FieldChange[], next = NONE): HTMLElement {
    const { events, nodes } = this.model;
    const said = (this.eventsOf.get(uid) ?? []).filter((row) => events.node[row] === node).map((row) => events.text[row]);
    const parts: HTMLElement[] = [h('div', { class: 'way-title' },
      h('strong', {}, this.model.nodeName(node)), ` ${nodes[node]?.kind ?? ''}`)];
    if (said.length > 0) parts.push(h('ul', { class: 'way-events' }, ...said.map((text) => h('li', {}, text))));
    if (changes.length > 0) parts.push(this.changeTable(changes, next));
    return h('li', { class: 'way-device' }, ...parts);
  }

  private changeTable(changes: readonly FieldChange[], hop: number): HTMLElement {
    const row = (change: FieldChange): HTMLElement => {
      const { field } = change;
      const name = h('button', { type: 'button', class: 'link-button' }, `${titleOf(change.protocol)} ${change.name}`);
      if (field) {
        const bits: [number, number] = [field.bit, field.bit + field.width];
        const selection = { uid: this.shown, hop, bits };
        name.addEventListener('click', () => this.store.select(selection));
      }
      return h('tr', {}, h('th', { scope: 'row' }, name),
        h('td', { class: 'old' }, change.before || '–'), h('td', { class: 'new' }, change.after || '–'));
    };
    return h('table', { class: 'changes' },
      h('thead', {}, h('tr', {}, h('th', { scope: 'col' }, 'changed'), h('th', { scope: 'col' }, 'came in'),
        h('th', { scope: 'col' }, 'went out'))),
      h('tbody', {}, ...changes.map(row)));
  }
}
