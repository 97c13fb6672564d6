// The barest server that could do the work: Express with a page, and with a folder for it multer writing one file to
// disk. What the web process is compared with.
import process from 'node:process';
import express from 'express';

const app = express();
app.get('/', (_req, res) => res.type('html').send('<!doctype html><title>bare</title><p>Ready.'));
if (process.env.DATA_DIR !== undefined) {
  const { default: multer } = await import('multer');
  app.post('/upload', multer({ dest: process.env.DATA_DIR }).single('file'), (req, res) => {
    res.json({ bytes: req.file?.size ?? 0 });
  });
}
app.listen(Number(process.env.PORT), '127.0.0.1', () => process.stdout.write('bare is up\n'));
