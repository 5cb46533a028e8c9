// What the page asks the server for. All addresses lie below the page's own, which nobody can guess.

const HEADERS = { 'Content-Type': 'application/json', 'X-difPy': '1' };

export async function get(path, options) {
  const answer = await fetch(path, options);
  if (!answer.ok) throw new Error(await answer.text());
  return answer.json();
}

export const post = (path, body = {}) => get(`api/${path}`, { method: 'POST', headers: HEADERS, body: JSON.stringify(body) });

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

export const thumbnail = picture => `t/${picture.id}`;
export const picture = (one, exact) => `p/${one.id}${exact ? '?exact' : ''}`;
