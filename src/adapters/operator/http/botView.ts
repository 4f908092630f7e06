import type { Record, StateValue } from '../../../actors/ports.js';

/** What the HTTP server shows; made by the composition root over the living system. */
export interface BotView {
  health(): object;
  /** Empty: ready. */
  notReadyBecause(): readonly string[];
  actors(): readonly ActorView[];
  deliveries(message: string): readonly DeliveryView[];
  deadLetters(): readonly object[];
  records(after: number, limit: number): Promise<readonly Record[]>;
  subscribe(listener: (record: Record) => void): () => void;
  metrics(): Promise<{ readonly type: string; readonly text: string }>;
}
export interface ActorView {
  readonly id: string;
  readonly machine: string;
  readonly value: StateValue;
  readonly since: number;
  readonly deadline?: number;
  readonly reason?: string;
  readonly rule: string;
}
export interface DeliveryView {
  readonly id: string;
  readonly value: StateValue;
  readonly ended: boolean;
  readonly since?: number;
  readonly attempt?: number;
  readonly deadline?: number;
  readonly reason?: string;
}
