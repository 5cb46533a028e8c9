// A tile's picture, by number -> its thumbnail; and until that has come, its tensor in its place, which difPy has at hand.

import { el } from './dom.js';
import { tensors, thumbnail } from './server.js';
import { S } from './state.js';

const SIDE = 50, MOST = 256, LONGEST = 160;
const come = new Set(), square = el('canvas', { width: SIDE, height: SIDE });
let waiting = [];

// Tensors of all tiles that are made together are asked for together, unless their thumbnails were here before.
export function load(image, picture) {
  image.addEventListener('load', () => come.add(picture.id));
  if (!S.tensors || come.has(picture.id) || picture.is === 'gone') { image.src = thumbnail(picture); return; }
  if (!waiting.length) queueMicrotask(ask);
  waiting.push({ image, picture });
}
function ask() {
  const tiles = waiting;
  waiting = [];
  for (let at = 0; at < tiles.length; at += MOST) fill(tiles.slice(at, at + MOST));
}
async function fill(tiles) {
  const asked = tensors(tiles.map(({ picture }) => picture.id)); // before all thumbnails: a browser asks for few things at once
  for (const { image, picture } of tiles) image.src = thumbnail(picture);
  try {
    const found = await asked;
    for (const { image, picture } of tiles) if (image.isConnected && !image.complete && found.has(picture.id)) stand(image, picture, found.get(picture.id));
  } catch { /* the tiles stay empty until their thumbnails come */ }
}

function stand(image, picture, levels) {
  const pixels = new ImageData(SIDE, SIDE), scale = LONGEST / Math.max(picture.width, picture.height);
  for (let i = 0; i < SIDE * SIDE; i++) pixels.data.set([levels[3 * i], levels[3 * i + 1], levels[3 * i + 2], 255], 4 * i);
  square.getContext('2d', { willReadFrequently: true }).putImageData(pixels, 0, 0);
  const canvas = el('canvas', { className: image.className, width: Math.ceil(picture.width * scale), height: Math.ceil(picture.height * scale) });
  canvas.style.setProperty('--w', image.style.getPropertyValue('--w'));
  canvas.getContext('2d').drawImage(square, 0, 0, canvas.width, canvas.height);
  image.replaceWith(canvas);
  image.decoding = 'sync'; // else the tile would be empty for a moment once more
  image.addEventListener('load', () => canvas.replaceWith(image));
}
