/**
 * What the inspection server and its page say to each other: JSON over GET below `/api/`, a WebSocket for what happens
 * now, and three things by POST. Types only, and a few pure functions; nothing of Node is imported here, the page uses
 * the same file.
 *
 * Every answer is bounded and every list is windowed: the page never holds a whole journal. A parameter that makes no
 * sense is answered 400 with an `ApiError` that names it and its value, in Chinese where `accept-language` begins with
 * `zh`. Times are ms since 1970; a `seq` is the number of a record, from 1; "the moment N" is the state after record N
 * was taken in, and moment 0 the state before the first.
 *
 * `journal=ID` may stand in every query: which of the journals that are open is meant. Left out: the one that the
 * server was started for. Others come in by upload (`POST /api/journals`).
 *
 * | call | query or body | answer |
 * |---|---|---|
 * | `GET /api/overview` | | `Overview` |
 * | `GET /api/moment` | `seq` or `at` (default: the last record), `perGroup`, `find` (a part of an id: only such actors) | `Moment`, or `Pending` |
 * | `GET /api/actor` | `id`, `seq` | `ActorDetail`, or `Pending` |
 * | `GET /api/life` | `actor`, `before` or `after` (a seq), `limit` | `LifePage` |
 * | `GET /api/records` | `after` or `before` (a seq), `limit` | `RecordsPage` |
 * | `GET /api/record` | `seq` | `RecordDetail`, or `Pending` |
 * | `GET /api/timeline` | `from`, `to` (seqs), `buckets` | `Timeline` |
 * | `GET /api/marks` | `after` or `before` (a seq), `kinds` (comma-separated), `limit` | `MarksPage` |
 * | `GET /api/search` | `SearchQuery` | `SearchPage` |
 * | `GET /api/message` | `id` | `MessageLife` |
 * | `GET /api/chart` | `machine`, `brief` (1: labels without guards and actions) | `ChartAnswer` |
 * | `GET /api/map` | | `MapAnswer` |
 * | `GET /api/heat` | `scope` (an actor that always lives, or the name of a machine), `from`, `to` (seqs) | `Heat` |
 * | `POST /api/what-if` | `WhatIfRequest` | `WhatIfJob` |
 * | `GET`, `DELETE /api/what-if` | `id` | `WhatIfJob` |
 * | `GET /api/export` | `from`, `to` (seqs) | one file of JSON lines, as a download |
 * | `POST /api/journals` | such a file as body (`application/x-ndjson`), `?name=` | `OpenedJournal` |
 * | `DELETE /api/journals` | `journal` | `{}` |
 * | `WS /api/live` | `after` (a seq; default: the last) | `LiveMessage`s |
 * | `POST /api/operator` | an `OperatorAction`; header `Authorization: Bearer TOKEN` | what the bot says |
 * | any `/sim/...` | demo world only | what the simulator's control API says |
 */
export * from './protocol/history.js';
export * from './protocol/live.js';
export * from './protocol/message.js';
export * from './protocol/moment.js';
export * from './protocol/record.js';
export * from './protocol/summary.js';
