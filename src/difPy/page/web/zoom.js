// One zoom and one place for two pictures, whatever their sizes: as parts of the kept one.

const LEAST = .05, MOST = 16, ENLARGED = 3, MARGIN = .97;

export class Zoom {
  constructor(stage) { Object.assign(this, { stage, scale: 0, x: 0, y: 0, width: 0, height: 0, layers: [] }); }

  // `width` and `height`: of the kept picture, which all `layers` are laid over. One that is larger says where it begins,
  // `left` and `top`, in the kept one's pixels; any other is drawn as large as the kept one.
  set(width, height, layers) {
    const placed = layers.filter(layer => layer.left !== undefined);
    const box = [Math.min(0, ...placed.map(layer => layer.left)), Math.min(0, ...placed.map(layer => layer.top)),
      Math.max(width, ...placed.map(layer => layer.left + layer.width)), Math.max(height, ...placed.map(layer => layer.top + layer.height))];
    Object.assign(this, { width, height, layers, box });
    this.lay();
  }
  fit() { this.scale = this.x = this.y = 0; this.lay(); }
  toggle() { const scale = this.scale ? 0 : 1; this.fit(); this.scale = scale; this.lay(); }
  by(factor) { this.scale = this.bounded(this.current() * factor); this.lay(); }
  bounded(scale) { return Math.max(LEAST, Math.min(MOST, scale)); }
  current() {
    if (this.scale) return this.scale;
    const pane = this.stage.querySelector('.pane');
    const [left, top, right, bottom] = this.box;
    return pane ? Math.min(pane.clientWidth / (right - left) * MARGIN, pane.clientHeight / (bottom - top) * MARGIN, ENLARGED) : 1;
  }
  move(x, y) { this.x = x; this.y = y; this.lay(); }
  at(event, pane) {
    const box = pane.getBoundingClientRect(), before = this.current(), after = this.bounded(before * Math.exp(-event.deltaY / 400));
    const x = event.clientX - box.left - box.width / 2, y = event.clientY - box.top - box.height / 2;
    this.x = x - (x - this.x) * after / before; this.y = y - (y - this.y) * after / before;
    this.scale = after;
    this.lay();
  }
  lay() {
    if (!this.width) return;
    const scale = this.current(), [left, top, right, bottom] = this.box;
    for (const pane of this.stage.querySelectorAll('.pane')) pane.classList.toggle('pixels', this.scale > 2.5);
    for (const layer of this.layers) {
      const x = this.x + ((layer.left ?? 0) - (left + right) / 2) * scale, y = this.y + ((layer.top ?? 0) - (top + bottom) / 2) * scale;
      const [across, down] = layer.left === undefined ? [this.width / layer.width, this.height / layer.height] : [1, 1];
      layer.style.transform = `translate(${x}px, ${y}px) scale(${scale * across}, ${scale * down})`;
    }
  }
}
