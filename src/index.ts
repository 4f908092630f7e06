/**
 * Kintsugi: QQ guild bots whose failure handling is drawn. This is the public API.
 */

export type { JournalStore } from './actors/journalStore.js';
export type {
  Checkpoint,
  Effect,
  Journal,
  JournalErrorCode,
  JournalPosition,
  Record,
  StateValue,
  Step,
} from './actors/ports.js';
export { CheckpointDamage, JournalError } from './actors/ports.js';
export type { BotModule, Command, HandlerContext, ReplyForm } from './adapters/author/authorModule.js';
export { ModuleError } from './adapters/author/authorModule.js';
export { ExternalCallRefused, ExternalCallTimeout } from './adapters/author/externalCalls.js';
/** The journal that an address names: to read it, to describe, verify and compact it. */
export { storeOf } from './adapters/journal/storeOf.js';
export { HttpListenError } from './adapters/operator/http/createHttpServer.js';
/** Makes a user's text safe to say back: markup and mentions lose their power. */
export { escapeText } from './adapters/qq/wire/userText.js';
export { exitCodes } from './base/exitCodes.js';
/** The text of a foreign API's answer, of up to so many bytes, packed or not; rejects when it is longer. */
export { readAnswer } from './base/unpack.js';
export { type Bot, type BotParts, createBot } from './bot/createBot.js';
export { type Config, ConfigError, readConfig } from './config/config.js';
export type { Author, InboundMessage, Place } from './machines/vocabulary/base.js';
export type { Fact } from './machines/vocabulary/facts/facts.js';
export type { OperatorFact } from './machines/vocabulary/facts/operatorFacts.js';
export { type BotOptions, defaultOptions } from './machines/vocabulary/options/options.js';
export type { Feature } from './machines/vocabulary/replies/features.js';
export { createSimulator, type Simulator, type SimulatorOptions } from './simulator/createSimulator.js';
