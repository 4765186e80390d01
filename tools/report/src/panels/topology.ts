// SPDX-License-Identifier: MIT
// The network: devices and links, and the frames on them as long as they really are at the instant
// of the cursor. A frame's length on its link is the time its bits take to leave.
import { Model, NONE } from '../data';
import { h, svg } from '../dom';
import { durationText, rateText } from '../format';
import { Panel } from '../panel';
import { Change, Store } from '../store';
import { Flights } from './flight';
import { Graph, layOut } from './graph';
import { linkStatesAt, linkStateText } from './link_states';
import { Box, Painter, Wire } from './topology_canvas';

const NODE_WIDTH = 118;
const NODE_HEIGHT = 66;
const NAME_SIZE = 14;
const NAME_ROOM = 92; // beside the layers
const FACT_LINE = 14;
const ROW_HEIGHT = 116;
const COLUMN_MIN = 190; // narrower than this the picture scrolls
const UPRIGHT_BELOW = 640;
const MARGIN = 14;
const GLYPHS: Readonly<Record<string, string>> = { host: '▣', router: '⬢', switch: '⇄', device: '⌁' };
const FRAMES: readonly (readonly [string, string])[] = [
  ['data', 'data'], ['acknowledgement', 'acknowledgement'], ['retransmission', 'sent again'],
  ['link', 'address resolution'], ['damaged', 'damaged'],
];
const KIND_HELP: Readonly<Record<string, string>> = {
  host: 'host: a computer that runs programs', router: 'router: passes datagrams on between networks',
  switch: 'switch: passes frames on within a network', device: 'device: an interface of the real system',
};

export class Topology implements Panel {
  readonly id = 'topology';
  readonly title = 'Network';
  readonly help =
    'Devices, links, and the frames on their way. A frame is drawn as long as it takes to send.';
  readonly place = 'stage';
  private model!: Model;
  private store!: Store;
  private graph!: Graph;
  private flights!: Flights;
  private painter!: Painter;
  private root!: HTMLElement;
  private picture!: SVGSVGElement;
  private summary!: HTMLElement;
  private wires: Wire[] = [];
  private boxes: Box[] = []; // of nodes
  private nodes: SVGGElement[] = [];
  private links: SVGGElement[] = [];

  mount(root: HTMLElement, model: Model, store: Store): void {
    this.model = model;
    this.store = store;
    this.root = root;
    this.graph = layOut(model);
    this.flights = new Flights(model);
    this.picture = svg('svg', { class: 'network', role: 'group', 'aria-label': 'Devices and links' });
    const canvas = h('canvas', { 'aria-hidden': 'true' });
    this.painter = new Painter(canvas, model, store, this.flights);
    this.summary = h('p', { class: 'under-way' });
    const stage = h('div', { class: 'network-stage' }, this.picture, canvas);
    root.append(h('div', { class: 'network-scroll' }, stage), h('div', { class: 'network-foot' }, this.summary, legend(model)));
    stage.addEventListener('pointermove', (event) => this.onPointer(event, false));
    stage.addEventListener('pointerleave', () => store.setPreview(undefined));
    stage.addEventListener('click', (event) => this.onPointer(event, true));
  }

  update(change: Change): void {
    if (change.layout || this.wires.length === 0) this.drawStatic();
    if (change.time || change.layout) {
      this.lightLayers();
      this.tellLinks();
    }
    const flying = this.painter.draw(this.wires, this.boxes);
    if (change.time) this.tellFlying(flying);
  }

  private onPointer(event: MouseEvent, isClick: boolean): void {
    const box = this.picture.getBoundingClientRect();
    const hop = this.painter.hopAt(event.clientX - box.left, event.clientY - box.top);
    this.picture.parentElement?.classList.toggle('is-pointing', hop !== NONE);
    if (isClick && hop !== NONE) this.store.select({ hop });
    if (!isClick) this.store.setPreview(hop === NONE ? undefined : { hop });
  }

  // A sentence about the frames on the wires, for those who do not see them.
  private tellFlying(flying: readonly number[]): void {
    const { hops, packets, links } = this.model;
    const names = flying.slice(0, 4).map((hop) =>
      `#${packets.uid[hops.packet[hop]]} ${packets.label[hops.packet[hop]]} on ${links[hops.link[hop]].name}`);
    const more = flying.length > names.length ? ` and ${flying.length - names.length} more` : '';
    this.summary.textContent =
      flying.length === 0 ? 'Nothing is on the wires.' : `On the wires: ${names.join(', ')}${more}.`;
  }

  // ---- what does not move ----------------------------------------------------------------------

  private drawStatic(): void {
    const available = Math.max(this.root.clientWidth - 2 * MARGIN, NODE_WIDTH);
    // Where there is no room from left to right, the network stands upright.
    const isUpright = this.graph.columns > this.graph.rows &&
      available < NODE_WIDTH + (this.graph.columns - 1) * COLUMN_MIN && available < UPRIGHT_BELOW;
    const columns = isUpright ? this.graph.rows : this.graph.columns;
    const rows = isUpright ? this.graph.columns : this.graph.rows;
    const width = Math.max(available, NODE_WIDTH + (columns - 1) * COLUMN_MIN);
    const step = columns > 1 ? (width - NODE_WIDTH) / (columns - 1) : 0;
    const rowHeight = isUpright ? ROW_HEIGHT + 24 : ROW_HEIGHT;
    const height = rows * rowHeight;
    this.picture.setAttribute('width', String(width + 2 * MARGIN));
    this.picture.setAttribute('height', String(height));
    const centre = (node: number): readonly [number, number] => {
      const spot = this.graph.spots[node];
      const [column, row] = isUpright ? [spot.row, spot.column] : [spot.column, spot.row];
      const x = columns > 1 ? MARGIN + NODE_WIDTH / 2 + column * step : MARGIN + width / 2;
      return [x, (row + 0.5) * rowHeight - 2];
    };
    this.wires = this.model.links.map(({ a, b }) => wireBetween(centre(a.node), centre(b.node)));
    this.boxes = this.model.nodes.map((_, node) => {
      const [x, y] = centre(node);
      return { x: x - NODE_WIDTH / 2, y: y - NODE_HEIGHT / 2, width: NODE_WIDTH, height: NODE_HEIGHT };
    });
    this.nodes = this.model.nodes.map((_, node) => this.drawNode(node, ...centre(node)));
    this.links = this.wires.map((wire, link) => this.drawLink(wire, link));
    this.picture.replaceChildren(...this.links, ...this.nodes);
    this.painter.resize(width + 2 * MARGIN, height);
  }

  private drawLink({ x1, y1, x2, y2 }: Wire, link: number): SVGGElement {
    const { name, rate, delay, lineCode } = this.model.links[link];
    const isKnown = rate > 0 || delay > 0; // of a capture neither is
    const isSteep = Math.abs(y2 - y1) > Math.abs(x2 - x1);
    const times = [rate > 0 ? rateText(rate) : '', isKnown ? durationText(delay) : ''].filter(Boolean).join(' · ');
    // Beside a steep wire there is more room below than to the side.
    const facts = (isSteep ? [times, lineCode] : [[times, lineCode].filter(Boolean).join(' · ')]).filter(Boolean);
    // Beside a steep wire; of wires side by side, away from the others.
    const isLeft = isSteep && (x1 + x2) / 2 < Number(this.picture.getAttribute('width')) / 2 - 1;
    const x = (x1 + x2) / 2 + (isSteep ? (isLeft ? -24 : 24) : 0);
    const y = (y1 + y2) / 2 - (isSteep ? 34 : 0);
    return svg('g', { class: `net-link${isSteep ? ' is-steep' : ''}${isLeft ? ' is-left' : ''}` },
      svg('title', {}, [name, facts.join(' · ')].filter(Boolean).join(': ')),
      svg('line', { x1, y1, x2, y2 }),
      svg('text', { x, y: y + 30, class: 'net-name' }, name),
      ...facts.map((fact, line) => svg('text', { x, y: y + 45 + line * FACT_LINE, class: 'net-facts' }, fact)),
      svg('text', { x, y: y + 45 + Math.max(1, facts.length) * FACT_LINE, class: 'net-state' }));
  }

  // What became of the links by now: down, or with another MTU.
  private tellLinks(): void {
    const states = linkStatesAt(this.model.tables.linkStates, this.store.time);
    this.links.forEach((element, link) => {
      const state = states.get(link);
      element.classList.toggle('is-down', state !== undefined && !state.isUp);
      const told = element.querySelector('.net-state') as SVGTextElement;
      told.textContent = linkStateText(state);
    });
  }

  private drawNode(node: number, x: number, y: number): SVGGElement {
    const { name, kind, ports, layers } = this.model.nodes[node];
    const addresses = ports.flatMap((port) => port.addresses);
    const left = x - NODE_WIDTH / 2;
    const top = y - NODE_HEIGHT / 2;
    const stack = layers.map((layer, index) => svg('rect', {
      x: left + 6, y: top + NODE_HEIGHT - 13 - index * 10.5, width: 13, height: 8, rx: 1.5,
      class: `net-layer fill-${layer}`, 'data-layer': layer,
    }, svg('title', {}, `${layer} layer`)));
    return svg('g', { class: 'net-node', 'data-node': node },
      svg('title', {}, `${name}, ${KIND_HELP[kind]}\n${addresses.join('\n')}`),
      svg('rect', { x: left, y: top, width: NODE_WIDTH, height: NODE_HEIGHT, rx: 8, class: 'net-box' }),
      ...stack,
      ...titleOf(`${GLYPHS[kind]} ${name}`, kind, x + 10, top),
      svg('text', { x: x + 10, y: top + 57, class: 'net-facts' },
        (addresses[0]?.split('/')[0] ?? '') + (addresses.length > 1 ? ' …' : '')));
  }

  // The layer of the device that the event at the cursor happened in.
  private lightLayers(): void {
    const { events } = this.model;
    const row = this.store.event;
    this.nodes.forEach((node, index) => {
      const isHere = row >= 0 && events.node[row] === index;
      node.classList.toggle('is-active', isHere);
      node.querySelectorAll<SVGRectElement>('.net-layer').forEach((bar) => {
        bar.classList.toggle('is-active', isHere && bar.dataset.layer === events.layer[row]);
      });
    });
  }
}

// What colours and shapes mean: the layers in a device, and the frames that this run has.
function legend(model: Model): HTMLElement {
  const layers = [...new Set(model.nodes.flatMap((node) => node.layers))];
  const roles = new Set(model.packets.role);
  const { drops, flips } = model.tables;
  if (flips.count > 0 || model.hops.cutTo.some((octets) => octets !== NONE)) roles.add('damaged');
  const frames = FRAMES.filter(([role]) => roles.has(role));
  const lost = drops.count > 0 ? [h('li', {}, h('span', { class: 'key-lost' }, '✗'), 'lost')] : [];
  return h('div', { class: 'network-keys' },
    h('span', {}, 'Layers of a device, bottom up:'),
    h('ul', {}, ...layers.map((layer) => h('li', {}, h('span', { class: `key fill-${layer}` }), layer))),
    h('span', {}, 'Frames:'),
    h('ul', {}, ...frames.map(([role, name]) => h('li', {}, h('span', { class: `key key-frame key-${role}` }), name)), ...lost));
}

// The line between the borders of two boxes.
function wireBetween(a: readonly [number, number], b: readonly [number, number]): Wire {
  const [dx, dy] = [b[0] - a[0], b[1] - a[1]];
  const inside = Math.min(
    dx === 0 ? Infinity : NODE_WIDTH / 2 / Math.abs(dx), dy === 0 ? Infinity : NODE_HEIGHT / 2 / Math.abs(dy));
  const share = Number.isFinite(inside) ? Math.min(inside, 0.45) : 0;
  return {
    x1: a[0] + dx * share, y1: a[1] + dy * share, x2: b[0] - dx * share, y2: b[1] - dy * share,
  };
}

// The name of a device and its kind below it; a name too long for a line takes the place of the kind, which
// its glyph tells as well.
function titleOf(name: string, kind: string, x: number, top: number): SVGElement[] {
  const line = (y: number, text: string, size: number): SVGElement =>
    svg('text', { x, y: top + y, class: 'net-title', style: `font-size: ${size}px` }, text);
  const width = (text: string): number => widthOf(text, NAME_SIZE);
  if (width(name) <= NAME_ROOM) {
    return [line(25, name, NAME_SIZE), svg('text', { x, y: top + 41, class: 'net-facts' }, kind)];
  }
  const wider = (cut: number): number => Math.max(width(name.slice(0, cut)), width(name.slice(cut)));
  const middle = Math.ceil(name.length / 2);
  const separators = [...name.matchAll(/[-_]/g)].map((match) => (match.index ?? 0) + 1);
  const best = separators.sort((a, b) => wider(a) - wider(b))[0] ?? middle;
  const cut = wider(best) <= NAME_ROOM ? best : middle;
  const size = Math.min(NAME_SIZE, NAME_SIZE * NAME_ROOM / wider(cut));
  return [line(25, name.slice(0, cut), size), line(41, name.slice(cut), size)];
}

// How wide a name is drawn, in pixels.
function widthOf(text: string, size: number): number {
  const pen = document.createElement('canvas').getContext('2d');
  if (pen === null) return text.length * size * 0.6;
  pen.font = `650 ${size}px ${getComputedStyle(document.body).fontFamily}`;
  return pen.measureText(text).width;
}
