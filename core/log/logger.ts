import pino from 'pino';
import type { Log } from '#plugin-api';
import { redact, redactText } from './redact.ts';
import { createTurnWriter } from './turn-writer.ts';

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
  return panelLog(createPino(options));
}

/** For libraries that write to pino by themselves; what they write is redacted all the same. */
export function createPino(options: LoggerOptions): pino.Logger {
  const write = options.write ?? createTurnWriter((lines) => void process.stdout.write(lines));
  return pino(
    {
      level: options.level,
      base: { ...options.facts },
      timestamp: pino.stdTimeFunctions.isoTime,
      formatters: { level: (label) => ({ level: label }), log: (facts) => objectOf(redact(facts)) },
      // Applied after the formatter, to what is already plain.
      serializers: { err: (error: unknown) => error },
    },
    { write },
  );
}

export function panelLog(target: pino.Logger): PanelLog {
  const line = (level: 'debug' | 'info' | 'warn' | 'error') => (facts: object, message: string) => {
    if (target.isLevelEnabled(level))
      target[level](facts instanceof Error ? { error: facts } : facts, redactText(message));
  };
  return {
    debug: line('debug'),
    info: line('info'),
    warn: line('warn'),
    error: line('error'),
    with: (facts) => panelLog(target.child(objectOf(redact(facts)))),
  };
}

function objectOf(value: unknown): Record<string, unknown> {
  return typeof value === 'object' && value !== null ? { ...value } : {};
}
