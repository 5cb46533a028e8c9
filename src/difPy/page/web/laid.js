// A picture, and the map by which the kept one lies on it -> a canvas on which it lies over the kept one.

// `map`: nine numbers, row by row, from the kept picture's square of side 1 to the other's: see `difPy.change`.
// The canvas covers both, in the pixels of the kept one; it says where: `left`, `top`. What neither shows is clear.
export function laid(image, map, width, height, { whole = true } = {}) {
  const back = inverse(map), across = image.naturalWidth, down = image.naturalHeight;
  const box = whole ? around(back, width, height) : [0, 0, width, height];
  const canvas = document.createElement('canvas');
  [canvas.left, canvas.top] = box;
  canvas.width = box[2] - box[0]; canvas.height = box[3] - box[1];
  const pen = canvas.getContext('2d', { willReadFrequently: true });
  pen.imageSmoothingQuality = 'high';
  if (isFlat(back)) {
    const [a, c, e, b, d, f, , , n] = back;
    pen.setTransform(a / n * width / across, b / n * height / across, c / n * width / down, d / n * height / down, e / n * width - box[0], f / n * height - box[1]);
    pen.drawImage(image, 0, 0);
    pen.resetTransform();
  } else pen.putImageData(sampled(image, map, canvas, width, height), 0, 0);
  return canvas;
}

// Whether straight lines that are parallel stay so: then a canvas draws it by itself.
const isFlat = ([, , , , , , g, h, i]) => Math.max(Math.abs(g), Math.abs(h)) < 1e-4 * Math.abs(i);
const FARTHEST = 3; // of the kept picture's sides: what lies beyond is not drawn

function around(back, width, height) {
  const box = [0, 0, width, height];
  for (const [u, v] of [[0, 0], [1, 0], [0, 1], [1, 1]]) {
    const [x, y, z] = times(back, u, v);
    if (z <= 0) continue;
    box[0] = Math.min(box[0], Math.floor(x / z * width)); box[1] = Math.min(box[1], Math.floor(y / z * height));
    box[2] = Math.max(box[2], Math.ceil(x / z * width)); box[3] = Math.max(box[3], Math.ceil(y / z * height));
  }
  const [wide, high] = [FARTHEST * width, FARTHEST * height];
  return [Math.max(box[0], -wide), Math.max(box[1], -high), Math.min(box[2], width + wide), Math.min(box[3], height + high)];
}

// Seen at an angle: pixel by pixel, between the four that are nearest.
function sampled(image, map, { left, top, width: wide, height: high }, width, height) {
  const from = document.createElement('canvas'), across = from.width = image.naturalWidth, down = from.height = image.naturalHeight;
  const look = from.getContext('2d', { willReadFrequently: true });
  look.drawImage(image, 0, 0);
  const source = look.getImageData(0, 0, across, down).data, found = new ImageData(wide, high), into = found.data;
  for (let y = 0, at = 0; y < high; y++) for (let x = 0; x < wide; x++, at += 4) {
    const [p, q, z] = times(map, (x + left + .5) / width, (y + top + .5) / height);
    const u = p / z * across - .5, v = q / z * down - .5;
    if (!(z > 0 && u > -.5 && v > -.5 && u < across - .5 && v < down - .5)) continue;
    const i = Math.max(0, Math.min(across - 2, Math.floor(u))), j = Math.max(0, Math.min(down - 2, Math.floor(v)));
    const s = Math.max(0, Math.min(1, u - i)), t = Math.max(0, Math.min(1, v - j)), one = 4 * (j * across + i), two = one + 4 * across;
    for (let c = 0; c < 4; c++) {
      into[at + c] = (source[one + c] * (1 - s) + source[one + 4 + c] * s) * (1 - t) + (source[two + c] * (1 - s) + source[two + 4 + c] * s) * t;
    }
  }
  return found;
}

const times = ([a, b, c, d, e, f, g, h, i], x, y) => [a * x + b * y + c, d * x + e * y + f, g * x + h * y + i];

function inverse([a, b, c, d, e, f, g, h, i]) {
  const found = [e * i - f * h, c * h - b * i, b * f - c * e, f * g - d * i, a * i - c * g, c * d - a * f, d * h - e * g, b * g - a * h, a * e - b * d];
  const whole = a * found[0] + b * found[3] + c * found[6];
  return found.map(number => number / whole);
}
