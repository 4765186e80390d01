// SPDX-License-Identifier: MIT
// The figures of one direction of a conversation. What the run counted itself (`strata run --json`)
// is taken from there and not counted again; what it does not count, quantiles and losses by cause,
// comes from the tables of the report: of one that is cut, from the frames it holds.
import { Model, NONE } from '../data';
import { FlowRows, Side } from '../flow_rows';

export interface FlowFigures {
  readonly name: string; // "client:40000 → server:80"
  readonly protocol: string;
  readonly segments: number;
  readonly sent: number; // octets of payload, repeats included
  readonly delivered: number;
  readonly retransmissions: ReadonlyMap<string, number>; // by cause, none of 0
  readonly losses: ReadonlyMap<string, number>; // packets that died, by reason
  readonly rtt: readonly [p50: number, p95: number, max: number] | undefined; // ns
  readonly goodput: number; // bit/s
  readonly wire: number; // octets on the first link, preamble and gap included; NONE: not all are known
  readonly efficiency: number; // octets delivered of octets on the wire; NONE without them
}

type Json = Readonly<Record<string, unknown>>;

const isObject = (value: unknown): value is Json => typeof value === 'object' && value !== null && !Array.isArray(value);
const numberOf = (value: unknown): number => (typeof value === 'number' ? value : 0);

// Octet times around every frame: preamble, SFD, inter-frame gap (IEEE 802.3).
const WIRE_OVERHEAD = 20;

// The smallest sample that is not less than `share` of the samples (nearest rank), as the terminal's
// percentiles are.
export function quantile(ascending: readonly number[], share: number): number {
  const rank = Math.max(1, Math.ceil(share * ascending.length));
  return ascending[rank - 1];
}

function flowsOf(model: Model): readonly Json[] {
  const { flows } = model.run.figures;
  return Array.isArray(flows) ? flows.filter(isObject) : [];
}

function causes(value: unknown): Map<string, number> {
  const found = new Map<string, number>();
  if (!isObject(value)) return found;
  for (const [cause, count] of Object.entries(value)) {
    if (cause !== 'total' && numberOf(count) > 0) found.set(cause.replace(/_/g, ' '), numberOf(count));
  }
  return found;
}

export function flowFigures(model: Model, flow: number, side: Side): FlowFigures {
  const info = model.flows[flow - 1];
  const whole = flowsOf(model).find((one) => one.number === flow) ?? {};
  const figures = side === 0 ? whole : isObject(whole.back) ? whole.back : {};
  const rtt = FlowRows.of(model).rows('rttSamples', flow, side)
    .map((row) => model.tables.rttSamples.sample[row]).sort((a, b) => a - b);
  const wire = isCut(model) ? NONE : wireOctets(model, flow, side);
  const delivered = numberOf(figures.bytes_delivered);
  return {
    name: `${info.ends[side].name} → ${info.ends[1 - side].name}`,
    protocol: info.protocol,
    segments: numberOf(figures.segments ?? figures.datagrams),
    sent: numberOf(figures.bytes_sent),
    delivered,
    retransmissions: causes(figures.retransmissions),
    losses: lossesOf(model, flow, side),
    rtt: rtt.length > 0 ? [quantile(rtt, 0.5), quantile(rtt, 0.95), rtt[rtt.length - 1]] : undefined,
    goodput: numberOf(figures.goodput_bps),
    wire,
    efficiency: wire === NONE ? NONE : wire > 0 ? delivered / wire : 0,
  };
}

function wireOctets(model: Model, flow: number, side: Side): number {
  const { packets, hops } = model;
  const { node } = model.flows[flow - 1].ends[side];
  let octets = 0;
  for (let packet = 0; packet < packets.count; packet++) {
    if (packets.flow[packet] !== flow || packets.from[packet] !== node) continue;
    const hop = model.hopsOf(packet)[0];
    if (hop !== undefined) octets += hops.length[hop] + WIRE_OVERHEAD;
  }
  return octets;
}

function lossesOf(model: Model, flow: number, side: Side): Map<string, number> {
  const { packets } = model;
  const { node } = model.flows[flow - 1].ends[side];
  const losses = new Map<string, number>();
  for (let packet = 0; packet < packets.count; packet++) {
    if (packets.flow[packet] !== flow || packets.from[packet] !== node) continue;
    const reason = packets.reason[packet];
    if (reason === '' || packets.arrived[packet] !== NONE) continue;
    losses.set(reason, (losses.get(reason) ?? 0) + 1);
  }
  return losses;
}

// Does the report lack frames of the run?
export function isCut(model: Model): boolean {
  return model.run.hopsKept < model.run.hopsTotal;
}

// Drops of all packets of the run by reason, whoever they belonged to.
export function dropsByReason(model: Model): Map<string, number> {
  const found = new Map<string, number>();
  const { frames, nodes } = model.run.figures;
  if (isObject(frames) && isObject(nodes)) {
    for (const place of [frames, ...Object.values(nodes)]) {
      if (!isObject(place) || !isObject(place.dropped)) continue;
      for (const [reason, count] of Object.entries(place.dropped)) {
        if (reason !== 'total' && numberOf(count) > 0) found.set(reason, (found.get(reason) ?? 0) + numberOf(count));
      }
    }
    return found;
  }
  for (const reason of model.tables.drops.reason) found.set(reason, (found.get(reason) ?? 0) + 1);
  return found;
}
