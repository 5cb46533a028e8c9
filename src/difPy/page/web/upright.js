// A picture, and the orientation that turns it into the kept one -> a canvas on which it is.

// Orientation 4 * mirrored + turns: mirrored left to right if so, then turned by quarters to the left.
export function upright(image, orientation, width, height) {
  const turns = orientation % 4, odd = turns % 2 === 1;
  const w = width ?? (odd ? image.naturalHeight : image.naturalWidth), h = height ?? (odd ? image.naturalWidth : image.naturalHeight);
  const canvas = document.createElement('canvas');
  canvas.width = w; canvas.height = h;
  const pen = canvas.getContext('2d', { willReadFrequently: true });
  pen.imageSmoothingQuality = 'high';
  pen.translate(w / 2, h / 2);
  pen.rotate(-turns * Math.PI / 2);
  if (orientation > 3) pen.scale(-1, 1);
  const [across, down] = odd ? [h, w] : [w, h];
  pen.drawImage(image, -across / 2, -down / 2, across, down);
  return canvas;
}

// How two canvases of one size differ where both show something: drawn 8 times stronger over a faint picture, and in figures.
export function differ(one, other) {
  const { width, height } = one, pen = other.getContext('2d'), gain = 8;
  const a = one.getContext('2d').getImageData(0, 0, width, height).data, image = pen.getImageData(0, 0, width, height), b = image.data;
  let sum = 0, differing = 0, most = 0, of = 0;
  for (let i = 0; i < a.length; i += 4) {
    if (b[i + 3] < 255) { b[i + 3] = 0; continue; }
    of++;
    const r = Math.abs(a[i] - b[i]), g = Math.abs(a[i + 1] - b[i + 1]), l = Math.abs(a[i + 2] - b[i + 2]), top = Math.max(r, g, l);
    const grey = (a[i] * 3 + a[i + 1] * 6 + a[i + 2]) * .028, v = Math.min(1, top * gain / 255);
    sum += r + g + l;
    if (top) differing++;
    if (top > most) most = top;
    b[i] = grey + (255 - grey) * v; b[i + 1] = grey + (180 - grey) * v * v; b[i + 2] = grey * (1 - v); b[i + 3] = 255;
  }
  const canvas = document.createElement('canvas');
  canvas.width = width; canvas.height = height;
  canvas.getContext('2d').putImageData(image, 0, 0);
  return { canvas, differing, of, all: width * height, mean: sum / Math.max(1, of * 3), most };
}
