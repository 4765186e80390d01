// SPDX-License-Identifier: MIT
// Which frames are on the wires and in the queues at an instant, and where.
import { countUpTo } from '../columns';
import { Model, NONE } from '../data';

// A frame on a link: the part of the way, from 0 (sender) to 1 (receiver), that its bits take.
export interface Flight {
  readonly hop: number;
  readonly tail: number;
  readonly head: number;
  readonly isDead: boolean; // it has met what kills it, half-way: only the mark is left
}

export interface Queue {
  readonly node: number;
  readonly port: number;
  readonly link: number;
  depth(time: number): number; // frames waiting, the one being sent not counted
  readonly most: number;
}

const DEATH = 0.5; // where on the way a frame is drawn to be lost; the medium does not say

export class Flights {
  private readonly ends: number[] = []; // the latest end of this hop and all before it
  readonly queues: readonly Queue[];

  constructor(private readonly model: Model) {
    const { hops } = model;
    let latest = 0;
    for (let hop = 0; hop < hops.count; hop++) {
      latest = Math.max(latest, this.endOf(hop));
      this.ends.push(latest);
    }
    this.queues = queuesOf(model);
  }

  // In order of sending. A frame that was dropped is told of until `linger` ns after it would have
  // arrived.
  at(time: number, linger: number): Flight[] {
    const found: Flight[] = [];
    const { hops } = this.model;
    for (let hop = countUpTo(hops.sent, time) - 1; hop >= 0 && this.ends[hop] + linger >= time; hop--) {
      const flight = this.flight(hop, time, linger);
      if (flight) found.push(flight);
    }
    return found.reverse();
  }

  // When a lost frame is at the point where it dies.
  deathOf(hop: number): number {
    const { hops } = this.model;
    return hops.sent[hop] + DEATH * (hops.due[hop] - hops.out[hop]);
  }

  private endOf(hop: number): number {
    const { hops } = this.model;
    return hops.received[hop] === NONE ? Math.max(hops.due[hop] + hops.extra[hop], hops.out[hop])
                                       : hops.received[hop];
  }

  private flight(hop: number, time: number, linger: number): Flight | undefined {
    const { hops } = this.model;
    const end = this.endOf(hop);
    const isLost = hops.reason[hop] !== '';
    if (time > end + (isLost ? linger : 0)) return undefined;
    // The last bit takes the same time as the first: what is late moves slower.
    const travel = end - hops.out[hop];
    const progress = (left: number): number =>
      travel > 0 ? Math.min(Math.max((time - left) / travel, 0), 1) : time >= left ? 1 : 0;
    const tail = progress(hops.out[hop]);
    const head = progress(hops.sent[hop]);
    if (!isLost) return { hop, tail, head, isDead: false };
    return { hop, tail: Math.min(tail, DEATH), head: Math.min(head, DEATH), isDead: tail >= DEATH };
  }
}

function queuesOf(model: Model): Queue[] {
  const { hops } = model;
  const byPort = new Map<string, number[]>();
  for (let hop = 0; hop < hops.count; hop++) {
    if (hops.queued[hop] === NONE) continue;
    const key = `${hops.from[hop]} ${hops.fromPort[hop]}`;
    const list = byPort.get(key);
    if (list) list.push(hop);
    else byPort.set(key, [hop]);
  }
  return [...byPort.values()].map((list): Queue => {
    const entered = list.map((hop) => hops.queued[hop]).sort((a, b) => a - b);
    const left = list.map((hop) => hops.sent[hop]);
    return {
      node: hops.from[list[0]], port: hops.fromPort[list[0]], link: hops.link[list[0]],
      depth: (time) => countUpTo(entered, time) - countUpTo(left, time),
      most: Math.max(...list.map((hop) => hops.depth[hop])),
    };
  });
}
