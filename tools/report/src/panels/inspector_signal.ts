// SPDX-License-Identifier: MIT
// The chosen bytes as levels on the wire, in the line code of the link or any other.
import { Model, NONE } from '../data';
import { h } from '../dom';
import { Panel } from '../panel';
import { Change, Store } from '../store';
import { bytesOf } from './byte_link';
import { Focus } from './focus';
import { LINE_CODE_TITLES, LINE_CODES, LineCode, PREAMBLE, symbolsOf } from './line_code';
import { waveformView } from './waveform_view';

const BYTES_AT_FIRST = 4;

export class SignalView implements Panel {
  readonly id = 'inspector-signal';
  readonly title = 'Signal';
  readonly help = 'The levels on the wire that carry the selected bytes.';
  readonly place = 'middle';
  private model!: Model;
  private store!: Store;
  private stage!: HTMLElement;
  private chooser!: HTMLSelectElement;
  private chosen: LineCode | undefined; // undefined: what the link uses
  private showsPreamble = false;

  constructor(private readonly focus: () => Focus) {}

  mount(root: HTMLElement, model: Model, store: Store): void {
    this.model = model;
    this.store = store;
    this.chooser = h('select', { 'aria-label': 'Line code' },
      ...LINE_CODES.map((code) => h('option', { value: code }, LINE_CODE_TITLES[code])));
    this.chooser.addEventListener('change', () => {
      this.chosen = this.chooser.value as LineCode;
      this.draw();
    });
    const preamble = h('input', { type: 'checkbox' });
    preamble.addEventListener('change', () => {
      this.showsPreamble = preamble.checked;
      this.draw();
    });
    this.stage = h('div', { class: 'signal' });
    root.append(
      h('div', { class: 'controls' }, h('label', {}, 'Line code ', this.chooser),
        h('label', {}, preamble, ' preamble instead of the selection')),
      this.stage);
  }

  update(change: Change): void {
    if (change.selection || change.preview || change.layout) this.draw();
  }

  private linkCode(hop: number): LineCode | undefined {
    const code = this.model.links[this.model.hops.link[hop]]?.lineCode;
    return LINE_CODES.find((one) => one === code);
  }

  private draw(): void {
    const focus = this.focus();
    if (focus.image === NONE) {
      this.stage.replaceChildren(h('p', { class: 'empty' }, 'No frame is selected.'));
      return;
    }
    const { rate } = this.model.links[this.model.hops.link[focus.hop]];
    const own = this.linkCode(focus.hop);
    const code = this.chosen ?? own ?? 'manchester';
    this.chooser.value = code;
    const { bits } = this.store.shown;
    const range = bits ? bytesOf({ bit: bits[0], width: bits[1] - bits[0] }) : { from: 0, to: BYTES_AT_FIRST };
    const octets = this.model.bytes(focus.image);
    const [from, to] = this.showsPreamble ? [-PREAMBLE.length, 0] : [range.from, range.to];
    const perOctet = symbolsOf(code, 1, 2);
    const symbolTime = rate > 0 ? (8e9 / rate) / (perOctet.to - perOctet.from) : 0;
    const remark = own ? `The link uses ${LINE_CODE_TITLES[own]}.`
      : 'The scenario does not say which line code the link uses.';
    const hint = bits || this.showsPreamble ? '' : ' Select a field or a byte under Wire to see its signal.';
    this.stage.replaceChildren(waveformView(code, octets, from, to, symbolTime),
      h('p', { class: 'note' }, remark + hint));
  }
}
