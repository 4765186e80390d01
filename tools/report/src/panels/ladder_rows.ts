// SPDX-License-Identifier: MIT
// The rows of the ladder: packets in order of sending, and the idle stretches between them.
import { Model, NONE } from '../data';
import { Store } from '../store';

export const IDLE_GAP = 100e6; // ns; as the terminal's ladder has it

export type LadderRow =
  | { readonly kind: 'packet'; readonly packet: number }
  | { readonly kind: 'idle'; readonly from: number; readonly length: number };

// Two packets in the same line of the terminal are two rows here: nothing is folded but idle time.
export function ladderRows(model: Model, store: Store): LadderRow[] {
  const rows: LadderRow[] = [];
  const { packets } = model;
  let before: number | undefined;
  for (let packet = 0; packet < packets.count; packet++) {
    if (!store.isShown(packet)) continue;
    const sent = packets.sent[packet];
    if (before !== undefined && sent - before > IDLE_GAP) {
      rows.push({ kind: 'idle', from: before, length: sent - before });
    }
    rows.push({ kind: 'packet', packet });
    before = sent;
  }
  return rows;
}

// A stretch of the way of a packet, from one column to another.
export interface Leg {
  readonly from: number; // node
  readonly to: number;
  readonly hop: number;
  readonly end: 'arrives' | 'dies' | 'under way';
}

// The ways a packet took, a leg for each link; none when it never left its node.
export function legsOf(model: Model, packet: number): Leg[] {
  const { hops } = model;
  return model.hopsOf(packet).map((hop): Leg => ({
    from: hops.from[hop], to: hops.to[hop], hop,
    end: hops.reason[hop] !== '' ? 'dies' : hops.received[hop] === NONE ? 'under way' : 'arrives',
  }));
}

// When the packet got to the last device that has it, for the clock on the right; NONE when it got
// nowhere.
export function arrivalOf(model: Model, packet: number): number {
  return model.packets.reached[packet];
}
