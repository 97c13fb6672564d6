const { existsSync } = require('node:fs');
const path = require('node:path');
const { reporters, Runner } = require('mocha');
const programs = require('./programs.json');

/** Mocha's spec reporter with the closing line that CI reads, and before it what was left out for want of a program. */
module.exports = class ClosingLine extends reporters.Spec {
  constructor(runner, options) {
    super(runner, options);
    runner.once(Runner.constants.EVENT_RUN_END, () => {
      const { passes, failures, pending } = runner.stats;
      const skipped = pending > 0 ? `, ${pending} skipped` : '';
      const leftOut = pending > 0 ? missingPrograms() : [];
      setImmediate(() => process.stdout.write(`\n${leftOut.join('')}${passes} passed, ${failures} failed${skipped}\n`));
    });
  }
};

function missingPrograms() {
  const folders = (process.env.PATH ?? '').split(path.delimiter);
  const isHere = ({ names }) => names.some((name) => folders.some((folder) => existsSync(path.join(folder, name))));
  const missing = Object.entries(programs).filter(([, program]) => !isHere(program));
  return missing.map(([name, { install }]) => `${name} is missing, so tests that need it were left out: ${install}\n`);
}
