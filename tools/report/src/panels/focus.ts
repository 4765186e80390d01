// SPDX-License-Identifier: MIT
// What the inspector looks at: one packet on one link, as its sender put it there or as it came out
// at the other end.
import { Model, NONE } from '../data';
import { Store } from '../store';

export interface Focus {
  readonly uid: number; // 0: nothing is selected
  readonly packet: number; // row of PACKETS; NONE: the report does not have it
  readonly hop: number; // row of HOPS; NONE: it never was on a link
  readonly isReceived: boolean; // show the octets as received
  readonly image: number; // row of IMAGES; NONE: there are no octets
}

// Whether the medium changed the octets on the way.
export function isChangedOnLink(model: Model, hop: number): boolean {
  const { image, receivedImage } = model.hops;
  return hop !== NONE && receivedImage[hop] !== NONE && receivedImage[hop] !== image[hop];
}

export function focusOf(model: Model, store: Store, wantsReceived: boolean): Focus {
  const { uid, hop } = store.shown;
  const isReceived = wantsReceived && isChangedOnLink(model, hop);
  const { image, receivedImage } = model.hops;
  return {
    uid, packet: model.packetOf(uid), hop, isReceived,
    image: hop === NONE ? NONE : isReceived ? receivedImage[hop] : image[hop],
  };
}

export function isSameFocus(a: Focus, b: Focus): boolean {
  return a.uid === b.uid && a.hop === b.hop && a.image === b.image;
}
