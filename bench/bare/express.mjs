// The barest server that could do the work: Express with a page, and multer writing one file to disk. What the web
// process is compared with.
import process from 'node:process';
import express from 'express';
import multer from 'multer';

const app = express();
app.get('/', (_req, res) => res.type('html').send('<!doctype html><title>bare</title><p>Ready.'));
app.post('/upload', multer({ dest: process.env.DATA_DIR }).single('file'), (req, res) => {
  res.json({ bytes: req.file?.size ?? 0 });
});
app.listen(Number(process.env.PORT), '127.0.0.1', () => process.stdout.write('bare is up\n'));
