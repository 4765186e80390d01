// SPDX-License-Identifier: MIT
// Scrolls a box, and nothing around it, as little as needed to have an element of it in view.

export function scrollInto(box: HTMLElement, element: HTMLElement | undefined): void {
  if (!element) return;
  const [inner, outer] = [element.getBoundingClientRect(), box.getBoundingClientRect()];
  if (inner.top < outer.top) box.scrollTop -= outer.top - inner.top;
  else if (inner.bottom > outer.bottom) box.scrollTop += inner.bottom - outer.bottom;
}
