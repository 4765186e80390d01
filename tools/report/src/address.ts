// SPDX-License-Identifier: MIT
// The address mirrors time, selection and conversation, so that a link shows what its writer saw:
// #t=47.666ms&uid=41&link=access&flow=1
import { Model } from './data';
import { parseInstant } from './format';
import { Store } from './store';

const WRITE_DELAY = 250; // ms; browsers refuse more than a hundred changes in half a minute

export function readAddress(model: Model, store: Store): void {
  const values = new URLSearchParams(location.hash.slice(1));
  const flow = Number(values.get('flow'));
  if (Number.isInteger(flow) && flow > 0) store.setFlow(flow);
  const time = parseInstant(values.get('t') ?? '');
  if (time !== undefined) store.setTime(time);
  const uid = Number(values.get('uid'));
  const packet = model.packetOf(uid);
  if (packet < 0) return;
  const link = model.links.findIndex((entry) => entry.name === values.get('link'));
  const hop = model.hopsOf(packet).find((row) => model.hops.link[row] === link);
  store.select(hop === undefined ? { uid } : { uid, hop });
}

export function mirrorAddress(model: Model, store: Store): void {
  let timer = 0;
  const write = (): void => {
    timer = 0;
    const values = new URLSearchParams();
    values.set('t', `${store.time}ns`);
    const { uid, hop } = store.selection;
    if (uid !== 0) values.set('uid', String(uid));
    if (hop >= 0) values.set('link', model.links[model.hops.link[hop]].name);
    if (store.flow !== 0) values.set('flow', String(store.flow));
    history.replaceState(null, '', `#${values.toString()}`);
  };
  store.listen((kind) => {
    if (kind === 'preview' || timer !== 0) return;
    timer = window.setTimeout(write, WRITE_DELAY);
  });
  window.addEventListener('hashchange', () => readAddress(model, store));
}
