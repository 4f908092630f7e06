import type { z } from 'zod';
import type { FaultRequest } from '../faults/faults.js';
import type { Progress } from './scenario.js';
import type { botSchema, eventSchema, messageSchema } from './schemas.js';

export type MessageRequest = z.infer<typeof messageSchema>;
export type EventRequest = z.infer<typeof eventSchema>;
export type BotRequest = z.infer<typeof botSchema>;

/** Everything that the control API can do to the platform; the routes are only its shape over HTTP. */
export interface Controls {
  message(request: MessageRequest): readonly string[];
  replies(since: number): unknown;
  clearReplies(): void;
  calls(): unknown;
  state(): object;
  addFault(request: FaultRequest): { readonly id: string };
  faults(): unknown;
  /** False: there is none of this id. Without one: all. */
  endFaults(id?: string): boolean;
  frames(raw: string, appId?: string): number;
  event(request: EventRequest): { readonly id: string; readonly d: object };
  startScenario(steps: readonly object[]): Progress;
  scenarios(): readonly Progress[];
  stopScenarios(id?: string): number;
  interactions(): unknown;
  bots(): unknown;
  addBot(request: BotRequest): Promise<object>;
  pushes(): unknown;
}
