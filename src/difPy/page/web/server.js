// What the page asks the server for. All addresses lie below the page's own, which nobody can guess.

const HEADERS = { 'Content-Type': 'application/json', 'X-difPy': '1' };

export async function get(path, options) {
  const answer = await fetch(path, options);
  if (!answer.ok) throw Object.assign(new Error(await answer.text()), { refused: true });
  return answer.json();
}

// What is asked for with a change arrives in the order in which it was meant, however quick the keys: a plan knows what was agreed before.
let last = Promise.resolve();
export function post(path, body = {}) {
  const answer = last.then(() => get(`api/${path}`, { method: 'POST', headers: HEADERS, body: JSON.stringify(body) }));
  last = answer.catch(() => {});
  return answer;
}

// Told how far the work is, until it has ended; resolves with what came of it.
export const progress = show => new Promise((resolve, reject) => {
  const source = new EventSource('api/progress');
  source.onmessage = event => {
    const state = JSON.parse(event.data);
    show(state);
    if (state.said || !state.doing) { source.close(); resolve(state); }
  };
  source.onerror = () => { source.close(); reject(new Error('')); };
});

// Of pictures by number, as many as difPy sends at once: number -> levels of 50 x 50 pixels, of those of which they are known.
export async function tensors(ids) {
  const answer = await fetch(`api/tensors?n=${ids}`), found = new Map();
  if (!answer.ok) return found;
  const data = await answer.arrayBuffer(), view = new DataView(data), levels = 3 * 50 * 50;
  for (let at = 0; at < data.byteLength; at += 4 + levels) found.set(view.getUint32(at, true), new Uint8Array(data, at + 4, levels));
  return found;
}
export const thumbnail = picture => `t/${picture.id}`;
export const picture = (one, exact) => `p/${one.id}${exact ? '?exact' : ''}`;
