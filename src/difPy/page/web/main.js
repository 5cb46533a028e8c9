// The page: its frame, its keys, and what is decided on it.

import { anew, compare, key as compareKey, open, prepare as prepareCompare, warn } from './compare.js';
import { $, button, el, keys, say } from './dom.js';
import { draw, focusTile, go, listen, pageful, renew, step, toTop } from './list.js';
import { plan, prepare as preparePlan, undo } from './plan.js';
import { get, post } from './server.js';
import { S, again, begin, findRow, hear, put, rowAt, show } from './state.js';
import { KEYS, KINDS, STATES, T, number } from './words.js';

const saved = $('#saved'), root = document.documentElement;
// What difPy refuses, it says why; only where it says nothing does it not answer.
const trouble = (error, words = T.refused) => {
  saved.textContent = error.refused ? words(error.message) : T.lost(error.message);
  saved.setAttribute('role', 'alert');
  if (compare.open) warn(saved.textContent);
};
const well = () => { saved.textContent = T.saved; saved.removeAttribute('role'); };

// ---- decisions: each is saved before it shows as saved, and where it is not, nobody is led on
async function decide(change) {
  const at = S.at, row = rowAt(at);
  if (!row) return;
  saved.textContent = T.saving;
  try {
    const answer = await post('decide', { group: row.id, ...change });
    took(at, answer.row, answer.summary);
    return true;
  } catch (error) { trouble(error, T.notSaved); return false; }
}
function took(at, row, summary) {
  S.summary = summary;
  if (at >= 0) put(at, row);
  well();
  frame(); renew(at); draw();
  if (compare.open) anew(false); else focusTile();
}
async function takeBack() {
  try {
    const answer = await post('back');
    if (!answer.count) return say(T.nothingBack);
    say(T.took(answer.count));
    const at = answer.row ? findRow(answer.row.id) : -1;
    if (at < 0) { S.summary = answer.summary; await again(); frame(); draw(true); focusTile(); return; }
    S.at = at; S.place = answer.row.keeper;
    took(at, answer.row, answer.summary);
    if (!compare.open) go(at);
  } catch (error) { trouble(error, T.notSaved); }
}
async function agreeAll() {
  const open = S.total;
  if (!confirm(T.agreeSure(open))) return;
  try {
    const answer = await post('agree', S.view);
    S.summary = answer.summary;
    await again();
    frame(); draw(true); focusTile(); say(T.agreedAll(answer.count));
  } catch (error) { trouble(error, T.notSaved); }
}
const acts = {
  a: async () => { const row = rowAt(S.at); if (!row) return; const agreed = row.state === 1, did = await decide({ state: agreed ? 0 : 1 }); if (did && !compare.open && !agreed) go(S.at + 1); return did; },
  k: () => decide({ keeper: S.place }),
  x: () => { const row = rowAt(S.at), picture = row?.pictures[S.place]; if (picture && ['goes', 'stays'].includes(picture.is)) decide({ stays: [S.place, picture.is === 'goes'] }); },
  n: () => { const row = rowAt(S.at); if (row) decide({ state: row.state === 2 ? 0 : 2 }); },
  z: takeBack,
};
const moves = {
  ArrowDown: () => go(S.at + 1), ArrowUp: () => go(S.at - 1), PageDown: () => go(S.at + pageful()), PageUp: () => go(S.at - pageful()),
  Home: () => go(0), End: () => go(S.total - 1), ArrowRight: () => step(1), ArrowLeft: () => step(-1), Enter: open,
  '/': () => $('#q').focus(), '?': help, p: plan, d: dense, g: jump,
};
addEventListener('keydown', event => {
  if (event.metaKey || event.altKey || event.ctrlKey) return;
  if (event.target.matches('input[type=search]')) {
    if (event.key === 'Escape') { event.target.value = ''; filter(''); }
    if (event.key === 'Escape' || event.key === 'Enter') { event.preventDefault(); go(0); }
    return;
  }
  if ($('#help').open || $('#doing').open) return;
  const key = event.key.length === 1 ? event.key.toLowerCase() : event.key;
  if (compare.open) { if (compareKey(key, event)) event.preventDefault(); return; }
  const inList = event.target.closest('#list') || event.target === document.body, elsewhere = event.target.matches('button') && !inList;
  if (elsewhere && ['Enter', ' '].includes(key)) return;
  const what = acts[key] ?? moves[key];
  if (what) { event.preventDefault(); what(); }
});

// ---- the frame: facets, totals, order
function frame() {
  const s = S.summary;
  if (!s) { $('#sum').textContent = T.counting(S.total); return; }
  const open = s.groups - s.agreed - s.apart;
  const item = (text, count, on, act) => el('li', {}, button([el('span', {}, text), el('span', { className: 'count' }, number(count))], act, { 'aria-pressed': String(on), disabled: !count && !on }));
  $('#kinds').replaceChildren(item(T.all, s.groups, !S.view.kind, () => change({ kind: 0 })), ...KINDS.map(([kind, text]) => item(text, s.kinds[kind], S.view.kind === kind, () => change({ kind }))));
  const counts = { '': s.groups, open, agreed: s.agreed, apart: s.apart };
  $('#states').replaceChildren(...STATES.map(([state, text]) => item(text, counts[state], S.view.state === state, () => change({ state }))));
  for (const one of document.querySelectorAll('[data-order]')) one.setAttribute('aria-pressed', String(one.dataset.order === S.view.order));
  $('#empty').replaceChildren(el('b', {}, s.groups ? T.empty : T.none), s.groups ? (S.view.text ? T.noName(S.view.text) : T.noGroup) : '');
  $('#sum').replaceChildren(...T.sum(s).flatMap(([strong, rest]) => [el('b', {}, strong), rest]), el('span', { className: 'soft' }, s.agreed ? T.decided(s) : T.atMost(s)));
  $('#undo').hidden = !S.work.can_undo;
  $('#agree').disabled = !S.total || !open;
}
async function change(view) { await show(view); toTop(); frame(); draw(true); }
let waiting;
function filter(text) { clearTimeout(waiting); waiting = setTimeout(() => change({ text: text.trim() }), 120); }
function dense() { root.toggleAttribute('data-dense'); draw(true); go(S.at, S.place); }
function jump() { const asked = prompt(T.jump, S.at + 1), at = Number(asked); if (asked && at >= 1) go(Math.floor(at) - 1); }
function help() {
  const box = $('#help');
  box.replaceChildren(el('h2', {}, 'Keys'), el('dl', {}, ...KEYS.flatMap(([name, what]) => [el('dt', {}, ...keys(name)), el('dd', {}, what)])), el('div', { className: 'end' }, button(T.back, () => box.close(), { className: 'quiet' })));
  box.showModal();
}
function theme(name) { root.dataset.theme = name; try { localStorage.theme = name; } catch { /* a browser that keeps nothing */ } }
function remembered() { try { return localStorage.theme; } catch { return undefined; } }

const first = JSON.parse($('#first').textContent);
begin(first);
$('.away').hidden = !first.calibrates;
hear({ rows: () => { draw(); if (document.activeElement === document.body) focusTile(); }, trouble });
theme(remembered() ?? (matchMedia('(prefers-color-scheme: light)').matches ? 'light' : 'dark'));
prepareCompare(acts, () => { draw(true); go(S.at, S.place); });
preparePlan(async () => { await again(); frame(); draw(true); });
listen(open);
for (const one of document.querySelectorAll('[data-order]')) one.onclick = () => change({ order: one.dataset.order });
$('#q').oninput = event => filter(event.target.value);
$('#keys').onclick = help;
$('#help').onclick = event => { if (event.target === event.currentTarget) event.currentTarget.close(); };
$('#theme').onclick = () => theme(root.dataset.theme === 'light' ? 'dark' : 'light');
$('#plan').onclick = plan;
$('#undo').onclick = undo;
$('#agree').onclick = agreeAll;
frame(); draw();
requestAnimationFrame(focusTile);
// Of very many groups it is counted only once the first of them are seen how many there are of each kind.
async function count() {
  try { S.summary = (await get('api/state')).summary; frame(); } catch (error) { trouble(error); }
}
if (!S.summary) requestAnimationFrame(() => setTimeout(count));
performance.mark('drawn');
