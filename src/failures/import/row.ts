/** Exit codes of the import script's own, apart from enroot's (1) and curl's (up to 99). */
export const SCRIPT_CODES = { noSpace: 110, listing: 111, noEnroot: 112 } as const;

/** What the rules of an import may name in their texts. */
export interface FailureNames {
  /** The image as people write it. */
  image: string;
  /** Host of the registry. */
  host: string;
  /** Folder of the final image. */
  target: string;
}
