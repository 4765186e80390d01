// SPDX-License-Identifier: MIT
// Counts and shares as people read them; times and rates are in ../format.ts.

const THIN = '\u2009'; // thin space

function grouped(digits: string): string {
  return digits.replace(/\B(?=(\d{3})+(?!\d))/g, THIN);
}

// "14 600", "0.4": whole numbers in groups of three, others with at most four digits.
export function countText(value: number): string {
  const plain = Number.isInteger(value) ? value : Number(value.toPrecision(4));
  const [whole, fraction] = String(plain).split('.');
  return fraction === undefined ? grouped(whole) : `${grouped(whole)}.${fraction}`;
}

export function octetsText(value: number): string {
  return `${countText(value)}${THIN}B`;
}

// Of a share of one: "12.3 %".
export function percentText(share: number): string {
  return `${Number((share * 100).toPrecision(3))}${THIN}%`;
}
