import type { Timers } from '../kit/timers.js';
import type { Fault, Faults } from './faults.js';

/** One connection of a bot to the gateway, as far as faults act on it. */
export interface Connected {
  /** null before IDENTIFY or RESUME. */
  readonly appId: string | null;
  send(frame: object): void;
  /** 1005 sends no code, 1006 no close frame. */
  close(code: number): void;
  /** The session ends; the connection stays. */
  forgetSession(): void;
}
/** How a RESUME is to fail. */
export interface ResumeRefusal {
  readonly isOp9: boolean;
  readonly closeCode: number | null;
}
/** What only some faults need of the platform. */
export interface Struck {
  readonly connections: Iterable<Connected>;
  expireTokens(appId: string | undefined): void;
}

/** The usual end of a connection: its time is over. */
const CONNECTION_EXPIRED = 4009;
const INVALID_SESSION = 4006;

/** What faults do to gateway connections as a whole. */
export class ConnectionFaults {
  constructor(
    private readonly faults: Faults,
    private readonly timers: Timers,
  ) {}

  /** Before a WebSocket comes about; null: it may. */
  refusesUpgrade(): 'refused' | 'reset' | null {
    for (const fault of this.faults.current()) {
      if (fault.kind !== 'gatewayUnreachable' || fault.manner === 'discovery' || fault.appId !== undefined) continue;
      if (this.faults.strikesBot(fault, null)) return fault.manner ?? 'refused';
    }
    return null;
  }
  /**
   * Nobody knows whose connection it is before IDENTIFY or RESUME; one of a bot that cannot reach the gateway ends
   * then.
   */
  isUnreachable(appId: string): boolean {
    return this.faults
      .current()
      .some(
        (fault) =>
          fault.kind === 'gatewayUnreachable' &&
          fault.manner !== 'discovery' &&
          fault.appId === appId &&
          this.faults.strikesBot(fault, appId),
      );
  }
  /** null: RESUME goes its way. */
  resumeRefusal(appId: string): ResumeRefusal | null {
    const fault = this.faults.hit('resumeFails', appId);
    if (!fault) return null;
    const { refusal = '4006' } = fault;
    return refusal === 'op9' ? { isOp9: true, closeCode: null } : { isOp9: false, closeCode: Number(refusal) };
  }
  /** RESUMED has been sent; `redeliver` sends that many of the events before it again. */
  resumed(connection: Connected, redeliver: (count: number) => void): void {
    const fault = this.faults.hit('redeliver', connection.appId);
    if (!fault) return;
    const { redelivered = 10, delayMs = 0 } = fault;
    this.timers.after(delayMs, () => {
      if (this.faults.isHeld(fault)) redeliver(redelivered);
    });
  }
  /** READY or RESUMED has been sent. */
  established(connection: Connected): void {
    const fault = this.faults.hit('closeConnection', connection.appId);
    if (fault) this.closeLater(connection, fault, fault.closeCode ?? CONNECTION_EXPIRED);
  }
  /** A fault was added: what acts at once acts. */
  added(fault: Fault, struck: Struck): void {
    if (fault.kind === 'tokenExpired') {
      fault.struck += 1;
      return struck.expireTokens(fault.appId);
    }
    if (!['dropConnection', 'closeConnection', 'reconnect', 'invalidSession', 'serverHeartbeat'].includes(fault.kind))
      return;
    for (const connection of [...struck.connections]) {
      // A connection that will be established later meets `closeConnection` then.
      if (fault.kind === 'closeConnection' && connection.appId === null) continue;
      if (this.faults.strikesBot(fault, connection.appId)) this.act(fault, connection);
    }
  }

  private act(fault: Fault, connection: Connected): void {
    const { kind, closeCode = CONNECTION_EXPIRED } = fault;
    if (kind === 'dropConnection') connection.close(closeCode);
    if (kind === 'serverHeartbeat') connection.send({ op: 1, d: null });
    if (kind === 'closeConnection') this.closeLater(connection, fault, closeCode);
    if (kind === 'reconnect') {
      connection.send({ op: 7 });
      if (fault.closeAfterMs !== undefined) this.closeLater(connection, fault, closeCode);
    }
    if (kind === 'invalidSession') {
      connection.forgetSession();
      connection.send({ op: 9, d: false });
      if (!fault.staysOpen) this.closeLater(connection, fault, fault.closeCode ?? INVALID_SESSION);
    }
  }
  private closeLater(connection: Connected, fault: Fault, code: number): void {
    const { closeAfterMs = 0 } = fault;
    if (closeAfterMs === 0) connection.close(code);
    else
      this.timers.after(closeAfterMs, () => {
        if (this.faults.isHeld(fault)) connection.close(code);
      });
  }
}
