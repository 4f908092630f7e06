/**
 * Kintsugi: QQ guild bots whose failure handling is drawn. This is the public API.
 */

export type { Effect, Journal, Record, StateValue, Step } from './actors/ports.js';
export { JournalError } from './actors/ports.js';
export type { BotModule, Command, HandlerContext, ReplyForm } from './adapters/authorModule.js';
export { ModuleError } from './adapters/authorModule.js';
export { ExternalCallRefused, ExternalCallTimeout } from './adapters/externalCalls.js';
export { HttpListenError } from './adapters/http/createHttpServer.js';
/** Makes a user's text safe to say back: markup and mentions lose their power. */
export { escapeText } from './adapters/qq/userText.js';
export { type Config, ConfigError, readConfig } from './config.js';
export { exitCodes } from './exitCodes.js';
export type { Author, Fact, Feature, InboundMessage, OperatorFact, Place } from './machines/facts.js';
export { type BotOptions, defaultOptions } from './machines/options.js';
export { type Bot, createBot } from './main.js';
export { createSimulator, type Simulator, type SimulatorOptions } from './simulator/createSimulator.js';
