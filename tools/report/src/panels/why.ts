// SPDX-License-Identifier: MIT
// Why a packet exists and what came of it: causes, the packet it repeats, where it died, what it
// provoked. Sentences with the packets they name, as a tree; the inspector draws it.
import { Model, NONE } from '../data';
import { clockText } from '../format';

export interface Reason {
  readonly relation: 'because' | 'repeats' | 'made from' | 'died' | 'effect' | 'fact';
  readonly text: string;
  readonly uid: number; // packet the sentence is about; 0: none
  readonly children: readonly Reason[];
}

const DEPTH_MAX = 12;
const EFFECTS_MAX = 12;

// How a packet came out of its parent; the story under the ladder says it in the same words.
const PARENTAGES: Readonly<Record<string, string>> = {
  retransmission: 'sends the same octets again as',
  fragment: 'a fragment of',
  reassembly: 'put together from',
  duplicate: 'a copy that the medium made of',
  reply: 'answers',
};
export function parentageText(parentage: string): string {
  return PARENTAGES[parentage] ?? `${parentage} of`;
}

export class Reasons {
  private readonly drops = new Map<number, number[]>(); // uid to rows
  private readonly received = new Map<number, number[]>();
  private readonly variables = new Map<number, number[]>();
  private readonly provoked = new Map<number, number[]>(); // uid to packets

  // One for each model: its indices are made once.
  static for(model: Model): Reasons {
    let made = Reasons.made.get(model);
    if (!made) Reasons.made.set(model, (made = new Reasons(model)));
    return made;
  }
  private static readonly made = new WeakMap<Model, Reasons>();

  constructor(private readonly model: Model) {
    const add = (map: Map<number, number[]>, key: number, row: number): void => {
      if (key <= 0) return;
      const rows = map.get(key);
      if (rows) rows.push(row);
      else map.set(key, [row]);
    };
    const { drops, segmentsReceived, variables } = model.tables;
    drops.uid.forEach((uid, row) => add(this.drops, uid, row));
    segmentsReceived.uid.forEach((uid, row) => add(this.received, uid, row));
    variables.uid.forEach((uid, row) => add(this.variables, uid, row));
    const { because, original, parent, count } = model.packets;
    for (let packet = 0; packet < count; packet++) {
      for (const uid of new Set([because[packet], original[packet], parent[packet]])) {
        add(this.provoked, uid, packet);
      }
    }
  }

  // "#23 ACK 1461 at 47.666 ms".
  private name(uid: number): string {
    const packet = this.model.packetOf(uid);
    if (packet === NONE) return `#${uid}`;
    const { label, sent } = this.model.packets;
    return `#${uid} ${label[packet]}, sent at ${clockText(sent[packet])} ms`;
  }

  // Packets (rows) that name this one as cause, original or parent, in order of sending.
  provokedBy(uid: number): readonly number[] {
    return this.provoked.get(uid) ?? [];
  }

  of(uid: number): Reason[] {
    const packet = this.model.packetOf(uid);
    if (packet === NONE) return [];
    return [...this.causes(packet, 0, new Set([uid])), ...this.deaths(uid), ...this.effects(uid)];
  }

  private causes(packet: number, depth: number, seen: Set<number>): Reason[] {
    const { packets } = this.model;
    const reasons: Reason[] = [];
    const follow = (uid: number): Reason[] => {
      const next = this.model.packetOf(uid);
      if (next === NONE || depth >= DEPTH_MAX || seen.has(uid)) return [];
      seen.add(uid);
      return this.causes(next, depth + 1, seen);
    };
    const cause = packets.cause[packet];
    if (cause !== '') {
      reasons.push({ relation: 'because', text: `sent again: ${cause}`, uid: 0, children: [] });
    }
    const because = packets.because[packet];
    if (because > 0) {
      reasons.push({ relation: 'because', text: `provoked by the arrival of ${this.name(because)}`,
        uid: because, children: [...this.verdicts(because, packets.from[packet]), ...follow(because)] });
    }
    const original = packets.original[packet];
    if (original > 0) {
      reasons.push({ relation: 'repeats', text: `the same octets as ${this.name(original)}`,
        uid: original, children: this.deaths(original) });
    }
    const parent = packets.parent[packet];
    if (parent > 0 && parent !== original && parent !== because) {
      const how = parentageText(packets.parentage[packet]);
      reasons.push({ relation: 'made from', text: `${how} ${this.name(parent)}`, uid: parent, children: follow(parent) });
    }
    return reasons;
  }

  // What the arrival of a segment meant to the TCP of a node.
  private verdicts(uid: number, node: number): Reason[] {
    const { segmentsReceived, variables } = this.model.tables;
    const reasons: Reason[] = [];
    const isAt = (flow: number, side: number): boolean => this.model.flows[flow - 1]?.ends[side]?.node === node;
    for (const row of this.received.get(uid) ?? []) {
      if (!isAt(segmentsReceived.flow[row], segmentsReceived.side[row])) continue;
      const said = [segmentsReceived.verdict[row]];
      if (segmentsReceived.duplicates[row] > 0) said.push(`duplicate ACK no. ${segmentsReceived.duplicates[row]}`);
      if (segmentsReceived.acked[row] > 0) said.push(`acknowledges ${segmentsReceived.acked[row]} octets`);
      reasons.push({ relation: 'fact', text: said.join(', '), uid: 0, children: [] });
    }
    for (const row of this.variables.get(uid) ?? []) {
      if (!isAt(variables.flow[row], variables.side[row])) continue;
      const ssthresh = variables.ssthresh[row] === NONE ? '' : `, ssthresh ${variables.ssthresh[row]}`;
      reasons.push({ relation: 'fact', uid: 0, children: [],
        text: `then cwnd ${variables.cwnd[row]}${ssthresh}, in flight ${variables.flight[row]} (${variables.phase[row]})` });
    }
    return reasons;
  }

  private deaths(uid: number): Reason[] {
    const { drops } = this.model.tables;
    return (this.drops.get(uid) ?? []).map((row): Reason => {
      const place = drops.link[row] !== NONE ? `on ${this.model.links[drops.link[row]]?.name ?? '?'}`
        : `at ${this.model.nodeName(drops.node[row])}`;
      const how = drops.decision[row] ? ` (${drops.decision[row]})` : '';
      return { relation: 'died', uid: 0, children: [],
        text: `ends ${place} at ${clockText(drops.time[row])} ms: ${this.model.dropWords(drops.reason[row])}${how}` };
    });
  }

  private effects(uid: number): Reason[] {
    const packets = this.provokedBy(uid);
    const effects = packets.slice(0, EFFECTS_MAX).map((packet): Reason => {
      const other = this.model.packets.uid[packet];
      const how = this.model.packets.original[packet] === uid ? 'sent again as' : 'led to';
      return { relation: 'effect', text: `${how} ${this.name(other)}`, uid: other, children: [] };
    });
    const left = packets.length - effects.length;
    if (left > 0) effects.push({ relation: 'effect', text: `and ${left} more`, uid: 0, children: [] });
    return effects;
  }
}
