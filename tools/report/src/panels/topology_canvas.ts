// SPDX-License-Identifier: MIT
// What moves on the picture of the network: frames, queues, the marks where frames die.
import { countUpTo } from '../columns';
import { Model, NONE } from '../data';
import { Store } from '../store';
import { color } from '../theme';
import { Flight, Flights } from './flight';

// A link on the screen, from its end a to its end b.
export interface Wire {
  readonly x1: number;
  readonly y1: number;
  readonly x2: number;
  readonly y2: number;
}

// A device on the screen.
export interface Box {
  readonly x: number;
  readonly y: number;
  readonly width: number;
  readonly height: number;
}

interface Drawn {
  readonly hop: number;
  readonly x1: number;
  readonly y1: number;
  readonly x2: number;
  readonly y2: number;
}

const LANE = 7; // pixels from the line: the two directions do not meet
const THICK = 9;
const LENGTH_MIN = 3;
const REACH = 9; // of the pointer
const LINGER_SHARE = 0.004; // of the run: how long the mark of a drop stays
const FRAMES_MOST = 2000; // drawn at once; more are told as a number
const QUEUE_BARS = 16;
const LABEL_HEIGHT = 16;
const LABEL_LEAST = 8; // characters

export class Painter {
  private readonly pen: CanvasRenderingContext2D;
  private drawn: Drawn[] = [];
  private labels: { x: number; y: number; half: number }[] = []; // written so far
  private told = new Set<string>(); // where something was lost: once is enough
  private readonly linger: number;
  private readonly damaged: Set<number>; // hops whose bits were flipped or cut off
  private colors: Record<string, string> = {};
  private size: readonly [number, number] = [0, 0];

  constructor(private readonly canvas: HTMLCanvasElement, private readonly model: Model,
              private readonly store: Store, private readonly flights: Flights) {
    this.pen = canvas.getContext('2d') as CanvasRenderingContext2D;
    const { hops } = model;
    this.damaged = new Set(model.tables.flips.hop);
    hops.cutTo.forEach((octets, hop) => { if (octets !== NONE) this.damaged.add(hop); });
    const busy = hops.count > 0 ? hops.sent[hops.count - 1] - hops.sent[0] : 0;
    this.linger = busy * LINGER_SHARE;
  }

  resize(width: number, height: number): void {
    const ratio = window.devicePixelRatio || 1;
    this.size = [width, height];
    this.canvas.width = Math.round(width * ratio);
    this.canvas.height = Math.round(height * ratio);
    this.canvas.style.width = `${width}px`;
    this.canvas.style.height = `${height}px`;
    this.pen.setTransform(ratio, 0, 0, ratio, 0, 0);
    for (const name of ['ink', 'paper', 'quiet', 'data', 'ack', 'retransmission', 'drop', 'damage', 'link', 'focus']) {
      this.colors[name] = color(`--${name}`);
    }
  }

  // Draws the instant of the cursor; gives the hops that are under way.
  draw(wires: readonly Wire[], boxes: readonly Box[]): number[] {
    this.pen.clearRect(0, 0, ...this.size);
    this.drawn = [];
    this.labels = [];
    this.told.clear();
    const flying = this.flights.at(this.store.time, this.linger);
    this.drawQueues(wires);
    for (const flight of flying.slice(0, FRAMES_MOST)) this.drawFlight(wires, flight);
    this.drawRefusals(wires, boxes);
    return flying.filter((flight) => !flight.isDead).map((flight) => flight.hop);
  }

  // The frame under the pointer; NONE when there is none. Of several the one sent last.
  hopAt(x: number, y: number): number {
    let best = NONE;
    for (const { hop, x1, y1, x2, y2 } of this.drawn) {
      const [dx, dy] = [x2 - x1, y2 - y1];
      const along = ((x - x1) * dx + (y - y1) * dy) / (dx * dx + dy * dy || 1);
      const near = Math.min(Math.max(along, 0), 1);
      if (Math.hypot(x - x1 - near * dx, y - y1 - near * dy) <= REACH) best = hop;
    }
    return best;
  }

  // From sender to receiver, on the sender's left side of the line.
  private laneOf(wires: readonly Wire[], hop: number): Wire {
    const { hops, links } = this.model;
    const link = links[hops.link[hop]];
    const wire = wires[hops.link[hop]];
    const isForward = link.a.node === hops.from[hop] && link.a.port === hops.fromPort[hop];
    return lane(isForward ? wire : { x1: wire.x2, y1: wire.y2, x2: wire.x1, y2: wire.y1 });
  }

  private drawFlight(wires: readonly Wire[], { hop, tail, head, isDead }: Flight): void {
    const { hops, packets } = this.model;
    const { x1, y1, x2, y2 } = this.laneOf(wires, hop);
    const at = (share: number): readonly [number, number] => [x1 + (x2 - x1) * share, y1 + (y2 - y1) * share];
    const length = Math.hypot(x2 - x1, y2 - y1) || 1;
    // Seen even when it is short.
    const spare = Math.max(0, LENGTH_MIN / length - (head - tail)) / 2;
    const [fromX, fromY] = at(Math.max(0, tail - spare));
    const [toX, toY] = at(Math.min(1, head + spare));
    const packet = hops.packet[hop];
    if (!isDead) {
      const isShown = packet === NONE || this.store.isShown(packet);
      this.pen.globalAlpha = isShown ? 1 : 0.25;
      this.bar(hop, fromX, fromY, toX, toY);
      this.pen.globalAlpha = 1;
      this.drawn.push({ hop, x1: fromX, y1: fromY, x2: toX, y2: toY });
    }
    if (hops.reason[hop] !== '' && this.store.time >= this.flights.deathOf(hop)) {
      const [x, y] = at(0.5);
      this.cross(x, y, this.model.dropWords(hops.reason[hop]), `${hops.link[hop]} ${hops.from[hop]}`);
    } else if (!isDead && packet !== NONE && this.isPicked(hop)) {
      const text = `#${packets.uid[packet]} ${packets.label[packet]}`;
      if (Math.abs(y2 - y1) > Math.abs(x2 - x1)) {
        // Beside an upright wire, not over the devices at its ends.
        const y = Math.min(Math.max((fromY + toY) / 2, Math.min(y1, y2) + LABEL_HEIGHT / 2), Math.max(y1, y2) - LABEL_HEIGHT / 2);
        this.label((fromX + toX) / 2 - THICK - this.halfOf(text), y, text);
      } else {
        this.label((fromX + toX) / 2, (fromY + toY) / 2 - 12, text, this.colors.ink, [Math.min(x1, x2), Math.max(x1, x2)]);
      }
    }
  }

  private isPicked(hop: number): boolean {
    const { uid } = this.store.shown;
    return uid !== 0 && this.model.packets.uid[this.model.hops.packet[hop]] === uid;
  }

  private bar(hop: number, x1: number, y1: number, x2: number, y2: number): void {
    const { pen, colors } = this;
    const { hops, packets } = this.model;
    const role = packets.role[hops.packet[hop]] ?? 'plain';
    const isAgain = role === 'retransmission';
    const stroke = (style: string, width: number): void => {
      pen.strokeStyle = style;
      pen.lineWidth = width;
      pen.beginPath();
      pen.moveTo(x1, y1);
      pen.lineTo(x2, y2);
      pen.stroke();
    };
    pen.lineCap = 'butt';
    if (this.isPicked(hop)) stroke(colors.focus, THICK + 6);
    const fill = isAgain ? colors.retransmission : role === 'acknowledgement' ? colors.ack
               : role === 'link' ? colors.link : role === 'bad' ? colors.drop : colors.data;
    stroke(fill, role === 'acknowledgement' ? THICK - 3 : THICK);
    if (isAgain) stroke(colors.paper, 2.5); // a double line
    const isDamaged = hops.error[hop] !== '' || this.damaged.has(hop);
    if (isDamaged || role === 'damaged') {
      pen.setLineDash([3, 3]);
      stroke(colors.damage, THICK);
      pen.setLineDash([]);
    }
  }

  // `place`: one of several losses there is told of.
  private cross(x: number, y: number, reason: string, place: string): void {
    if (this.told.has(place)) return;
    this.told.add(place);
    const { pen } = this;
    pen.strokeStyle = this.colors.drop;
    pen.lineWidth = 3.5;
    pen.beginPath();
    for (const [dx, dy] of [[-7, -7], [7, -7]]) {
      pen.moveTo(x + dx, y + dy);
      pen.lineTo(x - dx, y - dy);
    }
    pen.stroke();
    this.label(x, y - 18, `✗ ${reason}`, this.colors.drop);
  }

  // Half the width of a label.
  private halfOf(text: string): number {
    this.pen.font = '600 12px system-ui, "DejaVu Sans", sans-serif';
    return this.pen.measureText(text).width / 2 + 4;
  }

  // `between`: not over the devices at the ends of a wire, nor over what is written there already;
  // what has no room is cut.
  private label(x: number, y: number, text: string, ink = this.colors.ink,
                between: readonly [number, number] = [0, this.size[0]]): void {
    const { pen } = this;
    let [left, right] = between;
    for (const other of this.labels) {
      if (Math.abs(other.y - y) >= LABEL_HEIGHT) continue;
      const [end, begin] = [other.x + other.half, other.x - other.half];
      const isInTheWay = Math.abs(other.x - x) < other.half + this.halfOf(text);
      const isRight = isInTheWay ? right - end >= begin - left : x >= other.x; // where there is more room
      if (isRight) left = Math.max(left, end);
      else right = Math.min(right, begin);
    }
    let shown = text;
    for (let length = text.length; this.halfOf(shown) * 2 > right - left && length > LABEL_LEAST; length--) {
      shown = `${text.slice(0, length - 1)}…`;
    }
    const half = this.halfOf(shown);
    pen.textAlign = 'center';
    pen.textBaseline = 'middle';
    const inside = Math.min(Math.max(x, left + half), right - half);
    this.labels.push({ x: inside, y, half });
    pen.fillStyle = this.colors.paper;
    pen.fillRect(inside - half, y - LABEL_HEIGHT / 2, 2 * half, LABEL_HEIGHT);
    pen.fillStyle = ink;
    pen.fillText(shown, inside, y);
  }

  // Frames that wait at a port: a bar for each, and their number.
  private drawQueues(wires: readonly Wire[]): void {
    const { pen } = this;
    for (const queue of this.flights.queues) {
      const depth = queue.depth(this.store.time);
      if (depth <= 0) continue;
      const { x1, y1, x2, y2 } = this.portLane(wires, queue.link, queue.node, queue.port);
      const length = Math.hypot(x2 - x1, y2 - y1) || 1;
      const [ux, uy] = [(x2 - x1) / length, (y2 - y1) / length];
      pen.strokeStyle = this.colors.data;
      pen.lineWidth = 2;
      pen.beginPath();
      const shown = Math.min(depth, QUEUE_BARS);
      const isSteep = Math.abs(uy) > Math.abs(ux);
      const [near, far] = isSteep ? [9, 15] : [10, 20]; // beside a steep wire stands its name
      for (let i = 0; i < shown; i++) {
        const [x, y] = [x1 + ux * (4 + 4 * i), y1 + uy * (4 + 4 * i)];
        pen.moveTo(x + uy * near, y - ux * near);
        pen.lineTo(x + uy * far, y - ux * far);
      }
      pen.stroke();
      // The names of frames stand beside the bars.
      this.labels.push({ x: x1 + ux * (4 + 2 * shown) + uy * 15, y: y1 + uy * (4 + 2 * shown) - ux * 15, half: Math.abs(ux) * (4 + 2 * shown) + Math.abs(uy) * 6 });
      const text = `${depth} waiting`;
      // Clear of the name of the link: above the wire, or below the device that sends to the left.
      const [along, beside] = isSteep ? [8, 22 + this.halfOf(text)] : ux < 0 ? [-36, 45] : [36, 31];
      this.label(x1 + ux * along + uy * beside, y1 + uy * along - ux * beside, text, this.colors.quiet);
    }
  }

  // Packets that no wire lost: a queue did not take them, or a device threw them away. Of each place
  // the latest one.
  private drawRefusals(wires: readonly Wire[], boxes: readonly Box[]): void {
    const { drops } = this.model.tables;
    const { time } = this.store;
    for (let row = countUpTo(drops.time, time) - 1; row >= 0 && drops.time[row] + this.linger >= time; row--) {
      const isQueue = drops.link[row] !== NONE && drops.reason[row].startsWith('queue');
      if (!isQueue && drops.link[row] !== NONE && drops.layer[row] === 'physical') continue; // on the wire
      const place = `at ${drops.node[row]} ${isQueue ? drops.port[row] : ''}`;
      if (isQueue) {
        const { x1, y1, x2, y2 } = this.portLane(wires, drops.link[row], drops.node[row], drops.port[row]);
        const length = Math.hypot(x2 - x1, y2 - y1) || 1;
        this.cross(x1 + ((x2 - x1) / length) * 14, y1 + ((y2 - y1) / length) * 14, this.model.dropWords(drops.reason[row]), place);
      } else if (boxes[drops.node[row]] !== undefined) {
        const { x, y, width } = boxes[drops.node[row]];
        this.cross(x + width - 14, y + 10, this.model.dropWords(drops.reason[row]), place);
      }
    }
  }

  private portLane(wires: readonly Wire[], link: number, node: number, port: number): Wire {
    const { a } = this.model.links[link];
    const wire = wires[link];
    const isForward = a.node === node && a.port === port;
    return lane(isForward ? wire : { x1: wire.x2, y1: wire.y2, x2: wire.x1, y2: wire.y1 });
  }
}

function lane({ x1, y1, x2, y2 }: Wire): Wire {
  const length = Math.hypot(x2 - x1, y2 - y1) || 1;
  const [nx, ny] = [((y2 - y1) / length) * LANE, (-(x2 - x1) / length) * LANE];
  return { x1: x1 + nx, y1: y1 + ny, x2: x2 + nx, y2: y2 + ny };
}
