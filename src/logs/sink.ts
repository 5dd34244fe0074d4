/** Takes bytes as they are; done when they are taken. */
export type Sink = (bytes: Buffer) => Promise<void>;
