// SPDX-License-Identifier: MIT
// Instants and lengths of time as text.

// "47.666 000 ms": an instant in milliseconds, down to the nanosecond.
export function instantText(ns: number): string {
  const whole = Math.floor(ns / 1e6);
  const rest = String(Math.round(ns - whole * 1e6)).padStart(6, '0');
  return `${whole}.${rest.slice(0, 3)}\u2009${rest.slice(3)}\u2009ms`;
}

// "47.666": milliseconds with three decimals, cut off, as the terminal's ladder shows them.
export function clockText(ns: number): string {
  const microseconds = Math.floor(ns / 1000);
  return `${Math.floor(microseconds / 1000)}.${String(microseconds % 1000).padStart(3, '0')}`;
}

// "952 ms", "1.5 s", "40 µs": at most four significant digits.
export function durationText(ns: number): string {
  for (const [unit, size] of [['s', 1e9], ['ms', 1e6], ['µs', 1e3]] as const) {
    if (ns >= size) return `${Number((ns / size).toPrecision(4))}\u2009${unit}`;
  }
  return `${ns}\u2009ns`;
}

// "10 Mbit/s".
export function rateText(bitsPerSecond: number): string {
  for (const [unit, size] of [['Gbit/s', 1e9], ['Mbit/s', 1e6], ['kbit/s', 1e3]] as const) {
    if (bitsPerSecond >= size) return `${Number((bitsPerSecond / size).toPrecision(4))}\u2009${unit}`;
  }
  return `${bitsPerSecond}\u2009bit/s`;
}

// Reads "47.6", "47.6 ms", "1.2 s", "300 us", "5ns" as nanoseconds; a bare number counts
// milliseconds. Undefined when it is none of these.
export function parseInstant(text: string): number | undefined {
  const found = /^\s*(\d+(?:\.\d*)?|\.\d+)\s*(ns|us|µs|ms|s)?\s*$/.exec(text);
  if (!found) return undefined;
  const size = { ns: 1, us: 1e3, µs: 1e3, ms: 1e6, s: 1e9 }[found[2] ?? 'ms'] ?? 1e6;
  return Math.round(Number(found[1]) * size);
}
