import type { Config } from './settings.js';

export type Origin = string;

export interface ResolvedConfig {
  config: Config;
  origins: Record<keyof Config, Origin>;
  warnings: string[];
}
