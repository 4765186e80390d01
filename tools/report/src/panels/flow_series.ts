// SPDX-License-Identifier: MIT
// The plots of one direction of a conversation: `side` is the sender. Every series comes straight
// from a table of the report; nothing is guessed from packets.
import { countUpTo } from '../columns';
import { Model, NONE } from '../data';
import { FlowRows, repeatCause, Side } from '../flow_rows';
import { PlotData } from './plot';
import { Mark, Series, SeriesRole } from './series';

const other = (side: Side): Side => (side === 0 ? 1 : 0);

// Columns of a plot, point by point.
class Points {
  readonly x: number[] = [];
  readonly y: number[] = [];
  readonly y2: number[] = [];
  readonly uid: number[] = [];
  add(x: number, y: number, uid = 0, y2 = 0): void {
    this.x.push(x);
    this.y.push(y);
    this.y2.push(y2);
    this.uid.push(uid);
  }
  step(name: string, role: SeriesRole, dash?: readonly number[], end?: number): Series {
    return { name, role, kind: 'step', dash, x: this.x, y: this.y, end };
  }
  dots(name: string, role: SeriesRole): Series {
    return { name, role, kind: 'dots', x: this.x, y: this.y, uid: this.uid };
  }
  bars(name: string, role: SeriesRole): Series {
    return { name, role, kind: 'bars', x: this.x, y: this.y, y2: this.y2, uid: this.uid };
  }
}

// The last thing that happened in the conversation: where its lines end.
function lastTime(model: Model, flow: number): number {
  const { time } = model.tables.variables;
  const ends = ([0, 1] as const).map((side) => {
    const rows = FlowRows.of(model).rows('variables', flow, side);
    return rows.length > 0 ? time[rows[rows.length - 1]] : 0;
  });
  return Math.max(...ends);
}

// Octets of the stream over time: segments, what was acknowledged, the edge of the offered window.
export function sequencePlot(model: Model, flow: number, side: Side): PlotData {
  const rows = FlowRows.of(model);
  const { segmentsSent, variables, sackBlocks } = model.tables;
  const [fresh, again, lost, sacked] = [new Points(), new Points(), new Points(), new Points()];
  for (const row of rows.rows('segmentsSent', flow, side)) {
    const length = segmentsSent.length[row];
    if (length === 0) continue;
    const uid = segmentsSent.uid[row];
    const offset = segmentsSent.offset[row];
    const points = repeatCause(segmentsSent.cause[row]) !== '' ? again : fresh;
    // When its first bit left, as a capture would say; TCP hands many over in one instant.
    const packet = model.packetOf(uid);
    const hop = model.hopsOf(packet)[0];
    const time = hop === undefined ? segmentsSent.time[row] : model.hops.sent[hop];
    points.add(time, offset, uid, offset + length);
    if (packet !== NONE && model.packets.reason[packet] !== '' && model.packets.arrived[packet] === NONE) {
      lost.add(time, offset, uid, offset + length);
    }
  }
  const [acknowledged, offered] = [new Points(), new Points()];
  for (const row of rows.rows('variables', flow, side)) {
    const [time, una] = [variables.time[row], variables.sndUna[row]];
    acknowledged.add(time, una);
    if (variables.sndWnd[row] > 0 || una > 0) offered.add(time, una + variables.sndWnd[row]);
  }
  for (const row of rows.rows('sackBlocks', flow, side)) {
    sacked.add(sackBlocks.time[row], sackBlocks.begin[row], sackBlocks.uid[row], sackBlocks.end[row]);
  }
  const end = lastTime(model, flow);
  const series = [
    fresh.bars('segment', 'data'), again.bars('sent again', 'retransmission'), lost.bars('lost', 'drop'),
    acknowledged.step('acknowledged', 'ack', undefined, end),
    { ...offered.step('window edge', 'window', [6, 3], end), isAside: true },
  ];
  if (sacked.x.length > 0) series.push(sacked.bars('SACK', 'sack'));
  return { series, marks: [] };
}

export function windowsPlot(model: Model, flow: number, side: Side): PlotData {
  const { variables } = model.tables;
  const [cwnd, ssthresh, flight, offered] = [new Points(), new Points(), new Points(), new Points()];
  for (const row of FlowRows.of(model).rows('variables', flow, side)) {
    const time = variables.time[row];
    if (variables.cwnd[row] > 0) cwnd.add(time, variables.cwnd[row]);
    if (variables.ssthresh[row] !== NONE) ssthresh.add(time, variables.ssthresh[row]);
    flight.add(time, variables.flight[row]);
    if (variables.sndWnd[row] > 0 || offered.x.length > 0) offered.add(time, variables.sndWnd[row]);
  }
  const end = lastTime(model, flow);
  return {
    series: [
      // What is drawn last lies on top.
      flight.step('in flight', 'retransmission', undefined, end), cwnd.step('cwnd', 'data', undefined, end),
      ssthresh.step('ssthresh', 'threshold', [2, 3], end),
      { ...offered.step('offered window', 'window', [6, 3], end), isAside: true },
    ],
    marks: marksOf(model, flow, side),
  };
}

// What made the sender change its mind: duplicate ACKs, timers that fired, segments sent again.
function marksOf(model: Model, flow: number, side: Side): Mark[] {
  const rows = FlowRows.of(model);
  const { segmentsReceived, segmentsSent, timers, variables } = model.tables;
  const marks: Mark[] = [];
  for (const row of rows.rows('segmentsReceived', flow, side)) {
    const count = segmentsReceived.duplicates[row];
    if (count === 0) continue;
    marks.push({ time: segmentsReceived.time[row], glyph: count < 10 ? String(count) : '+', role: 'ack',
      label: `duplicate ACK no. ${count}`, uid: segmentsReceived.uid[row] });
  }
  for (const row of rows.rows('segmentsSent', flow, side)) {
    if (repeatCause(segmentsSent.cause[row]) === '') continue;
    marks.push({ time: segmentsSent.time[row], glyph: 'R', role: 'retransmission',
      label: `sent again: ${segmentsSent.cause[row]}`, uid: segmentsSent.uid[row] });
  }
  for (const row of rows.rows('timers', flow, side)) {
    if (timers.action[row] !== 'fired') continue;
    marks.push({ time: timers.time[row], glyph: 'T', role: 'drop', uid: 0,
      label: `the ${timers.timer[row]} timer fired` });
  }
  let phase = '';
  for (const row of rows.rows('variables', flow, side)) {
    if (variables.phase[row] === phase) continue;
    if (phase !== '') {
      marks.push({ time: variables.time[row], glyph: variables.phase[row].charAt(0) || '·', role: 'window',
        label: `from ${phase} to ${variables.phase[row]}`, uid: variables.uid[row] });
    }
    phase = variables.phase[row];
  }
  return marks.sort((a, b) => a.time - b.time);
}

export function rttPlot(model: Model, flow: number, side: Side): PlotData {
  const rows = FlowRows.of(model);
  const { rttSamples, variables } = model.tables;
  const [samples, smoothed, timeout] = [new Points(), new Points(), new Points()];
  for (const row of rows.rows('rttSamples', flow, side)) {
    samples.add(rttSamples.time[row], rttSamples.sample[row], rttSamples.uid[row]);
  }
  for (const row of rows.rows('variables', flow, side)) {
    if (variables.srtt[row] > 0) smoothed.add(variables.time[row], variables.srtt[row]);
    if (variables.rto[row] > 0) timeout.add(variables.time[row], variables.rto[row]);
  }
  const end = lastTime(model, flow);
  return {
    series: [samples.dots('sample', 'data'), smoothed.step('SRTT', 'ack', undefined, end),
      { ...timeout.step('RTO', 'retransmission', [6, 3], end), isAside: true }],
    marks: [],
  };
}

// A count that only grows, and when.
export interface Growth {
  readonly time: readonly number[]; // ascending
  readonly sum: readonly number[]; // after that instant
}

function growth(steps: readonly (readonly [number, number])[]): Growth {
  const ordered = [...steps].sort((a, b) => a[0] - b[0]);
  let sum = 0;
  return { time: ordered.map(([time]) => time), sum: ordered.map(([, octets]) => (sum += octets)) };
}

// Octets on the first link of one direction of a flow (throughput: headers and repeats included),
// and octets that reached the other end's application buffer in order (goodput).
export function throughputOf(model: Model, flow: number, side: Side): Growth {
  const { packets, hops } = model;
  const node = model.flows[flow - 1]?.ends[side].node;
  const steps: [number, number][] = [];
  for (let packet = 0; packet < packets.count; packet++) {
    if (packets.flow[packet] !== flow || packets.from[packet] !== node) continue;
    const hop = model.hopsOf(packet)[0];
    if (hop !== undefined) steps.push([hops.out[hop], hops.length[hop]]);
  }
  return growth(steps);
}

export function goodputOf(model: Model, flow: number, side: Side): Growth {
  const { variables } = model.tables;
  const steps: [number, number][] = [];
  let last = 0;
  for (const row of FlowRows.of(model).rows('variables', flow, other(side))) {
    const now = variables.rcvNxt[row];
    if (now > last) steps.push([variables.time[row], now - last]);
    last = Math.max(last, now);
  }
  return growth(steps);
}

// Bits per second in each of `bins` equal parts of a window.
export function rateSteps(
  counted: Growth, from: number, to: number, bins: number,
): { x: number[]; y: number[] } {
  const width = (to - from) / bins;
  const upTo = (time: number): number => {
    const count = countUpTo(counted.time, time);
    return count === 0 ? 0 : counted.sum[count - 1];
  };
  const x: number[] = [];
  const y: number[] = [];
  let before = upTo(from);
  for (let bin = 0; bin < bins; bin++) {
    const after = upTo(from + (bin + 1) * width);
    x.push(from + bin * width);
    y.push(((after - before) * 8e9) / width);
    before = after;
  }
  return { x, y };
}

// Frames waiting at each port that ever made one wait, the fullest first; drops of its queue.
export function queuePlot(model: Model, portsMax: number): PlotData {
  const { hops } = model;
  const changes = new Map<string, [number, number][]>(); // by port: time, +1 or -1
  for (let hop = 0; hop < hops.count; hop++) {
    if (hops.queued[hop] === NONE) continue;
    const port = model.interfaceName(hops.from[hop], hops.fromPort[hop]);
    const list = changes.get(port) ?? [];
    list.push([hops.queued[hop], 1], [hops.sent[hop], -1]);
    changes.set(port, list);
  }
  const ports = [...changes].map(([name, list]) => {
    list.sort((a, b) => a[0] - b[0] || a[1] - b[1]);
    const points = new Points();
    points.add(0, 0);
    let depth = 0;
    let most = 0;
    for (const [time, change] of list) {
      depth += change;
      most = Math.max(most, depth);
      points.add(time, depth);
    }
    return { name, points, most };
  });
  ports.sort((a, b) => b.most - a.most || (a.name < b.name ? -1 : 1));
  const roles: readonly SeriesRole[] = ['data', 'retransmission', 'window', 'ack'];
  const dashes: readonly (readonly number[] | undefined)[] = [undefined, [6, 3], [2, 3], [8, 3, 2, 3]];
  const series = ports.slice(0, Math.min(portsMax, roles.length)).map((port, i) =>
    port.points.step(port.name, roles[i], dashes[i]));
  return { series, marks: queueDrops(model) };
}

function queueDrops(model: Model): Mark[] {
  const { drops } = model.tables;
  const marks: Mark[] = [];
  for (let row = 0; row < drops.count; row++) {
    if (!drops.reason[row].startsWith('queue-')) continue;
    marks.push({ time: drops.time[row], glyph: '✗', role: 'drop', uid: drops.uid[row],
      label: `${model.dropWords(drops.reason[row])} at ${model.interfaceName(drops.node[row], drops.port[row])}` });
  }
  return marks;
}
