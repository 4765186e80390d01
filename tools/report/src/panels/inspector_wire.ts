// SPDX-License-Identifier: MIT
// Boxes and bytes of the packet, linked both ways: a field lights up its bytes, a byte its fields.
// What is under the pointer is the preview of the whole page, what is clicked its selection.
import { Field, Layer, Model, NONE } from '../data';
import { h } from '../dom';
import { Panel } from '../panel';
import { Change, Store } from '../store';
import { BoxesView, layerOf, titleOf } from './boxes_view';
import { bytesOf, ByteRange, fieldsAt } from './byte_link';
import { Focus, isSameFocus } from './focus';
import { HexView } from './hex_view';

const NOTHING: Focus = { uid: 0, packet: NONE, hop: NONE, isReceived: false, image: NONE };

export class WireView implements Panel {
  readonly id = 'inspector-wire';
  readonly title = 'Wire';
  readonly help = 'Every header field and the bytes it is made of.';
  readonly place = 'middle';
  private model!: Model;
  private store!: Store;
  private boxes!: BoxesView;
  private hex!: HexView;
  private frame!: HTMLElement;
  private note!: HTMLElement;
  private nest!: HTMLElement;
  private shown = NOTHING;
  private fields: readonly Field[] = [];
  private layerOfByte: string[] = [];
  private flipped = new Set<number>(); // bytes with flipped bits

  constructor(private readonly focus: () => Focus) {}

  mount(root: HTMLElement, model: Model, store: Store): void {
    this.model = model;
    this.store = store;
    this.boxes = new BoxesView({
      onPreview: (field) => {
        this.preview(field && [field.bit, field.bit + field.width]);
        if (field) this.hex.reveal(field.bit >> 3);
      },
      onSelect: (field) => this.select([field.bit, field.bit + field.width]),
    });
    this.hex = new HexView({
      onPreview: (byte) => {
        this.preview(byte === undefined ? undefined : this.bitsAt(byte));
        const field = byte === undefined ? undefined : this.fields[fieldsAt(this.fields, byte)[0]];
        if (field) this.boxes.reveal(field);
      },
      onSelect: (byte) => this.select(this.bitsAt(byte)),
      describe: (byte) => fieldsAt(this.fields, byte).map((i) => this.fields[i].name).join(', '),
      className: (byte) =>
        `layer-${this.layerOfByte[byte] ?? 'application'}${this.flipped.has(byte) ? ' is-flipped' : ''}`,
    });
    this.note = h('p', { class: 'note' });
    this.nest = h('div', { class: 'nest', role: 'group', 'aria-label': 'From the outermost header to what it carries' });
    this.frame = h('div', { class: 'wire' }, this.nest, this.boxes.element, this.hex.element);
    root.append(this.frame, this.note);
  }

  update(change: Change): void {
    const focus = this.focus();
    if (!isSameFocus(focus, this.shown)) this.showFrame(focus);
    if (!change.selection && !change.preview) return;
    const { selection, preview } = this.store;
    const here = (bits: readonly [number, number] | undefined, hop: number): ByteRange | undefined =>
      bits && hop === focus.hop ? bytesOf({ bit: bits[0], width: bits[1] - bits[0] }) : undefined;
    this.light('is-selected', selection.bits, here(selection.bits, selection.hop));
    this.light('is-preview', preview?.bits, here(preview?.bits, preview?.hop ?? NONE));
  }

  private showFrame(focus: Focus): void {
    this.shown = focus;
    const octets = focus.image === NONE ? new Uint8Array(0) : this.model.bytes(focus.image);
    const layers = focus.image === NONE ? [] : this.model.layers(focus.image);
    this.fields = layers.flatMap((layer) => layer.fields.filter((field) => field.width > 0));
    this.layerOfByte = colourBytes(layers, octets.length);
    this.flipped = this.flippedBytes(focus);
    this.frame.hidden = focus.image === NONE;
    this.boxes.show(layers, octets);
    this.nest.replaceChildren(...layers.map((layer, index) => ({ layer, index }))
      .filter(({ layer }) => !['fcs', 'padding'].includes(layer.protocol))
      .map(({ layer, index }) => {
        const button = h('button', { type: 'button', class: `layer-${layerOf(layer.protocol)}` }, `${titleOf(layer.protocol)} ${layer.header} B`);
        button.addEventListener('click', () => this.boxes.open(index));
        return button;
      }));
    this.hex.show(octets);
    this.note.textContent = this.remark(focus, octets.length);
    this.note.hidden = this.note.textContent === '';
  }

  private flippedBytes(focus: Focus): Set<number> {
    const { flips } = this.model.tables;
    const bytes = new Set<number>();
    if (!focus.isReceived) return bytes;
    for (let row = 0; row < flips.count; row++) {
      if (flips.hop[row] === focus.hop) bytes.add(flips.bit[row] >> 3);
    }
    return bytes;
  }

  private remark(focus: Focus, kept: number): string {
    if (focus.hop === NONE) return '';
    const { hops } = this.model;
    const isCut = focus.isReceived && hops.cutTo[focus.hop] !== NONE;
    const length = isCut ? hops.cutTo[focus.hop] : hops.length[focus.hop];
    if (kept < length) return `The first ${kept} of ${length} bytes; the report does not keep more of a frame.`;
    if (this.flipped.size > 0) return 'Bytes with a frame had bits flipped by the medium.';
    if (isCut) return `The medium delivered nothing behind this; ${hops.length[focus.hop]} bytes were sent.`;
    return '';
  }

  // Of one field at a byte its bits, else (two fields share it, none has it) the byte's.
  private bitsAt(byte: number): [number, number] {
    const found = fieldsAt(this.fields, byte);
    if (found.length !== 1) return [byte * 8, byte * 8 + 8];
    const field = this.fields[found[0]];
    return [field.bit, field.bit + field.width];
  }

  private preview(bits: readonly [number, number] | undefined): void {
    const { uid, hop } = this.shown;
    this.store.setPreview(bits && { uid, hop, bits });
  }
  private select(bits: readonly [number, number]): void {
    const { uid, hop } = this.shown;
    this.store.select({ uid, hop, bits });
  }

  private light(
    name: 'is-preview' | 'is-selected', bits: readonly [number, number] | undefined, range: ByteRange | undefined,
  ): void {
    this.hex.light(name, range);
    const lit = range && bits
      ? this.fields.filter((field) => field.bit < bits[1] && field.bit + field.width > bits[0]) : [];
    this.boxes.light(name, lit);
  }
}

// The layer each byte belongs to: the innermost header that holds it.
function colourBytes(layers: readonly Layer[], count: number): string[] {
  const names = new Array<string>(count).fill('application');
  for (const layer of layers) {
    for (let i = layer.offset; i < Math.min(layer.offset + layer.header, count); i++) {
      names[i] = layerOf(layer.protocol);
    }
  }
  return names;
}
