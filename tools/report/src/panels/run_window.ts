// SPDX-License-Identifier: MIT
// The one time window of a report: plots and timelines zoom and move together.
import { Model } from '../data';
import { TimeWindow } from './time_window';

const made = new WeakMap<Model, TimeWindow>();

// At home it shows the time in which frames were under way; what follows is mostly TIME-WAIT.
export function runWindow(model: Model): TimeWindow {
  let window = made.get(model);
  if (window) return window;
  const { hops, run } = model;
  let last = 0;
  for (let hop = 0; hop < hops.count; hop++) last = Math.max(last, hops.out[hop], hops.received[hop]);
  const end = Math.max(run.keptUntil, 1);
  const first = hops.count > 0 ? hops.sent[0] : 0;
  const room = (last - first) * 0.02;
  const home = last > first
    ? { from: Math.max(0, first - room), to: Math.min(end, last + room) } : { from: 0, to: end };
  window = new TimeWindow({ from: 0, to: end }, home);
  made.set(model, window);
  return window;
}
