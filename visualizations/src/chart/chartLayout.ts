/**
 * Pictures as data: a machine's chart and the map of all actors, laid out. Plain JSON, so that a server can send it and
 * a page can draw it. Lengths are pixels from the top left corner of the picture.
 *
 * - `layoutChart(machine: string): Promise<ChartLayout>` and `layoutMap(): Promise<MapLayout>` (`layoutChart.ts`,
 *   `layoutMap.ts`): in Node,
 *   the layout itself in a worker thread.
 * - `renderChartSvg(layout, marks?)` and `renderMapSvg(layout, marks?)` (`renderChartSvg.ts`, `renderMapSvg.ts`): pure,
 *   also in a browser.
 * - `takenEdges(layout, step)`, `activePaths(value)` (`takenEdges.ts`), `travelledFlows(map, record)`
 *   (`travelledFlows.ts`): what a record
 *   lights up; pure.
 */
import type { Words } from './chartWords.js';

export interface Point {
  readonly x: number;
  readonly y: number;
}
export interface Box extends Point {
  readonly width: number;
  readonly height: number;
}

/** One line of text; `y` is its baseline. The parts follow each other on the line. */
export interface TextLine extends Point {
  readonly parts: readonly TextPart[];
}
export interface TextPart {
  readonly text: string;
  readonly role: 'rule' | 'event' | 'delay' | 'guard' | 'actions' | 'target' | 'note' | 'title';
}

/** One transition of a machine. */
export interface ChartTransition {
  /**
   * `${source}:${rule}`, in the picture `data-edge`. One rule may answer several events of one state; these transitions
   * share their edge id and differ in `event`. In a brief chart: the ids of all that this one stands for, with a space
   * between.
   */
  readonly edge: string;
  /** Rule id; '' for the initial state of a nested one that has no rule, and in a brief chart. */
  readonly rule: string;
  /** What the rule says, as in docs/SPEC.md; in a brief chart a line for each rule. */
  readonly sentence: string;
  /** Dotted path of the state that has it; '' is the machine itself: any state. */
  readonly source: string;
  /** Dotted path; null: the state stays. */
  readonly target: string | null;
  /** As in docs/SPEC.md: `permit.requested`, `after openMs`, `at once`, `born`. */
  readonly event: string;
  /** Named delay; null: no delay. */
  readonly delay: string | null;
  readonly guard: string;
  readonly actions: readonly string[];
  /** Leaves the state and enters it again: its deadlines begin anew. */
  readonly reenter: boolean;
}

/** Entry and exit actions of a state, and transitions that stay: lines inside its box. */
export interface StateRow {
  readonly box: Box;
  readonly lines: readonly TextLine[];
  /** null: entry or exit actions. */
  readonly transition: ChartTransition | null;
}
export interface ChartState {
  /** Dotted path, in the picture `data-state`; '' is the machine itself. */
  readonly path: string;
  readonly name: string;
  readonly kind: 'atomic' | 'compound' | 'parallel' | 'final';
  /** One of the regions of a parallel state. */
  readonly isRegion: boolean;
  /** null: the machine itself. */
  readonly parent: string | null;
  readonly tags: readonly string[];
  readonly box: Box;
  readonly title: TextLine;
  /**
   * Where the time left of its named delays is written, right-aligned at `x`; in the picture `data-clock`. null: it has
   * none.
   */
  readonly clock: Point | null;
  readonly rows: readonly StateRow[];
}
/**
 * `any`: the source of transitions that hold in every state inside `state`; `initial`: the dot before its initial
 * state.
 */
export interface ChartMark {
  readonly kind: 'initial' | 'any';
  /** Dotted path of the state that it stands in. */
  readonly state: string;
  readonly box: Box;
  readonly title: TextLine | null;
}
/** The text of one transition beside its edge. */
export interface ChartLabel {
  readonly box: Box;
  readonly lines: readonly TextLine[];
  readonly transition: ChartTransition;
}
/** One line of the picture: all transitions from one state to another. */
export interface ChartEdge {
  /** Unique within the layout: `${source}>${target}`. */
  readonly id: string;
  readonly source: string;
  readonly target: string;
  readonly isInitial: boolean;
  /** Orthogonal, from the source to the tip of the arrow. */
  readonly points: readonly Point[];
  readonly labels: readonly ChartLabel[];
}
export interface ChartLayout {
  readonly machine: string;
  readonly width: number;
  readonly height: number;
  /** Parents before their children; the first is the machine itself. */
  readonly states: readonly ChartState[];
  readonly marks: readonly ChartMark[];
  readonly edges: readonly ChartEdge[];
}

/** What is lit in a chart. A page may as well toggle the classes of the same names: they are all that these do. */
export interface ChartMarks {
  /** Paths of states that are active; their ancestors are not implied. Class `active`. */
  readonly active?: ReadonlySet<string>;
  /** Edge ids just taken. Class `taken`. */
  readonly taken?: ReadonlySet<string>;
  /** Edge ids never taken. Class `never`. */
  readonly never?: ReadonlySet<string>;
  /** Edge ids and state paths with their heat, 0 to 1. Class `heat1` to `heat5`. */
  readonly heat?: ReadonlyMap<string, number>;
  /** How often an edge was taken; stands where its rule id stands otherwise. */
  readonly counts?: ReadonlyMap<string, number>;
  /** Words that are no names of the code, in another language (`CHART_WORDS_ZH`). Default English. */
  readonly words?: Words;
  /** A file of its own: with its styles inside. Default false: the page has `CHART_CSS`. */
  readonly standalone?: boolean;
}

export interface MapGroup {
  readonly id: string;
  readonly title: TextLine;
  readonly box: Box;
}
export interface MapNode {
  /**
   * Actor id (`gateway`, `breaker:messages`, `feature:richEmbeds`), the kind of many (`message`), or a part of the
   * outside (`qqApi`).
   */
  readonly id: string;
  /** null: a part of the outside world, not an actor. */
  readonly machine: string | null;
  /** Many actors of one kind, their ids `${id}:…`. */
  readonly isMany: boolean;
  /** Group id; null: outside. */
  readonly group: string | null;
  readonly box: Box;
  readonly title: TextLine;
  /** Where the current state (or the number of actors) is written; its width is that of the box. null: outside. */
  readonly state: Point | null;
}
/** One line between two nodes, or between a node and a group that all its nodes share. */
export interface MapEdge {
  /** `${from}>${to}`, in the picture `data-flow`. */
  readonly id: string;
  readonly from: string;
  readonly to: string;
  /**
   * Types of the signals, facts and effects that go this way; `sent as heard` where the receiver hears it under another
   * name.
   */
  readonly events: readonly string[];
  /** What goes the other way on the same line; null: nothing does. Its id `${to}>${from}` is `data-back`. */
  readonly back: { readonly id: string; readonly events: readonly string[] } | null;
  /** `outside`: between an actor and the world. */
  readonly kind: 'signal' | 'outside';
  readonly points: readonly Point[];
}
export interface MapLayout {
  readonly width: number;
  readonly height: number;
  readonly groups: readonly MapGroup[];
  readonly nodes: readonly MapNode[];
  readonly edges: readonly MapEdge[];
}
export interface MapMarks {
  /** What to write for a node: its state, or how many there are. */
  readonly states?: ReadonlyMap<string, string>;
  /** Node ids with a class of their own, such as `good` or `bad`. */
  readonly classes?: ReadonlyMap<string, string>;
  /** Ids of flows (`delivery>lane`) on which something travels now. Class `pulse`, or `pulseBack` against the line. */
  readonly pulse?: ReadonlySet<string>;
  /** As in ChartMarks. */
  readonly words?: Words;
  readonly standalone?: boolean;
}
