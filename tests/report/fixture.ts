// SPDX-License-Identifier: MIT
// A small run written by hand, as a report holds it: client, router and server, a connection that
// loses its second segment and sends it again after three duplicate ACKs. For tests of what panels
// compute; the real documents are those that `strata run --report` writes.
import { Schema, WireTable } from '../../tools/report/src/columns';
import * as data from '../../tools/report/src/data';

export type Row = Readonly<Record<string, number | string>>;

const MS = 1e6;

// Turns rows into columns as document.cc writes them.
export class Builder {
  readonly strings: string[] = [''];
  private readonly ids = new Map<string, number>([['', 0]]);

  id(text: string): number {
    let id = this.ids.get(text);
    if (id === undefined) {
      this.ids.set(text, (id = this.strings.length));
      this.strings.push(text);
    }
    return id;
  }
  // Columns a row does not name are 0 or ''.
  table(schema: Schema, rows: readonly Row[]): WireTable {
    const columns: Record<string, number[]> = {};
    for (const [name, kind] of Object.entries(schema)) {
      let before = 0;
      columns[name] = rows.map((row) => {
        const value = row[name] ?? (kind === 'text' ? '' : 0);
        if (kind === 'text') return this.id(String(value));
        if (kind === 'number') return Number(value);
        const difference = Number(value) - before;
        before = Number(value);
        return difference;
      });
    }
    return columns;
  }
}

// Packets of the run: number, who sent it, at which millisecond, octets of the stream it carries.
interface Sent {
  readonly uid: number;
  readonly side: 0 | 1;
  readonly at: number;
  readonly label: string;
  readonly offset?: number;
  readonly length?: number;
  readonly ack?: number;
  readonly lost?: boolean;
  readonly original?: number;
  readonly because?: number;
}
export const SENT: readonly Sent[] = [
  { uid: 1, side: 0, at: 0, label: 'SYN' },
  { uid: 2, side: 1, at: 2, label: 'SYN ACK', because: 1 },
  { uid: 3, side: 0, at: 4, label: 'ACK', because: 2 },
  { uid: 4, side: 0, at: 5, label: 'DATA 1:101', offset: 0, length: 100 },
  { uid: 5, side: 0, at: 6, label: 'DATA 101:201', offset: 100, length: 100, lost: true },
  { uid: 6, side: 0, at: 7, label: 'DATA 201:301', offset: 200, length: 100 },
  { uid: 7, side: 0, at: 8, label: 'DATA 301:401', offset: 300, length: 100 },
  { uid: 8, side: 0, at: 9, label: 'DATA 401:501', offset: 400, length: 100 },
  { uid: 9, side: 1, at: 7.1, label: 'ACK 101', ack: 100, because: 4 },
  { uid: 10, side: 1, at: 9.1, label: 'ACK 101', ack: 100, because: 6 },
  { uid: 11, side: 1, at: 10.1, label: 'ACK 101', ack: 100, because: 7 },
  { uid: 12, side: 1, at: 11.1, label: 'ACK 101', ack: 100, because: 8 },
  { uid: 13, side: 0, at: 13, label: 'RETX 101:201', offset: 100, length: 100, original: 5, because: 12 },
  { uid: 14, side: 1, at: 15.1, label: 'ACK 501', ack: 500, because: 13 },
];

const NODES = [0, 1, 2]; // client, router, server
const OVERHEAD = 58; // Ethernet, IPv4, TCP, FCS

function hopsOf(packet: Sent, row: number): Row[] {
  const length = OVERHEAD + (packet.length ?? 0);
  const out = packet.side === 0 ? NODES : [...NODES].reverse();
  const hop = (index: 0 | 1): Row => {
    const sent = (packet.at + index) * MS;
    const isLost = packet.lost === true && index === 1;
    return {
      packet: row, link: packet.side === 0 ? index : 1 - index, from: out[index], to: out[index + 1],
      fromPort: out[index] === 1 && packet.side === 0 ? 1 : 0, toPort: 0,
      queued: packet.uid === 7 && index === 0 ? sent - 0.3 * MS : data.NONE, depth: 1,
      sent, out: sent + 0.1 * MS, due: sent + 0.9 * MS, received: isLost ? data.NONE : sent + 0.9 * MS,
      length, image: 0, receivedImage: isLost ? data.NONE : 0, reason: isLost ? 'loss' : '',
      decision: isLost ? 'bernoulli p=0.1 draw=0.03' : '',
    };
  };
  return [hop(0), hop(1)];
}

const arrival = (packet: Sent): number => (packet.lost ? data.NONE : (packet.at + 1.9) * MS);

function packetRow(packet: Sent): Row {
  const { uid, side, at, label } = packet;
  return {
    uid, flow: 1, from: side === 0 ? 0 : 2, to: side === 0 ? 2 : 0, sent: at * MS, arrived: arrival(packet),
    reached: arrival(packet), label, role: packet.original ? 'retransmission' : packet.length ? 'data' : 'acknowledgement',
    fate: packet.lost ? 'loss on right' : '', reason: packet.lost ? 'loss' : '',
    kind: packet.original ? 'retransmission' : packet.length ? 'data' : 'ack',
    cause: packet.original ? 'fast retransmit' : '', original: packet.original ?? 0, because: packet.because ?? 0,
    parent: packet.original ?? 0, parentage: packet.original ? 'retransmission' : '',
  };
}

function segmentRows(): { sent: Row[]; received: Row[] } {
  const sent = SENT.map((p): Row => ({
    flow: 1, side: p.side, time: p.at * MS, uid: p.uid, offset: p.offset ?? 0, length: p.length ?? 0, ack: p.ack ?? 0,
    kind: p.original ? 'retransmission' : p.length ? 'data' : 'ack', cause: p.original ? 'fast retransmit' : 'none',
    original: p.original ?? 0, because: p.because ?? 0,
  }));
  const duplicates: Readonly<Record<number, number>> = { 10: 1, 11: 2, 12: 3 };
  const received = SENT.filter((p) => !p.lost).map((p): Row => ({
    flow: 1, side: p.side === 0 ? 1 : 0, time: arrival(p), uid: p.uid, offset: p.offset ?? 0, length: p.length ?? 0,
    ack: p.ack ?? 0, duplicates: duplicates[p.uid] ?? 0,
    verdict: [6, 7, 8].includes(p.uid) ? 'out of order' : p.length ? 'in order' : 'acknowledgement',
  }));
  return { sent, received };
}

const VARIABLES: readonly Row[] = [
  { side: 0, time: 0, phase: 'slow start', cwnd: 1000, ssthresh: data.NONE, flight: 0, rto: 1000 * MS },
  { side: 0, time: 4 * MS, uid: 2, phase: 'slow start', cwnd: 1000, ssthresh: data.NONE, sndWnd: 4000, srtt: 4 * MS, rto: 200 * MS },
  { side: 0, time: 9 * MS, phase: 'slow start', cwnd: 1100, ssthresh: data.NONE, flight: 400, sndWnd: 4000, sndUna: 100, srtt: 4 * MS, rto: 200 * MS },
  { side: 0, time: 13 * MS, uid: 12, phase: 'recovery', cwnd: 500, ssthresh: 200, flight: 400, sndWnd: 4000, sndUna: 100, srtt: 4 * MS, rto: 200 * MS },
  { side: 0, time: 17 * MS, uid: 14, phase: 'avoidance', cwnd: 200, ssthresh: 200, flight: 0, sndWnd: 4000, sndUna: 500, srtt: 4 * MS, rto: 200 * MS },
  { side: 1, time: 6.9 * MS, uid: 4, phase: 'slow start', cwnd: 1000, ssthresh: data.NONE, rcvNxt: 100, rto: 1000 * MS },
  { side: 1, time: 14.9 * MS, uid: 13, phase: 'slow start', cwnd: 1000, ssthresh: data.NONE, rcvNxt: 500, rto: 1000 * MS },
].map((row) => ({ flow: 1, state: 'ESTABLISHED', mss: 100, ...row }));

const STATES: readonly Row[] = [
  { side: 0, time: 0, from: 'CLOSED', to: 'SYN-SENT', cause: 'active open' },
  { side: 1, time: 1.9 * MS, uid: 1, from: 'LISTEN', to: 'SYN-RECEIVED', cause: 'SYN received' },
  { side: 0, time: 3.9 * MS, uid: 2, from: 'SYN-SENT', to: 'ESTABLISHED', cause: 'SYN, ACK received' },
  { side: 1, time: 5.9 * MS, uid: 3, from: 'SYN-RECEIVED', to: 'ESTABLISHED', cause: 'ACK received' },
].map((row) => ({ flow: 1, ...row }));

const TIMERS: readonly Row[] = [
  { time: 5 * MS, action: 'set', deadline: 205 * MS },
  { time: 9 * MS, action: 'set', deadline: 209 * MS },
  { time: 17 * MS, action: 'cancelled' },
].map((row) => ({ flow: 1, side: 0, timer: 'retransmission', ...row }));

const SOCKETS: readonly Row[] = [
  { time: 0, node: 2, row: 0, fd: 3, process: 'sink', type: 'tcp', state: 'LISTEN', local: '*:80', remote: '*:*' },
  { time: 1.9 * MS, node: 2, row: 1, fd: data.NONE, process: 'sink', type: 'tcp', state: 'SYN-RECEIVED', local: '10.0.2.20:80', remote: '10.0.1.10:40000' },
  { time: 5.9 * MS, node: 2, row: 1, fd: 4, process: 'sink', type: 'tcp', state: 'ESTABLISHED', local: '10.0.2.20:80', remote: '10.0.1.10:40000' },
  { time: 18 * MS, node: 2, row: 1, state: '' },
];

const FIELDS = [
  ['destination', 'eth.dst', '', 0, 48], ['source', 'eth.src', '', 48, 48], ['type', 'eth.type', '', 96, 16],
] as const;

export function fixtureDocument(): { document: data.Document; octets: Uint8Array } {
  const builder = new Builder();
  const t = (schema: Schema, rows: readonly Row[]): WireTable => builder.table(schema, rows);
  const byTime = (a: Row, b: Row): number => Number(a.time ?? a.sent) - Number(b.time ?? b.sent);
  const ordered = [...SENT].sort((a, b) => a.at - b.at);
  const { sent, received } = segmentRows();
  const lost = SENT.filter((p) => p.lost);
  const octets = new Uint8Array(64).map((_, i) => i);
  const tables: Record<data.TableName, WireTable> = {
    packets: t(data.PACKETS, ordered.map(packetRow)),
    hops: t(data.HOPS, ordered.flatMap(hopsOf).sort(byTime)),
    drops: t(data.DROPS, lost.map((p): Row => ({ time: (p.at + 1) * MS, node: 1, layer: 'physical', reason: 'loss', uid: p.uid, link: 1, port: data.NONE, decision: 'bernoulli p=0.1 draw=0.03' }))),
    flips: t(data.FLIPS, []),
    images: t(data.IMAGES, [{ offset: 0, length: 64, template: 0, cells: 0 }]),
    events: t(data.EVENTS, ordered.map((p): Row => ({ time: p.at * MS, node: p.side === 0 ? 0 : 2, layer: 'transport', kind: 'segment sent', uid: p.uid, flow: 1, text: p.label }))),
    variables: t(data.VARIABLES, [...VARIABLES].sort(byTime)),
    rttSamples: t(data.RTT_SAMPLES, [4, 2, 6].map((ms, i): Row => ({ flow: 1, side: 0, time: (4 + i) * MS, uid: 2, sample: ms * MS }))),
    states: t(data.STATES, STATES),
    timers: t(data.TIMERS, TIMERS),
    segmentsSent: t(data.SEGMENTS_SENT, [...sent].sort(byTime)),
    segmentsReceived: t(data.SEGMENTS_RECEIVED, [...received].sort(byTime)),
    sackBlocks: t(data.SACK_BLOCKS, [{ flow: 1, side: 0, time: 11 * MS, uid: 10, begin: 200, end: 300 }]),
    transfers: t(data.TRANSFERS, [
      { flow: 1, side: 0, time: 4 * MS, action: 'write', offset: 0, length: 500 },
      { flow: 1, side: 0, time: 7 * MS, action: 'read', offset: 0, length: 100 },
      { flow: 1, side: 0, time: 15 * MS, action: 'read', offset: 100, length: 400 },
    ]),
    demux: t(data.DEMUX, [{ time: 1.9 * MS, node: 2, uid: 1, protocol: 'tcp', local: '10.0.2.20:80', remote: '10.0.1.10:40000', socket: 3, outcome: 'new connection', steps: 0 }]),
    sockets: t(data.SOCKETS, SOCKETS),
    neighbours: t(data.NEIGHBOURS, []), macTable: t(data.MAC_TABLE, []), routes: t(data.ROUTES, []), linkStates: t(data.LINK_STATES, []),
  };
  const end = (node: number, name: string, endpoint: string): data.FlowEnd => ({ node, name, endpoint });
  const node = (name: string, kind: data.NodeKind, ports: number): data.NodeInfo => ({
    name, kind, layers: [], ports: Array.from({ length: ports }, (_, i) => ({ name: `eth${i}`, mac: '', addresses: [], link: i })),
  });
  const link = (name: string, a: number, b: number): data.LinkInfo =>
    ({ name, a: { node: a, port: 0 }, b: { node: b, port: 0 }, rate: 10e6, delay: 0.8 * MS, lineCode: 'manchester' });
  const cells = [builder.id('summary'), 0, 0, 1, 2];
  const fieldValues = [[builder.id('00:01'), 0, 0], [builder.id('06:07'), 0, 0], [builder.id('0x0c0d'), 0, 0]] as const;
  const step = [builder.id('listener *:port'), builder.id('*:80'), 0, 1] as const;
  const document: data.Document = {
    version: data.VERSION,
    run: {
      generator: 'strata', file: 'hand.yaml', title: 'By hand', about: '', seed: '1', fingerprint: '', end: 20 * MS,
      ending: 'ended', isInferred: false, expectations: [], hopsKept: SENT.length * 2, hopsTotal: SENT.length * 2, keptUntil: 20 * MS,
      figures: { flows: [{ number: 1, segments: 8, bytes_sent: 600, bytes_delivered: 500, goodput_bps: 400000,
        retransmissions: { total: 1, fast: 1, timeout: 0 }, back: { segments: 6, bytes_delivered: 0 } }] },
    },
    nodes: [node('client', 'host', 1), node('r1', 'router', 2), node('server', 'host', 1)],
    links: [link('left', 0, 1), link('right', 1, 2)],
    flows: [{ number: 1, protocol: 'tcp', ends: [end(0, 'client:40000', '10.0.1.10:40000'), end(2, 'server:80', '10.0.2.20:80')] }],
    strings: builder.strings, dropWords: { loss: 'lost at random' },
    templates: [[{ protocol: 'ethernet', offset: 0, header: 14, total: 64, fields: FIELDS }]],
    cells, fieldValues, demuxSteps: [[step]], tables,
  };
  return { document, octets };
}

export function fixture(): data.Model {
  const { document, octets } = fixtureDocument();
  return new data.Model(document, octets);
}
