// The groups as a list that holds only what can be seen, however many there are.

import { $, css, el, say } from './dom.js';
import { S, need, order, rowAt } from './state.js';
import { load } from './stand.js';
import { BECOMES, T, basics, bytes, difference, label, number } from './words.js';

const scroller = $('#scroll'), pad = $('#pad'), shown = new Map();
const TALLEST = 12_000_000; // pixels: browsers cap the height of an element, some at 16 million
const SPARE = 3, FAST = 25, SETTLE = 60, MORE = 126;
let queued = false, lastTop = 0, lastTime = 0, settle;

const height = () => css('--row');
// Where rows are: beyond the tallest element, the way scrolled is not the way in rows, but in proportion.
function scale() {
  const all = S.total * height(), room = Math.max(1, Math.min(all, TALLEST) - scroller.clientHeight);
  return all > TALLEST ? (all - scroller.clientHeight) / room : 1;
}
const offset = () => scroller.scrollTop * scale();
function scrollTo(y) { scroller.scrollTop = y / scale(); }

export function draw(anew = false) {
  const h = height(), top = offset(), view = scroller.clientHeight, now = performance.now();
  const fast = Math.abs(scroller.scrollTop - lastTop) / Math.max(1, now - lastTime) > FAST;
  lastTop = scroller.scrollTop; lastTime = now;
  clearTimeout(settle);
  if (fast) settle = setTimeout(draw, SETTLE);
  pad.style.height = `${Math.min(S.total * h, TALLEST)}px`;
  pad.setAttribute('aria-rowcount', S.total);
  const first = Math.max(0, Math.floor(top / h) - SPARE), end = Math.min(S.total, Math.ceil((top + view) / h) + SPARE);
  for (const [at, node] of shown) if (anew || at < first || at >= end) { node.remove(); shown.delete(at); }
  for (let at = first; at < end; at++) {
    const row = rowAt(at);
    let node = shown.get(at);
    if (!row && !fast) need(at);
    if (!node || node.row !== row) {
      const made = row ? makeRow(at, row) : placeholder(at);
      made.row = row;
      if (node) node.replaceWith(made); else insert(at, made);
      shown.set(at, made);
      node = made;
    }
    node.classList.toggle('at', at === S.at);
    node.style.transform = `translateY(${at * h - top + scroller.scrollTop}px)`;
  }
  $('#empty').hidden = S.total > 0;
}
// In the order of the groups, for whoever hears the page rather than sees it.
function insert(at, node) {
  let next = null;
  for (const [other, there] of shown) if (other > at && (!next || other < next.at)) next = { at: other, there };
  if (next) next.there.before(node); else pad.append(node);
}

const placeholder = at => el('div', { className: 'row', role: 'row', 'aria-rowindex': at + 1, 'aria-busy': 'true' },
  el('div', { className: 'tiles', role: 'gridcell' }, ...[1, 2].map(() => el('div', { className: 'tile empty' }))));

function width(picture, h) {
  const turned = picture.turn % 2 ? picture.height / picture.width : picture.width / picture.height;
  return Math.round(Math.min(2.2, Math.max(.94, turned || 1.4)) * h);
}

// What stands below a picture is to be read, however narrow the picture.
const room = (picture, h) => Math.max(width(picture, h), h < 80 ? 118 : 150);

export function makeTile(row, place, at, h) {
  const picture = row.pictures[place];
  const image = el('img', { alt: '', decoding: 'async', draggable: false });
  const tile = el('button', {
    className: `tile ${picture.is}`, type: 'button', tabIndex: at === S.at && place === S.place ? 0 : -1,
    'aria-label': label(picture), title: `${picture.folder}/${picture.name}`,
  }, image);
  image.onerror = () => { if (!['gone', 'linked'].includes(picture.is)) tile.dataset.lost = T.unreadable; tile.classList.add('lost'); tile.replaceChildren(); };
  if (picture.turn && picture.is !== 'far') image.classList.add(`turn${picture.turn}`);
  tile.dataset.place = place;
  const words = picture.is === 'keep' ? basics(picture) : difference(picture);
  const caption = el('span', { className: `caption ${picture.is}`, 'aria-hidden': 'true', title: words }, el('b', {}, BECOMES[picture.is]), ' ', words);
  const cell = el('div', { className: 'cell', role: at < 0 ? undefined : 'gridcell' }, tile, caption);
  cell.style.width = `${room(picture, h)}px`;
  tile.style.width = `${width(picture, h)}px`;
  image.style.setProperty('--w', `${width(picture, h)}px`);
  load(image, picture);
  return cell;
}

// Of the pictures of a row, those there is room for: the kept one, and of the others so many from the first on, or from a
// later one, that the one at `here` is among them.
function fitting(row, places, here, h, space) {
  const wide = places.map(place => room(row.pictures[place], h) + 10);
  for (let from = 1; ; from++) {
    let used = wide[0] + (from > 1 ? MORE : 0), end = from;
    while (end < places.length && used + wide[end] <= space - (end < places.length - 1 ? MORE : 0)) used += wide[end++];
    if (here < end || here === from) return [from, Math.max(end, Math.min(here + 1, places.length))];
  }
}
// What stands for pictures that are not shown; it leads to one of them.
const more = (text, place) => el('div', { className: 'more', role: 'gridcell' }, el('button', { type: 'button', tabIndex: -1, 'data-place': place }, text));
// The kept picture, some of the others, and how many there are before and after these.
export const among = (places, from, end, tile) => [tile(places[0]), from > 1 ? more(T.before(from - 1), places[from - 1]) : null,
  ...places.slice(from, end).map(tile), end < places.length ? more(T.more(places.length - end), places[end]) : null];

function makeRow(at, row) {
  const h = css('--tile'), places = order(row), here = at === S.at ? places.indexOf(S.place) : 0;
  const tiles = el('div', { className: 'tiles', role: 'presentation' }, ...among(places, ...fitting(row, places, here, h, scroller.clientWidth - 56), place => makeTile(row, place, at, h)));
  const goes = row.pictures.filter(p => p.is === 'goes').length, kept = row.pictures[row.keeper];
  const state = row.state === 1 ? el('span', { className: 'did' }, T.agreed) : row.state === 2 ? el('span', { className: 'did two' }, T.apart)
    : row.changed ? el('span', { className: 'did three' }, T.changed) : null;
  const why = `${kept.folder ? kept.folder + '/' : ''}${kept.name}`;
  return el('div', { className: `row${['', ' agreed', ' apart'][row.state]}`, role: 'row', 'aria-rowindex': at + 1 }, tiles,
    el('div', { className: 'foot', role: 'gridcell' }, el('span', { className: 'number' }, number(at + 1)), el('span', { className: 'why', title: `${why}  ${row.why}` }, el('b', {}, why), `  ${row.why}`),
      el('span', { className: 'grow' }), state, el('span', { className: 'freed' }, goes ? T.goes(goes, row.pictures.length, bytes(row.freed)) : T.allStay)));
}

export function focusTile() {
  const node = shown.get(S.at);
  const tile = node?.querySelector(`.tile[data-place="${S.place}"]`) ?? node?.querySelector('button.tile');
  tile?.focus({ preventScroll: true });
  const tiles = tile?.closest('.tiles'); // of which some narrow pages have no room for two
  if (tiles && tiles.scrollWidth > tiles.clientWidth) tile.scrollIntoView({ block: 'nearest', inline: 'nearest' });
}

export function go(at, place) {
  const from = S.at;
  S.at = Math.max(0, Math.min(S.total - 1, at));
  const row = rowAt(S.at), h = height(), y = S.at * h, top = offset();
  S.place = place ?? row?.keeper ?? 0;
  if (y < top) scrollTo(y); else if (y + h > top + scroller.clientHeight) scrollTo(y + h - scroller.clientHeight);
  renew(from); renew(S.at);
  draw();
  focusTile();
  if (row) say(T.say(S.at + 1, S.total, row)); else need(S.at)?.then(() => { S.place = rowAt(S.at)?.keeper ?? 0; renew(S.at); draw(); focusTile(); });
}
export function step(by) {
  const row = rowAt(S.at);
  if (!row) return;
  const places = order(row), at = places.indexOf(S.place);
  S.place = places[Math.max(0, Math.min(places.length - 1, at + by))];
  renew(S.at); draw(); focusTile();
}
// Have one row made anew.
export function renew(at) { const node = shown.get(at); if (node) node.row = null; }
export const pageful = () => Math.max(1, Math.floor(scroller.clientHeight / height()) - 1);
export function toTop() { scroller.scrollTop = 0; }

export function listen(open) {
  scroller.addEventListener('scroll', () => {
    if (!queued) { queued = true; requestAnimationFrame(() => { queued = false; draw(); }); }
  }, { passive: true });
  addEventListener('resize', () => { const focused = pad.contains(document.activeElement); draw(true); if (focused) focusTile(); });
  pad.addEventListener('click', event => {
    const one = event.target.closest('button'), row = event.target.closest('.row');
    if (!row) return;
    go(+row.getAttribute('aria-rowindex') - 1, one ? +one.dataset.place : undefined);
    if (event.detail === 2 && !one?.closest('.more')) open();
  });
}
