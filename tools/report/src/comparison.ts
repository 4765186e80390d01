// SPDX-License-Identifier: MIT
// Two runs in one page: what `strata compare --json` says of them, and which one the panels show.
import { Model } from './data';

export type Run = 'a' | 'b';
export const RUNS: readonly Run[] = ['a', 'b'];
export const RUN_NAMES: Readonly<Record<Run, string>> = { a: 'A', b: 'B' };

export interface ComparedPacket {
  readonly uid: number;
  readonly from: string;
  readonly to: string;
  readonly sent_ns: number;
  readonly arrived_ns: number | null;
  readonly label: string;
  readonly drop: unknown; // null: it arrived
}

// docs/exports.md says what the members mean.
export interface ComparisonData {
  readonly settings: readonly { readonly path: string; readonly a: string | null; readonly b: string | null }[];
  readonly figures: readonly {
    readonly group: string; readonly name: string; readonly a: unknown; readonly b: unknown;
    readonly difference: number | null;
  }[];
  readonly first_difference: { readonly a: DifferentEvent | null; readonly b: DifferentEvent | null } | null;
  readonly packets: readonly { readonly a: ComparedPacket | null; readonly b: ComparedPacket | null; readonly alike: boolean }[];
  readonly packets_cut: boolean;
}
export interface DifferentEvent {
  readonly t_ns: number;
  readonly event: string;
  readonly node: string | null;
  readonly uid?: number | null;
}

export interface Comparison {
  readonly data: ComparisonData;
  readonly models: Readonly<Record<Run, Model>>;
  readonly shown: Run; // the run that the other panels show
  // Shows a run, at the same instant as the other; selects a packet of it (0: none).
  show(run: Run, uid: number): void;
}

// A figure with the unit that its name ends in: "goodput_bps" 8382018 is "8.382 Mbit/s".
export interface Units {
  duration(ns: number): string;
  rate(bitsPerSecond: number): string;
  octets(count: number): string;
  percent(share: number): string;
  count(value: number): string;
}
export function figureText(name: string, value: unknown, units: Units): string {
  if (typeof value !== 'number') return typeof value === 'string' ? value : '–';
  if (name.endsWith('_bps')) return units.rate(Math.round(value));
  if (name.endsWith('_ns')) return units.duration(value);
  if (name.endsWith('_s')) return units.duration(value * 1e9);
  if (name.endsWith('_ppm')) return units.percent(value / 1e6);
  if (name.endsWith('_bytes') || name.startsWith('bytes_')) return units.octets(value);
  return units.count(value);
}
// "queue peak": the unit stands with the value.
export function figureTitle(name: string): string {
  return name.replace(/_(bps|bytes|ns|ppm|s)$/, '').replace(/^(bytes_|tcp\.)/, '').replace(/[_.]/g, ' ');
}
