// SPDX-License-Identifier: MIT
// The rows of the ladder: packets in order of sending, the idle stretches between them, and what
// became of links meanwhile.
import { Model, NONE } from '../data';
import { Store } from '../store';

export const IDLE_GAP = 100e6; // ns; as the terminal's ladder has it

const LINK_CHANGES: ReadonlySet<string> = new Set(['link state', 'link MTU']);

export type LadderRow =
  | { readonly kind: 'packet'; readonly at: number; readonly packet: number }
  | { readonly kind: 'idle'; readonly at: number; readonly length: number } // told of when it is seen to be one
  | { readonly kind: 'link'; readonly at: number; readonly text: string }; // "access goes down"

// Two packets in the same line of the terminal are two rows here: nothing is folded but idle time.
export function ladderRows(model: Model, store: Store): LadderRow[] {
  const rows: LadderRow[] = [];
  const { packets, events } = model;
  // Who asked for certain packets wants nothing else.
  const changes = store.filter.text !== '' ? []
    : events.kind.flatMap((kind, row) => (LINK_CHANGES.has(kind) ? [row] : []));
  let next = 0;
  const tellChanges = (until: number): void => {
    for (; next < changes.length && events.time[changes[next]] <= until; next++) {
      rows.push({ kind: 'link', at: events.time[changes[next]], text: events.text[changes[next]] });
    }
  };
  let before: number | undefined;
  for (let packet = 0; packet < packets.count; packet++) {
    if (!store.isShown(packet)) continue;
    const sent = packets.sent[packet];
    if (before !== undefined && sent - before > IDLE_GAP) {
      rows.push({ kind: 'idle', at: before + IDLE_GAP, length: sent - before });
    }
    tellChanges(sent);
    rows.push({ kind: 'packet', at: sent, packet });
    before = sent;
  }
  tellChanges(Infinity);
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
