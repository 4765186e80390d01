// SPDX-License-Identifier: MIT
// The chain of causes of a packet as a list inside a list; every packet named is a button.
import { Model } from '../data';
import { h } from '../dom';
import { Panel } from '../panel';
import { Change, Store } from '../store';
import { Focus } from './focus';
import { Reason, Reasons } from './why';

const WORDS: Readonly<Record<Reason['relation'], string>> = {
  because: 'because', repeats: 'repeats', 'made from': 'made from', died: '✗', effect: 'effect', fact: '·',
};

export class WhyView implements Panel {
  readonly id = 'inspector-why';
  readonly title = 'Why';
  readonly help = 'What made the packet, where it ended, and what it led to.';
  readonly place = 'middle';
  private reasons!: Reasons;
  private store!: Store;
  private root!: HTMLElement;
  private shown = -1;

  constructor(private readonly focus: () => Focus) {}

  mount(root: HTMLElement, model: Model, store: Store): void {
    this.store = store;
    this.reasons = Reasons.for(model);
    this.root = root;
    root.tabIndex = 0; // it scrolls and may have nothing else to focus
  }

  update(_change: Change): void {
    const { uid } = this.focus();
    if (uid === this.shown) return;
    this.shown = uid;
    const reasons = this.reasons.of(uid);
    if (reasons.length === 0) {
      const text = uid === 0 ? 'No packet is selected.'
        : 'No packet made it: an application or a timer did. Nor was any packet sent because of it alone.';
      this.root.replaceChildren(h('p', { class: 'empty' }, text));
      return;
    }
    this.root.replaceChildren(this.list(reasons));
  }

  private list(reasons: readonly Reason[]): HTMLElement {
    return h('ul', { class: 'why' }, ...reasons.map((reason) => {
      const item = h('li', { class: `why-${reason.relation.replace(' ', '-')}` },
        h('span', { class: 'why-word' }, WORDS[reason.relation]), ' ');
      if (reason.uid > 0) {
        const button = h('button', { type: 'button', class: 'link-button' }, reason.text);
        button.addEventListener('click', () => this.store.select({ uid: reason.uid }));
        item.append(button);
      } else {
        item.append(h('span', {}, reason.text));
      }
      if (reason.children.length > 0) item.append(this.list(reason.children));
      return item;
    }));
  }
}
