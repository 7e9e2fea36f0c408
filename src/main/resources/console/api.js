/** Talks to the instance that served the page: the stream of looks, and requests with the operator's token. */

/** Kept for this tab alone, and gone when it is closed. */
const KEY = 'pipeline-token';
export const token = {
  get: () => sessionStorage.getItem(KEY) ?? '',
  set: value => (value ? sessionStorage.setItem(KEY, value) : sessionStorage.removeItem(KEY)),
};

/** An answer that is no success; its message is what the instance said. */
export class Refused extends Error {
  constructor(status, message) {
    super(message);
    this.status = status;
  }
}

function headers(more = {}) {
  return token.get() ? { Authorization: `Bearer ${token.get()}`, ...more } : more;
}

async function answer(response) {
  const body = await response.text();
  let json = null;
  try {
    json = JSON.parse(body);
  } catch {
    // not JSON: a proxy's page, say
  }
  if (!response.ok) throw new Refused(response.status, json?.trouble ?? json?.message ?? `it was answered with ${response.status}`);
  return json;
}

async function send(path, options) {
  let response;
  try {
    response = await fetch(`../pipelines/${path}`, { cache: 'no-store', ...options });
  } catch {
    throw new Refused(0, 'the instance does not answer');
  }
  return answer(response);
}

export const get = path => send(path, { headers: headers() });
export const post = (path, body = {}) =>
  send(path, { method: 'POST', headers: headers({ 'Content-Type': 'application/json' }), body: JSON.stringify(body) });

/** What the token is good for: {who, viewer}. */
export async function who() {
  let response;
  try {
    response = await fetch('who', { headers: headers(), cache: 'no-store' });
  } catch {
    throw new Refused(0, 'the instance does not answer');
  }
  return answer(response);
}

/** A path of segments that may hold anything. */
export const at = (...segments) => segments.map(encodeURIComponent).join('/');

/** Reads the stream until it breaks off. EventSource cannot send a token, so it is read by hand. */
export async function watch(onLook, signal) {
  const response = await fetch('live', { headers: headers({ Accept: 'text/event-stream' }), cache: 'no-store', signal });
  if (!response.ok) await answer(response);
  const reader = response.body.pipeThrough(new TextDecoderStream()).getReader();
  let rest = '';
  for (;;) {
    const { value, done } = await reader.read();
    if (done) return;
    rest += value;
    const events = rest.split(/\r?\n\r?\n/);
    rest = events.pop();
    for (const event of events) {
      const fields = event.split(/\r?\n/);
      const of = name => fields.filter(field => field.startsWith(`${name}:`)).map(field => field.slice(name.length + 1).trimStart());
      const data = of('data').join('\n');
      if (data) onLook(of('event')[0] ?? 'look', JSON.parse(data));
    }
  }
}
