// SPDX-License-Identifier: MIT
// What all panels share: one time cursor, one selection, one filter. A panel reads the store and
// sets it; the shell tells every panel in sight what changed, once per animation frame.
import { countUpTo } from './columns';
import { Model, NONE } from './data';

// What is selected. A part that is not chosen is 0 (packet, flow), NONE (hop, event) or undefined.
export interface Selection {
  readonly uid: number; // of a packet
  readonly hop: number; // row of HOPS: on which link the packet is looked at
  readonly bits: readonly [number, number] | undefined; // of that frame, from and to (excluded)
}
export const NOTHING: Selection = { uid: 0, hop: NONE, bits: undefined };

// What has changed since a panel was last told. `layout` is the theme or the size.
export interface Change {
  readonly time: boolean;
  readonly selection: boolean;
  readonly preview: boolean;
  readonly flow: boolean;
  readonly filter: boolean;
  readonly layout: boolean;
}
export type ChangeKind = keyof Change;
export const EVERYTHING: Change = {
  time: true, selection: true, preview: true, flow: true, filter: true, layout: true,
};

// A filter over packets; `text` is what was typed, '' for none.
export interface PacketFilter {
  readonly text: string;
  matches(packet: number): boolean; // row of PACKETS
}
export const ALL_PACKETS: PacketFilter = { text: '', matches: () => true };

export class Store {
  private cursor = 0;
  private eventRow = NONE;
  private chosen: Selection = NOTHING;
  private pointed: Selection | undefined;
  private flowNumber = 0;
  private packetFilter: PacketFilter = ALL_PACKETS;
  private readonly listeners = new Set<(kind: ChangeKind) => void>();

  constructor(private readonly model: Model) {}

  // The instant all panels show, ns: the state after all events of that instant.
  get time(): number {
    return this.cursor;
  }
  setTime(time: number): void {
    const clamped = Math.min(Math.max(Math.round(time), 0), this.model.run.keptUntil);
    const row = countUpTo(this.model.events.time, clamped) - 1;
    if (clamped === this.cursor && row === this.eventRow) return;
    this.cursor = clamped;
    this.eventRow = row;
    this.tell('time');
  }

  // The last event that has happened, row of EVENTS; NONE before the first. Several may share an
  // instant: stepping through them moves this and not the time.
  get event(): number {
    return this.eventRow;
  }
  // Goes to an event, and selects the packet it is about.
  setEvent(row: number): void {
    const { events } = this.model;
    if (row < 0 || row >= events.count) return;
    this.cursor = events.time[row];
    this.eventRow = row;
    this.tell('time');
    if (events.uid[row] !== 0) this.select({ uid: events.uid[row] });
  }

  // Chosen by a click or a key; stays.
  get selection(): Selection {
    return this.chosen;
  }
  // Selects a packet, or one hop of it, or bits of one hop. Without `hop` the first one of the
  // packet is looked at.
  select(selection: Partial<Selection>): void {
    const next = this.complete(selection);
    if (same(next, this.chosen)) return;
    this.chosen = next;
    this.tell('selection');
  }

  // Under the pointer; undefined when it points at nothing.
  get preview(): Selection | undefined {
    return this.pointed;
  }
  setPreview(selection: Partial<Selection> | undefined): void {
    const next = selection === undefined ? undefined : this.complete(selection);
    if (next === this.pointed || (next && this.pointed && same(next, this.pointed))) return;
    this.pointed = next;
    this.tell('preview');
  }
  // What to show: the preview while there is one, else the selection.
  get shown(): Selection {
    return this.pointed ?? this.chosen;
  }

  // The conversation that plots and timelines show; 0: all, or the first where only one fits.
  get flow(): number {
    return this.flowNumber;
  }
  // The conversation chosen, else that of the packet selected; 0: neither.
  get flowInSight(): number {
    if (this.flowNumber > 0 || this.chosen.uid === 0) return this.flowNumber;
    const packet = this.model.packetOf(this.chosen.uid);
    return packet === NONE ? 0 : this.model.packets.flow[packet];
  }
  setFlow(number: number): void {
    if (number === this.flowNumber || number > this.model.flows.length) return;
    this.flowNumber = number;
    this.tell('flow');
  }

  get filter(): PacketFilter {
    return this.packetFilter;
  }
  setFilter(filter: PacketFilter): void {
    if (filter.text === '' && this.packetFilter.text === '') return;
    this.packetFilter = filter;
    this.tell('filter');
  }

  // Does the ladder, the topology, ... show this packet?
  isShown(packet: number): boolean {
    return (
      (this.flowNumber === 0 || this.model.packets.flow[packet] === this.flowNumber) &&
      this.packetFilter.matches(packet)
    );
  }

  // Called at once on every change; panels do not need it, update() comes once per frame.
  listen(listener: (kind: ChangeKind) => void): () => void {
    this.listeners.add(listener);
    return () => this.listeners.delete(listener);
  }
  // The theme or the size of the page changed.
  announceLayout(): void {
    this.tell('layout');
  }

  private complete(selection: Partial<Selection>): Selection {
    let { uid = 0, hop = NONE } = selection;
    const { hops, packets } = this.model;
    if (hop !== NONE && uid === 0) uid = packets.uid[hops.packet[hop]] ?? 0;
    if (hop === NONE && uid !== 0) hop = this.model.hopsOf(this.model.packetOf(uid))[0] ?? NONE;
    return { uid, hop, bits: selection.bits };
  }
  private tell(kind: ChangeKind): void {
    for (const listener of this.listeners) listener(kind);
  }
}

function same(a: Selection, b: Selection): boolean {
  return (
    a.uid === b.uid && a.hop === b.hop && a.bits?.[0] === b.bits?.[0] && a.bits?.[1] === b.bits?.[1]
  );
}
