// SPDX-License-Identifier: MIT
// The bytes of a frame, sixteen in a row (eight where there is no room), with their characters. A grid to the keyboard: arrows move
// from byte to byte. Who it belongs to lights ranges up and hears which byte is meant.
import { ByteRange } from './byte_link';
import { h } from '../dom';
import { scrollInto } from './scroll';

export interface HexOptions {
  // A byte is under the pointer or has the focus; undefined: none any more.
  onPreview(byte: number | undefined): void;
  onSelect(byte: number): void;
  // What a byte is, for screen readers: "source port".
  describe(byte: number): string;
  // Class names of a byte that do not change: its layer, flipped bits.
  className(byte: number): string;
}

const WIDE = 16; // bytes in a row
const NARROW = 8;
const WIDE_FROM = 436; // pixels
const hex = (value: number, digits: number): string => value.toString(16).padStart(digits, '0');
const character = (octet: number): string =>
  octet >= 0x20 && octet < 0x7f ? String.fromCharCode(octet) : '·';

export class HexView {
  readonly element: HTMLElement;
  private cells: HTMLElement[] = [];
  private characters: HTMLElement[] = [];
  private focused = 0;
  private columns = WIDE;
  private octets: ArrayLike<number> = [];
  private readonly lit = new Map<'is-preview' | 'is-selected', ByteRange | undefined>();

  constructor(private readonly options: HexOptions) {
    this.element = h('div', { class: 'hex', role: 'grid', 'aria-label': 'Bytes of the frame' });
    const byteOf = (event: Event): number | undefined => {
      const cell = event.target instanceof Element ? event.target.closest('[data-byte]') : null;
      return cell ? Number(cell.getAttribute('data-byte')) : undefined;
    };
    this.element.addEventListener('pointerover', (event) => options.onPreview(byteOf(event)));
    this.element.addEventListener('pointerleave', () => options.onPreview(undefined));
    this.element.addEventListener('focusin', (event) => options.onPreview(byteOf(event)));
    this.element.addEventListener('focusout', () => options.onPreview(undefined));
    this.element.addEventListener('click', (event) => {
      const byte = byteOf(event);
      if (byte === undefined) return;
      this.focus(byte);
      options.onSelect(byte);
    });
    this.element.addEventListener('keydown', (event) => this.onKey(event));
    new ResizeObserver(() => this.fit()).observe(this.element);
  }

  private fit(): void {
    const room = this.element.parentElement?.clientWidth ?? 0;
    const columns = room === 0 || room >= WIDE_FROM ? WIDE : NARROW;
    if (columns === this.columns) return;
    this.columns = columns;
    this.show(this.octets);
    for (const [name, range] of this.lit) this.light(name, range);
  }

  show(octets: ArrayLike<number>): void {
    this.octets = octets;
    this.element.classList.toggle('is-narrow', this.columns === NARROW);
    this.cells = [];
    this.characters = [];
    this.focused = 0;
    const rows: HTMLElement[] = [];
    for (let at = 0; at < octets.length; at += this.columns) {
      const last = Math.min(at + this.columns, octets.length);
      const cells: HTMLElement[] = [];
      const characters: HTMLElement[] = [];
      for (let i = at; i < last; i++) {
        const name = this.options.className(i);
        const what = this.options.describe(i);
        cells.push(h('span', {
          class: `byte ${name}`, role: 'gridcell', 'data-byte': String(i), tabindex: i === 0 ? '0' : '-1',
          'aria-label': `${hex(octets[i], 2)}, byte ${i}${what ? `, ${what}` : ''}`,
        }, hex(octets[i], 2)));
        characters.push(h('span', { class: `char ${name}`, 'data-byte': String(i) }, character(octets[i])));
      }
      this.cells.push(...cells);
      this.characters.push(...characters);
      rows.push(h('div', { class: 'hex-row', role: 'row' },
        h('span', { class: 'hex-offset', role: 'rowheader' }, hex(at, 4)),
        h('span', { class: 'hex-bytes', role: 'presentation' }, ...cells),
        h('span', { class: 'hex-text', 'aria-hidden': 'true' }, ...characters)));
    }
    this.element.replaceChildren(...rows);
  }

  // Lights up a range with a class and puts out what had it before.
  light(name: 'is-preview' | 'is-selected', range: ByteRange | undefined): void {
    this.lit.set(name, range);
    for (const cell of this.element.querySelectorAll(`.${name}`)) cell.classList.remove(name);
    if (!range) return;
    for (let i = range.from; i < Math.min(range.to, this.cells.length); i++) {
      this.cells[i].classList.add(name);
      this.characters[i].classList.add(name);
    }
  }

  // Brings a byte into view.
  reveal(byte: number): void {
    scrollInto(this.element, this.cells[byte]);
  }

  private focus(byte: number): void {
    this.cells[this.focused]?.setAttribute('tabindex', '-1');
    this.focused = byte;
    this.cells[byte].setAttribute('tabindex', '0');
    this.cells[byte].focus();
  }

  private onKey(event: KeyboardEvent): void {
    if (event.altKey || event.ctrlKey || event.metaKey) return;
    const steps: Readonly<Record<string, number>> = {
      ArrowLeft: -1, ArrowRight: 1, ArrowUp: -this.columns, ArrowDown: this.columns,
      Home: -(this.focused % this.columns), End: this.columns - 1 - (this.focused % this.columns),
    };
    if (event.key === 'Enter' || event.key === ' ') {
      this.options.onSelect(this.focused);
    } else if (event.key in steps) {
      const to = Math.min(this.focused + steps[event.key], this.cells.length - 1);
      if (to >= 0) this.focus(to);
    } else {
      return;
    }
    event.preventDefault();
    event.stopPropagation();
  }
}
