/** One complaint about one field of a form, in words for the person who typed it. */
export interface FieldProblem {
  readonly field: string;
  readonly message: string;
  /** A few words that say the same, where a sentence has no room. */
  readonly short?: string;
  /** The page of the error book that explains it. */
  readonly code?: string;
}

/** A problem wherever it is told, without its field. */
export type Complaint = Pick<FieldProblem, 'message' | 'code'>;

interface ErrorParts {
  /** What to do next, as a sentence. */
  readonly help?: string;
  /** Machine-readable name, shown in small print. */
  readonly code?: string;
  readonly cause?: unknown;
}

abstract class PanelError extends Error {
  // Not `new.target.name`: the build may rename a class that shares its name with another one.
  abstract override readonly name: string;
  abstract readonly status: number;
  readonly help: string | undefined;
  readonly code: string | undefined;

  constructor(message: string, parts: ErrorParts = {}) {
    super(message, { cause: parts.cause });
    this.help = parts.help;
    this.code = parts.code;
  }
}

/** What a person typed cannot be used; the page shows each problem at its field and keeps everything typed. */
export class InputError extends PanelError {
  override readonly name: string = 'InputError';
  readonly status = 422;
  readonly problems: readonly FieldProblem[];

  constructor(problems: readonly FieldProblem[], parts: ErrorParts = {}) {
    super(problems.map((problem) => problem.message).join(' '), parts);
    this.problems = problems;
  }
}

/** The record does not exist, or not for this person: both look the same from outside. */
export class NotFoundError extends PanelError {
  override readonly name: string = 'NotFoundError';
  readonly status = 404;
}

/** The person is known, may see the place, but may not do this. */
export class NotAllowedError extends PanelError {
  override readonly name: string = 'NotAllowedError';
  readonly status = 403;
}

/** The act came too late or twice: the record has moved on. */
export class ConflictError extends PanelError {
  override readonly name: string = 'ConflictError';
  readonly status = 409;
}

/** The installation cannot start: the message names everything that is wrong and what to do. */
export class StartError extends Error {
  constructor(message: string, cause?: unknown) {
    super(message, { cause });
    this.name = 'StartError';
  }
}
