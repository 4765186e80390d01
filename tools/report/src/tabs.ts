// SPDX-License-Identifier: MIT
// Panels that share a place, as tabs (WAI-ARIA pattern: arrow keys move between tabs). A panel is
// mounted when it is first seen; one that is out of sight is told afterwards that everything changed.
import { Model } from './data';
import { h } from './dom';
import { Panel } from './panel';
import { Change, EVERYTHING, Store } from './store';

interface Slot {
  readonly panel: Panel;
  readonly root: HTMLElement;
  readonly tab: HTMLButtonElement;
  isMounted: boolean;
  isStale: boolean;
}

export class Tabs {
  readonly element: HTMLElement;
  private readonly slots: Slot[];
  private readonly help = h('p', { class: 'tab-help' }); // of the panel in sight
  private current = 0;

  constructor(panels: readonly Panel[], label: string, private readonly model: Model,
              private readonly store: Store) {
    this.slots = panels.map((panel, index) => {
      const root = h('div', {
        class: `panel-body panel-${panel.id}`, id: `panel-${panel.id}`, role: 'tabpanel',
        'aria-labelledby': `tab-${panel.id}`, 'data-title': panel.title,
      });
      const tab = h('button', {
        type: 'button', role: 'tab', id: `tab-${panel.id}`, class: 'tab',
        'aria-controls': `panel-${panel.id}`, title: panel.help,
      }, panel.title);
      tab.addEventListener('click', () => this.show(index));
      tab.addEventListener('keydown', (event) => this.onKey(event));
      return { panel, root, tab, isMounted: false, isStale: false };
    });
    const list = h('div', { role: 'tablist', class: 'tab-list', 'aria-label': label },
      ...this.slots.map((slot) => slot.tab));
    this.element = h('section', { class: 'place', 'aria-label': label },
      h('div', { class: 'tabs' }, list, this.help),
      ...this.slots.map((slot) => slot.root));
    window.addEventListener('beforeprint', () => this.showAll());
    window.addEventListener('afterprint', () => this.show(this.current));
  }

  // Shows the panel with this id, when it is one of these.
  open(id: string): boolean {
    const index = this.slots.findIndex((slot) => slot.panel.id === id);
    if (index >= 0) this.show(index);
    return index >= 0;
  }

  // The first panel that has something to show.
  showFirst(): void {
    const worth = this.slots.findIndex(({ panel }) => panel.isWorth?.(this.model) ?? true);
    this.show(Math.max(0, worth));
  }

  show(index: number): void {
    this.current = index;
    this.help.textContent = this.slots[index].panel.help;
    this.slots.forEach((slot, i) => {
      const isShown = i === index;
      slot.root.hidden = !isShown;
      slot.tab.setAttribute('aria-selected', String(isShown));
      slot.tab.tabIndex = isShown ? 0 : -1;
    });
    const slot = this.slots[index];
    if (!slot.isMounted) {
      slot.panel.mount(slot.root, this.model, this.store);
      slot.isMounted = true;
      slot.panel.update(EVERYTHING);
    } else if (slot.isStale) {
      slot.panel.update(EVERYTHING);
    }
    slot.isStale = false;
  }

  // Draws the panels out of sight as well: paper has no tabs.
  private showAll(): void {
    if (!this.element.isConnected) return;
    for (const slot of this.slots) {
      if (!slot.isMounted) {
        slot.panel.mount(slot.root, this.model, this.store);
        slot.isMounted = true;
      }
      slot.root.hidden = false;
      slot.panel.update(EVERYTHING);
      slot.isStale = false;
    }
  }
  update(change: Change): void {
    this.slots.forEach((slot, i) => {
      if (i === this.current) slot.panel.update(change);
      else slot.isStale = true;
    });
  }

  private onKey(event: KeyboardEvent): void {
    const step = { ArrowRight: 1, ArrowLeft: -1 }[event.key];
    if (step === undefined) return;
    const next = (this.current + step + this.slots.length) % this.slots.length;
    this.show(next);
    this.slots[next].tab.focus();
    event.preventDefault();
    event.stopPropagation();
  }
}
