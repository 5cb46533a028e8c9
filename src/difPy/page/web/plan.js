// The plan to look at, the work, and the way back.

import { $, button, el } from './dom.js';
import { post, progress } from './server.js';
import { S } from './state.js';
import { ALTERED, HOW, T, bytes, did, number } from './words.js';

const doing = $('#doing');
let how = 'move', everything = false, altered = false, even = false, after = () => {};

export function prepare(changed) {
  after = changed;
  doing.addEventListener('cancel', event => { if (doing.dataset.busy) event.preventDefault(); });
}
const put = (...children) => doing.replaceChildren(el('div', { className: 'plan' }, ...children));
const title = text => el('h2', { id: 'doing-title' }, text);
const close = () => { doing.close(); };

export async function plan() {
  ({ altered, even } = S.work);
  if (!doing.open) doing.showModal();
  await make();
}

async function make() {
  const inside = doing.contains(document.activeElement) && document.activeElement.name || 'how';
  put(title(T.plan), el('p', {}, T.planWhy), choose(), el('p', { role: 'status' }, T.making));
  $('.how :checked', doing).focus();
  let made;
  try {
    made = await post('plan', { action: how, everything, altered, even });
    await meant(made.summary);
  } catch (error) {
    put(title(T.plan), choose(), el('p', { role: 'alert' }, error.message), el('div', { className: 'end' }, el('span', { className: 'grow' }), button(T.back, close, { className: 'quiet' })));
    return;
  }
  show(made);
  ($(`[name="${inside}"]:checked`, doing) ?? $(`[name="${inside}"]`, doing) ?? $('.how :checked', doing)).focus();
}

// What the list says of altered copies is what the plan does with them.
async function meant(summary) {
  const same = S.work.altered === altered && S.work.even === even;
  S.summary = summary;
  Object.assign(S.work, { altered, even });
  if (!same) await after();
}

function choose() {
  const one = ([name, text, more]) => el('label', {}, el('input', { type: 'radio', name: 'how', value: name, checked: how === name, onchange: () => { how = name; make(); } }), el('b', {}, text), el('span', {}, more));
  const which = (value, text) => el('label', {}, el('input', { type: 'radio', name: 'which', checked: everything === value, onchange: () => { everything = value; make(); } }), ' ', text);
  const tick = (name, on, text, set) => el('label', {}, el('input', { type: 'checkbox', name, checked: on, onchange: event => { set(event.target.checked); make(); } }), ' ', text);
  const apart = [tick('altered', altered, T.onlyAltered, on => { altered = on; even = false; }), altered ? tick('even', even, T.evenMore, on => { even = on; }) : null];
  return el('div', {}, el('fieldset', { className: 'how' }, el('legend', { className: 'unseen' }, 'What becomes of them'), ...HOW.map(one)),
    el('fieldset', { className: 'which' }, el('legend', { className: 'unseen' }, 'Which groups'), which(false, T.onlyAgreed), which(true, T.everything), ...S.summary?.kinds[ALTERED] ? apart : []));
}

function show(made) {
  const figure = (count, words, warn) => el('div', { className: warn ? 'warn' : '' }, el('b', {}, count), el('span', {}, words));
  const start = button(`${did(made.action)}: ${number(made.steps)}`, () => apply(made), { className: `go${how === 'delete' ? ' danger' : ''}`, disabled: !made.steps || made.not_undoable > 0 });
  const sure = made.not_undoable ? el('label', { className: 'sure' }, el('input', { type: 'checkbox', onchange: event => { start.disabled = !event.target.checked; } }), T.sure(made.not_undoable)) : null;
  const rows = (heads, lines) => lines.length ? el('table', {}, el('thead', {}, el('tr', {}, ...heads.map(head => el('th', { scope: 'col' }, head)))), el('tbody', {}, ...lines.map(([path, why, undoable]) => el('tr', { className: undoable === false ? 'final' : '' }, el('td', {}, path), el('td', {}, why))))) : null;
  const note = made.steps ? (made.action === 'move' ? T.to(made.aside) : '') : made.held_count ? T.allHeld : everything ? T.none : T.noneAgreed;
  put(title(T.plan), el('p', {}, T.planWhy), choose(),
    el('div', { className: 'figures' }, figure(number(made.steps), T.figs[0](made.steps)), figure(bytes(made.bytes), T.freed(made.action)), figure(number(made.held_count), T.figs[1]), figure(number(made.not_undoable), T.figs[2], made.not_undoable > 0)),
    note ? el('p', { className: 'note' }, note) : null,
    made.more ? el('p', { className: 'note warns' }, T.keepSuch(made.more)) : null,
    made.steps + made.held_count ? el('div', { className: 'steps', tabIndex: 0, role: 'region', 'aria-label': 'Steps' }, rows(T.step, made.first), rows(T.held, made.held)) : null,
    el('div', { className: 'end' }, el('span', { className: 'grow' }, T.first(made.first.length, made.steps)), sure, button(T.back, close, { className: 'quiet' }), start));
}

async function apply(made) {
  const sure = made.not_undoable > 0;
  await work(T.working, () => post('apply', { digest: made.digest, sure }));
}
export async function undo() {
  if (!doing.open) doing.showModal();
  await work(T.undoing, () => post('undo'));
}

async function work(heading, start) {
  const bar = el('progress', { max: 1, value: 0, 'aria-label': heading }), line = el('p', { role: 'status' }, T.starting);
  doing.dataset.busy = '1';
  put(title(heading), line, bar);
  try {
    await start();
    const state = await progress(now => { bar.max = Math.max(1, now.total); bar.value = now.done; if (now.total) line.textContent = T.of(now.done, now.total); });
    if (state.summary) S.summary = state.summary;
    finished(state.said);
  } catch (error) {
    put(title(T.titles.stopped), el('p', { role: 'alert' }, error.message || T.died), el('div', { className: 'end' }, el('span', { className: 'grow' }), button(T.toList, close, { className: 'go' })));
  } finally {
    delete doing.dataset.busy;
  }
}

function finished(said) {
  if (!said) return close();
  const left = said.left ?? [], count = said.left_count ?? left.length, nothing = said.title === 'done' && !said.done, words = nothing ? '' : said.title === 'done' ? T.done(said) : said.title === 'undone' ? T.undone(said) : said.why;
  S.work.can_undo = said.can_undo;
  const back = button(T.toList, close, { className: 'go' });
  put(title(T.titles[nothing ? 'nothing' : said.title]), words ? el('p', { role: 'status' }, words) : null, said.journal ? el('p', { className: 'note' }, `Journal: ${said.journal}`) : null,
    count ? el('p', {}, T.left(count, said.title === 'undone')) : null,
    count ? el('div', { className: 'steps', tabIndex: 0, role: 'region', 'aria-label': 'Left alone' }, el('table', {}, el('tbody', {}, ...left.map(([path, why]) => el('tr', {}, el('td', {}, path), el('td', {}, why)))))) : null,
    el('div', { className: 'end' }, el('span', { className: 'grow' }), said.can_undo ? button(T.undo, undo, { className: 'quiet' }) : null, back));
  back.focus();
  after();
}
