// SPDX-License-Identifier: MIT
// A small table: headings, rows of text, what is new in it marked by more than colour.
import { Child, h } from '../dom';

export interface PlainRow {
  readonly cells: readonly Child[];
  readonly isNew?: boolean;
}

export function plainTable(caption: string, headings: readonly string[], rows: readonly PlainRow[]): HTMLElement {
  return h('table', { class: 'plain-table' },
    h('caption', {}, caption),
    h('thead', {}, h('tr', {}, ...headings.map((text) => h('th', { scope: 'col' }, text)))),
    h('tbody', {}, ...rows.map((row) => h('tr', { class: row.isNew ? 'is-new' : '' },
      ...row.cells.map((cell) => h('td', {}, cell))))));
}

// A button that reads as text and selects a packet.
export function packetButton(uid: number, onSelect: (uid: number) => void): HTMLElement {
  const button = h('button', { type: 'button', class: 'link-button' }, `#${uid}`);
  button.addEventListener('click', () => onSelect(uid));
  return button;
}
