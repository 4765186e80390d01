// SPDX-License-Identifier: MIT
// Lets virtual time pass: plays, steps, jumps. A second of play is a chosen stretch of virtual
// time; where nothing is on a wire, the idle stretch is skipped.
import { countUpTo } from './columns';
import { Model, NONE } from './data';
import { Store } from './store';
import { prefersReducedMotion } from './theme';

// Virtual nanoseconds for one second of play.
export const SPEEDS: readonly number[] = [
  1e3, 1e4, 1e5, 2e5, 5e5, 1e6, 2e6, 5e6, 1e7, 2e7, 5e7, 1e8, 2e8, 5e8, 1e9, 2e9, 5e9, 1e10,
];
const BUSY_SECONDS = 25; // the default speed plays what happens on the wires in about this time
const STILL_PACE = 700; // ms from event to event, for those who want less motion
const IDLE_SECONDS = 0.4; // of play: idle stretches that would take longer are skipped
const IDLE_SECONDS_INSTANT = 1.5; // where no frame takes time (a capture says only when it was there)

// Stretches in which a frame is on a wire or waits for one, ascending and apart.
export function busySpans(model: Model): (readonly [number, number])[] {
  const spans: [number, number][] = [];
  const { hops } = model;
  for (let hop = 0; hop < hops.count; hop++) {
    const end = Math.max(hops.out[hop], hops.received[hop], hops.due[hop]);
    const last = spans[spans.length - 1];
    if (last && hops.sent[hop] <= last[1]) last[1] = Math.max(last[1], end);
    else spans.push([hops.sent[hop], end]);
  }
  return spans;
}

export class Player {
  speed: number;
  private cancel: (() => void) | undefined; // undefined: paused
  private last = 0;
  private readonly idle: number; // seconds of play
  private readonly spans: readonly (readonly [number, number])[];
  private readonly starts: readonly number[];

  // `onState` is called when playing begins or ends or the speed changes.
  constructor(private readonly model: Model, private readonly store: Store,
              private readonly onState: () => void) {
    this.spans = busySpans(model);
    this.starts = this.spans.map(([from]) => from);
    const busy = this.spans.reduce((sum, [from, to]) => sum + to - from, 0);
    this.idle = busy > 0 ? IDLE_SECONDS : IDLE_SECONDS_INSTANT;
    const worth = busy > 0 ? busy : model.run.keptUntil - (this.starts[0] ?? 0);
    this.speed = SPEEDS.find((speed) => speed * BUSY_SECONDS >= worth) ?? SPEEDS[SPEEDS.length - 1];
  }

  get isPlaying(): boolean {
    return this.cancel !== undefined;
  }
  toggle(): void {
    if (this.isPlaying) this.pause();
    else this.play();
  }
  play(): void {
    if (this.store.time >= this.model.run.keptUntil) this.store.setTime(0);
    this.last = performance.now();
    this.goOn();
    this.onState();
  }
  pause(): void {
    this.cancel?.();
    this.cancel = undefined;
    this.onState();
  }
  faster(steps: number): void {
    const index = SPEEDS.indexOf(this.speed) + steps;
    this.speed = SPEEDS[Math.min(Math.max(index, 0), SPEEDS.length - 1)];
    this.onState();
  }

  // To the next event, or back; with `sameFlow` of the conversation of the event now shown.
  step(direction: 1 | -1, sameFlow = false): void {
    this.pause();
    const { events } = this.model;
    const flow = this.store.flow || (events.flow[this.store.event] ?? 0);
    let row = this.store.event + direction;
    while (sameFlow && flow !== 0 && row >= 0 && row < events.count && events.flow[row] !== flow) {
      row += direction;
    }
    if (row >= 0 && row < events.count) this.store.setEvent(row);
    else if (row < 0) this.toStart();
  }
  toStart(): void {
    this.pause();
    this.store.setTime(0);
  }
  toEnd(): void {
    this.pause();
    if (this.model.events.count > 0) this.store.setEvent(this.model.events.count - 1);
    this.store.setTime(this.model.run.keptUntil);
  }

  // Glides; or goes from event to event, where less motion is wanted.
  private goOn(): void {
    if (prefersReducedMotion()) {
      const timer = window.setTimeout(() => this.jump(), STILL_PACE);
      this.cancel = () => clearTimeout(timer);
    } else {
      const frame = requestAnimationFrame((now) => this.advance(now));
      this.cancel = () => cancelAnimationFrame(frame);
    }
  }
  private jump(): void {
    const { events } = this.model;
    const row = this.store.event + 1;
    if (row >= events.count) {
      this.pause();
      return;
    }
    this.store.setEvent(row);
    this.goOn();
  }
  private advance(now: number): void {
    const seconds = Math.min((now - this.last) / 1000, 0.1);
    this.last = now;
    const next = this.skipIdle(this.store.time + seconds * this.speed);
    this.store.setTime(next);
    if (next >= this.model.run.keptUntil) this.pause();
    else this.goOn();
  }

  private skipIdle(time: number): number {
    const index = countUpTo(this.starts, time) - 1;
    if (index !== NONE && time <= this.spans[index][1]) return time;
    const next = this.spans[index + 1]?.[0] ?? this.model.run.keptUntil;
    return next - time > this.idle * this.speed ? next : time;
  }
}
