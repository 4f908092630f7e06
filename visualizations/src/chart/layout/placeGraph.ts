import { createHash } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { Worker } from 'node:worker_threads';
import type { Box, Point } from '../chartLayout.js';
import type { Graph, Placed, PlacedEdge } from './graph.js';
import { round } from './textBlocks.js';

/**
 * Places a graph: elkjs in a worker thread, so that nobody's event loop waits for it. Places of the charts of this
 * version are kept in `visualizations/charts/places.json`, which `npm run diagrams` writes, by a hash of the graph and
 * the version of elkjs. So the usual start lays out nothing; a chart that was changed since is laid out anew.
 */
export const PLACES = new URL('../../../charts/places.json', import.meta.url);
export interface Places {
  readonly [hash: string]: Placed;
}

const VERSION = (createRequire(import.meta.url)('elkjs/package.json') as { version: string }).version;
let written: Places | null = null;

/** The least is the best. */
export type Badness = (placed: Placed) => number;

export interface PlaceOptions {
  /** Looks nothing up. Default false. */
  readonly fresh?: boolean;
  /** Told the hash under which the result is kept. */
  readonly onPlaced?: (hash: string, placed: Placed) => void;
}

/**
 * The best place for a graph that may be laid out in several ways. Rejects when elkjs refuses one, with what it says.
 */
export async function placeGraph(
  ways: readonly Graph[],
  badness: Badness,
  options: PlaceOptions = {},
): Promise<Placed> {
  const hash = hashOf(ways);
  const known = options.fresh ? undefined : writtenPlaces()[hash];
  const placed = known ?? (await placeBest(ways, badness));
  options.onPlaced?.(hash, placed);
  return placed;
}

function hashOf(ways: readonly Graph[]): string {
  return createHash('sha256').update(VERSION).update(JSON.stringify(ways)).digest('hex').slice(0, 32);
}

async function placeBest(ways: readonly Graph[], badness: Badness): Promise<Placed> {
  const places = await Promise.all(ways.map(layOut));
  return places.reduce((best, place) => (badness(place) < badness(best) ? place : best));
}

/** A file that is missing or damaged is no more than a layout to make again. */
function writtenPlaces(): Places {
  if (written) return written;
  try {
    written = JSON.parse(readFileSync(PLACES, 'utf8')) as Places;
  } catch {
    written = {};
  }
  return written;
}

interface Job {
  readonly resolve: (placed: Placed) => void;
  readonly reject: (error: Error) => void;
}
let worker: Worker | null = null;
const jobs = new Map<number, Job>();
let lastJob = 0;

function layOut(graph: Graph): Promise<Placed> {
  worker ??= startWorker();
  worker.ref();
  lastJob += 1;
  const id = lastJob;
  return new Promise((resolve, reject) => {
    jobs.set(id, { resolve, reject });
    worker?.postMessage({ id, graph });
  });
}

/** It holds no process open once it has nothing to do. */
function startWorker(): Worker {
  const started = new Worker(new URL('./elkWorker.mjs', import.meta.url), { execArgv: [] });
  const end = (reason: string): void => {
    if (worker === started) worker = null;
    for (const { reject } of jobs.values()) reject(new Error(`the layout of a chart failed: ${reason}`));
    jobs.clear();
  };
  started.on('message', ({ id, graph, error }: { id: number; graph?: LaidOut; error?: string }) => {
    const job = jobs.get(id);
    jobs.delete(id);
    if (graph) job?.resolve(placedOf(graph));
    else job?.reject(new Error(`the layout of a chart failed: ${error}`));
    if (jobs.size === 0) started.unref();
  });
  started.on('error', (error) => end(error.message));
  started.on('exit', (code) => end(`its thread ended with ${code}`));
  return started;
}

interface LaidOut {
  readonly id: string;
  readonly x?: number;
  readonly y?: number;
  readonly width?: number;
  readonly height?: number;
  readonly children?: readonly LaidOut[];
  readonly edges?: readonly LaidOutEdge[];
}
interface LaidOutEdge {
  readonly id: string;
  readonly sections?: readonly {
    readonly startPoint: Point;
    readonly bendPoints?: readonly Point[];
    readonly endPoint: Point;
  }[];
  readonly labels?: readonly Partial<Point>[];
}

/** elkjs gives places from the picture's corner (`ROOT`), nested as it was asked. */
function placedOf(graph: LaidOut): Placed {
  const nodes: { [id: string]: Box } = {};
  const edges: { [id: string]: PlacedEdge } = {};
  const walk = (node: LaidOut): void => {
    for (const edge of node.edges ?? []) edges[edge.id] = edgeOf(edge);
    for (const child of node.children ?? []) {
      const { id, x = 0, y = 0, width = 0, height = 0 } = child;
      nodes[id] = { x: round(x), y: round(y), width: round(width), height: round(height) };
      walk(child);
    }
  };
  walk(graph);
  return { width: round(graph.width ?? 0), height: round(graph.height ?? 0), nodes, edges };
}

function edgeOf({ id, sections, labels }: LaidOutEdge): PlacedEdge {
  const section = sections?.[0];
  if (!section) throw new Error(`the layout of a chart failed: ${id} has no way`);
  const points = [section.startPoint, ...(section.bendPoints ?? []), section.endPoint];
  const label = labels?.[0];
  return {
    points: points.map(({ x, y }) => ({ x: round(x), y: round(y) })),
    label: label ? { x: round(label.x ?? 0), y: round(label.y ?? 0) } : null,
  };
}
