// One zoom and one place for two pictures, whatever their sizes: as parts of the kept one.

const LEAST = .05, MOST = 16, ENLARGED = 3, MARGIN = .97;

export class Zoom {
  constructor(stage) { Object.assign(this, { stage, scale: 0, x: 0, y: 0, width: 0, height: 0, layers: [] }); }

  // `layers`: [element, its natural width]; `width` and `height`: of the kept picture, which all are laid over.
  set(width, height, layers) { Object.assign(this, { width, height, layers }); this.lay(); }
  fit() { this.scale = this.x = this.y = 0; this.lay(); }
  toggle() { const scale = this.scale ? 0 : 1; this.fit(); this.scale = scale; this.lay(); }
  by(factor) { this.scale = this.bounded(this.current() * factor); this.lay(); }
  bounded(scale) { return Math.max(LEAST, Math.min(MOST, scale)); }
  current() {
    if (this.scale) return this.scale;
    const pane = this.stage.querySelector('.pane');
    return pane ? Math.min(pane.clientWidth / this.width * MARGIN, pane.clientHeight / this.height * MARGIN, ENLARGED) : 1;
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
    const scale = this.current();
    for (const pane of this.stage.querySelectorAll('.pane')) pane.classList.toggle('pixels', this.scale > 2.5);
    for (const layer of this.layers) {
      const x = this.x - this.width * scale / 2, y = this.y - this.height * scale / 2;
      layer.style.transform = `translate(${x}px, ${y}px) scale(${scale * this.width / layer.width}, ${scale * this.height / layer.height})`;
    }
  }
}
