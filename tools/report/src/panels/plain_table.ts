// SPDX-License-Identifier: MIT
// A small table: headings, rows of text, what is new in it marked by more than colour. One of many
// columns becomes, where the page is narrow, a paragraph for each row, in which each cell has its heading
// before it; it stays a table for who has it read.
import { Child, h } from '../dom';

export interface PlainRow {
  readonly cells: readonly Child[];
  readonly isNew?: boolean;
}

const MANY = 5; // columns

export function plainTable(caption: string, headings: readonly string[], rows: readonly PlainRow[]): HTMLElement {
  const folds = headings.length >= MANY ? ' folds' : '';
  return h('table', { class: `plain-table${folds}`, role: 'table' },
    h('caption', {}, caption),
    h('thead', { role: 'rowgroup' }, h('tr', { role: 'row' },
      ...headings.map((text) => h('th', { scope: 'col', role: 'columnheader' }, text)))),
    h('tbody', { role: 'rowgroup' }, ...rows.map((row) => h('tr', { class: row.isNew ? 'is-new' : '', role: 'row' },
      ...row.cells.map((cell, column) => h('td', { role: 'cell', 'data-heading': headings[column] }, cell))))));
}

// A button that reads as text and selects a packet.
export function packetButton(uid: number, onSelect: (uid: number) => void): HTMLElement {
  const button = h('button', { type: 'button', class: 'link-button' }, `#${uid}`);
  button.addEventListener('click', () => onSelect(uid));
  return button;
}
