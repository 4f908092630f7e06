import { jsonObject } from '../../../src/base/jsonObject.js';
import { readAnswer } from '../../../src/base/unpack.js';
import type { InspectTexts } from '../inspectTexts.js';
import type { ShownActor } from './actorFeed.js';
import { VIEWER_ACTIONS_MAX } from './bridgeLimits.js';
import { shownText } from './shownValue.js';
import type { ViewerEvent } from './xstateBridge.js';

export interface OperatorActionsOptions {
  /** The bot, such as http://127.0.0.1:7070. */
  readonly url: string;
  /** null: actions are not allowed. */
  readonly token: string | null;
  readonly actor: (id: string) => ShownActor | undefined;
  readonly texts: InspectTexts;
  /** Told what became of each event. Never contains the token. */
  readonly tell: (line: string) => void;
}

const ANSWER_MS = 5_000;
const ANSWER_MAX = 64 * 1024;
const BREAKER_ACTIONS: ReadonlySet<string> = new Set([
  'operator.isolated',
  'operator.released',
  'operator.disabled',
  'operator.observed',
  'operator.enabled',
  'operator.reset',
]);

/**
 * Gives the bot what a viewer sent, when operator actions are allowed and the event is one of that actor. Everything
 * else is refused with a line. The bot decides: it checks the token and the fields, and journals the action as an
 * operator's fact.
 */
export function createOperatorActions(options: OperatorActionsOptions): (event: ViewerEvent) => Promise<void> {
  const { token, texts, tell } = options;
  let underWay = 0;
  return async (event) => {
    const names = [shownText(event.actor, 200), shownText(event.type, 200)] as const;
    if (token === null) return tell(texts.readOnly(...names));
    const actor = options.actor(event.actor);
    const action = actor && operatorAction(actor, event);
    if (!action) return tell(texts.notAnAction(...names));
    if (underWay >= VIEWER_ACTIONS_MAX) return tell(texts.tooManyActions(...names));
    underWay += 1;
    try {
      const refusal = await post(options.url, token, action);
      tell(refusal === null ? texts.acted(...names) : texts.actionRefused(...names, refusal));
    } finally {
      underWay -= 1;
    }
  };
}

/** The body of `POST /operator`; null: that actor has no such action. */
export function operatorAction({ id, machine }: ShownActor, event: ViewerEvent): object | null {
  const { type, to, forMs, force } = event;
  const by = 'inspector';
  if (machine === 'circuitBreaker' && BREAKER_ACTIONS.has(type)) return { type, breaker: id, by };
  const feature = id.slice('feature:'.length);
  if (machine === 'feature' && type === 'operator.forced') return { type, feature, to, forMs, by };
  if (machine === 'feature' && type === 'operator.unforced') return { type, feature, by };
  if (machine === 'recovery' && type === 'recovery.requested') return { type, force, by };
  return null;
}

/** Why the bot did not take it; null: it did. */
async function post(url: string, token: string, action: object): Promise<string | null> {
  try {
    const response = await fetch(`${url}/operator`, {
      method: 'POST',
      headers: { authorization: `Bearer ${token}`, 'content-type': 'application/json' },
      body: JSON.stringify(action),
      redirect: 'error',
      signal: AbortSignal.timeout(ANSWER_MS),
    });
    if (response.ok) return null;
    const { message } = jsonObject(await readAnswer(response, ANSWER_MAX)) ?? {};
    return `${response.status}${typeof message === 'string' ? ` ${shownText(message, 300)}` : ''}`;
  } catch (error) {
    const { name, cause } = error as { name: string; cause?: { code?: string } };
    return `${url}: ${cause?.code ?? name}`;
  }
}
