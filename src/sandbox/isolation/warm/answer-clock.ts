import { after } from '../../../node.js';

/** Milliseconds that a zygote may take to start, and to answer: beyond, it hangs. */
const START_MS = 30_000;
const ANSWER_MS = 15_000;

export interface AnswerClockOptions {
  /** Asks the zygote for an answer, which `heard` is told of. */
  ping(): void;
  hangs(why: string): void;
}

/** Notices a zygote that does not answer. It begins with the start, which `heard` ends. */
export class AnswerClock {
  private readonly options: AnswerClockOptions;
  private disarm: () => void;
  private isArmed = true;
  private pings: NodeJS.Timeout | undefined;

  constructor(options: AnswerClockOptions) {
    this.options = options;
    this.disarm = after(START_MS, () => options.hangs(`it did not start within ${START_MS / 1000} s`));
  }

  /** An answer is awaited. What is asked for meanwhile gives one that hangs no more time. */
  asked(): void {
    if (this.isArmed) return;
    this.isArmed = true;
    this.disarm = after(ANSWER_MS, () =>
      this.options.hangs(`it did not answer within ${ANSWER_MS / 1000} s`),
    );
  }

  /** It has answered. `more`: and owes other answers. */
  heard(more: boolean): void {
    this.disarm();
    this.isArmed = false;
    if (more) this.asked();
  }

  /** A run that is under way asks for nothing: pings tell whether its end would be told. */
  watch(): void {
    this.pings ??= setInterval(() => {
      this.options.ping();
      this.asked();
    }, ANSWER_MS);
  }

  /** No run is under way. */
  rest(): void {
    clearInterval(this.pings);
    this.pings = undefined;
  }

  stop(): void {
    this.disarm();
    this.rest();
  }
}
