const { reporters, Runner } = require('mocha');

/** Mocha's spec reporter with the closing line that CI reads. */
module.exports = class ClosingLine extends reporters.Spec {
  constructor(runner, options) {
    super(runner, options);
    runner.once(Runner.constants.EVENT_RUN_END, () => {
      const { passes, failures, pending } = runner.stats;
      const skipped = pending > 0 ? `, ${pending} skipped` : '';
      setImmediate(() => process.stdout.write(`\n${passes} passed, ${failures} failed${skipped}\n`));
    });
  }
};
