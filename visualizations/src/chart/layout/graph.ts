import type { Box, Point } from '../chartLayout.js';

/** What is given to the layout: nodes of known size, nested, and edges with one label each at most. */
export interface GraphNode {
  readonly id: string;
  readonly width?: number;
  readonly height?: number;
  readonly children?: readonly GraphNode[];
  readonly layoutOptions?: { readonly [option: string]: string };
}
export interface GraphEdge {
  readonly id: string;
  readonly sources: readonly [string];
  readonly targets: readonly [string];
  readonly labels?: readonly GraphLabel[];
  readonly layoutOptions?: { readonly [option: string]: string };
}
export interface GraphLabel {
  readonly id: string;
  readonly text: string;
  readonly width: number;
  readonly height: number;
  readonly layoutOptions?: { readonly [option: string]: string };
}
export interface Graph extends GraphNode {
  readonly edges: readonly GraphEdge[];
}

/** Where everything came to lie. */
export interface Placed {
  readonly width: number;
  readonly height: number;
  readonly nodes: { readonly [id: string]: Box };
  readonly edges: { readonly [id: string]: PlacedEdge };
}
export interface PlacedEdge {
  readonly points: readonly Point[];
  /** null: an edge without a label. */
  readonly label: Point | null;
}
