// Bare Express and EJS with a page that it is handed: PAGE names a file with its head, its rows and its foot. Each row is
// put together from its pieces by a template that is kept, and nothing else is done.
import { readFileSync } from 'node:fs';
import process from 'node:process';
import ejs from 'ejs';
import express from 'express';

const { head, rows, foot } = JSON.parse(readFileSync(process.env.PAGE, 'utf8'));
const template = ejs.compile(
  '<%- it.head %><% for (const row of it.rows) { %><% for (const piece of row) { %><<%- piece.tag %>><%= piece.text %><% } %><% } %><%- it.foot %>',
  { localsName: 'it', _with: false },
);

const app = express();
app.get('/', (_req, res) => res.type('html').send(template({ head, rows, foot })));
app.listen(Number(process.env.PORT), '127.0.0.1', () => process.stdout.write('bare page is up\n'));
