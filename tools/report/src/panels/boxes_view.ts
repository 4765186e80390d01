// SPDX-License-Identifier: MIT
// The headers of a frame as boxes inside each other, each with its fields: a tree to the keyboard
// (arrows move, left and right close and open a box) and to screen readers.
import { Field, Layer } from '../data';
import { h } from '../dom';
import { bitPattern } from './byte_link';
import { scrollInto } from './scroll';

const TITLES: Readonly<Record<string, string>> = {
  physical: 'Physical layer', ethernet: 'Ethernet II', vlan: '802.1Q', arp: 'ARP', ipv4: 'IPv4',
  ipv6: 'IPv6', icmp: 'ICMP', udp: 'UDP', tcp: 'TCP', http: 'HTTP', data: 'Data',
  padding: 'Padding', fcs: 'Frame check sequence',
};
const LAYERS: Readonly<Record<string, string>> = {
  physical: 'physical', ethernet: 'link', vlan: 'link', padding: 'link', fcs: 'link', arp: 'link',
  ipv4: 'network', ipv6: 'network', icmp: 'network', udp: 'transport', tcp: 'transport',
  http: 'application', data: 'application',
};

export const titleOf = (protocol: string): string => TITLES[protocol] ?? protocol;
// "physical", "link", ... : the layer whose colour a protocol has.
export const layerOf = (protocol: string): string => LAYERS[protocol] ?? 'application';

// The box each layer stands in: the innermost one before it that encloses it; -1: none.
export function enclosing(layers: readonly Layer[]): number[] {
  const ends = layers.map((layer) => layer.offset + Math.max(layer.total, layer.header));
  return layers.map((layer, i) => {
    for (let outer = i - 1; outer >= 0; outer--) {
      if (layers[outer].offset <= layer.offset && ends[outer] >= ends[i] && layers[outer].total > layers[outer].header) {
        return outer;
      }
    }
    return -1;
  });
}

export interface BoxesOptions {
  onPreview(field: Field | undefined): void;
  onSelect(field: Field): void;
}

const SIGNS = { plain: '', good: ' ✓', bad: ' ✗' } as const;

export class BoxesView {
  readonly element: HTMLElement;
  private items: HTMLElement[] = []; // of the tree, in document order
  private fields = new Map<HTMLElement, Field>();
  private rows = new Map<Field, HTMLElement>();
  private titles: HTMLElement[] = []; // of the layers shown

  constructor(private readonly options: BoxesOptions) {
    this.element = h('div', { class: 'boxes', role: 'tree', 'aria-label': 'Headers and their fields' });
    const fieldOf = (event: Event): Field | undefined => {
      const row = event.target instanceof Element ? event.target.closest('.field') : null;
      return row instanceof HTMLElement ? this.fields.get(row) : undefined;
    };
    this.element.addEventListener('pointerover', (event) => options.onPreview(fieldOf(event)));
    this.element.addEventListener('pointerleave', () => options.onPreview(undefined));
    this.element.addEventListener('focusin', (event) => options.onPreview(fieldOf(event)));
    this.element.addEventListener('focusout', () => options.onPreview(undefined));
    this.element.addEventListener('click', (event) => {
      const item = event.target instanceof Element ? event.target.closest('[role=treeitem]') : null;
      if (!(item instanceof HTMLElement)) return;
      this.focus(item);
      const field = this.fields.get(item);
      if (field) options.onSelect(field);
      else this.toggle(item);
    });
    this.element.addEventListener('keydown', (event) => this.onKey(event));
  }

  show(layers: readonly Layer[], octets: ArrayLike<number>): void {
    this.fields.clear();
    this.rows.clear();
    const outer = enclosing(layers);
    const groups: HTMLElement[] = [];
    const roots: HTMLElement[] = [];
    const levels: number[] = [];
    layers.forEach((layer, i) => {
      const level = outer[i] < 0 ? 1 : levels[outer[i]] + 1;
      levels.push(level);
      const group = h('div', { role: 'presentation', class: 'box-inside' },
        ...layer.fields.filter((field) => field.width > 0).map((field) => this.row(field, octets, level + 1)));
      groups.push(group);
      const box = this.box(layer, group, level);
      if (outer[i] < 0) {
        roots.push(box);
      } else {
        groups[outer[i]].append(box);
      }
    });
    this.element.replaceChildren(...roots);
    this.titles = groups.map((group) => group.previousElementSibling as HTMLElement);
    this.items = [...this.element.querySelectorAll<HTMLElement>('[role=treeitem]')];
    this.items[0]?.setAttribute('tabindex', '0');
  }

  // Lights up fields with a class and puts out those that had it.
  light(name: 'is-preview' | 'is-selected', fields: readonly Field[]): void {
    for (const row of this.element.querySelectorAll(`.${name}`)) row.classList.remove(name);
    for (const field of fields) this.rows.get(field)?.classList.add(name);
  }
  // Opens the box of a layer and brings it into view.
  open(layer: number): void {
    const title = this.titles[layer];
    if (!title) return;
    for (let box = title.closest<HTMLElement>('.box'); box; box = box.parentElement?.closest<HTMLElement>('.box') ?? null) {
      this.toggle(box.querySelector('.box-title') as HTMLElement, true);
    }
    this.focus(title);
    this.element.scrollTop += title.getBoundingClientRect().top - this.element.getBoundingClientRect().top;
  }
  reveal(field: Field): void {
    scrollInto(this.element, this.rows.get(field));
  }

  private box(layer: Layer, inside: HTMLElement, level: number): HTMLElement {
    const size = layer.header === layer.total ? `${layer.total} B` : `${layer.header} B of ${layer.total}`;
    const title = h('div', {
      class: 'box-title', role: 'treeitem', 'aria-level': level, 'aria-expanded': 'true', tabindex: '-1',
    }, h('strong', {}, titleOf(layer.protocol)), ' ', h('span', { class: 'box-size' }, size), ' ',
    h('span', { class: 'box-summary' }, layer.summary));
    if (layer.problem) title.append(h('span', { class: 'box-problem' }, `! ${layer.problem}`));
    return h('div', { class: `box layer-${layerOf(layer.protocol)}`, role: 'presentation' }, title, inside);
  }

  private row(field: Field, octets: ArrayLike<number>, level: number): HTMLElement {
    const bits = bitPattern(field, octets);
    const note = [field.note, bits].filter((text) => text !== '').join('  ');
    const row = h('div', {
      class: `field is-${field.status}`, role: 'treeitem', 'aria-level': level, tabindex: '-1',
      'data-bit': field.bit, 'data-width': field.width,
      title: [field.abbreviation, field.section].filter(Boolean).join(', '),
    },
    h('span', { class: 'field-name' }, field.name), ' ',
    h('span', { class: 'field-value' }, field.value + SIGNS[field.status]), ' ',
    h('span', { class: 'field-note' }, note));
    this.fields.set(row, field);
    this.rows.set(field, row);
    return row;
  }

  private toggle(title: HTMLElement, open?: boolean): void {
    const isOpen = open ?? title.getAttribute('aria-expanded') !== 'true';
    title.setAttribute('aria-expanded', String(isOpen));
  }

  private focus(item: HTMLElement): void {
    for (const other of this.items) other.setAttribute('tabindex', other === item ? '0' : '-1');
    item.focus();
  }

  private onKey(event: KeyboardEvent): void {
    if (event.altKey || event.ctrlKey || event.metaKey) return;
    const now = document.activeElement;
    if (!(now instanceof HTMLElement) || !this.items.includes(now)) return;
    const visible = this.items.filter((item) => item.offsetParent !== null);
    const at = visible.indexOf(now);
    const isTitle = now.classList.contains('box-title');
    const box = isTitle ? now.parentElement?.parentElement?.closest('.box') : now.closest('.box');
    const parent = box?.querySelector<HTMLElement>('.box-title') ?? undefined;
    let next: HTMLElement | undefined;
    switch (event.key) {
      case 'ArrowDown': next = visible[at + 1]; break;
      case 'ArrowUp': next = visible[at - 1]; break;
      case 'Home': next = visible[0]; break;
      case 'End': next = visible[visible.length - 1]; break;
      case 'ArrowLeft':
        if (now.getAttribute('aria-expanded') === 'true') this.toggle(now, false);
        else next = parent;
        break;
      case 'ArrowRight':
        if (now.getAttribute('aria-expanded') === 'false') this.toggle(now, true);
        else if (isTitle) next = visible[at + 1];
        break;
      case 'Enter':
      case ' ': {
        const field = this.fields.get(now);
        if (field) this.options.onSelect(field);
        else this.toggle(now);
        break;
      }
      default:
        return;
    }
    if (next) this.focus(next);
    event.preventDefault();
    event.stopPropagation();
  }
}
