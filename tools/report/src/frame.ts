// SPDX-License-Identifier: MIT
// When to draw, and how much of a long list. Before it prints, a browser draws no further frame: what
// is to be on paper has to be drawn at once.

const PRINTED_MOST = 200; // rows of a list

export function isPrinting(): boolean {
  return 'printing' in document.documentElement.dataset;
}
// Whoever listens to these events later finds isPrinting() right.
export function watchPrinting(): void {
  window.addEventListener('beforeprint', () => { document.documentElement.dataset.printing = ''; });
  window.addEventListener('afterprint', () => { delete document.documentElement.dataset.printing; });
}

// At the next frame of the screen; at once for paper.
function nextFrame(draw: () => void): void {
  if (isPrinting()) draw();
  else requestAnimationFrame(draw);
}

// Calls `draw` at the next frame, however often it is asked for before that.
export function oncePerFrame(draw: () => void): () => void {
  let isQueued = false;
  return () => {
    if (isQueued) return;
    isQueued = true;
    nextFrame(() => {
      isQueued = false;
      draw();
    });
  };
}

// Rows to have in the document, from and to (excluded), of a list whose rows are equally high: those
// in sight of the box that scrolls and `spare` beyond each edge; for paper as many as are printed.
export function rowsInSight(box: HTMLElement, height: number, spare: number, count: number): [number, number] {
  const first = Math.max(0, Math.floor(box.scrollTop / height) - spare);
  if (isPrinting()) {
    const from = Math.min(first, Math.max(0, count - PRINTED_MOST));
    return [from, Math.min(count, from + PRINTED_MOST)];
  }
  return [first, Math.min(count, Math.ceil((box.scrollTop + box.clientHeight) / height) + spare)];
}
