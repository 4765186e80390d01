// SPDX-License-Identifier: MIT
// The stretch of virtual time that the plots and timelines show: one window for all of them, so
// that an instant has the same place in each. Pure arithmetic on nanoseconds; whoever draws listens.

export interface Span {
  readonly from: number; // ns
  readonly to: number; // ns, greater than from
}

// Nobody needs to see less than ten nanoseconds across a plot.
const SPAN_MIN = 10;

export class TimeWindow {
  private span: Span;
  private pointed: number | undefined;
  private readonly listeners = new Set<() => void>();

  // The window cannot leave `whole`; it starts with `home` and comes back to it.
  constructor(readonly whole: Span, readonly home: Span = whole) {
    this.span = home;
  }

  get visible(): Span {
    return this.span;
  }
  listen(listener: () => void): () => void {
    this.listeners.add(listener);
    return () => this.listeners.delete(listener);
  }

  show(span: Span): void {
    const width = Math.min(
      Math.max(span.to - span.from, SPAN_MIN), this.whole.to - this.whole.from);
    const from = Math.min(Math.max(span.from, this.whole.from), this.whole.to - width);
    if (from === this.span.from && from + width === this.span.to) return;
    this.span = { from, to: from + width };
    this.tell();
  }
  goHome(): void {
    this.show(this.home);
  }

  // The instant under the pointer, wherever that is; all plots show their values there.
  get pointer(): number | undefined {
    return this.pointed;
  }
  point(time: number | undefined): void {
    if (time === this.pointed) return;
    this.pointed = time;
    this.tell();
  }

  // `factor` below 1 shows less; the instant `around` keeps its place.
  zoom(factor: number, around: number): void {
    const { from, to } = this.span;
    this.show({ from: around - (around - from) * factor, to: around + (to - around) * factor });
  }
  // By a share of what is visible; negative: towards the beginning.
  pan(share: number): void {
    const { from, to } = this.span;
    const by = (to - from) * share;
    this.show({ from: from + by, to: to + by });
  }
  // Moves as little as needed to have the instant in view.
  reveal(time: number): void {
    const { from, to } = this.span;
    if (time >= from && time <= to) return;
    const width = to - from;
    this.show({ from: time - width / 2, to: time + width / 2 });
  }

  private tell(): void {
    for (const listener of this.listeners) listener();
  }
}
