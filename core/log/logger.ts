import pino from 'pino';
import type { Log } from '#plugin-api';
import { redact, redactText } from './redact.ts';

/** One JSON object per line: time (UTC), level, msg, and the facts with every secret taken out. */
export interface PanelLog extends Log {
  /** A log whose every line carries these facts too, e.g. a request's number. */
  with(facts: Readonly<Record<string, unknown>>): PanelLog;
}

interface LoggerOptions {
  readonly level: 'silent' | 'error' | 'warn' | 'info' | 'debug';
  /** Where lines go, each with its line break; standard output unless said. */
  readonly write?: (line: string) => void;
  /** On every line, e.g. which process it is. */
  readonly facts?: Readonly<Record<string, unknown>>;
}

export function createLogger(options: LoggerOptions): PanelLog {
  const write = options.write ?? ((line: string) => void process.stdout.write(line));
  const target = pino(
    {
      level: options.level,
      base: null,
      timestamp: pino.stdTimeFunctions.isoTime,
      formatters: { level: (label) => ({ level: label }) },
    },
    { write },
  );
  return wrap(target, options.facts ?? {});
}

function wrap(target: pino.Logger, always: Readonly<Record<string, unknown>>): PanelLog {
  const line = (level: 'debug' | 'info' | 'warn' | 'error') => (facts: object, message: string) => {
    if (!target.isLevelEnabled(level)) return;
    const safe = redact(facts instanceof Error ? { error: facts } : facts);
    target[level]({ ...always, ...(typeof safe === 'object' ? safe : { facts: safe }) }, redactText(message));
  };
  return {
    debug: line('debug'),
    info: line('info'),
    warn: line('warn'),
    error: line('error'),
    with: (facts) => wrap(target, { ...always, ...objectOf(redact(facts)) }),
  };
}

function objectOf(value: unknown): object {
  return typeof value === 'object' && value !== null ? value : {};
}
