// SPDX-License-Identifier: MIT
// Where an instant stands on the slider: idle time takes little room, so that a run whose last
// timer goes off a minute after the last packet can still be scrubbed through.
import { countUpTo } from './columns';
import { Model } from './data';

const IDLE_SHARE = 0.02; // of all that is not idle: no stretch without an event takes more

export class TimeScale {
  private readonly times: number[]; // ascending, from 0 to the end
  private readonly places: number[]; // from 0 to 1

  constructor(model: Model) {
    const { events, run } = model;
    this.times = [0];
    for (const time of events.time) {
      if (time > this.times[this.times.length - 1]) this.times.push(time);
    }
    if (run.keptUntil > this.times[this.times.length - 1]) this.times.push(run.keptUntil);
    const gaps = this.times.slice(1).map((time, index) => time - this.times[index]);
    const most = capOf(gaps);
    let sum = 0;
    const places = [0, ...gaps.map((gap) => (sum += Math.min(gap, most)))];
    this.places = places.map((place) => place / (sum || 1));
  }

  placeOf(time: number): number {
    return between(this.times, this.places, time);
  }
  timeAt(place: number): number {
    return Math.round(between(this.places, this.times, place));
  }
}

// A gap that takes IDLE_SHARE of the sum when all longer ones are cut to it.
function capOf(gaps: readonly number[]): number {
  const ascending = [...gaps].sort((a, b) => a - b);
  let sum = 0;
  for (let i = 0; i < ascending.length; i++) {
    const all = sum + ascending[i] * (ascending.length - i);
    if (ascending[i] > all * IDLE_SHARE) return ascending[i];
    sum += ascending[i];
  }
  return Infinity;
}

function between(from: readonly number[], to: readonly number[], value: number): number {
  const index = Math.min(Math.max(countUpTo(from, value) - 1, 0), from.length - 2);
  if (from.length < 2) return to[0];
  const width = from[index + 1] - from[index];
  const share = width > 0 ? Math.min(Math.max((value - from[index]) / width, 0), 1) : 0;
  return to[index] + share * (to[index + 1] - to[index]);
}
