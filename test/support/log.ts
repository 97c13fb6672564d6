import { createLogger, type PanelLog } from '../../core/log/logger.ts';

export interface RecordingLog {
  readonly log: PanelLog;
  /** Everything logged so far, at level debug, as it would be written. */
  readonly text: () => string;
  readonly lines: () => readonly unknown[];
}

/** The real log writing into memory, so that a test can search it for what must never be there. */
export function recordingLog(): RecordingLog {
  const written: string[] = [];
  return {
    log: createLogger({ level: 'debug', write: (line) => void written.push(line) }),
    text: () => written.join(''),
    lines: () => written.map((line): unknown => JSON.parse(line)),
  };
}
