// SPDX-License-Identifier: MIT
// The inspector: one packet on one link. Its head says which and offers the other links it crossed;
// the views below share what is looked at.
import { Model, NONE } from '../data';
import { h } from '../dom';
import { clockText } from '../format';
import { Panel } from '../panel';
import { Change, EVERYTHING, Store } from '../store';
import { Tabs } from '../tabs';
import { Focus, focusOf, isChangedOnLink, isSameFocus } from './focus';
import { FactsView } from './inspector_facts';
import { SignalView } from './inspector_signal';
import { WayView } from './inspector_way';
import { WhyView } from './inspector_why';
import { WireView } from './inspector_wire';

export class Inspector implements Panel {
  readonly id = 'inspector';
  readonly title = 'Packet';
  readonly help = 'Headers inside headers, and their bytes.';
  readonly place = 'middle';
  private model!: Model;
  private store!: Store;
  private head!: HTMLElement;
  private views!: Tabs;
  private wantsReceived = false;
  private focus: Focus = { uid: 0, packet: NONE, hop: NONE, isReceived: false, image: NONE };

  mount(root: HTMLElement, model: Model, store: Store): void {
    this.model = model;
    this.store = store;
    this.focus = focusOf(model, store, false);
    this.head = h('div', { class: 'inspector-head' });
    const focus = (): Focus => this.focus;
    this.views = new Tabs(
      [new WireView(focus), new WayView(focus), new SignalView(focus), new WhyView(focus), new FactsView(focus)],
      'Views of the packet', model, store);
    root.append(this.head, this.views.element);
    this.views.show(0);
    this.showHead();
  }

  update(change: Change): void {
    const focus = focusOf(this.model, this.store, this.wantsReceived);
    const isNew = !isSameFocus(focus, this.focus);
    this.focus = focus;
    if (isNew) this.showHead();
    this.views.update(isNew ? EVERYTHING : change);
  }

  private showHead(): void {
    const { uid, packet, hop } = this.focus;
    if (packet === NONE) {
      const text = uid === 0
        ? 'No packet is selected: choose a row of the ladder or a frame in the network, or press →.'
        : `Packet #${uid} is not in this report.`;
      this.head.replaceChildren(h('p', { class: 'empty' }, text));
      return;
    }
    const { packets } = this.model;
    const title = h('div', { class: 'inspector-title' },
      h('strong', {}, `#${uid}`),
      h('span', { class: `role-${packets.role[packet]}` }, packets.label[packet]));
    if (packets.fate[packet] !== '') title.append(h('span', { class: 'role-drop' }, `✗ ${packets.fate[packet]}`));
    this.head.replaceChildren(title, this.hopButtons(packet, hop));
  }

  // A button for each link it crossed; where the medium changed the octets, one for either end.
  private hopButtons(packet: number, current: number): HTMLElement {
    const { hops, links } = this.model;
    const buttons: HTMLElement[] = [];
    const add = (hop: number, isReceived: boolean, text: string): void => {
      const isPressed = hop === current && this.focus.isReceived === isReceived;
      const button = h('button', {
        type: 'button', class: 'chip', 'aria-pressed': String(isPressed),
        title: `${this.model.interfaceName(hops.from[hop], hops.fromPort[hop])} → ${this.model.interfaceName(hops.to[hop], hops.toPort[hop])}, sent at ${clockText(hops.sent[hop])} ms`,
      }, text);
      button.addEventListener('click', () => {
        this.wantsReceived = isReceived;
        this.store.select({ uid: this.focus.uid, hop });
        this.update(EVERYTHING);
      });
      buttons.push(button);
    };
    for (const hop of this.model.hopsOf(packet)) {
      const link = links[hops.link[hop]].name;
      const lost = hops.reason[hop] !== '' ? ' ✗' : '';
      if (isChangedOnLink(this.model, hop)) {
        add(hop, false, `${link}, sent`);
        add(hop, true, `${link}, received ↯`);
      } else {
        add(hop, false, link + lost);
      }
    }
    if (buttons.length === 0) buttons.push(h('span', { class: 'empty' }, 'It never left its device.'));
    return h('div', { class: 'chips', role: 'group', 'aria-label': 'Link to look at it on' }, ...buttons);
  }
}
