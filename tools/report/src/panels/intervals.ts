// SPDX-License-Identifier: MIT
// Stretches of time out of changes: how long each TCP state lasted, how long each timer ran.
import { Model, NONE } from '../data';
import { FlowRows, Side } from '../flow_rows';

export interface Interval {
  readonly from: number; // ns
  readonly to: number; // ns
  readonly label: string;
  readonly note: string; // why it began or how it ended
  readonly uid: number; // packet behind its beginning, 0: none
}

// The states of one end, one after the other; CLOSED before and after is left out.
export function stateIntervals(model: Model, flow: number, side: Side): Interval[] {
  const { states } = model.tables;
  const rows = FlowRows.of(model).rows('states', flow, side);
  const intervals: Interval[] = [];
  rows.forEach((row, i) => {
    if (states.to[row] === 'CLOSED') return;
    const next = rows[i + 1];
    intervals.push({
      from: states.time[row], to: next === undefined ? model.run.keptUntil : states.time[next],
      label: states.to[row], note: states.cause[row], uid: states.uid[row],
    });
  });
  return intervals;
}

// The phases of congestion control in which the sender repairs losses.
export function recoveryIntervals(model: Model, flow: number, side: Side): Interval[] {
  const { variables } = model.tables;
  const intervals: Interval[] = [];
  let open: { from: number; label: string; uid: number } | undefined;
  const close = (to: number): void => {
    if (open) intervals.push({ from: open.from, to, label: open.label, note: 'congestion control', uid: open.uid });
    open = undefined;
  };
  let last = 0;
  for (const row of FlowRows.of(model).rows('variables', flow, side)) {
    const phase = variables.phase[row];
    last = variables.time[row];
    if (open?.label === phase) continue;
    close(last);
    if (phase === 'recovery' || phase === 'loss') open = { from: last, label: phase, uid: variables.uid[row] };
  }
  close(last);
  return intervals;
}

// Each timer of one end while it ran; set again while it runs, it goes on.
export function timerIntervals(model: Model, flow: number, side: Side): Map<string, Interval[]> {
  const { timers } = model.tables;
  const running = new Map<string, { from: number; deadline: number; sets: number }>();
  const found = new Map<string, Interval[]>();
  const end = (timer: string, to: number, how: string): void => {
    const run = running.get(timer);
    if (!run) return;
    running.delete(timer);
    const list = found.get(timer) ?? [];
    found.set(timer, list);
    const again = run.sets > 1 ? `, set ${run.sets} times` : '';
    list.push({ from: run.from, to, label: timer, note: how + again, uid: 0 });
  };
  for (const row of FlowRows.of(model).rows('timers', flow, side)) {
    const [timer, time] = [timers.timer[row], timers.time[row]];
    if (timers.action[row] === 'set') {
      const run = running.get(timer);
      if (run) {
        run.deadline = timers.deadline[row];
        run.sets++;
      } else {
        running.set(timer, { from: time, deadline: timers.deadline[row], sets: 1 });
      }
    } else {
      end(timer, time, timers.action[row]);
    }
  }
  for (const timer of [...running.keys()]) end(timer, model.run.keptUntil, 'still running');
  return found;
}

// The interval an instant lies in; NONE: none. Later ones win.
export function intervalAt(intervals: readonly Interval[], time: number): number {
  for (let i = intervals.length - 1; i >= 0; i--) {
    if (intervals[i].from <= time && time < intervals[i].to) return i;
  }
  return NONE;
}
