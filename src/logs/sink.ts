export type Sink = (bytes: Buffer) => Promise<void>;
