// What the page knows: which groups are shown, some of them at hand, where the person is.

import { get } from './server.js';

const PAGE = 40, NEAR = 20, MOST = 60;

export const S = { view: { order: 'doubt', kind: 0, state: '', text: '' }, total: 0, at: 0, place: 0, summary: null, work: null, tensors: false };
const pages = new Map(), asked = new Map();
let generation = 0;
const heard = { rows: () => {}, trouble: () => {} };
export const hear = handlers => Object.assign(heard, handlers);

export function begin(first) {
  Object.assign(S, { total: first.total, summary: first.summary, work: first.work, tensors: first.tensors });
  first.rows.forEach((row, at) => put(at, row));
  const row = rowAt(0);
  S.place = row ? row.keeper : 0;
}
export const rowAt = at => pages.get(Math.floor(at / PAGE))?.[at % PAGE];
export function put(at, row) {
  const page = Math.floor(at / PAGE);
  if (!pages.has(page)) pages.set(page, []);
  pages.get(page)[at % PAGE] = row;
}
export function findRow(id) {
  for (const [page, rows] of pages) for (const [at, row] of rows.entries()) if (row?.id === id) return page * PAGE + at;
  return -1;
}

// Have the page of rows at hand that holds this one; what is far from where the person is, is forgotten.
export async function need(at) {
  const page = Math.floor(at / PAGE);
  if (at < 0 || at >= S.total || asked.has(page)) return asked.get(page)?.promise;
  const have = pages.get(page);
  if (have && have.filter(Boolean).length >= Math.min(PAGE, S.total - page * PAGE)) return;
  const stop = new AbortController(), mine = generation;
  const promise = (async () => {
    try {
      const found = await get(`api/rows?${new URLSearchParams({ ...S.view, from: page * PAGE, n: PAGE })}`, { signal: stop.signal });
      if (mine !== generation) return;
      S.total = found.total;
      pages.set(page, found.rows);
      if (pages.size > MOST) for (const other of pages.keys()) if (Math.abs(other - page) > NEAR && Math.abs(other - Math.floor(S.at / PAGE)) > NEAR) pages.delete(other);
      heard.rows();
    } catch (error) {
      if (error.name !== 'AbortError') heard.trouble(error);
    } finally {
      if (asked.get(page)?.promise === promise) asked.delete(page);
    }
  })();
  asked.set(page, { promise, stop });
  return promise;
}

export async function show(view) {
  Object.assign(S.view, view);
  await again(0);
}
export async function again(at = S.at) {
  generation++;
  for (const { stop } of asked.values()) stop.abort();
  asked.clear(); pages.clear();
  S.at = at; S.total = Math.max(1, S.total, at + 1);
  await need(at);
  S.at = Math.max(0, Math.min(at, S.total - 1));
  S.place = rowAt(S.at)?.keeper ?? 0;
}
export const order = row => [row.keeper, ...row.pictures.keys()].filter((place, at, all) => all.indexOf(place) === at);
