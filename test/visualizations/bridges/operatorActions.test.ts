import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { afterEach, beforeEach, describe, expect, test } from '@jest/globals';
import type { ShownActor } from '../../../visualizations/src/bridges/actorFeed.js';
import { VIEWER_ACTIONS_MAX } from '../../../visualizations/src/bridges/bridgeLimits.js';
import { createOperatorActions } from '../../../visualizations/src/bridges/operatorActions.js';
import { inspectTexts } from '../../../visualizations/src/inspectTexts.js';
import { chartOf } from './bridgeRig.js';

const TOKEN = 'the-secret-token-of-the-operator';
const actors = new Map(
  (
    [
      ['breaker:messages', 'circuitBreaker'],
      ['breaker:operator', 'operatorBreaker'],
      ['feature:richEmbeds', 'feature'],
      ['recovery', 'recovery'],
      ['message:m1', 'message'],
    ] as const
  ).map(([id, machine]): [string, ShownActor] => [
    id,
    {
      id,
      machine,
      chart: chartOf(machine),
      state: { status: 'active', value: 'x', context: {} },
      event: { type: 'x' },
    },
  ]),
);

interface Request {
  readonly method: string | undefined;
  readonly url: string | undefined;
  readonly authorization: string | undefined;
  readonly body: unknown;
}
let server: Server;
let url: string;
let requests: Request[];
let answer: { status: number; body: string };
let hold: Promise<void> | null;
beforeEach(async () => {
  requests = [];
  answer = { status: 200, body: '{"seq":7}' };
  hold = null;
  server = createServer(async (request, response) => {
    let text = '';
    for await (const part of request) text += part;
    const { method, url: path, headers } = request;
    requests.push({ method, url: path, authorization: headers.authorization, body: JSON.parse(text) });
    await hold;
    response.writeHead(answer.status, { 'content-type': 'application/json' }).end(answer.body);
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  url = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
});
afterEach(() => {
  server.closeAllConnections();
  return new Promise((resolve) => server.close(resolve));
});

function acting(token: string | null = TOKEN, to = url) {
  const lines: string[] = [];
  const texts = inspectTexts('en');
  const act = createOperatorActions({
    url: to,
    token,
    actor: (id) => actors.get(id),
    texts,
    tell: (line) => void lines.push(line),
  });
  return { act, lines };
}

describe('events of viewers', () => {
  test.each([
    ['breaker:messages', { type: 'operator.isolated' }, { type: 'operator.isolated', breaker: 'breaker:messages' }],
    ['breaker:messages', { type: 'operator.reset', x: 1 }, { type: 'operator.reset', breaker: 'breaker:messages' }],
    [
      'feature:richEmbeds',
      { type: 'operator.forced', to: 'off', forMs: 5 },
      { type: 'operator.forced', feature: 'richEmbeds', to: 'off', forMs: 5 },
    ],
    ['feature:richEmbeds', { type: 'operator.unforced' }, { type: 'operator.unforced', feature: 'richEmbeds' }],
    ['recovery', { type: 'recovery.requested', force: true }, { type: 'recovery.requested', force: true }],
  ])('an operator action goes to the bot with the token: %s %j', async (actor, event, body) => {
    const { act, lines } = acting();
    await act({ ...event, actor });
    expect(requests).toEqual([
      { method: 'POST', url: '/operator', authorization: `Bearer ${TOKEN}`, body: { ...body, by: 'inspector' } },
    ]);
    expect(lines).toEqual([`a viewer sent ${event.type} to ${actor}: the bot took it`]);
  });

  test.each([
    ['breaker:messages', 'call.failed'],
    ['breaker:operator', 'operator.isolated'],
    ['feature:richEmbeds', 'operator.isolated'],
    ['breaker:messages', 'recovery.requested'],
    ['message:m1', 'operator.reset'],
    ['message:nobody', 'operator.reset'],
    ['__proto__', 'operator.reset'],
  ])('everything else is refused and goes nowhere: %s %s', async (actor, type) => {
    const { act, lines } = acting();
    await act({ actor, type });
    expect(requests).toEqual([]);
    expect(lines).toHaveLength(1);
    expect(lines[0]).toContain(`${type} to ${actor}: refused, it is no operator action of that actor`);
  });

  test('without a token nothing goes to the bot', async () => {
    const { act, lines } = acting(null);
    await act({ actor: 'breaker:messages', type: 'operator.isolated' });
    expect(requests).toEqual([]);
    expect(lines[0]).toContain('refused, this view is read-only; --allow-actions allows operator actions');
  });

  test('what the bot says when it does not take it is told, without the token', async () => {
    const { act, lines } = acting();
    answer = { status: 401, body: '{"message":"send Authorization: Bearer TOKEN"}' };
    await act({ actor: 'breaker:messages', type: 'operator.isolated' });
    answer = { status: 500, body: '<html>\u202e' };
    await act({ actor: 'breaker:messages', type: 'operator.isolated' });
    const gone = acting(TOKEN, 'http://127.0.0.1:1');
    await gone.act({ actor: 'breaker:messages', type: 'operator.isolated' });
    expect(lines[0]).toContain('the bot did not take it (401 send Authorization: Bearer TOKEN)');
    expect(lines[1]).toContain('the bot did not take it (500)');
    expect(gone.lines[0]).toContain('the bot did not take it (http://127.0.0.1:1: ');
    expect([...lines, ...gone.lines].join()).not.toContain(TOKEN);
  });

  test('hostile names are made visible in what is told', async () => {
    const { act, lines } = acting();
    await act({ actor: '\u202egnp', type: '\u001b[2J' });
    expect(lines[0]).toContain('a viewer sent ⟨U+001B⟩[2J to ⟨U+202E⟩gnp: refused');
  });

  test('[limit viewerActions] one more on its way to the bot is refused', async () => {
    const { act, lines } = acting();
    let release: () => void = () => undefined;
    hold = new Promise((resolve) => {
      release = resolve;
    });
    const underWay = Array.from({ length: VIEWER_ACTIONS_MAX }, () =>
      act({ actor: 'breaker:messages', type: 'operator.isolated' }),
    );
    await act({ actor: 'breaker:messages', type: 'operator.reset' });
    expect(lines).toEqual([expect.stringContaining('refused, too many actions are on their way to the bot')]);
    release();
    await Promise.all(underWay);
    await act({ actor: 'breaker:messages', type: 'operator.reset' });
    expect(requests).toHaveLength(VIEWER_ACTIONS_MAX + 1);
  });
});
