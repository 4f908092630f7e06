/** HTTP statuses that were seen with a code on the platform; a business refusal comes as 400 and as 500. */
const STATUSES: { readonly [status: number]: readonly number[] } = {
  202: [304023, 304024],
  400: [
    50006, 304018, 40034005, 40034012, 40034024, 40034025, 40034026, 40034027, 40034031, 40034102, 40034105, 40054005,
  ],
  401: [11241, 11243, 11244, 11298],
  403: [304003],
  429: [20028],
  500: [11245, 304041, 304046, 2000004],
};
const BY_CODE = new Map(
  Object.entries(STATUSES).flatMap(([status, codes]) => codes.map((code) => [code, Number(status)] as const)),
);

/** The status that goes with a code; `otherwise` for one whose status nobody has reported. */
export function statusOfCode(code: number | undefined, otherwise: number): number {
  return (code === undefined ? undefined : BY_CODE.get(code)) ?? otherwise;
}
