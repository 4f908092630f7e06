/** A body as far as it can be read. */
export interface ReadBody {
  /** `json`: `body` is the parsed value. `text`: there was a body and it is not JSON; it is not kept. */
  readonly form: 'json' | 'text' | 'empty';
  readonly body: unknown;
}
type Headers = Readonly<Record<string, string>>;

const NOTHING = { form: 'empty', body: null } as const;

/** JSON is what says so or looks so, and parses: proxies answer HTML, QQ may leave the type out. */
export function readBody(chunks: readonly Buffer[], headers: Headers): ReadBody {
  const text = textOf(chunks);
  if (text === '') return NOTHING;
  if (/^[{[]/.test(text) || /\bjson\b/i.test(headers['content-type'] ?? '')) {
    try {
      return { form: 'json', body: JSON.parse(text) };
    } catch {
      // Falls through: cut short by a proxy, or never JSON.
    }
  }
  return { form: 'text', body: null };
}

/** The fields of a cut-off answer that decide what it means: QQ's code, and the name of an audit. */
export function readCutBody(chunks: readonly Buffer[], headers: Headers): ReadBody {
  const whole = readBody(chunks, headers);
  if (whole.form !== 'text') return whole;
  const text = textOf(chunks);
  const codes = Object.fromEntries(
    [...text.matchAll(/"(err_code|code)"\s*:\s*(-?\d+)\s*[,}]/g)].map(([, name, code]) => [name, Number(code)]),
  );
  const [, audit] = /"audit_id"\s*:\s*"([^"\\]{1,512})"/.exec(text) ?? [];
  if (Object.keys(codes).length === 0 && audit === undefined) return NOTHING;
  const data = audit === undefined ? {} : { data: { message_audit: { audit_id: audit } } };
  return { form: 'json', body: { ...codes, ...data } };
}

function textOf(chunks: readonly Buffer[]): string {
  return Buffer.concat(chunks)
    .toString('utf8')
    .replace(/^\uFEFF/, '')
    .trim();
}
