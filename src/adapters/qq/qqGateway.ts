import { WebSocket } from 'ws';
import type { EventSource, Log, Performers } from '../../actors/ports.js';
import { thrownOf } from '../../base/thrown.js';
import type { EffectOf } from '../../machines/vocabulary/effects.js';
import type { Fact } from '../../machines/vocabulary/facts/facts.js';
import { decode } from './wire/decode.js';
import { encodeFrame } from './wire/encode.js';

/** Bytes of one frame; a longer one is `frame.rejected` and ends the socket with 1009. */
export const FRAME_MAX = 4 * 1_048_576;
/** Our code for an end without a close frame, the same as the wire's. */
const DROPPED = 1006;
const REASON_MAX = 120;

export interface QQGatewayOptions {
  readonly tokens: { secretOf(ref: string): string | null };
  /** Takes every fact, in the order of the frames. */
  readonly post: (fact: Fact) => void;
  readonly log: Log;
  /** The bot's user id where READY has not told it in this process (after a RESUME); default: unknown. */
  readonly botId?: () => string | null;
}
export interface QQGateway extends EventSource {
  readonly performers: Performers<'socket.open' | 'socket.send' | 'socket.close' | 'socket.pause'>;
  /** Drops the socket, if any, without a fact. */
  close(): void;
}
interface Live {
  /** Id of the effect that opened it. */
  readonly id: string;
  readonly ws: WebSocket;
  fault: string | null;
  /** Paused for good by `socket.pause`: room in the inbox does not undo it. */
  rested: boolean;
}
type Sent<T extends 'socket.open' | 'socket.send' | 'socket.pause' | 'socket.close'> = EffectOf<T> & {
  readonly id: string;
};

/**
 * The one socket to QQ's gateway. It opens, sends and closes what it is told and says what came in; when to reconnect,
 * how long a connection may take and what a close code means is decided elsewhere.
 *
 * A socket that ends by itself, or that is closed with `terminate: false`, gives exactly one `socket.closed`. One that
 * is terminated on order, or replaced by `socket.open`, gives no further fact: whoever ordered it knows.
 */
export function createQQGateway(options: QQGatewayOptions): QQGateway {
  const gateway = new Gateway(options);
  return {
    performers: {
      'socket.open': (effect) => gateway.open(effect),
      'socket.send': (effect) => gateway.send(effect),
      'socket.pause': (effect) => gateway.rest(effect),
      'socket.close': (effect) => gateway.end(effect),
    },
    pause: () => gateway.pause(true),
    resume: () => gateway.pause(false),
    close: () => gateway.drop(),
  };
}

class Gateway {
  private live: Live | null = null;
  private paused = false;
  private botId: string | null = null;

  constructor(private readonly options: QQGatewayOptions) {}

  open({ id, url }: Sent<'socket.open'>): void {
    this.drop();
    let ws: WebSocket;
    try {
      ws = new WebSocket(url, { maxPayload: FRAME_MAX, perMessageDeflate: false });
    } catch {
      this.options.post({ type: 'socket.closed', socket: id, code: DROPPED, reason: 'the gateway address is invalid' });
      return;
    }
    const live: Live = { id, ws, fault: null, rested: false };
    this.live = live;
    ws.on('open', () => this.guard(live, () => this.onOpen(live)));
    ws.on('message', (data) => this.guard(live, () => this.onFrame(live, data as Buffer)));
    ws.on('error', (error) => this.guard(live, () => this.onError(live, error)));
    ws.on('close', (code, reason) =>
      this.guard(live, () => this.finish(live, code, reason.toString() || (live.fault ?? ''))),
    );
  }

  send({ socket, frame, tokenRef }: Sent<'socket.send'>): void {
    const { live } = this;
    if (live?.id !== socket || live.ws.readyState !== WebSocket.OPEN) {
      this.options.log.debug({ socket, op: frame.op }, 'a frame for a socket that is gone was dropped');
      return;
    }
    let secret = '';
    if (frame.op !== 1) {
      const held = tokenRef === null ? null : this.options.tokens.secretOf(tokenRef);
      if (held === null) {
        if (tokenRef !== null) this.options.post({ type: 'token.lost', ref: tokenRef });
        // Not 4004: that would cost the session, and the session is not at fault.
        this.finish(live, DROPPED, 'no access token to present');
        return;
      }
      secret = held;
    }
    // What a failed write means, the close that follows tells.
    live.ws.send(encodeFrame(frame, secret), () => {});
  }

  end({ socket, code, reason, terminate }: Sent<'socket.close'>): void {
    const { live } = this;
    if (!live || (socket !== null && live.id !== socket)) return;
    const isSendable = code === 1000 || (code >= 3000 && code <= 4999);
    if (terminate || !isSendable) this.drop();
    else live.ws.close(code, reason.slice(0, 40));
  }

  pause(paused: boolean): void {
    this.paused = paused;
    if (paused) this.live?.ws.pause();
    else if (!this.live?.rested) this.live?.ws.resume();
  }

  rest({ socket }: Sent<'socket.pause'>): void {
    const { live } = this;
    if (live?.id !== socket) return;
    live.rested = true;
    live.ws.pause();
  }

  /** Ends the present socket at once; nothing is heard of it again. */
  drop(): void {
    const ws = this.live?.ws;
    this.live = null;
    if (!ws) return;
    ws.removeAllListeners();
    // Ending a socket that still connects makes ws emit an error.
    ws.on('error', () => {});
    ws.terminate();
  }

  private onOpen(live: Live): void {
    // ws ignores a pause before the connection stands.
    if (this.paused || live.rested) live.ws.pause();
    this.options.post({ type: 'socket.opened', socket: live.id });
  }

  private onFrame(live: Live, data: Buffer): void {
    const botId = this.botId ?? this.options.botId?.() ?? null;
    const fact = decode(data, { socket: live.id, botId });
    if (fact.type === 'session.started') this.botId = fact.user.id;
    this.options.post(fact);
  }

  private onError(live: Live, error: Error & { code?: unknown }): void {
    const code = typeof error.code === 'string' ? error.code : null;
    live.fault = (code ?? error.message).slice(0, REASON_MAX);
    this.options.log.debug({ socket: live.id, fault: live.fault }, 'the gateway socket failed');
    if (!code?.startsWith('WS_ERR_')) return; // the close follows
    const isTooBig = code === 'WS_ERR_UNSUPPORTED_MESSAGE_LENGTH';
    const reason = isTooBig ? `longer than ${FRAME_MAX} bytes` : `not a frame: ${code}`;
    this.options.post({
      type: 'frame.rejected',
      socket: live.id,
      s: null,
      reason,
      bytes: isTooBig ? FRAME_MAX + 1 : 0,
    });
    this.finish(live, isTooBig ? 1009 : code === 'WS_ERR_INVALID_UTF8' ? 1007 : 1002, reason);
  }

  private finish(live: Live, code: number, reason: string): void {
    if (this.live !== live) return;
    this.drop();
    this.options.post({ type: 'socket.closed', socket: live.id, code, reason: reason.slice(0, REASON_MAX) });
  }

  /**
   * A fault in here must not end the process, nor lose a frame in silence: the socket ends, and a RESUME brings it
   * again.
   */
  private guard(live: Live, run: () => void): void {
    if (this.live !== live) return;
    try {
      run();
    } catch (error) {
      try {
        this.options.log.error(
          { socket: live.id, error: thrownOf(error).kind },
          'a listener of the gateway socket threw',
        );
        this.finish(live, DROPPED, 'a listener threw');
      } catch {
        this.drop();
      }
    }
  }
}
