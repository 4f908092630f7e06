/** Line icons on a 16 × 16 grid. */
const PATHS = {
  record: 'M3 3.5h10M3 8h10M3 12.5h6',
  message: 'M2.5 3.5h11v7h-6l-3 2.5v-2.5h-2z',
  actor: 'M8 8a2.7 2.7 0 1 0 0-5.4A2.7 2.7 0 0 0 8 8Zm-5 5.5c.4-2.6 2.3-4 5-4s4.6 1.4 5 4',
  search: 'M7 11.5a4.5 4.5 0 1 0 0-9 4.5 4.5 0 0 0 0 9Zm3.3-1.2 3.2 3.2',
  whatIf: 'M3 13V3m0 5c5 0 3-4 9-4m0 0-2-1.5M12 4l-2 1.5M3 8c5 0 3 4 9 4m0 0-2-1.5m2 1.5-2 1.5',
  chat: 'M2 3h8v5.5H6L3.5 11V8.5H2zM7 10.5h3l2.5 2v-2H14V6h-2',
  operator: 'M4 2.5v4m0 3v4M8 2.5v7m0 3v1M12 2.5v2m0 3v6M2.5 8h3M6.5 11h3M10.5 6h3',
  file: 'M4 2h5l3 3v9H4zM9 2v3h3',
  heat: 'M8 2c.5 2.5 3.5 3.5 3.5 7a3.5 3.5 0 0 1-7 0c0-1.5.8-2.5 1.5-3 .2 1 .7 1.5 1.2 1.5C8 6 7 4 8 2Z',
  brief: 'M2.5 3h4v3h-4zM9.5 10h4v3h-4zM4.5 6v5.5h5',
  enlarge: 'M9.5 2.5h4v4M13.5 2.5 9 7M6.5 13.5h-4v-4M2.5 13.5 7 9',
  first: 'M3.5 3v10M12.5 3 6 8l6.5 5z',
  back: 'M10 3 4.5 8 10 13',
  forward: 'M6 3l5.5 5L6 13',
  last: 'M12.5 3v10M3.5 3 10 8l-6.5 5z',
  markBack: 'M8 3 3 8l5 5M13.5 3l-5 5 5 5',
  markForward: 'M8 3l5 5-5 5M2.5 3l5 5-5 5',
  sun: 'M8 10.5a2.5 2.5 0 1 0 0-5 2.5 2.5 0 0 0 0 5ZM8 1.5v1.5M8 13v1.5M1.5 8H3M13 8h1.5M3.4 3.4l1 1M11.6 11.6l1 1M3.4 12.6l1-1M11.6 4.4l1-1',
  moon: 'M12.5 9.5A5 5 0 0 1 6.5 3.5a5 5 0 1 0 6 6Z',
  auto: 'M8 2.5a5.5 5.5 0 1 0 0 11zM8 2.5a5.5 5.5 0 0 1 0 11',
  help: 'M6 6a2 2 0 1 1 2.8 1.8c-.6.3-.8.7-.8 1.4M8 11.5v.3M8 14.5a6.5 6.5 0 1 0 0-13 6.5 6.5 0 0 0 0 13Z',
  close: 'M4 4l8 8M12 4l-8 8',
} as const;
export type IconName = keyof typeof PATHS;

export function Icon({ name }: { name: IconName }) {
  return (
    <svg class="icon" viewBox="0 0 16 16" width="16" height="16" aria-hidden="true">
      <path d={PATHS[name]} />
    </svg>
  );
}
