// SPDX-License-Identifier: MIT
// A table of any number of rows of which only those in sight are in the document: a grid to the
// keyboard and to screen readers, which are told how many rows there really are.
import { Child, h } from '../dom';
import { oncePerFrame, rowsInSight } from '../frame';

export interface Column {
  readonly title: string;
  readonly width: string; // of a CSS grid track
  readonly isNumber?: boolean;
}

export interface Rows {
  readonly count: number;
  cells(row: number): readonly Child[]; // one for each column
  className?(row: number): string;
}

export interface VirtualTableOptions {
  readonly label: string;
  readonly columns: readonly Column[];
  onSelect(row: number): void; // click, Enter, or moved onto with the keyboard
  onHover?(row: number | undefined): void;
}

const ROW_HEIGHT = 24; // pixels; styles.css agrees (.vrow)
const SPARE = 8; // rows drawn beyond each edge

export class VirtualTable {
  readonly element: HTMLElement;
  private readonly body: HTMLElement;
  private readonly sizer: HTMLElement;
  private rows: Rows = { count: 0, cells: () => [] };
  private selected = -1;
  private drawn: [number, number] = [0, 0];
  private readonly redraw = oncePerFrame(() => this.paint());

  constructor(private readonly options: VirtualTableOptions) {
    const tracks = options.columns.map((column) => column.width).join(' ');
    const head = h('div', { class: 'vhead', role: 'row', 'aria-rowindex': '1' },
      ...options.columns.map((column) => h('div', {
        role: 'columnheader', class: column.isNumber ? 'is-number' : '',
      }, column.title)));
    this.sizer = h('div', { class: 'vsizer', role: 'rowgroup' });
    this.body = h('div', { class: 'vbody' }, h('div', { role: 'rowgroup', class: 'vheads' }, head), this.sizer);
    this.element = h('div', {
      class: 'vtable', role: 'grid', tabindex: '0', 'aria-label': options.label,
      'aria-colcount': String(options.columns.length), style: `--tracks: ${tracks}`,
    }, this.body);
    this.element.addEventListener('scroll', () => this.redraw());
    new ResizeObserver(() => this.redraw()).observe(this.element);
    this.element.addEventListener('keydown', (event) => this.onKey(event));
    this.element.addEventListener('click', (event) => {
      const row = this.rowOf(event);
      if (row !== undefined) this.choose(row);
    });
    if (options.onHover) {
      this.element.addEventListener('pointerover', (event) => options.onHover?.(this.rowOf(event)));
      this.element.addEventListener('pointerleave', () => options.onHover?.(undefined));
    }
  }

  show(rows: Rows): void {
    this.rows = rows;
    this.sizer.style.height = `${rows.count * ROW_HEIGHT}px`;
    this.element.setAttribute('aria-rowcount', String(rows.count + 1));
    this.drawn = [0, -1];
    this.redraw();
  }

  // Marks a row (-1: none) and brings it into view.
  select(row: number): void {
    if (row === this.selected) return;
    this.selected = row;
    this.drawn = [0, -1];
    if (row >= 0) this.reveal(row);
    this.redraw();
  }

  private reveal(row: number): void {
    const top = row * ROW_HEIGHT;
    const room = this.element.clientHeight - 2 * ROW_HEIGHT; // the head covers one
    if (top >= this.element.scrollTop && top <= this.element.scrollTop + room) return;
    this.element.scrollTop = top - room / 2;
  }

  private paint(): void {
    const [first, last] = rowsInSight(this.element, ROW_HEIGHT, SPARE, this.rows.count);
    if (this.drawn[0] === first && this.drawn[1] === last) return;
    this.drawn = [first, last];
    const lines: HTMLElement[] = [];
    for (let row = first; row < last; row++) lines.push(this.line(row));
    this.sizer.replaceChildren(...lines);
    const active = this.selected >= first && this.selected < last ? this.rowId(this.selected) : '';
    if (active) {
      this.element.setAttribute('aria-activedescendant', active);
    } else {
      this.element.removeAttribute('aria-activedescendant');
    }
  }

  private readonly idPrefix = `v${VirtualTable.made++}-`;
  private static made = 0;
  private rowId(row: number): string {
    return this.idPrefix + String(row);
  }

  private line(row: number): HTMLElement {
    const cells = this.rows.cells(row).map((cell, i) => h('div', {
      role: 'gridcell', class: this.options.columns[i].isNumber ? 'is-number' : '',
    }, cell));
    return h('div', {
      role: 'row', id: this.rowId(row), 'data-row': String(row), 'aria-rowindex': String(row + 2),
      'aria-selected': String(row === this.selected),
      class: `vrow ${this.rows.className?.(row) ?? ''}`, style: `top: ${row * ROW_HEIGHT}px`,
    }, ...cells);
  }

  private rowOf(event: Event): number | undefined {
    const line = event.target instanceof Element ? event.target.closest('[data-row]') : null;
    const row = line?.getAttribute('data-row');
    return row === null || row === undefined ? undefined : Number(row);
  }

  private choose(row: number): void {
    if (row < 0 || row >= this.rows.count) return;
    this.select(row);
    this.options.onSelect(row);
  }

  private onKey(event: KeyboardEvent): void {
    if (event.ctrlKey || event.metaKey || event.altKey || this.rows.count === 0) return;
    const page = Math.max(1, Math.floor(this.element.clientHeight / ROW_HEIGHT) - 2);
    const last = this.rows.count - 1;
    const moves: Readonly<Record<string, number>> = {
      ArrowDown: Math.min(last, this.selected + 1),
      ArrowUp: Math.max(0, this.selected - 1),
      PageDown: Math.min(last, this.selected + page),
      PageUp: Math.max(0, this.selected - page),
      Home: 0,
      End: last,
      Enter: this.selected,
    };
    if (!(event.key in moves)) return;
    this.choose(moves[event.key]);
    event.preventDefault();
    event.stopPropagation();
  }
}
