/** Exit codes of the import script's own, apart from enroot's (1) and curl's (up to 99). */
export const SCRIPT_CODES = { noSpace: 110, listing: 111, noEnroot: 112 } as const;

export interface FailureNames {
  image: string;
  host: string;
  target: string;
}
