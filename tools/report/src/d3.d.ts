// SPDX-License-Identifier: MIT
// What the report uses of the d3 modules that Debian packages: they come without types.

declare module 'd3-scale' {
  export interface LinearScale {
    (value: number): number;
    domain(domain: readonly number[]): LinearScale;
    range(range: readonly number[]): LinearScale;
    nice(count?: number): LinearScale;
    ticks(count?: number): number[];
    invert(value: number): number;
  }
  export function scaleLinear(): LinearScale;
}
