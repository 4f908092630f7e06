import type { Log } from '../../actors/ports.js';
import { createQQGateway } from '../../adapters/qq/qqGateway.js';
import type { Fact } from '../../machines/vocabulary/facts/facts.js';
import { withDeadline } from './deadline.js';

export interface SessionRequest {
  readonly url: string;
  readonly intents: number;
  readonly tokens: { secretOf(ref: string): string | null };
  readonly tokenRef: string;
  readonly deadlineMs: number;
}
/** How the one session ended that was opened to ask for the intents. */
export type SessionEnd =
  | { readonly kind: 'ready' }
  | { readonly kind: 'closed'; readonly code: number; readonly reason: string }
  /** The time was over; `waitedFor` is what should have come next. */
  | { readonly kind: 'late'; readonly waitedFor: string };

/** How long the server may take to answer our close. */
const CLOSE_MS = 1_000;
const SOCKET = { id: 'doctor', actor: 'doctor' };
const SILENT: Log = { debug: () => {}, info: () => {}, warn: () => {}, error: () => {} };

/** Opens a session with these intents, waits for READY or the close code, and closes it again. */
export async function trySession(request: SessionRequest): Promise<SessionEnd> {
  const { url, intents, tokens, tokenRef, deadlineMs } = request;
  let waitedFor = 'connection';
  let settle: (end: SessionEnd) => void = () => {};
  let onClosed: (end: null) => void = () => {};
  const ended = new Promise<SessionEnd>((resolve) => {
    settle = resolve;
  });
  const closed = new Promise<null>((resolve) => {
    onClosed = resolve;
  });
  const ignore = (): void => {};
  const gateway = createQQGateway({ tokens, post, log: SILENT });

  function post(fact: Fact): void {
    if (fact.type === 'socket.opened') waitedFor = 'HELLO';
    if (fact.type === 'hello.received') {
      waitedFor = 'READY';
      const frame = { op: 2, intents, shard: [0, 1] } as const;
      void gateway.performers['socket.send'](
        { type: 'socket.send', socket: SOCKET.id, frame, tokenRef, ...SOCKET },
        ignore,
      );
    }
    if (fact.type === 'session.started') settle({ kind: 'ready' });
    if (fact.type === 'socket.closed') {
      settle({ kind: 'closed', code: fact.code, reason: fact.reason });
      onClosed(null);
    }
  }

  void gateway.performers['socket.open']({ type: 'socket.open', url, ...SOCKET }, ignore);
  try {
    const end = await withDeadline<SessionEnd | null>(deadlineMs, ended, null);
    if (end?.kind === 'ready') {
      const goodbye = { socket: SOCKET.id, code: 1000, reason: 'doctor', terminate: false };
      void gateway.performers['socket.close']({ type: 'socket.close', ...goodbye, ...SOCKET }, ignore);
      await withDeadline(CLOSE_MS, closed, null);
    }
    return end ?? { kind: 'late', waitedFor };
  } finally {
    gateway.close();
  }
}
