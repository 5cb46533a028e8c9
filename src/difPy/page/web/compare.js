// Two pictures of a group, in four ways.

import { $, button, el, say } from './dom.js';
import { laid } from './laid.js';
import { among, makeTile } from './list.js';
import { picture as address } from './server.js';
import { S, need, order, rowAt } from './state.js';
import { differ, upright } from './upright.js';
import { BECOMES, FACTS, MODES, T, bytes, day, number, sentence } from './words.js';
import { Zoom } from './zoom.js';

export const compare = $('#compare');
const still = matchMedia('(prefers-reduced-motion: reduce)'), EVERY = 700, AROUND = 16;
let mode = 'side', cut = .5, other = false, timer = 0, token = 0, zoom = null, show = {}, act = {}, leave = () => {};

export function prepare(actions, close) {
  act = actions; leave = close;
  compare.addEventListener('cancel', event => { event.preventDefault(); key('Escape'); });
  compare.addEventListener('wheel', wheel, { passive: false });
  compare.addEventListener('pointerdown', drag);
  addEventListener('keyup', event => { if (compare.open && event.key.toLowerCase() === 'f') { other = false; show.flick?.(); } });
  addEventListener('resize', () => { if (compare.open) zoom?.lay(); });
}
export function open() {
  const row = rowAt(S.at);
  if (!row) return;
  if (S.place === row.keeper) S.place = order(row)[1] ?? row.keeper;
  compare.showModal();
  anew();
}
export async function anew(fresh = true) {
  const row = rowAt(S.at), mine = ++token;
  if (!row) return;
  if (S.place === row.keeper) S.place = order(row)[1] ?? row.keeper;
  const kept = row.pictures[row.keeper], chosen = row.pictures[S.place];
  clearInterval(timer);
  const stage = el('div', { className: 'stage', tabIndex: -1 }, el('span', { className: 'legend' }, T.loading)), before = zoom;
  compare.replaceChildren(el('div', { className: 'compare' }, head(), stage, facts(row, kept, chosen), film(row)));
  compare.querySelector('.film .current')?.scrollIntoView({ block: 'nearest', inline: 'center' });
  stage.focus({ preventScroll: true });
  zoom = new Zoom(stage);
  if (!fresh && before) Object.assign(zoom, { scale: before.scale, x: before.x, y: before.y });
  try {
    const exact = mode === 'difference';
    const [one, two] = await Promise.all([load(kept, exact), load(chosen, exact)]);
    if (mine === token) arrange(stage, row, kept, chosen, one, two);
  } catch {
    if (mine === token) stage.replaceChildren(el('span', { className: 'legend' }, T.cannotShow));
  }
}
const load = async (picture, exact) => { const image = new Image(); image.src = address(picture, exact); await image.decode(); return image; };

function arrange(stage, row, kept, chosen, one, two) {
  const pane = (...children) => el('div', { className: 'pane' }, ...children), turn = chosen.is === 'far' ? 0 : chosen.turn ?? 0;
  const tag = picture => el('span', { className: `tag ${picture.is}` }, BECOMES[picture.is]);
  const a = upright(one, 0), width = a.width, height = a.height, map = chosen.is !== 'far' && chosen.map;
  const b = map ? laid(two, map, width, height) : upright(two, turn);
  for (const [canvas, picture] of [[a, kept], [b, chosen]]) { canvas.setAttribute('role', 'img'); canvas.setAttribute('aria-label', `${picture.folder}/${picture.name}`); }
  let layers = [a, b];
  stage.classList.remove('tall');
  show = {};
  if (mode === 'side') {
    const beside = Math.min(stage.clientWidth / 2 / width, stage.clientHeight / height), below = Math.min(stage.clientWidth / width, stage.clientHeight / 2 / height);
    stage.classList.toggle('tall', below > beside);
    stage.replaceChildren(pane(a, tag(kept)), pane(b, tag(chosen)));
  } else if (mode === 'flicker') {
    const tags = [tag(kept), tag(chosen)];
    stage.replaceChildren(pane(a, b, ...tags), el('span', { className: 'legend' }, T.flicker));
    show.flick = () => { for (const [n, parts] of [[a, tags[0]], [b, tags[1]]].entries()) for (const part of parts) part.style.visibility = (n === 1) === other ? 'visible' : 'hidden'; };
    if (!still.matches) timer = setInterval(() => { other = !other; show.flick(); }, EVERY);
    show.flick();
  } else if (mode === 'slider') {
    const over = pane(b, tag(chosen)), bar = el('div', { className: 'bar' });
    over.classList.add('over');
    stage.replaceChildren(pane(a, tag(kept)), over, bar);
    show.cut = () => { const x = cut * stage.clientWidth; over.style.clipPath = `inset(0 0 0 ${x}px)`; bar.style.left = `${x}px`; };
    show.cut();
  } else {
    const over = map ? laid(two, map, width, height, { whole: false }) : upright(two, turn, width, height);
    const found = differ(a, over), text = found.most ? T.figures(found) : T.nothing;
    layers = [found.canvas];
    found.canvas.setAttribute('role', 'img'); found.canvas.setAttribute('aria-label', text);
    stage.replaceChildren(pane(found.canvas), el('span', { className: 'legend' }, text));
    say(text);
  }
  zoom.set(width, height, layers);
  stage.dataset.ready = mode;
}

function head() {
  const ways = MODES.map(([name, text], at) => button([text, el('kbd', {}, at + 1)], () => key(String(at + 1)), { 'aria-pressed': String(mode === name) }));
  return el('header', {}, button('←', () => key('Escape'), { className: 'icon', 'aria-label': T.toList, title: T.toList }),
    el('h2', { className: 'where' }, T.where(S.at + 1, S.total)), el('span', { className: 'grow' }),
    el('div', { className: 'choice', role: 'group', 'aria-label': 'How to compare' }, ...ways),
    button('⤢', () => key(' '), { className: 'icon', 'aria-label': 'Fit or 100 %', title: 'Fit or 100 %  (Space)' }));
}

function facts(row, kept, chosen) {
  const name = picture => el('div', { className: picture.is }, el('b', {}, picture.name), el('span', {}, picture.folder));
  const pixels = p => p.width ? `${number(p.width)} × ${number(p.height)}` : '', turned = chosen.turn % 2 ? { ...chosen, width: chosen.height, height: chosen.width } : chosen;
  const lines = [
    ['bytes', bytes(kept.bytes), bytes(chosen.bytes), kept.bytes - chosen.bytes], ['pixels', pixels(kept), pixels(turned), kept.width * kept.height - chosen.width * chosen.height],
    ['format', kept.format, chosen.format, 0], ['taken', kept.taken, chosen.taken, !!kept.taken - !!chosen.taken], ['camera', kept.camera, chosen.camera, !!kept.camera - !!chosen.camera],
    ['changed', day(kept.changed), day(chosen.changed), chosen.changed - kept.changed],
  ].filter(([, one, two]) => one || two);
  const line = ([fact, one, two, better]) => el('tr', { className: one === two ? 'same' : '' }, el('th', { scope: 'row' }, FACTS[fact]),
    el('td', { className: one !== two && better > 0 ? 'better' : '' }, one || '–'), el('td', { className: one !== two && better < 0 ? 'better' : '' }, two || '–'));
  const choice = (letter, text, main) => button([text, el('kbd', {}, letter.toUpperCase())], () => key(letter), { className: main ? 'main' : '' });
  return el('aside', { className: 'facts', 'aria-label': 'What is known of them' }, el('div', { className: 'who' }, name(kept), name(chosen)), el('p', {}, row.why),
    el('table', {}, el('thead', {}, el('tr', {}, el('th', { scope: 'col' }, el('span', { className: 'unseen' }, 'Fact')), el('th', { scope: 'col' }, BECOMES[kept.is]), el('th', { scope: 'col' }, BECOMES[chosen.is]))), el('tbody', {}, ...lines.map(line))),
    chosen === kept ? null : el('p', { className: 'told' }, sentence(chosen)),
    el('div', { className: 'acts' }, choice('a', row.state === 1 ? 'Agreed; take that back' : 'Agree, next', true), choice('k', 'Keep the other one'),
      choice('x', chosen.is === 'stays' ? 'Let it go after all' : 'Let it stay'), choice('n', row.state === 2 ? 'They are duplicates' : 'Not duplicates')));
}

// Of a large group, what lies around the picture that is compared.
function film(row) {
  const places = order(row), here = places.indexOf(S.place), choose = place => { if (place !== row.keeper) { S.place = place; anew(); } };
  const tile = place => {
    const cell = makeTile(row, place, -1, 70);
    cell.firstChild.classList.toggle('current', place === S.place);
    cell.firstChild.tabIndex = 0;
    return cell;
  };
  const strip = el('div', { className: 'film', role: 'group', 'aria-label': 'All pictures of the group' },
    ...among(places, Math.max(1, here - AROUND), Math.min(places.length, here + AROUND + 1), tile));
  for (const cell of strip.children) { cell.removeAttribute('role'); cell.firstChild.onclick = () => choose(+cell.firstChild.dataset.place); }
  return strip;
}

// What went wrong, where it is seen: the foot of the list is behind the comparison.
export function warn(text) {
  $('.trouble', compare)?.remove();
  $('.acts', compare)?.before(el('p', { className: 'trouble', role: 'alert' }, text));
}

async function next(by) {
  const at = S.at + by;
  if (at < 0 || at >= S.total) return;
  await need(at);
  const row = rowAt(at);
  if (!row) return;
  S.at = at; S.place = order(row)[1] ?? row.keeper;
  say(T.say(at + 1, S.total, row));
  anew();
  const ahead = rowAt(at + by);
  for (const picture of ahead?.pictures.slice(0, 2) ?? []) new Image().src = address(picture);
}

export function key(name, event) {
  const row = rowAt(S.at);
  if (name === 'Escape' || (name === 'Enter' && !event?.target.matches?.('button'))) { clearInterval(timer); token++; compare.close(); leave(); }
  else if ('1234'.includes(name)) { mode = MODES[name - 1][0]; anew(false); }
  else if (name === 'ArrowDown') next(1);
  else if (name === 'ArrowUp') next(-1);
  else if (name === 'ArrowRight' || name === 'ArrowLeft') {
    const places = order(row).slice(1), at = places.indexOf(S.place) + (name === 'ArrowRight' ? 1 : -1);
    if (places[at] !== undefined) { S.place = places[at]; anew(); }
  } else if (name === ' ' && !event?.target.matches?.('button:not(.icon):not(.main)')) zoom.toggle();
  else if (name === '+' || name === '=') zoom.by(1.5);
  else if (name === '-') zoom.by(1 / 1.5);
  else if (name === 'f') { if (!event?.repeat) flickByHand(); }
  else if (name === '[' || name === ']') { cut = Math.max(0, Math.min(1, cut + (name === ']' ? .05 : -.05))); show.cut?.(); }
  else if (name === 'a') { const agreed = row.state === 1; act.a().then(did => { if (did && !agreed) next(1); }); }
  else if (act[name]) act[name]();
  else return false;
  return true;
}
async function flickByHand() {
  if (mode !== 'flicker') { mode = 'flicker'; await anew(false); }
  clearInterval(timer);
  other = true;
  show.flick?.();
}
function wheel(event) {
  const pane = event.target.closest('.stage')?.querySelector('.pane');
  if (!pane || !zoom?.width) return;
  event.preventDefault();
  zoom.at(event, event.target.closest('.pane') ?? pane);
}
function drag(event) {
  const stage = event.target.closest('.stage');
  if (!stage || !zoom) return;
  const x = event.clientX - zoom.x, y = event.clientY - zoom.y, slides = mode === 'slider' && !zoom.scale;
  const move = now => {
    if (slides) { cut = Math.max(0, Math.min(1, (now.clientX - stage.getBoundingClientRect().left) / stage.clientWidth)); show.cut?.(); } else zoom.move(now.clientX - x, now.clientY - y);
  };
  const end = () => { removeEventListener('pointermove', move); removeEventListener('pointerup', end); };
  addEventListener('pointermove', move);
  addEventListener('pointerup', end);
  if (slides) move(event);
}
