/** Takes bytes as they are; done when the stream has taken them. */
export type Sink = (bytes: Buffer) => Promise<void>;

/** A sink that waits for a slow reader. A reader that went away ends nothing here: its stream tells it. */
export function sinkTo(stream: NodeJS.WritableStream): Sink {
  return (bytes) =>
    new Promise((resolve) => {
      if (stream.writable) stream.write(bytes, () => resolve());
      else resolve();
    });
}
