// SPDX-License-Identifier: MIT
// Lanes of a stream over its octets, from the call that wrote them to the call that read them. What
// has not happened yet at the cursor is drawn pale.
import { Model } from '../data';
import { h } from '../dom';
import { clockText } from '../format';
import { oncePerFrame } from '../frame';
import { FlowRows, SIDES, Side } from '../flow_rows';
import { Panel } from '../panel';
import { Change, Store } from '../store';
import { countText, octetsText } from './numbers';
import { packetButton, plainTable } from './plain_table';
import { listenToLanes, nameWidth, ticks } from './states';
import { Block, blocks, Piece, StreamLane, streamLanes } from './stream_pieces';
import { TimeWindow } from './time_window';

const GRAIN = 3; // pixels
const SLIM = 18; // a block narrower than this has no room for words, frame or round corners
const ROWS_MAX = 300;

export class StreamsPanel implements Panel {
  readonly id = 'streams';
  readonly title = 'Stream';
  readonly help = 'How the octets an application wrote were cut into segments and frames, and read again.';
  readonly place = 'bottom';
  private model!: Model;
  private store!: Store;
  private direction!: HTMLSelectElement;
  private chart!: HTMLElement;
  private table!: HTMLDetailsElement;
  private lanes: readonly StreamLane[] = [];
  private axis = new TimeWindow({ from: 0, to: 1 }); // of octets
  private drawn: { block: Block; element: HTMLElement; first: number; isFuture: boolean }[] = [];
  private readonly redraw = oncePerFrame(() => this.draw());

  mount(root: HTMLElement, model: Model, store: Store): void {
    this.model = model;
    this.store = store;
    this.direction = h('select', { 'aria-label': 'Direction' });
    this.direction.addEventListener('change', () => this.choose());
    this.chart = h('div', { class: 'lane-frame' });
    this.table = h('details', { class: 'plot-table' }, h('summary', {}, 'Data table'));
    this.table.addEventListener('toggle', () => this.fillTable());
    root.append(h('div', { class: 'controls' }, this.direction), this.chart, this.table);
    new ResizeObserver(() => this.redraw()).observe(this.chart);
  }

  update(change: Change): void {
    if (change.flow) this.offerDirections();
    if (change.layout) this.redraw();
    if (change.time) this.markTime();
    if (change.selection) this.markSelection();
  }

  private offerDirections(): void {
    const rows = FlowRows.of(this.model);
    const shown = this.model.flows.filter((flow) => this.store.flow === 0 || flow.number === this.store.flow);
    const octets = (flow: number, side: Side): number => {
      const sent = rows.rows('segmentsSent', flow, side);
      return sent.reduce((sum, row) => sum + this.model.tables.segmentsSent.length[row], 0);
    };
    const choices = shown.flatMap((flow) => SIDES.map((side) => ({ flow, side, size: octets(flow.number, side) })))
      .filter((choice) => choice.size > 0);
    this.direction.replaceChildren(...choices.map(({ flow, side }) => h('option', { value: `${flow.number}/${side}` },
      `${flow.ends[side].name} → ${flow.ends[1 - side].name}`)));
    this.direction.hidden = choices.length === 0;
    const most = choices.reduce<typeof choices[number] | undefined>((best, one) => (!best || one.size > best.size ? one : best), undefined);
    if (most) this.direction.value = `${most.flow.number}/${most.side}`;
    this.choose();
  }

  private choose(): void {
    const [flow, side] = this.direction.value.split('/').map(Number);
    this.lanes = flow > 0 ? streamLanes(this.model, flow, side === 1 ? 1 : 0) : [];
    const end = Math.max(1, ...this.lanes.map((lane) => lane.pieces.reduce((most, piece) => Math.max(most, piece.to), 0)));
    this.axis = new TimeWindow({ from: 0, to: Math.max(end, 16) });
    this.axis.listen(() => this.redraw());
    const lanes = h('div', {
      class: 'lanes', tabindex: '0', role: 'application',
      'aria-label': 'The stream by octets. The data table has the same. Keys: plus and minus zoom, page up and down move, 0 shows all.',
    });
    this.chart.replaceChildren(lanes);
    listenToLanes(lanes, this.axis, () => undefined);
    this.redraw();
    this.fillTable();
  }

  private draw(): void {
    const chart = this.chart.firstElementChild;
    if (!(chart instanceof HTMLElement)) return;
    const width = this.chart.clientWidth - nameWidth(chart);
    if (width <= 0) return;
    if (this.lanes.length === 0) {
      chart.replaceChildren(h('p', { class: 'empty' }, 'No octets of a TCP stream were sent.'));
      return;
    }
    const { from, to } = this.axis.visible;
    const x = (offset: number): number => ((offset - from) / (to - from)) * width;
    const grain = ((to - from) / width) * GRAIN;
    this.drawn = [];
    const rows = this.lanes.map((lane) => h('div', { class: 'lane' },
      h('div', { class: 'lane-name' }, lane.name),
      h('div', { class: 'lane-bars' }, ...blocks(lane.pieces, from, to, grain).map((block) =>
        this.block(lane, block, x, width)))));
    chart.replaceChildren(...rows, h('div', { class: 'lane' }, h('div', { class: 'lane-name' }, 'octet'),
      ticks(from, to, width, countText)));
    this.markTime();
    this.markSelection();
  }

  private block(lane: StreamLane, block: Block, x: (offset: number) => number, width: number): HTMLElement {
    const left = Math.max(0, x(block.from));
    const right = Math.min(width, x(block.to));
    const [first] = block.pieces;
    const isLost = block.pieces.some((piece) => piece.isLost);
    const isSlim = right - left < SLIM;
    const name = block.pieces.length > 1 ? `${block.pieces.length} × ` : first.uid > 0 ? `#${first.uid}` : first.note;
    // The mark by itself: where there is no room for both, it stays.
    const words = isSlim ? [] : [...(isLost ? [h('span', {}, '✗\u00a0')] : []), h('span', {}, name)];
    const element = h('div', {
      class: `piece piece-${lane.role}${isSlim ? ' is-slim' : ''}${isLost ? ' is-lost' : ''}`,
      style: `left: ${left}px; width: ${Math.max(2, right - left - 1)}px`,
      title: block.pieces.length > 1
        ? `${block.pieces.length} pieces, octets ${block.from} to ${block.to}: zoom in to see each`
        : describe(lane, first),
    }, ...words);
    element.addEventListener('click', () => this.go(first));
    const earliest = block.pieces.reduce((least, piece) => Math.min(least, piece.time), Infinity);
    this.drawn.push({ block, element, first: earliest, isFuture: false });
    return element;
  }

  // What has not happened at the cursor is pale, the selected packet has a frame.
  private markTime(): void {
    const { time } = this.store;
    for (const block of this.drawn) {
      if (block.isFuture === block.first > time) continue;
      block.isFuture = !block.isFuture;
      block.element.classList.toggle('is-future', block.isFuture);
    }
  }
  private markSelection(): void {
    const { uid } = this.store.selection;
    for (const { block, element } of this.drawn) {
      element.classList.toggle('is-selected', uid > 0 && block.pieces.some((piece) => piece.uid === uid));
    }
  }

  private go(piece: Piece): void {
    this.store.setTime(piece.time);
    if (piece.uid > 0) this.store.select({ uid: piece.uid });
  }

  private fillTable(): void {
    while (this.table.children.length > 1) this.table.lastElementChild?.remove();
    if (!this.table.open) return;
    const all = this.lanes.flatMap((lane) => lane.pieces.map((piece) => ({ lane, piece })));
    all.sort((a, b) => a.piece.time - b.piece.time);
    const caption = all.length > ROWS_MAX ? `The first ${ROWS_MAX} of ${all.length} pieces` : `${all.length} pieces`;
    this.table.append(plainTable(caption, ['ms', 'lane', 'octets', 'packet', 'note'],
      all.slice(0, ROWS_MAX).map(({ lane, piece }) => ({ cells: [
        clockText(piece.time), lane.name, `${piece.from}–${piece.to}`,
        piece.uid > 0 ? packetButton(piece.uid, () => this.go(piece)) : '', piece.isLost ? `✗ lost ${piece.note}` : piece.note,
      ] }))));
  }
}

function describe(lane: StreamLane, piece: Piece): string {
  const packet = piece.uid > 0 ? ` #${piece.uid}` : '';
  const fate = piece.isLost ? ', lost' : '';
  return `${lane.name}${packet}: octets ${piece.from} to ${piece.to} (${octetsText(piece.to - piece.from)}) at ${clockText(piece.time)} ms${fate}. ${piece.note}`;
}
