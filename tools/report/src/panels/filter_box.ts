// SPDX-License-Identifier: MIT
// The filter box: takes a display filter, says what is wrong with it and where, and how many packets
// pass. Field names complete as they are typed.
import { Model } from '../data';
import { h } from '../dom';
import { completeField, FIELDS } from '../filter/fields';
import { compile, Mistake } from '../filter/filter';
import { PacketFields } from '../filter/packet_fields';
import { Panel } from '../panel';
import { ALL_PACKETS, Change, Store } from '../store';

const COMPLETIONS_MAX = 12;
const TYPING_PAUSE = 150; // ms after the last key before the filter is applied

export class FilterBox implements Panel {
  readonly id = 'filter';
  readonly title = 'Filter';
  readonly help = 'Shows only packets that pass a filter in the manner of Wireshark: tcp.port == 80 && ip.src == 10.0.0.1.';
  readonly place = 'toolbar';
  private model!: Model;
  private store!: Store;
  private fields!: PacketFields;
  private input!: HTMLInputElement;
  private message!: HTMLElement;
  private completions!: HTMLDataListElement;
  private timer = 0;

  mount(root: HTMLElement, model: Model, store: Store): void {
    this.model = model;
    this.store = store;
    this.fields = new PacketFields(model);
    this.completions = h('datalist', { id: 'filter-fields' });
    this.input = h('input', {
      type: 'search', id: 'filter-box', class: 'filter-input', placeholder: 'filter: tcp.port == 80 && ip.src == 10.0.0.1',
      'aria-label': 'Filter', 'aria-describedby': 'filter-message', list: 'filter-fields', autocomplete: 'off',
      spellcheck: 'false', autocapitalize: 'off',
    });
    this.message = h('p', { class: 'filter-message', id: 'filter-message', role: 'status' });
    this.input.addEventListener('input', () => {
      this.complete();
      window.clearTimeout(this.timer);
      this.timer = window.setTimeout(() => this.apply(), TYPING_PAUSE);
    });
    this.input.addEventListener('keydown', (event) => {
      if (event.key === 'Enter') this.apply();
      if (event.key !== 'Escape' || this.input.value === '') return;
      this.input.value = '';
      this.apply();
    });
    root.append(this.input, this.completions, this.message, fieldHelp());
  }

  // Set from elsewhere (the address, a button): show it here, too.
  update(change: Change): void {
    const { text } = this.store.filter;
    if (change.filter && document.activeElement !== this.input && text !== this.input.value) {
      this.input.value = text;
      this.apply();
    }
  }

  private apply(): void {
    window.clearTimeout(this.timer);
    const text = this.input.value.trim();
    const filter = compile(this.input.value);
    this.input.setAttribute('aria-invalid', String(!filter.ok));
    if (!filter.ok) {
      this.explain(filter);
      return; // what was filtered before stays
    }
    if (filter.isBlank) {
      this.message.replaceChildren();
      this.store.setFilter(ALL_PACKETS);
      return;
    }
    // Asked once for each packet: the answer does not change.
    const passes = new Uint8Array(this.model.packets.count);
    let count = 0;
    for (let packet = 0; packet < passes.length; packet++) {
      if (!this.fields.matches(filter, packet)) continue;
      passes[packet] = 1;
      count++;
    }
    this.message.textContent = `${count} of ${passes.length} packets.${filter.hint ? ` ${filter.hint}.` : ''}`;
    this.store.setFilter({ text, matches: (packet) => passes[packet] === 1 });
  }

  // The filter again, with the wrong part underlined.
  private explain(mistake: Mistake): void {
    const text = this.input.value;
    const wrong = text.slice(mistake.from, mistake.to) || '␣';
    this.message.replaceChildren(
      h('span', { class: 'filter-echo' }, text.slice(0, mistake.from), h('mark', {}, wrong), text.slice(mistake.to)),
      ` ${mistake.message}.`);
  }

  // The word that is being typed, completed in place.
  private complete(): void {
    const word = /[a-z0-9_.]+$/i.exec(this.input.value)?.[0] ?? '';
    const before = this.input.value.slice(0, this.input.value.length - word.length);
    const found = word.length > 1 ? completeField(word, COMPLETIONS_MAX) : [];
    this.completions.replaceChildren(...found.map((field) => h('option', { value: before + field.name }, field.meaning)));
  }
}

function fieldHelp(): HTMLElement {
  return h('details', { class: 'filter-help' }, h('summary', {}, 'Fields'),
    h('div', { class: 'filter-fields', tabindex: '0', role: 'region', 'aria-label': 'Fields a filter can name' },
      h('p', {}, 'Compare with == != > < >= <=, search text with contains and matches, try several values with in {80, 8000..8080}; join with && || ! and brackets. A field alone asks whether the packet has it.'),
      h('dl', {}, ...FIELDS.flatMap((field) => [h('dt', {}, field.name), h('dd', {}, field.meaning)]))));
}
