// SPDX-License-Identifier: MIT
// The fields that filters ask for, read from a packet of the report: header fields from the octets
// of a frame where the dissector says they are, `frame.*` and `strata.*` from the tables.
import { Field, Layer, Model, NONE } from '../data';
import { FlowRows, Side } from '../flow_rows';
import { FieldValue, FieldType, findField } from './fields';
import type { FieldsOf, Filter } from './filter';

const EMPTY: readonly FieldValue[] = [];

// Fields that Wireshark has under one name for two.
const UNIONS: Readonly<Record<string, readonly string[]>> = {
  'eth.addr': ['eth.dst', 'eth.src'],
  'ip.addr': ['ip.src', 'ip.dst'],
  'tcp.port': ['tcp.srcport', 'tcp.dstport'],
  'udp.port': ['udp.srcport', 'udp.dstport'],
};
// Bits of a field of flags, by the weight of the bit.
const FLAGS: Readonly<Record<string, readonly [field: string, weight: number]>> = {
  'ip.flags.df': ['ip.flags', 2],
  'ip.flags.mf': ['ip.flags', 1],
  'tcp.flags.fin': ['tcp.flags', 0x01],
  'tcp.flags.syn': ['tcp.flags', 0x02],
  'tcp.flags.reset': ['tcp.flags', 0x04],
  'tcp.flags.push': ['tcp.flags', 0x08],
  'tcp.flags.ack': ['tcp.flags', 0x10],
  'tcp.flags.urg': ['tcp.flags', 0x20],
  'tcp.flags.ece': ['tcp.flags', 0x40],
  'tcp.flags.cwr': ['tcp.flags', 0x80],
};
// Fields that the header counts in larger units than octets.
const UNITS: Readonly<Record<string, number>> = { 'ip.frag_offset': 8, 'tcp.hdr_len': 4 };
const PROTOCOLS: Readonly<Record<string, string>> = {
  eth: 'ethernet', vlan: 'vlan', arp: 'arp', ip: 'ipv4', icmp: 'icmp', udp: 'udp', tcp: 'tcp',
};
// Relative numbers stand in the note of the raw ones: "relative 1461".
const RELATIVE: Readonly<Record<string, string>> = { 'tcp.seq': 'tcp.seq_raw', 'tcp.ack': 'tcp.ack_raw' };

// The number that `width` bits from `bit` are; most significant first.
export function readBits(octets: ArrayLike<number>, bit: number, width: number): number {
  let value = 0;
  for (let i = bit; i < bit + width; i++) {
    value = value * 2 + (((octets[i >> 3] ?? 0) >> (7 - (i & 7))) & 1);
  }
  return value;
}

function readMac(octets: ArrayLike<number>, bit: number): string {
  const from = bit >> 3;
  return Array.from({ length: 6 }, (_, i) => (octets[from + i] ?? 0).toString(16).padStart(2, '0')).join(':');
}

export class PacketFields {
  private readonly firstSent: number;
  private readonly sentAs = new Map<number, number>(); // uid to row of segmentsSent
  private readonly flipped = new Map<number, number>(); // hop to bits
  private readonly dropReasons = new Map<number, string[]>(); // uid
  // The layers last asked for: a filter asks for several fields of one frame after the other.
  private image = NONE;
  private layers: readonly Layer[] = [];

  constructor(private readonly model: Model) {
    const { segmentsSent, flips, drops } = model.tables;
    this.firstSent = model.hops.count > 0 ? model.hops.sent[0] : 0;
    segmentsSent.uid.forEach((uid, row) => this.sentAs.set(uid, row));
    flips.hop.forEach((hop) => this.flipped.set(hop, (this.flipped.get(hop) ?? 0) + 1));
    drops.uid.forEach((uid, row) => {
      const reasons = this.dropReasons.get(uid);
      if (reasons) reasons.push(drops.reason[row]);
      else this.dropReasons.set(uid, [drops.reason[row]]);
    });
  }

  // Does the packet, on any of the links it crossed, pass the filter?
  matches(filter: Filter, packet: number): boolean {
    if (filter.isBlank) return true;
    const hops = this.model.hopsOf(packet);
    if (hops.length === 0) return filter.matches(this.of(packet, NONE));
    return hops.some((hop) => filter.matches(this.of(packet, hop)));
  }

  // The fields of a packet on one link; of one that never crossed a link (NONE) those of no frame.
  of(packet: number, hop: number): FieldsOf {
    return (name) => this.values(name, packet, hop);
  }

  private values(name: string, packet: number, hop: number): readonly FieldValue[] {
    if (name.startsWith('frame.')) return this.frameValues(name, packet, hop);
    if (name.startsWith('strata.')) return this.strataValues(name, packet, hop);
    return hop === NONE ? EMPTY : this.headerValues(name, this.model.hops.image[hop]);
  }

  private headerValues(name: string, image: number): readonly FieldValue[] {
    if (image === NONE) return EMPTY;
    if (image !== this.image) {
      this.image = image;
      this.layers = this.model.layers(image);
    }
    const protocol = PROTOCOLS[name];
    if (protocol) return this.layers.some((layer) => layer.protocol === protocol) ? [1] : EMPTY;
    const union = UNIONS[name];
    if (union) return union.flatMap((one) => this.headerValues(one, image));
    const flag = FLAGS[name];
    if (flag) {
      const [field, weight] = flag;
      return this.headerValues(field, image).map((value) => (Number(value) & weight ? 1 : 0));
    }
    if (name === 'tcp.len') return this.tcpLayers().map((tcp) => tcp.total - tcp.header);
    if (name === 'tcp.payload') return this.payloads(image);
    const relative = RELATIVE[name];
    if (relative) return this.relative(relative);
    return this.plainValues(name, image);
  }

  private plainValues(name: string, image: number): readonly FieldValue[] {
    const type = findField(name)?.type ?? 'unsigned';
    const octets = this.model.bytes(image);
    const values: FieldValue[] = [];
    for (const layer of this.layers) {
      for (const field of layer.fields) {
        if (field.abbreviation === name && field.width > 0) {
          values.push(this.read(field, type, octets, UNITS[name] ?? 1));
        }
      }
    }
    return values;
  }

  private read(field: Field, type: FieldType, octets: Uint8Array, unit: number): FieldValue {
    if (type === 'mac') return readMac(octets, field.bit);
    if (type === 'text') return field.value;
    return readBits(octets, field.bit, field.width) * unit;
  }

  private relative(raw: string): readonly FieldValue[] {
    const values: FieldValue[] = [];
    for (const layer of this.layers) {
      for (const field of layer.fields) {
        if (field.abbreviation !== raw) continue;
        // Without ACK the number means nothing; as in Wireshark it is 0.
        values.push(Number(/^relative (\d+)/.exec(field.note)?.[1] ?? 0));
      }
    }
    return values;
  }

  private tcpLayers(): readonly Layer[] {
    return this.layers.filter((layer) => layer.protocol === 'tcp');
  }

  private payloads(image: number): readonly FieldValue[] {
    const octets = this.model.bytes(image);
    return this.tcpLayers()
      .filter((tcp) => tcp.total > tcp.header)
      .map((tcp) => String.fromCharCode(...octets.subarray(tcp.offset + tcp.header, tcp.offset + tcp.total)));
  }

  private frameValues(name: string, packet: number, hop: number): readonly FieldValue[] {
    if (name === 'frame.number') return [packet + 1];
    if (hop === NONE) return EMPTY;
    const { hops } = this.model;
    switch (name) {
      case 'frame.len':
        return [hops.length[hop]];
      case 'frame.time_epoch':
        return [hops.sent[hop] / 1e9];
      case 'frame.time_relative':
        return [(hops.sent[hop] - this.firstSent) / 1e9];
      case 'frame.interface_name':
        return [this.model.interfaceName(hops.from[hop], hops.fromPort[hop])];
      default:
        return EMPTY;
    }
  }

  private strataValues(name: string, packet: number, hop: number): readonly FieldValue[] {
    const { packets, hops } = this.model;
    const given = (value: FieldValue): readonly FieldValue[] =>
      value === 0 || value === '' || value === NONE ? EMPTY : [value];
    switch (name) {
      case 'strata.uid':
        return given(packets.uid[packet]);
      case 'strata.parent':
        return given(packets.parent[packet]);
      case 'strata.flow':
        return given(packets.flow[packet]);
      case 'strata.node':
        return [this.model.nodeName(hop === NONE ? packets.from[packet] : hops.from[hop])];
      case 'strata.link':
        return hop === NONE ? EMPTY : given(this.model.links[hops.link[hop]]?.name ?? '');
      case 'strata.drop':
        return this.dropReasons.get(packets.uid[packet]) ?? EMPTY;
      case 'strata.retx':
        return given(packets.cause[packet]);
      case 'strata.corrupt':
        return given(this.flipped.get(hop) ?? 0);
      case 'strata.event':
        return this.eventValues(packet, hop);
      default:
        return this.senderValues(name, packet);
    }
  }

  private eventValues(packet: number, hop: number): readonly FieldValue[] {
    const events: string[] = hop === NONE ? [] : ['tx'];
    if (this.model.packets.cause[packet] !== '') events.push('retx');
    if (this.dropReasons.has(this.model.packets.uid[packet])) events.push('drop');
    return events;
  }

  // What TCP knew when it sent the segment.
  private senderValues(name: string, packet: number): readonly FieldValue[] {
    const sent = this.sentAs.get(this.model.packets.uid[packet]);
    if (sent === undefined) return EMPTY;
    const { segmentsSent, variables } = this.model.tables;
    const row = FlowRows.of(this.model).lastUpTo(
      'variables', segmentsSent.flow[sent], segmentsSent.side[sent] as Side, segmentsSent.time[sent]);
    if (row === NONE) return EMPTY;
    switch (name) {
      case 'strata.state':
        return [variables.state[row]];
      case 'strata.cwnd':
        return [variables.cwnd[row]];
      case 'strata.ssthresh':
        return variables.ssthresh[row] === NONE ? EMPTY : [variables.ssthresh[row]];
      case 'strata.flight':
        return [variables.flight[row]];
      default:
        return EMPTY;
    }
  }
}
