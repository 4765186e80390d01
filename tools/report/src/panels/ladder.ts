// SPDX-License-Identifier: MIT
// The ladder: a column for each device, a row for each packet, an arrow for each link it crossed.
// Both clocks: when it was sent on the left, when it arrived on the right. Only the rows in sight
// are in the document.
import { Model, NONE } from '../data';
import { Child, h, svg } from '../dom';
import { clockText, durationText } from '../format';
import { rowsInSight } from '../frame';
import { Panel } from '../panel';
import { Change, Store } from '../store';
import { layOut } from './graph';
import { arrivalOf, LadderRow, ladderRows, legsOf } from './ladder_rows';
import { storyOf } from './story';

const ROW = 30; // pixels; ladder.css agrees
const SPARE = 5; // rows drawn beyond each edge
const CLOCK = 82; // pixels of each clock
const COLUMN_MIN = 42; // narrower than this the columns scroll; the clocks stay
const SLANT = 5; // an arrow falls by so much on its way, as time does
const DIES_AT = 0.6;

export class Ladder implements Panel {
  readonly id = 'ladder';
  readonly title = 'Ladder';
  readonly help = 'Each arrow is a packet; time runs down.';
  readonly place = 'left';
  private model!: Model;
  private store!: Store;
  private grid!: HTMLElement;
  private sizer!: HTMLElement;
  private head!: HTMLElement;
  private story!: HTMLElement;
  private rows: LadderRow[] = [];
  private rowOfPacket = new Map<number, number>();
  private columns: number[] = []; // nodes
  private xOf = new Map<number, number>();
  private width = 0;
  private readonly drawn = new Map<number, HTMLElement>(); // rows in the document

  mount(root: HTMLElement, model: Model, store: Store): void {
    this.model = model;
    this.store = store;
    this.head = h('div', { class: 'ladder-head', role: 'row', 'aria-rowindex': 1 });
    this.sizer = h('div', { class: 'ladder-rows', role: 'rowgroup' });
    this.grid = h('div', {
      class: 'ladder', role: 'grid', tabindex: 0, 'aria-label': 'Packets in order of sending', 'aria-colcount': 3,
    }, h('div', { role: 'rowgroup', class: 'ladder-heads' }, this.head), this.sizer);
    this.story = h('div', { class: 'story', 'aria-label': 'Why this packet', role: 'region', tabindex: 0 });
    root.append(this.grid, this.story);
    this.grid.addEventListener('scroll', () => this.drawRows());
    this.grid.addEventListener('keydown', (event) => this.onKey(event));
    this.grid.addEventListener('click', (event) => {
      const row = this.rowAt(event);
      if (row?.kind === 'packet') this.choose(row.packet);
    });
    this.grid.addEventListener('pointerover', (event) => {
      const row = this.rowAt(event);
      store.setPreview(row?.kind === 'packet' ? { uid: model.packets.uid[row.packet] } : undefined);
    });
    this.grid.addEventListener('pointerleave', () => store.setPreview(undefined));
  }

  update(change: Change): void {
    if (change.filter || change.flow) this.makeRows();
    if (change.layout || change.filter || change.flow) {
      this.placeColumns();
      this.drawn.clear();
      this.sizer.replaceChildren();
    }
    if (change.selection) this.tellStory();
    if (change.selection) this.reveal(this.model.packetOf(this.store.selection.uid));
    else if (change.time) this.follow();
    this.drawRows();
    for (const [index, element] of this.drawn) this.markRow(this.rows[index], element);
  }

  // ---- rows and columns ------------------------------------------------------------------------

  private makeRows(): void {
    this.rows = ladderRows(this.model, this.store);
    this.rowOfPacket = new Map();
    this.rows.forEach((row, index) => {
      if (row.kind === 'packet') this.rowOfPacket.set(row.packet, index);
    });
    const used = new Set<number>();
    for (const row of this.rows) {
      if (row.kind !== 'packet') continue;
      used.add(this.model.packets.from[row.packet]);
      for (const { from, to } of legsOf(this.model, row.packet)) used.add(from).add(to);
    }
    const { spots } = layOut(this.model);
    this.columns = [...used].sort((a, b) => spots[a].column - spots[b].column || spots[a].row - spots[b].row || a - b);
    this.grid.setAttribute('aria-rowcount', String(this.rows.length + 1));
    this.sizer.style.height = `${this.rows.length * ROW}px`;
  }

  private placeColumns(): void {
    const count = Math.max(this.columns.length, 2);
    const room = this.grid.clientWidth - 2 * CLOCK;
    const step = Math.max(COLUMN_MIN, room / count);
    this.width = 2 * CLOCK + step * count;
    this.xOf = new Map(this.columns.map((node, index) => [node, CLOCK + step * (index + 0.5)]));
    this.sizer.style.width = `${this.width}px`;
    this.head.style.width = `${this.width}px`;
    const names = this.columns.map((node) => h('span', {
      class: 'ladder-name', style: `left: ${this.x(node) - step / 2}px; width: ${step}px`,
      title: this.model.nodeName(node), 'aria-hidden': 'true',
    }, this.model.nodeName(node)));
    this.head.replaceChildren(
      h('span', { class: 'ladder-clock', role: 'columnheader' }, 'sent, ms'),
      h('span', { class: 'visually-hidden', role: 'columnheader' }, 'packet'),
      ...names,
      h('span', { class: 'ladder-clock is-right', role: 'columnheader' }, 'arrives, ms'));
    this.staggerNames(names, step);
  }

  // Where a name is wider than its column, every other one goes on a line below, with twice the room.
  private staggerNames(names: HTMLElement[], step: number): void {
    this.head.classList.remove('is-staggered');
    if (!names.some((name) => name.scrollWidth > name.clientWidth)) return;
    this.head.classList.add('is-staggered');
    names.forEach((name, index) => {
      name.style.left = `${this.x(this.columns[index]) - step}px`;
      name.style.width = `${2 * step}px`;
    });
  }

  private x(node: number): number {
    return this.xOf.get(node) ?? 0;
  }

  // ---- drawing ---------------------------------------------------------------------------------

  // Makes the rows that came into sight, and takes away those that left it; the others stay.
  private drawRows(): void {
    const [first, last] = rowsInSight(this.grid, ROW, SPARE, this.rows.length);
    for (const [index, element] of this.drawn) {
      if (index >= first && index < last) continue;
      element.remove();
      this.drawn.delete(index);
    }
    const made: HTMLElement[] = [];
    for (let index = first; index < last; index++) {
      if (this.drawn.has(index)) continue;
      const row = this.rows[index];
      const element = row.kind === 'packet' ? this.packetRow(row.packet, index) : this.noteRow(row, index);
      this.markRow(row, element);
      this.drawn.set(index, element);
      made.push(element);
    }
    this.sizer.append(...made);
    const chosen = this.rowOfPacket.get(this.model.packetOf(this.store.selection.uid));
    if (chosen === undefined || chosen < first || chosen >= last) this.grid.removeAttribute('aria-activedescendant');
    else this.grid.setAttribute('aria-activedescendant', `ladder-${chosen}`);
  }

  // A row that is no packet: time that passes, or what became of a link.
  private noteRow(row: Exclude<LadderRow, { kind: 'packet' }>, index: number): HTMLElement {
    const text = row.kind === 'idle' ? `┄┄ ${durationText(row.length)} pass ┄┄` : `${clockText(row.at)} ms: ${row.text}`;
    return h('div', {
      class: `ladder-row is-note is-${row.kind}`, role: 'row', id: `ladder-${index}`, 'aria-rowindex': index + 2, style: `top: ${index * ROW}px`,
    }, h('span', { role: 'gridcell', 'aria-colspan': 3, style: `max-width: ${this.grid.clientWidth}px` }, text));
  }

  private packetRow(packet: number, index: number): HTMLElement {
    const { packets } = this.model;
    const arrival = arrivalOf(this.model, packet);
    return h('div', {
      role: 'row', id: `ladder-${index}`, 'aria-rowindex': index + 2, style: `top: ${index * ROW}px`,
      'data-uid': packets.uid[packet],
    },
    h('span', { class: 'ladder-clock', role: 'gridcell' }, clockText(packets.sent[packet])),
    h('span', { class: 'ladder-way', role: 'gridcell' }, this.arrows(packet), ...this.label(packet)),
    h('span', { class: 'ladder-clock is-right', role: 'gridcell' }, arrival === NONE ? '' : clockText(arrival)));
  }

  // What changes of a row: whether it is chosen, pointed at, yet to come, on its way, related.
  private markRow(row: LadderRow, element: HTMLElement): void {
    if (row.kind !== 'packet') return;
    const { packet } = row;
    const { packets } = this.model;
    const { selection, preview, time } = this.store;
    const uid = packets.uid[packet];
    const arrival = arrivalOf(this.model, packet);
    const isChosen = uid === selection.uid;
    const isSent = packets.sent[packet] <= time;
    const isFlying = isSent && (arrival === NONE || arrival > time) && this.isUnderWay(packet);
    const state = `ladder-row role-${packets.role[packet]}${isChosen ? ' is-chosen' : ''}${uid === preview?.uid ? ' is-pointed' : ''}`
      + `${isSent ? '' : ' is-future'}${isFlying ? ' is-flying' : ''}${this.isRelated(packet) ? ' is-related' : ''}`;
    if (element.className === state) return;
    element.className = state;
    element.setAttribute('aria-selected', String(isChosen));
  }

  private isUnderWay(packet: number): boolean {
    const { hops } = this.model;
    return this.model.hopsOf(packet).some((hop) =>
      hops.sent[hop] <= this.store.time && Math.max(hops.received[hop], hops.due[hop]) >= this.store.time);
  }

  // Is it what the selected packet sends again, or what provoked it, or the other way round?
  private isRelated(packet: number): boolean {
    const { packets } = this.model;
    const { uid } = this.store.shown;
    if (uid === 0 || packets.uid[packet] === uid) return false;
    const shown = this.model.packetOf(uid);
    if (shown === NONE) return false;
    const near = (a: number, b: number): boolean =>
      [packets.original[a], packets.because[a], packets.parent[a]].includes(packets.uid[b]);
    return near(shown, packet) || near(packet, shown);
  }

  private label(packet: number): Child[] {
    const { packets } = this.model;
    const legs = legsOf(this.model, packet);
    const ends = legs.length > 0 ? legs.flatMap(({ from, to }) => [this.x(from), this.x(to)]) : [this.x(packets.from[packet])];
    const middle = (Math.min(...ends) + Math.max(...ends)) / 2;
    const glyph = packets.isDamaged[packet] ? '↯ ' : '';
    // Where, the cross shows; by which decision, the title and the sentence below say.
    const reason = packets.reason[packet];
    const fate = reason === '' ? [] : [h('span', { class: 'ladder-fate' }, ` ✗ ${this.model.dropWords(reason)}`)];
    // Spacers in this proportion centre the label over its arrow and keep it inside; where there is no
    // instant of arrival it may go on there.
    const isOpen = arrivalOf(this.model, packet) === NONE;
    const room = this.width - (isOpen ? 1 : 2) * CLOCK;
    const before = Math.min(Math.max(middle - CLOCK, 0), room);
    return [h('span', { class: `ladder-label${isOpen ? ' is-open' : ''}`, title: `#${packets.uid[packet]} ${packets.label[packet]} ${packets.fate[packet]}` },
      h('span', { style: `flex: ${before} 1 0` }),
      h('span', { class: 'ladder-text' }, `${glyph}${packets.label[packet]}`), ...fate,
      h('span', { class: 'ladder-uid' }, ` #${packets.uid[packet]}`),
      h('span', { style: `flex: ${room - before} 1 0` }))];
  }

  private arrows(packet: number): SVGSVGElement {
    const { packets } = this.model;
    const legs = legsOf(this.model, packet);
    const lines = this.columns.map((node) =>
      svg('line', { x1: this.x(node), x2: this.x(node), y1: 0, y2: ROW, class: 'ladder-life' }));
    const parts: Child[] = [];
    const count = Math.max(legs.length, 1);
    legs.forEach((leg, index) => {
      const [x1, to] = [this.x(leg.from), this.x(leg.to)];
      const x2 = leg.end === 'dies' ? x1 + (to - x1) * DIES_AT : to;
      const y1 = 20 + (SLANT * index) / count;
      const y2 = 20 + (SLANT * (index + 1)) / count;
      const isLast = !legs.some((next) => next.from === leg.to && next.hop > leg.hop);
      parts.push(svg('line', { x1, y1, x2, y2, class: 'ladder-shaft' }));
      if (packets.role[packet] === 'retransmission') {
        parts.push(svg('line', { x1, y1, x2, y2, class: 'ladder-shaft-inner' }));
      }
      if (leg.end === 'dies') parts.push(cross(x2, y2));
      else if (isLast) parts.push(packets.fate[packet] !== '' && leg.to === packets.to[packet] ? cross(x2, y2) : arrowHead(x1, x2, y2));
      else parts.push(svg('circle', { cx: x2, cy: y2, r: 2.5, class: 'ladder-pass' }));
    });
    if (legs.length === 0) parts.push(cross(this.x(packets.from[packet]), 22));
    return svg('svg', { width: this.width, height: ROW, 'aria-hidden': 'true', class: 'ladder-svg' }, ...lines, ...parts);
  }

  // ---- moving about ----------------------------------------------------------------------------

  private rowAt(event: Event): LadderRow | undefined {
    const element = (event.target as Element).closest('[role=row][id]');
    return element ? this.rows[Number(element.id.slice('ladder-'.length))] : undefined;
  }

  // Selects a packet and goes to the instant its first bit leaves.
  private choose(packet: number): void {
    this.store.setTime(this.model.packets.sent[packet]);
    this.store.select({ uid: this.model.packets.uid[packet] });
  }

  private onKey(event: KeyboardEvent): void {
    const page = Math.max(1, Math.floor(this.grid.clientHeight / ROW) - 1);
    const step = { ArrowDown: 1, ArrowUp: -1, PageDown: page, PageUp: -page }[event.key];
    if (step === undefined || this.rows.length === 0) return;
    event.preventDefault();
    const here = this.rowOfPacket.get(this.model.packetOf(this.store.selection.uid));
    let next = here === undefined ? 0 : Math.min(Math.max(here + step, 0), this.rows.length - 1);
    while (this.rows[next] !== undefined && this.rows[next].kind !== 'packet') next += Math.sign(step);
    const chosen = this.rows[next];
    if (chosen?.kind === 'packet') this.choose(chosen.packet);
  }

  private reveal(packet: number): void {
    const index = this.rowOfPacket.get(packet);
    if (index !== undefined) this.scrollTo(index);
  }
  // Keeps the last packet that has been sent in sight.
  private follow(): void {
    let low = 0;
    let high = this.rows.length;
    while (low < high) {
      const middle = (low + high) >>> 1;
      if (this.rows[middle].at <= this.store.time) low = middle + 1;
      else high = middle;
    }
    if (low > 0) this.scrollTo(low - 1);
  }
  private scrollTo(index: number): void {
    const room = this.grid.clientHeight - this.head.offsetHeight;
    const top = index * ROW;
    if (top < this.grid.scrollTop) this.grid.scrollTop = Math.max(0, top - room / 3);
    else if (top + 2 * ROW > this.grid.scrollTop + room) this.grid.scrollTop = top - room * 0.6;
  }

  private tellStory(): void {
    const parts = storyOf(this.model, this.store.selection.uid);
    this.story.hidden = parts.length === 0;
    this.story.replaceChildren(...parts.map((part) => {
      if (typeof part === 'string') return part;
      const link = h('button', { type: 'button', class: 'packet-link' }, `#${part.uid}`);
      link.addEventListener('click', () => {
        const packet = this.model.packetOf(part.uid);
        if (packet !== NONE) this.choose(packet);
      });
      return link;
    }));
  }
}

function arrowHead(x1: number, x2: number, y: number): SVGElement {
  const back = x2 > x1 ? -9 : 9;
  return svg('polygon', { points: `${x2},${y} ${x2 + back},${y - 4.5} ${x2 + back},${y + 4.5}`, class: 'ladder-tip' });
}

function cross(x: number, y: number): SVGElement {
  return svg('path', { d: `M${x - 5} ${y - 5}l10 10m0 -10l-10 10`, class: 'ladder-cross' });
}
