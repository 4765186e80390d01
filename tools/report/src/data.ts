// SPDX-License-Identifier: MIT
// What a report knows about its run: the tables that `strata run --report` writes (document.cc) and
// every panel reads. A table is a set of columns of equal length, a row is an index into them.
//
// Times are nanoseconds of virtual time since the start of the run: whole numbers, exact up to 104
// days. NONE stands for an instant, number or place that is missing. Nodes, links, ports, packets,
// hops and images are named by their index; packets also have the uid that every view of Strata
// shows, and flows the number that every view shows (from 1; 0: none).
import { Columns, readTable, WireTable } from './columns';

export const VERSION = 1;
export const NONE = -1;

// ---- the network --------------------------------------------------------------------------------

export type NodeKind = 'host' | 'router' | 'switch' | 'device';

export interface PortInfo {
  readonly name: string;
  readonly mac: string; // '' on a switch
  readonly addresses: readonly string[]; // "10.0.1.10/24"
  readonly link: number; // NONE: not connected
}
export interface NodeInfo {
  readonly name: string;
  readonly kind: NodeKind;
  readonly ports: readonly PortInfo[];
  readonly layers: readonly string[]; // from the bottom: "physical", "link", "network", ...
}
export interface LinkEnd {
  readonly node: number;
  readonly port: number;
}
export interface LinkInfo {
  readonly name: string;
  readonly a: LinkEnd;
  readonly b: LinkEnd;
  readonly rate: number; // bit/s; 0: infinitely fast
  readonly delay: number; // ns
  readonly lineCode: string; // "manchester"; '' where the link does not say
}

// ---- packets and their ways ---------------------------------------------------------------------

// The rows of the ladder: a packet from the node that made it to the last one that took it in. In
// order of `sent`.
export const PACKETS = {
  uid: 'number',
  parent: 'number', // uid; 0: none
  parentage: 'text', // "retransmission", "fragment", "reply", "duplicate", ...; '' without a parent
  flow: 'number',
  from: 'number', // node
  to: 'number',
  sent: 'delta', // first bit on the first link
  arrived: 'number', // last bit at `to`, and it was taken in
  reached: 'number', // the same, whether it was taken in or not
  label: 'text', // "DATA 1461:2921"
  role: 'text', // "data", "acknowledgement", "retransmission", "link", "bad", "plain", ...
  fate: 'text', // why it did not arrive, for people; '' when it did
  reason: 'text', // the same as a word: "loss", "queue-full"
  isDamaged: 'number', // 0 or 1: a medium flipped bits of it or cut it short
  branches: 'number', // further deliveries of a flooded frame
  kind: 'text', // of a TCP segment: "data", "retransmission", "pure ACK", ...; else ''
  cause: 'text', // of a retransmission: "timeout", "fast retransmit", ...; else ''
  original: 'number', // of a retransmission: uid that first carried these octets
  because: 'number', // uid of the packet whose arrival provoked this one
} as const;
export type Packets = Columns<typeof PACKETS>;

// One crossing of one link. In order of `sent`.
export const HOPS = {
  packet: 'number', // row of PACKETS
  link: 'number',
  from: 'number', // node
  fromPort: 'number',
  to: 'number',
  toPort: 'number',
  queued: 'number', // NONE: it did not have to wait
  depth: 'number', // frames in the queue when it was put there, itself included
  sent: 'delta', // first bit out
  out: 'number', // last bit out: out - sent is the serialisation time
  due: 'number', // last bit in, were it not lost
  received: 'number', // last bit in; NONE: it never arrived
  length: 'number', // octets, FCS included
  image: 'number', // octets as sent: row of IMAGES
  receivedImage: 'number', // octets as received; NONE when it was not
  error: 'text', // of the frame received: "crc", "symbol", ...; ''
  reason: 'text', // the medium dropped it: "loss", ...; ''
  decision: 'text', // how that was decided: "bernoulli p=0.1 draw=0.0342"
  extra: 'number', // ns the medium delivered it later than it should
  isReordered: 'number',
  isMarked: 'number', // the queue marked it "congestion experienced"
  cutTo: 'number', // octets that the medium delivered of a frame it cut short; else NONE
} as const;
export type Hops = Columns<typeof HOPS>;

// Where packets ended before their destination, queues and media included.
export const DROPS = {
  time: 'delta',
  node: 'number',
  layer: 'text',
  reason: 'text',
  uid: 'number',
  link: 'number',
  port: 'number',
  decision: 'text',
} as const;
export type Drops = Columns<typeof DROPS>;

// One flipped bit of one hop; bits count from the start of the frame, most significant first.
export const FLIPS = { hop: 'number', bit: 'number' } as const;
export type Flips = Columns<typeof FLIPS>;

// Distinct octets of frames. `layers()` of the model says what they mean.
export const IMAGES = {
  offset: 'delta', // in the octets of the report
  length: 'number',
  template: 'number',
  cells: 'delta', // first cell of its fields
} as const;
export type Images = Columns<typeof IMAGES>;

// A field of a frame: where it is and what it says. From the C++ dissector, which reads the field
// tables of the codecs.
export interface Field {
  readonly name: string;
  readonly abbreviation: string; // Wireshark's filter name; '' where there is none
  readonly section: string; // "RFC 791 3.1"
  readonly bit: number; // from the start of the frame
  readonly width: number; // bits
  readonly value: string; // for people: "64", "0x2376"
  readonly note: string; // what it means or what is wrong
  readonly status: 'plain' | 'good' | 'bad';
}
export interface Layer {
  readonly protocol: string; // "ethernet", "ipv4", "tcp", "data", "fcs", ...
  readonly offset: number; // octets from the start of the frame
  readonly header: number; // octets; of data, padding and FCS: all of it
  readonly total: number; // header and everything inside it
  readonly summary: string;
  readonly problem: string; // '' or how it is malformed
  readonly fields: readonly Field[];
}

// ---- what happened ------------------------------------------------------------------------------

// Every event a person would want to step through, as a sentence. The octet-by-octet ones (headers
// pushed and pulled, variables reported) are not among them.
export const EVENTS = {
  time: 'delta',
  node: 'number', // NONE: of a link
  layer: 'text',
  kind: 'text', // "frame sent", "dropped", "TCP state", ...
  uid: 'number', // 0: none
  flow: 'number',
  text: 'text',
} as const;
export type Events = Columns<typeof EVENTS>;

export interface FlowInfo {
  readonly number: number;
  readonly protocol: string; // "tcp", "udp"
  readonly ends: readonly [FlowEnd, FlowEnd]; // opener, responder
}
export interface FlowEnd {
  readonly endpoint: string; // "10.0.1.10:40000"
  readonly name: string; // "client:40000"
  readonly node: number; // NONE: not heard of
}

// `side` of the tables below: 0 the opener of the flow, 1 the responder. Offsets count octets of
// the stream from 0.
export const VARIABLES = {
  flow: 'number',
  side: 'number',
  time: 'delta',
  uid: 'number',
  state: 'text',
  phase: 'text', // "slow start", "avoidance", "recovery", "loss"
  mss: 'number',
  cwnd: 'number',
  ssthresh: 'number', // NONE before the first loss
  flight: 'number',
  sndWnd: 'number',
  rcvWnd: 'number',
  sndUna: 'number',
  sndNxt: 'number',
  rcvNxt: 'number',
  outOfOrder: 'number', // octets held above a gap
  srtt: 'number', // ns; 0 before the first sample
  rttvar: 'number',
  rto: 'number',
  cause: 'text',
} as const;
export type Variables = Columns<typeof VARIABLES>;

export const RTT_SAMPLES = {
  flow: 'number', side: 'number', time: 'delta', uid: 'number',
  sample: 'number', srtt: 'number', rttvar: 'number', rto: 'number',
} as const;
export type RttSamples = Columns<typeof RTT_SAMPLES>;

export const STATES = {
  flow: 'number', side: 'number', time: 'delta', uid: 'number',
  from: 'text', to: 'text', cause: 'text',
} as const;
export type States = Columns<typeof STATES>;

export const TIMERS = {
  flow: 'number', side: 'number', time: 'delta',
  timer: 'text', // "retransmission", "delayed-ack", ...
  action: 'text', // "set", "cancelled", "fired"
  deadline: 'number',
} as const;
export type Timers = Columns<typeof TIMERS>;

export const SEGMENTS_SENT = {
  flow: 'number', side: 'number', time: 'delta', uid: 'number',
  offset: 'number', length: 'number', flags: 'number',
  ack: 'number', // next octet expected from the peer
  kind: 'text', cause: 'text', original: 'number', because: 'number',
} as const;
export type SegmentsSent = Columns<typeof SEGMENTS_SENT>;

export const SEGMENTS_RECEIVED = {
  flow: 'number', side: 'number', time: 'delta', uid: 'number',
  offset: 'number', length: 'number', flags: 'number',
  ack: 'number', // of the receiver's own stream
  acked: 'number', // octets newly acknowledged
  duplicates: 'number', // duplicate ACKs in a row after this segment
  verdict: 'text', // "in order", "out of order", ...
} as const;
export type SegmentsReceived = Columns<typeof SEGMENTS_RECEIVED>;

// Octets [begin, end) that a segment said were received above a gap; `side` is whose octets.
export const SACK_BLOCKS = {
  flow: 'number', side: 'number', time: 'delta', uid: 'number', begin: 'number', end: 'number',
} as const;
export type SackBlocks = Columns<typeof SACK_BLOCKS>;

// Octets of the stream of `side`: its application handed them over, or that of the other side took them.
export const TRANSFERS = {
  flow: 'number', side: 'number', time: 'delta',
  action: 'text', // "write", "read"
  offset: 'number', length: 'number',
} as const;
export type Transfers = Columns<typeof TRANSFERS>;

export const DEMUX = {
  time: 'delta', node: 'number', uid: 'number', protocol: 'text', local: 'text', remote: 'text',
  socket: 'number', // descriptor; NONE: nobody got it
  outcome: 'text', // "delivered", "new connection", "reset sent", ...
  steps: 'number', // row of demuxSteps
} as const;
export type Demux = Columns<typeof DEMUX>;
export interface DemuxStep {
  readonly rule: string;
  readonly candidate: string;
  readonly outcome: 'hit' | 'miss' | 'not tried';
  readonly entries: number;
}

// ---- tables of devices --------------------------------------------------------------------------

// A row of a host's socket table became this. `row` is its position in the table; '' as state means
// that the table ends before it. The table at an instant has at each position the last change not
// after it, as `strata show sockets --at` prints it.
export const SOCKETS = {
  time: 'delta', node: 'number', row: 'number',
  fd: 'number', // NONE: no descriptor
  process: 'text', type: 'text', // "tcp", "udp", "icmp"
  state: 'text',
  receiveQueue: 'number', sendQueue: 'number', local: 'text', remote: 'text',
  rcvNxt: 'number', sndUna: 'number', cwnd: 'number', rto: 'number', // NONE where it is no TCP
  timers: 'text',
} as const;
export type Sockets = Columns<typeof SOCKETS>;

export const NEIGHBOURS = {
  time: 'delta', node: 'number', port: 'number', address: 'text', mac: 'text',
  state: 'text', cause: 'text', waiting: 'number',
  isKept: 'number', // 0: it is no entry of the table, or not any more
} as const;
export type Neighbours = Columns<typeof NEIGHBOURS>;

export const MAC_TABLE = {
  time: 'delta', node: 'number', change: 'text', mac: 'text', port: 'number', vlan: 'number',
} as const;
export type MacTable = Columns<typeof MAC_TABLE>;

export const ROUTES = {
  time: 'delta', node: 'number', change: 'text', prefix: 'text', nextHop: 'text', port: 'number',
  metric: 'number', origin: 'text',
} as const;
export type Routes = Columns<typeof ROUTES>;

// What changed of a link, the rest is NONE: whether it is up (0 or 1), the longest datagram it takes.
export const LINK_STATES = { time: 'delta', link: 'number', isUp: 'number', mtu: 'number' } as const;
export type LinkStates = Columns<typeof LINK_STATES>;

// ---- the run ------------------------------------------------------------------------------------

export interface Expectation {
  readonly written: string;
  readonly passed: boolean;
  readonly actual: string;
  readonly problem: string;
}
export interface RunInfo {
  readonly generator: string; // "strata 0.1.0"
  readonly file: string;
  readonly title: string;
  readonly about: string; // a paragraph or two: what to see and why
  readonly seed: string; // 64 bits, decimal
  readonly fingerprint: string;
  readonly end: number; // ns
  readonly ending: string; // how it ended, for people
  readonly isInferred: boolean; // a capture: whatever is not octets and times was concluded
  readonly expectations: readonly Expectation[];
  // The report holds `hopsKept` of `hopsTotal` hops; what happened after `keptUntil` is left out.
  readonly hopsKept: number;
  readonly hopsTotal: number;
  readonly keptUntil: number;
  // The figures of `strata run --json` (docs/run-json.md), of the whole run.
  readonly figures: Readonly<Record<string, unknown>>;
}

// ---- the model ----------------------------------------------------------------------------------

const TABLES = {
  packets: PACKETS, hops: HOPS, drops: DROPS, flips: FLIPS, images: IMAGES, events: EVENTS,
  variables: VARIABLES, rttSamples: RTT_SAMPLES, states: STATES, timers: TIMERS,
  segmentsSent: SEGMENTS_SENT, segmentsReceived: SEGMENTS_RECEIVED, sackBlocks: SACK_BLOCKS,
  transfers: TRANSFERS, demux: DEMUX, sockets: SOCKETS, neighbours: NEIGHBOURS,
  macTable: MAC_TABLE, routes: ROUTES, linkStates: LINK_STATES,
} as const;
export type TableName = keyof typeof TABLES;
type Tables = { readonly [Name in TableName]: Columns<(typeof TABLES)[Name]> };

// Field tables as written: what many frames share, and the cells in which they differ.
interface WireTemplate {
  readonly protocol: string;
  readonly offset: number;
  readonly header: number;
  readonly total: number;
  readonly fields: readonly (readonly [string, string, string, number, number])[];
}
export interface Document {
  readonly version: number;
  readonly run: RunInfo;
  readonly nodes: readonly NodeInfo[];
  readonly links: readonly LinkInfo[];
  readonly flows: readonly FlowInfo[];
  readonly strings: readonly string[];
  readonly dropWords: Readonly<Record<string, string>>; // "queue-full": "queue is full"
  readonly templates: readonly (readonly WireTemplate[])[];
  // By image, each layer of its template: summary and problem, then each field as an index into
  // fieldValues.
  readonly cells: readonly number[];
  readonly fieldValues: readonly (readonly [number, number, number])[]; // value, note, status
  readonly demuxSteps: readonly (readonly (readonly [number, number, number, number])[])[];
  readonly tables: Readonly<Record<TableName, WireTable>>;
}

const STATUS = ['plain', 'good', 'bad'] as const;
const OUTCOMES = ['hit', 'miss', 'not tried'] as const;

export class Model {
  readonly run: RunInfo;
  readonly nodes: readonly NodeInfo[];
  readonly links: readonly LinkInfo[];
  readonly flows: readonly FlowInfo[]; // by number - 1
  readonly tables: Tables;
  readonly packets: Packets;
  readonly hops: Hops;
  readonly events: Events;
  private readonly rowOfUid = new Map<number, number>();
  private readonly hopRows: number[][];

  constructor(private readonly document: Document, private readonly octets: Uint8Array) {
    if (document.version !== VERSION) {
      throw new Error(`data of version ${document.version}, this page reads ${VERSION}`);
    }
    this.run = document.run;
    this.nodes = document.nodes;
    this.links = document.links;
    this.flows = document.flows;
    const tables: Partial<Record<TableName, unknown>> = {};
    for (const name of Object.keys(TABLES) as TableName[]) {
      tables[name] = readTable(TABLES[name], document.tables[name], document.strings);
    }
    this.tables = tables as Tables;
    this.packets = this.tables.packets;
    this.hops = this.tables.hops;
    this.events = this.tables.events;
    this.packets.uid.forEach((uid, row) => this.rowOfUid.set(uid, row));
    this.hopRows = Array.from({ length: this.packets.count }, () => []);
    this.hops.packet.forEach((packet, hop) => this.hopRows[packet].push(hop));
  }

  // The row of PACKETS with this uid; NONE when the report has none.
  packetOf(uid: number): number {
    return this.rowOfUid.get(uid) ?? NONE;
  }
  // Rows of HOPS of a packet, in order of sending.
  hopsOf(packet: number): readonly number[] {
    return this.hopRows[packet] ?? [];
  }
  // Octets of an image.
  bytes(image: number): Uint8Array {
    const { offset, length } = this.tables.images;
    return this.octets.subarray(offset[image], offset[image] + length[image]);
  }
  // What the octets of an image mean, outermost first; data, padding and FCS last.
  layers(image: number): readonly Layer[] {
    const { strings, cells, fieldValues, templates } = this.document;
    let at = this.tables.images.cells[image];
    return templates[this.tables.images.template[image]].map((layer): Layer => {
      const summary = strings[cells[at++]];
      const problem = strings[cells[at++]];
      const fields = layer.fields.map(([name, abbreviation, section, bit, width]): Field => {
        const [value, note, status] = fieldValues[cells[at++]];
        return {
          name, abbreviation, section, bit, width,
          value: strings[value], note: strings[note], status: STATUS[status],
        };
      });
      const { protocol, offset, header, total } = layer;
      return { protocol, offset, header, total, summary, problem, fields };
    });
  }
  // The rules of the demultiplexer that a row of DEMUX went through.
  demuxSteps(row: number): readonly DemuxStep[] {
    const { strings, demuxSteps } = this.document;
    return demuxSteps[this.tables.demux.steps[row]].map(([rule, candidate, outcome, entries]) => ({
      rule: strings[rule], candidate: strings[candidate], outcome: OUTCOMES[outcome], entries,
    }));
  }

  // Why a packet ended, for people, by the `reason` of DROPS, HOPS and figures.
  dropWords(reason: string): string {
    return this.document.dropWords[reason] ?? reason;
  }

  nodeName(node: number): string {
    return this.nodes[node]?.name ?? '?';
  }
  // "client:eth0".
  interfaceName(node: number, port: number): string {
    return `${this.nodeName(node)}:${this.nodes[node]?.ports[port]?.name ?? '?'}`;
  }
}
